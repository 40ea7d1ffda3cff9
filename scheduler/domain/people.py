"""Authorities and their crews."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

WHOLE_CITY = "*"
"""Area of crews that serve every street."""

OFFICERS_PER_CREW = 2
"""A crew is two certified officers of one authority (the two-officer rule of administrative enforcement)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Authority:
    """An authorised inspecting body (行政检查主体); `level` is city, district or street when given."""

    authority_id: str
    name: str
    level: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CrewPool:
    """Crews of an authority at work in an area, per date and shift; pools that match add up.

    Parameters
    ----------
    area_id : a street, a district, or ``*`` for the whole city.
    crews : number of crews, at least 0.
    first_day, last_day : day numbers between which it holds, both inside; no limit when ``None``.
    weekdays : weekdays on which it holds, 1 is Monday; every weekday when empty.
    shift_id : the one shift in which it holds; every shift when ``None``.
    """

    authority_id: str
    area_id: str
    crews: int
    first_day: int | None = None
    last_day: int | None = None
    weekdays: tuple[int, ...] = ()
    shift_id: str | None = None

    def holds_on(self, day: int, shift_id: str) -> bool:
        """Say whether these crews work on the day and in the shift."""
        if self.first_day is not None and day < self.first_day:
            return False
        if self.last_day is not None and day > self.last_day:
            return False
        if self.weekdays and date.fromordinal(day).isoweekday() not in self.weekdays:
            return False
        return self.shift_id is None or self.shift_id == shift_id
