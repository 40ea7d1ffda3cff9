"""Visits by street and week: the base, a scenario, and the difference, beside one another."""

from __future__ import annotations

from dataclasses import dataclass

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import Colormap
from matplotlib.figure import Figure
from matplotlib.patches import PathPatch
from matplotlib.path import Path
from matplotlib.textpath import TextPath
from numpy.typing import NDArray

from scenarios.comparison import Column, Comparison
from scenarios.report import canvas
from scenarios.report.bars import file_part
from scenarios.report.canvas import Chart
from scenarios.report.wording import number_of, one_line, title_of, week_text
from scheduler.texts import Lang, Text

MOST_CHOSEN = 3
"""Scenarios with a heat map in the page where nobody chose; the workbook has all."""

_FEW_WEEKS = 20  # cells of more weeks are too narrow for a number
_WIDE, _NARROW, _ROW = 0.235, 0.13, 0.165  # inches of a cell
_FIGURE = 5.5  # points
_LEAST_PANEL = 0.9  # inches: the width of its heading
_NAMES, _GAP, _TOP, _BOTTOM = 2.05, 0.18, 1.35, 0.5
_LEAST_CHANGE = 4  # visits at the ends of the scale of changes, so that one visit more or less stays pale
_COUNTS, _CHANGES = "Blues", "PuOr_r"
_PANELS = (
    Text("基准", "Base"),
    Text("方案", "Scenario"),
    Text("差异（方案减基准）", "Difference (scenario less base)"),
)
_TITLE = Text("每周入企次数：{name}", "Visits by week: {name}")
_SUBTITLE = Text("每格为一个街道一周（标周一日期）的入企次数", "visits of a street in a week (labelled by its Monday)")
_NOTE = Text(
    "左、中两图共用一个色阶，越深越多，最多 {most} 次；右图橙色为增加，紫色为减少，颜色越深变化越大。空白为 0。",
    "Left and middle share one scale, darker is more, at most {most}; right: orange is more, purple is fewer, darker "
    "is a greater change. Blank is 0.",
)
_ALT = Text(
    "热力图：{streets} 个街道、{weeks} 周的入企次数；基准共 {before} 次，方案“{name}”共 {after} 次；"
    "{cells} 格有变化。数值见工作簿。",
    "Heat map of visits of {streets} streets in {weeks} weeks: {before} in the base, {after} in “{name}”; {cells} "
    "cells differ. The workbook has the figures.",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class WeekGrid:
    """Visits as tables of streets by weeks, without a week left out between the first and the last.

    Parameters
    ----------
    streets : (street_id, name); streets that only a scenario names come last.
    weeks : day numbers of Mondays, 7 apart.
    """

    streets: tuple[tuple[str, str], ...]
    weeks: tuple[int, ...]

    def counts(self, column: Column) -> NDArray[np.int64]:
        """Return the visits of a scenario, one row a street and one column a week."""
        rows = [[column.weeks.get((street_id, week), 0) for week in self.weeks] for street_id, _ in self.streets]
        return np.array(rows, dtype=np.int64).reshape(len(self.streets), len(self.weeks))


def week_grid(comparison: Comparison) -> WeekGrid:
    """Return the grid on which all scenarios of a comparison are laid."""
    found = {key for column in comparison.columns for key in column.weeks}
    known = {street_id for street_id, _ in comparison.streets}
    others = tuple((i, i) for i in sorted({street_id for street_id, _ in found} - known))
    mondays = [monday for _, monday in found]
    weeks = tuple(range(min(mondays), max(mondays) + 1, 7)) if mondays else ()
    return WeekGrid(streets=comparison.streets + others, weeks=weeks)


def most_changed(comparison: Comparison, count: int = MOST_CHOSEN) -> tuple[str, ...]:
    """Return the scenarios whose visits are laid out most unlike the base's, in the order of the table."""
    grid = week_grid(comparison)
    base = grid.counts(comparison.columns[0])
    changes = [(-int(np.abs(grid.counts(c) - base).sum()), k) for k, c in enumerate(comparison.columns) if k]
    chosen = sorted(k for change, k in sorted(changes)[:count] if change)
    return tuple(comparison.columns[k].name for k in chosen)


def heat_map(comparison: Comparison, scenario: str, lang: Lang) -> Chart | None:
    """Return the three tables of a scenario as colours; ``None`` where no scenario has a visit."""
    grid = week_grid(comparison)
    if not grid.weeks:
        return None
    column = comparison.columns[number_of(comparison, scenario)]
    before, after = grid.counts(comparison.columns[0]), grid.counts(column)
    cell = _WIDE if len(grid.weeks) <= _FEW_WEEKS else _NARROW
    panel, rows = cell * len(grid.weeks), _ROW * len(grid.streets)
    step = max(panel, _LEAST_PANEL) + _GAP
    width, height = max(8.0, _NAMES + 3 * step), _TOP + rows + _BOTTOM
    figure = Figure(figsize=(width, height), facecolor="white")
    sheet = figure.add_axes((0, 0, 1, 1))
    sheet.set(xlim=(0, width), ylim=(height, 0))
    sheet.axis("off")
    most = int(max(before.max(), after.max(), 1))
    change = max(int(np.abs(after - before).max()), _LEAST_CHANGE)
    counts, changes = mpl.colormaps[_COUNTS], mpl.colormaps[_CHANGES]
    drawn = ((before, counts, -1, most), (after, counts, -1, most), (after - before, changes, -change, change))
    for k, (table, colours, low, high) in enumerate(drawn):
        left = _NAMES + k * step
        ax = figure.add_axes((left / width, _BOTTOM / height, panel / width, rows / height))
        _draw_table(ax, table, colours, (low, high), signed=k == 2, told=cell == _WIDE)
        _write_weeks(sheet, grid, left, cell)
        canvas.write(sheet, left, _TOP - 0.5, _PANELS[k].say(lang), 9, va="center")
    for row, (_, street) in enumerate(grid.streets):
        name = canvas.wrapped(one_line(street), 30, 1)
        canvas.write(sheet, _NAMES - 0.08, _TOP + _ROW * (row + 0.5), name, 7, ha="right", va="center")
    title = Text(*(_TITLE.say(at, name=title_of(comparison, column, at)) for at in ("zh", "en")))
    shown = canvas.wrapped(title.zh if lang == "zh" else title.en, int(width * 10.3), 1)
    canvas.write(sheet, 0.15, 0.3, shown, 13, va="center")
    canvas.write(sheet, 0.15, 0.58, _SUBTITLE.say(lang), 9, va="center", color=canvas.MUTED)
    note = canvas.wrapped(_NOTE.say(lang, most=most), int(width * 15), 2)
    canvas.write(sheet, 0.15, height - 0.25, note, 7.5, va="center", color=canvas.MUTED, linespacing=1.2)
    facts = {"streets": len(grid.streets), "weeks": len(grid.weeks), "before": int(before.sum())}
    facts |= {"after": int(after.sum()), "cells": int((before != after).sum())}
    alt = Text(*(_ALT.say(at, name=title_of(comparison, column, at), **facts) for at in ("zh", "en")))
    name = f"weeks-{number_of(comparison, scenario):02d}-{file_part(scenario)}"
    return Chart(name=name, title=title, alt=alt, lang=lang, figure=figure)


def _draw_table(
    ax: Axes, table: NDArray[np.int64], colours: Colormap, limits: tuple[int, int], *, signed: bool, told: bool
) -> None:
    streets, weeks = table.shape
    for value in np.unique(table[table != 0]).tolist():
        # All cells of a value are one path, and its figure is one shape: half the file, a quarter of the time.
        places = np.argwhere(table == value)
        red, green, blue, _ = colour = colours((value - limits[0]) / (limits[1] - limits[0]))
        cells = Path.make_compound_path(*(_square(int(row), int(column)) for row, column in places))
        ax.add_patch(PathPatch(cells, facecolor=colour, linewidth=0))
        if told:
            text = f"{value:+d}".replace("-", "−") if signed else str(value)
            shape, size = _shape(text)
            ink = "white" if 0.299 * red + 0.587 * green + 0.114 * blue < 0.55 else canvas.INK
            xs, ys = places[:, 1] + 0.5, places[:, 0] + 0.5
            ax.plot(xs, ys, linestyle="", marker=shape, markersize=size, color=ink, markeredgewidth=0, zorder=3)
    ax.set(xlim=(0, weeks), ylim=(streets, 0), xticks=[], yticks=[])
    canvas.bare(ax, "left", "right", "top", "bottom")


def _shape(text: str) -> tuple[Path, float]:
    """Return a figure as the shape of a marker, and the size at which it has the chart's height of figures."""
    path = TextPath((0, 0), text, size=_FIGURE, prop=canvas.font(_FIGURE))
    x_min, _, x_max, _ = path.get_extents().extents
    vertices = path.vertices - np.array([(x_min + x_max) / 2, 0.365 * _FIGURE])  # half the height of a figure
    return Path(vertices, path.codes), 2 * float(np.abs(vertices).max())


def _square(row: int, column: int) -> Path:
    left, right, top, bottom = column + 0.03, column + 0.97, row + 0.04, row + 0.96
    return Path([(left, top), (right, top), (right, bottom), (left, bottom), (left, top)], closed=True)


def _write_weeks(sheet: Axes, grid: WeekGrid, left: float, cell: float) -> None:
    step = 1 if cell == _WIDE else 2
    for k, week in enumerate(grid.weeks[::step]):
        x = left + cell * (k * step + 0.5)
        canvas.write(
            sheet, x, _TOP - 0.05, week_text(week), 6.5, rotation=90, ha="center", va="bottom", color=canvas.MUTED
        )
