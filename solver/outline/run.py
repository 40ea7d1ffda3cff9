"""An outline by prices: crew minutes get dearer where too many are asked for, and every enterprise answers the prices.

The answers at the last prices are settled one enterprise after the other, so that no pool is drawn upon too much.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from solver.outline.problem import Floats, OutlineProblem, OutlineResult
from solver.outline.respond import respond_all, settle

ROUNDS = 24
"""Rounds of prices."""

_TRIES = 4
_DOOR = 0.3
"""What a door counts against weight, by the least weight: an item is always worth a visit of its own."""

_SPREAD = 0.05
"""What a minute of busy crews costs more, by what a minute of the lightest items is worth."""


def solve_outline(problem: OutlineProblem, rounds: int = ROUNDS) -> OutlineResult:
    """Return an assignment that keeps every cap, the gap and the capacities: much weight, few doors, an even load."""
    lightest = _lightest(problem)
    choice = np.full((problem.num_enterprises, problem.num_periods), -1, dtype=np.int32)
    price = _prices(problem, choice, lightest, rounds)
    period = np.full(problem.num_items, -1, dtype=np.int8)
    left = problem.capacity.copy()
    drawn = np.zeros((len(problem.source_pools), problem.source_pools.shape[1], problem.num_periods))
    spread, order = _SPREAD * _minute(problem), _order(problem)
    for at in (price, np.zeros_like(price)):  # then what prices kept out, where there is room after all
        settle(problem, order, choice, at, spread, _DOOR * lightest, _TRIES, period, left, drawn)
        order = _with_left(problem, order, period)
    return OutlineResult(period=period, doors=_doors(problem, period), load=problem.capacity - left)


def _lightest(problem: OutlineProblem) -> float:
    positive = problem.item_weight[problem.item_weight > 0]
    return float(positive.min()) if len(positive) else 1.0


def _minute(problem: OutlineProblem) -> float:
    """Return what a minute of the lightest items is worth."""
    minutes = problem.item_minutes[problem.item_weight > 0]
    return _lightest(problem) / float(np.median(minutes)) if len(minutes) else 1.0


def _prices(problem: OutlineProblem, choice: npt.NDArray[np.int32], lightest: float, rounds: int) -> Floats:
    """Return what a minute costs each source once supply and demand have met, as far as they do."""
    capacity, base = problem.capacity, _minute(problem)
    height = np.full(capacity.shape, -4.0)
    mu = np.zeros(capacity.shape)
    asked = np.zeros((problem.source_pools.shape[0], problem.num_periods))
    smooth = asked.copy()
    period = np.empty(problem.num_items, dtype=np.int8)
    for k in range(rounds):
        price = _at_sources(problem, mu)
        respond_all(problem, choice, price, _DOOR * lightest, period, asked)
        smooth = asked.copy() if k == 0 else (smooth + asked) / 2
        excess = _excess(problem, smooth)
        if k == 0 and not (excess > 0).any():
            return price  # crews to spare: nothing needs a price
        with np.errstate(divide="ignore", invalid="ignore"):
            share = np.where(capacity > 0, excess / capacity, 0.0)
        height = np.clip(height + 8.0 / (1 + k / 8) * np.clip(share, -1.0, 1.0), -9.0, 12.0)
        mu = np.where(height < -8.0, 0.0, base * np.exp(height))
    return _at_sources(problem, mu)


def _at_sources(problem: OutlineProblem, mu: Floats) -> Floats:
    """Return what a minute costs each source: its cheapest pool."""
    padded = np.vstack([mu, np.full((1, mu.shape[1]), np.inf)])
    price: Floats = padded[problem.source_pools].min(axis=1)
    price[~np.isfinite(price)] = 0.0  # no crews: its items have no visit
    return price


def _excess(problem: OutlineProblem, asked: Floats) -> Floats:
    """Return by how much pools are asked for too much, own ones first; negative where something is left."""
    left, missing = problem.capacity.copy(), asked.copy()
    for k in range(problem.source_pools.shape[1]):
        there, pools = _of_level(problem, k)
        wanted = np.zeros_like(left)
        np.add.at(wanted, pools, missing[there])
        with np.errstate(divide="ignore", invalid="ignore"):
            share = np.where(wanted > 0, np.minimum(1.0, left / wanted), 1.0)
        got = missing[there] * share[pools]
        np.subtract.at(left, pools, got)
        missing[there] -= got
    over = np.zeros_like(left)
    for k in range(problem.source_pools.shape[1]):
        there, pools = _of_level(problem, k)
        np.add.at(over, pools, missing[there])
    return np.where(over > 1e-6, over, -left)


def _of_level(problem: OutlineProblem, k: int) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.int32]]:
    """Return the sources that have a k-th pool, and those pools."""
    pools = problem.source_pools[:, k]
    there = np.flatnonzero(pools >= 0)
    return there, pools[there]


def _enterprise_of(problem: OutlineProblem) -> npt.NDArray[np.intp]:
    """Return the enterprise of every item."""
    group = np.repeat(np.arange(len(problem.group_items) - 1), np.diff(problem.group_items))
    enterprise: npt.NDArray[np.intp] = np.repeat(np.arange(problem.num_enterprises), np.diff(problem.ent_groups))[group]
    return enterprise


def _order(problem: OutlineProblem) -> npt.NDArray[np.intp]:
    """Return the enterprises, those first whose items are worth most a minute."""
    best = np.zeros(problem.num_enterprises)
    np.maximum.at(best, _enterprise_of(problem), problem.item_weight / np.maximum(problem.item_minutes, 1))
    return np.argsort(-best, kind="stable")


def _with_left(
    problem: OutlineProblem, order: npt.NDArray[np.intp], period: npt.NDArray[np.int8]
) -> npt.NDArray[np.intp]:
    """Return the enterprises, in their order, of which an item that could be served is not."""
    possible = np.zeros(problem.num_items, dtype=np.bool_)
    possible[problem.option_item] = True
    wanting = np.zeros(problem.num_enterprises, dtype=np.bool_)
    wanting[_enterprise_of(problem)[possible & (period < 0)]] = True
    return order[wanting[order]]


def _doors(problem: OutlineProblem, period: npt.NDArray[np.int8]) -> int:
    pairs = _enterprise_of(problem) * problem.num_periods + period
    return len(np.unique(pairs[period >= 0]))
