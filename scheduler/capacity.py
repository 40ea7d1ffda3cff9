"""Crew capacity: a street is served from its own crews first, then its district's, then the city's."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from scheduler.domain.calendar import Calendar
from scheduler.domain.people import WHOLE_CITY, CrewPool
from scheduler.domain.schedule import CrewShift
from scheduler.domain.snapshot import PlanningSnapshot

CrewUse = Mapping[tuple[str, int, str, str], int]
"""Crew shifts by (authority, day, shift, street)."""


def crew_use_of(crew_shifts: Iterable[CrewShift]) -> CrewUse:
    """Return how many crew shifts there are by (authority, day, shift, street)."""
    return Counter((c.authority_id, c.day, c.shift_id, c.street_id) for c in crew_shifts)


def crew_shifts_at_work(pool: CrewPool, calendar: Calendar) -> int:
    """Return the crew shifts that a pool can work, over all inspection dates and shifts."""
    return pool.crews * sum(pool.holds_on(d, h.shift_id) for d in calendar.days for h in calendar.shifts)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shortfall:
    """Crew shifts of an authority on a date and shift for which no crew is at work.

    Parameters
    ----------
    missing : crew shifts too many, at least 1.
    used : crew shifts of the authority on that date and shift, in all streets.
    """

    authority_id: str
    day: int
    shift_id: str
    missing: int
    used: int


class CrewTable:
    """Crews at work by authority, area, day and shift; answers are remembered."""

    def __init__(self, snapshot: PlanningSnapshot) -> None:
        self._pools: dict[tuple[str, str], list[CrewPool]] = defaultdict(list)
        for pool in snapshot.crew_pools:
            self._pools[pool.authority_id, pool.area_id].append(pool)
        self._district = {s.street_id: s.district_id for s in snapshot.streets}
        self._known: dict[tuple[str, str, int, str], int] = {}

    def at_work(self, authority_id: str, area_id: str, day: int, shift_id: str) -> int:
        """Return the crews of an authority in exactly this area (street, district or ``*``); pools add up."""
        key = (authority_id, area_id, day, shift_id)
        found = self._known.get(key)
        if found is None:
            pools = self._pools.get((authority_id, area_id), ())
            found = self._known[key] = sum(p.crews for p in pools if p.holds_on(day, shift_id))
        return found

    def areas_of(self, street_id: str) -> tuple[str, str, str]:
        """Return the areas whose crews may serve a street, in the order in which they are used."""
        return street_id, self._district[street_id], WHOLE_CITY

    def reach(self, authority_id: str, street_id: str, day: int, shift_id: str) -> int:
        """Return how many crews could serve a street if no other street used any."""
        return sum(self.at_work(authority_id, area, day, shift_id) for area in self.areas_of(street_id))

    def shortfalls(self, use: CrewUse) -> tuple[Shortfall, ...]:
        """Return every date and shift on which an authority's crew shifts exceed its crews, sorted.

        What a street needs beyond its own crews is asked of its district, what a district's streets ask beyond
        its crews is asked of the city. Streets the snapshot does not know are left out.
        """
        asked: dict[tuple[str, int, str], dict[str, int]] = defaultdict(lambda: defaultdict(int))
        used: dict[tuple[str, int, str], int] = defaultdict(int)
        for (authority, day, shift, street), crews in use.items():
            if street not in self._district:
                continue
            used[authority, day, shift] += crews
            left = max(0, crews - self.at_work(authority, street, day, shift))
            asked[authority, day, shift][self._district[street]] += left
        out = []
        for (authority, day, shift), by_district in sorted(asked.items()):
            left = sum(max(0, n - self.at_work(authority, d, day, shift)) for d, n in by_district.items())
            missing = left - self.at_work(authority, WHOLE_CITY, day, shift)
            if missing > 0:
                total = used[authority, day, shift]
                out.append(Shortfall(authority_id=authority, day=day, shift_id=shift, missing=missing, used=total))
        return tuple(out)


class CrewBalance:
    """Crews left of a plan: how many more crew shifts of an authority a street could get."""

    def __init__(self, table: CrewTable, use: CrewUse) -> None:
        self._table = table
        self._use = use
        self._spare: dict[tuple[str, int, str, str], int] = {}
        self._asked: dict[tuple[str, int, str], dict[str, int]] = defaultdict(lambda: defaultdict(int))
        for (authority, day, shift, street), crews in use.items():
            _, district, _ = table.areas_of(street)
            left = max(0, crews - table.at_work(authority, street, day, shift))
            self._asked[authority, day, shift][district] += left

    def spare(self, authority_id: str, day: int, shift_id: str, street_id: str) -> int:
        """Return how many more crew shifts fit: what is left of the street's, the district's and the city's crews."""
        key = authority_id, day, shift_id, street_id
        found = self._spare.get(key)
        if found is None:
            found = self._spare[key] = self._count(*key)
        return found

    def _count(self, authority_id: str, day: int, shift_id: str, street_id: str) -> int:
        table, asked = self._table, self._asked.get((authority_id, day, shift_id), {})
        _, district, city = table.areas_of(street_id)
        used = self._use.get((authority_id, day, shift_id, street_id), 0)
        own = max(0, table.at_work(authority_id, street_id, day, shift_id) - used)
        at_district = table.at_work(authority_id, district, day, shift_id)
        of_city = sum(max(0, n - table.at_work(authority_id, d, day, shift_id)) for d, n in asked.items())
        at_city = table.at_work(authority_id, city, day, shift_id)
        return own + max(0, at_district - asked.get(district, 0)) + max(0, at_city - of_city)
