"""What the service says of itself: a log line a request, and figures for Prometheus."""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Iterable, Iterator
from typing import Any

import structlog
from asgi_correlation_id import correlation_id
from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.metrics_core import Metric
from prometheus_client.multiprocess import MultiProcessCollector
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api import clock

SHARED_FIGURES = "PROMETHEUS_MULTIPROC_DIR"
"""Variable that names the folder in which the processes of a server keep their figures."""
_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)


class Metrics:
    """The figures of the requests to one server, whichever of its processes answered them."""

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

    def text(self, more: Iterable[Metric] = ()) -> bytes:
        """Return the figures, and further ones, as Prometheus reads them."""
        registry = self.registry
        if SHARED_FIGURES in os.environ:
            registry = CollectorRegistry()
            MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
        return generate_latest(registry) + generate_latest(_Collected(more))


class _Collected(CollectorRegistry):
    """Figures that are worked out already."""

    def __init__(self, metrics: Iterable[Metric]) -> None:
        super().__init__()
        self._metrics = tuple(metrics)

    def collect(self) -> Iterator[Metric]:
        """Yield them."""
        yield from self._metrics


SECRET_PATHS = ("/c/", "/calendars/", "/o/")
"""Addresses that open what they name to whoever has them: they are not logged."""


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
                path=route if scope["path"].startswith(SECRET_PATHS) else scope["path"],
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
