"""Routes for whoever runs the service, open to all: nothing of them says anything about data."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import Response
from prometheus_client import CONTENT_TYPE_LATEST
from sqlalchemy.exc import SQLAlchemyError

from api.deps import ServicesOf
from api.errors import Refusal
from api.responses import JSONResponse
from api.runs.figures import run_figures
from api.store.migrate import revision_of, wanted_revision
from api.web import PROBLEMS

routes = APIRouter(tags=["operations"])


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
    """Return the figures of the requests to this server, and of the runs in the database."""
    with services.store.reading() as connection:
        of_runs = run_figures(connection)
    return Response(request.app.state.metrics.text(of_runs), media_type=CONTENT_TYPE_LATEST)
