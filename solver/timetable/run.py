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
from solver.timetable.problem import I64, PackedProblem, TimetableProblem, pack
from solver.timetable.search import anneal, better, construct, restart_from
from solver.timetable.solution import Layout, PlacedVisit, essential_of, layout_of, placed_visits
from solver.timetable.state import NUM_TOTALS, State, make_state

WEIGHTS = np.array(
    [
        *(20_000.0, 2_000.0, 400.0, 20.0, 4.0),
        *(0.15, 0.05, 0.10, 0.15, 0.20, 0.30, 0.70),
        *(0.02, 0.10, 8.0, 6.0, 0.5, 5.0),
    ]
)
"""Annealing weight of a unit of weight, a door, a crew shift, a joint day, against a minute of travel; in quarters of
such a minute one that a crew waits; then what ``ruins.py`` says."""

HOT, COLD = 200.0, 15.0
"""First and last temperature, in minutes of travel."""

WARM = 60.0
"""First temperature where the search continues from a given timetable, whose structure is to be kept."""

ROUNDS = 24
"""After each round a worker that is behind continues from the best of all."""

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

Exchange = Callable[[TimetableResult], Start | None]
"""Shown the best after every round; may return a timetable, which the search takes over where it is better."""


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
    exchange: Exchange | None = None,
    heats: tuple[float, float] | None = None,
) -> TimetableResult:
    """Return the best timetable found within the limits; never worse with more of them, nor than `start`.

    Parameters
    ----------
    limits : see :class:`solver.limits.Limits`; a run with iterations and no seconds repeats bit for bit.
    watch : asked a few times a second whether to stop.
    start : a timetable that keeps every rule; the search continues from it at a low temperature.
    exchange : called between rounds, see :data:`Exchange`; what it returns must keep every rule.
    heats : first and last temperature, minutes of travel, in the place of those that suit a run on its own.

    Raises
    ------
    SolverError : a visit of a given timetable is none that the problem knows.
    """
    search = _Search(p, limits, watch, clock, exchange)
    search.begin(start)
    hot, search.cold = heats or (WARM if start else HOT, COLD)
    stopped = search.told()
    if p.num_visits and not stopped:
        with ThreadPoolExecutor(max_workers=len(search.workers)) as pool:
            stopped = search.rounds(pool, hot)
    return search.result(stopped)


