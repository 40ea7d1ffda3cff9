"""The workbook (XLSX) of a comparison: overview, comparison, edits, all figures, visits by week of every scenario."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import xlsxwriter
from xlsxwriter.utility import xl_col_to_name

from scenarios.comparison import Comparison, Mark, Metric
from scenarios.report.facts import facts_of, figures_of
from scenarios.report.week_sheets import write_week_sheets
from scenarios.report.wording import (
    BAD,
    DIRECTIONS,
    GOOD,
    GROUPS,
    MARKS,
    MEANINGS,
    NO_RANKING,
    NOTHING,
    PERCENT,
    SYMBOLS,
    label_of,
    mark_text,
    number_of,
    plain,
    title_of,
)
from scheduler.export.sheet_table import Cell, Column, Formats, Kind, clean, set_up_page, write_cell, write_table
from scheduler.texts import Lang, Text

_OVERVIEW, _COMPARISON = Text("概览", "Overview"), Text("对比", "Comparison")
_EDITS, _FIGURES = Text("各方案的修改", "Edits"), Text("全部数值", "All figures")
_TITLE = Text("情景方案对比", "Comparison of scenarios")
_MARKS_HEAD = Text("如何看“证据”一栏", "How to read the evidence")
_FIXED = (
    (Text("类别", "Group"), 16),
    (Text("指标", "Metric"), 34),
    (Text("方向", "Direction"), 14),
)
_OF_SCENARIO = ((Text("数值", "Value"), 11), (Text("与基准之差", "Difference"), 11), (Text("证据", "Evidence"), 22))
_HEAD_ROWS = 2
_EDIT_COLUMNS = (
    Column(header=Text("序号", "No."), width=8, kind="int"),
    Column(header=Text("方案", "Scenario"), width=36, kind="wrap"),
    Column(header=Text("代码", "Code"), width=18),
    Column(header=Text("种类", "Kind"), width=12),
    Column(header=Text("内容与触及范围", "What it says and touches"), width=90, kind="wrap"),
)
_EDIT, _NOTE, _SEEDS = Text("修改", "Edit"), Text("注意", "Note"), Text("种子", "Seeds")
_NO_EDIT = Text("不做修改", "changes nothing")
_FIGURE_COLUMNS = (
    Column(header=Text("指标代码", "Metric code"), width=22),
    Column(header=Text("指标", "Metric"), width=34, kind="wrap"),
    Column(header=Text("方案代码", "Scenario code"), width=18),
    Column(header=Text("方案", "Scenario"), width=36, kind="wrap"),
    *(
        Column(header=header, width=12, kind="general")
        for header in (
            Text("数值", "Value"), Text("最小", "Least"), Text("最大", "Greatest"), Text("下界", "Bound"),
            Text("与基准之差", "Difference"), Text("分子", "Numerator"), Text("分母", "Denominator"),
        )
    ),
    Column(header=Text("证据", "Evidence"), width=24),
)  # fmt: skip
_NUMBERS: tuple[Kind, ...] = ("int", "float", "fine")
_GOOD_LOOK = {"font_color": "#00507D", "bg_color": "#DCEBF7"}
_BAD_LOOK = {"font_color": "#8A3B00", "bg_color": "#FBE6D6"}
_PALE_LOOK = {"font_color": "#8B919A", "italic": True}


def write_workbook(path: Path, comparison: Comparison, lang: Lang, stamp: datetime) -> None:
    """Write the workbook; `stamp` is its date of creation, so equal input gives equal bytes."""
    with xlsxwriter.Workbook(str(path), {"strings_to_formulas": False, "strings_to_urls": False}) as book:
        book.set_properties({"title": clean(comparison.case_name), "created": stamp.replace(tzinfo=None)})
        formats = Formats(book)
        _write_overview(book, comparison, formats, lang)
        _write_comparison(book, comparison, formats, lang)
        write_table(book, _EDITS.say(lang), _EDIT_COLUMNS, _edit_rows(comparison, lang), formats, lang)
        write_table(book, _FIGURES.say(lang), _FIGURE_COLUMNS, _figure_rows(comparison, lang), formats, lang)
        write_week_sheets(book, comparison, formats, lang)


def _write_overview(book: Any, comparison: Comparison, formats: Formats, lang: Lang) -> None:
    sheet = book.add_worksheet(_OVERVIEW.say(lang))
    set_up_page(sheet, lang, wide=False)
    sheet.set_column(0, 0, 28)
    sheet.set_column(1, 1, 84)
    sheet.set_row(0, 34)
    sheet.write_string(0, 0, _TITLE.say(lang), formats.named("title"))
    sheet.write_string(1, 0, clean(comparison.case_name), formats.named("subtitle"))
    row = 3
    for fact in facts_of(comparison):
        write_cell(sheet, row, 0, plain(fact.name, lang), "text", formats, True)
        write_cell(sheet, row, 1, plain(fact.value, lang), "wrap", formats, False)
        row += 1
    row += 1
    for column, text in enumerate((_MARKS_HEAD.say(lang), "")):
        sheet.write_string(row, column, text, formats.named("section"))
    for mark in Mark:
        row += 1
        sheet.set_row(row, 34)
        write_cell(sheet, row, 0, f"{SYMBOLS[mark]} {MARKS[mark].say(lang)}".strip(), "text", formats, True)
        write_cell(sheet, row, 1, MEANINGS[mark].say(lang), "wrap", formats, False)
    sheet.set_row(row + 2, 34)
    sheet.merge_range(row + 2, 0, row + 2, 1, "", formats.named("note"))
    sheet.write_string(row + 2, 0, NO_RANKING.say(lang), formats.named("note"))


def _write_comparison(book: Any, comparison: Comparison, formats: Formats, lang: Lang) -> None:
    sheet = book.add_worksheet(_COMPARISON.say(lang))
    set_up_page(sheet, lang, wide=True)
    _write_heads(sheet, comparison, formats, lang)
    for row, metric in enumerate(comparison.metrics, _HEAD_ROWS):
        banded = list(GROUPS).index(metric.group) % 2 == 1
        cells, kinds = _comparison_row(comparison, metric, lang)
        for column, (value, kind) in enumerate(zip(cells, kinds, strict=True)):
            write_cell(sheet, row, column, value, kind, formats, banded)
    last = _HEAD_ROWS + len(comparison.metrics) - 1
    if last < _HEAD_ROWS:
        return
    # Filtered by group, metric and direction only: a filter above merged titles would hide half of them.
    sheet.autofilter(_HEAD_ROWS - 1, 0, last, len(_FIXED) - 1)
    looks = {name: book.add_format(look) for name, look in _looks().items()}
    for k in range(1, len(comparison.columns)):
        first = len(_FIXED) + 1 + len(_OF_SCENARIO) * (k - 1)
        _look_at_marks(sheet, first, last, looks, lang)


def _write_heads(sheet: Any, comparison: Comparison, formats: Formats, lang: Lang) -> None:
    header = formats.named("header")
    sheet.freeze_panes(_HEAD_ROWS, len(_FIXED) + 1)
    sheet.repeat_rows(0, _HEAD_ROWS - 1)
    sheet.repeat_columns(0, len(_FIXED))
    sheet.set_row(0, 48)
    for column, (text, width) in enumerate((*_FIXED, (_OF_SCENARIO[0][0], 12))):
        sheet.set_column(column, column, width)
        sheet.write_string(0, column, "", header)
        sheet.write_string(1, column, text.say(lang), header)
    for k, scenario in enumerate(comparison.columns):
        title = clean(title_of(comparison, scenario, lang))
        if not k:
            sheet.write_string(0, len(_FIXED), title, header)
            continue
        first = len(_FIXED) + 1 + len(_OF_SCENARIO) * (k - 1)
        sheet.merge_range(0, first, 0, first + len(_OF_SCENARIO) - 1, "", header)
        sheet.write_string(0, first, title, header)
        for column, (text, width) in enumerate(_OF_SCENARIO, first):
            sheet.set_column(column, column, width)
            sheet.write_string(1, column, text.say(lang), header)


def _comparison_row(comparison: Comparison, metric: Metric, lang: Lang) -> tuple[list[Cell], list[Kind]]:
    kind = kind_of(metric)
    base, *others = (comparison.cell(metric.name, c.name) for c in comparison.columns)
    cells: list[Cell] = [GROUPS[metric.group].say(lang), label_of(metric, lang), DIRECTIONS[metric.better].say(lang)]
    kinds: list[Kind] = ["text", "wrap", "text", kind]
    cells.append(NOTHING if base.value is None else base.value)
    for cell in others:
        cells += [NOTHING if v is None else v for v in (cell.value, cell.difference)]
        cells.append(mark_text(metric, cell, lang))
        kinds += [kind, kind, "text"]
    return cells, kinds


def kind_of(metric: Metric) -> Kind:
    """Return how the workbook shows a metric; a cell holds the whole figure, whatever is shown."""
    if metric.unit.en == PERCENT:
        return "percent" if metric.decimals < 2 else "fine_percent"
    return _NUMBERS[min(metric.decimals, 2)]


def _looks() -> dict[str, dict[str, Any]]:
    return {"good": _GOOD_LOOK, "bad": _BAD_LOOK, "pale": _PALE_LOOK}


def _look_at_marks(sheet: Any, first: int, last: int, looks: dict[str, Any], lang: Lang) -> None:
    """Give value, difference and mark of a scenario the look of the mark, which a reader may change by hand."""
    mark = f"${xl_col_to_name(first + 2)}{_HEAD_ROWS + 1}"
    for name, criteria in (
        ("pale", f'=LEFT({mark},1)="{SYMBOLS[Mark.NO_EVIDENCE]}"'),
        ("good", f'=ISNUMBER(SEARCH("{GOOD.say(lang)}",{mark}))'),
        ("bad", f'=ISNUMBER(SEARCH("{BAD.say(lang)}",{mark}))'),
    ):
        look = {"type": "formula", "criteria": criteria, "format": looks[name]}
        sheet.conditional_format(_HEAD_ROWS, first, last, first + 2, look)


def _edit_rows(comparison: Comparison, lang: Lang) -> Iterator[tuple[object, Sequence[Cell]]]:
    for column in comparison.columns:
        number, title = number_of(comparison, column.name), plain(column.title, lang)
        lines = [(_EDIT, plain(edit, lang)) for edit in column.edits] or [(_EDIT, _NO_EDIT.say(lang))]
        lines += [(_NOTE, plain(note, lang)) for note in column.notes]
        lines.append((_SEEDS, ", ".join(map(str, column.seeds))))
        for kind, text in lines:
            yield column.name, (number, title, column.name, kind.say(lang), text)


def _figure_rows(comparison: Comparison, lang: Lang) -> Iterator[tuple[object, Sequence[Cell]]]:
    for figure in figures_of(comparison):
        metric, column, cell = figure.metric, figure.column, figure.cell
        yield (
            metric.name,
            (
                metric.name, label_of(metric, lang), column.name, title_of(comparison, column, lang),
                cell.value, cell.least, cell.greatest, cell.bound, cell.difference, *(cell.of or (None, None)),
                mark_text(metric, cell, lang),
            ),
        )  # fmt: skip
