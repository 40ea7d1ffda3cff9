"""A schedule with its names at hand: what every printed output is made from."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from scheduler.domain.people import OFFICERS_PER_CREW, Authority
from scheduler.domain.places import Enterprise, Street
from scheduler.domain.plans import Notice, PlanItem
from scheduler.domain.schedule import CrewShift, JointVisit, Schedule
from scheduler.domain.snapshot import PlanningSnapshot
from scheduler.export.wording import clock

JointDay = tuple[str, int]
"""(street, day number)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """What one authority does at a visit, at the same time with all its crews.

    Parameters
    ----------
    start, leave : minutes after midnight; those of the visit when the schedule names no crew for the authority.
    crew_numbers : its crews by their numbers from 1 in the street shift.
    item_ids : its items there, sorted.
    """

    authority_id: str
    start: int
    leave: int
    crew_numbers: tuple[int, ...]
    item_ids: tuple[str, ...]

    @property
    def span(self) -> str:
        """Its time, such as ``09:05–09:50``."""
        return f"{clock(self.start)}–{clock(self.leave)}"

    @property
    def officers(self) -> int:
        """Officers of the authority on site."""
        return OFFICERS_PER_CREW * len(self.crew_numbers)


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanView:
    """Lookups over a snapshot and a schedule; ids that the snapshot does not know are shown as they are.

    Parameters
    ----------
    visits : by id.
    parts : parts of a visit by its id, in time order.
    crew_numbers : number of a crew shift from 1 within its authority's street shift, by crew id.
    days : (visits, crew shifts) of each street and day, in order of day, street, time.
    """

    snapshot: PlanningSnapshot
    schedule: Schedule
    streets: Mapping[str, Street]
    authorities: Mapping[str, Authority]
    enterprises: Mapping[str, Enterprise]
    items: Mapping[str, PlanItem]
    visits: Mapping[str, JointVisit]
    parts: Mapping[str, tuple[Part, ...]]
    crew_numbers: Mapping[str, int]
    days: Mapping[JointDay, tuple[tuple[JointVisit, ...], tuple[CrewShift, ...]]]

    def street(self, street_id: str) -> str:
        """Return the name of a street."""
        return self.streets[street_id].name if street_id in self.streets else street_id

    def authority(self, authority_id: str) -> str:
        """Return the name of an authority."""
        return self.authorities[authority_id].name if authority_id in self.authorities else authority_id

    def enterprise(self, enterprise_id: str) -> str:
        """Return the name of an enterprise."""
        return self.enterprises[enterprise_id].name if enterprise_id in self.enterprises else enterprise_id

    def is_unannounced(self, visit: JointVisit) -> bool:
        """Say whether the enterprise is not told of the visit."""
        known = (self.items.get(i) for i in visit.item_ids)
        return any(item is not None and item.notice is Notice.UNANNOUNCED for item in known)

    def item(self, item_id: str) -> str:
        """Return an item as its code in the published list, or its id when it has none."""
        found = self.items.get(item_id)
        return found.item_code if found is not None and found.item_code else item_id


def view_of(snapshot: PlanningSnapshot, schedule: Schedule) -> PlanView:
    """Return the view of a schedule."""
    items = {i.item_id: i for i in snapshot.items}
    numbers = _crew_numbers(schedule)
    return PlanView(
        snapshot=snapshot,
        schedule=schedule,
        streets={s.street_id: s for s in snapshot.streets},
        authorities={a.authority_id: a for a in snapshot.authorities},
        enterprises={e.enterprise_id: e for e in snapshot.enterprises},
        items=items,
        visits={v.visit_id: v for v in schedule.visits},
        parts=_parts(schedule, items, numbers),
        crew_numbers=numbers,
        days=_days(schedule),
    )


def _crew_numbers(schedule: Schedule) -> dict[str, int]:
    groups: dict[tuple[str, str, int, str], list[CrewShift]] = defaultdict(list)
    for crew in schedule.crew_shifts:
        groups[crew.authority_id, crew.street_id, crew.day, crew.shift_id].append(crew)
    return {
        crew.crew_id: number
        for group in groups.values()
        for number, crew in enumerate(sorted(group, key=lambda c: (c.depart, c.crew_id)), 1)
    }


def _parts(
    schedule: Schedule, items: Mapping[str, PlanItem], numbers: Mapping[str, int]
) -> dict[str, tuple[Part, ...]]:
    met: dict[tuple[str, str], list[tuple[int, int, int]]] = defaultdict(list)
    for crew in schedule.crew_shifts:
        for stop in crew.stops:
            met[stop.visit_id, crew.authority_id].append((numbers[crew.crew_id], stop.start, stop.leave))
    parts = {}
    for visit in schedule.visits:
        own = []
        for authority_id in visit.authority_ids:
            crews = sorted(met.get((visit.visit_id, authority_id), []))
            own.append(
                Part(
                    authority_id=authority_id,
                    start=min((start for _, start, _ in crews), default=visit.start),
                    leave=max((leave for _, _, leave in crews), default=visit.end),
                    crew_numbers=tuple(number for number, _, _ in crews),
                    item_ids=tuple(i for i in visit.item_ids if i in items and items[i].authority_id == authority_id),
                )
            )
        parts[visit.visit_id] = tuple(sorted(own, key=lambda p: (p.start, p.leave, p.authority_id)))
    return parts


def _days(schedule: Schedule) -> dict[JointDay, tuple[tuple[JointVisit, ...], tuple[CrewShift, ...]]]:
    visits: dict[JointDay, list[JointVisit]] = defaultdict(list)
    crews: dict[JointDay, list[CrewShift]] = defaultdict(list)
    for visit in schedule.visits:
        visits[visit.street_id, visit.day].append(visit)
    for crew in schedule.crew_shifts:
        crews[crew.street_id, crew.day].append(crew)
    return {
        key: (
            tuple(sorted(visits.get(key, ()), key=lambda v: (v.start, v.end, v.visit_id))),
            tuple(sorted(crews.get(key, ()), key=lambda c: (c.authority_id, c.depart, c.crew_id))),
        )
        for key in sorted(visits.keys() | crews.keys(), key=lambda k: (k[1], k[0]))
    }
