"""Cells: what each kind accepts and what it refuses."""

from __future__ import annotations

import contextlib
from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum.cn import uscc

from scheduler.intake.cells import (
    CellFault,
    parse_clock,
    parse_code,
    parse_column,
    parse_date,
    parse_list,
    parse_number,
    parse_weekdays,
)
from scheduler.intake.columns import Kind

ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"


@given(st.text("0123456789", min_size=8, max_size=8), st.text(ALPHABET, min_size=10, max_size=10), st.booleans())
def test_credit_codes_agree_with_stdnum(head: str, tail: str, mend: bool) -> None:
    code = head + tail
    if mend:
        code = code[:17] + uscc.calc_check_digit(code[:17])
    try:
        accepted = parse_code(code) == code
    except CellFault:
        accepted = False
    assert accepted == uscc.is_valid(code)


def test_a_credit_code_with_blanks_and_small_letters_is_tidied() -> None:
    assert parse_code("9111 0000 6000 3734 1l") == "91110000600037341L"


def test_a_credit_code_of_a_rural_collective_is_accepted() -> None:
    code = "N2440300MA5EXAMP1"
    assert parse_code(code + uscc.calc_check_digit(code)).startswith("N2")


@given(st.dates(min_value=date(1900, 1, 1), max_value=date(2199, 12, 31)))
def test_every_date_is_read_back(day: date) -> None:
    assert parse_date(day.isoformat()) == day.toordinal()
    assert parse_date(f"{day.year:04d}/{day.month}/{day.day}") == day.toordinal()


@pytest.mark.parametrize(
    ("text", "minutes"), [("00:00", 0), ("9:05", 545), ("24:00", 1440), ("0.375", 540), ("１４：３０", 870)]
)
def test_clock_times_are_minutes(text: str, minutes: int) -> None:
    assert parse_clock(text) == minutes


@pytest.mark.parametrize("text", ["24:01", "-1:00", "9", "9.5", "12:3", "noon", "09:00:30"])
def test_other_clock_times_are_refused(text: str) -> None:
    with pytest.raises(CellFault):
        parse_clock(text)


@given(st.text())
def test_a_number_is_finite_or_refused(text: str) -> None:
    with contextlib.suppress(CellFault):
        assert np.isfinite(parse_number(text.strip()))


def test_lists_may_be_separated_as_chinese_text_does() -> None:
    assert parse_list(" a；b、 c ;; ") == ["a", "b", "c"]
    assert parse_weekdays("周六;周日;6") == (6, 7)


def test_a_column_keeps_its_rows_and_places_its_faults() -> None:
    cells = np.array(["30", "", "x", " 45 ", "x"], dtype=object)
    column = parse_column(cells, Kind.WHOLE, "duration_min")
    assert column.faults == ((2, "bad_whole_number"), (4, "bad_whole_number"))
    assert list(column.empty) == [False, True, False, False, False]
    assert column.values[0] == 30
    assert column.values[3] == 45
    assert np.isnan(column.values[1])
