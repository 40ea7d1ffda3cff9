"""Schedules as rows of the database, and back."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from itertools import islice
from typing import Any

from sqlalchemy import Connection, Table, insert, select

from api.store.schema import crew_shifts, unserved, visit_authorities, visits
from scheduler.domain.schedule import (
    CrewShift,
    JointVisit,
    Reason,
    ReasonCode,
    Relaxation,
    RelaxationKind,
    Schedule,
    ScheduleState,
    Stop,
    Unserved,
)
from scheduler.domain.snapshot import PlanningSnapshot
from scheduler.explain.facts import iso
from scheduler.export.unserved_texts import explanation, reason_codes
from scheduler.export.wording import clock

CHUNK = 5000


def write_rows(connection: Connection, schedule_id: str, snapshot: PlanningSnapshot, schedule: Schedule) -> None:
    """Store what a schedule consists of."""
    of = {"schedule_id": schedule_id}
    _insert(connection, visits, ({**of, **_visit(v)} for v in schedule.visits))
    parts = ({**of, "authority_id": a, "visit_id": v.visit_id} for v in schedule.visits for a in v.authority_ids)
    _insert(connection, visit_authorities, parts)
    _insert(connection, crew_shifts, ({**of, **_crew(c)} for c in schedule.crew_shifts))
    items = {i.item_id: i for i in snapshot.items}
    streets = {e.enterprise_id: e.street_id for e in snapshot.enterprises}

    def left_out() -> Iterator[dict[str, Any]]:
        for u in schedule.unserved:
            item = items.get(u.item_id)
            enterprise = "" if item is None else item.enterprise_id
            yield {
                **of,
                "item_id": u.item_id,
                "authority_id": "" if item is None else item.authority_id,
                "enterprise_id": enterprise,
                "street_id": streets.get(enterprise, ""),
                "reasons": ";".join(reason_codes(u)),
                "explanation_zh": explanation(snapshot, u, "zh"),
                "explanation_en": explanation(snapshot, u, "en"),
                "facts": _facts(u),
            }

    _insert(connection, unserved, left_out())


def _insert(connection: Connection, table: Table, rows: Iterable[dict[str, Any]]) -> None:
    it = iter(rows)
    while chunk := list(islice(it, CHUNK)):
        connection.execute(insert(table), chunk)


def _visit(v: JointVisit) -> dict[str, Any]:
    return {
        "visit_id": v.visit_id,
        "enterprise_id": v.enterprise_id,
        "street_id": v.street_id,
        "date": iso(v.day),
        "shift_id": v.shift_id,
        "start": clock(v.start),
        "end": clock(v.end),
        "authority_ids": ";".join(v.authority_ids),
        "item_ids": ";".join(v.item_ids),
    }


def _crew(c: CrewShift) -> dict[str, Any]:
    stops = (f"{s.visit_id},{clock(s.arrive)},{clock(s.start)},{clock(s.leave)}" for s in c.stops)
    return {
        "crew_id": c.crew_id,
        "authority_id": c.authority_id,
        "street_id": c.street_id,
        "date": iso(c.day),
        "shift_id": c.shift_id,
        "depart": clock(c.depart),
        "back": clock(c.back),
        "travel_min": c.travel_min,
        "stops": ";".join(stops),
    }


def _facts(u: Unserved) -> dict[str, Any]:
    return {
        "reasons": [{"code": r.code.value, "facts": dict(r.facts)} for r in u.reasons],
        "relaxation": u.relaxation and {"kind": u.relaxation.kind.value, "facts": dict(u.relaxation.facts)},
    }


def read_schedule(connection: Connection, row: Any) -> Schedule:
    """Return the schedule of a row of ``schedules``, equal to the one that was stored."""
    of = row["schedule_id"]
    found = read_visits(connection.execute(select(visits).where(visits.c.schedule_id == of)).mappings())
    crews = read_crews(connection.execute(select(crew_shifts).where(crew_shifts.c.schedule_id == of)).mappings())
    left = connection.execute(select(unserved).where(unserved.c.schedule_id == of)).mappings()
    return Schedule(
        snapshot_digest=row["case_digest"],
        visits=tuple(sorted(found, key=lambda v: v.visit_id)),
        crew_shifts=tuple(sorted(crews, key=lambda c: c.crew_id)),
        unserved=tuple(sorted(map(_unserved, left), key=lambda u: u.item_id)),
        state=ScheduleState(row["state"]),
        version=row["version"],
    )


def read_visits(rows: Iterable[Any]) -> list[JointVisit]:
    """Return visits of their rows."""
    return [
        JointVisit(
            visit_id=r["visit_id"],
            enterprise_id=r["enterprise_id"],
            street_id=r["street_id"],
            day=_day(r["date"]),
            shift_id=r["shift_id"],
            start=_minute(r["start"]),
            end=_minute(r["end"]),
            authority_ids=_list(r["authority_ids"]),
            item_ids=_list(r["item_ids"]),
        )
        for r in rows
    ]


def read_crews(rows: Iterable[Any]) -> list[CrewShift]:
    """Return crew shifts of their rows."""
    return [
        CrewShift(
            crew_id=r["crew_id"],
            authority_id=r["authority_id"],
            street_id=r["street_id"],
            day=_day(r["date"]),
            shift_id=r["shift_id"],
            depart=_minute(r["depart"]),
            back=_minute(r["back"]),
            travel_min=r["travel_min"],
            stops=tuple(map(_stop, _list(r["stops"]))),
        )
        for r in rows
    ]


def stops_wire(text: str) -> list[dict[str, str]]:
    """Return the stops of a stored crew shift as they are sent."""
    names = ("visit_id", "arrive", "start", "leave")
    return [dict(zip(names, stop.split(","), strict=True)) for stop in _list(text)]


def _stop(text: str) -> Stop:
    visit, arrive, start, leave = text.split(",")
    return Stop(visit_id=visit, arrive=_minute(arrive), start=_minute(start), leave=_minute(leave))


def _unserved(row: Any) -> Unserved:
    facts = row["facts"]
    relaxation = facts["relaxation"]
    return Unserved(
        item_id=row["item_id"],
        reasons=tuple(Reason(code=ReasonCode(r["code"]), facts=_pairs(r["facts"])) for r in facts["reasons"]),
        relaxation=relaxation
        and Relaxation(kind=RelaxationKind(relaxation["kind"]), facts=_pairs(relaxation["facts"])),
    )


def _pairs(facts: dict[str, str]) -> tuple[tuple[str, str], ...]:
    return tuple(sorted(facts.items()))


def _list(text: str) -> tuple[str, ...]:
    return tuple(text.split(";")) if text else ()


def _day(text: str) -> int:
    return date.fromisoformat(text).toordinal()


def _minute(text: str) -> int:
    return int(text[:-3]) * 60 + int(text[-2:])
