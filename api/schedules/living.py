"""A stored schedule asked about moves, slots and delay, and moved: a new draft, and a pin in the register."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from sqlalchemy import Connection, or_, select

from api.access.caller import Caller, Role
from api.access.scope import require_area, seen
from api.cases.area import Area, Level, find_area
from api.cases.service import parents_of
from api.dates import request_fault, today_of
from api.deps import Services
from api.errors import Refusal, invalid
from api.once import Answer
from api.reference.pins import add_pin, drop_pin, wire
from api.schedules import service
from api.schedules.job import store_draft
from api.store.schema import plan_items, visits
from api.store.work import Work
from scheduler.delay.model import DelayModel
from scheduler.delay.simulate import simulate
from scheduler.domain.plans import Pin
from scheduler.domain.schedule import JointVisit, Schedule
from scheduler.domain.snapshot import PlanningSnapshot
from scheduler.explain.facts import clock as clock_text
from scheduler.explain.facts import iso
from scheduler.export.delay_rows import delay_summary, report_values
from scheduler.export.summary import summary_after_move
from scheduler.moves.carrying import Repinning, carry_out, repinning
from scheduler.moves.check import MoveCheck, check_move
from scheduler.moves.errors import BadMove
from scheduler.moves.index import MoveIndex
from scheduler.moves.slots import Slot, offer_slots
from scheduler.rules import RULES, Violation, check
from scheduler.texts import Lang

MAX_PART_RUNS = 5_000_000
"""Parts times runs that one request may simulate: some seconds, and the memory of a district's thousand runs."""

