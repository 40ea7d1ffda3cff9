"""Routes of moves, slots and delay of a schedule."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path as FilePath
from typing import Annotated

from fastapi import Depends, Path, Query

from api.access.caller import Caller
from api.dates import day_of, minute_now, minute_of, today_of
from api.deps import LangOf, Needs, Services, ServicesOf
from api.errors import Refusal
from api.once import Answer, Key, answered_before, carried_out_once
from api.responses import JSONResponse
from api.schedules import living, service, urgent
from api.schedules.job import pack_case
from api.schedules.living import Asked
from api.schedules.living_schemas import (
    DelayOut,
    MovedOut,
    MoveIn,
    MoveOut,
    SlotList,
    UrgentIn,
    UrgentOut,
    UrgentPlaced,
)
from api.store.work import Work
from api.temporary import own_folder
from api.web import LOCATION, leads_to, router
from scheduler.moves.urgent import UrgentAnswer

routes = router("/schedules", "schedules")
Reader = Annotated[Caller, Depends(Needs("schedules", "read"))]
Asker = Annotated[Caller, Depends(Needs("schedules", "ask"))]
Mover = Annotated[Caller, Depends(Needs("schedules", "move"))]
ScheduleId = Annotated[str, Path(max_length=64)]
Ident = Annotated[str | None, Query(min_length=1, max_length=200)]
_NEW = leads_to(("get_schedule", "check_schedule", "publish_schedule", "delay_of_schedule"), schedule_id="/schedule_id")


def _asked(body: MoveIn) -> Asked:
    return Asked(
        visit=body.visit,
        day=day_of(body.date),
        shift_id=body.shift_id,
        start=minute_of(body.start),
        lost=tuple(body.lost_item_ids),
        release=body.release_pin,
    )


@routes.post("/{schedule_id}/move-check", operation_id="check_move", response_model=MoveOut)
def check_move(
    services: ServicesOf, caller: Asker, lang: LangOf, schedule_id: ScheduleId, body: MoveIn
) -> JSONResponse:
    """Say whether a visit may move, what it would break, and what it costs; nothing changes."""
    asked = _asked(body)
    row, own = living.row_of_visit(services, caller, schedule_id, asked.visit)
    index = living.index_of(services, row, own_folder(services.settings.data_dir))
    return JSONResponse(living.check_wire(living.check_of(index, asked, today_of(services)), own, lang))


@routes.get("/{schedule_id}/slots", operation_id="offer_slots", response_model=SlotList)
def offer_slots(
    services: ServicesOf,
    caller: Asker,
    lang: LangOf,
    schedule_id: ScheduleId,
    enterprise_id: Ident = None,
    visit_id: Ident = None,
    k: Annotated[int, Query(ge=1, le=100, description="slots to offer")] = 5,
    notice_days: Annotated[int, Query(ge=0, le=366, description="inspection dates before an announced visit")] = 0,
    after: Annotated[str | None, Query(pattern=r"^\d{4}-\d{2}-\d{2}$", description="today without it")] = None,
    release_pin: Annotated[bool, Query(description="let go the pin that holds the visit where it is")] = False,
) -> JSONResponse:
    """Offer the best slots of a visit after a date, with the sentence why; those that lose items come last."""
    visit = visit_id or enterprise_id
    if visit is None or (visit_id and enterprise_id):
        raise Refusal("bad_request", why="visit_id | enterprise_id")
    row, own = living.row_of_visit(services, caller, schedule_id, visit)
    index = living.index_of(services, row, own_folder(services.settings.data_dir))
    today = today_of(services) if after is None else day_of(after, "query", "after")
    with services.computing:
        found = living.slots_of(index, visit, k, today, notice_days, release=release_pin)
    return JSONResponse({"items": [living.slot_wire(s, own, lang) for s in found]})


@routes.post(
    "/{schedule_id}/moves",
    operation_id="move_visit",
    status_code=201,
    response_model=MovedOut,
    responses={201: {"headers": LOCATION, "links": _NEW}},
)
def move_visit(
    services: ServicesOf, caller: Mover, lang: LangOf, schedule_id: ScheduleId, body: MoveIn, key: Key = None
) -> JSONResponse:
    """Move a visit: a new draft, and a pin in the register; refused when anything changed since the run."""
    asked, temporary = _asked(body), own_folder(services.settings.data_dir)
    digest = f"moves {schedule_id} {json.dumps(body.model_dump(mode='json'), sort_keys=True)}"
    before = answered_before(services, caller, key, digest)
    if before is not None:
        return before
    moved, head = living.move(services, caller, schedule_id, asked, temporary, lang)

    with tempfile.TemporaryDirectory(dir=temporary) as folder:
        archive = pack_case(moved.snapshot, FilePath(folder))

        def keep(work: Work) -> Answer:
            return living.keep(services, caller, work, moved, head, archive, temporary, lang)

        return carried_out_once(services, caller, key, digest, keep)


@routes.get("/{schedule_id}/delay", operation_id="delay_of_schedule", response_model=DelayOut)
def delay_of_schedule(
    services: ServicesOf,
    caller: Reader,
    schedule_id: ScheduleId,
    seed: Annotated[int, Query(ge=0, le=2**31 - 1)] = 1,
    runs: Annotated[int, Query(ge=1, le=2000)] = 200,
) -> JSONResponse:
    """Simulate a schedule under seeded random durations and travel: who starts on time, who waits, who is back late."""
    with services.store.reading() as connection:
        row = service.find(connection, caller, schedule_id)
    temporary = own_folder(services.settings.data_dir)
    return JSONResponse(living.delay_wire(services, caller, row, temporary, seed, runs))


def _urgent(
    services: Services, caller: Caller, schedule_id: str, body: UrgentIn
) -> tuple[urgent.Case, UrgentAnswer, int]:
    temporary = own_folder(services.settings.data_dir)
    with services.computing, services.store.reading() as connection:
        head = service.head_of(connection)
        case = urgent.case_of(services, connection, caller, schedule_id, body.item_id, temporary)
        minute = minute_of(body.now)
        answer = urgent.answer_of(case, today_of(services), minute_now(services) if minute is None else minute)
    return case, answer, head


@routes.post("/{schedule_id}/urgent-check", operation_id="check_urgent", response_model=UrgentOut)
def check_urgent(
    services: ServicesOf, caller: Mover, lang: LangOf, schedule_id: ScheduleId, body: UrgentIn
) -> JSONResponse:
    """Say where an urgent case could go with least disturbance, or why no street shift takes it; nothing changes."""
    _, answer, _ = _urgent(services, caller, schedule_id, body)
    return JSONResponse(urgent.wire(answer, lang))


@routes.post(
    "/{schedule_id}/urgent",
    operation_id="place_urgent",
    status_code=201,
    response_model=UrgentPlaced,
    responses={201: {"headers": LOCATION, "links": _NEW}},
)
def place_urgent(
    services: ServicesOf, caller: Mover, lang: LangOf, schedule_id: ScheduleId, body: UrgentIn, key: Key = None
) -> JSONResponse:
    """Put an urgent case, an approved item, into a published schedule: a new draft in which all else stays."""
    digest = f"urgent {schedule_id} {json.dumps(body.model_dump(mode='json'), sort_keys=True)}"
    before = answered_before(services, caller, key, digest)
    if before is not None:
        return before
    case, answer, head = _urgent(services, caller, schedule_id, body)
    found, temporary = urgent.placed(case, answer, lang), own_folder(services.settings.data_dir)

    with tempfile.TemporaryDirectory(dir=temporary) as folder:
        archive = pack_case(found.snapshot, FilePath(folder))

        def keep(work: Work) -> Answer:
            return urgent.keep(services, caller, work, found, head, archive, temporary)

        return carried_out_once(services, caller, key, digest, keep)
