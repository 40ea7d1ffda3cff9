"""The page (HTML) that planners put before a meeting: one file in Chinese and English, without a network."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from scenarios.comparison import Cell, Column, Comparison, Mark, Metric
from scenarios.report.canvas import inline_svgs
from scenarios.report.charts import Drawing, draw_all
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
    plain_text,
    spread_text,
    title_of,
    value_text,
    verdict,
)
from scheduler.texts import Lang, Text

PRINTED_COLUMNS = 6
"""Scenarios beside the base in one printed table: more do not fit on A4 across."""

_WIDE = 2.2  # width by height of a chart above which it is printed on a page across
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
    bound: str
    difference: Text | None
    mark: Text
    look: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownChart:
    """A chart of the page: one drawing in each language, which the page takes as markup (texts in it are paths)."""

    title: Text
    alt: Text
    zh: str
    en: str
    wide: bool


def render_page(comparison: Comparison, lang: Lang, *, heat_maps: Sequence[str] | None = None) -> str:
    """Return the page; without a script it shows `lang`, with it a reader may switch.

    Parameters
    ----------
    heat_maps : names of the scenarios with a heat map; ``None`` for those laid out most unlike the base.
    """
    zh, en = (draw_all(comparison, at, heat_maps) for at in ("zh", "en"))
    return page_with(comparison, lang, zh=zh, en=en)


def page_with(comparison: Comparison, lang: Lang, *, zh: Sequence[Drawing], en: Sequence[Drawing]) -> str:
    """Return the page with charts that have been drawn already, the same ones in both languages."""
    glyphs, charts = _charts(zh, en)
    digest = base64.b64encode(hashlib.sha256(_SCRIPT.encode()).digest()).decode()
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
            parts=_parts(len(comparison.columns) - 1),
            marks=[(SYMBOLS[m], MARKS[m], MEANINGS[m]) for m in Mark],
            charts=charts,
            glyphs=glyphs,
            caveats=CAVEATS,
            script=_SCRIPT,
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


def _parts(scenarios: int) -> list[list[int]]:
    """Return the columns of the printed tables: about equally many scenarios in each, after the base."""
    count = max(1, -(-scenarios // PRINTED_COLUMNS))
    ends = [1 + scenarios * k // count for k in range(count + 1)]
    return [[0, *range(first, end)] for first, end in pairwise(ends)]


def _charts(zh: Sequence[Drawing], en: Sequence[Drawing]) -> tuple[str, list[ShownChart]]:
    glyphs, pictures = inline_svgs([drawing.svg for drawing in (*zh, *en)])
    shown = []
    for drawing, left, right in zip(zh, pictures[: len(zh)], pictures[len(zh) :], strict=True):
        chart = drawing.chart
        width, height = chart.figure.get_size_inches()
        shown.append(ShownChart(title=chart.title, alt=chart.alt, zh=left, en=right, wide=bool(width > _WIDE * height)))
    return glyphs, shown


def _column(comparison: Comparison, column: Column) -> dict[str, Any]:
    return {
        "name": one_line(column.name),
        "title": Text(title_of(comparison, column, "zh"), title_of(comparison, column, "en")),
        "edits": [plain_text(edit) for edit in column.edits],
        "notes": [plain_text(note) for note in column.notes],
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
        bound="" if cell.bound is None else value_text(metric, cell.bound),
        difference=difference,
        mark=Text(mark_text(metric, cell, "zh"), mark_text(metric, cell, "en")),
        look=look,
    )
