"""One look at prices: the dearest routes, what pools bring for them, what enterprises pay, and so the bound."""

from __future__ import annotations

from concurrent.futures import Executor
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from solver.bound.prices import ask, deduct, learn, offer, price_groups, price_known, scaled
from solver.bound.routes import MAX_STOPS, least_detour, shortest_legs
from solver.bound.tasks import F64, I64, Tasks, item_weights, least_losses, tasks_of
from solver.timetable.problem import TimetableProblem

KNOWN = 64
"""Routes remembered for every group, choices for every street shift."""

GIVE_UP = 10.0
"""Crew shifts paid for a unit of weight at most; no enterprise costs so much where crews suffice."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Prices:
    """Prices of tasks in crew shifts, what every enterprise pays at least, and the bound that they prove.

    Parameters
    ----------
    pooled : pools bring something at these prices: crews are scarce somewhere, or the prices are not yet the best.
    """

    bound: float
    task_price: F64
    paid: F64
    pooled: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """Everything of a problem that does not change during the ascent.

    Parameters
    ----------
    legs, detours : legs that keep the triangle inequality; least detour (streets, places).
    item_weight : (items,) of enterprises that may get several visits.
    dearest : (enterprises,) most that each pays: with more, giving up its least loss is the better choice.
    most : (groups,) crew shifts that could have a task.
    pool_groups, pools : groups by authority and slot; (first, end, authority, slot).
    cuts : groups at which the work is cut for the threads.
    """

    p: TimetableProblem
    t: Tasks
    legs: I64
    detours: I64
    item_weight: I64
    dearest: F64
    most: F64
    pool_groups: I64
    pools: I64
    cuts: tuple[int, ...]


def ways_of(p: TimetableProblem, stop: float) -> tuple[I64, I64]:
    """Return legs that keep the triangle inequality, and the least detours (streets, places).

    With `stop` minutes in every leg that moves, legs rounded up keep it as they are: two legs hold `stop` twice.
    """
    legs = p.legs.astype(np.int64)
    detours = np.zeros((p.num_streets, int(p.street_places.max(initial=0))), dtype=np.int64)
    for street in range(p.num_streets):
        base, places = int(p.street_legs[street]), int(p.street_places[street])
        here = p.legs[base : base + places * places].reshape(places, places)
        if stop < 1e-6:
            legs[base : base + places * places] = shortest_legs(here).reshape(-1)
        apart = (here == 0).sum(axis=1) == 1
        detours[street, :places] = np.where(apart, least_detour(stop), 0)
    return legs, detours


def lay_ground(p: TimetableProblem, ways: tuple[I64, I64], workers: int) -> Ground:
    """Return the fixed arrays of the ascent."""
    t = tasks_of(p)
    crews = np.zeros(t.num_tasks)
    np.maximum.at(crews, t.option_task, t.option_crews)
    group = np.repeat(np.arange(t.num_groups), np.diff(t.group_tasks))
    key = t.group_authority * p.num_slots + t.group_slot
    pool_groups = np.argsort(key, kind="stable")
    keys, begin = np.unique(key[pool_groups], return_index=True)
    ends = np.append(begin, t.num_groups)[1:]
    shares = np.linspace(0, t.num_tasks, 4 * workers + 1)[1:-1]
    return Ground(
        p=p,
        t=t,
        legs=ways[0],
        detours=ways[1],
        item_weight=item_weights(p),
        dearest=GIVE_UP * least_losses(p).astype(np.float64),
        most=np.bincount(group, weights=crews, minlength=t.num_groups).astype(np.float64),
        pool_groups=pool_groups.astype(np.int64),
        pools=np.stack([begin, ends, keys // p.num_slots, keys % p.num_slots], axis=1).astype(np.int64),
        cuts=(0, *(int(c) for c in np.searchsorted(t.group_tasks, shares)), t.num_groups),
    )


class Look:
    """One evaluation of prices: the dearest routes, what pools bring, what the enterprises pay."""

    def __init__(self, ground: Ground) -> None:
        groups = ground.t.num_groups
        self.ground = ground
        self.profit, self.use = np.zeros(groups), np.zeros(groups)
        self.stops = np.zeros(groups, dtype=np.int64)
        self.route = np.zeros((groups, MAX_STOPS), dtype=np.int64)
        self.asked = np.zeros(ground.t.num_tasks)
        self.paid = np.zeros(ground.p.num_enterprises)
        self._spare = np.zeros(ground.t.num_tasks)

    def price(self, pool: Executor, price: F64, slack: float) -> None:
        """Find the dearest routes at these prices, overrated by at most `slack`."""
        p, g = self.ground.p, self.ground
        jobs = [
            pool.submit(
                price_groups, g.t, price, first, last, g.legs, p.street_legs, p.street_places, g.detours,
                p.slot_lo, p.slot_hi, p.buffer, slack, self.profit, self.stops, self.route,
            )
            for first, last in pairwise(g.cuts)
            if last > first
        ]  # fmt: skip
        for job in jobs:
            job.result()

    def known(self) -> Known:
        """Return an empty memory of routes."""
        return Known(self.ground.t.num_groups)

    def demand(self, price: F64, asked: F64) -> float:
        """Return what the enterprises pay at least, and fill the crews that they ask for."""
        p, g = self.ground.p, self.ground
        return float(
            ask(g.t, price, p.mode_items, p.mode_item, p.ent_items, g.item_weight, g.dearest, self.paid, asked)
        )

    def value(self, price: F64) -> float:
        """Return the value of priced routes, and leave the direction of ascent in `asked`."""
        p, g = self.ground.p, self.ground
        brought = offer(
            g.t.group_street, self.profit, g.most, g.pool_groups, g.pools, p.crews_street, p.crews_district,
            p.crews_city, p.street_district, p.num_slots, p.num_streets, p.num_districts, self.use,
        )  # fmt: skip
        paid = self.demand(price, self.asked)
        deduct(self.use, self.stops, self.route, self.asked)
        return paid - float(brought)

    def best_of(self, price: F64) -> Prices:
        """Return the better of the prices and the same prices lowered until pools bring nothing.

        Afterwards `asked` holds the direction at the given prices.
        """
        lower: F64 = scaled(self.ground.t, price, self.profit)
        without_pools = self.demand(lower, self._spare)
        best = Prices(bound=without_pools, task_price=lower, paid=self.paid.copy())
        value = self.value(price)
        if without_pools > value:
            return best
        return Prices(bound=value, task_price=price, paid=self.paid.copy(), pooled=True)


class Known:
    """Routes of every group that paid at some prices; between exact looks only these are priced."""

    def __init__(self, groups: int) -> None:
        self.routes = np.zeros((groups, KNOWN, MAX_STOPS), dtype=np.int32)
        self.stops = np.zeros((groups, KNOWN), dtype=np.int64)
        self.num, self.oldest = np.zeros(groups, dtype=np.int64), np.zeros(groups, dtype=np.int64)

    def learn(self, look: Look) -> None:
        """Remember the routes of a look that pay."""
        learn(look.profit, look.stops, look.route, self.routes, self.stops, self.num, self.oldest)

    def price(self, look: Look, price: F64) -> None:
        """Put the dearest known routes into the look."""
        price_known(price, self.routes, self.stops, self.num, look.profit, look.stops, look.route)
