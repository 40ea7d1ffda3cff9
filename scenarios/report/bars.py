"""A metric by scenario as bars: the base's line, the spread of seeds, the proven bound, the evidence in words."""

from __future__ import annotations

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from scenarios.comparison import Cell, Comparison, Mark, Metric
from scenarios.report import canvas
from scenarios.report.canvas import Chart
from scenarios.report.wording import (
    BAD,
    DIRECTIONS,
    NOTHING,
    PERCENT,
    difference_text,
    label_of,
    mark_text,
    plain,
    spread_text,
    title_of,
    value_text,
    verdict,
)
from scheduler.texts import Lang, Text

_WIDTH, _ROW, _TOP, _BOTTOM = 11.0, 0.36, 0.95, 0.85  # inches
_LEFT, _RIGHT = 3.0, 7.1  # of the bars
_VALUE, _DIFFERENCE, _MARK = 7.9, 8.95, 9.1  # right ends of two columns of figures, left end of the words
_HEADS = (Text("数值", "Value"), Text("与基准之差", "Difference"), Text("证据", "Evidence"))
_READING = (
    Text("虚线：基准", "dashed line: base"),
    Text("须线：各随机种子的最小与最大", "whisker: least and greatest over seeds"),
    Text("粗竖线：已证明的下界", "thick tick: proven lower bound"),
    Text("浅色：无证据表明有差异", "pale: no evidence of a difference"),
)
_COLOURS = (
    Text("蓝：更好，橙红：更差，灰：基准或相同", "blue: better, vermilion: worse, grey: base or equal"),
    Text("紫：有差异，无好坏之分；灰：基准或相同", "purple: different, neither better nor worse; grey: base or equal"),
)
_ALT = Text(
    "{metric}，每个方案一条横条，基准为 {base}，各方案从 {low} 到 {high}。数值见对比表。",
    "{metric}: a bar for each scenario; the base is {base}, the scenarios go from {low} to {high}. The table of "
    "comparison has the figures.",
)


def bars(comparison: Comparison, metric: Metric, lang: Lang) -> Chart:
    """Return the bars of a metric, in the order of the table: nothing is ranked."""
    columns = comparison.columns
    cells = [comparison.cell(metric.name, c.name) for c in columns]
    height = _TOP + _ROW * len(columns) + _BOTTOM
    figure = Figure(figsize=(_WIDTH, height), facecolor="white")
    sheet = figure.add_axes((0, 0, 1, 1))
    sheet.set(xlim=(0, _WIDTH), ylim=(height, 0))
    sheet.axis("off")
    ax = figure.add_axes(
        (_LEFT / _WIDTH, _BOTTOM / height, (_RIGHT - _LEFT) / _WIDTH, (height - _TOP - _BOTTOM) / height)
    )
    ax.set_ylim(len(columns) - 0.5, -0.5)
    ax.set_yticks([])
    canvas.bare(ax, "left")
    _draw_bars(ax, metric, cells)
    _write_rows(sheet, comparison, metric, cells, lang)
    _write_frame(sheet, metric, cells, height, lang)
    return Chart(
        name=f"bars-{file_part(metric.name)}",
        title=Text(label_of(metric, "zh"), label_of(metric, "en")),
        alt=Text(_alt(metric, cells, "zh"), _alt(metric, cells, "en")),
        lang=lang,
        figure=figure,
    )


def file_part(name: str) -> str:
    """Return a name of a metric or scenario as part of a file's name."""
    return "".join(c if c.isascii() and (c.isalnum() or c == "_") else "-" for c in name)[:40]


def _draw_bars(ax: Axes, metric: Metric, cells: list[Cell]) -> None:
    unit = 100.0 if metric.unit.en == PERCENT else 1.0
    ends = [v * unit for c in cells for v in (c.value, c.least, c.greatest, c.bound) if v is not None]
    low, high = min([0.0, *ends]), max([0.0, *ends])
    high = high if high > low else low + 1
    canvas.scale(ax, low, low + (high - low) * 1.03, unit="%" if metric.unit.en == PERCENT else "")
    ax.grid(axis="x", color=canvas.LINE, linewidth=0.6)
    for row, cell in enumerate(cells):
        if cell.value is None:
            continue
        ax.barh(row, cell.value * unit, height=0.62, color=_colour(metric, cell, row == 0), linewidth=0)
        if cell.least is not None and cell.greatest is not None and cell.least < cell.greatest:
            ends_of = [cell.least * unit, cell.greatest * unit]
            ax.plot(ends_of, [row, row], color=canvas.INK, linewidth=1, marker="|", markersize=6, clip_on=False)
        if cell.bound is not None:
            ax.plot([cell.bound * unit] * 2, [row - 0.4, row + 0.4], color="black", linewidth=2.4, clip_on=False)
    base = cells[0].value
    if base is not None:
        ax.axvline(base * unit, color=canvas.BASE, linewidth=1, linestyle=(0, (4, 3)))


