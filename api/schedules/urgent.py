"""An urgent case put into a published schedule: an approved item that it does not know yet, while all else stays."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

from sqlalchemy import Connection

from api.access.caller import Caller
from api.access.scope import require_area
from api.alerts.service import wire as alert_wire
from api.cases.area import Area, Level, find_area
from api.cases.replayed import case_now
from api.cases.service import parents_of
from api.deps import Services
from api.errors import Refusal
from api.once import Answer
from api.schedules import service
from api.schedules.job import store_draft
from api.schedules.rows import read_schedule
from api.store.work import Work
from scheduler.domain.plans import PlanItem
from scheduler.domain.schedule import JointVisit, Schedule
from scheduler.domain.snapshot import PlanningSnapshot
from scheduler.explain.facts import clock, iso
from scheduler.export.delay_rows import delay_summary
from scheduler.export.summary import summary_after_move
from scheduler.moves.carrying import carry_out
from scheduler.moves.index import MoveIndex
from scheduler.moves.urgent import UrgentAnswer, UrgentPlace, place_urgent
from scheduler.rules import check
from scheduler.texts import Lang

LOOKED_AT = 10
"""Inspection dates of the item's window that are looked at, the first from today on."""


class Case(NamedTuple):
    """An urgent item with the schedule that it is to go into."""

    row: Mapping[Any, Any]
    area: Area
    moves: MoveIndex
    item: PlanItem


def case_of(
    services: Services, connection: Connection, caller: Caller, schedule_id: str, item_id: str, temporary: Path
) -> Case:
    """Return an approved item that a published schedule does not know, and the schedule with the case as it is now.

    Raises
    ------
    Refusal : the schedule is not in force or not the caller's to plan; there is no such item, or the schedule has it;
        or more has changed than that items came in.
    """
    row = service.find(connection, caller, schedule_id)
    require_area(caller, row["level"], row["area_id"])
    if row["state"] != service.PUBLISHED:
        raise Refusal("wrong_state", what=f"schedules/{schedule_id}", state=row["state"])
    service.require_sound(row)
    area = find_area(connection, Level(row["level"]), row["area_id"])
    planned, now = service.case_of(services.store, row, temporary), case_now(connection, row, area)
    known = {i.item_id for i in planned.items}
    if now.replace(items=tuple(i for i in now.items if i.item_id in known)).digest() != planned.digest():
        raise Refusal("stale", more={"changes": [], "published_since": {}})
    item = next((i for i in now.items if i.item_id == item_id), None)
    if item is None:
        raise Refusal("not_found", what=f"plan-items/{item_id[:60]}")
    if item_id in known:
        raise Refusal("already_exists", what=f"schedules/{schedule_id}: {item_id}")
    return Case(row, area, MoveIndex(now, read_schedule(connection, row)), item)


def answer_of(case: Case, today: int, minute: int) -> UrgentAnswer:
    """Return what can be done for the item from a minute of today on.

    Raises
    ------
    Refusal : no date of its window is left.
    """
    item, calendar = case.item, case.moves.snapshot.calendar
    first = max(today, item.earliest)
    days = [d for d in calendar.days if first <= d <= item.latest][:LOOKED_AT]
    if not days:
        raise Refusal("no_shift", more={"refused": []})
    return place_urgent(case.moves, item, days, minute if days[0] == today else 0)


def wire(answer: UrgentAnswer, lang: Lang) -> dict[str, Any]:
    """Return what can be done, as it is sent."""
    return {
        "place": None if answer.place is None else _place(answer.place),
        "separate": None if answer.place is None else answer.place.new_crews > 0,
        "refused": refused_wire(answer, lang),
        "alerts": [alert_wire(a, lang) for a in answer.alerts],
    }


def refused_wire(answer: UrgentAnswer, lang: Lang) -> list[dict[str, Any]]:
    """Return the street shifts that do not take it, with the rules; none where too little time is left."""
    return [
        {"date": iso(d), "shift_id": h, "violations": [{"code": v.code, "sentence": v.sentence(lang)} for v in broken]}
        for d, h, broken in answer.refused
    ]


def _place(place: UrgentPlace) -> dict[str, Any]:
    return {
        "date": iso(place.day),
        "shift_id": place.shift_id,
        "start": clock(place.start),
        "end": clock(place.end),
        "new_crews": place.new_crews,
        "cost": place.cost.as_dict(),
    }


class Placed(NamedTuple):
    """The schedule with the item, not stored yet."""

    case: Case
    visit: JointVisit
    snapshot: PlanningSnapshot
    schedule: Schedule
    summary: dict[str, Any]


def placed(case: Case, answer: UrgentAnswer, lang: Lang) -> Placed:
    """Return the schedule with the item at the place that was found.

    Raises
    ------
    Refusal : there is none.
    """
    if answer.place is None:
        raise Refusal("no_shift", more={"refused": refused_wire(answer, lang)})
    snapshot, schedule = carry_out(case.moves, answer.place.change)
    assert not check(snapshot, schedule), "a place breaks no rule"
    stated = case.row["summary"]
    delay = delay_summary(snapshot, schedule, int(stated.get("seed") or 1)) if stated.get("delay") else None
    [visit] = answer.place.change.new_visits
    summary = summary_after_move(stated, snapshot, schedule, delay)
    about = {"item_id": case.item.item_id, "visit_id": visit.visit_id, "of": case.row["schedule_id"]}
    return Placed(case, visit, snapshot, schedule, {**summary, "urgent": about})


def keep(
    services: Services, caller: Caller, work: Work, found: Placed, head: int, archive: Path, temporary: Path
) -> Answer:
    """Store the schedule with the item as a draft, when nothing has changed since it was looked at.

    Raises
    ------
    Refusal : something has changed.
    """
    connection, row = work.connection, found.case.row
    service.hold(connection)
    if service.changed_since(connection, head):
        again = case_of(services, connection, caller, row["schedule_id"], found.case.item.item_id, temporary)
        if again.moves.snapshot.digest() != found.snapshot.digest():
            raise Refusal("stale", more={"changes": [], "published_since": {}})
    schedule_id = services.store.new_id()
    store_draft(
        work,
        schedule_id,
        services.store.new_id(),
        archive,
        found.snapshot,
        found.schedule,
        found.summary,
        horizon_id=row["horizon_id"],
        area=found.case.area,
        parents=parents_of(connection, row["horizon_id"], found.case.area),
        origin="urgent",
        from_date=row["from_date"],
        base=row["base"],
    )
    about = found.summary["urgent"]
    work.record("schedules.urgent", f"schedules/{schedule_id}", after=about)
    when = {"date": date.fromordinal(found.visit.day).isoformat(), "shift_id": found.visit.shift_id}
    body = {"schedule_id": schedule_id, "parent_id": row["schedule_id"], "visit_id": about["visit_id"], **when}
    body |= {"start": clock(found.visit.start), "terms": found.summary["terms"]}
    return Answer(201, f"/schedules/{schedule_id}", body)
