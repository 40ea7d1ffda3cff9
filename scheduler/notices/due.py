"""When a notice is due: so many working days before the visit, by the calendar of the horizon."""

from __future__ import annotations

from collections.abc import Callable

from scheduler.domain.calendar import Calendar, CalendarKind
from scheduler.intake.calendar import UnknownYear, inspection_days


def last_due_day(today: int, notice_days: int, works_on: Callable[[int], bool]) -> int:
    """Return the last day number whose announced visits are to be told of today.

    A visit is due on the `notice_days`-th working day before it; those that fell due earlier are due still, so that
    what is published late is told at once. With 0 a visit is told on its own day.

    Parameters
    ----------
    notice_days : working days, from 0. How many is our assumption: DOMAIN.md 1.3 asks for a lead time in working days
        and names no number.
    works_on : says whether a day number is a working day; of any seven days in a row at least one must be in the end.
    """
    day = today
    for _ in range(notice_days):
        day += 1
        while not works_on(day):
            day += 1
    return day


def working_days_of(calendar: Calendar) -> Callable[[int], bool]:
    """Return what says whether a day is a working day: the horizon's inspection dates, and its kind of days beyond.

    Beyond the horizon a year whose make-up days are not known yet counts Monday to Friday.
    """
    inside = frozenset(calendar.days)

    def works_on(day: int) -> bool:
        if calendar.start <= day <= calendar.end:
            return day in inside
        try:
            return bool(inspection_days(day, day, calendar.kind))
        except UnknownYear:
            return bool(inspection_days(day, day, CalendarKind.WEEKDAYS))

    return works_on
