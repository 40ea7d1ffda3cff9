"""Edits of the demand: items dropped, more of them, longer or shorter, of another priority, or due less often."""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import replace as replaced
from typing import Literal

import numpy as np
from pydantic import Field, field_validator

from scenarios.edits.edit import Edit, Edited, EditFault, require
from scenarios.edits.selecting import Items
from scheduler.domain.calendar import Period, period_key
from scheduler.domain.plans import PlanItem
from scheduler.domain.policy import CapScope, FrequencyCap
from scheduler.texts import Text

_TAKEN_OUT = Text(
    "本方案从需求中去掉了{n}个事项：入企次数和班组较少，部分只因事项较少。",
    "this scenario takes {n} items out of the demand: fewer visits and crews come in part from fewer items.",
)
_PUT_IN = Text("本方案的需求多{n}个事项。", "this scenario has {n} items more to serve.")
_NO_LIKE = Text("没有可仿照的事项", "there are no such items to take after")
_DEFERRED = Text(
    "计划期短于频次周期：另一计划期轮到的企业（按种子{seed}抽取），其计入频次的{n}个事项移至该期，不在本次比较之内。",
    "the horizon is shorter than the period: enterprises whose turn comes in another part of it (drawn with seed "
    "{seed}) keep {n} counted items for then; those are outside this comparison.",
)


class DropItems(Edit):
    """Items taken out of the demand, at least one condition given."""

    kind: Literal["drop_items"] = "drop_items"
    items: Items

    @field_validator("items")
    @classmethod
    def _not_all(cls, value: Items) -> Items:
        if value == Items():
            raise ValueError("at least one condition")
        return value

    def apply(self, case: Edited) -> Edited:
        """Return the case without the items."""
        chosen = self.items.chooser(case.snapshot)
        rest = tuple(i for i in case.snapshot.items if not chosen(i))
        gone = len(case.snapshot.items) - len(rest)
        return taken_out(case.change(items=rest), gone)

    def describe(self) -> Text:
        """Return what it does."""
        zh, en = self.items.describe()
        return Text(f"去掉{zh}", f"without {en}")


class Demand(Edit):
    """More items like the present ones, by seeded sampling.

    A new item is a copy of one that is drawn among those chosen, at an enterprise that is drawn among those of the same
    street and industry. It keeps authority, code, duration, window and trigger.

    Parameters
    ----------
    factor : so many times the items chosen, greater than 1, at most 10; 2 doubles them.
    """

    kind: Literal["demand"] = "demand"
    items: Items = Items()
    factor: float = Field(gt=1, le=10)
    seed: int = Field(1, ge=0, lt=2**31)

    def apply(self, case: Edited) -> Edited:
        """Return the case with the new items."""
        s = case.snapshot
        chosen = self.items.chooser(s)
        like = [i for i in s.items if chosen(i)]
        if not like:
            raise EditFault(_NO_LIKE)
        rng = np.random.default_rng(self.seed)
        kind_of = {e.enterprise_id: (e.street_id, e.industry) for e in s.enterprises}
        alike: dict[object, list[str]] = defaultdict(list)
        for e in s.enterprises:
            alike[kind_of[e.enterprise_id]].append(e.enterprise_id)
        taken = {i.item_id for i in s.items}
        new: list[PlanItem] = []
        for k in range(round(len(like) * (self.factor - 1))):
            item = like[int(rng.integers(len(like)))]
            there = alike[kind_of[item.enterprise_id]]
            enterprise_id = there[int(rng.integers(len(there)))]
            name = f"{item.item_id}+{self.seed}.{k + 1}"
            while name in taken:
                name += "+"
            new.append(replaced(item, item_id=name, enterprise_id=enterprise_id))
        after = case.change(items=(*s.items, *new))
        return replaced(after, put_in=case.put_in + len(new), notes=(*case.notes, _PUT_IN.filled(n=len(new))))

    def describe(self) -> Text:
        """Return what it does."""
        zh, en = self.items.describe()
        return Text(f"{zh}增至{self.factor:g}倍（种子{self.seed}）", f"{self.factor:g} times {en} (seed {self.seed})")


