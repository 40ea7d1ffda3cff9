"""What differs between two schedules, enterprise by enterprise, and between two snapshots, table by table."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, fields
from datetime import date
from enum import StrEnum
from functools import lru_cache
from typing import Any

from scheduler.domain.people import CrewPool
from scheduler.domain.plans import PastInspection, Pin
from scheduler.domain.policy import FrequencyCap, QuietPeriod
from scheduler.domain.schedule import JointVisit, Schedule
from scheduler.domain.snapshot import PlanningSnapshot
from scheduler.texts import Lang, Text

# --- schedules -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitPair:
    """A visit of the older schedule and what became of it in the newer one."""

    old: JointVisit
    new: JointVisit

    @property
    def other_slot(self) -> bool:
        """Say whether date, shift or street differ."""
        return _slot(self.old) != _slot(self.new)

    @property
    def other_time(self) -> bool:
        """Say whether the clock times differ."""
        return (self.old.start, self.old.end) != (self.new.start, self.new.end)

    @property
    def other_group(self) -> bool:
        """Say whether items or authorities differ."""
        return (self.old.item_ids, self.old.authority_ids) != (self.new.item_ids, self.new.authority_ids)


@dataclass(frozen=True, slots=True, kw_only=True)
class EnterpriseDiff:
    """What differs at one enterprise; visits are in order of time, pairs in that of the old visit.

    Parameters
    ----------
    moved : other date, shift or time; items may differ too when the date or shift does.
    regrouped : same date and shift, other items or authorities; the time may differ too.
    """

    enterprise_id: str
    added: tuple[JointVisit, ...]
    removed: tuple[JointVisit, ...]
    moved: tuple[VisitPair, ...]
    regrouped: tuple[VisitPair, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ScheduleDiff:
    """What differs between an older and a newer schedule.

    Parameters
    ----------
    enterprises : those with a difference, in the order of ids.
    newly_served, no_longer_served : item ids, sorted.
    crew_shifts : number of the older and the newer schedule.
    crew_shifts_kept : crew shifts of equal id, so of equal route, in both.
    crew_shifts_by_authority : (authority, older number, newer number) where the two differ, sorted.
    """

    enterprises: tuple[EnterpriseDiff, ...]
    newly_served: tuple[str, ...]
    no_longer_served: tuple[str, ...]
    crew_shifts: tuple[int, int]
    crew_shifts_kept: int
    crew_shifts_by_authority: tuple[tuple[str, int, int], ...]

    @property
    def counts(self) -> dict[str, int]:
        """Return the visits added, removed, moved and regrouped, by these names."""
        kinds = ("added", "removed", "moved", "regrouped")
        return {kind: sum(len(getattr(e, kind)) for e in self.enterprises) for kind in kinds}


def compare_schedules(a: Schedule, b: Schedule) -> ScheduleDiff:
    """Return what differs in schedule `b` from schedule `a`.

    Visits of one enterprise are paired by their id, then by the number of items in common, the greatest first; a
    visit without an item in common with any left is added or removed.
    """
    old, new = _by_enterprise(a), _by_enterprise(b)
    found = (_compare_visits(e, old.get(e, ()), new.get(e, ())) for e in sorted(old.keys() | new.keys()))
    was = {i for v in a.visits for i in v.item_ids}
    now = {i for v in b.visits for i in v.item_ids}
    crews = Counter(c.authority_id for c in a.crew_shifts), Counter(c.authority_id for c in b.crew_shifts)
    names = sorted(crews[0].keys() | crews[1].keys())
    return ScheduleDiff(
        enterprises=tuple(d for d in found if d is not None),
        newly_served=tuple(sorted(now - was)),
        no_longer_served=tuple(sorted(was - now)),
        crew_shifts=(len(a.crew_shifts), len(b.crew_shifts)),
        crew_shifts_kept=len({c.crew_id for c in a.crew_shifts} & {c.crew_id for c in b.crew_shifts}),
        crew_shifts_by_authority=tuple((n, crews[0][n], crews[1][n]) for n in names if crews[0][n] != crews[1][n]),
    )


def _slot(v: JointVisit) -> tuple[int, str, str]:
    return v.day, v.shift_id, v.street_id


def _when(v: JointVisit) -> tuple[int, int, str]:
    return v.day, v.start, v.visit_id


def _by_enterprise(schedule: Schedule) -> dict[str, list[JointVisit]]:
    out: dict[str, list[JointVisit]] = defaultdict(list)
    for v in sorted(schedule.visits, key=_when):
        out[v.enterprise_id].append(v)
    return dict(out)


def _compare_visits(enterprise_id: str, old: Iterable[JointVisit], new: Iterable[JointVisit]) -> EnterpriseDiff | None:
    rest_old, rest_new = {v.visit_id: v for v in old}, {v.visit_id: v for v in new}
    if rest_old == rest_new:
        return None
    pairs = [VisitPair(old=v, new=rest_new[i]) for i, v in rest_old.items() if i in rest_new]
    for pair in pairs:
        del rest_old[pair.old.visit_id], rest_new[pair.new.visit_id]
    pairs += _overlapping(rest_old, rest_new)
    moved, regrouped = [], []
    for pair in sorted(pairs, key=lambda p: _when(p.old)):
        if pair.other_group and not pair.other_slot:
            regrouped.append(pair)
        elif pair.other_slot or pair.other_time:
            moved.append(pair)
    if not (moved or regrouped or rest_old or rest_new):
        return None
    return EnterpriseDiff(
        enterprise_id=enterprise_id,
        added=tuple(rest_new.values()),
        removed=tuple(rest_old.values()),
        moved=tuple(moved),
        regrouped=tuple(regrouped),
    )


def _overlapping(old: dict[str, JointVisit], new: dict[str, JointVisit]) -> Iterator[VisitPair]:
    """Take out pairs of visits with items in common: most items first, then the same slot, then the earlier."""
    overlaps = [
        (-len(common), _slot(v) != _slot(w), _when(v), _when(w))
        for v in old.values()
        for w in new.values()
        if (common := set(v.item_ids) & set(w.item_ids))
    ]
    for *_, when_v, when_w in sorted(overlaps):
        if when_v[2] in old and when_w[2] in new:
            yield VisitPair(old=old.pop(when_v[2]), new=new.pop(when_w[2]))


# --- snapshots -----------------------------------------------------------------------------------------------------


class Table(StrEnum):
    """A part of a snapshot that is compared by itself."""

    CASE = "case"  # its name
    CALENDAR = "calendar"
    POLICY = "policy"
    STREETS = "streets"
    AUTHORITIES = "authorities"
    ENTERPRISES = "enterprises"
    CREW_POOLS = "crew_pools"
    ITEMS = "items"
    HISTORY = "history"
    PINS = "pins"


@dataclass(frozen=True, slots=True, kw_only=True)
class RowChange:
    """A row that is in both snapshots, with the names of the fields that differ, in their order."""

    key: str
    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TableDiff:
    """Rows of a table by their ids; where it has none, by what they are about (``A1/*/AM``), numbered from the second.

    A row of the calendar is an inspection date, a shift or ``calendar`` itself; one of the policy is a set of rules, a
    priority, a cap or a quiet period.
    """

    table: Table
    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    changed: tuple[RowChange, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SnapshotDiff:
    """What differs between an older and a newer snapshot; tables without a difference are left out."""

    tables: tuple[TableDiff, ...]

    def of(self, table: Table) -> TableDiff:
        """Return the difference of one table, empty when there is none."""
        return next((t for t in self.tables if t.table is table), TableDiff(table=table))

    def sentences(self, lang: Lang, shown: int = 3) -> tuple[str, ...]:
        """Return one short sentence for every table with a difference, with counts and the first `shown` ids."""
        return tuple(_table_sentence(t, lang, shown) for t in self.tables)


def compare_snapshots(a: PlanningSnapshot, b: PlanningSnapshot) -> SnapshotDiff:
    """Return what differs in snapshot `b` from snapshot `a`; nothing does just when they have equal digests."""
    found = (_compare_rows(table, a, b) for table in Table)
    return SnapshotDiff(tables=tuple(t for t in found if t.added or t.removed or t.changed))


Key = tuple[Any, ...]
Rows = Mapping[Key, Any]


def _compare_rows(table: Table, a: PlanningSnapshot, b: PlanningSnapshot) -> TableDiff:
    if table is not Table.CASE and getattr(a, table.value) == getattr(b, table.value):
        return TableDiff(table=table)
    old, new = _rows_of(table, a), _rows_of(table, b)
    changed = [
        RowChange(key=_label(key), fields=_fields_changed(row, new[key]))
        for key, row in old.items()
        if key in new and row is not new[key] and row != new[key]
    ]
    return TableDiff(
        table=table,
        added=tuple(sorted(_label(k) for k in new if k not in old)),
        removed=tuple(sorted(_label(k) for k in old if k not in new)),
        changed=tuple(sorted(changed, key=lambda c: c.key)),
    )


def _fields_changed(old: Any, new: Any) -> tuple[str, ...]:
    if not hasattr(old, "__dataclass_fields__"):
        return ()
    return tuple(f.name for f in fields(old) if getattr(old, f.name) != getattr(new, f.name))


def _label(key: Key) -> str:
    """Return a key for people, without the parts that are absent."""
    parts = [
        ",".join(map(str, part)) if isinstance(part, tuple) else str(part) for part in key if part not in (None, ())
    ]
    return "/".join(parts)


def _rows_of(table: Table, s: PlanningSnapshot) -> Rows:
    if table is Table.CASE:
        return {("name", s.name): None}
    if table is Table.CALENDAR:
        shifts = {("shift", h.shift_id): h for h in s.calendar.shifts}
        return {(_iso(d),): None for d in s.calendar.days} | shifts | {("calendar",): s.calendar}
    if table is Table.POLICY:
        p = s.policy
        rules: dict[Key, Any] = {("visit",): p.visit, ("travel",): p.travel, ("street",): p.street}
        rules |= {("tier", number): name for number, name in enumerate(p.tiers, 1)}
        weights = {("priority", name): weight for name, weight in p.priority_weights}
        return rules | weights | _numbered(p.caps, _cap_key) | _numbered(p.quiet_periods, _quiet_key)
    rows = getattr(s, table.value)
    if table in _IDS:
        return {(getattr(row, _IDS[table]),): row for row in rows}
    return _numbered(rows, _KEYS[table])


_IDS = {
    Table.STREETS: "street_id",
    Table.AUTHORITIES: "authority_id",
    Table.ENTERPRISES: "enterprise_id",
    Table.ITEMS: "item_id",
}


def _numbered(rows: Iterable[Any], key_of: Callable[[Any], Key]) -> dict[Key, Any]:
    """Return rows by key; of rows with one key the second and further ones get a number."""
    out: dict[Key, Any] = {}
    seen: Counter[Key] = Counter()
    for row in rows:
        key = key_of(row)
        seen[key] += 1
        out[key if seen[key] == 1 else (*key, f"#{seen[key]}")] = row
    return out


@lru_cache(maxsize=4096)
def _iso(day: int | None) -> str | None:
    return None if day is None else date.fromordinal(day).isoformat()


def _cap_key(c: FrequencyCap) -> Key:
    return "cap", c.scope.value, c.authority, c.credit_class, c.period.value


def _quiet_key(q: QuietPeriod) -> Key:
    span = f"{_iso(q.first_day)}..{_iso(q.last_day)}" if q.first_day is not None else None
    monthly = f"monthly:{q.month_from}-{q.month_to}" if q.month_from is not None else None
    return "quiet", q.scope.value, q.target, span, monthly


def _pool_key(p: CrewPool) -> Key:
    limited = p.first_day is not None or p.last_day is not None
    span = f"{_iso(p.first_day) or ''}..{_iso(p.last_day) or ''}" if limited else None
    return p.authority_id, p.area_id, span, p.weekdays, p.shift_id


def _past_key(h: PastInspection) -> Key:
    return h.enterprise_id, h.authority_id, _iso(h.day), h.visit_id


def _pin_key(p: Pin) -> Key:
    return p.enterprise_id, _iso(p.day)


_KEYS: dict[Table, Callable[[Any], Key]] = {
    Table.CREW_POOLS: _pool_key,
    Table.HISTORY: _past_key,
    Table.PINS: _pin_key,
}

_TABLES = {
    Table.CASE: Text("名称", "Name"),
    Table.CALENDAR: Text("日历", "Calendar"),
    Table.POLICY: Text("规则", "Policy"),
    Table.STREETS: Text("街道", "Streets"),
    Table.AUTHORITIES: Text("部门", "Authorities"),
    Table.ENTERPRISES: Text("企业", "Enterprises"),
    Table.CREW_POOLS: Text("班组池", "Crew pools"),
    Table.ITEMS: Text("计划项", "Plan items"),
    Table.HISTORY: Text("已发生的检查", "Past inspections"),
    Table.PINS: Text("固定日期", "Pins"),
}
_NAMES_OF_FIELDS = """
name=名称 start=开始日期 end=结束日期 kind=日历类型 days=检查日 shifts=班次 closed=停检日期 opened=加检日期
start_min=开始时间 end_min=结束时间 overhead_min=开场分钟 start_together=同时开始 ride_together=全程同行
stretch_min=可延长分钟
max_officers=现场人数上限 max_visit_min=入企时长上限 min_gap_days=最小间隔
max_authorities=同次部门上限 speed_kmh=车速 detour=绕行系数
stop_min=停车分钟 buffer_min=缓冲 max_days=每月联合检查日上限 max_visits=入企上限 exempt_triggers=豁免类型
district_id=区 lon=经度 lat=纬度 level=层级 street_id=街道
usci=统一社会信用代码 industry=行业 credit_class=信用风险分类 closed_days=停业日
closed_weekdays=每周停业日 open_from=营业开始 open_to=营业结束 crews=班组数 authority_id=部门 enterprise_id=企业
duration_min=时长 earliest=最早日期 latest=最晚日期 priority=优先级 trigger=检查类型 cap_exempt=不计频次
notice=告知方式 item_code=事项代码 legal_basis=法律依据 shift_id=班次
"""
_FIELDS: Mapping[str, str] = dict(pair.split("=") for pair in _NAMES_OF_FIELDS.split())
"""Fields in Chinese; in English they are their own names."""

_ADDED = Text("新增{n}项（{what}）", "{n} added ({what})")
_REMOVED = Text("删除{n}项（{what}）", "{n} removed ({what})")
_CHANGED = Text("变更{n}项（{what}）", "{n} changed ({what})")


def _table_sentence(t: TableDiff, lang: Lang, shown: int) -> str:
    zh = lang == "zh"
    changes = [_change_text(c, lang) for c in t.changed[:shown]]
    groups = ((_ADDED, len(t.added), t.added[:shown]), (_REMOVED, len(t.removed), t.removed[:shown]))
    parts = []
    for text, n, first in (*groups, (_CHANGED, len(t.changed), tuple(changes))):
        between = ("；" if zh else "; ") if text is _CHANGED else ("、" if zh else ", ")
        more = (" 等" if zh else ", …") if n > len(first) else ""
        if n:
            parts.append(text.say(lang, n=n, what=between.join(first) + more))
    name = _TABLES[t.table].say(lang)
    return f"{name}：{'，'.join(parts)}。" if zh else f"{name}: {', '.join(parts)}."


def _change_text(change: RowChange, lang: Lang) -> str:
    if lang == "en":
        names = [f.removesuffix("_min").removesuffix("_id").replace("_", " ") for f in change.fields]
        return f"{change.key}: {', '.join(names)}" if names else change.key
    names = [_FIELDS.get(f, f) for f in change.fields]
    return f"{change.key}：{'、'.join(names)}" if names else change.key
