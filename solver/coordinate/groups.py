"""Which streets are improved together in a round, and how a round's seconds are shared out."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import numpy as np

from solver.timetable.problem import I64, TimetableProblem


def visits_by_street(p: TimetableProblem) -> I64:
    """Return the number of visits of every street: the size of its work."""
    return np.bincount(p.ent_street[p.visit_ent], minlength=p.num_streets).astype(np.int64)


def draw_groups(p: TimetableProblem, parts: Sequence[I64], target: int, rng: np.random.Generator) -> list[I64]:
    """Return groups of streets, the largest first: components of at most `target` visits whole, others cut.

    Streets of one district are put together by chance until a group has `target` visits; what is left of several
    districts is put together in the same way. Every street with a visit is in one group.
    """
    sizes = visits_by_street(p)
    groups: list[I64] = []
    for streets in parts:
        streets = streets[sizes[streets] > 0]
        if not len(streets):
            continue
        if sizes[streets].sum() <= target:
            groups.append(streets)
            continue
        mixed = rng.permutation(streets)
        left: list[int] = []
        for d in rng.permutation(np.unique(p.street_district[streets])):
            left = left + [int(s) for s in mixed if p.street_district[s] == d]
            cut, left = _filled(left, sizes, target)
            groups += cut
        if left:
            groups.append(np.array(sorted(left), dtype=np.int64))
    return sorted(groups, key=lambda g: (-int(sizes[g].sum()), int(g[0])))


def _filled(streets: list[int], sizes: I64, target: int) -> tuple[list[I64], list[int]]:
    """Return groups that hold no more than the target, or one street, and the streets of the last one, not full."""
    groups: list[I64] = []
    group: list[int] = []
    for s in streets:
        if group and sum(sizes[group]) + sizes[s] > target:
            groups.append(np.array(sorted(group), dtype=np.int64))
            group = []
        group.append(s)
    return groups, group


def shared_out(sizes: Sequence[int], width: int, until: float, clock: Callable[[], float]) -> Iterator[float]:
    """Yield the seconds of every piece of work when it begins, so that all are done at the given time.

    What is left of all workers' time, the time promised to the pieces at work taken off, is shared by size.
    """
    left = sum(sizes)
    ends: list[float] = []
    for size in sizes:
        now = clock()
        ends = [e for e in ends if e > now]
        free = width * max(0.0, until - now) - sum(e - now for e in ends)
        seconds = max(0.02, min(until - now, free * size / max(1, left)))
        ends.append(now + seconds)
        left -= size
        yield seconds
