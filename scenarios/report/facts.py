"""What was compared and how, and every figure in long form: the same in the page, the workbook and the CSV file."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from scenarios.comparison import Cell, Column, Comparison, Metric
from scenarios.report.wording import one_line
from scheduler.texts import Text

LIMITS: dict[str, Text] = {
    "iterations": Text("迭代次数", "iterations"),
    "time_s": Text("时间（秒）", "time (seconds)"),
    "workers": Text("并行进程", "workers"),
    "bounds": Text("证明下界", "bounds proven"),
    "warm": Text("从基准排程继续", "going on from the base"),
}
"""Names of limits for readers; others are shown as they are."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """A line of the description of a comparison."""

    name: Text
    value: Text


def facts_of(comparison: Comparison) -> tuple[Fact, ...]:
    """Return case, digest, scenarios, seeds, limits and versions."""
    scenarios = len(comparison.columns) - 1
    facts = [
        Fact(name=Text("案例", "Case"), value=_same(comparison.case_name)),
        Fact(name=Text("案例摘要值", "Digest of the case"), value=_same(comparison.case_digest)),
        Fact(
            name=Text("方案", "Scenarios"),
            value=Text(f"基准方案与 {scenarios} 个方案", f"{scenarios} beside the base"),
        ),
        Fact(name=Text("随机种子", "Seeds"), value=seeds_text(comparison)),
    ]
    for name, value in comparison.limits:
        label = LIMITS.get(name, _same(name))
        facts.append(Fact(name=Text(f"限额：{label.zh}", f"Limit: {label.en}"), value=_same(value)))
    shown = [f"{one_line(name)} {one_line(version)}" for name, version in comparison.versions]
    facts.append(Fact(name=Text("软件版本", "Versions"), value=Text("、".join(shown), ", ".join(shown))))
    return tuple(facts)


def seeds_text(comparison: Comparison) -> Text:
    """Return the seeds, and whether they are the same for all scenarios."""
    found = {tuple(sorted(c.seeds)) for c in comparison.columns}
    if len(found) == 1:
        seeds = [str(seed) for seed in next(iter(found))]
        zh, en = "、".join(seeds), ", ".join(seeds)
        return Text(f"{zh}（各方案相同）", f"{en} (the same for every scenario)")
    return Text("各方案不同，见“各方案的修改”", "not the same for every scenario: see what each scenario changes")


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A cell of the table with where it stands."""

    metric: Metric
    column: Column
    cell: Cell


def figures_of(comparison: Comparison) -> Iterator[Figure]:
    """Return every cell, metric by metric."""
    for metric in comparison.metrics:
        for column in comparison.columns:
            yield Figure(metric=metric, column=column, cell=comparison.cell(metric.name, column.name))


def _same(text: str) -> Text:
    return Text(one_line(text), one_line(text))
