"""The ascent: prices that rise where crews are missing and fall where routes have crews to spare."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from solver.bound.prices import ask, deduct, learn, offer, price_groups, price_known, scaled
from solver.bound.routes import MAX_STOPS, least_detour, shortest_legs
from solver.bound.tasks import F64, I64, Tasks, merge_slots, slot_kinds, tasks_of
from solver.timetable.problem import TimetableProblem

MOMENTUM = 0.7
FIRST_STEP, LAST_STEP = 0.1, 0.002
"""Step of the ascent as a share of the way to the target; a level of prices ends with the smallest."""

SHRINK, SLOW = 0.7, 0.95
"""Factors of the step after a climb that lost, and after one that gained less than `WORTHWHILE` of the bound."""

LEEWAY = 0.05
"""An exact look may overrate a route by so much of the step; it is far quicker then."""

WORTHWHILE = 0.0003
AIM = 1.1
"""The steps aim at so many times the best bound so far."""

FEW, MANY = 10, 60
"""Steps of a climb on known routes between two exact looks: few at first, more after each gain."""

SPELL = 10
"""Dates that the second stage merges."""

KNOWN = 64
"""Routes remembered for every group."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Prices:
    """Prices of tasks in crew shifts, what every enterprise pays at least, and the bound that they prove."""

    bound: float
    task_price: F64
    paid: F64


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """Everything of a problem that does not change during the ascent.

    Parameters
    ----------
    legs, detours : legs that keep the triangle inequality; least detour (streets, places).
    item_weight : (items,) of enterprises that may get several visits.
    most : (groups,) crew shifts that could have a task.
    pool_groups, pools : groups by authority and slot; (first, end, authority, slot).
    cuts : groups at which the work is cut for the threads.
    """

    p: TimetableProblem
    t: Tasks
    legs: I64
    detours: I64
    item_weight: I64
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
    sizes = np.diff(p.mode_items)
    item_weight = np.zeros(int(p.ent_items[-1]), dtype=np.int64)
    single = np.nonzero(sizes == 1)[0]
    item_weight[p.mode_item[p.mode_items[single]]] = p.mode_weight[single]
    crews = np.zeros(t.num_tasks)
    np.maximum.at(crews, t.option_task, t.option_crews)
    group = np.repeat(np.arange(t.num_groups), np.diff(t.group_tasks))
    key = t.group_authority * p.num_slots + t.group_slot
    pool_groups = np.argsort(key, kind="stable")
    keys, begin = np.unique(key[pool_groups], return_index=True)
    ends = np.append(begin[1:], t.num_groups)
    shares = np.linspace(0, t.num_tasks, 4 * workers + 1)[1:-1]
    return Ground(
        p=p,
        t=t,
        legs=ways[0],
        detours=ways[1],
        item_weight=item_weight,
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
            for first, last in zip(g.cuts[:-1], g.cuts[1:], strict=True)
            if last > first
        ]  # fmt: skip
        for job in jobs:
            job.result()

    def _demand(self, price: F64, asked: F64) -> float:
        """Return what the enterprises pay at least, and fill the crews that they ask for."""
        p, g = self.ground.p, self.ground
        return float(ask(g.t, price, p.mode_items, p.mode_item, p.ent_items, g.item_weight, self.paid, asked))

    def value(self, price: F64) -> float:
        """Return the value of priced routes, and leave the direction of ascent in `asked`."""
        p, g = self.ground.p, self.ground
        brought = offer(
            g.t.group_street, self.profit, g.most, g.pool_groups, g.pools, p.crews_street, p.crews_district,
            p.crews_city, p.street_district, p.num_slots, p.num_streets, p.num_districts, self.use,
        )  # fmt: skip
        paid = self._demand(price, self.asked)
        deduct(self.use, self.stops, self.route, self.asked)
        return paid - float(brought)

    def best_of(self, price: F64) -> Prices:
        """Return the better of the prices and the same prices lowered until pools bring nothing.

        Afterwards `asked` holds the direction at the given prices.
        """
        lower: F64 = scaled(self.ground.t, price, self.profit)
        without_pools = self._demand(lower, self._spare)
        best = Prices(bound=without_pools, task_price=lower, paid=self.paid.copy())
        value = self.value(price)
        return best if without_pools > value else Prices(bound=value, task_price=price, paid=self.paid.copy())


class _Known:
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


def _climb(look: Look, known: _Known, price: F64, level: I64 | None, target: float, step: float, steps: int) -> F64:
    """Return prices that are better for the known routes: so many steps of a subgradient with momentum."""
    size = len(price) if level is None else int(level.max(initial=0)) + 1
    direction = np.zeros(size)
    best, top = -np.inf, price
    for _ in range(steps):
        known.price(look, price)
        value = look.value(price)
        if value > best:
            best, top = value, price
        asked = look.asked if level is None else np.bincount(level, look.asked, minlength=size)
        direction = MOMENTUM * direction + (1 - MOMENTUM) * asked
        norm = float(direction @ direction)
        if norm < 1e-12:
            break
        move = (step * max(1e-3, target - value) / norm) * direction
        price = np.maximum(0.0, price + (move if level is None else move[level]))
    return top


