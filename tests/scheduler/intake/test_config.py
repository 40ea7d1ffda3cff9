"""case.toml: every key at fault is named, in a file and in the sheets of a workbook."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, time
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter

from scheduler.domain.schedule import TERMS
from scheduler.errors import Severity
from scheduler.intake.problems import CATALOGUE
from scheduler.intake.read import read_case
from tests.scheduler.intake.small_case import CONFIG, config, problems_of, write_folder, write_workbook

Config = dict[str, Any]


def _set(section: str, key: str, value: Any) -> Callable[[Config], None]:
    def change(c: Config) -> None:
        c.setdefault(section, {})[key] = value

    return change


def _row(section: str, number: int, key: str, value: Any) -> Callable[[Config], None]:
    def change(c: Config) -> None:
        c[section][number - 1][key] = value

    return change


def _drop(*path: str) -> Callable[[Config], None]:
    def change(c: Config) -> None:
        inner = c
        for key in path[:-1]:
            inner = inner[int(key) - 1] if key.isdigit() else inner[key]
        del inner[path[-1]]

    return change


def _top(key: str, value: Any) -> Callable[[Config], None]:
    def change(c: Config) -> None:
        c[key] = value

    return change


CHANGES: list[tuple[str, str, Callable[[Config], None]]] = [
    ("unknown_value", "format", _top("format", "onevisit-case/2")),
    ("wrong_type", "name", _top("name", 7)),
    ("missing_key", "name", _drop("name")),
    ("missing_key", "horizon", _drop("horizon")),
    ("missing_key", "horizon.start", _drop("horizon", "start")),
    ("missing_key", "horizon.end", _drop("horizon", "end")),
    ("bad_date", "horizon.start", _set("horizon", "start", "tomorrow")),
    ("bad_date", "horizon.start", _set("horizon", "start", 7)),
    ("bad_date", "horizon.closed[1]", _set("horizon", "closed", ["2026-02-30"])),
    ("wrong_type", "horizon.closed", _set("horizon", "closed", "2026-11-11")),
    ("horizon_reversed", "horizon.end", _set("horizon", "end", date(2026, 10, 11))),
    ("out_of_range", "horizon.end", _set("horizon", "end", date(2099, 10, 11))),
    ("unknown_value", "horizon.calendar", _set("horizon", "calendar", "US")),
    ("unknown_key", "horizon.ende", _set("horizon", "ende", 1)),
    ("date_outside_horizon", "horizon.open", _set("horizon", "open", [date(2026, 12, 5)])),
    ("missing_key", "shift", _drop("shift")),
    ("wrong_type", "shift", _top("shift", {"id": "AM"})),
    ("missing_key", "shift[1].id", _drop("shift", "1", "id")),
    ("missing_key", "shift[2].end", _drop("shift", "2", "end")),
    ("bad_clock", "shift[1].start", _row("shift", 1, "start", "9am")),
    ("bad_clock", "shift[1].start", _row("shift", 1, "start", 9)),
    ("shift_reversed", "shift[1].end", _row("shift", 1, "end", "09:00")),
    ("shift_overlap", "shift[2].start", _row("shift", 2, "start", "11:59")),
    ("duplicate_id", "shift[2].id", _row("shift", 2, "id", "AM")),
    ("bad_id", "shift[1].id", _row("shift", 1, "id", "A;M")),
    ("unknown_key", "shift[1].name", _row("shift", 1, "name", "morning")),
    ("out_of_range", "visit.overhead_min", _set("visit", "overhead_min", -1)),
    ("wrong_type", "visit.overhead_min", _set("visit", "overhead_min", "10")),
    ("wrong_type", "visit.overhead_min", _set("visit", "overhead_min", 1.5)),
    ("wrong_type", "visit.start_together", _set("visit", "start_together", 1)),
    ("out_of_range", "visit.stretch_min", _set("visit", "stretch_min", 1441)),
    ("out_of_range", "visit.max_officers_on_site", _set("visit", "max_officers_on_site", -2)),
    ("out_of_range", "visit.max_authorities", _set("visit", "max_authorities", -1)),
    ("wrong_type", "visit.max_authorities", _set("visit", "max_authorities", "3")),
    ("wrong_type", "visit.max_visit_min", _set("visit", "max_visit_min", True)),
    ("unknown_key", "visit.overhead", _set("visit", "overhead", 10)),
    ("out_of_range", "travel.speed_kmh", _set("travel", "speed_kmh", 0)),
    ("wrong_type", "travel.speed_kmh", _set("travel", "speed_kmh", float("nan"))),
    ("wrong_type", "travel.detour", _set("travel", "detour", float("inf"))),
    ("out_of_range", "travel.detour", _set("travel", "detour", 0.9)),
    ("out_of_range", "travel.stop_min", _set("travel", "stop_min", -1)),
    ("out_of_range", "travel.buffer_min", _set("travel", "buffer_min", -1)),
    ("out_of_range", "travel.buffer_min", _set("travel", "buffer_min", 10**400)),
    ("wrong_type", "travel", _top("travel", 7)),
    ("out_of_range", "street.max_days", _set("street", "max_days", -1)),
    ("wrong_type", "street.max_visits", _set("street", "max_visits", 2.5)),
    ("unknown_key", "street.max_doors", _set("street", "max_doors", 9)),
    ("wrong_type", "street", _top("street", 7)),
    ("bad_tiers", "objective.tiers", _top("objective", {"tiers": ["doors", "unserved_weight", *TERMS[2:]]})),
    ("bad_tiers", "objective.tiers", _top("objective", {"tiers": list(TERMS[:4])})),
    ("bad_tiers", "objective.tiers", _top("objective", {"tiers": [*TERMS[:4], "doors"]})),
    ("wrong_type", "objective.tiers", _top("objective", {"tiers": "doors"})),
    ("unknown_key", "objective.order", _top("objective", {"order": []})),
    ("unknown_value", "cap[1].scope", _row("cap", 1, "scope", "street")),
    ("unknown_value", "cap[1].period", _row("cap", 1, "period", "week")),
    ("missing_key", "cap[1].period", _drop("cap", "1", "period")),
    ("out_of_range", "cap[1].max_visits", _row("cap", 1, "max_visits", -1)),
    ("missing_key", "cap[2].max_visits", _drop("cap", "2", "max_visits")),
    ("unknown_reference", "cap[2].authority", _row("cap", 2, "authority", "TAX")),
    ("unknown_value", "cap[2].credit_class", _row("cap", 2, "credit_class", "AAA")),
    ("ignored_key", "cap[1].authority", _row("cap", 1, "authority", "FIRE")),
    ("missing_key", "priority", _drop("priority")),
    ("missing_key", "priority", _top("priority", {})),
    ("wrong_type", "priority.high", _set("priority", "high", "ten")),
    ("out_of_range", "priority.high", _set("priority", "high", -10)),
    ("unknown_value", "coordinates.datum", _set("coordinates", "datum", "BD-09")),
    ("unknown_key", "colour", _top("colour", "red")),
]


@pytest.mark.parametrize(("code", "key", "change"), CHANGES)
def test_a_key_at_fault_is_named(code: str, key: str, change: Callable[[Config], None], tmp_path: Path) -> None:
    c = config()
    change(c)
    folder = write_folder(tmp_path / "case", None, c)
    stops = CATALOGUE[code].severity is Severity.ERROR
    problems = problems_of(folder) if stops else read_case(folder).warnings
    assert (code, key) in {(p.code, p.column) for p in problems if p.table == "case"}, problems


def test_a_year_without_known_working_days_is_refused_by_name(tmp_path: Path) -> None:
    c = config()
    c["horizon"] |= {"calendar": "CN", "end": date(2027, 1, 31)}
    found = [p for p in problems_of(write_folder(tmp_path / "case", None, c)) if p.code == "unknown_year"]
    assert [(p.column, p.value) for p in found] == [("horizon.calendar", "2027")]
    assert "2027" in found[0].hint[0]
    assert "2027" in found[0].hint[1]


def test_a_horizon_without_inspection_dates_is_a_warning(tmp_path: Path) -> None:
    c = config()
    c["horizon"] |= {"start": date(2026, 10, 24), "end": date(2026, 10, 25), "closed": [], "open": []}
    folder = write_folder(tmp_path / "case", None, c)
    for name in ("pins.csv", "preferred_pins.csv"):
        (folder / name).unlink()
    assert "no_inspection_dates" in {p.code for p in read_case(folder).warnings}


def test_defaults_stand_for_absent_sections(tmp_path: Path) -> None:
    c = config()
    for section in ("visit", "travel", "street", "cap"):
        del c[section]
    policy = read_case(write_folder(tmp_path / "case", None, c)).snapshot.policy
    assert (policy.visit.overhead_min, policy.travel.speed_kmh, policy.caps) == (10, 20.0, ())
    assert (policy.street.max_days, policy.street.max_visits) == (None, None)


def test_times_of_toml_are_accepted_for_shifts(tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "case")
    path = folder / "case.toml"
    path.write_text(path.read_text(encoding="utf-8").replace('"09:00"', "09:00:00"), encoding="utf-8")
    assert read_case(folder).snapshot.calendar.shifts[0].start_min == 540
    assert time(9).isoformat() == "09:00:00"


def test_shifts_that_touch_do_not_overlap(tmp_path: Path) -> None:
    c = config()
    c["shift"][1]["start"] = "12:00"
    assert len(read_case(write_folder(tmp_path / "case", None, c)).snapshot.calendar.shifts) == 2


@pytest.mark.parametrize(
    ("sheet", "row", "column", "value", "code", "key"),
    [
        ("case", 3, 1, "tomorrow", "bad_date", "horizon.start"),
        ("case", 8, 1, "many", "wrong_type", "visit.overhead_min"),
        ("shifts", 1, 1, "9am", "bad_clock", "shift[1].start"),
        ("caps", 1, 2, "one", "wrong_type", "cap[1].max_visits"),
        ("caps", 1, 0, "city", "unknown_value", "cap[1].scope"),
    ],
)
def test_a_cell_of_the_configuration_sheets_is_named(
    sheet: str, row: int, column: int, value: str, code: str, key: str, tmp_path: Path
) -> None:
    def change(book: xlsxwriter.Workbook) -> None:
        book.get_worksheet_by_name(sheet).write_string(row, column, value)

    found = problems_of(write_workbook(tmp_path / "case.xlsx", touch=change))
    assert (code, key) in {(p.code, p.column) for p in found}, found


def test_a_key_twice_in_the_configuration_sheet_is_named(tmp_path: Path) -> None:
    def again(book: xlsxwriter.Workbook) -> None:
        book.get_worksheet_by_name("case").write_row(40, 0, ["name", "again"])

    found = problems_of(write_workbook(tmp_path / "case.xlsx", touch=again))
    assert [(p.row, p.column) for p in found if p.code == "duplicate_id"] == [(41, "name")]


def test_chinese_keys_of_the_configuration_sheet_are_read(tmp_path: Path) -> None:
    from scheduler.intake.config_sheets import KEY_ALIASES

    chinese = {v: k for k, v in KEY_ALIASES.items()}

    def translate(book: xlsxwriter.Workbook) -> None:
        sheet = book.get_worksheet_by_name("case")
        keys = ["key"] + [
            f"{k}.{inner}" if inner else k
            for k, v in CONFIG.items()
            if not isinstance(v, list)
            for inner in (v if isinstance(v, dict) else [None])
        ]
        for i, key in enumerate(keys):
            sheet.write_string(i, 0, chinese.get(key, key))

    path = write_workbook(tmp_path / "chinese.xlsx", touch=translate)
    plain = write_workbook(tmp_path / "plain.xlsx")
    assert read_case(path).snapshot.digest() == read_case(plain).snapshot.digest()
