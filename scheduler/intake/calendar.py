"""Inspection dates of a horizon: Monday to Friday, or mainland working days with make-up days.

The working days come from ``working_days_cn.csv`` beside this file: every date on which a mainland working day
differs from Monday to Friday, by year, as the State Council announces it each November. It was made once from
chinesecalendar 1.11. A year that is not in the table is refused, never guessed: its make-up days are unknown.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib import resources

from scheduler.domain.calendar import CalendarKind
from scheduler.errors import OnevisitError

_FRIDAY = 5


class UnknownYear(OnevisitError):
    """The table of working days does not know `years`."""

    code = "unknown_year"

    def __init__(self, years: tuple[int, ...]) -> None:
        self.years = years
        super().__init__(f"no working days are known for {', '.join(map(str, years))}")


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkingDays:
    """Dates on which working days differ from Monday to Friday, for the years that are known.

    Parameters
    ----------
    years : years whose holidays and make-up days are complete.
    holidays : day numbers of weekdays without work.
    workdays : day numbers of Saturdays and Sundays with work (调休上班).
    """

    years: frozenset[int]
    holidays: frozenset[int]
    workdays: frozenset[int]

    def works_on(self, day: int) -> bool:
        """Say whether the day is a working day.

        Raises
        ------
        UnknownYear : the table does not know the day's year.
        """
        year = date.fromordinal(day).year
        if year not in self.years:
            raise UnknownYear((year,))
        return day in self.workdays or (_is_weekday(day) and day not in self.holidays)


def read_working_days(lines: Iterable[str]) -> WorkingDays:
    """Return the table of a CSV with the columns year, date, kind (holiday or workday).

    Raises
    ------
    ValueError : a row that is not of this form.
    """
    years, by_kind = set(), {"holiday": set[int](), "workday": set[int]()}
    for row in csv.DictReader(lines):
        day = date.fromisoformat(row["date"])
        if str(day.year) != row["year"] or row["kind"] not in by_kind:
            raise ValueError(f"not a row of working days: {row}")
        years.add(day.year)
        by_kind[row["kind"]].add(day.toordinal())
    return WorkingDays(
        years=frozenset(years), holidays=frozenset(by_kind["holiday"]), workdays=frozenset(by_kind["workday"])
    )


@cache
def mainland_working_days() -> WorkingDays:
    """Return the table that comes with the package (2004 to 2026)."""
    text = resources.files("scheduler.intake").joinpath("working_days_cn.csv").read_text("utf-8")
    return read_working_days(text.splitlines())


def inspection_days(
    start: int,
    end: int,
    kind: CalendarKind,
    closed: Iterable[int] = (),
    opened: Iterable[int] = (),
    working_days: WorkingDays | None = None,
) -> tuple[int, ...]:
    """Return the inspection dates from start to end, both inside, as ascending day numbers.

    Parameters
    ----------
    closed, opened : day numbers taken out and put in; a day in both is in.
    working_days : mainland working days; the package's table when ``None``. Only for kind CN.

    Raises
    ------
    UnknownYear : kind is CN and the table does not know every year of the horizon.
    """
    shut, open_too = frozenset(closed), frozenset(opened)
    if kind is CalendarKind.CN:
        table = working_days or mainland_working_days()
        years = range(date.fromordinal(start).year, date.fromordinal(end).year + 1)
        unknown = tuple(y for y in years if y not in table.years)
        if unknown:
            raise UnknownYear(unknown)
        works = table.works_on
    else:
        works = _is_weekday
    return tuple(d for d in range(start, end + 1) if d in open_too or (works(d) and d not in shut))


def _is_weekday(day: int) -> bool:
    return date.fromordinal(day).isoweekday() <= _FRIDAY
