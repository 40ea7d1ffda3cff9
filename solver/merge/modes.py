"""Modes of a visit: the item sets that one visit of an enterprise may serve, with the slots that allow them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

from solver.merge.problem import MergeProblem, SlotClass, longest_part, shares_visit, slot_classes, weight_of

MAX_ALL_SUBSETS = 6
"""Up to so many items of a slot class every subset is a mode; beyond it the useful families below."""

MAX_DROPPED = 2
"""How many authorities a mode of a large class may leave out (single authorities and items are modes too)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mode:
    """Items that may share one visit.

    Parameters
    ----------
    items, slots : bit sets; on every slot of `slots` the items keep windows, closures, quiet periods, pools, room,
        notice, officers on site, authorities of a visit, the longest visit, and a frequency cap that history has not
        used up.
    """

    items: int
    slots: int
    weight: int


def modes_of(
    problem: MergeProblem, optimal: Iterable[int] = (), classes: Sequence[SlotClass] | None = None
) -> list[Mode]:
    """Return the modes of an enterprise, heaviest first; no set is there twice.

    Parameters
    ----------
    optimal : item sets of the visits of an optimal merge; they and their families are modes, however large.
    classes : the problem's slot classes, where they are known.
    """
    if classes is None:
        classes = slot_classes(problem)
    slots: dict[int, int] = {}
    full = [_at_full_caps(problem, cls) for cls in classes]
    for cls, stopped in zip(classes, full, strict=True):
        for items in _subsets(problem, cls, stopped):
            slots[items] = 0
    for whole in optimal:
        for items in _families(problem, whole):
            slots[items] = 0
    for items in slots:
        part = longest_part(problem, items)
        if part is None:
            continue
        for cls, stopped in zip(classes, full, strict=True):
            if items & ~cls.items == 0 and items & stopped == 0 and part <= cls.max_part:
                slots[items] |= cls.slots
    modes = [Mode(items=i, slots=s, weight=weight_of(problem, i)) for i, s in slots.items() if s]
    return sorted(modes, key=lambda m: (-m.weight, m.items))


def _at_full_caps(problem: MergeProblem, cls: SlotClass) -> int:
    """Return the items that count against a cap without a visit left in the class; no visit there may hold one."""
    stopped = 0
    for cap, period in zip(problem.caps, cls.periods, strict=True):
        if cap.left[period][1] < 1:
            for i, item in enumerate(problem.items):
                if not item.exempt and cap.authority in (None, item.authority):
                    stopped |= 1 << i
    return stopped


def _subsets(problem: MergeProblem, cls: SlotClass, stopped: int) -> Iterator[int]:
    """Yield item sets of a class: all of a small one; of a large one what greedy visits one after the other hold."""
    items = cls.items & ~stopped
    for i in range(len(problem.items)):
        if items >> i & 1 and not shares_visit(problem, 1 << i, cls.max_part):
            items ^= 1 << i
    if items.bit_count() <= MAX_ALL_SUBSETS:
        yield from _all_subsets(items)
        return
    for rest in _same_notice(problem, items):
        whole = _within_limits(problem, cls, rest)
        yield from _families(problem, whole)
        while rest := rest & ~whole:
            whole = _within_limits(problem, cls, rest)
            yield whole
            yield from (1 << i for i in range(len(problem.items)) if whole >> i & 1)


def _all_subsets(items: int) -> Iterator[int]:
    subset = items
    while subset:
        yield subset
        subset = (subset - 1) & items


def _same_notice(problem: MergeProblem, items: int) -> Iterable[int]:
    groups: dict[int, int] = {}
    for i, item in enumerate(problem.items):
        if items >> i & 1:
            groups[item.notice] = groups.get(item.notice, 0) | 1 << i
    return groups.values()


def _within_limits(problem: MergeProblem, cls: SlotClass, items: int) -> int:
    """Return the items that a greedy choice by weight keeps within the crowd, length and other limits of the class."""
    kept = 0
    ids = [i for i in range(len(problem.items)) if items >> i & 1]
    for i in sorted(ids, key=lambda i: (-problem.items[i].weight, problem.items[i].duration, i)):
        if shares_visit(problem, kept | 1 << i, cls.max_part):
            kept |= 1 << i
    return kept


def _families(problem: MergeProblem, items: int) -> Iterator[int]:
    """Yield the set and what is left of it without an authority or two or an item, and each of them by itself."""
    if items.bit_count() <= MAX_ALL_SUBSETS:
        yield from _all_subsets(items)
        return
    ids = [i for i in range(len(problem.items)) if items >> i & 1]
    by_authority: dict[int, int] = {}
    for i in ids:
        a = problem.items[i].authority
        by_authority[a] = by_authority.get(a, 0) | 1 << i
    yield items
    for n in range(1, MAX_DROPPED + 1):
        for dropped in combinations(by_authority.values(), n):
            rest = items
            for part in dropped:
                rest &= ~part
            if rest:
                yield rest
    for i in ids:
        if items & ~(1 << i):
            yield items & ~(1 << i)
        yield 1 << i
    yield from by_authority.values()
    heavy = max(problem.items[i].weight for i in ids)
    yield sum(1 << i for i in ids if problem.items[i].weight == heavy)
