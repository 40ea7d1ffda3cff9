"""Running the search for caravans: a first timetable, annealing in chunks on threads, stop at any time."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import numpy as np

from solver.caravan.search import anneal, board, fill, load, save
from solver.limits import Limits, Progress, Watcher
from solver.timetable.problem import I64, PackedProblem, TimetableProblem, pack
from solver.timetable.run import weights_of
from solver.timetable.search import better
from solver.timetable.solution import Layout, PlacedVisit, empty_layout, evaluate, layout_from, placed_visits
from solver.timetable.state import MAX_RIDE, NUM_TOTALS, State, make_state

HOT, COLD, WARM = 300.0, 30.0, 60.0
"""First and last temperature in minutes of travel; the first where a given timetable is to be kept in its structure."""

ROUNDS = 24
"""After each round workers that are behind go on from the best of all."""

CHUNK_S = 0.2
Terms = tuple[int, int, int, int, int]
Found = tuple[Layout, Terms, int, bool]
"""Timetable, its terms, iterations of all workers, and whether it was stopped."""


def solve_caravans(
    p: TimetableProblem,
    limits: Limits,
    *,
    order: I64,
    watch: Watcher | None = None,
    clock: Callable[[], float] = time.perf_counter,
    start: Layout | Sequence[PlacedVisit] = (),
) -> Found:
    """Return the best timetable found in which crews that meet ride together; repeats bit for bit with iterations only.

    Travel that the search compares is that of whole caravans; the terms count each crew's own stops.

    Parameters
    ----------
    order : of the visits in a first timetable.
    start : goes on from it, and is never made worse, if its crews ride together; else it is not used.
    """
    return _Caravans(p, limits, watch, clock).run(order, start)


class _Worker:
    def __init__(self, p: PackedProblem, seed: int) -> None:
        self.state: State = make_state(p, seed)
        self.best: I64 = np.zeros(int(self.state.at["scratch"]), dtype=np.int64)
        self.totals: I64 = np.zeros(NUM_TOTALS, dtype=np.int64)
        self.iterations, self.pace = 0, 100


class _Caravans:
    """One run: its workers, its clock, and who is told."""

    def __init__(self, p: TimetableProblem, limits: Limits, watch: Watcher | None, clock: Callable[[], float]) -> None:
        self.began = clock()
        self.p, self.packed, self.limits, self.watch, self.clock = p, pack(p), limits, watch, clock
        self.weights = weights_of(p.tiers.tolist())
        self.workers = [_Worker(self.packed, limits.seed * 7919 + k) for k in range(max(1, limits.workers))]

    def run(self, order: I64, start: Layout | Sequence[PlacedVisit]) -> Found:
        first = self.workers[0]
        given = start if isinstance(start, Layout) else layout_from(self.p, start)
        rides = rides_of(self.p, given)
        for ride in rides or ():
            for pos, v in enumerate(ride):
                car = int(first.state.cells[first.state.at["visit_car"] + ride[0]])
                mode, ss = int(given.visit_mode[v]), int(given.visit_ss[v])
                board(self.packed, first.state, v, mode, ss, car, pos)
        fill(self.packed, first.state, order, self.weights, first.best, first.totals)
        for w in self.workers[1:]:
            self._go_on(w, first)
        stopped = self._told()
        if self.p.num_visits and not stopped:
            with ThreadPoolExecutor(max_workers=len(self.workers)) as pool:
                stopped = self._rounds(pool, HOT if rides is None else WARM)
        layout = layout_of_caravans(self.p, self.workers[0].state, self._leader().best)
        terms = _terms(self.p, layout)
        before = terms if rides is None else _terms(self.p, given)
        if rides is not None and self._in_order(before) <= self._in_order(terms):
            layout, terms = given, before  # its minutes are as good, and known already
        return layout, terms, sum(w.iterations for w in self.workers), stopped

    def _in_order(self, terms: Terms) -> list[int]:
        return [terms[tier] for tier in self.p.tiers]

    def _rounds(self, pool: ThreadPoolExecutor, hot: float) -> bool:
        limits = self.limits
        for r in range(ROUNDS):
            target = None if limits.iterations is None else limits.iterations * (r + 1) // ROUNDS
            until = None if limits.time_s is None else self.began + limits.time_s * (r + 1) / ROUNDS
            while True:
                over = until is not None and self.clock() >= until
                open_ = [w for w in self.workers if target is None or w.iterations < target]
                if over or not open_:
                    break
                list(pool.map(partial(self._chunk, target=target, hot=hot), open_))
                if self._told():
                    return True
            top = self._leader()
            for w in self.workers:
                if w is not top and better(self.packed, top.totals, w.totals):
                    self._go_on(w, top)
        return False

    def _chunk(self, w: _Worker, target: int | None, hot: float) -> None:
        limits, begin = self.limits, self.clock()
        iterations = w.pace if target is None else min(2000 if limits.time_s is None else w.pace, target - w.iterations)
        shares = []
        if limits.time_s is not None:
            shares.append((begin - self.began) / limits.time_s)
        if limits.iterations:
            shares.append(w.iterations / limits.iterations)
        heat = hot * (COLD / hot) ** min(1.0, max(shares))
        anneal(self.packed, w.state, self.weights, iterations, heat, heat, w.best, w.totals)
        w.iterations += iterations
        if limits.time_s is not None:
            took = max(1e-6, self.clock() - begin)
            w.pace = int(min(50_000, max(5, iterations * min(4.0, CHUNK_S / took))))

    def _go_on(self, w: _Worker, top: _Worker) -> None:
        rng = w.state.cells[w.state.at["rng"]]
        load(self.packed, w.state, top.best)
        w.state.cells[w.state.at["rng"]] = rng
        save(w.state, w.best, w.totals)

    def _leader(self) -> _Worker:
        top = self.workers[0]
        for w in self.workers[1:]:
            if better(self.packed, w.totals, top.totals):
                top = w
        return top

    def _told(self) -> bool:
        if self.watch is None:
            return False
        served, doors, crews, days, travel = (int(t) for t in self._leader().totals[:5])
        terms = (int(self.p.ent_best.sum()) - served, doors, crews, days, travel)
        elapsed_s, iterations = self.clock() - self.began, sum(w.iterations for w in self.workers)
        return self.watch(Progress(stage="search", elapsed_s=elapsed_s, iterations=iterations, terms=terms))


def _terms(p: TimetableProblem, layout: Layout) -> Terms:
    served, doors, crews, days, travel = evaluate(p, placed_visits(p, layout))
    return int(p.ent_best.sum()) - served, doors, crews, days, travel


def rides_of(p: TimetableProblem, layout: Layout) -> list[list[int]] | None:
    """Return placed visits by caravan (crews that meet, and whom those meet), in order; ``None`` where there is none,
    or some do not ride together: they overlap, leave too little for the way, or change crews.
    """
    used = np.flatnonzero(layout.visit_ss >= 0).tolist()
    visits = dict(zip(used, placed_visits(p, layout), strict=True))
    group = {v: v for v in used}

    def top(v: int) -> int:
        while group[v] != v:
            group[v] = group[group[v]]
            v = group[v]
        return v

    seen: dict[tuple[int, int, int, int], int] = {}
    for v, visit in visits.items():
        for part in visit.parts:
            for crew in part.crews:
                other = seen.setdefault((visit.street, visit.slot, part.authority, crew), v)
                group[top(v)] = top(other)
    rides: dict[int, list[int]] = defaultdict(list)
    for v in sorted(used, key=lambda v: (_begin(visits[v]), v)):
        rides[top(v)].append(v)
    sound = all(_rides_together(p, [visits[v] for v in ride]) for ride in rides.values())
    return list(rides.values()) if rides and sound else None


def _begin(v: PlacedVisit) -> int:
    return min(part.start for part in v.parts)


def _rides_together(p: TimetableProblem, ride: Sequence[PlacedVisit]) -> bool:
    street, slot = ride[0].street, ride[0].slot
    base, places = int(p.street_legs[street]), int(p.street_places[street])
    now, here = int(p.slot_lo[slot]), 0
    for k, v in enumerate(ride):
        there = int(p.ent_place[v.enterprise])
        now += int(p.legs[base + here * places + there]) + (p.buffer if k else 0)
        if _begin(v) < now:
            return False
        now, here = max(part.start + part.minutes for part in v.parts), there
    most: dict[int, int] = {}
    crews: dict[int, set[int]] = defaultdict(set)
    for v in ride:
        for part in v.parts:
            most[part.authority] = max(most.get(part.authority, 0), len(part.crews))
            crews[part.authority].update(part.crews)
    fits = now + int(p.legs[base + here * places]) <= int(p.slot_hi[slot])
    return fits and len(ride) <= MAX_RIDE and all(len(crews[a]) == n for a, n in most.items())


def layout_of_caravans(p: TimetableProblem, state: State, best: I64) -> Layout:
    """Return the timetable of a saved solution: every visit as early as its caravan can be there."""
    at, out = state.at, empty_layout(p)
    out.visit_ss[:] = best[at["visit_ss"] : at["visit_mode"]]
    out.visit_mode[:] = best[at["visit_mode"] : at["nodes"]]
    crew_of: dict[tuple[int, int, int], int] = {}
    cars = np.flatnonzero(best[at["car_ss"] : at["car_size"]] >= 0)
    for car in cars.tolist():
        ss, size = int(best[at["car_ss"] + car]), int(best[at["car_size"] + car])
        street, slot = ss // p.num_slots, ss % p.num_slots
        base, places = int(p.street_legs[street]), int(p.street_places[street])
        now, here = int(p.slot_lo[slot]), 0
        first = int(at["car_ride"]) + MAX_RIDE * car
        for v in best[first : first + size].tolist():
            mode, e = int(out.visit_mode[v]), int(p.visit_ent[v])
            there = int(p.ent_place[e])
            begin = max(now + int(p.legs[base + here * places + there]), int(p.ent_from[e]))
            for part in range(int(p.mode_parts[mode]), int(p.mode_parts[mode + 1])):
                a, node = int(p.part_authority[part]), int(p.visit_nodes[v] + p.part_node[part])
                for q in range(int(p.part_crews[part])):
                    out.node_start[node + q] = begin
                    out.node_end[node + q] = begin + int(p.part_min[part])
                    out.node_crew[node + q] = crew_of.setdefault((car, a, q), len(crew_of))
            now, here = begin + int(p.mode_longest[mode]) + p.buffer, there
    return out
