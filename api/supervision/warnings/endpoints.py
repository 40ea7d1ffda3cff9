"""Routes of warnings, of the steps that are taken with them, and of their rules."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping
from typing import Annotated, Any

import anyio
from fastapi import Depends, Header, Path, Query, Request
from fastapi.concurrency import run_in_threadpool
from sqlalchemy.exc import SQLAlchemyError
from sse_starlette.sse import EventSourceResponse

from api.access.caller import Caller
from api.clock import seconds as steady
from api.dates import day_of
from api.deps import LangOf, Needs, Services, ServicesOf, request_id
from api.responses import JSONResponse
from api.supervision.warnings import rules, service
from api.supervision.warnings.evidence import resolved
from api.supervision.warnings.schemas import (
    ExplanationIn,
    FullWarningOut,
    Kind,
    RuleOut,
    RulePut,
    Rules,
    Severity,
    State,
    StepIn,
    SweepIn,
    SweptOut,
    WarningPage,
)
from api.supervision.warnings.sweeping import sweep
from api.web import DEFAULT_LIMIT, ETAG, Cursor, IfMatch, Limit, etag, listed, one, router, take_own, version_of
from scheduler.supervision.ladder import Action
from scheduler.texts import Lang

routes = router("/warnings", "warnings")
rule_routes = router("/warning-rules", "warnings")
Reader = Annotated[Caller, Depends(Needs("warnings", "read"))]
Explainer = Annotated[Caller, Depends(Needs("warnings", "explain"))]
Actor = Annotated[Caller, Depends(Needs("warnings", "act"))]
Sweeper = Annotated[Caller, Depends(Needs("warnings", "sweep"))]
RuleReader = Annotated[Caller, Depends(Needs("warning_rules", "read"))]
RuleWriter = Annotated[Caller, Depends(Needs("warning_rules", "write"))]
WarningId = Annotated[str, Path(max_length=64)]
RuleId = Annotated[str, Path(max_length=50, pattern=r"^[a-z0-9_]+$", examples=["repeat_60"])]
Ident = Annotated[str | None, Query(max_length=200)]
Day = Annotated[str | None, Query(pattern=r"^\d{4}-\d{2}-\d{2}$", description="first date of the occasion")]
Number = Annotated[int | None, Query(ge=0, lt=2**53, description="number of the last step that was read")]
_LATE = 100
"""So many numbers before the last one are looked at again: steps of two transactions may appear in another order."""
_EVENT = {
    "type": "object",
    "properties": {
        "event": {"enum": ["position", "step"]},
        "id": {"type": "string"},
        "data": {"type": "string", "contentMediaType": "application/json"},
    },
    "required": ["event", "id", "data"],
}


@routes.get("", operation_id="list_warnings", response_model=WarningPage)
def list_warnings(
    services: ServicesOf,
    caller: Reader,
    lang: LangOf,
    state: Annotated[State | None, Query()] = None,
    kind: Annotated[Kind | None, Query()] = None,
    severity: Annotated[Severity | None, Query()] = None,
    rule_id: Ident = None,
    authority_id: Ident = None,
    street_id: Ident = None,
    district_id: Ident = None,
    enterprise_id: Ident = None,
    since: Day = None,
    limit: Limit = DEFAULT_LIMIT,
    cursor: Cursor = None,
) -> JSONResponse:
    """List warnings, the oldest first: a department those that it answers for, a street office those of its streets."""
    filters = {
        "state": state,
        "kind": kind,
        "severity": severity,
        "rule_id": rule_id,
        "street_id": street_id,
        "district_id": district_id,
        "enterprise_id": enterprise_id,
    }
    if since is not None:
        day_of(since, "query", "since")
    with services.store.reading() as connection:
        return listed(service.listing(connection, caller, filters, authority_id, since, limit, cursor, lang))


@routes.get(
    "/events",
    operation_id="watch_warnings",
    response_class=EventSourceResponse,
    responses={200: {"content": {"text/event-stream": {"schema": _EVENT}}, "description": "events"}},
)
async def watch_warnings(
    request: Request,
    services: ServicesOf,
    caller: Reader,
    lang: LangOf,
    after: Number = None,
    seconds: Annotated[int, Query(ge=0, le=3600, description="how long to stay; 0: tell what there is")] = 0,
    last_event_id: Annotated[str | None, Header(max_length=20)] = None,
) -> EventSourceResponse:
    """Stream what is raised and done, as server-sent events, one for every step of a warning that the caller sees.

    Whoever comes without a number gets the present one as ``position``, and what follows after it. A client that
    connects again says the last id that it got (``Last-Event-ID``).
    """
    if last_event_id is not None and last_event_id.isascii() and last_event_id.isdigit():
        after = int(last_event_id)
    ending = anyio.Event()
    events = _events(request, services, caller, lang, after, seconds, ending)
    return EventSourceResponse(events, ping=15, shutdown_event=ending, shutdown_grace_period=3.0)


async def _events(
    request: Request,
    services: Services,
    caller: Caller,
    lang: Lang,
    after: int | None,
    seconds: int,
    ending: anyio.Event,
) -> AsyncIterator[dict[str, str]]:
    until = steady() + seconds
    position = await run_in_threadpool(_position, services) if after is None else after
    if after is None:
        yield {"event": "position", "id": str(position), "data": "{}"}
    told = {s["number"] for s in await run_in_threadpool(_steps, services, caller, position - _LATE, lang)}
    told = {n for n in told if n <= position}
    while not ending.is_set() and not await request.is_disconnected():
        try:
            steps = await run_in_threadpool(_steps, services, caller, position - _LATE, lang)
        except SQLAlchemyError:  # the database is away: whoever watches need not know
            steps = []
        for step in steps:
            if step["number"] not in told:
                told.add(step["number"])
                position = max(position, step["number"])
                yield {"event": "step", "id": str(step["number"]), "data": json.dumps(step, ensure_ascii=False)}
        if steady() >= until:
            return
        with anyio.move_on_after(min(services.settings.poll_s, max(0.0, until - steady()))):
            await ending.wait()


def _position(services: Services) -> int:
    with services.store.reading() as connection:
        return service.last_number(connection)


def _steps(services: Services, caller: Caller, number: int, lang: Lang) -> list[dict[str, Any]]:
    with services.store.reading() as connection:
        return service.steps_after(connection, caller, number, lang, limit=1000)


@routes.post("/sweep", operation_id="sweep_warnings", response_model=SweptOut)
def sweep_warnings(services: ServicesOf, caller: Sweeper, body: SweepIn) -> JSONResponse:
    """Raise at once what time alone causes; servers do so every few minutes by themselves."""
    return JSONResponse(sweep(services.store, full=body.full))


@routes.get(
    "/{warning_id}", operation_id="get_warning", response_model=FullWarningOut, responses={200: {"headers": ETAG}}
)
def get_warning(services: ServicesOf, caller: Reader, lang: LangOf, warning_id: WarningId) -> JSONResponse:
    """Read a warning with its steps, its evidence out of the record, and the step that the ladder suggests."""
    with services.store.reading() as connection:
        row = service.row_of(connection, caller, warning_id)
        return one(_full(services, connection, caller, row, lang))


def _full(services: Services, connection: Any, caller: Caller, row: Mapping[Any, Any], lang: Lang) -> dict[str, Any]:
    return {
        **service.wires(connection, [row], lang)[0],
        "steps": service.steps_of(connection, row["warning_id"]),
        "resolved": resolved(connection, caller, row["evidence"]),
        "suggestion": service.suggestion_for(connection, row, services.store.instant()),
    }


@routes.post(
    "/{warning_id}/explanation",
    operation_id="explain_warning",
    response_model=FullWarningOut,
    responses={200: {"headers": ETAG}},
)
def explain_warning(
    services: ServicesOf,
    caller: Explainer,
    lang: LangOf,
    warning_id: WarningId,
    body: ExplanationIn,
    if_match: IfMatch = None,
) -> JSONResponse:
    """Explain what is warned of: for the department that answers for it, until it is decided."""
    return _act(services, caller, lang, warning_id, Action.EXPLAIN, {"text": body.text}, if_match)


@routes.post(
    "/{warning_id}/steps", operation_id="take_step", response_model=FullWarningOut, responses={200: {"headers": ETAG}}
)
def take_step(
    services: ServicesOf, caller: Actor, lang: LangOf, warning_id: WarningId, body: StepIn, if_match: IfMatch = None
) -> JSONResponse:
    """Take a step with a warning: acknowledge, uphold, climb the ladder (限期整改, 约谈, 报告政府), or close it."""
    if body.due is not None:
        day_of(body.due, "body", "due")
    said = {"text": body.text, "due": body.due, "reason": body.reason}
    return _act(services, caller, lang, warning_id, Action(body.action), said, if_match)


def _act(
    services: Services,
    caller: Caller,
    lang: Lang,
    warning_id: str,
    action: Action,
    said: Mapping[str, str | None],
    if_match: str | None,
) -> JSONResponse:
    version = version_of(if_match)
    with services.store.writing(caller.account_id, request_id()) as work:
        row = service.act(work, caller, warning_id, action, said, version)
        return one(_full(services, work.connection, caller, row, lang))


@rule_routes.get("", operation_id="list_warning_rules", response_model=Rules)
def list_rules(services: ServicesOf, caller: RuleReader) -> JSONResponse:
    """List the rules of warnings."""
    with services.store.reading() as connection:
        return JSONResponse({"items": rules.listed(connection)})


@rule_routes.put(
    "/{rule_id}",
    operation_id="put_warning_rule",
    response_model=RuleOut,
    responses={200: {"headers": ETAG}, 201: {"model": RuleOut, "headers": ETAG}},
)
def put_rule(
    services: ServicesOf, caller: RuleWriter, rule_id: RuleId, body: RulePut, if_match: IfMatch = None
) -> JSONResponse:
    """Set a rule, new or in the place of the one of its id; warnings that were raised stay."""
    values = body.model_dump()
    version = take_own(values, if_match, rule_id=rule_id)
    if body.since is not None:
        day_of(body.since, "body", "since")
    with services.store.writing(caller.account_id, request_id()) as work:
        row, new = rules.put_rule(work, rule_id, values, version)
    return JSONResponse(row, status_code=201 if new else 200, headers={"ETag": etag(row["version"])})
