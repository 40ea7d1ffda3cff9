"""Plots of the report, as SVG files that are the same for the same rows."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import StrMethodFormatter

from benchmarks.against import Versus, crew_shifts, unserved
from benchmarks.groups import NEVER, Group, Measure, Row, field, first_full, gap, number, price

STYLE: Any = {
    "svg.hashsalt": "onevisit",
    "svg.fonttype": "none",
    "font.size": 9,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "grid.alpha": 0.3,
    "legend.frameon": False,
}
BLUE, RED, GREY = "#2b6cb0", "#c05621", "#a0aec0"
COLUMNS = 3
NEARLY = 0.005
"""Crew shifts of a schedule that leaves out much more weight would only mislead."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plot:
    """A file below plots/; its kind says where in the report it goes."""

    kind: str
    title: str
    file: str


def draw_all(groups: Sequence[Group], trace: Sequence[Row], versus: Sequence[Versus], folder: Path) -> list[Plot]:
    """Draw every plot for which there are data."""
    folder.mkdir(parents=True, exist_ok=True)
    with mpl.rc_context(STYLE):
        drawn = [
            ("trace", "Crew shifts and their proven bound over time", _traces(groups, trace)),
            ("gap", "Gap of crew shifts by size", _gaps(groups)),
            ("size", "Time and memory by size", _sizes(groups)),
            ("price", "Price of jointness", _prices(groups)),
            ("peers", "Crew shifts and unserved weight by peer", _peers(versus)),
        ]
        found = []
        for kind, title, figure in drawn:
            if figure is None:
                continue
            figure.savefig(folder / f"{kind}.svg", metadata={"Date": None, "Creator": None})
            found.append(Plot(kind=kind, title=title, file=f"{kind}.svg"))
    return found


