"""From the runs of a study to the table of their comparison, with marks that keep noise from being sold as effect."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from scenarios.comparison import Cell, Column, Comparison, Mark, Metric, MetricGroup
from scenarios.limits import GOING_ON
from scenarios.metrics import Measure, measures_of, weeks_of
from scenarios.run import Run, Study
from scheduler.domain.schedule import TERMS
from scheduler.planning.outcome import PlanStatus
from scheduler.texts import Text

_BASE = Text("基准", "base")
_FAILED = Text("此方案无法排程：{why}", "this scenario cannot be planned: {why}")
_STOPPED = Text("此方案的搜索被提前停止，结果不足为据。", "the search of this scenario was stopped early: no evidence.")
_SERVES_MORE = Text(
    "本方案比基准多安排{n}个事项：入企次数、人次和班组较多，部分因此而来。",
    "this scenario serves {n} items more than the base: more doors, people and crews come in part from that.",
)
_SERVES_FEWER = Text(
    "本方案比基准少安排{n}个事项：入企次数、人次和班组较少，部分因此而来。",
    "this scenario serves {n} items fewer than the base: fewer doors, people and crews come in part from that.",
)
TINY = 1e-9
"""Differences up to this are rounding."""


def compare(study: Study, versions: Mapping[str, str]) -> Comparison:
    """Return the comparison of all runs of a study.

    A difference of a term is marked as proven when it is greater than the proven gap of the higher of the two values
    and the greater spread of seeds together: whatever better schedules there are, the higher value stays the higher.
    Other metrics have no bounds, so that a difference beyond the spread is only measured; with one seed it is no
    evidence, because nothing is known of the noise. What no schedule may change (items in the demand) has no noise.
    """
    measures = {run.name: [_by_name(study, run, k) for k in range(len(run.outcomes))] for run in study.runs}
    metrics = _metrics(measures)
    base = study.runs[0]
    cells: dict[tuple[str, str], Cell] = {}
    for metric in metrics:
        mine = _cell(metric, base, measures[base.name])
        cells[metric.name, base.name] = mine
        for run in study.runs[1:]:
            cell = _cell(metric, run, measures[run.name])
            cells[metric.name, run.name] = _against(cell, mine, run, base, metric)
    return Comparison(
        case_name=study.base.name,
        case_digest=study.base.digest(),
        streets=tuple((s.street_id, s.name) for s in study.base.streets),
        limits=_limits(study),
        versions=tuple(sorted(versions.items())),
        metrics=metrics,
        columns=tuple(_column(run, base) for run in study.runs),
        cells=cells,
    )


ByName = Mapping[str, Measure]


def _by_name(study: Study, run: Run, k: int) -> ByName:
    outcome = run.outcomes[k]
    found = measures_of(study.base, run.edited, outcome.schedule, outcome.score)
    return {m.metric.name: m for m in found}


def _metrics(measures: Mapping[str, Sequence[ByName]]) -> tuple[Metric, ...]:
    """Return the metrics of all scenarios by group; a reason that nobody has is left out."""
    found: dict[str, Metric] = {}
    used: set[str] = set()
    for runs in measures.values():
        for by_name in runs:
            for name, m in by_name.items():
                found.setdefault(name, m.metric)
                if m.value or m.metric.group is not MetricGroup.UNSERVED:
                    used.add(name)
    order = list(MetricGroup)
    return tuple(sorted((m for n, m in found.items() if n in used), key=lambda m: order.index(m.group)))


def _cell(metric: Metric, run: Run, measures: Sequence[ByName]) -> Cell:
    if not measures:
        return Cell(value=None)
    mine = measures[run.best].get(metric.name)
    if mine is None or mine.value is None:
        return Cell(value=None)
    values = [m[metric.name].value for m in measures if metric.name in m]
    known = [v for v in values if v is not None]
    bound = run.outcomes[run.best].bounds.get(metric.name)
    return Cell(value=mine.value, least=min(known), greatest=max(known), bound=bound, of=mine.of)


def _against(cell: Cell, base: Cell, run: Run, base_run: Run, metric: Metric) -> Cell:
    """Return a cell with its difference to the base, and what that is worth."""
    if cell.value is None or base.value is None:
        return cell
    difference = cell.value - base.value
    mark = _mark(difference, cell, base, run, base_run, metric)
    return Cell(
        value=cell.value,
        least=cell.least,
        greatest=cell.greatest,
        bound=cell.bound,
        of=cell.of,
        difference=difference,
        mark=mark,
    )


_SURE = ("items_planned",)
"""Metrics of the case itself, which no search changes."""


def _mark(difference: float, cell: Cell, base: Cell, run: Run, base_run: Run, metric: Metric) -> Mark:
    if abs(difference) <= TINY:
        return Mark.EQUAL
    if metric.name in _SURE:
        return Mark.PROVEN
    if _stopped(run) or _stopped(base_run):
        return Mark.NO_EVIDENCE
    spread = max(_spread(cell), _spread(base))
    higher = cell if difference > 0 else base
    if metric.name in TERMS:
        if higher.bound is None or higher.value is None:
            return Mark.NO_EVIDENCE
        return Mark.PROVEN if abs(difference) > higher.value - higher.bound + spread + TINY else Mark.NO_EVIDENCE
    noise_known = len(run.outcomes) > 1 and len(base_run.outcomes) > 1
    return Mark.MEASURED if noise_known and abs(difference) > spread + TINY else Mark.NO_EVIDENCE


def _spread(cell: Cell) -> float:
    return 0.0 if cell.least is None or cell.greatest is None else cell.greatest - cell.least


def _stopped(run: Run) -> bool:
    return any(o.status is PlanStatus.STOPPED for o in run.outcomes)


def _column(run: Run, base: Run) -> Column:
    title, edits = _BASE, tuple[Text, ...]()
    if run.what_if is not None:
        title, edits = run.what_if.scenario.heading(), tuple(a.sentence() for a in run.what_if.applied)
    notes = list(run.edited.notes)
    if run.failure is not None:
        notes.append(_FAILED.filled(why=run.failure))
    if _stopped(run):
        notes.append(_STOPPED)
    if run.outcomes and base.outcomes and (more := _served(run) - _served(base)):
        text = _SERVES_MORE if more > 0 else _SERVES_FEWER
        notes.append(text.filled(n=abs(more)))
    seeds = run.seeds
    if run.outcomes:
        seeds = (run.seeds[run.best], *(s for k, s in enumerate(run.seeds) if k != run.best))
    return Column(
        name=run.name,
        title=title,
        edits=edits,
        notes=tuple(notes),
        weeks=weeks_of(run.outcomes[run.best].schedule) if run.outcomes else {},
        seeds=seeds,
    )


def _served(run: Run) -> int:
    return sum(len(v.item_ids) for v in run.outcomes[run.best].schedule.visits)


def _limits(study: Study) -> tuple[tuple[str, str], ...]:
    limits = study.limits
    return (
        ("iterations", f"{limits.iterations} + {int(limits.iterations * GOING_ON)}"),
        ("bounds", "yes" if limits.bounds else "no"),
        ("warm", "yes" if limits.warm else "no"),
    )
