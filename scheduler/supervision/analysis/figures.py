"""The figures of supervision: every one a sum over entries, with the words that say what it counts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from scheduler.domain.fieldwork.entry import ItemOutcome
from scheduler.domain.fieldwork.kinds import EntryPath, EntryState, ItemResult, ScanStatus
from scheduler.supervision.analysis.marks import Mark
from scheduler.texts import Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A figure: what one entry adds to it, never below 0."""

    name: Text
    of: Callable[[Mark], int]


def _scanned(status: ScanStatus) -> Callable[[Mark], int]:
    return lambda m: int(m.is_inside and m.entry.scan_status is status)


def _came_in(path: EntryPath) -> Callable[[Mark], int]:
    return lambda m: int(m.is_inside and m.entry.path is path)


def _ended(state: EntryState) -> Callable[[Mark], int]:
    return lambda m: int(m.entry.state is state)


def _items(counts: Callable[[ItemOutcome], int]) -> Callable[[Mark], int]:
    return lambda m: sum(counts(o) for o in m.entry.outcomes) if m.is_inside else 0


def _result(result: ItemResult) -> Callable[[Mark], int]:
    return _items(lambda o: int(o.result is result))


FIGURES: Mapping[str, Figure] = {
    "doors": Figure(
        name=Text("开门次数（联合检查计一次）", "doors, a joint visit once"), of=lambda m: int(m.opens_door)
    ),
    "joint_doors": Figure(name=Text("其中联合", "of them joint"), of=lambda m: int(m.opens_door and m.is_joint)),
    "repeats": Figure(
        name=Text("60 日内重复（线索除外）", "repeats within 60 days, leads excluded"), of=lambda m: int(m.is_repeat)
    ),
    "entries": Figure(name=Text("部门入企次数", "entries of authorities"), of=lambda m: int(m.is_inside)),
    "items": Figure(name=Text("完成事项", "items carried out"), of=lambda m: m.done_items),
    "joint_items": Figure(
        name=Text("联合完成事项", "items carried out jointly"), of=lambda m: m.done_items * m.is_joint
    ),
    "partner_items": Figure(
        name=Text("可联合事项", "items that had a partner"), of=lambda m: m.done_items * m.had_partner
    ),
    "door_minutes": Figure(
        name=Text("占用企业时间（分钟，重叠计一次）", "minutes of enterprises, overlaps once"),
        of=lambda m: m.door_minutes or 0,
    ),
    "unmeasured": Figure(
        name=Text("时长未知的入企", "entries whose length is not known"),
        of=lambda m: int(m.is_inside and m.door_minutes is None),
    ),
    "person_visits": Figure(
        name=Text("执法人次", "visits of single officers"), of=lambda m: len(m.entry.officer_ids) * m.is_inside
    ),
    **{f"scan_{s}": Figure(name=Text(zh, en), of=_scanned(s)) for s, zh, en in (
        (ScanStatus.SCANNED, "入企前扫码", "scanned before entering"),
        (ScanStatus.LATE, "离开前扫码", "scanned before leaving"),
        (ScanStatus.BACKFILLED, "补录", "made up for afterwards"),
        (ScanStatus.MISSING, "未扫码", "not scanned"),
    )},
    **{f"path_{p}": Figure(name=Text(zh, en), of=_came_in(p)) for p, zh, en in (
        (EntryPath.PLANNED, "计划内", "as planned"),
        (EntryPath.EMERGENCY, "紧急", "in an emergency"),
        (EntryPath.OFF_PLAN, "计划外", "off plan"),
    )},
    "no_access": Figure(name=Text("无人在场", "nobody was there"), of=_ended(EntryState.NO_ACCESS)),
    "turned_away": Figure(name=Text("企业拒绝", "turned away"), of=_ended(EntryState.TURNED_AWAY)),
    **{f"result_{r}": Figure(name=Text(zh, en), of=_result(r)) for r, zh, en in (
        (ItemResult.NOTHING_FOUND, "未发现问题", "nothing found"),
        (ItemResult.ADVICE, "提示指导", "advice"),
        (ItemResult.RECTIFICATION, "责令整改", "to be put right"),
        (ItemResult.CASE_FILED, "立案", "case filed"),
        (ItemResult.NOT_DONE, "未实施", "not done"),
    )},
    "leniency": Figure(
        name=Text("适用减免责清单", "leniency applied"), of=_items(lambda o: int(o.leniency is not None))
    ),
    "leniency_yuan": Figure(name=Text("减免金额（元）", "yuan spared"), of=_items(lambda o: o.leniency_yuan or 0)),
}  # fmt: skip
"""In the order in which they are shown. They only describe: nobody is ranked by checks or penalties (五个严禁)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """A share, with what it is made of; ``None`` where there is nothing to divide by."""

    numerator: int
    denominator: int

    @property
    def value(self) -> float | None:
        """Return the share."""
        return self.numerator / self.denominator if self.denominator else None


RATES: Mapping[str, tuple[str, str]] = {
    "joint_rate": ("joint_items", "partner_items"),  # 联合检查实施率
    "missing_rate": ("scan_missing", "entries"),
    "repeat_rate": ("repeats", "doors"),
}
"""Numerator and denominator of every rate: names of figures, the first never above the second."""


def totals(marks: Iterable[Mark]) -> dict[str, int]:
    """Return every figure of some marks."""
    some = tuple(marks)
    return {name: sum(map(figure.of, some)) for name, figure in FIGURES.items()}


def by_group(marks: Iterable[Mark]) -> dict[str, dict[str, int]]:
    """Return every figure of every group, the groups in order of their names."""
    groups: dict[str, list[Mark]] = defaultdict(list)
    for mark in marks:
        groups[mark.group].append(mark)
    return {group: totals(groups[group]) for group in sorted(groups)}


def rates(figures: Mapping[str, int]) -> dict[str, Rate]:
    """Return the rates of some figures."""
    return {k: Rate(numerator=figures[a], denominator=figures[b]) for k, (a, b) in RATES.items()}


def behind(marks: Iterable[Mark], figure: str) -> tuple[str, ...]:
    """Return the ids of the entries that add to a figure, in order."""
    return tuple(sorted(m.entry.entry_id for m in marks if FIGURES[figure].of(m)))
