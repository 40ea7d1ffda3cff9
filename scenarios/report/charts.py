"""All charts of a comparison, in the order in which the page shows them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from scenarios.comparison import Comparison
from scenarios.report.bars import bars
from scenarios.report.canvas import Chart, svg_of
from scenarios.report.front import front
from scenarios.report.heat_map import heat_map, most_changed
from scenarios.report.wording import key_metrics
from scheduler.texts import Lang


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawing:
    """A chart with its SVG document, which the page and the folder of charts share."""

    chart: Chart
    svg: str


def draw_all(comparison: Comparison, lang: Lang, heat_maps: Sequence[str] | None = None) -> list[Drawing]:
    """Return all charts of :func:`charts_of` as SVG."""
    return [Drawing(chart=chart, svg=svg_of(chart)) for chart in charts_of(comparison, lang, heat_maps)]


def charts_of(comparison: Comparison, lang: Lang, heat_maps: Sequence[str] | None = None) -> Iterator[Chart]:
    """Draw bars of every key metric, the front of crews and unserved weight, and heat maps, one after the other.

    Parameters
    ----------
    heat_maps : names of the scenarios with a heat map; ``None`` for those laid out most unlike the base.

    Raises
    ------
    ValueError : a heat map is asked for of no scenario of the comparison.
    """
    chosen = most_changed(comparison) if heat_maps is None else tuple(dict.fromkeys(heat_maps))
    missing = sorted(set(chosen) - {column.name for column in comparison.columns})
    if missing:
        raise ValueError(f"no scenario of the comparison: {', '.join(missing)}")
    for metric in key_metrics(comparison):
        yield bars(comparison, metric, lang)
    found = front(comparison, lang)
    if found is not None:
        yield found
    for scenario in chosen:
        drawn = heat_map(comparison, scenario, lang)
        if drawn is not None:
            yield drawn