_STATEMENTS = {r.code: r.statement for r in RULES}
Row = Mapping[Any, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A move that is asked about; `visit` is the id of a visit, or of an enterprise with one.

    Parameters
    ----------
    start : minutes after midnight; where it costs least when ``None``.
    lost : ids of items that the visit may lose.
    release : let go the pins that hold the visit where it is.
    """

    visit: str
    day: int
    shift_id: str
    start: int | None
    lost: tuple[str, ...]
    release: bool


@contextmanager
def _placed() -> Iterator[None]:
    """Turn what cannot be asked of a move into a fault of the request."""
    try:
        yield
    except BadMove as error:
        said = error.text.say("zh", **error.facts), error.text.say("en", **error.facts)
        raise invalid([request_fault(error.code, "body", None, None, said)]) from error


def index_of(services: Services, row: Row, temporary: Path) -> MoveIndex:
    """Return what moves look up in a schedule, kept from the request before where it can be."""

    def build() -> MoveIndex:
        with services.computing:
            return MoveIndex(*service.load(services.store, row, temporary))

    return services.indexes.get((row["schedule_id"], row["case_digest"]), build)


def row_of_visit(services: Services, caller: Caller, schedule_id: str, visit: str) -> tuple[Row, frozenset[str] | None]:
    """Return the row of a schedule with a visit that the caller sees, and the items of it that a department may see.

    Parameters
    ----------
    visit : id of a visit, or of an enterprise.

    Raises
    ------
    Refusal : there is no such schedule, or no such visit in it that the caller sees.
    """
    with services.store.reading() as connection:
        row = service.find(connection, caller, schedule_id)
        query = select(visits.c.item_ids).where(
            visits.c.schedule_id == schedule_id,
            or_(visits.c.visit_id == visit, visits.c.enterprise_id == visit),
            seen(caller, "visits"),
        )
        found = list(connection.scalars(query))
        if not found:
            raise Refusal("not_found", what=f"schedules/{schedule_id}/visits/{visit[:60]}")
        if caller.role is not Role.DEPARTMENT:
            return row, None
        ids = {i for text in found for i in text.split(";")}
        own = select(plan_items.c.item_id).where(
            plan_items.c.horizon_id == row["horizon_id"],
            plan_items.c.authority_id == caller.authority_id,
            plan_items.c.item_id.in_(ids),
        )
        return row, frozenset(connection.scalars(own))


def check_of(index: MoveIndex, asked: Asked, today: int) -> MoveCheck:
    """Return what is said of a move.

    Raises
    ------
    Refusal : it cannot be asked for; what is past neither moves nor is moved to.
    """
    with _placed():
        found = check_move(
            index, asked.visit, asked.day, asked.shift_id, asked.start, without=asked.lost, release=asked.release
        )
    if min(asked.day, found.visit.day) < today:
        past = iso(min(asked.day, found.visit.day))
        expected = f"不早于今天 {iso(today)} 的日期", f"a date no earlier than today, {iso(today)}"
        raise invalid([request_fault("bad_date", "body", "date", past, expected)])
    return found


def slots_of(index: MoveIndex, visit: str, k: int, today: int, notice_days: int, *, release: bool) -> tuple[Slot, ...]:
    """Return the k best slots of a visit.

    Raises
    ------
    Refusal : it cannot be asked for.
    """
    with _placed():
        return offer_slots(index, visit, k, today, notice_days, release=release)


def check_wire(found: MoveCheck, own: frozenset[str] | None, lang: Lang) -> dict[str, Any]:
    """Return what is said of a move as it is sent; of items that are not `own` a department learns the rule alone."""
    hidden = set() if own is None else set(found.visit.item_ids) - own
    return {
        "allowed": found.allowed,
        "visit_id": found.visit.visit_id,
        "enterprise_id": found.visit.enterprise_id,
        "date": iso(found.day),
        "shift_id": found.shift_id,
        "start": clock_text(found.start),
        "end": clock_text(found.end),
        "violations": [_violation(v, hidden, lang) for v in found.broken],
        "cost": found.cost.as_dict(),
        "cheapest_start": None if found.cheapest_start is None else clock_text(found.cheapest_start),
        "cheapest_cost": None if found.cheapest_cost is None else found.cheapest_cost.as_dict(),
    }


def _violation(v: Violation, hidden: set[str], lang: Lang) -> dict[str, Any]:
    ids = [i for i in v.ids if i not in hidden]
    sentence = v.sentence(lang) if len(ids) == len(v.ids) else f"{v.code} {_STATEMENTS[v.code].say(lang)}"
    return {"code": v.code, "sentence": sentence, "ids": ids}


def slot_wire(slot: Slot, own: frozenset[str] | None, lang: Lang) -> dict[str, Any]:
    """Return a slot as it is sent; of the items that get lost a department sees its `own`."""
    lost = [i for i in slot.lost if own is None or i in own]
    return {
        "date": iso(slot.day),
        "shift_id": slot.shift_id,
        "start": clock_text(slot.start),
        "end": clock_text(slot.end),
        "cost": slot.cost.as_dict(),
        "why": slot.why(lang, lost),
        "lost_item_ids": lost,
        "num_lost": len(slot.lost),
    }


def delay_wire(services: Services, caller: Caller, row: Row, temporary: Path, seed: int, runs: int) -> dict[str, Any]:
    """Return how a schedule fares in simulation; of authorities and streets the caller gets its own.

    Raises
    ------
    Refusal : it breaks rules, so that nobody could carry it out, or so many runs of it take too long.
    """
    service.require_sound(row)
    index = index_of(services, row, temporary)
    parts = sum(len(v.authority_ids) for v in index.schedule.visits)
    if parts * runs > MAX_PART_RUNS:
        raise Refusal("bad_request", why=f"runs ≤ {MAX_PART_RUNS // parts}")
    with services.computing:
        report = simulate(index.snapshot, index.schedule, DelayModel(), seed=seed, runs=runs)
    found = report_values(report)
    if caller.role is Role.DEPARTMENT:
        found["by_authority"] = [g for g in found["by_authority"] if g["name"] == caller.authority_id]
    if caller.role is Role.STREET_OFFICE:
        found["by_street"] = [g for g in found["by_street"] if g["name"] in caller.street_ids]
    return found


class Moved(NamedTuple):
    """A move carried out, but not stored yet."""

    row: Row
    area: Area
    found: MoveCheck
    pins: Repinning
    snapshot: PlanningSnapshot
    schedule: Schedule
    summary: dict[str, Any]


def move(
    services: Services, caller: Caller, schedule_id: str, asked: Asked, temporary: Path, lang: Lang
) -> tuple[Moved, int]:
    """Return a move carried out, and the last change on record when it was looked at.

    Raises
    ------
    Refusal : there is no such visit; the schedule is not the caller's to plan, ended, or stale; or the move would
        break a rule.
    """
    row_of_visit(services, caller, schedule_id, asked.visit)
    with services.store.reading() as connection:
        head = service.head_of(connection)
        row, area = _movable(services, connection, caller, schedule_id, temporary, lang)
    index = index_of(services, row, temporary)
    with services.computing:
        found = check_of(index, asked, today_of(services))
        if not found.allowed:
            broken = [_violation(v, set(), lang) for v in found.broken]
            raise Refusal("breaks_rules", count=len(broken), more={"violations": broken})
        pin = Pin(enterprise_id=found.visit.enterprise_id, day=found.day, shift_id=found.shift_id)
        pins = repinning(index.snapshot, found.visit, pin, release=asked.release)
        snapshot, schedule = carry_out(index, found.change, pins)
        again = bool(row["summary"].get("delay")) and not check(snapshot, schedule)
        delay = delay_summary(snapshot, schedule, int(row["summary"].get("seed") or 1)) if again else None
    (new,) = found.change.new_visits
    about = {"schedule_id": schedule_id, "from": _place(found.visit), "to": _place(new), "lost_item_ids": [*asked.lost]}
    summary = {**summary_after_move(row["summary"], snapshot, schedule, delay), "moved": about}
    return Moved(row, area, found, pins, snapshot, schedule, summary), head


def _movable(
    services: Services, connection: Connection, caller: Caller, schedule_id: str, temporary: Path, lang: Lang
) -> tuple[Row, Area]:
    row = service.find(connection, caller, schedule_id)
    require_area(caller, row["level"], row["area_id"])
    if row["state"] == service.SUPERSEDED:
        raise Refusal("wrong_state", what=f"schedules/{schedule_id}", state=row["state"])
    service.require_sound(row)
    area = find_area(connection, Level(row["level"]), row["area_id"])
    service.require_fresh(services.store, connection, row, area, temporary, lang)
    return row, area


def _place(visit: JointVisit) -> dict[str, Any]:
    when = {"date": iso(visit.day), "shift_id": visit.shift_id, "start": clock_text(visit.start)}
    return {"visit_id": visit.visit_id, "enterprise_id": visit.enterprise_id, **when}


def keep(
    services: Services, caller: Caller, work: Work, moved: Moved, head: int, archive: Path, temporary: Path, lang: Lang
) -> Answer:
    """Store a move as a draft, and its pin, when nothing that it depends on has changed since; return the answer.

    Parameters
    ----------
    head : last change on record when the move was looked at.
    archive : the case after the move, packed.

    Raises
    ------
    Refusal : something has changed.
    """
    connection, parent = work.connection, moved.row["schedule_id"]
    service.hold(connection)
    if service.changed_since(connection, head):
        _movable(services, connection, caller, parent, temporary, lang)
    pinned = [drop_pin(work, wire(p)) for p in moved.pins.old], [add_pin(work, wire(p)) for p in moved.pins.new]
    schedule_id = services.store.new_id()
    store_draft(
        work,
        schedule_id,
        services.store.new_id(),
        archive,
        moved.snapshot,
        moved.schedule,
        moved.summary,
        horizon_id=moved.row["horizon_id"],
        area=moved.area,
        parents=parents_of(connection, moved.row["horizon_id"], moved.area),
        origin="move",
        from_date=moved.row["from_date"],
        base=moved.row["base"],
    )
    about = moved.summary["moved"]
    work.record("schedules.move", f"schedules/{schedule_id}", before=about["from"], after={**about["to"], "of": parent})
    body = {
        "schedule_id": schedule_id,
        "parent_id": parent,
        "move": check_wire(moved.found, None, lang),
        "terms": moved.summary["terms"],
        "lost_item_ids": about["lost_item_ids"],
        "pins": {"removed": sum(pinned[0]), "added": len(pinned[1])},
    }
    return Answer(201, f"/schedules/{schedule_id}", body)
