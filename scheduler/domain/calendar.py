"""Horizon, inspection dates and shifts of a planning snapshot."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class CalendarKind(StrEnum):
    """How inspection dates follow from the horizon."""

    WEEKDAYS = "weekdays"
    CN = "CN"


class Period(StrEnum):
    """Calendar period over which a frequency cap counts."""

    MONTH = "month"
    QUARTER = "quarter"
    HALF_YEAR = "half_year"
    YEAR = "year"


_MONTHS_OF = {Period.MONTH: 1, Period.QUARTER: 3, Period.HALF_YEAR: 6, Period.YEAR: 12}


def period_key(day: int, period: Period) -> tuple[int, int]:
    """Return the calendar period of a day as (year, number of the period in the year from 0).

    Parameters
    ----------
    day : day number (``date.toordinal()``).
    period : calendar month, quarter, half year or year.
    """
    d = date.fromordinal(day)
    return d.year, (d.month - 1) // _MONTHS_OF[period]


@dataclass(frozen=True, slots=True, kw_only=True)
class Shift:
    """A working period of a date; crews leave the street office at `start_min` and are back by `end_min`.

    Parameters
    ----------
    shift_id : name, unique in the calendar.
    start_min, end_min : minutes after midnight, ``0 <= start_min < end_min <= 1440``.
    """

    shift_id: str
    start_min: int
    end_min: int

    @property
    def length_min(self) -> int:
        """Length of the shift in minutes."""
        return self.end_min - self.start_min


@dataclass(frozen=True, slots=True, kw_only=True)
class Calendar:
    """The horizon with its inspection dates, worked out once when the case is read.

    Parameters
    ----------
    start, end : first and last day number of the horizon, both inside.
    kind : what made `days`: Monday to Friday, or mainland working days with make-up days.
    days : the inspection dates as ascending day numbers within the horizon.
    closed, opened : the dates taken out of and put into `days` by the case, ascending.
    shifts : the shifts of every inspection date, in the order of the case.
    """

    start: int
    end: int
    kind: CalendarKind
    days: tuple[int, ...]
    shifts: tuple[Shift, ...]
    closed: tuple[int, ...] = ()
    opened: tuple[int, ...] = ()
