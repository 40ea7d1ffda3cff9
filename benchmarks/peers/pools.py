"""Crews in use, with the pools of street, district and city nested as FORMATS says."""

from __future__ import annotations

from benchmarks.peers.jobs import PeerCase


class CrewUse:
    """Counts crews by authority, street and slot; a street's own come first, then its district's, then the city's."""

    def __init__(self, case: PeerCase) -> None:
        self._case = case
        self._used: dict[tuple[int, int, int], int] = {}
        self._over_street: dict[tuple[int, int, int], int] = {}
        self._over_district: dict[tuple[int, int], int] = {}

    def left(self, authority: int, street: int, slot: int) -> int:
        """Return how many more crews could come."""
        case, district = self._case, self._case.street_district[street]
        own = int(case.crews_street[authority, street, slot]) - self._used.get((authority, street, slot), 0)
        of_district = int(case.crews_district[authority, district, slot])
        of_district -= self._over_street.get((authority, district, slot), 0)
        of_city = int(case.crews_city[authority, 0, slot]) - self._over_district.get((authority, slot), 0)
        return max(0, own) + max(0, of_district) + max(0, of_city)

    def add(self, authority: int, street: int, slot: int, crews: int) -> None:
        """Count so many crews more, or less when negative."""
        case, district = self._case, self._case.street_district[street]
        key, in_district, in_city = (authority, street, slot), (authority, district, slot), (authority, slot)
        before = self._used.get(key, 0)
        self._used[key] = before + crews
        own = int(case.crews_street[authority, street, slot])
        change = max(0, before + crews - own) - max(0, before - own)
        before = self._over_street.get(in_district, 0)
        self._over_street[in_district] = before + change
        own = int(case.crews_district[authority, district, slot])
        self._over_district[in_city] = (
            self._over_district.get(in_city, 0) + max(0, before + change - own) - max(0, before - own)
        )
