"""What the report says: what a mark means, better and worse, groups, and how figures of a metric are written."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date

from scenarios.comparison import Better, Cell, Column, Comparison, Mark, Metric, MetricGroup
from scheduler.domain.schedule import TERMS
from scheduler.texts import Lang, Text

KEY_METRICS: tuple[str, ...] = (*TERMS, "joint_rate", "person_visits")
"""Metrics of the headline table, each with a chart, where the comparison has them."""

NOTHING = "–"
"""Shown where a scenario has no value."""

PERCENT = "%"

SYMBOLS: Mapping[Mark, str] = {
    Mark.BASE: "",
    Mark.EQUAL: "=",
    Mark.PROVEN: "●",
    Mark.MEASURED: "◐",
    Mark.NO_EVIDENCE: "○",
}
MARKS: Mapping[Mark, Text] = {
    Mark.BASE: Text("基准", "base"),
    Mark.EQUAL: Text("相同", "equal"),
    Mark.PROVEN: Text("差异已证明", "proven"),
    Mark.MEASURED: Text("差异为实测", "measured"),
    Mark.NO_EVIDENCE: Text("无证据表明有差异", "no evidence"),
}
MEANINGS: Mapping[Mark, Text] = {
    Mark.BASE: Text(
        "基准方案本身，或者两个方案之一没有这个数值，无从比较。",
        "The base itself, or one of the two scenarios has no such figure, so there is nothing to compare.",
    ),
    Mark.EQUAL: Text("与基准方案的数值相同。", "The same figure as the base."),
    Mark.PROVEN: Text(
        "差异大于已证明的差距与不同随机种子之间的波动之和：算得不够久、换个种子，都解释不了它。",
        "The difference is greater than the proven gap and the spread between seeds together: neither too little "
        "computing time nor the seed explains it.",
    ),
    Mark.MEASURED: Text(
        "差异大于不同随机种子之间的波动；这个指标没有已证明的界，差异是测出来的，不是证明出来的。",
        "The difference is greater than the spread between seeds. No bound of this metric is proven, so the "
        "difference is measured and not proven.",
    ),
    Mark.NO_EVIDENCE: Text(
        "差异没有超出计算本身的误差（已证明的差距、种子之间的波动）：不能据此说这个方案更好或更差。",
        "The difference lies within what the computation itself leaves open (proven gap, spread between seeds): it "
        "does not say that the scenario is better or worse.",
    ),
}
"""The one place that says what a mark means; the page, the workbook and the documentation quote it."""

GOOD, BAD = Text("更好", "better"), Text("更差", "worse")
DIRECTIONS: Mapping[Better, Text] = {
    Better.FEWER: Text("越少越好", "fewer is better"),
    Better.MORE: Text("越多越好", "more is better"),
    Better.NEITHER: Text("无好坏之分", "neither is better"),
}
GROUPS: Mapping[MetricGroup, Text] = {
    MetricGroup.TERMS: Text("优化目标", "Terms of the objective"),
    MetricGroup.SERVED: Text("完成情况", "What is served"),
    MetricGroup.BURDEN: Text("企业负担", "Burden on enterprises"),
    MetricGroup.CREWS: Text("班组", "Crews"),
    MetricGroup.DAYS: Text("检查日", "Days"),
    MetricGroup.BALANCE: Text("均衡", "Balance"),
    MetricGroup.UNSERVED: Text("未安排", "Unserved"),
    MetricGroup.ALERTS: Text("过频提醒", "Alerts"),
}
NO_RANKING = Text(
    "检查次数不是考核指标：本报告不按检查数量给部门排名，也没有任何指标因检查更多而更好。",
    "Numbers of inspections are no targets: this report ranks no department by them, and no metric is better for more "
    "inspections.",
)

_NOT_A_LINE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufffe\uffff]+")
_POINTS = Text("个百分点", "pp")


def one_line(text: str) -> str:
    """Return a text in one line, without characters that XML, HTML or a font cannot hold."""
    return _NOT_A_LINE.sub(" ", text)


def title_of(comparison: Comparison, column: Column, lang: Lang) -> str:
    """Return a scenario's title with its number in the table; the base's has none."""
    number = number_of(comparison, column.name)
    title = plain(column.title, lang)
    return f"{number} {title}" if number else title


def number_of(comparison: Comparison, scenario: str) -> int:
    """Return the position of a scenario in the table; the base is 0."""
    return [c.name for c in comparison.columns].index(scenario)


def plain(text: Text, lang: Lang) -> str:
    """Return a text made of other people's words in one line: braces in them are no places to fill."""
    return one_line(text.zh if lang == "zh" else text.en)


