"""Exact merge: quick answers where one visit is plainly enough, branch and bound otherwise, CP-SAT when large."""

from __future__ import annotations

from solver.merge.model import solve_by_cp_sat
from solver.merge.problem import (
    MergeProblem,
    MergeSolution,
    SlotClass,
    cap_step,
    shares_visit,
    slot_classes,
    weight_of,
)

MAX_ENUMERATED_ITEMS = 7
"""With more servable items than this the branching grows too large for enumeration."""

Found = tuple[tuple[int, ...], tuple[tuple[int, int], ...]]
"""(greatest weight by number of visits, (items, class) of the visits that reach the last)."""


def solve_merge(problem: MergeProblem, classes: list[SlotClass] | None = None) -> MergeSolution:
    """Return the optimum: served weight greatest, then doors fewest, under every rule of one enterprise.

    It is exact for at most :data:`MAX_ENUMERATED_ITEMS` items; beyond, see :func:`solve_by_cp_sat`.
    """
    if classes is None:
        classes = slot_classes(problem)
    servable = 0
    for cls in classes:
        servable |= cls.items
    whole = weight_of(problem, servable)
    for cls in classes:
        if (
            cls.items == servable
            and _fits_caps(problem, cls, servable)
            and shares_visit(problem, servable, cls.max_part)
        ):
            return (
                MergeSolution(weight_by_doors=(0, whole), visits=((servable, cls.slots),), found=whole)
                if whole
                else MergeSolution(weight_by_doors=(0,), visits=(), found=0)
            )
    if servable.bit_count() > MAX_ENUMERATED_ITEMS:
        return solve_by_cp_sat(problem, classes)
    return _enumerate(problem, classes, servable)


def _fits_caps(problem: MergeProblem, cls: SlotClass, items: int) -> bool:
    return all(problem.caps[c].left[p][1] >= 1 for c, p in cap_step(problem, cls, items))


def _enumerate(problem: MergeProblem, classes: list[SlotClass], servable: int) -> MergeSolution:
    """Branch on the lowest item not decided: leave it out, or put it into a visit with some of the others."""
    visits = _visit_options(problem, classes, servable)
    memo: dict[tuple[int, tuple[int, ...]], list[tuple[int, tuple[tuple[int, int], ...]]]] = {}
    offsets = [0]
    for cap in problem.caps:
        offsets.append(offsets[-1] + len(cap.left))
    start = tuple(left for cap in problem.caps for _, left in cap.left)

    def best(rest: int, left: tuple[int, ...]) -> list[tuple[int, tuple[tuple[int, int], ...]]]:
        """Best (weight, visits) with at most k visits for k = 0, 1, ... as long as one more visit gains."""
        if not rest:
            return [(0, ())]
        if (rest, left) in memo:
            return memo[rest, left]
        low = rest & -rest
        table = list(best(rest ^ low, left))
        for items, cls, steps, gain in visits[low]:
            if items & ~rest:
                continue
            after = list(left)
            for c, p in steps:
                after[offsets[c] + p] -= 1
            if min(after, default=0) < 0:
                continue
            for k, (weight, chosen) in enumerate(best(rest & ~items, tuple(after))):
                while len(table) <= k + 1:
                    table.append(table[-1])
                if weight + gain > table[k + 1][0]:
                    table[k + 1] = (weight + gain, ((items, cls), *chosen))
        for k in range(1, len(table)):
            if table[k][0] < table[k - 1][0]:
                table[k] = table[k - 1]
        while len(table) > 1 and table[-1][0] == table[-2][0]:
            table.pop()
        memo[rest, left] = table
        return table

    table = best(servable, start)
    return MergeSolution(
        weight_by_doors=tuple(w for w, _ in table),
        visits=tuple((items, classes[c].slots) for items, c in table[-1][1]),
        found=table[-1][0],
    )


Option = tuple[int, int, list[tuple[int, int]], int]
"""(items, class index, (cap, period) pairs used, weight)."""


def _visit_options(problem: MergeProblem, classes: list[SlotClass], servable: int) -> dict[int, list[Option]]:
    """Return the possible visits by their lowest item, one class for each set of items and periods of caps."""
    out: dict[int, list[Option]] = {1 << i: [] for i in range(len(problem.items)) if servable >> i & 1}
    seen: set[tuple[int, tuple[tuple[int, int], ...]]] = set()
    for c, cls in enumerate(classes):
        subset = cls.items
        while subset:
            steps = cap_step(problem, cls, subset)
            key = subset, tuple(steps)
            if key not in seen and shares_visit(problem, subset, cls.max_part):
                seen.add(key)
                out[subset & -subset].append((subset, c, steps, weight_of(problem, subset)))
            subset = (subset - 1) & cls.items
    return out
