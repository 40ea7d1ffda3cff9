"""Broken workbooks: merged cells, formulas without a value, lost digits, damaged and crafted files."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest
import xlsxwriter

from scheduler.intake import excel_safety
from scheduler.intake.columns import TABLES
from scheduler.intake.read import read_case
from tests.scheduler.intake.small_case import problems_of, tables, write_workbook

NAMES = list(TABLES)


def _found(path: Path, code: str, table: str) -> list[tuple[int | None, str | None]]:
    return [(p.row, p.column) for p in problems_of(path) if (p.code, p.table) == (code, table)]


@pytest.mark.parametrize("name", NAMES)
def test_merged_cells_are_placed(name: str, tmp_path: Path) -> None:
    first = TABLES[name].columns[0].name

    def merge(book: xlsxwriter.Workbook) -> None:
        book.get_worksheet_by_name(name).merge_range(1, 0, 2, 0, "merged")

    path = write_workbook(tmp_path / "case.xlsx", touch=merge)
    assert _found(path, "merged_cells", name) == [(2, first)]


@pytest.mark.parametrize("name", NAMES)
def test_a_formula_without_a_value_is_placed(name: str, tmp_path: Path) -> None:
    path = write_workbook(tmp_path / "case.xlsx")
    book = openpyxl.load_workbook(path)
    book[name]["A3"] = "=CONCATENATE(A2,1)"
    book.save(path)
    assert _found(path, "formula_without_value", name) == [(3, TABLES[name].columns[0].name)]


@pytest.mark.parametrize("name", NAMES)
def test_an_error_value_is_placed(name: str, tmp_path: Path) -> None:
    def fail(book: xlsxwriter.Workbook) -> None:
        book.get_worksheet_by_name(name).write_formula(1, 1, "=1/0", None, "#DIV/0!")

    path = write_workbook(tmp_path / "case.xlsx", touch=fail)
    assert _found(path, "error_value", name) == [(2, TABLES[name].columns[1].name)]


@pytest.mark.parametrize("name", NAMES)
def test_an_empty_sheet_is_named(name: str, tmp_path: Path) -> None:
    case = tables()
    del case[name]
    path = write_workbook(tmp_path / "case.xlsx", case, touch=lambda book: book.add_worksheet(name))
    assert _found(path, "empty_file", name) == [(None, None)]


@pytest.mark.parametrize("name", [t.name for t in TABLES.values() if t.required])
def test_a_missing_sheet_is_named(name: str, tmp_path: Path) -> None:
    case = tables()
    del case[name]
    assert _found(write_workbook(tmp_path / "case.xlsx", case), "missing_file", name) == [(None, None)]


def test_a_formula_with_a_value_is_read(tmp_path: Path) -> None:
    def compute(book: xlsxwriter.Workbook) -> None:
        sheet = book.get_worksheet_by_name("items")
        sheet.write_formula(1, 3, "=10*3", None, 30)
        sheet.write_formula(4, 11, '=""', None, "")

    path = write_workbook(tmp_path / "case.xlsx", touch=compute)
    # Excel marks an empty text as a text; xlsxwriter does not
    path.write_bytes(_rezip(path.read_bytes(), lambda n, c: c.replace(b'<c r="L5">', b'<c r="L5" t="str">')))
    assert read_case(path).snapshot.digest() == read_case(write_workbook(tmp_path / "plain.xlsx")).snapshot.digest()


def test_an_identifier_that_lost_digits_is_placed(tmp_path: Path) -> None:
    def number(book: xlsxwriter.Workbook) -> None:
        book.get_worksheet_by_name("enterprises").write_number(2, 5, 911100006000373417)

    path = write_workbook(tmp_path / "case.xlsx", touch=number)
    assert _found(path, "digits_lost", "enterprises") == [(3, "usci")]


def test_a_date_with_a_time_is_placed(tmp_path: Path) -> None:
    def date_and_time(book: xlsxwriter.Workbook) -> None:
        book.get_worksheet_by_name("items").write_number(1, 4, 46307.4)

    path = write_workbook(tmp_path / "case.xlsx", touch=date_and_time)
    assert _found(path, "bad_date", "items") == [(2, "earliest")]


def test_rows_of_a_sheet_that_begins_lower_down_are_counted_as_shown(tmp_path: Path) -> None:
    path = write_workbook(tmp_path / "case.xlsx")
    book = openpyxl.load_workbook(path)
    book["items"].insert_rows(1, 2)
    book["items"]["D5"] = "long"
    book.save(path)
    assert _found(path, "bad_whole_number", "items") == [(5, "duration_min")]


@pytest.mark.parametrize("sheet", ["case", "shifts", "caps"])
def test_a_formula_without_a_value_in_the_configuration_is_placed(sheet: str, tmp_path: Path) -> None:
    path = write_workbook(tmp_path / "case.xlsx")
    book = openpyxl.load_workbook(path)
    book[sheet]["B2"] = "=1+1"
    book.save(path)
    assert [row for row, _ in _found(path, "formula_without_value", sheet)] == [2]


def _without(part: str) -> Callable[[bytes], bytes]:
    def rewrite(data: bytes) -> bytes:
        return _rezip(data, lambda name, content: None if name == part else content)

    return rewrite


def _rezip(data: bytes, change: Callable[[str, bytes], bytes | None]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for part in old.namelist():
            content = change(part, old.read(part))
            if content is not None:
                new.writestr(part, content)
    return out.getvalue()


def _broken_xml(data: bytes) -> bytes:
    return _rezip(data, lambda n, c: c[: len(c) // 2] if n.startswith("xl/worksheets/") else c)


def _entities(data: bytes) -> bytes:
    bomb = b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">]><workbook>&a;</workbook>'
    return _rezip(data, lambda n, c: bomb if n == "xl/workbook.xml" else c)


@pytest.mark.parametrize(
    "damage",
    [
        lambda data: b"",
        lambda data: b"hello",
        lambda data: data[: len(data) // 2],
        lambda data: data[:-30],
        lambda data: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600),
        lambda data: data[:3000] + bytes(200) + data[3200:],
        _without("xl/workbook.xml"),
        _without("xl/_rels/workbook.xml.rels"),
        _without("xl/sharedStrings.xml"),
        _without("[Content_Types].xml"),
        _broken_xml,
        _entities,
    ],
)
def test_a_damaged_workbook_is_reported(damage: Callable[[bytes], bytes], tmp_path: Path) -> None:
    path = write_workbook(tmp_path / "case.xlsx")
    path.write_bytes(damage(path.read_bytes()))
    try:
        read_case(path)
    except Exception:
        assert problems_of(path)


@pytest.mark.parametrize("name", ["plan.xlsx", "items.xlsx"])
def test_a_file_that_is_no_workbook_is_named(name: str, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(b"%PDF-1.7")
    found = [p for p in problems_of(tmp_path / name) if p.code == "bad_workbook"]
    assert [p.table for p in found] == ["items" if name == "items.xlsx" else name]


@pytest.mark.parametrize("name", ["plan.xls", "plan.ods", "items.xls"])
def test_other_spreadsheets_are_refused_with_a_hint(name: str, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(b"\xd0\xcf\x11\xe0")
    found = [p for p in problems_of(tmp_path) if p.code == "bad_workbook"]
    assert "xlsx" in found[0].hint[1]


def test_a_workbook_that_unpacks_too_large_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write_workbook(tmp_path / "case.xlsx")
    monkeypatch.setattr(excel_safety, "MAX_UNPACKED", 1000)
    assert [(p.code, p.table) for p in problems_of(path)] == [("too_large", "case.xlsx")]


def test_one_cell_in_the_last_corner_is_refused(tmp_path: Path) -> None:
    def corner(book: xlsxwriter.Workbook) -> None:
        book.get_worksheet_by_name("items").write_string(1_048_575, 16_383, "x")

    path = write_workbook(tmp_path / "case.xlsx", touch=corner)
    assert _found(path, "too_large", "items") == [(None, None)]


@pytest.mark.parametrize("place", [b'r="XFD1048576"', b"r='xfd1048576'", b'r = "A999999999"'])
def test_a_far_cell_in_a_near_row_is_refused(place: bytes, tmp_path: Path) -> None:
    path = write_workbook(tmp_path / "case.xlsx")
    sheet = f"xl/worksheets/sheet{4 + NAMES.index('items')}.xml"
    crafted = _rezip(
        path.read_bytes(),
        lambda n, c: re.sub(rb'r="B2"', place, c, count=1) if n == sheet else c,
    )
    path.write_bytes(crafted)
    assert _found(path, "too_large", "items") == [(None, None)]