def _grid(count: int, height: float = 2.6) -> tuple[Figure, Iterator[Axes]]:
    columns = min(COLUMNS, count)
    lines = -(-count // columns)
    figure = Figure(figsize=(3.4 * columns, height * lines), layout="constrained")
    return figure, iter([figure.add_subplot(lines, columns, k + 1) for k in range(count)])


def _traces(groups: Sequence[Group], trace: Sequence[Row]) -> Figure | None:
    """Curves of every seed, a panel for each case and limit; crew shifts once the schedule is nearly full."""
    panels = []
    for g in groups:
        commit = g.rows[0].get("commit")
        key = (g.instance, g.source, g.time_s, g.workers, commit)
        names = ("instance", "source", "time_limit_s", "workers", "commit")
        curves: dict[str, list[Row]] = {}
        for r in trace:
            instance, source, seconds, workers, at = (r.get(n, "") for n in names)
            if (instance, source, float(seconds) if seconds else None, workers, at) == key:
                curves.setdefault(r["seed"], []).append(r)
        if curves:
            panels.append((g, list(curves.values())))
    if not panels:
        return None
    figure, axes = _grid(len(panels))
    for (g, curves_of), ax in zip(panels, axes, strict=True):
        for curve in curves_of:
            last = _last_run(curve)
            _curve(ax, _nearly_full(last, number(g.rows[0], "all_weight") or 0.0), "crew_shifts", BLUE)
            _curve(ax, last, "bound_crew_shifts", RED)
        ax.set_title(f"{g.title}, {g.limit}", fontsize=9)
        ax.set_xlabel("seconds")
    figure.legend(
        handles=[Line2D([], [], color=c, label=n) for n, c in (("crew shifts", BLUE), ("proven bound", RED))],
        loc="outside upper center",
        ncols=2,
    )
    return figure


def _last_run(curve: Sequence[Row]) -> Sequence[Row]:
    """The points of the last of several runs of one seed: after its clock began anew."""
    begin = 0
    for k in range(1, len(curve)):
        if (number(curve[k], "seconds") or 0.0) < (number(curve[k - 1], "seconds") or 0.0):
            begin = k
    return curve[begin:]


def _nearly_full(curve: Sequence[Row], all_weight: float) -> Sequence[Row]:
    """The points from where the weight left out is at most 0.5 % of all weight more than at the end."""
    enough = (number(curve[-1], "unserved_weight") or 0.0) + NEARLY * all_weight
    return [r for r in curve if (left := number(r, "unserved_weight")) is not None and left <= enough]


def _curve(ax: Axes, curve: Sequence[Row], name: str, colour: str) -> None:
    points = [(s, v) for r in curve if (s := number(r, "seconds")) is not None and (v := number(r, name)) is not None]
    ax.step([s for s, _ in points], [v for _, v in points], where="post", color=colour, lw=1.1, alpha=0.8)


def _gaps(groups: Sequence[Group]) -> Figure | None:
    points = [(g, v) for g in groups if (v := g.median(gap)) is not None]
    if not points:
        return None
    figure, axes = _grid(1, 3.2)
    figure.set_figwidth(6.5)
    ax = next(axes)
    limits = sorted({g.limit for g, _ in points}, key=lambda s: float(s.split()[0]))
    for k, limit in enumerate(limits):
        chosen = [(g, v) for g, v in points if g.limit == limit]
        ax.scatter([g.enterprises for g, _ in chosen], [100 * v for _, v in chosen], label=limit, color=f"C{k}", s=22)
        for g, v in chosen:
            ax.annotate(g.title, (g.enterprises, 100 * v), xytext=(4, 3), textcoords="offset points", fontsize=6)
    ax.set(xscale="log", xlabel="enterprises", ylabel="gap of crew shifts, %", ylim=(0, None))
    ax.xaxis.set_major_formatter(StrMethodFormatter("{x:,g}"))
    ax.legend(title="limit", fontsize=7)
    return figure


def _sizes(groups: Sequence[Group]) -> Figure | None:
    if not groups:
        return None
    figure, axes = _grid(3, 3.2)
    by_seconds: Sequence[tuple[str, Measure]] = (("wall s", field("wall_s")), ("read s", field("read_s")))
    _by_size(next(axes), groups, by_seconds, "seconds")
    _by_size(next(axes), groups, (("first full schedule", first_full),), "seconds to the first full schedule")
    ax = next(axes)
    _by_size(ax, groups, (("MB", field("peak_mb")),), "MB, all processes")
    ax.axhline(8192, color=RED, lw=0.8, ls="--")
    return figure


def _by_size(ax: Axes, groups: Sequence[Group], measures: Sequence[tuple[str, Measure]], label: str) -> None:
    for k, (name, measure) in enumerate(measures):
        points = [(g.enterprises, v) for g in groups if (v := g.median(measure)) not in (None, NEVER)]
        ax.scatter([n for n, _ in points], [max(v or 0.0, 0.01) for _, v in points], label=name, color=f"C{k}", s=18)
    ax.set(xscale="log", yscale="log", xlabel="enterprises", ylabel=label)
    for axis, (low, high), limit in ((ax.xaxis, ax.get_xlim(), ax.set_xlim), (ax.yaxis, ax.get_ylim(), ax.set_ylim)):
        limit(10 ** math.floor(math.log10(low)), 10 ** math.ceil(math.log10(high)))
        axis.set_major_formatter(StrMethodFormatter("{x:,g}"))
    if len(measures) > 1:
        ax.legend(fontsize=7)


def _prices(groups: Sequence[Group]) -> Figure | None:
    points = [(g, v) for g in groups if (v := g.median(price)) is not None]
    if not points:
        return None
    figure, axes = _grid(1, 0.8 + 0.35 * len(points))
    figure.set_figwidth(6.5)
    ax = next(axes)
    names = [f"{g.title}, {g.limit}" for g, _ in points]
    bars = ax.barh(names, [100 * v for _, v in points], color=BLUE)
    ax.bar_label(bars, [_price_label(g) for g, _ in points], fontsize=7, padding=3)
    ax.set_xlabel("crew shifts of joint inspection above every authority alone, %")
    ax.margins(x=0.25)
    ax.invert_yaxis()
    return figure


def _price_label(g: Group) -> str:
    joint, alone = g.median(field("crew_shifts")), g.median(field("alone_crew_shifts"))
    return f"{joint or 0:.0f} : {alone or 0:.0f}"


def _peers(versus: Sequence[Versus]) -> Figure | None:
    if not versus:
        return None
    most = max(len(v.peers) for v in versus) + 1
    figure = Figure(figsize=(8.5, (0.9 + 0.28 * most) * len(versus)), layout="constrained")
    for k, v in enumerate(versus):
        named = [("onevisit", v.ours), *sorted(v.peers.items(), key=lambda x: crew_shifts(x[1]) or 0.0)]
        colours = [BLUE, *([GREY] * len(v.peers))]
        for j, (label, measure) in enumerate((("crew shifts", crew_shifts), ("unserved weight", unserved))):
            ax = figure.add_subplot(len(versus), 2, 2 * k + j + 1)
            values = [measure(g) or 0.0 for _, g in named]
            bars = ax.barh([name for name, _ in named], values, color=colours)
            ax.bar_label(bars, [f"{x:,.0f}" for x in values], fontsize=7, padding=2)
            ax.set(xlabel=label, title=f"{v.title}, {v.limit}" if j == 0 else "")
            ax.margins(x=0.2)
            ax.invert_yaxis()
            if j:
                ax.set_yticklabels([])
    return figure
