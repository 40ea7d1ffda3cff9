"""What an edit touched: counted from the difference between the case before and after it, never from what it says."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from scheduler.diff import Table, compare_snapshots
from scheduler.domain.people import CrewPool
from scheduler.domain.snapshot import PlanningSnapshot
from scheduler.texts import Text

Place = tuple[str, ...]
"""One thing that may be changed once: table, row and field."""

_NOT_COUNTED = {("calendar", "days"), ("calendar", "closed"), ("calendar", "opened"), ("calendar", "shifts")}
"""Fields of the calendar's own row that repeat what its rows of dates and shifts say."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Touched:
    """Counts of what differs after an edit.

    Parameters
    ----------
    items, enterprises : rows added, removed or changed.
    crew_shifts : crews at work more or fewer, summed over dates and shifts of the horizon.
    dates : inspection dates more or fewer.
    rules : caps, quiet periods, shifts, priorities, and fields of the rules for visits, travel and streets.
    others : streets, authorities, past inspections, pins.
    """

    items: int = 0
    enterprises: int = 0
    crew_shifts: int = 0
    dates: int = 0
    rules: int = 0
    others: int = 0

    def describe(self) -> Text:
        """Return the counts above 0 in words."""
        parts = [(w, n) for w, n in zip(_WORDS, self.counts().values(), strict=True) if n]
        zh = "、".join(w.zh.format(n=n) for w, n in parts)
        return Text(zh, ", ".join(w.en.format(n=n) for w, n in parts))

    def counts(self) -> dict[str, int]:
        """Return the counts by name."""
        return {name: getattr(self, name) for name in self.__dataclass_fields__}


_WORDS = (
    Text("{n}个事项", "items: {n}"),
    Text("{n}家企业", "enterprises: {n}"),
    Text("{n}个班组班次", "crew shifts at work: {n}"),
    Text("{n}个检查日", "dates: {n}"),
    Text("{n}条规则", "rules: {n}"),
    Text("{n}行其他数据", "other rows: {n}"),
)


def touched(before: PlanningSnapshot, after: PlanningSnapshot) -> tuple[Touched, frozenset[Place]]:
    """Return what an edit touched, and every place of it."""
    difference = compare_snapshots(before, after)
    places: set[Place] = set()
    rows: dict[Table, int] = defaultdict(int)
    for t in difference.tables:
        if t.table is Table.CREW_POOLS:
            continue
        rows[t.table] = len(t.added) + len(t.removed) + len(t.changed)
        places |= {(t.table.value, key) for key in (*t.added, *t.removed)}
        for change in t.changed:
            places |= {(t.table.value, change.key, f) for f in change.fields or ("",)}
    places = {p for p in places if p[0] != "calendar" or p[1:] not in _NOT_COUNTED}
    pools_differ = any(t.table is Table.CREW_POOLS for t in difference.tables)
    crews = _crews_changed(before, after) if pools_differ else {}
    places |= {("crew_pools", *key) for key in crews}
    days = set(before.calendar.days) ^ set(after.calendar.days)
    shifts = sum(p[0] == "calendar" and p[1].startswith("shift/") for p in places)
    counts = Touched(
        items=rows[Table.ITEMS],
        enterprises=rows[Table.ENTERPRISES],
        crew_shifts=sum(abs(n) for n in crews.values()),
        dates=len(days),
        rules=sum(p[0] == "policy" for p in places) + shifts,
        others=sum(rows[t] for t in (Table.STREETS, Table.AUTHORITIES, Table.HISTORY, Table.PINS)),
    )
    return counts, frozenset(places)


def _crews_changed(before: PlanningSnapshot, after: PlanningSnapshot) -> dict[Place, int]:
    """Return by authority, area, day and shift how many crews there are more."""
    out: dict[Place, int] = defaultdict(int)
    for sign, s in ((1, after), (-1, before)):
        for pool in s.crew_pools:
            for key in _slots_of(pool, s):
                out[key] += sign * pool.crews
    return {key: n for key, n in out.items() if n}


def _slots_of(pool: CrewPool, s: PlanningSnapshot) -> Iterable[Place]:
    for day in s.calendar.days:
        for shift in s.calendar.shifts:
            if pool.holds_on(day, shift.shift_id):
                yield pool.authority_id, pool.area_id, str(day), shift.shift_id