def plain_text(text: Text) -> Text:
    """Return a text made of other people's words, in one line in both languages."""
    return Text(one_line(text.zh), one_line(text.en))


def value_text(metric: Metric, value: float | None) -> str:
    """Return a figure as shown, with separators; rates in per cent."""
    if value is None:
        return NOTHING
    if metric.unit.en == PERCENT:
        return f"{_signed_zero(100 * value, metric.decimals):,.{metric.decimals}f}%"
    return f"{_signed_zero(value, metric.decimals):,.{metric.decimals}f}"


def difference_text(metric: Metric, difference: float | None, lang: Lang) -> str:
    """Return a difference with its sign (``−12``, ``+3``, ``±0``); differences of rates in percentage points."""
    if difference is None:
        return NOTHING
    rate = metric.unit.en == PERCENT
    shown = _signed_zero(100 * difference if rate else difference, metric.decimals)
    sign = "+" if shown > 0 else "−" if shown < 0 else "±"
    unit = (" " if lang == "en" else "") + _POINTS.say(lang) if rate else ""
    return f"{sign}{abs(shown):,.{metric.decimals}f}{unit}"


def spread_text(metric: Metric, cell: Cell) -> str:
    """Return least and greatest over seeds, such as ``410–415``; nothing where they are equal or unknown."""
    if cell.least is None or cell.greatest is None or cell.least == cell.greatest:
        return ""
    return f"{value_text(metric, cell.least)}–{value_text(metric, cell.greatest)}"


def verdict(metric: Metric, cell: Cell) -> Text | None:
    """Return whether a difference that there is evidence for is better or worse; ``None`` where neither is said."""
    if cell.mark not in (Mark.PROVEN, Mark.MEASURED) or not cell.difference or metric.better is Better.NEITHER:
        return None
    return GOOD if (cell.difference < 0) == (metric.better is Better.FEWER) else BAD


def mark_text(metric: Metric, cell: Cell, lang: Lang) -> str:
    """Return symbol and words of a mark, with better or worse where there is evidence: ``● proven, better``."""
    if cell.difference is None:
        return NOTHING if cell.value is None else MARKS[Mark.BASE].say(lang)
    found = verdict(metric, cell)
    words = MARKS[cell.mark].say(lang) + (("，" if lang == "zh" else ", ") + found.say(lang) if found else "")
    return f"{SYMBOLS[cell.mark]} {words}".strip()


def label_of(metric: Metric, lang: Lang) -> str:
    """Return a metric's name with its unit."""
    label, unit = plain(metric.label, lang), plain(metric.unit, lang)
    if not unit:
        return label
    return f"{label}（{unit}）" if lang == "zh" else f"{label} ({unit})"


def key_metrics(comparison: Comparison) -> list[Metric]:
    """Return the metrics of the headline that the comparison has, in the order of :data:`KEY_METRICS`."""
    known = {m.name: m for m in comparison.metrics}
    return [known[name] for name in KEY_METRICS if name in known]


def week_text(day: int) -> str:
    """Return a week's first day as ``10-12``; in another year than its neighbours the year is told by order."""
    return date.fromordinal(day).strftime("%m-%d")


def _signed_zero(value: float, decimals: int) -> float:
    return round(value, decimals) + 0.0  # -0.0 + 0.0 is 0.0
