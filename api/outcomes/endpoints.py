"""Routes of outcomes."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Depends, Path, Query, Response

from api import bodies
from api.access.caller import Caller
from api.bodies import Body, read_body
from api.deps import Needs, ServicesOf, request_id
from api.errors import Refusal
from api.outcomes import service
from api.outcomes.schemas import OUTCOMES_BODY, OutcomeOut, OutcomePage, RecordedOut
from api.responses import JSONResponse
from api.web import DEFAULT_LIMIT, Cursor, Limit, listed, router
from scheduler.intake.rows import frame_of_records

routes = router("/outcomes", "outcomes")
Reader = Annotated[Caller, Depends(Needs("outcomes", "read"))]
Writer = Annotated[Caller, Depends(Needs("outcomes", "write"))]
Horizon = Annotated[str | None, Query(max_length=100)]
Ident = Annotated[str | None, Query(max_length=200)]
OutcomeId = Annotated[str, Path(max_length=64)]


@routes.post(
    "", operation_id="record_outcomes", response_model=RecordedOut, openapi_extra={"requestBody": OUTCOMES_BODY}
)
def record_outcomes(
    services: ServicesOf, caller: Writer, body: Annotated[Body, Depends(read_body)], horizon_id: Horizon = None
) -> JSONResponse:
    """Say what became of published visits, as JSON, or as CSV or a workbook with the horizon in the address.

    All of it is stored, or nothing. What is said again of a visit corrects what was said before.
    """
    if body.media_type == bodies.JSON:
        value = bodies.json_of(body)
        horizon_id, records = _told(value)
        frame, found = frame_of_records("outcomes", records)
    else:
        frame, found = bodies.table_of(body, "outcomes")
    if horizon_id is None:
        raise Refusal("bad_request", why="horizon_id")
    with services.store.writing(caller.account_id, request_id()) as work:
        return JSONResponse(service.record(work, caller, horizon_id, frame, found, services.store.new_id))


def _told(value: Any) -> tuple[str, list[Any]]:
    good = isinstance(value, dict) and set(value) == {"horizon_id", "outcomes"}
    if not good or not isinstance(value["horizon_id"], str) or not isinstance(value["outcomes"], list):
        raise Refusal("bad_request", why="{horizon_id, outcomes: [...]}")
    if len(value["outcomes"]) > bodies.MAX_ROWS:
        raise Refusal("bad_request", why=f"outcomes ≤ {bodies.MAX_ROWS}")
    return value["horizon_id"], value["outcomes"]


@routes.get("", operation_id="list_outcomes", response_model=OutcomePage)
def list_outcomes(
    services: ServicesOf,
    caller: Reader,
    horizon_id: Horizon = None,
    street_id: Ident = None,
    enterprise_id: Ident = None,
    visit_id: Ident = None,
    date: Annotated[str | None, Query(pattern=r"^\d{4}-\d{2}-\d{2}$")] = None,
    outcome: Annotated[str | None, Query(pattern="^(done|no_access|refused)$")] = None,
    limit: Limit = DEFAULT_LIMIT,
    cursor: Cursor = None,
) -> JSONResponse:
    """List outcomes, the oldest first."""
    filters = {
        "horizon_id": horizon_id,
        "street_id": street_id,
        "enterprise_id": enterprise_id,
        "visit_id": visit_id,
        "date": date,
        "outcome": outcome,
    }
    with services.store.reading() as connection:
        return listed(service.listing(connection, caller, filters, limit, cursor))


@routes.get("/{outcome_id}", operation_id="get_outcome", response_model=OutcomeOut)
def get_outcome(services: ServicesOf, caller: Reader, outcome_id: OutcomeId) -> JSONResponse:
    """Read an outcome."""
    with services.store.reading() as connection:
        return JSONResponse(service.find(connection, caller, outcome_id))


@routes.delete("/{outcome_id}", operation_id="delete_outcome", status_code=204)
def delete_outcome(services: ServicesOf, caller: Writer, outcome_id: OutcomeId) -> Response:
    """Take an outcome back."""
    with services.store.writing(caller.account_id, request_id()) as work:
        service.remove(work, caller, outcome_id)
    return Response(status_code=204)
