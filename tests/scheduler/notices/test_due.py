"""When notices are due, against counting days one by one."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheduler.domain.calendar import Calendar, CalendarKind
from scheduler.intake.calendar import inspection_days
from scheduler.notices.due import last_due_day, working_days_of


def _calendar(kind: CalendarKind, start: str, end: str, closed: tuple[str, ...] = ()) -> Calendar:
    first, last = (date.fromisoformat(d).toordinal() for d in (start, end))
    shut = tuple(date.fromisoformat(d).toordinal() for d in closed)
    return Calendar(start=first, end=last, kind=kind, days=inspection_days(first, last, kind, shut), shifts=())


QUARTER = _calendar(CalendarKind.CN, "2026-10-01", "2026-12-31")


@pytest.mark.parametrize(
    ("today", "days", "last"),
    [
        ("2026-10-12", 0, "2026-10-12"),
        ("2026-10-12", 3, "2026-10-15"),
        ("2026-10-15", 3, "2026-10-20"),  # over a weekend
        ("2026-10-18", 3, "2026-10-21"),  # from a Sunday on
        ("2026-09-29", 3, "2026-10-09"),  # over the holidays, from before the horizon
        ("2026-12-30", 3, "2027-01-04"),  # into a year whose make-up days are not known
    ],
)
def test_a_visit_is_due_so_many_working_days_before(today: str, days: int, last: str) -> None:
    found = last_due_day(date.fromisoformat(today).toordinal(), days, working_days_of(QUARTER))
    assert date.fromordinal(found).isoformat() == last


def test_a_date_that_the_horizon_closes_is_no_working_day() -> None:
    calendar = _calendar(CalendarKind.WEEKDAYS, "2026-10-01", "2026-12-31", ("2026-10-14",))
    found = last_due_day(date(2026, 10, 12).toordinal(), 3, working_days_of(calendar))
    assert date.fromordinal(found) == date(2026, 10, 16)


@given(st.integers(QUARTER.start - 30, QUARTER.end + 30), st.integers(0, 12), st.integers(0, 40))
def test_a_day_is_due_exactly_when_fewer_working_days_lie_before_it(today: int, notice_days: int, ahead: int) -> None:
    works_on, day = working_days_of(QUARTER), today + ahead
    between = sum(works_on(d) for d in range(today + 1, day))
    is_due = day <= last_due_day(today, notice_days, works_on)
    assert is_due == (ahead == 0 or between < notice_days)
