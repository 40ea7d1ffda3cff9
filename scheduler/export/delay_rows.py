"""Figures of delay as rows that the workbook and the command line show alike, and as plain values for programs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from scheduler.delay.distributions import distribution_text
from scheduler.delay.figures import DelayComparison, DelayFigures, DelayGroup, DelayReport, Estimate
from scheduler.delay.model import DelayModel
from scheduler.delay.simulate import simulate
from scheduler.domain.schedule import Schedule
from scheduler.domain.snapshot import PlanningSnapshot
from scheduler.export.sheet_table import Cell, Kind
from scheduler.texts import Lang, Text

REPORTED_RUNS = 200
"""Runs behind the figures in a schedule's summary: a tenth of a second for a street of 400."""

MAX_ITEMS_REPORTED = 50_000
"""Items of a case up to which a summary is worth the seconds that its simulation takes."""

_PERCENT, _MINUTES, _COUNT = "percent", "minutes", "count"
_KINDS: Mapping[str, tuple[Kind, Kind]] = {
    _PERCENT: ("percent", "fine_percent"),
    _MINUTES: ("float", "fine"),
    _COUNT: ("float", "fine"),
}
"""Kinds of the cells of a unit: of figures, and of their standard errors."""

FIGURE_NAMES: dict[str, tuple[Text, str]] = {
    "visits_on_time": (Text("准时开始的入企", "Visits that start on time"), _PERCENT),
    "parts_on_time": (Text("准时开始的各方检查", "Parts that start on time"), _PERCENT),
    "late_min": (Text("各方检查平均晚开始（分钟）", "Minutes that a part starts late, on average"), _MINUTES),
    "crew_wait_min": (Text("班组等候（分钟）", "Minutes that crews wait"), _MINUTES),
    "enterprise_wait_min": (Text("企业等候（分钟）", "Minutes that enterprises wait"), _MINUTES),
    "enterprise_extra_min": (Text("入企延长（分钟）", "Minutes that visits last longer"), _MINUTES),
    "after_hours_min": (Text("超出营业时间（分钟）", "Minutes past opening hours"), _MINUTES),
    "crew_shifts_late": (Text("晚归的班组班次", "Crew shifts back late"), _PERCENT),
    "overtime_min": (Text("班组超时（分钟）", "Minutes of overtime"), _MINUTES),
    "no_shows": (Text("无人接待的入企", "Visits at which nobody opens"), _COUNT),
}
"""Name and unit of every figure of ``DelayFigures``, in the order in which people read them."""

_HEADER = (
    Text("延误模拟（每次）", "Delay, a run"),
    Text("平均", "Mean"),
    Text("标准误", "Std. error"),
    Text("中位数", "Median"),
    Text("95 分位", "95th perc."),
)
_SENTENCE = Text(
    "模拟 {runs:,} 次，各方检查时长的系数 {durations}、路途的系数 {travel}：{visits} 的入企、{parts} 的各方检查"
    "晚开始不超过 {minutes:g} 分钟；{late} 的班组班次晚归。",
    "Simulated {runs:,} times with factors {durations} of durations and {travel} of travel: {visits} of visits and "
    "{parts} of parts start at most {minutes:g} minutes late; {late} of crew shifts are back late.",
)
_SPLIT = (
    Text("各方检查", "Parts"),
    Text("准时", "On time"),
    Text("平均晚（分钟）", "Late, min"),
    Text("班组等候（分钟）", "Crews wait, min"),
    Text("班组班次", "Crew shifts"),
    Text("晚归", "Back late"),
)


def delay_header(lang: Lang) -> tuple[str, ...]:
    """Return the column names of :func:`delay_rows`."""
    return tuple(text.say(lang) for text in _HEADER)


def delay_rows(figures: DelayFigures, lang: Lang, *, signed: bool = False) -> list[tuple[str, ...]]:
    """Return (figure, mean, standard error, median, 95th percentile) as texts; differences bear their sign."""
    rows = []
    for name, unit, found in _known(figures, lang):
        error = "–" if found.error is None else _amount(found.error, unit, fine=True)
        middle = (_amount(v, unit, signed=signed) for v in (found.p50, found.p95))
        rows.append((name, _amount(found.mean, unit, signed=signed), error, *middle))
    return rows


def delay_cells(figures: DelayFigures, lang: Lang) -> list[tuple[tuple[Cell, ...], tuple[Kind, ...]]]:
    """Return the rows of :func:`delay_rows` as numbers, each with the kinds of its cells; a share is a fraction."""
    rows: list[tuple[tuple[Cell, ...], tuple[Kind, ...]]] = []
    for name, unit, found in _known(figures, lang):
        plain, fine = _KINDS[unit]
        rows.append(((name, found.mean, found.error, found.p50, found.p95), ("text", plain, fine, plain, plain)))
    return rows


def _known(figures: DelayFigures, lang: Lang) -> Iterator[tuple[str, str, Estimate]]:
    """Yield name, unit and estimate of the figures that there are."""
    for name, (text, unit) in FIGURE_NAMES.items():
        found: Estimate | None = getattr(figures, name)
        if found is not None:
            yield text.say(lang), unit, found


def split_header(first: Text, lang: Lang) -> tuple[str, ...]:
    """Return the column names of :func:`split_rows`."""
    return tuple(text.say(lang) for text in (first, *_SPLIT))


