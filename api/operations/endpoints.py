"""Routes for whoever runs the service, open to all: nothing of them says anything about data."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError

from api.deps import ServicesOf
from api.errors import Refusal
from api.store.migrate import revision_of, wanted_revision
from api.store.schema import runs
from api.web import PROBLEMS

routes = APIRouter(tags=["operations"])
STATES = ("queued", "running", "succeeded", "failed", "cancelled")


@routes.get("/healthz", operation_id="health", summary="Say whether this process answers")
async def health() -> JSONResponse:
    """Answer, whatever the database does, and though every thread waits for it."""
    return JSONResponse({"status": "ok"})


@routes.get(
    "/readyz",
    operation_id="readiness",
    summary="Say whether this process can serve",
    responses={503: {"description": "not yet, or not any more"}},
)
def ready(services: ServicesOf) -> JSONResponse:
    """Answer 200 when the database answers and has the tables of this version, else 503."""
    try:
        with services.store.reading() as connection:
            found = revision_of(connection)
    except SQLAlchemyError:
        raise Refusal("unavailable", headers={"Retry-After": "5"}) from None
    if found != wanted_revision():
        return JSONResponse({"status": "migration needed", "revision": found}, status_code=503)
    return JSONResponse({"status": "ready", "revision": found})


@routes.get(
    "/metrics",
    operation_id="metrics",
    summary="Figures for Prometheus",
    response_class=Response,
    responses={200: {"content": {"text/plain": {"schema": {"type": "string"}}}}, 503: PROBLEMS[503]},
)
def metrics(request: Request, services: ServicesOf) -> Response:
    """Return the figures of this server, and the number of runs by state."""
    found = request.app.state.metrics
    with services.store.reading() as connection:
        query = select(runs.c.state, func.count()).group_by(runs.c.state)
        counts: dict[str, int] = {row[0]: row[1] for row in connection.execute(query)}
    for state in STATES:
        found.runs.labels(state).set(counts.get(state, 0))
    return Response(generate_latest(found.registry), media_type=CONTENT_TYPE_LATEST)
