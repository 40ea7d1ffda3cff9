"""Routes of questions about a schedule."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Annotated, Any

from fastapi import Depends, Path, Query

from api import answering
from api.access.caller import Caller, Role
from api.answering import Said
from api.dates import day_of
from api.deps import LangOf, Needs, Services, ServicesOf
from api.errors import Refusal
from api.once import Answer, Key, answered_before, carried_out_once
from api.responses import JSONResponse
from api.runs import queue
from api.runs.endpoints import STARTED, accepted
from api.runs.schemas import RunOut
from api.schedules import explaining, living, service
from api.schedules.explaining_schemas import CrewsOut, DayOut, ExplainIn, HourOut
from api.store.work import Work
from api.temporary import own_folder
from api.web import router
from scheduler.moves.index import MoveIndex
from scheduler.texts import Lang

routes = router("/schedules", "schedules")
Asker = Annotated[Caller, Depends(Needs("schedules", "ask"))]
ScheduleId = Annotated[str, Path(max_length=64)]
Ident = Annotated[str, Query(min_length=1, max_length=200)]
Date = Annotated[str, Query(pattern=r"^\d{4}-\d{2}-\d{2}$")]


@routes.get("/{schedule_id}/explanations/day", operation_id="explain_day", response_model=DayOut)
def explain_day(
    services: ServicesOf, caller: Asker, lang: LangOf, schedule_id: ScheduleId, visit: Ident, date: Date
) -> JSONResponse:
    """Say why a visit is not on another date: every shift of that date tried out."""
    on = day_of(date, "query")
    row, _ = living.row_of_visit(services, caller, schedule_id, visit)
    return _answer(services, caller, row, lang, lambda index: answering.day(index, visit, on))


@routes.get("/{schedule_id}/explanations/hour", operation_id="explain_hour", response_model=HourOut)
def explain_hour(
    services: ServicesOf, caller: Asker, lang: LangOf, schedule_id: ScheduleId, visit: Ident
) -> JSONResponse:
    """Say what keeps a visit from starting earlier: the crews, and the visits before it that hold them."""
    row, _ = living.row_of_visit(services, caller, schedule_id, visit)
    if caller.role is Role.DEPARTMENT:
        raise Refusal("not_yours")  # the answer tells where the crews of others are before
    return _answer(services, caller, row, lang, lambda index: answering.hour(index, visit))


@routes.get("/{schedule_id}/explanations/crews", operation_id="explain_crews", response_model=CrewsOut)
def explain_crews(
    services: ServicesOf,
    caller: Asker,
    lang: LangOf,
    schedule_id: ScheduleId,
    street_id: Ident,
    date: Date,
    shift_id: Ident,
    authority_id: Ident,
) -> JSONResponse:
    """Say why an authority needs so many crews in a street shift, and what is the least that is proven."""
    on = day_of(date, "query")
    explaining.require_crews(caller, street_id, authority_id)
    with services.store.reading() as connection:
        row = service.find(connection, caller, schedule_id)
    return _answer(
        services, caller, row, lang, lambda index: answering.crews(index, street_id, on, shift_id, authority_id)
    )


def _answer(services: Services, caller: Caller, row: Any, lang: Lang, ask: Callable[[MoveIndex], Said]) -> JSONResponse:
    service.require_sound(row)
    index = living.index_of(services, row, own_folder(services.settings.data_dir))
    with services.computing:
        said = explaining.asked(lambda: ask(index))
    return JSONResponse(explaining.wire(said(lang), explaining.hidden_from(caller, index.snapshot)))


@routes.post(
    "/{schedule_id}/explanations",
    operation_id="start_explanation",
    status_code=202,
    response_model=RunOut,
    responses={202: STARTED},
)
def start_explanation(
    services: ServicesOf, caller: Asker, schedule_id: ScheduleId, body: ExplainIn, key: Key = None
) -> JSONResponse:
    """Queue a question about an item that is left out: why, or what it would take; each claim is planned again.

    The result of the run has the answer in Chinese and English.
    """
    request = {"schedule_id": schedule_id, **body.model_dump(mode="json")}
    digest = f"explanations {json.dumps(request, sort_keys=True)}"
    before = answered_before(services, caller, key, digest)
    if before is not None:
        return before
    with services.store.reading() as connection:
        row = service.find(connection, caller, schedule_id)
        service.require_sound(row)
        explaining.require_item(connection, caller, row, body.item_id)

    def queued(work: Work) -> Answer:
        of = {k: row[k] for k in ("horizon_id", "level", "area_id")}
        return accepted(queue.enqueue(work, caller, services.store.new_id(), "explain", **of, request=request))

    return carried_out_once(services, caller, key, digest, queued)