def _colour(metric: Metric, cell: Cell, base: bool) -> str:
    if base:
        return canvas.BASE
    if cell.mark is Mark.NO_EVIDENCE:
        return canvas.PALE
    if cell.mark in (Mark.EQUAL, Mark.BASE):
        return canvas.EQUAL
    found = verdict(metric, cell)
    return canvas.NEITHER if found is None else canvas.WORSE if found is BAD else canvas.BETTER


def _write_rows(sheet: Axes, comparison: Comparison, metric: Metric, cells: list[Cell], lang: Lang) -> None:
    for row, (column, cell) in enumerate(zip(comparison.columns, cells, strict=True)):
        y = _TOP + _ROW * (row + 0.5)
        title = canvas.wrapped(title_of(comparison, column, lang), 40)
        canvas.write(sheet, _LEFT - 0.1, y, title, 8, ha="right", va="center", linespacing=1.2)
        canvas.write(sheet, _VALUE, y, value_text(metric, cell.value), 8.5, ha="right", va="center")
        if row == 0:
            canvas.write(sheet, _MARK, y, mark_text(metric, cell, lang), 8, va="center", color=canvas.MUTED)
            continue
        canvas.write(
            sheet, _DIFFERENCE, y, difference_text(metric, cell.difference, lang), 8.5, ha="right", va="center"
        )
        words = canvas.wrapped(mark_text(metric, cell, lang), 24)
        canvas.write(sheet, _MARK, y, words, 8, va="center", linespacing=1.2)


def _write_frame(sheet: Axes, metric: Metric, cells: list[Cell], height: float, lang: Lang) -> None:
    canvas.write(sheet, 0.15, 0.3, canvas.wrapped(label_of(metric, lang), 80, 1), 13, va="center")
    canvas.write(sheet, 0.15, 0.58, DIRECTIONS[metric.better].say(lang), 9, va="center", color=canvas.MUTED)
    for text, x, side in zip(_HEADS, (_VALUE, _DIFFERENCE, _MARK), ("right", "right", "left"), strict=True):
        canvas.write(sheet, x, _TOP - 0.13, text.say(lang), 8, ha=side, va="center", color=canvas.MUTED)
    base = cells[0]
    if base.value is not None:
        seeds = spread_text(metric, base)
        line = Text("基准 {v}", "base {v}").say(lang, v=value_text(metric, base.value))
        line += Text("（各种子 {s}）", " (seeds {s})").say(lang, s=seeds) if seeds else ""
        canvas.write(sheet, _LEFT, _TOP - 0.13, line, 8, va="center", color=canvas.MUTED)
    directionless = any(verdict(metric, c) is None and c.mark in (Mark.PROVEN, Mark.MEASURED) for c in cells)
    colours = _COLOURS[1 if directionless else 0]
    seen = (
        base.value is not None,
        any(spread_text(metric, c) for c in cells),
        any(c.bound is not None for c in cells),
        any(c.mark is Mark.NO_EVIDENCE for c in cells),
    )
    told = [text.say(lang) for text, shown in zip(_READING, seen, strict=True) if shown]
    gap = "；" if lang == "zh" else "; "
    canvas.write(sheet, 0.15, height - 0.36, gap.join(told), 7.5, color=canvas.MUTED)
    canvas.write(sheet, 0.15, height - 0.16, colours.say(lang), 7.5, color=canvas.MUTED)


def _alt(metric: Metric, cells: list[Cell], lang: Lang) -> str:
    values = [c.value for c in cells if c.value is not None]
    low, high = (value_text(metric, f(values)) if values else NOTHING for f in (min, max))
    base = value_text(metric, cells[0].value)
    return _ALT.say(lang, metric=plain(metric.label, lang), base=base, low=low, high=high)
