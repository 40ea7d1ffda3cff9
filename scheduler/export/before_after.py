"""Today's practice against the joint plan, as rows that the workbook, the command line and the README show alike."""

from __future__ import annotations

from collections.abc import Callable

from scheduler.burden import BeforeAfter, Burden
from scheduler.texts import Lang, Text

_HEADER = (
    Text("指标", "Measure"),
    Text("各部门单独检查", "Each authority alone"),
    Text("联合检查", "Joint plan"),
    Text("变化", "Change"),
)

_MEASURES: tuple[tuple[Text, Callable[[Burden], float], int], ...] = (
    (Text("入企次数（次）", "Doors opened"), lambda b: b.doors, 0),
    (Text("入企人次（人次）", "Person-visits"), lambda b: b.person_visits, 0),
    (Text("企业接待时间（小时）", "Enterprise hours"), lambda b: b.enterprise_min / 60, 1),
    (Text("出动班组（班次）", "Crew shifts"), lambda b: b.crew_shifts, 0),
    (Text("路途时间（小时）", "Travel hours"), lambda b: b.travel_min / 60, 1),
    (Text("完成检查事项（项）", "Items served"), lambda b: b.items_served, 0),
)

_NOTE = Text(
    "“各部门单独检查”是在同样的规则、日历和班组下，各部门各自优化排出的计划，检查的事项与联合计划相同"
    "（其中能排入的）。若各部门把自己的全部事项都排上：{items} 项，入企 {doors} 次，班组 {crews} 班次。",
    "“Each authority alone” is itself an optimised plan under the same rules, calendar and crews, on the very items of "
    "the joint plan (those it can serve). On all its items each authority alone would serve {items}, open {doors} "
    "doors and work {crews} crew shifts.",
)


def before_after_header(lang: Lang) -> tuple[str, str, str, str]:
    """Return the column names of :func:`before_after_rows`."""
    measure, before, after, change = (text.say(lang) for text in _HEADER)
    return measure, before, after, change


def before_after_rows(before_after: BeforeAfter, lang: Lang) -> list[tuple[str, str, str, str]]:
    """Return (measure, before, after, change) for doors, person-visits, enterprise hours, crew shifts, travel, items.

    Change is (after - before) / before in per cent, "–" when before is 0; hours have one decimal.
    """
    rows = []
    for name, figure, digits in _MEASURES:
        before, after = figure(before_after.before), figure(before_after.after)
        rows.append((name.say(lang), f"{before:,.{digits}f}", f"{after:,.{digits}f}", change_text(before, after)))
    return rows


def before_after_figures(before_after: BeforeAfter) -> list[tuple[float, float, float | None]]:
    """Return (before, after, change as a fraction or ``None``) in the order of :func:`before_after_rows`."""
    pairs = [(figure(before_after.before), figure(before_after.after)) for _, figure, _ in _MEASURES]
    return [(before, after, (after - before) / before if before else None) for before, after in pairs]


def before_after_note(before_after: BeforeAfter, lang: Lang) -> str:
    """Return how the comparison was made, with the figures of every authority alone on all its items."""
    every = before_after.before_all
    return _NOTE.say(lang, items=f"{every.items_served:,}", doors=f"{every.doors:,}", crews=f"{every.crew_shifts:,}")


def change_text(before: float, after: float) -> str:
    """Return the change in per cent with its sign, such as ``−54.9%``; "–" when before is 0."""
    if not before:
        return "–"
    change = 100 * (after - before) / before
    if abs(change) < 0.05:
        return "0.0%"
    return f"{'+' if change > 0 else '−'}{abs(change):.1f}%"
