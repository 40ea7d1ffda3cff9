"""Inspection dates: weekdays, mainland working days with make-up days, and years that nobody knows."""

from __future__ import annotations

from datetime import date

import chinese_calendar
import pytest

from scheduler.domain.calendar import CalendarKind
from scheduler.intake.calendar import UnknownYear, inspection_days, mainland_working_days, read_working_days


def _n(text: str) -> int:
    return date.fromisoformat(text).toordinal()


@pytest.mark.parametrize("year", range(2004, 2027))
def test_the_table_agrees_with_chinesecalendar(year: int) -> None:
    table = mainland_working_days()
    for day in range(date(year, 1, 1).toordinal(), date(year + 1, 1, 1).toordinal()):
        assert table.works_on(day) == chinese_calendar.is_workday(date.fromordinal(day))


def test_the_table_knows_2004_to_2026() -> None:
    assert mainland_working_days().years == frozenset(range(2004, 2027))


def test_weekdays_are_monday_to_friday() -> None:
    days = inspection_days(_n("2026-10-01"), _n("2026-10-11"), CalendarKind.WEEKDAYS)
    assert [date.fromordinal(d).day for d in days] == [1, 2, 5, 6, 7, 8, 9]


def test_a_holiday_is_off_and_its_make_up_saturday_is_on() -> None:
    days = inspection_days(_n("2026-10-01"), _n("2026-10-11"), CalendarKind.CN)
    assert [date.fromordinal(d).day for d in days] == [8, 9, 10]


def test_closed_dates_are_off_open_dates_are_on_and_open_wins() -> None:
    closed, opened = [_n("2026-10-08"), _n("2026-10-09")], [_n("2026-10-09"), _n("2026-10-11")]
    days = inspection_days(_n("2026-10-05"), _n("2026-10-11"), CalendarKind.CN, closed, opened)
    assert [date.fromordinal(d).day for d in days] == [9, 10, 11]


def test_dates_outside_the_horizon_are_never_inspection_dates() -> None:
    days = inspection_days(_n("2026-10-12"), _n("2026-10-13"), CalendarKind.WEEKDAYS, (), [_n("2026-10-17")])
    assert len(days) == 2


@pytest.mark.parametrize(
    ("start", "end", "years"), [("2026-12-31", "2027-01-01", (2027,)), ("2003-12-31", "2004-01-02", (2003,))]
)
def test_a_year_the_table_does_not_know_is_refused(start: str, end: str, years: tuple[int, ...]) -> None:
    with pytest.raises(UnknownYear) as refused:
        inspection_days(_n(start), _n(end), CalendarKind.CN)
    assert refused.value.years == years


def test_an_administrators_table_extends_the_years() -> None:
    table = read_working_days(["year,date,kind", "2027,2027-01-01,holiday", "2027,2027-01-03,workday"])
    days = inspection_days(_n("2027-01-01"), _n("2027-01-04"), CalendarKind.CN, working_days=table)
    assert [date.fromordinal(d).day for d in days] == [3, 4]


@pytest.mark.parametrize("row", ["2027,2026-01-01,holiday", "2027,2027-01-01,feast", "2027,2027-02-30,holiday"])
def test_a_table_with_a_wrong_row_is_refused(row: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        read_working_days(["year,date,kind", row])
