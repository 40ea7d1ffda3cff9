"""Our own caravan: ruin and recreate with all pools, the strongest caravan we know; a thread for each worker."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from benchmarks.peers.answer import Budget, PeerAnswer
from benchmarks.peers.caravan_data import (
    CaravanBest,
    CaravanData,
    CaravanState,
    caravan_data,
    empty_best,
    empty_state,
    placed_of,
    teams_of,
)
from benchmarks.peers.caravan_search import anneal, better, insert_all, load, try_team
from benchmarks.peers.first_fit import first_order
from benchmarks.peers.jobs import PeerCase

HOT, COLD = 500.0, 10.0
"""First and last temperature, in minutes ridden (how they were chosen: benchmarks/README.md)."""

PRICE = 2_500.0
"""Annealing price of a unit of weight left out; the best is kept in the order of tiers whatever the price."""

ROUNDS = 16
"""After each round a worker that is behind continues from the best."""

CHUNK_S = 0.1


def caravan(case: PeerCase, budget: Budget) -> PeerAnswer:
    """Return the best caravans found in the time."""
    d = caravan_data(case)
    best, iterations = search(case, d, budget)
    return PeerAnswer(
        placed=tuple(placed_of(case, teams_of(case, best))),
        note=f"ruin and recreate, {iterations} iterations, {int(np.sum(best.team_ss >= 0))} teams",
    )


def warm_up(case: PeerCase) -> None:
    """Compile (or load from the cache) everything that a run calls, on a small case."""
    d = caravan_data(case)
    st, best = empty_state(d, 1), empty_best(d)
    insert_all(d, st, np.arange(len(case.jobs)), best)
    anneal(d, st, best, 1, HOT, PRICE)
    load(d, st, best)
    for team in teams_of(case, best)[:1]:
        ids = np.array([j for j, _ in team.stops])
        try_team(d, st, team.street * case.num_slots + team.slot, ids, d.job_options[ids])
    better(best.totals, best.totals)


def search(case: PeerCase, d: CaravanData, budget: Budget, start: CaravanBest | None = None) -> tuple[CaravanBest, int]:
    """Return the best solution found and the iterations made."""
    began = time.perf_counter()
    states = [empty_state(d, budget.seed * 7919 + k) for k in range(max(1, budget.workers))]
    bests = [empty_best(d) for _ in states]
    if start is not None:
        load(d, states[0], start)
    insert_all(d, states[0], np.array(first_order(case), dtype=np.int64), bests[0])
    iterations = 0
    with ThreadPoolExecutor(len(states)) as pool:
        for r in range(ROUNDS):
            _share(d, states, bests)
            ends = began + (budget.until - began) * (r + 1) / ROUNDS
            done = [
                pool.submit(_round, d, st, b, began, ends, budget.until) for st, b in zip(states, bests, strict=True)
            ]
            iterations += sum(f.result() for f in done)
    _share(d, states, bests)
    return bests[0], iterations


def _share(d: CaravanData, states: list[CaravanState], bests: list[CaravanBest]) -> None:
    top = max(range(len(bests)), key=lambda k: (bests[k].totals[0], *(-bests[k].totals[1:])))
    for k, best in enumerate(bests):
        if k != top and better(bests[top].totals, best.totals):
            load(d, states[k], bests[top])
            for mine, theirs in zip(best, bests[top], strict=True):
                mine[:] = theirs


def _round(d: CaravanData, st: CaravanState, best: CaravanBest, began: float, ends: float, until: float) -> int:
    done, pace = 0, 50
    while (now := time.perf_counter()) < ends:
        heat = HOT * (COLD / HOT) ** min(1.0, (now - began) / max(1e-9, until - began))
        anneal(d, st, best, pace, heat, PRICE)
        done += pace
        pace = int(min(50_000, max(20, pace * min(4.0, CHUNK_S / max(1e-6, time.perf_counter() - now)))))
    return done
