"""The page (HTML) that planners put before a meeting: one file in Chinese and English, without a network."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from scenarios.comparison import Cell, Column, Comparison, Mark, Metric
from scenarios.report.canvas import Chart, inline_svgs
from scenarios.report.charts import charts_of
from scenarios.report.facts import facts_of
from scenarios.report.page_texts import CAVEATS, WORDS
from scenarios.report.wording import (
    BAD,
    DIRECTIONS,
    GROUPS,
    MARKS,
    MEANINGS,
    SYMBOLS,
    difference_text,
    key_metrics,
    label_of,
    mark_text,
    one_line,
    spread_text,
    title_of,
    value_text,
    verdict,
)
from scheduler.texts import Lang, Text

PRINTED_COLUMNS = 6
"""Scenarios beside the base in one printed table: more do not fit on A4 across."""

_TALL = 0.8  # height by width of a chart above which it is printed on an upright page
_SCRIPT = """
(function () {
  var root = document.documentElement, box = document.getElementById("languages");
  var buttons = box.querySelectorAll("button");
  function say(lang) {
    root.setAttribute("data-lang", lang);
    root.lang = lang === "zh" ? "zh-CN" : "en";
    document.title = root.getAttribute("data-title-" + lang);
    buttons.forEach(function (b) { b.setAttribute("aria-pressed", String(b.value === lang)); });
  }
  buttons.forEach(function (b) { b.addEventListener("click", function () { say(b.value); }); });
  box.hidden = false;
  say(root.getAttribute("data-lang"));
})();
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownCell:
    """A cell as the page shows it; `look` names its style, and the words say the same without colour."""

    value: str
    spread: str
    difference: Text | None
    mark: Text
    look: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownChart:
    """A chart of the page: one drawing in each language."""

    title: Text
    alt: Text
    zh: Markup
    en: Markup
    tall: bool


def render_page(comparison: Comparison, lang: Lang, *, heat_maps: Sequence[str] | None = None) -> str:
    """Return the page; without a script it shows `lang`, with it a reader may switch.

    Parameters
    ----------
    heat_maps : names of the scenarios with a heat map; ``None`` for those laid out most unlike the base.
    """
    glyphs, charts = _charts(comparison, heat_maps)
    digest = base64.b64encode(hashlib.sha256(_SCRIPT.encode()).digest()).decode()
    others = comparison.columns[1:]
    return (
        _environment()
        .get_template("page.html")
        .render(
            lang=lang,
            words=WORDS,
            case_name=one_line(comparison.case_name),
            facts=facts_of(comparison),
            key=[_head(metric) for metric in key_metrics(comparison)],
            headline=_headline(comparison),
            groups=_groups(comparison),
            columns=[_column(comparison, column) for column in comparison.columns],
            parts=[range(k, min(k + PRINTED_COLUMNS, len(others) + 1)) for k in _starts(len(others))],
            marks=[(f"{SYMBOLS[m]}", MARKS[m], MEANINGS[m], m.value) for m in Mark],
            charts=charts,
            glyphs=Markup(glyphs),  # drawn here: texts in it are paths
            caveats=CAVEATS,
            script=Markup(_SCRIPT),
            script_digest=digest,
        )
    )


def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def _starts(scenarios: int) -> range:
    return range(1, max(scenarios, 1) + 1, PRINTED_COLUMNS)


def _charts(comparison: Comparison, heat_maps: Sequence[str] | None) -> tuple[str, list[ShownChart]]:
    drawn: list[Chart] = [c for lang in ("zh", "en") for c in charts_of(comparison, lang, heat_maps)]
    glyphs, pictures = inline_svgs(drawn)
    half = len(drawn) // 2
    shown = []
    for chart, zh, en in zip(drawn[:half], pictures[:half], pictures[half:], strict=True):
        width, height = chart.figure.get_size_inches()
        shown.append(
            ShownChart(
                title=chart.title, alt=chart.alt, zh=Markup(zh), en=Markup(en), tall=bool(height > _TALL * width)
            )
        )
    return glyphs, shown


def _column(comparison: Comparison, column: Column) -> dict[str, Any]:
    return {
        "name": one_line(column.name),
        "title": Text(title_of(comparison, column, "zh"), title_of(comparison, column, "en")),
        "edits": column.edits,
        "notes": column.notes,
        "seeds": ", ".join(map(str, column.seeds)),
    }


def _head(metric: Metric) -> dict[str, Any]:
    return {
        "label": Text(label_of(metric, "zh"), label_of(metric, "en")),
        "direction": DIRECTIONS[metric.better],
        "name": one_line(metric.name),
    }


def _headline(comparison: Comparison) -> list[list[ShownCell]]:
    """Return the rows of the headline table, a scenario each, in the order of the table: nothing is ranked."""
    metrics = key_metrics(comparison)
    return [[shown_cell(m, comparison.cell(m.name, column.name)) for m in metrics] for column in comparison.columns]


def _groups(comparison: Comparison) -> list[tuple[Text, list[tuple[dict[str, Any], list[ShownCell]]]]]:
    found = []
    for group, name in GROUPS.items():
        rows = [
            (_head(m), [shown_cell(m, comparison.cell(m.name, c.name)) for c in comparison.columns])
            for m in comparison.metrics
            if m.group is group
        ]
        if rows:
            found.append((name, rows))
    return found


def shown_cell(metric: Metric, cell: Cell) -> ShownCell:
    """Return a cell with its difference and mark in words."""
    found = verdict(metric, cell)
    look = "pale" if cell.mark is Mark.NO_EVIDENCE else "" if found is None else "bad" if found is BAD else "good"
    difference = None
    if cell.difference is not None:
        difference = Text(
            difference_text(metric, cell.difference, "zh"), difference_text(metric, cell.difference, "en")
        )
    value = value_text(metric, cell.value)
    if cell.of is not None:
        value += f" ({cell.of[0]:,}/{cell.of[1]:,})"
    return ShownCell(
        value=value,
        spread=spread_text(metric, cell),
        difference=difference,
        mark=Text(mark_text(metric, cell, "zh"), mark_text(metric, cell, "en")),
        look=look,
    )
