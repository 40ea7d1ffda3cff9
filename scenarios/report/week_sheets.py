"""Visits by street and week as worksheets, one a scenario, with the difference to the base beside them."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
from numpy.typing import NDArray

from scenarios.comparison import Comparison
from scenarios.report.heat_map import WeekGrid, week_grid
from scenarios.report.wording import one_line, title_of
from scheduler.export.sheet_table import FONT, Formats, clean, set_up_page, write_cell
from scheduler.texts import Lang, Text

_STREET, _ALL = Text("街道", "Street"), Text("合计", "All")
_VISITS = Text("每周入企次数（标周一日期）：{name}", "Visits by week (labelled by its Monday): {name}")
_CHANGES = Text("与基准之差", "Difference to the base")
_NOT_IN_NAMES = re.compile(r"[\[\]:*?/\\']")
_MAX_NAME = 31  # characters of a worksheet's name, counted in UTF-16
_HEAD_ROWS = 2
_EXCEL_DAY_0 = 693_594  # date(1899, 12, 30).toordinal()
_WHITE, _MANY, _MORE, _LESS = "#FFFFFF", "#2171B5", "#E08214", "#8073AC"


def write_week_sheets(book: Any, comparison: Comparison, formats: Formats, lang: Lang) -> None:
    """Write a worksheet for the base and for every scenario; none where no scenario has a visit."""
    grid = week_grid(comparison)
    if not grid.weeks:
        return
    head = {"font_name": FONT, "bold": True, "font_size": 9, "align": "center", "valign": "vcenter", "border": 1}
    monday = book.add_format(head | {"num_format": "mm-dd", "bg_color": "#EEF4FA", "border_color": "#D1D5DB"})
    tables = [grid.counts(column) for column in comparison.columns]
    most = max(int(table.max(initial=0)) for table in tables)
    for k, column in enumerate(comparison.columns):
        title = title_of(comparison, column, lang)
        sheet = book.add_worksheet(sheet_name(k, title))
        set_up_page(sheet, lang, wide=True)
        sheet.freeze_panes(_HEAD_ROWS, 1)
        sheet.repeat_rows(0, _HEAD_ROWS - 1)
        sheet.set_row(0, 30)
        sheet.set_column(0, 0, 28)
        sheet.write_string(0, 0, clean(_VISITS.say(lang, name=title)), formats.named("subtitle"))
        sheet.write_string(1, 0, _STREET.say(lang), formats.named("header"))
        for row, (_, street) in enumerate(grid.streets, _HEAD_ROWS):
            write_cell(sheet, row, 0, one_line(street), "text", formats, False)
        last = _write_weeks(sheet, grid, tables[k], 1, (formats, monday), lang)
        rows = _HEAD_ROWS + len(grid.streets) - 1
        scale = {"type": "2_color_scale", "min_type": "num", "min_value": 0, "min_color": _WHITE}
        scale |= {"max_type": "num", "max_value": max(most, 1), "max_color": _MANY}
        sheet.conditional_format(_HEAD_ROWS, 1, rows, last - 1, scale)
        if k:
            _write_changes(sheet, grid, tables[k] - tables[0], last + 2, (formats, monday), lang)


def sheet_name(number: int, title: str) -> str:
    """Return a worksheet's name that Excel takes: the number keeps names apart."""
    name = f"{number:02d} {_NOT_IN_NAMES.sub(' ', clean(title.removeprefix(f'{number} ')))}"
    while len(name.encode("utf-16-le")) > 2 * _MAX_NAME:
        name = name[:-1]
    return name.rstrip()


def _write_changes(
    sheet: Any, grid: WeekGrid, changes: NDArray[np.int64], first: int, looks: tuple[Formats, Any], lang: Lang
) -> None:
    sheet.set_column(first - 1, first - 1, 3)
    sheet.write_string(0, first, _CHANGES.say(lang), looks[0].named("subtitle"))
    last = _write_weeks(sheet, grid, changes, first, looks, lang)
    most = max(int(np.abs(changes).max(initial=0)), 1)
    scale: dict[str, Any] = {"type": "3_color_scale", "min_type": "num", "mid_type": "num", "max_type": "num"}
    scale |= {"min_value": -most, "mid_value": 0, "max_value": most}
    scale |= {"min_color": _LESS, "mid_color": _WHITE, "max_color": _MORE}
    sheet.conditional_format(_HEAD_ROWS, first, _HEAD_ROWS + len(grid.streets) - 1, last - 1, scale)


def _write_weeks(
    sheet: Any, grid: WeekGrid, table: NDArray[np.int64], first: int, looks: tuple[Formats, Any], lang: Lang
) -> int:
    """Write a table of numbers with its sums from a column on and return the column of the sums."""
    formats, monday = looks
    last = first + len(grid.weeks)
    sheet.set_column(first, last - 1, 6.5)
    sheet.set_column(last, last, 8)
    for column, week in enumerate(grid.weeks, first):
        sheet.write_number(1, column, week - _EXCEL_DAY_0, monday)
    sheet.write_string(1, last, _ALL.say(lang), formats.named("header"))
    for row, visits in enumerate(table.tolist(), _HEAD_ROWS):
        for column, value in enumerate((*visits, sum(visits)), first):
            write_cell(sheet, row, column, value, "int", formats, column == last)
    return last
