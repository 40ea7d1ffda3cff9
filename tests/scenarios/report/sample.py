"""A comparison with 25 scenarios, long and hostile names, and every kind of cell, made by arithmetic."""

from __future__ import annotations

from datetime import UTC, date, datetime

from scenarios.comparison import Better, Cell, Column, Comparison, Mark, Metric, MetricGroup
from scheduler.texts import Text

STAMP = datetime(2026, 11, 27, 8, 0, tzinfo=UTC)
MONDAY = date(2026, 10, 5).toordinal()
HOSTILE = Text(
    '<script>alert("x")</script>=1+1 & {名} $\\frac{1}{0}$', "=1+1<script>alert('x')</script> & {x} $a_b$ \x07😀"
)
_PERCENT, _NONE = Text("%", "%"), Text("", "")

METRICS: tuple[Metric, ...] = (
    Metric(
        name="unserved_weight",
        group=MetricGroup.TERMS,
        label=Text("未安排事项权重", "Weight of unserved items"),
        unit=_NONE,
        better=Better.FEWER,
    ),
    Metric(
        name="doors",
        group=MetricGroup.TERMS,
        label=Text("入企次数", "Doors opened"),
        unit=Text("次", "visits"),
        better=Better.FEWER,
    ),
    Metric(
        name="crew_shifts",
        group=MetricGroup.TERMS,
        label=Text("出动班组", "Crew shifts"),
        unit=Text("班次", "shifts"),
        better=Better.FEWER,
    ),
    Metric(
        name="joint_days",
        group=MetricGroup.TERMS,
        label=Text("街道联合检查日", "Joint inspection days"),
        unit=Text("日", "days"),
        better=Better.FEWER,
    ),
    Metric(
        name="travel_min",
        group=MetricGroup.TERMS,
        label=Text("路途时间", "Travel"),
        unit=Text("分钟", "minutes"),
        better=Better.FEWER,
    ),
    Metric(
        name="joint_rate",
        group=MetricGroup.SERVED,
        label=Text("联合检查率", "Joint rate"),
        unit=_PERCENT,
        better=Better.MORE,
        decimals=1,
    ),
    Metric(
        name="person_visits",
        group=MetricGroup.BURDEN,
        label=Text("入企人次", "Person-visits"),
        unit=Text("人次", "persons"),
        better=Better.FEWER,
    ),
    Metric(
        name="crew_shifts:A03",
        group=MetricGroup.CREWS,
        label=Text("出动班组：生态环境局", "Crew shifts: ecology"),
        unit=Text("班次", "shifts"),
        better=Better.NEITHER,
    ),
    Metric(
        name="gini",
        group=MetricGroup.BALANCE,
        label=Text("街道间负荷不均", "Imbalance between streets"),
        unit=_NONE,
        better=Better.FEWER,
        decimals=3,
    ),
    Metric(name="odd", group=MetricGroup.ALERTS, label=HOSTILE, unit=_NONE, better=Better.NEITHER, decimals=2),
)
_TITLES = (
    Text("每月每街道最多四个联合检查日", "At most four joint days a street and month"),
    Text("市场监管局增加一个班组", "One more crew for market regulation"),
    Text("不告知检查改为提前告知", "Unannounced items are announced"),
    Text(
        "所有消防重点单位频次上限放宽到每季度两次，且九月安静期取消（试点街道除外）",
        "The cap of all fire-safety key units is two a quarter and the quiet period of September is dropped (but for "
        "pilot streets)",
    ),
)


def sample_comparison(scenarios: int = 25, streets: int = 74, weeks: int = 13) -> Comparison:
    """Return a comparison with a base and so many scenarios."""
    names = ["base", *(f"s{n:02d}" for n in range(1, scenarios + 1))]
    ids = [
        (f"S{n:03d}", f"第{n}街道办事处" if n % 7 else f"光明区凤凰街道第{n}片区（示例）")
        for n in range(1, streets + 1)
    ]
    return Comparison(
        case_name="深圳市光明区 2026年第四季度 <b>",
        case_digest="sha256:" + "0123456789abcdef" * 4,
        streets=tuple(ids),
        limits=(("iterations", "20000"), ("time_s", "60"), ("workers", "1")),
        versions=(("onevisit", "0.1.0"), ("ortools", "9.15")),
        metrics=METRICS,
        columns=tuple(_column(k, name, ids, weeks) for k, name in enumerate(names)),
        cells={(m.name, name): _cell(m, j, k) for j, m in enumerate(METRICS) for k, name in enumerate(names)},
    )


def _column(k: int, name: str, streets: list[tuple[str, str]], weeks: int) -> Column:
    visits = {
        (street_id, MONDAY + 7 * w): n
        for s, (street_id, _) in enumerate(streets)
        for w in range(weeks)
        if (n := (s * 5 + w * 3) % 17 + (k * (s + w)) % 3 - (1 if k else 0)) > 0
    }
    if not k:
        return Column(name=name, title=Text("基准方案", "Base"), edits=(), notes=(), weeks=visits, seeds=(1, 2, 3))
    title = HOSTILE if k == 7 else _TITLES[k % len(_TITLES)]
    edits = (
        Text(f"街道 S{k:03d} 每月最多 {k} 日：触及 1 个街道。", f"At most {k} days a month in S{k:03d}: 1 street."),
        HOSTILE,
    )
    notes = (Text("移出 12 项：比较时请留意。", "12 items were taken out of the demand."),) if k % 5 == 0 else ()
    return Column(name=name, title=title, edits=edits[: 1 + k % 2], notes=notes, weeks=visits, seeds=(1, 2, 3))


def _cell(metric: Metric, j: int, k: int) -> Cell:
    size = {"unserved_weight": 40.0, "joint_rate": 0.62, "gini": 0.214, "travel_min": 48_211.0}.get(
        metric.name, 400.0 + 97 * j
    )
    if (metric.name, k) in (("gini", 3), ("joint_rate", 4)) or (metric.name == "odd" and k > 1):
        return Cell(value=None)
    step = (0, -9, 4, 0, 13, -2, 1)[(j + k) % 7] if k else 0
    value = round(size * (1 + step / 100), 3 if size < 1 else 0)
    base = round(size, 3 if size < 1 else 0)
    difference = value - base if k else None
    mark = (
        Mark.BASE
        if not k
        else Mark.EQUAL
        if value == base
        else Mark.NO_EVIDENCE
        if abs(step) < 3
        else Mark.PROVEN
        if j < 4
        else Mark.MEASURED
    )
    spread = size * 0.015
    return Cell(
        value=value,
        least=value,
        greatest=value + (spread if k % 2 else 0),
        bound=round(value * 0.95) if j < 4 else None,
        difference=difference,
        mark=mark,
        of=(round(value * 1000), 1000) if metric.unit.en == "%" else None,
    )
