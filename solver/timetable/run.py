"""Running the search: greedy start, annealing in rounds on threads that share the best, stop at any time."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from solver.limits import Limits, Progress, Watcher
from solver.timetable.problem import I64, PackedProblem, TimetableProblem, pack
from solver.timetable.search import anneal, better, construct, restart_from
from solver.timetable.solution import PlacedVisit, placed_visits
from solver.timetable.state import NUM_TOTALS, State, make_state

WEIGHTS = np.array([20_000.0, 2_000.0, 400.0, 20.0, 0.15, 0.20, 0.30, 0.50, 0.60, 0.02, 0.10])
"""Annealing weight of a unit of weight, a door, a crew shift, a joint day, against a minute of travel; then the
shares of the ruins (see ``search.py``)."""

HOT, COLD = 500.0, 10.0
"""First and last temperature, in minutes of travel."""

ROUNDS = 24
"""After each round a worker that is behind continues from the best of all."""

CHUNK_S = 0.2
"""Seconds between looks at the clock and at the watcher."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TimetableResult:
    """What the search found.

    Parameters
    ----------
    terms : unserved weight among the problem's items, doors, crew shifts, joint days, travel minutes.
    stopped : the watcher stopped it before its limits.
    """

    visits: tuple[PlacedVisit, ...]
    terms: tuple[int, int, int, int, int]
    iterations: int
    elapsed_s: float
    stopped: bool


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
) -> TimetableResult:
    """Return the best timetable found within the limits; never worse with more of them.

    Parameters
    ----------
    limits : see :class:`solver.limits.Limits`; a run with iterations and no seconds repeats bit for bit.
    watch : asked a few times a second whether to stop.
    """
    began = clock()
    packed = pack(p)
    workers = [_make_worker(packed, limits.seed * 7919 + k) for k in range(max(1, limits.workers))]
    order = _first_order(p)
    construct(packed, workers[0].state, order, WEIGHTS, workers[0].best, workers[0].totals)
    for w in workers[1:]:
        _follow(packed, w, workers[0])
    stopped = _tell(p, watch, workers, clock() - began)
    if p.num_visits and not stopped:
        with ThreadPoolExecutor(max_workers=len(workers)) as pool:
            stopped = _rounds(p, packed, limits, workers, pool, watch, clock, began)
    top = _leader(workers)
    return TimetableResult(
        visits=tuple(placed_visits(p, top.state, top.best)),
        terms=_terms(p, top.totals),
        iterations=sum(w.iterations for w in workers),
        elapsed_s=clock() - began,
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


def _rounds(
    p: TimetableProblem,
    packed: PackedProblem,
    limits: Limits,
    workers: list[_Worker],
    pool: ThreadPoolExecutor,
    watch: Watcher | None,
    clock: Callable[[], float],
    began: float,
) -> bool:
    """Run until a limit; return whether the watcher stopped it."""
    for r in range(ROUNDS):
        target = None if limits.iterations is None else limits.iterations * (r + 1) // ROUNDS
        until = None if limits.time_s is None else began + limits.time_s * (r + 1) / ROUNDS
        while True:
            done = [pool.submit(_chunk, packed, w, limits, target, clock, began) for w in workers]
            for f in done:
                f.result()
            if _tell(p, watch, workers, clock() - began):
                return True
            if until is not None and clock() >= until:
                break
            if target is not None and all(w.iterations >= target for w in workers):
                break
        if limits.time_s is not None and clock() - began >= limits.time_s:
            return False
        top = _leader(workers)
        for w in workers:
            if w is not top and better(top.totals, w.totals):
                _follow(packed, w, top)
    return False


def _follow(p: PackedProblem, w: _Worker, top: _Worker) -> None:
    restart_from(p, w.state, top.best)
    w.best[:] = top.best
    w.totals[:] = top.totals


def _chunk(
    p: PackedProblem,
    w: _Worker,
    limits: Limits,
    target: int | None,
    clock: Callable[[], float],
    began: float,
) -> None:
    """Anneal for a short while at the temperature that the limits give."""
    iterations = w.pace if target is None else min(w.pace, target - w.iterations)
    if iterations <= 0:
        return
    start = clock()
    shares = []
    if limits.time_s is not None:
        shares.append((start - began) / limits.time_s)
    if limits.iterations is not None:
        shares.append(w.iterations / limits.iterations)
    heat = HOT * (COLD / HOT) ** min(1.0, max(shares))
    anneal(p, w.state, WEIGHTS, iterations, heat, heat, w.best, w.totals)
    w.iterations += iterations
    if limits.time_s is not None:
        took = max(1e-6, clock() - start)
        w.pace = int(min(200_000, max(20, iterations * min(4.0, CHUNK_S / took))))


def _leader(workers: list[_Worker]) -> _Worker:
    top = workers[0]
    for w in workers[1:]:
        if better(w.totals, top.totals):
            top = w
    return top


def _terms(p: TimetableProblem, totals: npt.NDArray[np.int64]) -> tuple[int, int, int, int, int]:
    served, doors, crews, days, travel = (int(t) for t in totals[:5])
    return int(p.ent_best.sum()) - served, doors, crews, days, travel


def _tell(p: TimetableProblem, watch: Watcher | None, workers: list[_Worker], elapsed_s: float) -> bool:
    if watch is None:
        return False
    iterations = sum(w.iterations for w in workers)
    terms = _terms(p, _leader(workers).totals)
    return watch(Progress(stage="search", elapsed_s=elapsed_s, iterations=iterations, terms=terms))