@dataclass(slots=True, kw_only=True)
class _Until:
    """When the ascent ends; the clock is looked at after every exact look."""

    looks: int | None
    at: float | None
    clock: Callable[[], float]
    stop: Callable[[float], bool] | None
    done: bool = False

    def reached(self, bound: float) -> bool:
        if self.looks is not None:
            self.looks -= 1
        late = self.at is not None and self.clock() > self.at
        self.done = self.done or late or self.looks == 0 or (self.stop is not None and self.stop(bound))
        return self.done


def raise_prices(
    p: TimetableProblem,
    *,
    stop_min: float,
    looks: int | None,
    time_s: float | None = None,
    workers: int = 1,
    clock: Callable[[], float] = time.perf_counter,
    stop: Callable[[float], bool] | None = None,
) -> Prices:
    """Return the best prices found; their bound holds for timetables that serve every enterprise's best weight.

    Slots with equal shifts and pools are merged at first, then split by weeks, then each stands for itself: prices of
    one stage prove at least as much in the next, and a stage with few slots is quick.

    Parameters
    ----------
    stop_min : minutes in every leg that moves, see :func:`ways_of`; 0 is always right.
    looks, time_s : limits: exact looks, and seconds; with looks alone the result repeats bit for bit.
    stop : asked after each look with the bound so far; True ends the ascent.
    """
    ways = ways_of(p, stop_min)
    until = _Until(looks=looks, at=None if time_s is None else clock() + time_s, clock=clock, stop=stop)
    best = Prices(bound=0.0, task_price=np.zeros(0), paid=np.zeros(p.num_enterprises))
    before: tuple[I64, I64, F64] | None = None
    with ThreadPoolExecutor(max_workers=workers) as pool:
        for label in _stages(p):
            ground = lay_ground(merge_slots(p, label), ways, workers)
            t, look = ground.t, Look(ground)
            slot = np.repeat(t.group_slot, np.diff(t.group_tasks))
            levels: list[I64 | None] = [None]
            if before is None:
                price = _first_prices(pool, look)
                levels.insert(0, np.unique(t.task_work, return_inverse=True)[1].astype(np.int64))
            else:
                price = _handed_down(label, t.task_work, slot, before)
            found = _ascend(look, pool, price, levels, best.bound, until)
            before = label, t.task_work * (int(label.max(initial=0)) + 1) + slot, found.task_price
            best = found if found.bound > best.bound else best
            if until.done:
                break
    return best


def _first_prices(pool: Executor, look: Look) -> F64:
    """Return a task's share of the longest shift, lowered until no route is worth more than a crew shift."""
    p, t = look.ground.p, look.ground.t
    price = (t.task_min + 6.0) / max(1.0, float((p.slot_hi - p.slot_lo).max(initial=1)))
    look.price(pool, price.astype(np.float64), LEEWAY * FIRST_STEP)
    lower: F64 = scaled(t, price, look.profit)
    return lower


def _stages(p: TimetableProblem) -> list[I64]:
    """Return the labels of slots at every stage, from few to every slot by itself."""
    kind = slot_kinds(p)
    spell = p.slot_day.astype(np.int64) // SPELL
    by_spell = np.unique(spell * (int(kind.max(initial=0)) + 1) + kind, return_inverse=True)[1].astype(np.int64)
    stages = [kind, by_spell, np.arange(p.num_slots, dtype=np.int64)]
    return [s for k, s in enumerate(stages) if k == 0 or s.max(initial=0) > stages[k - 1].max(initial=0)]


def _handed_down(label: I64, work: I64, slot: I64, before: tuple[I64, I64, F64]) -> F64:
    """Return for every task the price of the stage before."""
    label_before, keys, price = before
    parent = np.zeros(int(label.max(initial=0)) + 1, dtype=np.int64)
    parent[label] = label_before
    wanted = work * (int(label_before.max(initial=0)) + 1) + parent[slot]
    order = np.argsort(keys)
    return price[order[np.searchsorted(keys[order], wanted)]]


def _ascend(look: Look, pool: Executor, price: F64, levels: list[I64 | None], floor: float, until: _Until) -> Prices:
    """Climb until the smallest step of the last level, or until the end; return the best prices."""
    known = _Known(look.ground.t.num_groups)
    level, step, steps = 0, FIRST_STEP, FEW
    best = Prices(bound=-np.inf, task_price=price, paid=look.paid)
    while True:
        look.price(pool, price, LEEWAY * step)
        found = look.best_of(price)
        gained = found.bound - best.bound
        if gained > 0:
            best = found
        if until.reached(max(floor, best.bound)):
            return best
        if gained <= WORTHWHILE * best.bound:
            step *= SLOW if gained > 0 else SHRINK
        steps = min(MANY, steps + FEW) if gained > 0 else max(FEW, steps // 2)
        if step < LAST_STEP:
            level, step, steps = level + 1, FIRST_STEP, FEW
        if level == len(levels):
            return best
        known.learn(look)
        price = _climb(look, known, best.task_price, levels[level], AIM * max(best.bound, 1.0), step, steps)
