"""Contradictory pins: a pin that no plan could keep is an error at its row; one that could be kept is none."""

from __future__ import annotations

from pathlib import Path

import pytest

from scheduler.intake.read import read_case
from tests.scheduler.intake.small_case import Tables, config, problems_of, tables, write_folder


def _pinned(*rows: tuple[str, str, str], case: Tables | None = None) -> Tables:
    out = tables() if case is None else case
    out["pins"] = {c: [r[i] for r in rows] for i, c in enumerate(("enterprise_id", "date", "shift_id"))}
    return out


@pytest.mark.parametrize(
    ("pin", "code", "column"),
    [
        (("E1", "2026-10-18", ""), "pin_outside_calendar", "date"),  # a Sunday
        (("E1", "2026-11-11", ""), "pin_outside_calendar", "date"),  # closed by the case
        (("E1", "2026-12-01", ""), "pin_outside_calendar", "date"),  # after the horizon
        (("E3", "2026-11-05", ""), "pin_without_item", "date"),  # its one item ends before
        (("E1", "2026-10-15", ""), "pin_closed", "date"),  # closed date
        (("E1", "2026-10-17", ""), "pin_closed", "date"),  # closed weekday, though inspections are on
        (("E2", "2026-11-16", ""), "pin_closed", "date"),  # quiet for all
        (("E3", "2026-10-20", "PM"), None, None),
        (("E9", "2026-10-20", ""), "unknown_reference", "enterprise_id"),
        (("E1", "2026-10-20", "EVENING"), "unknown_reference", "shift_id"),
    ],
)
def test_a_single_pin_is_kept_or_reported(
    pin: tuple[str, str, str], code: str | None, column: str | None, tmp_path: Path
) -> None:
    folder = write_folder(tmp_path / "case", _pinned(pin))
    if code is None:
        assert read_case(folder).warnings == ()
        return
    assert (code, "pins", 2, column) in {(p.code, p.table, p.row, p.column) for p in problems_of(folder)}


def _codes(folder: Path) -> list[tuple[str, int | None]]:
    return [(p.code, p.row) for p in problems_of(folder) if p.table == "pins"]


def test_a_quiet_period_that_exempts_an_item_lets_its_pin_stand(tmp_path: Path) -> None:
    case = _pinned(("E3", "2026-10-27", ""))
    case["quiet"]["exempt_triggers"][2] = "case"
    assert read_case(write_folder(tmp_path / "case", case)).warnings == ()


def test_a_pin_in_a_shift_without_crews_is_reported(tmp_path: Path) -> None:
    case = _pinned(("E3", "2026-10-20", "PM"))
    case["crews"]["shift_id"][2] = "AM"
    assert _codes(write_folder(tmp_path / "case", case)) == [("pin_not_possible", 2)]


def test_two_pins_in_a_quarter_break_a_cap_of_one_door(tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "case", _pinned(("E1", "2026-10-20", ""), ("E1", "2026-10-22", "")))
    assert _codes(folder) == [("pin_breaks_cap", 3)]


def test_two_pins_within_the_cap_are_accepted(tmp_path: Path) -> None:
    c = config()
    c["cap"][0]["max_visits"] = 2
    folder = write_folder(tmp_path / "case", _pinned(("E1", "2026-10-20", ""), ("E1", "2026-10-22", "")), c)
    assert len(read_case(folder).snapshot.fixed_pins) == 2


def test_two_pins_nearer_than_the_least_gap_are_reported(tmp_path: Path) -> None:
    c = config()
    c["cap"][0]["max_visits"] = 2
    pins = _pinned(("E1", "2026-10-20", ""), ("E1", "2026-10-22", ""))
    for gap, found in ((2, []), (3, [("pin_breaks_gap", 3)])):
        c["visit"]["min_gap_days"] = gap
        folder = write_folder(tmp_path / f"case{gap}", pins, c)
        assert (_codes(folder) if found else list(read_case(folder).warnings)) == found


def test_a_pin_of_an_exempt_item_does_not_count_against_the_cap(tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "case", _pinned(("E2", "2026-10-20", ""), ("E2", "2026-10-22", "")))
    assert len(read_case(folder).snapshot.fixed_pins) == 2


