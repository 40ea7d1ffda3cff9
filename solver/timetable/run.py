"""Running the search: a first timetable, annealing in rounds on threads that share the best, stop at any time."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from solver.limits import Limits, Progress, Watcher
from solver.timetable.changes import rebuild
from solver.timetable.parts import add_part, begin_part, shared_out
from solver.timetable.problem import I64, PackedProblem, TimetableProblem, pack
from solver.timetable.search import anneal, better, construct, save_all
from solver.timetable.solution import (
    Layout,
    PlacedVisit,
    essential_of,
    evaluate,
    layout_from,
    layout_of,
    placed_visits,
)
from solver.timetable.state import CREWS, DAYS, DOORS, NUM_TOTALS, TRAVEL, WEIGHT, State, make_state
from solver.timetable.tiers import USUAL, WEIGHT_OVER_HOME, home_worth, worth_of


def weights_of(tiers: Sequence[int]) -> npt.NDArray[np.float64]:
    """Return the annealing weights where the terms are decided in this order.

    They are that of a unit of weight, a door, a crew shift, a joint day, against a minute of travel; in quarters of
    such a minute one that a crew waits; then what ``ruins.py`` says, what ``insertion.py`` says, and a visit at home.
    """
    worth = worth_of(tiers)
    placing = worth_of([t for t in tiers if t not in (WEIGHT, DOORS)])
    home = home_worth(tiers, worth)
    return np.array(
        [
            *(max(worth[WEIGHT], WEIGHT_OVER_HOME * home), *worth[DOORS:TRAVEL], 4.0),
            *(0.15, 0.05, 0.10, 0.15, 0.20, 0.30, 0.70),
            *(0.02, 0.10, 8.0, 6.0, 0.5, 5.0),
            *(placing[CREWS], placing[DAYS], home),
        ]
    )


WEIGHTS = weights_of(USUAL)
"""Annealing weights in the usual order."""

HOT, COLD = 200.0, 15.0
"""First and last temperature, in minutes of travel."""

WARM = 60.0
"""First temperature where the search continues from a given timetable, whose structure is to be kept."""

ROUNDS = 96
"""After each round the workers share the dates out anew; where there are too few of them, they search the whole, and
one that is behind continues from the best of all."""

LONGEST = 2000
"""Iterations between such looks where seconds do not matter."""

CHUNK_S = 0.2
"""Seconds between looks at the clock and at the watcher."""


@dataclass(frozen=True, kw_only=True, eq=False)
class TimetableResult:
    """What the search found.

    Parameters
    ----------
    terms : unserved weight among the problem's items, doors, crew shifts, joint days, travel minutes.
    stopped : the watcher stopped it before its limits.
    """

    problem: TimetableProblem
    layout: Layout
    terms: tuple[int, int, int, int, int]
    iterations: int
    elapsed_s: float
    stopped: bool

    @cached_property
    def visits(self) -> tuple[PlacedVisit, ...]:
        """The timetable as records, in the order of visits."""
        return tuple(placed_visits(self.problem, self.layout))


Start = Layout | Sequence[PlacedVisit]


def given_timetable(p: TimetableProblem, visits: Sequence[PlacedVisit]) -> TimetableResult:
    """Return a timetable that is known already, as if a search had found it.

    Raises
    ------
    SolverError : a visit is none that the problem knows.
    """
    served, *others = evaluate(p, visits)
    doors, crews, days, travel = others
    terms = int(p.ent_best.sum()) - served, doors, crews, days, travel
    return TimetableResult(
        problem=p, layout=layout_from(p, visits), terms=terms, iterations=0, elapsed_s=0.0, stopped=False
    )


@dataclass(slots=True)
class _Worker:
    state: State
    best: I64
    totals: I64
    iterations: int = 0
    pace: int = 500


def solve_timetable(
    p: TimetableProblem,
    limits: Limits,
    *,
    watch: Watcher | None = None,
    clock: Callable[[], float] = time.perf_counter,
    start: Start = (),
    heats: tuple[float, float] | None = None,
) -> TimetableResult:
    """Return the best timetable found within the limits; never worse with more of them, nor than `start`.

    Parameters
    ----------
    limits : see :class:`solver.limits.Limits`; a run with iterations and no seconds repeats bit for bit.
    watch : asked a few times a second whether to stop.
    start : a timetable that keeps every rule; the search continues from it at a low temperature.
    heats : first and last temperature, minutes of travel, in the place of those that suit a run on its own.

    Raises
    ------
    SolverError : a visit of a given timetable is none that the problem knows.
    """
    search = _Search(p, limits, watch, clock)
    search.begin(start)
    hot, search.cold = heats or (WARM if start else HOT, COLD)
    stopped = search.told()
    if p.num_visits and not stopped:
        with ThreadPoolExecutor(max_workers=len(search.workers)) as pool:
            stopped = search.rounds(pool, hot)
    return search.result(stopped)


class _Search:
    """One run: its workers, its clock, and who is told."""

    def __init__(self, p: TimetableProblem, limits: Limits, watch: Watcher | None, clock: Callable[[], float]) -> None:
        self.began = clock()
        self.p, self.packed, self.limits = p, pack(p), limits
        self.watch, self.clock = watch, clock
        self.cold, self.weights = COLD, weights_of(p.tiers.tolist())
        count = max(1, limits.workers)
        self.workers = [_make_worker(self.packed, limits.seed * 7919 + k) for k in range(count)]
        self.slots: I64 | None = None
        self.best, self.totals = self.workers[0].best.copy(), np.zeros(NUM_TOTALS, dtype=np.int64)
        self.base = self.totals.copy()

    def begin(self, start: Start) -> None:
        """Build the first timetable, on top of a given one; all workers take it."""
        first = self.workers[0]
        if start:
            rebuild(self.packed, first.state, essential_of(self.p, first.state, start))
        construct(self.packed, first.state, first_order(self.p), self.weights, self.best, self.totals)
        for w in self.workers:
            self._go_on(w, self.best)

    def rounds(self, pool: ThreadPoolExecutor, hot: float) -> bool:
        """Run until a limit; return whether the watcher stopped it."""
        limits, clock, began = self.limits, self.clock, self.began
        for r in range(ROUNDS):
            target = None if limits.iterations is None else limits.iterations * (r + 1) // ROUNDS
            until = None if limits.time_s is None else began + limits.time_s * (r + 1) / ROUNDS
            if until is not None and r + 1 < ROUNDS and clock() >= until:  # a chunk took longer than a round
                continue
            self._share_out(r)
            while True:
                done = [pool.submit(self._chunk, w, target, hot) for w in self.workers]
                for f in done:
                    f.result()
                if self.told():
                    return True
                if until is not None and clock() >= until:
                    break
                if target is not None and all(w.iterations >= target for w in self.workers):
                    break
            self._keep()
            if limits.time_s is not None and clock() - began >= limits.time_s:
                return False
            self._hand_over()
        return False

    def _share_out(self, turn: int) -> None:
        """Give every worker dates of its own, all of them going on from where they stand together."""
        count = len(self.workers)
        self.slots = shared_out(self.p, count, self.limits.seed, turn)
        if self.slots is None:
            return
        for k, w in enumerate(self.workers):
            begin_part(self.packed, w.state, self.slots[k], k, count, w.best, w.totals)
        self.base = self.workers[0].totals.copy()

    def _joined(self, solutions: list[I64]) -> I64:
        """Return the timetable of which each worker's solution is a part."""
        joined = solutions[0].copy()
        for k, (w, solution) in enumerate(zip(self.workers, solutions, strict=True)):
            add_part(self.packed, w.state, solution, k, joined)
        return joined

    def _best_totals(self) -> npt.NDArray[np.int64]:
        """Return the totals of the best so far: kept, or reached in this round."""
        if self.slots is not None:
            reached = self.base + sum(w.totals - self.base for w in self.workers)
        else:
            reached = self._leader().totals
        return reached if better(self.packed, reached, self.totals) else self.totals

    def _keep(self) -> None:
        """Take over the best of this round if it is better than the best of those before."""
        totals = self._best_totals()
        if totals is not self.totals:
            together = self.slots is not None
            self.best = self._joined([w.best for w in self.workers]) if together else self._leader().best.copy()
            self.totals = totals.copy()

    def _hand_over(self) -> None:
        """Bring the workers together for the next round."""
        if self.slots is not None:
            joined = self._joined([w.state.cells[: len(w.best)] for w in self.workers])
            self.slots = None
            for w in self.workers:
                self._go_on(w, joined)
        else:
            top = self._leader()
            for w in self.workers:
                if w is not top and better(self.packed, top.totals, w.totals):
                    self._go_on(w, top.best)

    def _go_on(self, w: _Worker, solution: I64) -> None:
        rebuild(self.packed, w.state, solution)
        save_all(w.state, w.best, w.totals)

    def _chunk(self, w: _Worker, target: int | None, hot: float) -> None:
        """Anneal for a short while at the temperature that the limits give."""
        limits = self.limits
        iterations = w.pace if target is None else min(LONGEST, target - w.iterations)
        if iterations <= 0:
            return
        start = self.clock()
        shares = []
        if limits.time_s is not None:
            shares.append((start - self.began) / limits.time_s)
        if limits.iterations is not None:
            shares.append(w.iterations / limits.iterations)
        heat = hot * (self.cold / hot) ** min(1.0, max(shares))
        anneal(self.packed, w.state, self.weights, iterations, heat, heat, w.best, w.totals)
        w.iterations += iterations
        if limits.time_s is not None:
            took = max(1e-6, self.clock() - start)
            w.pace = int(min(200_000, max(20, iterations * min(4.0, CHUNK_S / took))))

    def _leader(self) -> _Worker:
        """Return the worker with the best timetable, the first of equal ones."""
        top = self.workers[0]
        for w in self.workers[1:]:
            if better(self.packed, w.totals, top.totals):
                top = w
        return top

    def told(self) -> bool:
        """Tell the watcher the best so far; return whether it wants the search to stop."""
        if self.watch is None:
            return False
        iterations = sum(w.iterations for w in self.workers)
        terms = _terms(self.p, self._best_totals())
        elapsed_s = self.clock() - self.began
        return self.watch(Progress(stage="search", elapsed_s=elapsed_s, iterations=iterations, terms=terms))

    def result(self, stopped: bool) -> TimetableResult:
        """Return the best so far."""
        self._keep()
        return TimetableResult(
            problem=self.p,
            layout=layout_of(self.workers[0].state, self.best),
            terms=_terms(self.p, self.totals),
            iterations=sum(w.iterations for w in self.workers),
            elapsed_s=self.clock() - self.began,
            stopped=stopped,
        )


def _make_worker(p: PackedProblem, seed: int) -> _Worker:
    state = make_state(p, seed)
    best = state.cells[: state.at["essential"]].copy()
    return _Worker(state=state, best=best, totals=np.zeros(NUM_TOTALS, dtype=np.int64))


def first_order(p: TimetableProblem) -> I64:
    """Pinned visits first, then the heaviest, those with fewest slots, the longest."""
    first = p.ent_modes[p.visit_ent]
    slots = np.bitwise_count(p.mode_words[first]).sum(axis=1) if p.num_visits else np.zeros(0)
    keys = (-p.mode_longest[first], slots, -p.mode_weight[first], -p.visit_pinned)
    return np.lexsort(keys).astype(np.int64)


def _terms(p: TimetableProblem, totals: npt.NDArray[np.int64]) -> tuple[int, int, int, int, int]:
    served, doors, crews, days, travel = (int(t) for t in totals[:5])
    return int(p.ent_best.sum()) - served, doors, crews, days, travel
