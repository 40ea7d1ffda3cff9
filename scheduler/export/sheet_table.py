"""One table on one worksheet: headers, typed cells, widths, filter, frozen header and print set-up."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal
from unicodedata import east_asian_width

from scheduler.texts import Lang, Text

Cell = str | int | float | None
Kind = Literal["text", "wrap", "int", "float", "fine", "day", "clock", "percent", "fine_percent", "figure", "general"]
"""How a cell is shown: ``fine`` and ``fine_percent`` have a second decimal, ``day`` is a day number, ``clock`` minutes
after midnight, ``percent`` a fraction, ``figure`` a whole number or one with a decimal as it comes, ``general``
a number with as many decimals as it has."""

MAX_ROWS = 1_000_000
"""Rows of a table on one worksheet; Excel has 1,048,576, a longer table goes on in a further worksheet."""

FONT = "Microsoft YaHei"
_LINE_PT = 14  # height of a line of 10 point text
_INK, _LINE, _HEAD, _BAND = "#1F2937", "#D1D5DB", "#1F4E79", "#EEF4FA"
_MAX_CELL = 32_767  # characters that Excel holds in a cell; xlsxwriter drops longer texts silently
_EXCEL_DAY_0 = 693_594  # date(1899, 12, 30).toordinal()
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_NUM_FORMATS: dict[Kind, str] = {
    "int": "#,##0",
    "float": "#,##0.0",
    "fine": "#,##0.00",
    "day": "yyyy-mm-dd",
    "clock": "hh:mm",
    "percent": "0.0%",
    "fine_percent": "0.00%",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A column: header in both languages, width in characters, kind of its cells."""

    header: Text
    width: int
    kind: Kind = "text"


class Formats:
    """Cell formats of a workbook, made once each (a workbook with a format a cell does not open)."""

    def __init__(self, book: Any) -> None:
        self._book = book
        self._made: dict[tuple[str, bool], Any] = {}

    def cell(self, kind: Kind, banded: bool) -> Any:
        """Return the format of a table cell."""
        key = (kind, banded)
        if key not in self._made:
            style: dict[str, Any] = {"font_name": FONT, "font_size": 10, "font_color": _INK, "valign": "vcenter"}
            style |= {"border": 1, "border_color": _LINE, "text_wrap": kind == "wrap"}
            style["align"] = "left" if kind in ("text", "wrap") else "center"
            style["indent"] = 1 if kind in ("text", "wrap") else 0
            if kind in _NUM_FORMATS:
                style["num_format"] = _NUM_FORMATS[kind]
            if banded:
                style["bg_color"] = _BAND
            self._made[key] = self._book.add_format(style)
        return self._made[key]

    def named(self, name: Literal["header", "title", "subtitle", "section", "note"]) -> Any:
        """Return the format of a header or a line of text outside tables."""
        styles: dict[str, dict[str, Any]] = {
            "header": {"bold": True, "font_color": "#FFFFFF", "bg_color": _HEAD, "border": 1, "border_color": _LINE}
            | {"align": "center", "valign": "vcenter", "text_wrap": True, "font_size": 10},
            "title": {"bold": True, "font_size": 18, "font_color": _HEAD, "valign": "vcenter"},
            "subtitle": {"font_size": 11, "font_color": "#4B5563", "valign": "vcenter"},
            "section": {"bold": True, "font_size": 12, "font_color": _HEAD, "bottom": 2, "bottom_color": _HEAD},
            "note": {"font_size": 9, "font_color": "#4B5563", "text_wrap": True, "valign": "top"},
        }
        key = (name, False)
        if key not in self._made:
            self._made[key] = self._book.add_format({"font_name": FONT, **styles[name]})
        return self._made[key]


def clean(text: str) -> str:
    """Return a text that XML and a cell of Excel can hold."""
    text = _NOT_XML.sub("\ufffd", text)
    return text if len(text) <= _MAX_CELL else text[: _MAX_CELL - 1] + "…"


def write_cell(sheet: Any, row: int, column: int, value: Cell, kind: Kind, formats: Formats, banded: bool) -> None:
    """Write a typed cell. Text is always written as text: ``=1+1`` in a name is no formula."""
    if kind == "figure":
        kind = "int" if isinstance(value, int) else "float"
    style = formats.cell(kind, banded)
    if value is None or value == "":
        sheet.write_blank(row, column, None, style)
    elif isinstance(value, str):
        sheet.write_string(row, column, clean(value), style)
    elif kind == "day":
        sheet.write_number(row, column, value - _EXCEL_DAY_0, style)
    elif kind == "clock":
        sheet.write_number(row, column, value / 1440, style)
    else:
        sheet.write_number(row, column, value, style)


def write_table(
    book: Any,
    name: str,
    columns: Sequence[Column],
    rows: Iterable[tuple[object, Sequence[Cell]]],
    formats: Formats,
    lang: Lang,
) -> None:
    """Write a table to a worksheet of its own.

    Rows come as (group, cells): the background changes with the group, so that a joint day or an enterprise is seen
    as one block.
    """
    sheet, row = _new_sheet(book, name, columns, formats, lang), 0
    pages, last, banded = 1, None, True
    for group, cells in rows:
        if row == MAX_ROWS:
            sheet.autofilter(0, 0, row, len(columns) - 1)
            pages += 1
            sheet, row = _new_sheet(book, f"{name} {pages}", columns, formats, lang), 0
        row += 1
        banded = banded if group == last and row > 1 else not banded
        last = group
        # Programs fit row heights only when a cell is edited, so the height is set here.
        sheet.set_row(row, _LINE_PT * _num_lines(columns, cells) + 4)
        for position, (column, value) in enumerate(zip(columns, cells, strict=True)):
            write_cell(sheet, row, position, value, column.kind, formats, banded)
    sheet.autofilter(0, 0, max(row, 1), len(columns) - 1)


def _num_lines(columns: Sequence[Column], cells: Sequence[Cell]) -> int:
    longest = 1
    for column, value in zip(columns, cells, strict=True):
        if column.kind == "wrap" and isinstance(value, str):
            room = column.width - 3
            longest = max(longest, sum(max(1, -(-_width(line) // room)) for line in value.split("\n")))
    return min(longest, 25)  # a row is at most 409 points high


def _width(text: str) -> int:
    return sum(2 if east_asian_width(character) in "WF" else 1 for character in text)


def _new_sheet(book: Any, name: str, columns: Sequence[Column], formats: Formats, lang: Lang) -> Any:
    sheet = book.add_worksheet(name)
    set_up_page(sheet, lang, wide=True)
    sheet.freeze_panes(1, 0)
    sheet.repeat_rows(0)
    sheet.set_row(0, 30)
    for position, column in enumerate(columns):
        sheet.set_column(position, position, column.width)
        sheet.write_string(0, position, column.header.say(lang), formats.named("header"))
    return sheet


def set_up_page(sheet: Any, lang: Lang, *, wide: bool) -> None:
    """Print with page numbers, one page wide: a wide table on A3 across, else on A4 upright."""
    sheet.hide_gridlines(2)
    if wide:
        sheet.set_landscape()
    else:
        sheet.set_default_row(18)
    sheet.set_paper(8 if wide else 9)
    sheet.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.6)
    sheet.fit_to_pages(1, 0)
    sheet.set_footer("&C" + Text("第 &P 页，共 &N 页", "Page &P of &N").say(lang))
