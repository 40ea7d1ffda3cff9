"""What a draft changes of the published schedule, visit by visit, each with the reason why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from scheduler.diff import EnterpriseDiff, VisitPair, compare_schedules
from scheduler.domain.schedule import JointVisit, Schedule
from scheduler.explain.facts import clock
from scheduler.replan.carry import Carried
from scheduler.replan.events import Refused
from scheduler.replan.standing import Cause, Standing
from scheduler.texts import Lang, Text


class ChangeKind(StrEnum):
    """What became of a published visit, or that there was none."""

    ADDED = "added"
    DROPPED = "dropped"
    MOVED = "moved"  # another date or shift
    REGROUPED = "regrouped"  # same date and shift, other items or authorities
    RETIMED = "retimed"  # same date and shift, another minute


CAUSES = {
    Cause.NO_ACCESS: Text("上次无人应门", "nobody opened the door"),
    Cause.REFUSED: Text("上次被企业拒绝", "the enterprise refused the visit"),
    Cause.LEFT_OVER: Text("上次未查完", "it was left over from the last visit"),
    Cause.CANCELLED: Text("原日期或班次取消", "its date or shift is cancelled"),
    Cause.CLOSED: Text("企业当日停业", "the enterprise is closed on its date"),
    Cause.QUIET: Text("原日期现处于安静期或街道停检", "its date is a quiet one now"),
    Cause.CREW_MISSING: Text("原班组缺员", "a crew that was to come is missing"),
    Cause.CAP: Text("频次上限不再允许", "a frequency cap allows it no longer"),
    Cause.WITHDRAWN: Text("事项被撤回", "items were withdrawn"),
    Cause.RULE: Text("不再符合现有规则", "it breaks a rule of the case as it is now"),
    Cause.ADDED: Text("新增事项", "a new item came in"),
    Cause.MADE_ROOM: Text("为多完成事项而让出", "it makes room so that more weight is served"),
    Cause.ROOM_FOUND: Text("此前未能安排，现有空位", "it was not served before, and there is room now"),
}

_WHEN = Text("{day} {shift} {start}", "{day} {shift} {start}")
_SAID = {
    ChangeKind.ADDED: Text(
        "新增：企业{enterprise}，{new}；原因：{why}", "Added: enterprise {enterprise}, {new}: {why}"
    ),
    ChangeKind.DROPPED: Text(
        "取消：企业{enterprise}，原{old}；原因：{why}", "Dropped: enterprise {enterprise}, was {old}: {why}"
    ),
    ChangeKind.MOVED: Text(
        "改期：企业{enterprise}，{old} → {new}；原因：{why}", "Moved: enterprise {enterprise}, {old} to {new}: {why}"
    ),
    ChangeKind.REGROUPED: Text(
        "调整事项：企业{enterprise}，{new}；原因：{why}", "Other items: enterprise {enterprise}, {new}: {why}"
    ),
    ChangeKind.RETIMED: Text(
        "调整时间：企业{enterprise}，{old} → {new}；原因：{why}",
        "Other time: enterprise {enterprise}, {old} to {new}: {why}",
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitChange:
    """One visit that differs; `old` is as published, `new` as in the draft."""

    kind: ChangeKind
    enterprise_id: str
    old: JointVisit | None
    new: JointVisit | None
    cause: Cause

    def sentence(self, lang: Lang) -> str:
        """Return what changes and why, in one sentence."""
        return _SAID[self.kind].say(
            lang,
            enterprise=self.enterprise_id,
            old="" if self.old is None else _when(self.old, lang),
            new="" if self.new is None else _when(self.new, lang),
            why=CAUSES[self.cause].say(lang),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplanDiff:
    """Every change, by enterprise and time.

    Parameters
    ----------
    newly_served, no_longer_served : item ids, sorted; items that are done or withdrawn are in neither.
    """

    changes: tuple[VisitChange, ...]
    newly_served: tuple[str, ...]
    no_longer_served: tuple[str, ...]

    @property
    def counts(self) -> dict[str, int]:
        """Return the changes of every kind, by its name."""
        found = Counter(c.kind for c in self.changes)
        return {kind.value: found[kind] for kind in ChangeKind}


def difference(published: Schedule, draft: Schedule, carried: Carried, standing: Standing) -> ReplanDiff:
    """Return what the draft changes of the published visits that are not done."""
    done = {v.visit_id for v in carried.done}
    old = Schedule(
        snapshot_digest=published.snapshot_digest,
        visits=tuple(v for v in published.visits if v.visit_id not in done),
        crew_shifts=(),
        unserved=(),
    )
    found = compare_schedules(old, draft)
    teller = _Teller(carried, standing, {i for v in old.visits for i in v.item_ids})
    changes = tuple(c for e in found.enterprises for c in teller.changes(e))
    gone = carried.withdrawn
    return ReplanDiff(
        changes=changes,
        newly_served=found.newly_served,
        no_longer_served=tuple(i for i in found.no_longer_served if i not in gone),
    )


class _Teller:
    """Finds the causes of changes.

    Parameters
    ----------
    planned : items of the published visits that are not done.
    """

    def __init__(self, carried: Carried, standing: Standing, planned: set[str]) -> None:
        self.carried, self.planned = carried, planned
        self.of_visit = {v: cause for v, (_, cause) in standing.displaced.items()}
        self.of_item = {i: cause for entry, cause in standing.displaced.values() for i in entry.visit.item_ids}
        self.of_item |= dict.fromkeys(carried.returned, Cause.LEFT_OVER)
        self.of_item |= dict.fromkeys(carried.added, Cause.ADDED)
        for visit, outcome in carried.failed:
            cause = Cause.REFUSED if isinstance(outcome, Refused) else Cause.NO_ACCESS
            self.of_visit[visit.visit_id] = cause
            self.of_item |= dict.fromkeys(visit.item_ids, cause)

    def changes(self, diff: EnterpriseDiff) -> Iterator[VisitChange]:
        def change(kind: ChangeKind, old: JointVisit | None, new: JointVisit | None, cause: Cause) -> VisitChange:
            return VisitChange(kind=kind, enterprise_id=diff.enterprise_id, old=old, new=new, cause=cause)

        for v in diff.removed:
            yield change(ChangeKind.DROPPED, v, None, self._of_old(v))
        for pair in diff.moved:
            kind = ChangeKind.MOVED if pair.other_slot else ChangeKind.RETIMED
            yield change(kind, pair.old, pair.new, self._of_pair(pair))
        for pair in diff.regrouped:
            yield change(ChangeKind.REGROUPED, pair.old, pair.new, self._of_pair(pair))
        for v in diff.added:
            yield change(ChangeKind.ADDED, None, v, self._of_new(v))

    def _of_old(self, old: JointVisit) -> Cause:
        if old.visit_id in self.of_visit:
            return self.of_visit[old.visit_id]
        return Cause.WITHDRAWN if set(old.item_ids) <= self.carried.withdrawn else Cause.MADE_ROOM

    def _of_pair(self, pair: VisitPair) -> Cause:
        if pair.old.visit_id in self.of_visit:
            return self.of_visit[pair.old.visit_id]
        gained = sorted(set(pair.new.item_ids) - set(pair.old.item_ids))
        lost = set(pair.old.item_ids) - set(pair.new.item_ids)
        for item_id in gained:
            if item_id in self.of_item:
                return self.of_item[item_id]
        if lost & self.carried.withdrawn:
            return Cause.WITHDRAWN
        return Cause.ROOM_FOUND if any(i not in self.planned for i in gained) else Cause.MADE_ROOM

    def _of_new(self, new: JointVisit) -> Cause:
        for item_id in new.item_ids:
            if item_id in self.of_item:
                return self.of_item[item_id]
        return Cause.MADE_ROOM if any(i in self.planned for i in new.item_ids) else Cause.ROOM_FOUND


def _when(visit: JointVisit, lang: Lang) -> str:
    day = date.fromordinal(visit.day).isoformat()
    return _WHEN.say(lang, day=day, shift=visit.shift_id, start=clock(visit.start))
