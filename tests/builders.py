"""Small snapshots and schedules for tests: everything has a good default, so a test names only what it is about.

Days are counted from :data:`MONDAY` (``day(0)``), with an inspection date on every weekday of the horizon.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date
from itertools import pairwise
from typing import Any

from scheduler.domain.calendar import Calendar, CalendarKind, Shift
from scheduler.domain.people import Authority, CrewPool
from scheduler.domain.places import Enterprise, Street
from scheduler.domain.plans import PastInspection, PlanItem
from scheduler.domain.policy import Policy, TravelRules, VisitRules
from scheduler.domain.schedule import (
    CrewShift,
    JointVisit,
    Reason,
    ReasonCode,
    Schedule,
    Stop,
    Unserved,
    crew_id_of,
    visit_id_of,
)
from scheduler.domain.snapshot import PlanningSnapshot, make_snapshot
from scheduler.travel import leg_min

MONDAY = date(2026, 10, 12).toordinal()
AM = Shift(shift_id="AM", start_min=9 * 60, end_min=12 * 60)
PM = Shift(shift_id="PM", start_min=14 * 60, end_min=17 * 60)
WEIGHTS = (("high", 10), ("mandatory", 1000), ("normal", 1))
OFFICE = (114.0, 22.6)
NEAR = (114.01, 22.6)
"""Default places: a leg between them takes 8 minutes under default travel."""


def day(n: int) -> int:
    """Return the day number n days after :data:`MONDAY`."""
    return MONDAY + n


def day_of(text: str) -> int:
    """Return the day number of ``YYYY-MM-DD``."""
    return date.fromisoformat(text).toordinal()


def clock_of(text: str) -> int:
    """Return the minutes after midnight of ``HH:MM``."""
    return int(text[:2]) * 60 + int(text[3:])


def an_item(item_id: str = "I1", authority: str = "A1", enterprise: str = "E1", **changes: Any) -> PlanItem:
    """Return a normal item of 30 minutes that fits any date from two months before to six months after MONDAY."""
    fields: dict[str, Any] = {"duration_min": 30, "earliest": day(-60), "latest": day(180), "priority": "normal"}
    return PlanItem(item_id=item_id, authority_id=authority, enterprise_id=enterprise, **(fields | changes))


def an_enterprise(enterprise_id: str = "E1", street: str = "S1", **changes: Any) -> Enterprise:
    """Return an enterprise 8 minutes from the default street office."""
    fields: dict[str, Any] = {"name": f"Enterprise {enterprise_id}", "lon": NEAR[0], "lat": NEAR[1]}
    return Enterprise(enterprise_id=enterprise_id, street_id=street, **(fields | changes))


def a_street(street_id: str = "S1", district: str = "D1", **changes: Any) -> Street:
    """Return a street whose office is at :data:`OFFICE`."""
    fields: dict[str, Any] = {"name": f"Street {street_id}", "lon": OFFICE[0], "lat": OFFICE[1]}
    return Street(street_id=street_id, district_id=district, **(fields | changes))


def a_pool(authority: str = "A1", area: str = "*", crews: int = 4, **changes: Any) -> CrewPool:
    """Return four crews of an authority for the whole city, on every date and in every shift."""
    return CrewPool(authority_id=authority, area_id=area, crews=crews, **changes)


def a_calendar(
    num_days: int = 5, shifts: Sequence[Shift] = (AM,), first: int = MONDAY, closed: Iterable[int] = ()
) -> Calendar:
    """Return the Monday-to-Friday calendar of so many natural days from `first`, without the closed ones."""
    span = range(first, first + num_days)
    out = tuple(sorted(set(closed)))
    days = tuple(d for d in span if date.fromordinal(d).isoweekday() <= 5 and d not in out)
    return Calendar(
        start=first, end=first + num_days - 1, kind=CalendarKind.WEEKDAYS, days=days, shifts=tuple(shifts), closed=out
    )


def a_policy(visit: VisitRules | None = None, travel: TravelRules | None = None, **changes: Any) -> Policy:
    """Return a policy without caps and quiet periods."""
    fields: dict[str, Any] = {"priority_weights": WEIGHTS}
    return Policy(visit=visit or VisitRules(), travel=travel or TravelRules(), **(fields | changes))


def a_snapshot(items: Sequence[PlanItem] = (), **parts: Any) -> PlanningSnapshot:
    """Return a snapshot of the items; whatever `parts` does not give follows from them.

    Enterprises are in street S1, streets in district D1, every authority has four crews in the city, and there are
    five inspection dates from MONDAY with one morning shift each.
    """
    items = tuple(items) or (an_item(),)
    enterprises = parts.pop("enterprises", None)
    if enterprises is None:
        enterprises = tuple(an_enterprise(e) for e in sorted({i.enterprise_id for i in items}))
    streets = parts.pop("streets", None) or tuple(a_street(s) for s in sorted({e.street_id for e in enterprises}))
    history: Sequence[PastInspection] = parts.get("history", ())
    names = sorted({i.authority_id for i in items} | {h.authority_id for h in history})
    fields: dict[str, Any] = {
        "name": "test",
        "calendar": a_calendar(),
        "policy": a_policy(),
        "authorities": tuple(Authority(authority_id=a, name=f"Authority {a}") for a in names),
        "crew_pools": tuple(a_pool(a) for a in names),
    }
    return make_snapshot(
        PlanningSnapshot(enterprises=tuple(enterprises), streets=tuple(streets), items=items, **(fields | parts))
    )


def a_schedule(
    snapshot: PlanningSnapshot, visits: Sequence[tuple[Sequence[str], int, str]] = (), *, share_crews: bool = True
) -> Schedule:
    """Return a schedule with these visits, as (item ids, day number, shift id), and everything else unserved.

    A visit's parts begin with it, as early as its crews can be there and the enterprise is open. In one street shift
    visits follow each other in the given order; with `share_crews` an authority's crews go on to the next visit.
    Nothing is checked: what does not fit ends after the shift.
    """
    crews: dict[tuple[str, str, int, str], list[list[tuple[JointVisit, Stop]]]] = {}
    made = [_visit(snapshot, list(ids), on, shift, crews, share_crews) for ids, on, shift in visits]
    shifts = [
        _crew_shift(snapshot, *key, route, twin)
        for key, routes in crews.items()
        for twin, route in enumerate(routes)
        if route
    ]
    served = {i for v in made for i in v.item_ids}
    left = [i.item_id for i in snapshot.items if i.item_id not in served]
    return Schedule(
        snapshot_digest=snapshot.digest(),
        visits=tuple(sorted(made, key=lambda v: v.visit_id)),
        crew_shifts=tuple(sorted(shifts, key=lambda c: c.crew_id)),
        unserved=tuple(Unserved(item_id=i, reasons=(Reason(code=ReasonCode.CAPACITY),)) for i in left),
    )


def _visit(
    snapshot: PlanningSnapshot,
    item_ids: list[str],
    on: int,
    shift_id: str,
    crews: dict[tuple[str, str, int, str], list[list[tuple[JointVisit, Stop]]]],
    share_crews: bool,
) -> JointVisit:
    items = [i for i in snapshot.items if i.item_id in item_ids]
    enterprise = next(e for e in snapshot.enterprises if e.enterprise_id == items[0].enterprise_id)
    parts: dict[str, int] = {}
    needed: dict[str, int] = {}
    for item in items:
        a = item.authority_id
        parts[a] = parts.get(a, snapshot.policy.visit.overhead_min) + item.duration_min
        needed[a] = max(needed.get(a, 1), item.crews)
    start = enterprise.open_from or 0
    coming: list[tuple[str, list[tuple[JointVisit, Stop]], int]] = []
    for a, num in needed.items():
        routes = crews.setdefault((a, enterprise.street_id, on, shift_id), [])
        old = list(routes) if share_crews else []
        new: list[list[tuple[JointVisit, Stop]]] = [[] for _ in range(max(0, num - len(old)))]
        routes.extend(new)
        for route in (*old, *new)[:num]:
            arrive = _arrival(snapshot, enterprise, shift_id, route)
            coming.append((a, route, arrive))
            start = max(start, arrive)
    visit = JointVisit(
        visit_id=visit_id_of(item_ids),
        enterprise_id=enterprise.enterprise_id,
        street_id=enterprise.street_id,
        day=on,
        shift_id=shift_id,
        start=start,
        end=start + max(parts.values()),
        authority_ids=tuple(sorted(parts)),
        item_ids=tuple(sorted(item_ids)),
    )
    for a, route, arrive in coming:
        route.append((visit, Stop(visit_id=visit.visit_id, arrive=arrive, start=start, leave=start + parts[a])))
    return visit


def _place(snapshot: PlanningSnapshot, enterprise_id: str) -> tuple[float, float]:
    return next((e.lon, e.lat) for e in snapshot.enterprises if e.enterprise_id == enterprise_id)


def _office(snapshot: PlanningSnapshot, street_id: str) -> tuple[float, float]:
    return next((s.lon, s.lat) for s in snapshot.streets if s.street_id == street_id)


def _arrival(
    snapshot: PlanningSnapshot, enterprise: Enterprise, shift_id: str, route: list[tuple[JointVisit, Stop]]
) -> int:
    travel, there = snapshot.policy.travel, (enterprise.lon, enterprise.lat)
    if route:
        last, stop = route[-1]
        return stop.leave + leg_min(travel, _place(snapshot, last.enterprise_id), there) + travel.buffer_min
    shift = next(s for s in snapshot.calendar.shifts if s.shift_id == shift_id)
    return shift.start_min + leg_min(travel, _office(snapshot, enterprise.street_id), there)


def _crew_shift(
    snapshot: PlanningSnapshot,
    authority: str,
    street: str,
    on: int,
    shift_id: str,
    route: list[tuple[JointVisit, Stop]],
    twin: int,
) -> CrewShift:
    travel, office = snapshot.policy.travel, _office(snapshot, street)
    places = [office, *(_place(snapshot, v.enterprise_id) for v, _ in route), office]
    minutes = [leg_min(travel, a, b) for a, b in pairwise(places)]
    return CrewShift(
        crew_id=crew_id_of(authority, on, shift_id, [v.visit_id for v, _ in route], twin),
        authority_id=authority,
        street_id=street,
        day=on,
        shift_id=shift_id,
        depart=next(s.start_min for s in snapshot.calendar.shifts if s.shift_id == shift_id),
        back=route[-1][1].leave + minutes[-1],
        travel_min=sum(minutes),
        stops=tuple(stop for _, stop in route),
    )


def with_visit(schedule: Schedule, visit_id: str, **changes: Any) -> Schedule:
    """Return the schedule with fields of one visit changed and nothing else."""
    visits = tuple(replace(v, **changes) if v.visit_id == visit_id else v for v in schedule.visits)
    return replace(schedule, visits=visits)


def with_crew(schedule: Schedule, crew_id: str, **changes: Any) -> Schedule:
    """Return the schedule with fields of one crew shift changed and nothing else."""
    crews = tuple(replace(c, **changes) if c.crew_id == crew_id else c for c in schedule.crew_shifts)
    return replace(schedule, crew_shifts=crews)


def with_stop(schedule: Schedule, crew_id: str, seq: int, **changes: Any) -> Schedule:
    """Return the schedule with fields of one stop (`seq` from 0) changed and nothing else."""
    crew = next(c for c in schedule.crew_shifts if c.crew_id == crew_id)
    stops = tuple(replace(s, **changes) if n == seq else s for n, s in enumerate(crew.stops))
    return with_crew(schedule, crew_id, stops=stops)
