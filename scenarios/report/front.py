"""Crews against unserved weight: every scenario a point, and a line through those that no other one beats in both."""

from __future__ import annotations

from dataclasses import dataclass

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from scenarios.comparison import Column, Comparison, Metric
from scenarios.report import canvas
from scenarios.report.canvas import Chart
from scenarios.report.wording import NOTHING, label_of, number_of, title_of, value_text
from scheduler.texts import Lang, Text

ACROSS, UP = "crew_shifts", "unserved_weight"
_WIDTH, _ROW, _TOP, _BOTTOM = 12.0, 0.34, 0.95, 0.8  # inches
_LEFT, _RIGHT = 0.95, 6.6  # of the plot
_TAG, _X, _Y = 7.15, 10.9, 11.8  # columns of the list beside it
_TITLE = Text("班组与未安排事项的取舍", "Crews against unserved items")
_SUBTITLE = Text(
    "越靠左下越好。蓝色连线上：没有别的方案一项更少而另一项不更多。差异有无证据见对比表",
    "left and down is better. On the blue line: no other scenario has fewer of one and not more of the other. The "
    "table says for which differences there is evidence",
)
_BASE = Text("基准", "base")
_ALT = Text(
    "散点图：横轴为出动班组，纵轴为未安排事项权重，{n} 个方案。没有别的方案一项更少而另一项不更多的：{front}。",
    "Scatter plot of {n} scenarios: crew shifts across, unserved weight up. "
    "Without another that has fewer of one and not more of the other: {front}.",
)
_NO_FRONT = Text("没有同时有这两个数值的方案", "no scenario has both figures")


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """Scenarios that stand at one place of the chart."""

    x: float
    y: float
    columns: tuple[Column, ...]


def points_of(comparison: Comparison) -> tuple[Point, ...]:
    """Return the scenarios that have both figures, by place, from left to right."""
    places: dict[tuple[float, float], list[Column]] = {}
    for column in comparison.columns:
        x, y = (comparison.cell(name, column.name).value for name in (ACROSS, UP))
        if x is not None and y is not None:
            places.setdefault((x, y), []).append(column)
    return tuple(Point(x=x, y=y, columns=tuple(found)) for (x, y), found in sorted(places.items()))


def front_of(points: tuple[Point, ...]) -> tuple[Point, ...]:
    """Return the points that no other one equals or beats in both figures (fewer is better), from left to right."""
    found: list[Point] = []
    for point in sorted(points, key=lambda p: (p.x, p.y)):
        if not found or point.y < found[-1].y:
            found.append(point)
    return tuple(found)


def front(comparison: Comparison, lang: Lang) -> Chart | None:
    """Return the chart; ``None`` where the comparison lacks one of the two metrics."""
    known = {m.name: m for m in comparison.metrics}
    if ACROSS not in known or UP not in known:
        return None
    points = points_of(comparison)
    best = front_of(points)
    height = max(6.0, _TOP + _ROW * len(comparison.columns) + 0.4)
    figure = Figure(figsize=(_WIDTH, height), facecolor="white")
    sheet = figure.add_axes((0, 0, 1, 1))
    sheet.set(xlim=(0, _WIDTH), ylim=(height, 0))
    sheet.axis("off")
    low = _BOTTOM if height < 8 else height - 7.2  # a plot higher than wide tells no more
    box = (_LEFT / _WIDTH, low / height, (_RIGHT - _LEFT) / _WIDTH, (height - _TOP - low) / height)
    ax = figure.add_axes(box)
    canvas.bare(ax, "left", "bottom")
    _draw_points(ax, comparison, points, best, lang)
    canvas.write(sheet, 0.15, 0.3, _TITLE.say(lang), 13, va="center")
    canvas.write(sheet, 0.15, 0.58, _SUBTITLE.say(lang), 9, va="center", color=canvas.MUTED)
    canvas.write(sheet, _LEFT, _TOP - 0.1, label_of(known[UP], lang), 8.5, color=canvas.MUTED, ha="left")
    below = height - low + 0.42
    canvas.write(
        sheet, (_LEFT + _RIGHT) / 2, below, label_of(known[ACROSS], lang), 8.5, color=canvas.MUTED, ha="center"
    )
    _write_list(sheet, comparison, known, best, lang)
    return Chart(
        name="front", title=_TITLE, alt=Text(*(_alt(comparison, points, best, at) for at in ("zh", "en"))),
        lang=lang, figure=figure,
    )  # fmt: skip


