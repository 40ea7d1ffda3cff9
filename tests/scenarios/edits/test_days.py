"""Dates closed and put in, hours of shifts."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from scenarios.edits.days import Dates, ShiftHours
from scenarios.edits.edit import Edited, EditFault
from tests.builders import AM, PM, a_calendar, a_snapshot, day


def _days(**fields):
    return Dates(**fields).apply(Edited(snapshot=a_snapshot(calendar=a_calendar(7)))).snapshot.calendar


def test_a_closed_span_takes_its_inspection_dates_out() -> None:
    assert _days(close=("2026-10-13..2026-10-14",)).days == (day(0), day(3), day(4))


def test_a_weekend_date_may_be_put_in_but_none_beyond_the_horizon() -> None:
    calendar = _days(open=("2026-10-17..2026-10-30",))
    assert calendar.days == (*range(day(0), day(5)), day(5), day(6))
    assert calendar.opened == (day(5), day(6))
    with pytest.raises(EditFault):
        _days(open=("2026-11-17",))


def test_a_date_is_not_both_closed_and_open() -> None:
    with pytest.raises(ValidationError):
        Dates(close=("2026-10-13",), open=("2026-10-12..2026-10-13",))


@pytest.mark.parametrize("text", ["2026-13-01", "tomorrow", "2026-10-14..2026-10-13", "2026-10-14..", 3])
def test_what_is_no_date_is_refused(text) -> None:
    with pytest.raises(ValidationError):
        Dates(close=(text,))


def test_a_shift_may_begin_or_end_at_another_time() -> None:
    s = a_snapshot(calendar=a_calendar(shifts=(AM, PM)))
    after = ShiftHours(shift="AM", end="13:30").apply(Edited(snapshot=s)).snapshot.calendar.shifts
    assert [(h.start_min, h.end_min) for h in after] == [(540, 810), (840, 1020)]


@pytest.mark.parametrize("fields", [{"end": "14:01"}, {"end": "09:00"}, {"start": "12:30"}])
def test_shifts_neither_overlap_nor_end_before_they_begin(fields) -> None:
    s = a_snapshot(calendar=a_calendar(shifts=(AM, PM)))
    with pytest.raises(EditFault):
        ShiftHours(shift="AM", **fields).apply(Edited(snapshot=s))


def test_shifts_may_touch() -> None:
    s = a_snapshot(calendar=a_calendar(shifts=(AM, PM)))
    assert ShiftHours(shift="AM", end="14:00").apply(Edited(snapshot=s)).snapshot.calendar.shifts[0].end_min == 840
