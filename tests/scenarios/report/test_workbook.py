from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from openpyxl.utils import get_column_letter

from scenarios.report.week_sheets import sheet_name
from scenarios.report.wording import MEANINGS, mark_text
from scenarios.report.workbook import write_workbook
from scheduler.texts import Lang
from tests.scenarios.report.sample import HOSTILE, METRICS, MONDAY, STAMP, sample_comparison

COMPARISON = sample_comparison(25, 6, 4)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("workbook")


@pytest.fixture(scope="module")
def book(folder: Path) -> Any:
    write_workbook(folder / "zh.xlsx", COMPARISON, "zh", STAMP)
    return openpyxl.load_workbook(folder / "zh.xlsx")


def rows_of(sheet: Any) -> list[tuple[Any, ...]]:
    return list(sheet.iter_rows(values_only=True))


def test_sheets_are_overview_comparison_edits_figures_and_one_a_scenario(book: Any) -> None:
    assert book.sheetnames[:5] == ["概览", "对比", "各方案的修改", "全部数值", "00 基准方案"]
    assert len(book.sheetnames) == 4 + 26
    assert all(len(name) <= 31 for name in book.sheetnames)


def test_equal_input_gives_equal_bytes(folder: Path) -> None:
    small = sample_comparison(2, 2, 2)
    for name in ("a", "b"):
        write_workbook(folder / f"{name}.xlsx", small, "en", STAMP)
    assert (folder / "a.xlsx").read_bytes() == (folder / "b.xlsx").read_bytes()


def test_overview_says_what_was_compared_and_what_marks_mean(book: Any) -> None:
    texts = {str(cell) for row in rows_of(book["概览"]) for cell in row if cell is not None}
    assert {COMPARISON.case_name, COMPARISON.case_digest, "20000", "onevisit 0.1.0、ortools 9.15"} <= texts
    assert {meaning.zh for meaning in MEANINGS.values()} <= texts


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_comparison_holds_every_figure_as_a_number_with_its_mark(lang: Lang, folder: Path) -> None:
    write_workbook(folder / f"figures-{lang}.xlsx", COMPARISON, lang, STAMP)
    rows = rows_of(openpyxl.load_workbook(folder / f"figures-{lang}.xlsx").worksheets[1])[2:]
    assert len(rows) == len(METRICS)
    for metric, row in zip(METRICS, rows, strict=True):
        base = COMPARISON.cell(metric.name, "base").value
        assert row[3] == base
        for k, column in enumerate(COMPARISON.columns[1:]):
            cell = COMPARISON.cell(metric.name, column.name)
            value, difference, mark = row[4 + 3 * k : 7 + 3 * k]
            assert value == ("–" if cell.value is None else pytest.approx(cell.value))
            assert difference == ("–" if cell.difference is None else pytest.approx(cell.difference))
            assert mark == mark_text(metric, cell, lang)


def test_comparison_is_frozen_filtered_and_marks_have_a_look(book: Any) -> None:
    sheet = book["对比"]
    assert sheet.freeze_panes == "E3"
    assert sheet.auto_filter.ref == "A2:C12"
    rules = [rule for ranges in sheet.conditional_formatting for rule in ranges.rules]
    assert len(rules) == 3 * 25
    assert sheet["E1"].value.startswith("1 ")


def test_rates_are_fractions_shown_in_per_cent(book: Any) -> None:
    names = [METRICS[k].name for k in range(len(METRICS))]
    cell = book["对比"].cell(3 + names.index("joint_rate"), 4)
    assert cell.value == pytest.approx(0.62)
    assert cell.number_format == "0.0%"


def test_edits_notes_and_seeds_of_every_scenario_are_told(book: Any) -> None:
    rows = rows_of(book["各方案的修改"])[1:]
    for column in COMPARISON.columns:
        of_it = [row[4] for row in rows if row[2] == column.name]
        expected = [t.zh for t in (*column.edits, *column.notes)] or ["不做修改"]
        assert of_it == [*expected, "1, 2, 3"]


def test_all_figures_hold_bounds_spread_and_parts_of_rates(book: Any) -> None:
    header, *rows = rows_of(book["全部数值"])
    assert len(rows) == len(METRICS) * len(COMPARISON.columns)
    found = {(row[0], row[2]): dict(zip(header, row, strict=True)) for row in rows}
    cell = COMPARISON.cell("doors", "s01")
    row = found["doors", "s01"]
    assert (row["数值"], row["最小"], row["最大"], row["下界"], row["与基准之差"]) == pytest.approx(
        (cell.value, cell.least, cell.greatest, cell.bound, cell.difference)
    )
    assert (found["joint_rate", "base"]["分子"], found["joint_rate", "base"]["分母"]) == (620, 1000)
    assert found["joint_rate", "s04"]["数值"] is None


def test_weeks_of_a_scenario_are_numbers_with_sums_and_differences_beside_them(book: Any) -> None:
    base, column = COMPARISON.columns[0], COMPARISON.columns[3]
    sheet = book.worksheets[4 + 3]
    head, *rows = rows_of(sheet)[1:]
    assert [day.toordinal() for day in head[1:5]] == [MONDAY + 7 * w for w in range(4)]
    assert isinstance(head[1], datetime)
    assert head[1].date() == date(2026, 10, 5)
    for (street_id, name), row in zip(COMPARISON.streets, rows, strict=True):
        counts = [column.weeks.get((street_id, MONDAY + 7 * w), 0) for w in range(4)]
        change = [n - base.weeks.get((street_id, MONDAY + 7 * w), 0) for w, n in enumerate(counts)]
        assert row == (name, *counts, sum(counts), None, *change, sum(change))
    assert sheet.freeze_panes == "B3"
    assert {rule.type for ranges in sheet.conditional_formatting for rule in ranges.rules} == {"colorScale"}


def test_texts_of_users_are_never_formulas_nor_links(book: Any) -> None:
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    assert not [cell for cell in cells if cell.data_type == "f" or cell.hyperlink]
    assert [cell for cell in cells if cell.value == HOSTILE.zh]


def test_looks_follow_the_evidence_of_their_own_scenario(book: Any) -> None:
    for ranges in book["对比"].conditional_formatting:
        (cells,) = ranges.sqref.ranges
        assert cells.min_col % 3 == 5 % 3
        assert cells.max_col == cells.min_col + 2
        assert all(f"${get_column_letter(cells.max_col)}3" in rule.formula[0] for rule in ranges.rules)
        heads = [book["对比"].cell(2, column).value for column in range(cells.min_col, cells.max_col + 1)]
        assert heads == ["数值", "与基准之差", "证据"]


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("3 a[b]:c*?/\\'", "03 a b  c"),
        ("3 " + "😀" * 20, "03 " + "😀" * 14),
        ("基准", "00 基准"),
    ],
)
def test_names_of_worksheets_are_those_that_a_spreadsheet_takes(title: str, name: str) -> None:
    assert sheet_name(3 if title.startswith("3") else 0, title) == name


def test_a_comparison_of_nothing_makes_a_workbook(folder: Path) -> None:
    none = sample_comparison(0, 0, 0)
    write_workbook(folder / "none.xlsx", none, "en", STAMP)
    assert openpyxl.load_workbook(folder / "none.xlsx").sheetnames == ["Overview", "Comparison", "Edits", "All figures"]
