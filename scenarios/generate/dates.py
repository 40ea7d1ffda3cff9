"""The inspection dates of a quarter, as the generated case's own calendar will have them."""

from __future__ import annotations

from datetime import date, timedelta

from scheduler.domain.calendar import CalendarKind
from scheduler.intake.calendar import UnknownYear, inspection_days


def quarter_span(year: int, quarter: int) -> tuple[date, date]:
    """Return the first and last date of a calendar quarter."""
    first = date(year, 3 * quarter - 2, 1)
    after = date(year + quarter // 4, 3 * (quarter % 4) + 1, 1)
    return first, after - timedelta(days=1)


def inspection_dates(first: date, last: date) -> tuple[CalendarKind, tuple[date, ...]]:
    """Return the calendar kind of a horizon and its inspection dates, ascending.

    It is ``CN`` (mainland working days with make-up days) for years that the table of working days knows, else Monday
    to Friday: an unannounced year is never guessed.
    """
    kind = CalendarKind.CN
    try:
        days = inspection_days(first.toordinal(), last.toordinal(), kind)
    except UnknownYear:
        kind = CalendarKind.WEEKDAYS
        days = inspection_days(first.toordinal(), last.toordinal(), kind)
    return kind, tuple(date.fromordinal(d) for d in days)
