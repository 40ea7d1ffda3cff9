"""What the service says of itself: a log line a request, and figures for Prometheus."""

from __future__ import annotations

import logging
import sys
from collections.abc import Mapping
from typing import Any

import structlog
from asgi_correlation_id import correlation_id
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api import clock

_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)


class Metrics:
    """The figures of one server."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        labels = ("method", "route", "status")
        self.requests = Counter("onevisit_requests", "Requests", labels, registry=self.registry)
        self.seconds = Histogram(
            "onevisit_request_seconds",
            "Seconds of a request",
            ("method", "route"),
            buckets=_BUCKETS,
            registry=self.registry,
        )
        self.runs = Gauge("onevisit_runs", "Runs in the database by state", ("state",), registry=self.registry)
        self.ended = Counter("onevisit_runs_ended", "Runs ended here", ("kind", "state"), registry=self.registry)
        self.solve_seconds = Histogram(
            "onevisit_solve_seconds",
            "Seconds of a planning run",
            buckets=(1, 5, 15, 60, 300, 900, 3600),
            registry=self.registry,
        )
        self.gap = Gauge(
            "onevisit_gap_crew_shifts", "Gap of crew shifts of the last planning run", registry=self.registry
        )

    def note_end(self, run: Mapping[Any, Any]) -> None:
        """Count a run that a process of this server has ended; of a plan also its seconds and its gap."""
        self.ended.labels(run["kind"], run["state"]).inc()
        result = run["result"] or {}
        if "search_s" in result:
            self.solve_seconds.observe(result["search_s"])
            gap = result["gap"]["crew_shifts"]
            if gap is not None:
                self.gap.set(gap)


class Observe:
    """Counts, times and logs every request."""

    def __init__(self, app: ASGIApp, *, metrics: Metrics) -> None:
        self.app, self.metrics = app, metrics
        self.log = structlog.get_logger("onevisit.requests")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        began, status = clock.seconds(), 500

        async def watched(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self.app(scope, receive, watched)
        finally:
            seconds = clock.seconds() - began
            route = getattr(scope.get("route"), "path_format", "other")
            method = scope["method"] if scope["method"] in _METHODS else "OTHER"
            self.metrics.requests.labels(method, route, str(status)).inc()
            self.metrics.seconds.labels(method, route).observe(seconds)
            caller = getattr(_State(scope), "caller", None)
            self.log.info(
                "request",
                method=method,
                path=scope["path"],
                status=status,
                ms=round(1000 * seconds, 1),
                account=getattr(caller, "account_id", None),
            )


_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


class _State:
    def __init__(self, scope: Scope) -> None:
        self.__dict__.update(scope.get("state") or {})


def set_up_logs(*, as_json: bool) -> None:
    """Write logs as JSON lines (or for people) to standard error, with the ids of request and run."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _with_request_id,
    ]
    renderer: Any = (
        structlog.processors.JSONRenderer(ensure_ascii=False) if as_json else structlog.dev.ConsoleRenderer()
    )
    structlog.configure(
        processors=[
            *shared,
            structlog.processors.format_exc_info,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[*shared, structlog.processors.format_exc_info],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.INFO)
    for noisy in ("uvicorn.access", "distributed", "httpx2", "alembic", "casbin"):
        logging.getLogger(noisy).setLevel(logging.WARNING)


def _with_request_id(logger: Any, name: str, event: Any) -> Any:
    found = correlation_id.get()
    if found is not None:
        event["request_id"] = found
    return event
