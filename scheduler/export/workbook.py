"""The workbook (XLSX) that a street office sends round: overview, four tables, before and after, delay."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import xlsxwriter

from scheduler.domain.schedule import TERMS
from scheduler.export.before_after import (
    before_after_figures,
    before_after_header,
    before_after_note,
    before_after_rows,
)
from scheduler.export.delay_rows import delay_cells, delay_header, delay_of, delay_sentence
from scheduler.export.plan_view import PlanView
from scheduler.export.sheet_table import Cell, Formats, Kind, clean, set_up_page, write_cell, write_table
from scheduler.export.sheets import (
    AUTHORITY_COLUMNS,
    DAY_COLUMNS,
    ENTERPRISE_COLUMNS,
    UNSERVED_COLUMNS,
    authority_rows,
    day_rows,
    enterprise_rows,
    unserved_rows,
)
from scheduler.export.summary import before_after_of
from scheduler.export.wording import TERM_NAMES, day_text, status_text
from scheduler.texts import Lang, Text

LARGE = 20_000
"""Stops and items above which the workbook is streamed to disk row by row, in constant memory."""

_OVERVIEW = Text("概览", "Overview")
_BY_DAY = Text("按日按街道", "By day and street")
_BY_ENTERPRISE = Text("按企业", "By enterprise")
_BY_AUTHORITY = Text("按部门", "By authority")
_UNSERVED = Text("未安排", "Unserved")
_BEFORE_AFTER = Text("前后对比", "Before and after")
_DELAY = Text("延误模拟", "Delay")
_NO_COMPARISON = Text("本次未计算前后对比。", "The comparison was not worked out in this run.")
_TERM_HEADER = (
    Text("指标（按先后次序优化）", "Term (in order of tiers)"),
    Text("结果", "Value"),
    Text("已证明的下界", "Proven lower bound"),
    Text("差距", "Gap"),
)


def write_workbook(path: Path, view: PlanView, summary: Mapping[str, Any], *, lang: Lang, stamp: datetime) -> None:
    """Write the workbook; `stamp` is its date of creation, so equal input gives equal bytes."""
    size = len(view.snapshot.items) + sum(len(c.stops) for c in view.schedule.crew_shifts)
    with xlsxwriter.Workbook(str(path), {"constant_memory": size > LARGE, "strings_to_formulas": False}) as book:
        # Properties hold no zone: the stamp's own clock is shown.
        book.set_properties({"title": clean(view.snapshot.name), "created": stamp.replace(tzinfo=None)})
        formats = Formats(book)
        _write_overview(book, view, summary, formats, lang)
        write_table(book, _BY_DAY.say(lang), DAY_COLUMNS, day_rows(view, lang), formats, lang)
        write_table(book, _BY_ENTERPRISE.say(lang), ENTERPRISE_COLUMNS, enterprise_rows(view, lang), formats, lang)
        write_table(book, _BY_AUTHORITY.say(lang), AUTHORITY_COLUMNS, authority_rows(view, lang), formats, lang)
        write_table(book, _UNSERVED.say(lang), UNSERVED_COLUMNS, unserved_rows(view, lang), formats, lang)
        _write_before_after(book, summary, formats, lang)
        _write_delay(book, summary, formats, lang)


def _write_overview(book: Any, view: PlanView, summary: Mapping[str, Any], formats: Formats, lang: Lang) -> None:
    sheet = book.add_worksheet(_OVERVIEW.say(lang))
    set_up_page(sheet, lang, wide=False)
    sheet.set_column(0, 0, 34)
    sheet.set_column(1, 3, 20)
    sheet.set_row(0, 34)
    sheet.write_string(0, 0, clean(view.snapshot.name), formats.named("title"))
    subtitle = Text("涉企联合检查排程（综合查一次）", "Joint enterprise inspections: one combined visit")
    sheet.write_string(1, 0, subtitle.say(lang), formats.named("subtitle"))
    row = _section(sheet, 3, Text("基本情况", "At a glance"), formats, lang)
    for name, value in _facts(view, summary, lang):
        write_cell(sheet, row, 0, name.say(lang), "text", formats, True)
        sheet.merge_range(row, 1, row, 3, "", formats.cell("text", False))
        write_cell(sheet, row, 1, value, "text", formats, False)
        row += 1
    row = _section(sheet, row + 1, Text("目标与证明", "Objective and proof"), formats, lang)
    row = _write_lines(
        sheet, row, _TERM_HEADER, _term_rows(summary, lang), ("text", "int", "int", "percent"), formats, lang
    )
    row = _section(sheet, row + 1, _BEFORE_AFTER, formats, lang)
    _write_comparison(sheet, row, summary, formats, lang)


def _facts(view: PlanView, summary: Mapping[str, Any], lang: Lang) -> list[tuple[Text, Cell]]:
    calendar, visits = view.snapshot.calendar, view.schedule.visits
    span = Text("{a} 至 {b}", "{a} to {b}").say(lang, a=day_text(calendar.start, lang), b=day_text(calendar.end, lang))
    left = len(view.schedule.unserved)
    return [
        (Text("检查周期", "Period"), span),
        (Text("街道（个）", "Streets"), len(view.snapshot.streets)),
        (Text("部门（个）", "Authorities"), len(view.snapshot.authorities)),
        (Text("入检企业（家）", "Enterprises visited"), len({v.enterprise_id for v in visits})),
        (Text("入企次数", "Visits"), len(visits)),
        (Text("其中多部门联合", "of them by several authorities"), sum(len(v.authority_ids) > 1 for v in visits)),
        (Text("计划检查事项（项）", "Planned items"), len(view.snapshot.items)),
        (Text("已安排（项）", "Items served"), sum(len(v.item_ids) for v in visits)),
        (Text("未安排（项）", "Items unserved"), left),
        (Text("求解状态", "Status"), status_text(str(summary.get("status", "")), lang)),
    ]


def _term_rows(summary: Mapping[str, Any], lang: Lang) -> list[tuple[Cell, ...]]:
    terms, bounds, gaps = (_figures(summary, name) for name in ("terms", "bounds", "gap"))
    return [(TERM_NAMES[t].say(lang), terms.get(t), bounds.get(t, "–"), gaps.get(t, "–")) for t in TERMS]


def _figures(summary: Mapping[str, Any], name: str) -> dict[str, float]:
    # A summary may be another writer's: what is no figure by term is passed over.
    found = summary.get(name)
    if not isinstance(found, Mapping):
        return {}
    return {t: v for t, v in found.items() if isinstance(v, int | float) and not isinstance(v, bool)}


def _section(sheet: Any, row: int, name: Text, formats: Formats, lang: Lang) -> int:
    sheet.set_row(row, 24)
    for column in range(4):
        sheet.write_string(row, column, name.say(lang) if column == 0 else "", formats.named("section"))
    return row + 1


def _write_lines(
    sheet: Any,
    row: int,
    header: Sequence[Text | str],
    rows: Sequence[Sequence[Cell]],
    kinds: Sequence[Kind],
    formats: Formats,
    lang: Lang,
) -> int:
    for column, name in enumerate(header):
        text = name.say(lang) if isinstance(name, Text) else name
        sheet.write_string(row, column, text, formats.named("header"))
    for cells in rows:
        row += 1
        for column, (value, kind) in enumerate(zip(cells, kinds, strict=True)):
            write_cell(sheet, row, column, value, kind, formats, False)
    return row + 1


def _write_comparison(sheet: Any, row: int, summary: Mapping[str, Any], formats: Formats, lang: Lang) -> None:
    before_after = before_after_of(summary)
    if before_after is None:
        sheet.write_string(row, 0, _NO_COMPARISON.say(lang), formats.named("subtitle"))
        return
    rows = [
        (name, before, after, "–" if change is None else change)
        for (name, *_), (before, after, change) in zip(
            before_after_rows(before_after, lang), before_after_figures(before_after), strict=True
        )
    ]
    row = _write_lines(
        sheet, row, before_after_header(lang), rows, ("text", "figure", "figure", "percent"), formats, lang
    )
    sheet.set_row(row, 62)
    sheet.merge_range(row, 0, row, 3, "", formats.named("note"))
    sheet.write_string(row, 0, before_after_note(before_after, lang), formats.named("note"))


def _write_before_after(book: Any, summary: Mapping[str, Any], formats: Formats, lang: Lang) -> None:
    sheet = book.add_worksheet(_BEFORE_AFTER.say(lang))
    set_up_page(sheet, lang, wide=False)
    sheet.freeze_panes(1, 0)
    sheet.set_column(0, 0, 34)
    sheet.set_column(1, 3, 20)
    _write_comparison(sheet, 0, summary, formats, lang)


def _write_delay(book: Any, summary: Mapping[str, Any], formats: Formats, lang: Lang) -> None:
    """Write how the schedule fares in simulation, where its summary says so."""
    figures = delay_of(summary)
    if figures is None:
        return
    sheet = book.add_worksheet(_DELAY.say(lang))
    set_up_page(sheet, lang, wide=False)
    sheet.freeze_panes(1, 0)
    sheet.set_column(0, 0, 44)
    sheet.set_column(1, 4, 14)
    for column, name in enumerate(delay_header(lang)):
        sheet.write_string(0, column, name, formats.named("header"))
    row = 1
    for cells, kinds in delay_cells(figures, lang):
        for column, (value, kind) in enumerate(zip(cells, kinds, strict=True)):
            write_cell(sheet, row, column, "–" if value is None else value, kind, formats, False)
        row += 1
    sheet.set_row(row, 48)
    sheet.merge_range(row, 0, row, 4, "", formats.named("note"))
    sheet.write_string(row, 0, delay_sentence(summary, lang) or "", formats.named("note"))