class Durations(Edit):
    """Minutes on site times a factor, rounded up to whole minutes, at least 1."""

    kind: Literal["durations"] = "durations"
    items: Items = Items()
    factor: float = Field(gt=0, le=20)

    def apply(self, case: Edited) -> Edited:
        """Return the case with other durations."""
        chosen = self.items.chooser(case.snapshot)

        def scaled(i: PlanItem) -> PlanItem:
            return replaced(i, duration_min=max(1, math.ceil(i.duration_min * self.factor - 1e-9)))

        return case.change(items=tuple(scaled(i) if chosen(i) else i for i in case.snapshot.items))

    def describe(self) -> Text:
        """Return what it does."""
        zh, en = self.items.describe()
        return Text(f"{zh}时长乘以{self.factor:g}", f"{en}: durations times {self.factor:g}")


class Priority(Edit):
    """Items given another priority of the case."""

    kind: Literal["priority"] = "priority"
    items: Items
    to: str

    def apply(self, case: Edited) -> Edited:
        """Return the case with other priorities."""
        require("priority", self.to, dict(case.snapshot.policy.priority_weights))
        chosen = self.items.chooser(case.snapshot)
        items = (replaced(i, priority=self.to) if chosen(i) else i for i in case.snapshot.items)
        return case.change(items=tuple(items))

    def describe(self) -> Text:
        """Return what it does."""
        zh, en = self.items.describe()
        return Text(f"{zh}优先级改为{self.to}", f"{en}: priority {self.to}")


class VisitEvery(Edit):
    """One visit a half-year or a year in the place of every cap on an enterprise's doors.

    Where the horizon covers only a part of the period, each enterprise has its turn in one part of it, drawn by seed
    unless history shows that it has been visited in the period: the counted items of the others are taken out of the
    demand, to be served with their turn. Assumption: the parts of the period are of equal length and alike.
    """

    kind: Literal["visit_every"] = "visit_every"
    period: Literal["half_year", "year"]
    seed: int = Field(1, ge=0, lt=2**31)

    def apply(self, case: Edited) -> Edited:
        """Return the case with the visit less often."""
        s = case.snapshot
        period = Period(self.period)
        kept = tuple(c for c in s.policy.caps if c.scope is not CapScope.ENTERPRISE)
        cap = FrequencyCap(scope=CapScope.ENTERPRISE, period=period, max_visits=1)
        after = case.change_policy(caps=(*kept, cap))
        parts = self._parts(s.calendar.start, s.calendar.end, period)
        if parts == 1:
            return after
        now = period_key(s.calendar.start, period)
        visited = {h.enterprise_id for h in s.history if not h.cap_exempt and period_key(h.day, period) == now}
        rng = np.random.default_rng(self.seed)
        turn = {e.enterprise_id for e in s.enterprises if int(rng.integers(parts)) == 0} - visited
        rest = tuple(i for i in s.items if i.cap_exempt or i.enterprise_id in turn)
        gone = len(s.items) - len(rest)
        note = _DEFERRED.filled(seed=self.seed, n=gone)
        after = after.change(items=rest)
        return replaced(after, taken_out=case.taken_out + gone, notes=(*case.notes, note))

    @staticmethod
    def _parts(start: int, end: int, period: Period) -> int:
        """Return into how many parts as long as the horizon the period falls, at least 1."""
        days = {Period.HALF_YEAR: 182, Period.YEAR: 365}[period]
        return max(1, round(days / (end - start + 1)))

    def describe(self) -> Text:
        """Return what it does."""
        half = self.period == "half_year"
        return Text(f"每家企业{'半年' if half else '一年'}一次", f"one visit a {'half-year' if half else 'year'}")


def taken_out(case: Edited, gone: int) -> Edited:
    """Return the case with a word on items that an edit took out of the demand."""
    if not gone:
        return case
    return replaced(case, taken_out=case.taken_out + gone, notes=(*case.notes, _TAKEN_OUT.filled(n=gone)))