def split_rows(groups: Sequence[tuple[str, DelayGroup]]) -> list[tuple[str, ...]]:
    """Return a row for every named group: parts, on time, late, crews' waiting, crew shifts, back late."""
    return [
        (
            name,
            f"{g.parts:,}",
            _amount(g.figures.parts_on_time.mean, _PERCENT),
            _amount(g.figures.late_min.mean, _MINUTES),
            _amount(g.figures.crew_wait_min.mean, _MINUTES),
            "–" if g.crew_shifts is None else f"{g.crew_shifts:,}",
            "–" if g.figures.crew_shifts_late is None else _amount(g.figures.crew_shifts_late.mean, _PERCENT),
        )
        for name, g in groups
    ]


def _amount(value: float, unit: str, *, signed: bool = False, fine: bool = False) -> str:
    sign = "+" if signed else ""
    if unit == _PERCENT:
        return f"{100 * value:{sign}.{2 if fine else 1}f}%"
    return f"{value:{sign},.{2 if fine else 1}f}"


def model_values(model: DelayModel) -> dict[str, Any]:
    """Return a model as plain values; distributions as the texts that the command line takes."""
    names = ("durations", "travel", "day_durations", "day_travel")
    values = {name: distribution_text(getattr(model, name)) for name in names}
    rest = ("enterprise_late_chance", "enterprise_late_min", "no_show_chance", "no_show_wait_min", "on_time_min")
    return values | {name: getattr(model, name) for name in rest} | {"departure": model.departure.value}


def report_values(report: DelayReport, *, groups: bool = True) -> dict[str, Any]:
    """Return a report as plain JSON values, with its authorities, streets and hours where asked for."""
    out: dict[str, Any] = {
        "model": model_values(report.model),
        "seed": report.seed,
        "runs": report.runs,
        "planned_crew_wait_min": report.planned_crew_wait_min,
        "total": _group_values(report.total),
    }
    if groups:
        for name in ("by_authority", "by_street", "by_hour"):
            out[name] = [{"name": g.name} | _group_values(g) for g in getattr(report, name)]
    return out


def _group_values(group: DelayGroup) -> dict[str, Any]:
    counts = {"parts": group.parts, "visits": group.visits, "crew_shifts": group.crew_shifts}
    return counts | figure_values(group.figures)


def figure_values(figures: DelayFigures) -> dict[str, Any]:
    """Return figures as plain JSON values, six digits after the point."""
    return {
        name: None if found is None else {k: None if v is None else round(v, 6) for k, v in found.items()}
        for name, found in asdict(figures).items()
    }


def comparison_values(comparison: DelayComparison) -> list[dict[str, Any]]:
    """Return the differences of a comparison as plain JSON values, each with whether it is more than noise."""
    return [
        {
            "name": d.name,
            "less": comparison.names[0],
            "crew_shifts": d.crew_shifts,
            "figures": figure_values(d.figures),
            "more_than_noise": [n for n in FIGURE_NAMES if (e := getattr(d.figures, n)) is not None and e.is_effect],
        }
        for d in comparison.differences
    ]


def delay_summary(snapshot: PlanningSnapshot, schedule: Schedule, seed: int) -> dict[str, Any] | None:
    """Return what a summary says of delay: the whole schedule under the default model.

    ``None`` for a case of more than :data:`MAX_ITEMS_REPORTED` items: ``onevisit simulate`` is for those.

    Raises
    ------
    ValueError : the schedule breaks the rules.
    """
    if len(snapshot.items) > MAX_ITEMS_REPORTED:
        return None
    return report_values(simulate(snapshot, schedule, DelayModel(), seed=seed, runs=REPORTED_RUNS), groups=False)


def delay_of(summary: Mapping[str, Any]) -> DelayFigures | None:
    """Return the figures of delay that a summary holds, or ``None`` when it holds none (another writer's need not)."""
    stored = summary.get("delay")
    try:
        total = stored["total"] if stored else None
        found: dict[str, Any] = {} if total is None else {name: _estimate(total[name]) for name in FIGURE_NAMES}
    except (KeyError, TypeError, ValueError):
        return None
    return DelayFigures(**found) if found else None


def _estimate(values: Mapping[str, Any] | None) -> Estimate | None:
    if values is None:
        return None
    error = values["error"]
    return Estimate(
        mean=float(values["mean"]),
        error=None if error is None else float(error),
        p50=float(values["p50"]),
        p95=float(values["p95"]),
    )


def delay_sentence(summary: Mapping[str, Any], lang: Lang) -> str | None:
    """Return how a schedule fares by its summary, in one sentence; ``None`` where the summary does not tell."""
    figures = delay_of(summary)
    if figures is None or figures.visits_on_time is None or figures.crew_shifts_late is None:
        return None
    try:
        model, runs = summary["delay"]["model"], int(summary["delay"]["runs"])
        facts = {"durations": str(model["durations"]), "travel": str(model["travel"]), "runs": runs}
        minutes = float(model["on_time_min"])
    except (KeyError, TypeError, ValueError):
        return None
    shares = {"visits": figures.visits_on_time, "parts": figures.parts_on_time, "late": figures.crew_shifts_late}
    amounts = {name: _amount(e.mean, _PERCENT) for name, e in shares.items()}
    return _SENTENCE.say(lang, minutes=minutes, **facts, **amounts)