class _Search:
    """One run: its workers, its clock, and who is told."""

    def __init__(
        self,
        p: TimetableProblem,
        limits: Limits,
        watch: Watcher | None,
        clock: Callable[[], float],
        exchange: Exchange | None,
    ) -> None:
        self.began = clock()
        self.p, self.packed, self.limits = p, pack(p), limits
        self.watch, self.clock, self.exchange = watch, clock, exchange
        self.cold = COLD
        count = max(1, limits.workers)
        self.workers = [_make_worker(self.packed, limits.seed * 7919 + k) for k in range(count)]

    def begin(self, start: Start) -> None:
        """Build the first timetable, on top of a given one; all workers take it."""
        first = self.workers[0]
        if start:
            restart_from(self.packed, first.state, essential_of(self.p, first.state, start))
        construct(self.packed, first.state, _first_order(self.p), WEIGHTS, first.best, first.totals)
        for w in self.workers[1:]:
            _follow(self.packed, w, first)

    def rounds(self, pool: ThreadPoolExecutor, hot: float) -> bool:
        """Run until a limit; return whether the watcher stopped it."""
        limits, clock, began = self.limits, self.clock, self.began
        for r in range(ROUNDS):
            target = None if limits.iterations is None else limits.iterations * (r + 1) // ROUNDS
            until = None if limits.time_s is None else began + limits.time_s * (r + 1) / ROUNDS
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
            if limits.time_s is not None and clock() - began >= limits.time_s:
                return False
            self._share()
        return False

    def _share(self) -> None:
        """Workers behind continue from the best of all, and all from what the exchange gives if that is better."""
        top = self.leader()
        if self.exchange is not None:
            given = self.exchange(self.result(stopped=False))
            if given is not None:
                _take_over(self.p, self.packed, self.workers[0], top, given)
                top = self.leader()
        for w in self.workers:
            if w is not top and better(top.totals, w.totals):
                _follow(self.packed, w, top)

    def _chunk(self, w: _Worker, target: int | None, hot: float) -> None:
        """Anneal for a short while at the temperature that the limits give."""
        limits = self.limits
        iterations = w.pace if target is None else min(w.pace, target - w.iterations)
        if iterations <= 0:
            return
        start = self.clock()
        shares = []
        if limits.time_s is not None:
            shares.append((start - self.began) / limits.time_s)
        if limits.iterations is not None:
            shares.append(w.iterations / limits.iterations)
        heat = hot * (self.cold / hot) ** min(1.0, max(shares))
        anneal(self.packed, w.state, WEIGHTS, iterations, heat, heat, w.best, w.totals)
        w.iterations += iterations
        if limits.time_s is not None:
            took = max(1e-6, self.clock() - start)
            w.pace = int(min(200_000, max(20, iterations * min(4.0, CHUNK_S / took))))

    def leader(self) -> _Worker:
        """Return the worker with the best timetable, the first of equal ones."""
        top = self.workers[0]
        for w in self.workers[1:]:
            if better(w.totals, top.totals):
                top = w
        return top

    def told(self) -> bool:
        """Tell the watcher the best so far; return whether it wants the search to stop."""
        if self.watch is None:
            return False
        iterations = sum(w.iterations for w in self.workers)
        terms = _terms(self.p, self.leader().totals)
        elapsed_s = self.clock() - self.began
        return self.watch(Progress(stage="search", elapsed_s=elapsed_s, iterations=iterations, terms=terms))

    def result(self, stopped: bool) -> TimetableResult:
        """Return the best so far."""
        top = self.leader()
        return TimetableResult(
            problem=self.p,
            layout=layout_of(top.state, top.best),
            terms=_terms(self.p, top.totals),
            iterations=sum(w.iterations for w in self.workers),
            elapsed_s=self.clock() - self.began,
            stopped=stopped,
        )


def _make_worker(p: PackedProblem, seed: int) -> _Worker:
    state = make_state(p, seed)
    best = state.cells[: state.at["essential"]].copy()
    return _Worker(state=state, best=best, totals=np.zeros(NUM_TOTALS, dtype=np.int64))


def _first_order(p: TimetableProblem) -> I64:
    """Pinned visits first, then the heaviest, those with fewest slots, the longest."""
    first = p.ent_modes[p.visit_ent]
    slots = np.bitwise_count(p.mode_words[first]).sum(axis=1) if p.num_visits else np.zeros(0)
    keys = (-p.mode_longest[first], slots, -p.mode_weight[first], -p.visit_pinned)
    return np.lexsort(keys).astype(np.int64)


def _follow(p: PackedProblem, w: _Worker, top: _Worker) -> None:
    restart_from(p, w.state, top.best)
    w.best[:] = top.best
    w.totals[:] = top.totals


def _take_over(p: TimetableProblem, packed: PackedProblem, w: _Worker, top: _Worker, given: Start) -> None:
    """Let a worker continue from a given timetable if it is better than the best so far."""
    trial = _make_worker(packed, 0)
    restart_from(packed, trial.state, essential_of(p, trial.state, given))
    if better(trial.state.longs, top.totals):
        trial.best[:] = trial.state.cells[: trial.state.at["essential"]]
        trial.totals[:] = trial.state.longs[:NUM_TOTALS]
        _follow(packed, w, trial)


def _terms(p: TimetableProblem, totals: npt.NDArray[np.int64]) -> tuple[int, int, int, int, int]:
    served, doors, crews, days, travel = (int(t) for t in totals[:5])
    return int(p.ent_best.sum()) - served, doors, crews, days, travel