def test_a_pin_after_history_used_up_the_cap_is_reported(tmp_path: Path) -> None:
    case = tables()
    case["history"]["date"] = ["2026-10-05", "2026-10-05", "2026-06-01"]
    assert ("pin_breaks_cap", 2) in _codes(write_folder(tmp_path / "case", case))


def test_a_pin_whose_only_authority_used_up_its_cap_is_reported(tmp_path: Path) -> None:
    c, case = config(), _pinned(("E1", "2026-11-25", ""))  # only the item of FIRE reaches so far
    c["cap"][1]["max_visits"] = 1
    assert _codes(write_folder(tmp_path / "case", case, c)) == [("pin_breaks_cap", 2)]


def test_more_pins_than_items_are_reported(tmp_path: Path) -> None:
    c = config()
    c["cap"] = [{"scope": "enterprise", "period": "quarter", "max_visits": 9}]
    folder = write_folder(tmp_path / "case", _pinned(("E3", "2026-10-20", ""), ("E3", "2026-10-22", "")), c)
    assert _codes(folder) == [("pin_without_item", 3)]


def test_a_pin_with_a_shift_keeps_the_one_without_on_the_same_date(tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "case", _pinned(("E3", "2026-10-20", ""), ("E3", "2026-10-20", "AM")))
    assert len(read_case(folder).snapshot.fixed_pins) == 2


def test_a_pin_twice_is_a_warning_and_kept_once(tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "case", _pinned(("E3", "2026-10-20", "AM"), ("E3", "2026-10-20", "AM")))
    read = read_case(folder)
    assert [(p.code, p.row) for p in read.warnings] == [("duplicate_row", 3)]
    assert len(read.snapshot.fixed_pins) == 1


@pytest.mark.parametrize(
    ("limits", "pins", "rows"),
    [
        ({"max_visits": 1}, (("E1", "2026-10-20", "AM"), ("E2", "2026-10-20", "PM")), []),
        ({"max_visits": 1}, (("E1", "2026-10-20", "AM"), ("E2", "2026-10-20", "AM")), [3]),
        ({"max_visits": 1}, (("E1", "2026-10-20", ""), ("E2", "2026-10-20", "AM")), []),
        ({"max_visits": 1}, (("E1", "2026-10-20", "AM"), ("E3", "2026-10-20", "AM")), []),  # another street
        ({"max_days": 1}, (("E1", "2026-10-20", "AM"), ("E2", "2026-10-20", "PM")), []),
        ({"max_days": 1}, (("E1", "2026-10-22", ""), ("E2", "2026-10-20", "")), [2]),
        ({"max_days": 1}, (("E1", "2026-10-20", ""), ("E2", "2026-11-05", "")), []),  # another month
        ({"max_days": 2}, (("E1", "2026-10-22", ""), ("E2", "2026-10-20", "")), []),
    ],
)
def test_pins_beyond_the_limits_of_their_street_are_reported(
    limits: dict[str, int], pins: tuple[tuple[str, str, str], ...], rows: list[int], tmp_path: Path
) -> None:
    folder = write_folder(tmp_path / "case", _pinned(*pins), config() | {"street": limits})
    if rows:
        assert _codes(folder) == [("pin_breaks_street_limit", row) for row in rows]
    else:
        assert len(read_case(folder).snapshot.fixed_pins) == 2


def test_a_third_pin_of_a_date_with_two_full_shifts_is_reported(tmp_path: Path) -> None:
    case = tables()
    for column, values in case["enterprises"].items():
        values.append({"enterprise_id": "E4", "usci": ""}.get(column, values[1]))
    for column, values in case["items"].items():
        values.append({"item_id": "I6", "enterprise_id": "E4"}.get(column, values[3]))
    case = _pinned(("E1", "2026-10-20", ""), ("E2", "2026-10-20", ""), ("E4", "2026-10-20", ""), case=case)
    folder = write_folder(tmp_path / "case", case, config() | {"street": {"max_visits": 1}})
    assert _codes(folder) == [("pin_breaks_street_limit", 4)]