def _draw_points(
    ax: Axes, comparison: Comparison, points: tuple[Point, ...], best: tuple[Point, ...], lang: Lang
) -> None:
    xs, ys = [p.x for p in points] or [0.0], [p.y for p in points] or [0.0]
    wide, high = (max(xs) - min(xs)) or max(1.0, 0.1 * max(xs)), (max(ys) - min(ys)) or max(1.0, 0.1 * max(ys))
    canvas.scale(ax, min(xs) - 0.1 * wide, max(xs) + 0.12 * wide)
    canvas.scale(ax, min(ys) - 0.08 * high, max(ys) + 0.1 * high, upright=True)
    ax.grid(color=canvas.LINE, linewidth=0.6)
    ax.plot([p.x for p in best], [p.y for p in best], color=canvas.BETTER, linewidth=1.4, zorder=2)
    on_front = {(p.x, p.y) for p in best}
    for point in points:
        joined, base = (point.x, point.y) in on_front, comparison.columns[0] in point.columns
        colour = canvas.BETTER if joined else canvas.EQUAL
        edge = "black" if base else "white"
        marker, size = ("D", 8) if base else ("o", 8)
        ax.plot(
            [point.x], [point.y], marker, color=colour, markersize=size, markeredgecolor=edge, markeredgewidth=1.2,
            zorder=3,
        )  # fmt: skip
    _write_tags(ax, comparison, points, on_front, lang)


def _write_tags(
    ax: Axes, comparison: Comparison, points: tuple[Point, ...], on_front: set[tuple[float, float]], lang: Lang
) -> None:
    """Write the numbers at their points, each on the side where it meets the fewest points and numbers before it."""
    across, up = ax.get_xlim(), ax.get_ylim()
    box = ax.get_position()
    size = ax.figure.get_size_inches()  # type: ignore[union-attr]
    inch_x, inch_y = box.width * size[0] / (across[1] - across[0]), box.height * size[1] / (up[1] - up[0])
    places = [(p.x * inch_x, p.y * inch_y) for p in points]
    taken = [(x - 0.07, y - 0.07, x + 0.07, y + 0.07) for x, y in places]
    taken.append(
        (across[1] * inch_x, up[0] * inch_y, (across[1] + 1e3 * (across[1] - across[0])) * inch_x, up[1] * inch_y)
    )
    for point, (x, y) in zip(points, places, strict=True):
        text = ", ".join(_tag(comparison, c, lang) for c in point.columns)
        text = canvas.wrapped(text, 30, 1)
        width, height = 0.054 * canvas.columns_of(text) + 0.04, 0.14
        sides = [
            (x + dx + (0 if dx > 0 else -width if dx < 0 else -width / 2), y + dy - height / 2)
            for dx, dy in ((0.1, 0.0), (0.08, 0.13), (0.08, -0.13), (-0.1, 0.0), (0.0, 0.19), (0.0, -0.19),
                           (-0.08, 0.13), (-0.08, -0.13), (0.1, 0.3), (0.1, -0.3), (-0.1, 0.3), (-0.1, -0.3))
        ]  # fmt: skip
        left, low = min(sides, key=lambda s: sum(_overlap((*s, s[0] + width, s[1] + height), t) for t in taken))
        taken.append((left, low, left + width, low + height))
        colour = canvas.BETTER if (point.x, point.y) in on_front else canvas.INK
        canvas.write(
            ax, left / inch_x, (low + height / 2) / inch_y, text, 8, color=colour, ha="left", va="center", zorder=4
        )


def _overlap(one: tuple[float, float, float, float], other: tuple[float, float, float, float]) -> float:
    across = min(one[2], other[2]) - max(one[0], other[0])
    up = min(one[3], other[3]) - max(one[1], other[1])
    return max(0.0, across) * max(0.0, up)


def _tag(comparison: Comparison, column: Column, lang: Lang) -> str:
    number = number_of(comparison, column.name)
    return str(number) if number else _BASE.say(lang)


def _write_list(
    sheet: Axes, comparison: Comparison, known: dict[str, Metric], best: tuple[Point, ...], lang: Lang
) -> None:
    joined = {c.name for p in best for c in p.columns}
    heads = ((_TAG, Text("方案", "Scenario"), "left"), (_X, Text("班组", "Crews"), "right"))
    for x, text, side in (*heads, (_Y, Text("未安排", "Unserved"), "right")):
        canvas.write(sheet, x, _TOP - 0.13, text.say(lang), 8, ha=side, va="center", color=canvas.MUTED)
    for row, column in enumerate(comparison.columns):
        y = _TOP + _ROW * (row + 0.5)
        colour = canvas.BETTER if column.name in joined else canvas.INK
        if column.name in joined:
            canvas.write(sheet, _TAG - 0.1, y, "●", 7, color=colour, ha="right", va="center")
        title = canvas.wrapped(title_of(comparison, column, lang), 46)
        canvas.write(sheet, _TAG, y, title, 8, color=colour, va="center", linespacing=1.2)
        for x, name in ((_X, ACROSS), (_Y, UP)):
            shown = value_text(known[name], comparison.cell(name, column.name).value)
            canvas.write(sheet, x, y, shown, 8.5, color=colour, ha="right", va="center")


def _alt(comparison: Comparison, points: tuple[Point, ...], best: tuple[Point, ...], lang: Lang) -> str:
    gap = "、" if lang == "zh" else ", "
    names = gap.join(title_of(comparison, c, lang) for p in best for c in p.columns)
    count = sum(len(p.columns) for p in points)
    return _ALT.say(lang, n=count, front=names or _NO_FRONT.say(lang) or NOTHING)
