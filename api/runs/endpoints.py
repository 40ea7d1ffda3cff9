"""Routes of runs."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping
from typing import Annotated, Any

import anyio
from fastapi import Depends, Path, Query, Request
from fastapi.concurrency import run_in_threadpool
from sqlalchemy.exc import SQLAlchemyError
from sse_starlette.sse import EventSourceResponse

from api.access.caller import Caller
from api.access.scope import require_area
from api.cases.area import Area, find_area
from api.cases.replayed import require_versions
from api.cases.service import parents_of
from api.dates import day_of, today_of
from api.deps import Needs, Services, ServicesOf, request_id
from api.errors import Refusal
from api.horizons.service import read_horizon
from api.once import Answer, Key, answered_before, carried_out_once
from api.responses import JSONResponse
from api.runs import queue
from api.runs.schemas import ReplanIn, RunIn, RunOut, RunPage
from api.store.work import Work
from api.web import DEFAULT_LIMIT, LOCATION, Cursor, Limit, leads_to, listed, router
from scheduler.explain.facts import iso
from scheduler.replan.events import NOTHING_LEFT

routes = router("/runs", "runs")
Reader = Annotated[Caller, Depends(Needs("runs", "read"))]
Starter = Annotated[Caller, Depends(Needs("runs", "start"))]
Stopper = Annotated[Caller, Depends(Needs("runs", "stop"))]
RunId = Annotated[str, Path(max_length=64)]
DEFAULT_TIME_S = 60.0
AWAY_S, LAST_WORD_S = 2.0, 3.0
STARTED = {"headers": LOCATION, "links": leads_to(("get_run", "watch_run", "stop_run"), run_id="/run_id")}
"""OpenAPI of an answer that says a run was started, beyond its body."""
_EVENT = {
    "type": "object",
    "properties": {
        "event": {"enum": ["progress", "end"]},
        "data": {"type": "string", "contentMediaType": "application/json", "description": "as get_run says it"},
    },
    "required": ["event", "data"],
}


@routes.post("", operation_id="start_run", status_code=202, response_model=RunOut, responses={202: STARTED})
def start_run(services: ServicesOf, caller: Starter, body: RunIn, key: Key = None) -> JSONResponse:
    """Queue the planning of a street, a district or the city; its result is a draft schedule."""
    asked = body.model_dump(mode="json")
    digest = f"runs {json.dumps(asked, sort_keys=True)}"
    before = answered_before(services, caller, key, digest)
    if before is not None:
        return before
    with services.store.reading() as connection:
        area = find_area(connection, body.level, body.area_id)
        read_horizon(connection, body.horizon_id)
    require_area(caller, area.level.value, area.area_id)
    limits = asked["limits"]
    if limits["time_s"] is None and limits["iterations"] is None:
        limits["time_s"] = DEFAULT_TIME_S
    return _queued(services, caller, key, digest, "plan", body.horizon_id, area, asked)


@routes.post("/replan", operation_id="start_replan", status_code=202, response_model=RunOut, responses={202: STARTED})
def start_replan(services: ServicesOf, caller: Starter, body: ReplanIn, key: Key = None) -> JSONResponse:
    """Queue a re-plan of what is in force: from a date on, after what became of visits and what has changed since.

    Its result is a draft that keeps every rule and moves few published visits.
    """
    asked = body.model_dump(mode="json")
    digest = f"replan {json.dumps(asked, sort_keys=True)}"
    before = answered_before(services, caller, key, digest)
    if before is not None:
        return before
    first = today_of(services) if body.from_date is None else day_of(body.from_date, "body", "from_date")
    with services.store.reading() as connection:
        area = find_area(connection, body.level, body.area_id)
        calendar = read_horizon(connection, body.horizon_id).calendar
        require_area(caller, area.level.value, area.area_id)
        require_versions(area, parents_of(connection, body.horizon_id, area))
    assert calendar is not None  # else the horizon could not be read
    if not any(d >= first for d in calendar.days):
        raise Refusal("bad_request", why=f"from_date: {NOTHING_LEFT.say('en', today=iso(first))}")
    asked["from_date"] = iso(max(first, calendar.start))
    return _queued(services, caller, key, digest, "replan", body.horizon_id, area, asked)


def _queued(
    services: Services,
    caller: Caller,
    key: str | None,
    digest: str,
    kind: str,
    horizon_id: str,
    area: Area,
    asked: Mapping[str, Any],
) -> JSONResponse:
    def queued(work: Work) -> Answer:
        of = {"horizon_id": horizon_id, "level": area.level.value, "area_id": area.area_id, "request": asked}
        return accepted(queue.enqueue(work, caller, services.store.new_id(), kind, **of))

    return carried_out_once(services, caller, key, digest, queued)


def accepted(run: Mapping[str, Any]) -> Answer:
    """Return the answer to a request that queued a run."""
    return Answer(202, f"/runs/{run['run_id']}", dict(run))


@routes.get("", operation_id="list_runs", response_model=RunPage)
def list_runs(
    services: ServicesOf,
    caller: Reader,
    state: Annotated[str | None, Query(pattern="^(queued|running|succeeded|failed|cancelled)$")] = None,
    kind: Annotated[str | None, Query(pattern="^(plan|replan|explain|whatif|question|import)$")] = None,
    horizon_id: Annotated[str | None, Query(max_length=100)] = None,
    limit: Limit = DEFAULT_LIMIT,
    cursor: Cursor = None,
) -> JSONResponse:
    """List runs, the oldest first."""
    filters = {"state": state, "kind": kind, "horizon_id": horizon_id}
    with services.store.reading() as connection:
        found = queue.listing(connection, caller, filters, limit, cursor)
    return listed(found)


@routes.get("/{run_id}", operation_id="get_run", response_model=RunOut)
def get_run(services: ServicesOf, caller: Reader, run_id: RunId) -> JSONResponse:
    """Read a run: its state, how far it is, best terms and proven bounds so far."""
    with services.store.reading() as connection:
        return JSONResponse(queue.read(connection, caller, run_id))


@routes.delete(
    "/{run_id}",
    operation_id="stop_run",
    status_code=202,
    response_model=RunOut,
    responses={202: {"links": leads_to(("get_run", "watch_run"), run_id="/run_id")}},
)
def stop_run(services: ServicesOf, caller: Stopper, run_id: RunId) -> JSONResponse:
    """Stop a run softly: what it has found so far is kept as its schedule."""
    with services.store.writing(caller.account_id, request_id()) as work:
        return JSONResponse(queue.ask_to_stop(work, caller, run_id), status_code=202)


@routes.get(
    "/{run_id}/events",
    operation_id="watch_run",
    response_class=EventSourceResponse,
    responses={200: {"content": {"text/event-stream": {"schema": _EVENT}}, "description": "events"}},
)
async def watch_run(request: Request, services: ServicesOf, caller: Reader, run_id: RunId) -> EventSourceResponse:
    """Stream a run as server-sent events, one for every change, until it has ended."""
    await run_in_threadpool(_read, services, caller, run_id)
    ending = anyio.Event()  # of this server: watchers are let go in an orderly way
    events = _events(request, services, caller, run_id, ending)
    return EventSourceResponse(events, ping=15, shutdown_event=ending, shutdown_grace_period=LAST_WORD_S)


async def _events(
    request: Request, services: Services, caller: Caller, run_id: str, ending: anyio.Event
) -> AsyncIterator[dict[str, str]]:
    last = ""
    while not ending.is_set() and not await request.is_disconnected():
        try:
            run = await run_in_threadpool(_read, services, caller, run_id)
        except SQLAlchemyError:  # the database is away: whoever watches need not know
            with anyio.move_on_after(AWAY_S):
                await ending.wait()
            continue
        text = json.dumps(run, ensure_ascii=False)
        if text != last:
            last = text
            yield {"event": "end" if run["state"] in queue.ENDED else "progress", "data": text}
        if run["state"] in queue.ENDED:
            return
        with anyio.move_on_after(services.settings.poll_s):
            await ending.wait()


def _read(services: Services, caller: Caller, run_id: str) -> dict[str, Any]:
    with services.store.reading() as connection:
        return queue.read(connection, caller, run_id)
