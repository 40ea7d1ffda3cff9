"""Crews that other streets' published schedules have taken already: what is left of the pools for this plan (R23)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby

from scheduler.capacity import CrewTable, CrewUse
from scheduler.domain.people import WHOLE_CITY, CrewPool
from scheduler.domain.snapshot import PlanningSnapshot

Area = tuple[str, str]
"""(authority, area)."""

Slot = tuple[int, str]
"""(day number, shift)."""


def without_committed(snapshot: PlanningSnapshot, use: CrewUse) -> PlanningSnapshot:
    """Return the snapshot with the crews that are left when other streets' crew shifts have taken theirs.

    A street takes from its own crews first, what it needs beyond them from its district's, and what a district's
    streets need beyond those from the city's. A plan keeps R23 with what is left just when it keeps it together with
    `use` and all the crews. Pools of an area that loses crews are written anew, for the inspection dates only;
    others stay as they are. What nobody is at work for takes nothing.

    Parameters
    ----------
    use : crew shifts by (authority, day, shift, street); of days, shifts and streets that the snapshot does not know
        nothing is taken.
    """
    return without_crews(snapshot, _taken(snapshot, CrewTable(snapshot), use))


def without_crews(snapshot: PlanningSnapshot, taken: Mapping[Area, Mapping[Slot, int]]) -> PlanningSnapshot:
    """Return the snapshot with fewer crews at work in some areas, on some dates and shifts.

    Parameters
    ----------
    taken : crews by area and slot, at most as many as there are. Pools of these areas are written anew, for the
        inspection dates only; others stay as they are.
    """
    if not taken:
        return snapshot
    table = CrewTable(snapshot)
    kept = [p for p in snapshot.crew_pools if (p.authority_id, p.area_id) not in taken]
    left = [pool for area in sorted(taken) for pool in _pools_left(snapshot, table, area, taken[area])]
    return snapshot.replace(crew_pools=(*kept, *left))


def _taken(snapshot: PlanningSnapshot, table: CrewTable, use: CrewUse) -> dict[Area, dict[Slot, int]]:
    """Return by area and slot the crews that are taken, only where there are any."""
    days, shifts = set(snapshot.calendar.days), {s.shift_id for s in snapshot.calendar.shifts}
    streets = {s.street_id for s in snapshot.streets}
    taken: dict[Area, dict[Slot, int]] = defaultdict(dict)

    def take(authority: str, area: str, slot: Slot, crews: int) -> int:
        """Take what the area still has, and return what is missing."""
        gone = taken[authority, area].get(slot, 0) if (authority, area) in taken else 0
        got = min(crews, table.at_work(authority, area, *slot) - gone)
        if got > 0:
            taken[authority, area][slot] = gone + got
        return crews - max(0, got)

    # Level by level: all streets before the first district, all districts before the city.
    asked: dict[tuple[str, Slot, str], int] = defaultdict(int)
    for (authority, day, shift, street), crews in sorted(use.items()):
        if crews > 0 and day in days and shift in shifts and street in streets:
            district = table.areas_of(street)[1]
            asked[authority, (day, shift), district] += take(authority, street, (day, shift), crews)
    for (authority, slot, district), crews in asked.items():
        take(authority, WHOLE_CITY, slot, take(authority, district, slot, crews))
    return dict(taken)


def _pools_left(
    snapshot: PlanningSnapshot, table: CrewTable, area: Area, taken: Mapping[Slot, int]
) -> Iterator[CrewPool]:
    """Yield pools with the crews left of an area, one for each run of inspection dates with equally many."""
    days = snapshot.calendar.days
    shifts = [s.shift_id for s in snapshot.calendar.shifts]
    runs: dict[tuple[int, int, int], list[str]] = defaultdict(list)
    for shift in shifts:
        left = [table.at_work(*area, d, shift) - taken.get((d, shift), 0) for d in days]
        for run in _runs(days, left):
            runs[run].append(shift)
    for (first, last, crews), held_in in runs.items():
        for shift_id in [None] if held_in == shifts else held_in:
            yield CrewPool(
                authority_id=area[0], area_id=area[1], crews=crews, first_day=first, last_day=last, shift_id=shift_id
            )


def _runs(days: Sequence[int], crews: Sequence[int]) -> Iterator[tuple[int, int, int]]:
    """Yield (first day, last day, crews) for every run of dates with equally many crews, at least one."""
    for count, run in groupby(zip(days, crews, strict=True), key=lambda pair: pair[1]):
        if count > 0:
            on = [day for day, _ in run]
            yield on[0], on[-1], count
