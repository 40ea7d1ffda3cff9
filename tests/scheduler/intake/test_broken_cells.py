"""Broken cells and columns: each is reported at its table, row and column, and nothing else stops the report."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from scheduler.errors import Severity
from scheduler.intake.columns import TABLES, Kind
from scheduler.intake.problems import CATALOGUE
from scheduler.intake.read import read_case
from tests.scheduler.intake.small_case import Tables, problems_of, tables, write_folder

WRONG = {
    Kind.NUMBER: [("abc", "bad_number"), ("nan", "bad_number"), ("inf", "bad_number"), ("1e999", "bad_number")],
    Kind.WHOLE: [("abc", "bad_whole_number"), ("1.5", "bad_whole_number"), ("inf", "bad_whole_number")],
    Kind.DATE: [("2026-13-01", "bad_date"), ("soon", "bad_date"), ("0026-10-12", "bad_date"), ("9999999", "bad_date")],
    Kind.CLOCK: [("25:00", "bad_clock"), ("9点", "bad_clock"), ("12:60", "bad_clock")],
    Kind.DATES: [("2026-10-15;2026-02-30", "bad_date")],
    Kind.WEEKDAYS: [("0", "bad_weekday"), ("8", "bad_weekday"), ("Mon", "bad_weekday")],
    Kind.FLAG: [("2", "bad_flag"), ("maybe", "bad_flag")],
    Kind.CHOICE: [("nonsense", "unknown_value")],
    Kind.LETTER: [("E", "unknown_value")],
    Kind.CODE: [("91110000600037341M", "bad_usci"), ("123", "bad_usci"), ("!!!!", "bad_usci")],
    Kind.RULE: [
        ("weekly:1", "bad_rule"),
        ("monthly:0-3", "bad_rule"),
        ("monthly:9-3", "bad_rule"),
        ("monthly:1-32", "bad_rule"),
        ("2026-11-20..2026-11-01", "bad_rule"),
        ("2026-11-20", "bad_rule"),
        ("..", "bad_rule"),
    ],
    Kind.TRIGGERS: [("case;nonsense", "unknown_value")],
    Kind.IDENT: [("a;b", "bad_id"), ("a\tb", "bad_id")],
}
REQUIRED = [(t.name, c.name) for t in TABLES.values() for c in t.columns if c.required]
WRONG_CELLS = [
    (t.name, c.name, text, code) for t in TABLES.values() for c in t.columns for text, code in WRONG.get(c.kind, ())
]


def _ranges() -> Iterator[tuple[str, str, str]]:
    for table in TABLES.values():
        for column in table.columns:
            if column.low is not None and column.high is not None:
                yield table.name, column.name, str(int(column.low) - 1)
                yield table.name, column.name, str(int(column.high) + 1)


REFERENCES = [
    ("enterprises", "street_id"),
    ("crews", "authority_id"),
    ("crews", "area_id"),
    ("crews", "shift_id"),
    ("items", "authority_id"),
    ("items", "enterprise_id"),
    ("history", "authority_id"),
    ("pins", "enterprise_id"),
    ("pins", "shift_id"),
]


def check_reported(folder: Path, code: str, table: str, row: int | None, column: str | None) -> None:
    """Assert that the case is refused (or warned of) with this problem at this place, in words of both languages."""
    if CATALOGUE[code].severity is Severity.ERROR:
        problems = problems_of(folder)
    else:
        problems = read_case(folder).warnings
    found = [p for p in problems if (p.code, p.table, p.row, p.column) == (code, table, row, column)]
    assert found, [(p.code, p.table, p.row, p.column) for p in problems]
    assert all(found[0].expected), found[0]


def _with(case: Tables, table: str, column: str, row: int, text: str) -> Tables:
    cells = case[table]
    cells[column][row - 2] = text
    return case


@pytest.mark.parametrize(("table", "column"), REQUIRED)
def test_a_missing_column_is_named(table: str, column: str, tmp_path: Path) -> None:
    case = tables()
    del case[table][column]
    check_reported(write_folder(tmp_path / "case", case), "missing_column", table, 1, column)


@pytest.mark.parametrize(("table", "column"), REQUIRED)
def test_an_empty_required_cell_is_named(table: str, column: str, tmp_path: Path) -> None:
    case = _with(tables(), table, column, 3, "  ")
    check_reported(write_folder(tmp_path / "case", case), "missing_value", table, 3, column)


@pytest.mark.parametrize(("table", "column", "text", "code"), WRONG_CELLS)
def test_a_cell_of_the_wrong_kind_is_named(table: str, column: str, text: str, code: str, tmp_path: Path) -> None:
    case = _with(tables(), table, column, 3, text)
    check_reported(write_folder(tmp_path / "case", case), code, table, 3, column)


@pytest.mark.parametrize(("table", "column", "text"), list(_ranges()))
def test_a_number_just_out_of_range_is_named(table: str, column: str, text: str, tmp_path: Path) -> None:
    case = _with(tables(), table, column, 2, text)
    check_reported(write_folder(tmp_path / "case", case), "out_of_range", table, 2, column)


@pytest.mark.parametrize(("table", "column"), REFERENCES)
def test_a_dangling_reference_is_named(table: str, column: str, tmp_path: Path) -> None:
    case = _with(tables(), table, column, 3, "NOWHERE")
    check_reported(write_folder(tmp_path / "case", case), "unknown_reference", table, 3, column)


@pytest.mark.parametrize("table", ["streets", "authorities", "enterprises", "items"])
def test_a_duplicate_identifier_is_named_with_its_first_row(table: str, tmp_path: Path) -> None:
    case, column = tables(), TABLES[table].columns[0].name
    case[table][column][1] = case[table][column][0]
    folder = write_folder(tmp_path / "case", case)
    check_reported(folder, "duplicate_id", table, 3, column)
    found = next(p for p in problems_of(folder) if p.code == "duplicate_id")
    assert "2" in found.hint[1]


@pytest.mark.parametrize("table", list(TABLES))
def test_two_headers_for_one_column_are_named(table: str, tmp_path: Path) -> None:
    case = tables()
    column = next(c for c in TABLES[table].columns if c.aliases)
    case[table][column.aliases[0]] = case[table][column.name]
    check_reported(write_folder(tmp_path / "case", case), "duplicate_column", table, 1, column.name)


@pytest.mark.parametrize("table", list(TABLES))
def test_an_unknown_column_is_a_warning(table: str, tmp_path: Path) -> None:
    case = tables()
    case[table]["remark"] = ["x"] * len(next(iter(case[table].values())))
    check_reported(write_folder(tmp_path / "case", case), "unknown_column", table, 1, "remark")


@pytest.mark.parametrize(
    ("table", "column", "row", "text", "code", "at"),
    [
        ("items", "latest", 2, "2026-10-11", "window_reversed", "latest"),
        ("items", "priority", 2, "urgent", "unknown_value", "priority"),
        ("items", "duration_min", 2, "115", "no_shift_fits", "duration_min"),
        ("items", "crews", 2, "5", "too_many_officers", "crews"),
        ("items", "earliest", 3, "2026-11-20", None, None),
        ("crews", "to", 3, "2026-10-11", "dates_reversed", "to"),
        ("enterprises", "open_to", 2, "08:30", "hours_reversed", "open_to"),
        ("enterprises", "lon", 3, "22.5440", "far_from_street", "lon"),
        ("streets", "street_id", 3, "*", "bad_id", "street_id"),
        ("streets", "district_id", 3, "*", "bad_id", "district_id"),
        ("authorities", "authority_id", 3, "*", "bad_id", "authority_id"),
        ("streets", "district_id", 3, "S1", "ambiguous_area", "area_id"),
        ("history", "enterprise_id", 3, "GONE", "history_not_used", "enterprise_id"),
        ("history", "date", 4, "2026-12-01", "history_after_horizon", "date"),
        ("history", "date", 3, "2026-03-06", "visit_on_two_dates", "date"),
        ("quiet", "id", 3, "", "missing_target", "id"),
        ("quiet", "id", 3, "mining", "unused_target", "id"),
        ("quiet", "id", 4, "S9", "unknown_reference", "id"),
        ("quiet", "id", 5, "E9", "unknown_reference", "id"),
        ("quiet", "id", 6, "Z", "unknown_value", "id"),
        ("quiet", "id", 6, "D", "unused_target", "id"),
    ],
)
def test_a_contradiction_between_cells_is_named(
    table: str, column: str, row: int, text: str, code: str | None, at: str | None, tmp_path: Path
) -> None:
    folder = write_folder(tmp_path / "case", _with(tables(), table, column, row, text))
    if code is None:
        assert read_case(folder).warnings == ()
        return
    place = ("crews", 2) if code == "ambiguous_area" else (table, row)
    check_reported(folder, code, place[0], place[1], at)


def test_a_window_outside_the_horizon_is_a_warning_and_the_item_stays(tmp_path: Path) -> None:
    case = _with(_with(tables(), "items", "earliest", 2, "2027-01-01"), "items", "latest", 2, "2027-02-01")
    del case["pins"]
    folder = write_folder(tmp_path / "case", case)
    check_reported(folder, "window_outside", "items", 2, "earliest")
    assert len(read_case(folder).snapshot.items) == 5


def test_a_window_without_an_inspection_date_is_a_warning(tmp_path: Path) -> None:
    case = _with(_with(tables(), "items", "earliest", 4, "2026-11-11"), "items", "latest", 4, "2026-11-11")
    check_reported(write_folder(tmp_path / "case", case), "no_date_in_window", "items", 4, "latest")


def test_the_longest_item_that_a_shift_holds_is_no_warning(tmp_path: Path) -> None:
    case = _with(tables(), "items", "duration_min", 2, "110")  # with 10 minutes of overhead just the longest visit
    assert read_case(write_folder(tmp_path / "case", case)).warnings == ()


def test_items_without_any_crew_are_one_warning_for_a_street(tmp_path: Path) -> None:
    case = tables()
    case["crews"] = {c: v[:2] for c, v in case["crews"].items()}
    case["items"]["priority"][1] = "high"
    del case["pins"]
    read = read_case(write_folder(tmp_path / "case", case))
    assert [(p.code, p.value) for p in read.warnings] == [("no_crews", "MKT @ S1"), ("no_crews", "MKT @ S2")]


@pytest.mark.parametrize(("table", "column"), [("crews", "area_id"), ("quiet", "rule"), ("pins", "enterprise_id")])
def test_a_row_twice_is_a_warning(table: str, column: str, tmp_path: Path) -> None:
    case = tables()
    for texts in case[table].values():
        texts.append(texts[0])
    last = len(case[table][column]) + 1
    check_reported(write_folder(tmp_path / "case", case), "duplicate_row", table, last, column)


def test_the_same_item_twice_is_a_warning(tmp_path: Path) -> None:
    case = tables()
    for texts in case["items"].values():
        texts.append(texts[0])
    case["items"]["item_id"][-1] = "I1-again"
    check_reported(write_folder(tmp_path / "case", case), "duplicate_row", "items", 7, "item_code")


def test_two_enterprises_with_one_credit_code_are_a_warning(tmp_path: Path) -> None:
    case = _with(tables(), "enterprises", "usci", 3, "91110000600037341L")
    check_reported(write_folder(tmp_path / "case", case), "duplicate_usci", "enterprises", 3, "usci")


def test_every_problem_is_reported_at_once(tmp_path: Path) -> None:
    case = tables()
    case["items"]["duration_min"][0] = "0"
    case["items"]["enterprise_id"][1] = "E9"
    case["streets"]["lat"][0] = "north"
    case["crews"]["crews"][2] = "-1"
    case["pins"]["date"][0] = "2026-10-18"
    found = {(p.code, p.table, p.row) for p in problems_of(write_folder(tmp_path / "case", case))}
    assert {
        ("out_of_range", "items", 2),
        ("unknown_reference", "items", 3),
        ("bad_number", "streets", 2),
        ("out_of_range", "crews", 4),
        ("pin_outside_calendar", "pins", 2),
    } <= found


def test_rows_are_counted_as_a_spreadsheet_shows_them(tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "case")
    path = folder / "items.csv"
    lines = path.read_text(encoding="utf-8").splitlines()
    lines.insert(2, "")
    lines[4] = lines[4].replace(",20,", ",zero,")
    path.write_text("\n".join(lines), encoding="utf-8")
    check_reported(folder, "bad_whole_number", "items", 5, "duration_min")
