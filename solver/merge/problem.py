"""The merge problem of one enterprise: which items share a visit, on which slots, under its caps.

Sets of items and of slots are Python ``int`` bit sets, so nothing limits their number.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class MergeItem:
    """An item of the enterprise.

    Parameters
    ----------
    weight : lost when the item is left out, at least 0.
    authority : index of its authority within the enterprise, from 0.
    duration : minutes without overhead, at least 1.
    crews : crews that it needs together, at least 1.
    exempt : neither counted nor stopped by caps.
    notice : items of different notice never share a visit.
    slots : slots on which the item could be served alone (R01, R03, R04, R05, R09, pools).
    """

    weight: int
    authority: int
    duration: int
    crews: int
    exempt: bool
    notice: int
    slots: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MergeCap:
    """At most `left[p][1]` visits within the slots `left[p][0]`; `authority` is ``None`` for doors."""

    authority: int | None
    left: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class MergeProblem:
    """One enterprise.

    Parameters
    ----------
    overhead : minutes added to every authority's part.
    rooms : (longest part that fits, slots) for every shift; slots of different shifts are disjoint.
    max_part : longest visit in minutes, ``None`` without limit.
    max_crews : most crews on site together, ``None`` without limit.
    max_authorities : most authorities of a visit, at least 1, ``None`` without limit.
    """

    items: tuple[MergeItem, ...]
    caps: tuple[MergeCap, ...]
    overhead: int
    rooms: tuple[tuple[int, int], ...]
    max_part: int | None = None
    max_crews: int | None = None
    max_authorities: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SlotClass:
    """Slots that are alike: the same items, the same longest part, the same period of every cap.

    Parameters
    ----------
    items : bit set of the items that are available.
    max_part : longest part in minutes.
    periods : index of the period of every cap.
    """

    items: int
    max_part: int
    periods: tuple[int, ...]
    slots: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MergeSolution:
    """The optimum of one enterprise, crews shared with nobody: exact, save for large ones that took too much work.

    Parameters
    ----------
    weight_by_doors : proven upper bound of the weight that at most k visits serve, for k from 0 to `doors`; the last
        bounds the weight at all, and `doors` are the fewest visits with it. Where exact it is the greatest weight.
    visits : (item bit set, slot bit set) of the best plan found, an optimal one where exact.
    found : weight of that plan.
    """

    weight_by_doors: tuple[int, ...]
    visits: tuple[tuple[int, int], ...]
    found: int

    @property
    def weight(self) -> int:
        """Proven upper bound of the weight that the enterprise's items can reach."""
        return self.weight_by_doors[-1]

    @property
    def doors(self) -> int:
        """Fewest visits for which `weight` is the bound."""
        return len(self.weight_by_doors) - 1


def slot_classes(problem: MergeProblem) -> list[SlotClass]:
    """Return the classes of like slots with at least one item, in order of their first slot."""
    parts: list[tuple[int, int, tuple[int, ...], int]] = []
    for room, slots in problem.rooms:
        limit = room if problem.max_part is None else min(room, problem.max_part)
        if slots:
            parts.append((0, limit, (), slots))
    for cap in problem.caps:
        split = []
        for items, limit, periods, slots in parts:
            for p, (period_slots, _) in enumerate(cap.left):
                if slots & period_slots:
                    split.append((items, limit, (*periods, p), slots & period_slots))
        parts = split
    for i, item in enumerate(problem.items):
        split = []
        for items, limit, periods, slots in parts:
            if problem.overhead + item.duration <= limit and slots & item.slots:
                split.append((items | 1 << i, limit, periods, slots & item.slots))
                if slots & ~item.slots:
                    split.append((items, limit, periods, slots & ~item.slots))
            else:
                split.append((items, limit, periods, slots))
        parts = split
    merged: dict[tuple[int, int, tuple[int, ...]], int] = {}
    for items, limit, periods, slots in parts:
        if items:
            merged[items, limit, periods] = merged.get((items, limit, periods), 0) | slots
    classes = [SlotClass(items=k[0], max_part=k[1], periods=k[2], slots=s) for k, s in merged.items()]
    return sorted(classes, key=lambda c: (c.slots & -c.slots, c.max_part))


def shares_visit(problem: MergeProblem, items: int, max_part: int) -> bool:
    """Say whether items may share a visit with parts of at most `max_part` (R06, R10, R11, R33)."""
    longest = longest_part(problem, items)
    return longest is not None and longest <= max_part


def longest_part(problem: MergeProblem, items: int) -> int | None:
    """Return the longest part of a visit with these items; ``None`` where they may never share one (R06, R11, R33)."""
    minutes: dict[int, int] = {}
    crews: dict[int, int] = {}
    notice: int | None = None
    for i, item in enumerate(problem.items):
        if items >> i & 1:
            if notice is not None and notice != item.notice:
                return None
            notice = item.notice
            minutes[item.authority] = minutes.get(item.authority, problem.overhead) + item.duration
            crews[item.authority] = max(crews.get(item.authority, 0), item.crews)
    if problem.max_crews is not None and sum(crews.values()) > problem.max_crews:
        return None
    if problem.max_authorities is not None and len(crews) > problem.max_authorities:
        return None
    return max(minutes.values(), default=0)


def capped_authorities(problem: MergeProblem, items: int) -> tuple[int, ...]:
    """Return the authorities whose visit counts against caps: those with an item that is not exempt, sorted."""
    return tuple(sorted({x.authority for i, x in enumerate(problem.items) if items >> i & 1 and not x.exempt}))


def weight_of(problem: MergeProblem, items: int) -> int:
    """Return the weight of a set of items."""
    return sum(x.weight for i, x in enumerate(problem.items) if items >> i & 1)


def cap_step(problem: MergeProblem, cls: SlotClass, items: int) -> list[tuple[int, int]]:
    """Return the (cap, period) pairs that a visit with these items in this class uses once."""
    counted = capped_authorities(problem, items)
    if not counted:
        return []
    return [
        (c, cls.periods[c]) for c, cap in enumerate(problem.caps) if cap.authority is None or cap.authority in counted
    ]
