"""One part improved by the search: from a given timetable or from nothing, never worse than it began."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from solver.limits import Limits, Watcher
from solver.timetable.problem import TimetableProblem
from solver.timetable.run import Start, TimetableResult, first_order, solve_timetable
from solver.timetable.solution import Layout

Terms = tuple[int, int, int, int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """A part to improve.

    Parameters
    ----------
    layout : its present timetable.
    limits : of this part; without iterations only visits that have no place are tried.
    heats : first and last temperature, ``None`` for those of a search on its own.
    """

    problem: TimetableProblem
    layout: Layout
    limits: Limits
    heats: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Improved:
    """What became of a part; `terms` are unserved weight among its items, doors, crew shifts, joint days, travel."""

    layout: Layout
    terms: Terms
    iterations: int


def search(
    p: TimetableProblem,
    limits: Limits,
    *,
    watch: Watcher | None = None,
    clock: Callable[[], float] = time.perf_counter,
    start: Start = (),
    heats: tuple[float, float] | None = None,
) -> TimetableResult:
    """Return the best timetable found by the search that suits the problem: crews that meet and part, or caravans."""
    if not p.caravan:
        return solve_timetable(p, limits, watch=watch, clock=clock, start=start, heats=heats)
    # Imported here: compiled code that few problems need.
    from solver.caravan.run import solve_caravans

    began = clock()
    layout, terms, iterations, stopped = solve_caravans(
        p, limits, order=first_order(p), watch=watch, clock=clock, start=start
    )
    return TimetableResult(
        problem=p,
        layout=layout,
        terms=terms,
        iterations=iterations,
        elapsed_s=clock() - began,
        stopped=stopped,
    )


def improve(work: Work, look: Watcher) -> Improved:
    """Return the best timetable found, in the order of tiers; visits that are not placed are tried first."""
    found = search(work.problem, work.limits, watch=look, start=work.layout, heats=work.heats)
    return Improved(layout=found.layout, terms=found.terms, iterations=found.iterations)
