"""One street shift by itself: its visits on that date and shift, times free, and the crews that could do them."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

from scheduler.availability import Availability
from scheduler.domain.people import CrewPool
from scheduler.domain.plans import PlanItem
from scheduler.domain.policy import StreetRules
from scheduler.domain.schedule import CrewShift, Schedule
from scheduler.domain.snapshot import PlanningSnapshot
from scheduler.moves.index import MoveIndex, StreetShift
from scheduler.planning.bounds import prove
from scheduler.planning.prepare import prepare
from scheduler.planning.timetable import search_timetable, timetable_of
from scheduler.rules import check
from solver.limits import Limits, Progress
from solver.parallel import InProcess
from solver.warmup import warm_up

LOOKS = Limits(time_s=None, iterations=4_000, workers=1)


def least_by_prices(index: MoveIndex, where: StreetShift, authority_id: str) -> int:
    """Return a lower bound on the crews of an authority for these visits at any times, other authorities aside.

    It is the bound on crew shifts of a plan (docs/model.md, Bounds) for the case that holds nothing but its parts.
    """
    items = [i for i in _items_of(index, where) if i.authority_id == authority_id]
    availability = Availability(_alone(index, where, items, _crews_of(index, where)))
    port = InProcess(1)
    warm_up()
    proven = prove(availability, prepare(availability, port), LOOKS, port, _nobody, all_served=True)
    return proven.at(proven.lost)[2]


def fewer_would_do(index: MoveIndex, where: StreetShift, authority_id: str, limits: Limits = LOOKS) -> int | None:
    """Return the crews of an authority in a timetable of these visits with one crew less; ``None`` if none is found.

    All authorities come, with the crews that they have in the schedule; times are free.
    """
    crews = _crews_of(index, where)
    crews[authority_id] -= 1
    snapshot = _alone(index, where, _items_of(index, where), crews)
    availability, port = Availability(snapshot), InProcess(limits.workers)
    warm_up()
    prepared = prepare(availability, port)
    found = timetable_of(availability, prepared, search_timetable(availability, prepared, limits, None, port=port))
    served = {i for v in found.visits for i in v.item_ids}
    made = Schedule(snapshot_digest=snapshot.digest(), visits=found.visits, crew_shifts=found.crew_shifts, unserved=())
    if served != {i.item_id for i in snapshot.items} or check(snapshot, made):
        return None
    return sum(c.authority_id == authority_id for c in found.crew_shifts)


def _nobody(progress: Progress) -> bool:
    return False


def _crews_of(index: MoveIndex, where: StreetShift) -> Counter[str]:
    crews: list[CrewShift] = index.crews_in.get(where, [])
    return Counter(c.authority_id for c in crews)


def _items_of(index: MoveIndex, where: StreetShift) -> list[PlanItem]:
    """Return one item for each part of the visits there, as long as the part and wanted on that date only."""
    _, day, _ = where
    out = []
    for visit in index.visits_in.get(where, []):
        items = [index.items[i] for i in visit.item_ids]
        for a in visit.authority_ids:
            mine = [i for i in items if i.authority_id == a]
            out.append(
                replace(
                    mine[0],
                    duration_min=sum(i.duration_min for i in mine),
                    crews=max(i.crews for i in mine),
                    earliest=day,
                    latest=day,
                    priority="one",
                    cap_exempt=False,
                )
            )
    return out


def _alone(index: MoveIndex, where: StreetShift, items: list[PlanItem], crews: Counter[str]) -> PlanningSnapshot:
    """Return the case that holds this street shift alone; what is about other dates and visits is left out."""
    street_id, day, shift_id = where
    s = index.snapshot
    enterprises = {i.enterprise_id for i in items}
    authorities = {i.authority_id for i in items}
    shifts = tuple(h for h in s.calendar.shifts if h.shift_id == shift_id)
    policy = replace(s.policy, caps=(), quiet_periods=(), street=StreetRules(), priority_weights=(("one", 1),))
    return s.replace(
        calendar=replace(s.calendar, start=day, end=day, days=(day,), closed=(), opened=(), shifts=shifts),
        policy=policy,
        streets=tuple(r for r in s.streets if r.street_id == street_id),
        authorities=tuple(a for a in s.authorities if a.authority_id in authorities),
        enterprises=tuple(e for e in s.enterprises if e.enterprise_id in enterprises),
        crew_pools=tuple(CrewPool(authority_id=a, area_id=street_id, crews=crews[a]) for a in sorted(authorities)),
        items=tuple(items),
        history=(),
        pins=(),
    )
