"""What a schedule amounts to, worked out from the snapshot alone: parts of visits, routes of crews.

Rules and score read schedules through it. It trusts nothing: ids that do not resolve are left as ``None``.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from scheduler.domain.calendar import Shift
from scheduler.domain.places import Enterprise, Street
from scheduler.domain.plans import PlanItem
from scheduler.domain.schedule import CrewShift, JointVisit, Schedule, Stop
from scheduler.domain.snapshot import PlanningSnapshot
from scheduler.travel import leg_min


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitEntry:
    """A visit with what its items ask for.

    Parameters
    ----------
    enterprise : ``None`` when unknown.
    items : its known items, in its order.
    parts : minutes of each authority's part, overhead included.
    crews : crews that each authority sends.
    counted : authorities with an item that is not exempt from caps.
    stops : crew shifts that come, each with its stop.
    """

    visit: JointVisit
    enterprise: Enterprise | None
    items: tuple[PlanItem, ...]
    parts: dict[str, int]
    crews: dict[str, int]
    counted: frozenset[str]
    stops: list[tuple[CrewShift, Stop]] = field(default_factory=list)

    @property
    def longest_part(self) -> int:
        """Return the minutes of its longest part, 0 without items."""
        return max(self.parts.values(), default=0)


@dataclass(frozen=True, slots=True, kw_only=True)
class LegEntry:
    """One stop of a route.

    Parameters
    ----------
    entry : the visit; ``None`` when the schedule has no such visit, and the crew stays where it is.
    leg : minutes travelled to it.
    earliest : earliest arrival in minutes after midnight: the leg, and between visits the buffer, after the last leave.
    """

    stop: Stop
    entry: VisitEntry | None
    leg: int
    earliest: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RouteEntry:
    """A crew shift travelled again from the coordinates.

    Parameters
    ----------
    shift : ``None`` when its shift or street is unknown; then nothing is travelled.
    back : minutes after midnight at which it is back at the street office.
    travel : minutes travelled, first and last leg included.
    """

    crew: CrewShift
    shift: Shift | None
    legs: tuple[LegEntry, ...]
    back: int
    travel: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Ledger:
    """A snapshot and a schedule with lookups by id.

    Parameters
    ----------
    visits : an entry for each visit, in the schedule's order.
    routes : an entry for each crew shift, in the schedule's order.
    served : ids of known items in a visit.
    """

    snapshot: PlanningSnapshot
    schedule: Schedule
    items: dict[str, PlanItem]
    enterprises: dict[str, Enterprise]
    streets: dict[str, Street]
    shifts: dict[str, Shift]
    visits: tuple[VisitEntry, ...]
    routes: tuple[RouteEntry, ...]
    served: frozenset[str]


def read_ledger(snapshot: PlanningSnapshot, schedule: Schedule) -> Ledger:
    """Return the ledger of a schedule, in one pass over its visits and stops."""
    items = {i.item_id: i for i in snapshot.items}
    enterprises = {e.enterprise_id: e for e in snapshot.enterprises}
    streets = {s.street_id: s for s in snapshot.streets}
    shifts = {s.shift_id: s for s in snapshot.calendar.shifts}
    overhead = snapshot.policy.visit.overhead_min
    visits = tuple(
        _visit_entry(v, tuple(items[i] for i in v.item_ids if i in items), enterprises.get(v.enterprise_id), overhead)
        for v in schedule.visits
    )
    by_id = {entry.visit.visit_id: entry for entry in visits}
    routes = tuple(_route(snapshot, crew, by_id, streets, shifts) for crew in schedule.crew_shifts)
    for route in routes:
        for leg in route.legs:
            if leg.entry is not None:
                leg.entry.stops.append((route.crew, leg.stop))
    return Ledger(
        snapshot=snapshot,
        schedule=schedule,
        items=items,
        enterprises=enterprises,
        streets=streets,
        shifts=shifts,
        visits=visits,
        routes=routes,
        served=frozenset(i.item_id for entry in visits for i in entry.items),
    )


def parts_of(items: Iterable[PlanItem], overhead: int) -> tuple[dict[str, int], dict[str, int]]:
    """R17, R19: return the minutes of each authority's part at a visit of these items, and the crews that it sends."""
    parts: dict[str, int] = {}
    crews: dict[str, int] = {}
    for item in items:
        authority = item.authority_id
        parts[authority] = parts.get(authority, overhead) + item.duration_min
        crews[authority] = max(crews.get(authority, 1), item.crews)
    return parts, crews


def _visit_entry(
    visit: JointVisit, items: tuple[PlanItem, ...], enterprise: Enterprise | None, overhead: int
) -> VisitEntry:
    parts, crews = parts_of(items, overhead)
    return VisitEntry(
        visit=visit,
        enterprise=enterprise,
        items=items,
        parts=parts,
        crews=crews,
        counted=frozenset(i.authority_id for i in items if not i.cap_exempt),
    )


def _route(
    snapshot: PlanningSnapshot,
    crew: CrewShift,
    by_id: dict[str, VisitEntry],
    streets: dict[str, Street],
    shifts: dict[str, Shift],
) -> RouteEntry:
    shift, street = shifts.get(crew.shift_id), streets.get(crew.street_id)
    if shift is None or street is None:
        return RouteEntry(crew=crew, shift=None, legs=(), back=0, travel=0)
    rules = snapshot.policy.travel
    office = here = (street.lon, street.lat)
    clock, travel, buffer = shift.start_min, 0, 0
    legs = []
    for stop in crew.stops:
        entry = by_id.get(stop.visit_id)
        if entry is None or entry.enterprise is None:
            legs.append(LegEntry(stop=stop, entry=entry, leg=0, earliest=clock))
            continue
        there = (entry.enterprise.lon, entry.enterprise.lat)
        leg = leg_min(rules, here, there)
        legs.append(LegEntry(stop=stop, entry=entry, leg=leg, earliest=clock + leg + buffer))
        here, clock, travel, buffer = there, stop.leave, travel + leg, rules.buffer_min
    leg = leg_min(rules, here, office)
    return RouteEntry(crew=crew, shift=shift, legs=tuple(legs), back=clock + leg, travel=travel + leg)
