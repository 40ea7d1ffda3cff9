"""One part improved from a given timetable: annealing between two temperatures, never worse than it began."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from solver.coordinate.layout import Layout
from solver.limits import Progress, Watcher
from solver.timetable.problem import I64, PackedProblem, TimetableProblem, pack
from solver.timetable.run import WEIGHTS
from solver.timetable.search import anneal, construct, restart_from
from solver.timetable.state import CREW, END, NODE_CELLS, NUM_TOTALS, START, State, make_state

CHUNK_S = 0.3
"""Seconds between two looks at the clock and at the watcher."""

Terms = tuple[int, int, int, int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """A part to improve.

    Parameters
    ----------
    layout : its present timetable; ``None`` where there is none yet.
    hot, cold : first and last temperature, minutes of travel.
    iterations, time_s : limits, ``None`` for none; with both ``None`` only a first timetable is built.
    seed : start of its random choices.
    clock : seconds; a module's function, so that another process finds it.
    """

    problem: TimetableProblem
    layout: Layout | None
    hot: float
    cold: float
    iterations: int | None
    time_s: float | None
    seed: int
    clock: Callable[[], float] = time.perf_counter


@dataclass(frozen=True, slots=True, kw_only=True)
class Improved:
    """What became of a part; `terms` are unserved weight among its items, doors, crew shifts, joint days, travel."""

    layout: Layout
    terms: Terms
    iterations: int


def improve(work: Work, look: Watcher) -> Improved:
    """Return the best timetable found, in the order of tiers; visits that are not placed are tried first."""
    began = work.clock()
    p = work.problem
    packed, state = pack_with_state(p, work.seed)
    best = state.cells[: state.at["essential"]].copy()
    totals = np.zeros(NUM_TOTALS, dtype=np.int64)
    if work.layout is not None:
        restart_from(packed, state, essential_of(state, work.layout))
    construct(packed, state, first_order(p), WEIGHTS, best, totals)
    done, pace, cooling = 0, 200, work.cold / work.hot
    limited = work.iterations is not None or work.time_s is not None
    stopped = look(_progress(p, totals, done, work.clock() - began))
    while limited and p.num_visits and not stopped:
        passed = work.clock() - began
        shares = [passed / work.time_s if work.time_s else 0.0, done / work.iterations if work.iterations else 0.0]
        if work.iterations == 0 or max(shares) >= 1.0:
            break
        n = pace if work.iterations is None else min(pace, work.iterations - done)
        heat = work.hot * cooling ** max(shares)
        anneal(packed, state, WEIGHTS, n, heat, heat, best, totals)
        done += n
        took = max(1e-6, work.clock() - began - passed)
        if work.time_s is not None:
            left = max(1e-3, work.time_s - passed - took)
            pace = int(min(200_000, max(10, n * min(4.0, min(CHUNK_S, left) / took))))
        stopped = look(_progress(p, totals, done, work.clock() - began))
    return Improved(layout=layout_of(p, state, best), terms=terms_of(p, totals), iterations=done)


def pack_with_state(p: TimetableProblem, seed: int) -> tuple[PackedProblem, State]:
    """Return the problem as compiled code takes it, and an empty state."""
    packed = pack(p)
    return packed, make_state(packed, seed)


def first_order(p: TimetableProblem) -> I64:
    """Return all visits: pinned ones first, then the heaviest, those with fewest slots, the longest."""
    first = p.ent_modes[p.visit_ent]
    slots = np.bitwise_count(p.mode_words[first]).sum(axis=1)
    return np.lexsort((-p.mode_longest[first], slots, -p.mode_weight[first], -p.visit_pinned)).astype(np.int64)


def essential_of(state: State, layout: Layout) -> I64:
    """Return the cells of a solution that hold this timetable."""
    at = state.at
    cells = state.cells[: at["essential"]].copy()
    cells[at["visit_ss"] : at["visit_mode"]] = layout.visit_ss
    cells[at["visit_mode"] : at["nodes"]] = layout.visit_mode
    nodes = cells[at["nodes"] : at["nodes"] + NODE_CELLS * len(layout.node_crew)].reshape(-1, NODE_CELLS)
    nodes[:, START], nodes[:, END] = layout.node_start, layout.node_start + layout.node_min
    nodes[:, CREW] = layout.node_crew
    return cells


def layout_of(p: TimetableProblem, state: State, cells: I64) -> Layout:
    """Return the timetable that cells of a solution hold."""
    at = state.at
    nodes = cells[at["nodes"] : at["nodes"] + NODE_CELLS * p.num_nodes].reshape(-1, NODE_CELLS)
    return Layout(
        visit_ss=cells[at["visit_ss"] : at["visit_mode"]].copy(),
        visit_mode=cells[at["visit_mode"] : at["nodes"]].copy(),
        node_start=nodes[:, START].copy(),
        node_crew=nodes[:, CREW].copy(),
        node_min=nodes[:, END] - nodes[:, START],
    )


def terms_of(p: TimetableProblem, totals: I64) -> Terms:
    """Return the terms of a search's totals, with the weight that is not served in the place of what is."""
    served, doors, crews, days, travel = (int(t) for t in totals[:5])
    return int(p.ent_best.sum()) - served, doors, crews, days, travel


def _progress(p: TimetableProblem, totals: I64, iterations: int, elapsed_s: float) -> Progress:
    return Progress(stage="search", elapsed_s=elapsed_s, iterations=iterations, terms=terms_of(p, totals))
