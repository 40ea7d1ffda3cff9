"""The ascent: prices that rise where crews are missing and fall where routes have crews to spare."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from solver.bound.prices import ask, deduct, learn, offer, price_groups, price_known, scaled
from solver.bound.routes import MAX_STOPS, least_detours, shortest_legs
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
"""The target is at most so many times the best bound so far."""

FEW, MANY = 10, 60
"""Steps of a climb on known routes between two exact looks: few at first, more after each gain."""

SPELL = 10
"""Dates that the second stage merges."""

KNOWN = 64
"""Routes remembered for every group."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Prices:
    """Prices, and the bound that they prove on crew shifts.

    Parameters
    ----------
    bound : proven, not rounded.
    task_price : (tasks,) in crew shifts.
    reward : crew shifts that a unit of weight earns; negative where everything must be served.
    """

    bound: float
    task_price: F64
    reward: float


@dataclass(slots=True)
class _Ground:
    """Everything of a problem that does not change during the ascent."""

    p: TimetableProblem
    t: Tasks
    legs: I64
    detours: I64
    item_weight: I64
    most: F64
    pool_groups: I64
    pools: I64
    cuts: list[int]


def ways_of(p: TimetableProblem) -> tuple[I64, I64]:
    """Return the legs of all streets closed under detours, and the least detours (streets, places)."""
    legs = np.zeros(len(p.legs), dtype=np.int64)
    detours = np.zeros((p.num_streets, int(p.street_places.max(initial=0))), dtype=np.int64)
    for street in range(p.num_streets):
        base, places = int(p.street_legs[street]), int(p.street_places[street])
        closed = shortest_legs(p.legs[base : base + places * places].reshape(places, places))
        legs[base : base + places * places] = closed.reshape(-1)
        detours[street, :places] = least_detours(closed)
    return legs, detours


def lay_ground(p: TimetableProblem, ways: tuple[I64, I64], *, everything: bool, workers: int) -> _Ground:
    """Return the fixed arrays of the ascent."""
    legs, detours = ways
    t = tasks_of(p, everything=everything)
    sizes = np.diff(p.mode_items)
    item_weight = np.zeros(int(p.ent_items[-1]), dtype=np.int64)
    single = np.nonzero(sizes == 1)[0]
    item_weight[p.mode_item[p.mode_items[single]]] = p.mode_weight[single]
    crews = np.zeros(t.num_tasks)
    ent = np.repeat(np.arange(p.num_enterprises), np.diff(t.ent_options))[
        np.repeat(np.arange(len(t.option_mode)), np.diff(t.option_tasks))
    ]
    visits = np.where(t.ent_several[ent] > 0, np.diff(p.ent_items)[ent], 1)
    np.maximum.at(crews, t.option_task, t.option_crews * visits)
    group = np.repeat(np.arange(t.num_groups), np.diff(t.group_tasks))
    key = t.group_authority * p.num_slots + t.group_slot
    pool_groups = np.argsort(key, kind="stable")
    keys, begin = np.unique(key[pool_groups], return_index=True)
    ends = np.append(begin[1:], t.num_groups)
    pools = np.stack([begin, ends, keys // p.num_slots, keys % p.num_slots], axis=1).astype(np.int64)
    shares = np.linspace(0, t.num_tasks, 4 * workers + 1)
    cuts = [int(c) for c in np.searchsorted(t.group_tasks, shares)]
    cuts[0], cuts[-1] = 0, t.num_groups
    return _Ground(
        p=p, t=t, legs=legs, detours=detours, item_weight=item_weight,
        most=np.bincount(group, weights=crews, minlength=t.num_groups),
        pool_groups=pool_groups.astype(np.int64), pools=pools, cuts=cuts,
    )  # fmt: skip


class _Look:
    """One evaluation of prices: routes, the enterprises' demands, the pools' offers."""

    def __init__(self, ground: _Ground, loss: int) -> None:
        groups = ground.t.num_groups
        self.ground = ground
        self.served = float(ground.p.ent_best.sum()) - loss
        self.missing = 0.0
        self.profit, self.use = np.zeros(groups), np.zeros(groups)
        self.stops = np.zeros(groups, dtype=np.int64)
        self.route = np.zeros((groups, MAX_STOPS), dtype=np.int64)
        self.asked = np.zeros(ground.t.num_tasks)
        self._spare = np.zeros(ground.t.num_tasks)

    def price(self, pool: Executor, price: F64, slack: float) -> None:
        """Find the dearest routes at these prices."""
        p, t, g = self.ground.p, self.ground.t, self.ground
        jobs = [
            pool.submit(
                price_groups, t, price, first, last, g.legs, p.street_legs, p.street_places, g.detours,
                p.slot_lo, p.slot_hi, p.buffer, slack, self.profit, self.stops, self.route,
            )
            for first, last in zip(g.cuts[:-1], g.cuts[1:], strict=True)
            if last > first
        ]  # fmt: skip
        for job in jobs:
            job.result()

    def _demand(self, price: F64, reward: float, asked: F64) -> float:
        """Return what the enterprises pay at least for what must be served, and fill the crews that they ask for."""
        p, g = self.ground.p, self.ground
        paid, weight = ask(
            g.t, price, p.mode_weight, p.mode_items, p.mode_item, p.ent_items, g.item_weight, reward, asked
        )
        self.missing = 0.0 if reward < 0 else self.served - weight
        return float(paid) + max(0.0, reward) * self.served

    def value(self, price: F64, reward: float) -> float:
        """Return the proven value of priced routes, and leave the direction of ascent in `asked` and `missing`."""
        p, g = self.ground.p, self.ground
        brought = offer(
            g.t.group_street, self.profit, g.most, g.pool_groups, g.pools, p.crews_street, p.crews_district,
            p.crews_city, p.street_district, p.num_slots, p.num_streets, p.num_districts, self.use,
        )  # fmt: skip
        paid = self._demand(price, reward, self.asked)
        deduct(self.use, self.stops, self.route, self.asked)
        return paid - float(brought)

    def best_of(self, price: F64, reward: float) -> Prices:
        """Return the better of the prices and the same prices lowered until pools bring nothing."""
        lower = scaled(self.ground.t, price, self.profit)
        without_pools = self._demand(lower, reward, self._spare)
        value = self.value(price, reward)
        if without_pools > value:
            return Prices(bound=without_pools, task_price=lower, reward=reward)
        return Prices(bound=value, task_price=price, reward=reward)


def first_prices(ground: _Ground) -> F64:
    """Return a task's share of the longest shift: its minutes and the nearest leg, a start of the ascent."""
    p, t = ground.p, ground.t
    longest = float((p.slot_hi - p.slot_lo).max(initial=1))
    return (t.task_min + 6.0) / longest


class _Known:
    """Routes of every group that paid at some prices; between exact looks only these are priced."""

    def __init__(self, groups: int) -> None:
        self.routes = np.zeros((groups, KNOWN, MAX_STOPS), dtype=np.int32)
        self.stops = np.zeros((groups, KNOWN), dtype=np.int64)
        self.num, self.oldest = np.zeros(groups, dtype=np.int64), np.zeros(groups, dtype=np.int64)

    def learn(self, look: _Look) -> None:
        """Remember the routes of a look that pay."""
        learn(look.profit, look.stops, look.route, self.routes, self.stops, self.num, self.oldest)

    def price(self, look: _Look, price: F64) -> None:
        """Put the dearest known routes into the look."""
        price_known(price, self.routes, self.stops, self.num, look.profit, look.stops, look.route)


def _climb(
    look: _Look, known: _Known, start: tuple[F64, float], level: I64 | None, target: float, step: float, steps: int
) -> tuple[F64, float]:
    """Return prices and a reward that are better for the known routes: so many steps of a subgradient with momentum."""
    price, reward = start
    size = len(price) if level is None else int(level.max(initial=0)) + 1
    direction, more = np.zeros(size), 0.0
    best, top = -np.inf, start
    for _ in range(steps):
        known.price(look, price)
        value = look.value(price, reward)
        if value > best:
            best, top = value, (price, reward)
        asked = look.asked if level is None else np.bincount(level, look.asked, minlength=size)
        direction = MOMENTUM * direction + (1 - MOMENTUM) * asked
        more = MOMENTUM * more + (1 - MOMENTUM) * look.missing
        norm = float(direction @ direction) + more * more
        if norm < 1e-12:
            break
        move = (step * max(1e-3, target - value) / norm) * direction
        price = np.maximum(0.0, price + (move if level is None else move[level]))
        if reward >= 0:
            reward = max(0.0, reward + step * max(1e-3, target - value) / norm * more)
    return top


@dataclass(slots=True)
class _Until:
    """When the ascent ends; the clock is looked at after every exact look."""

    looks: int
    at: float | None
    clock: Callable[[], float]
    stop: Callable[[float], bool] | None

    def reached(self, bound: float) -> bool:
        self.looks -= 1
        late = self.at is not None and self.clock() > self.at
        return self.looks <= 0 or late or (self.stop is not None and self.stop(bound))


def raise_prices(
    p: TimetableProblem,
    *,
    loss: int,
    target: float,
    looks: int,
    time_s: float | None = None,
    workers: int = 1,
    clock: Callable[[], float] = time.perf_counter,
    stop: Callable[[float], bool] | None = None,
) -> float:
    """Return a proven bound, not rounded, on the crew shifts of timetables that lose at most `loss` weight.

    Slots with equal shifts and pools are merged at first, then split by the weeks, then each stands for itself: prices
    of one stage prove at least as much in the next, and a stage with few slots is quick.

    Parameters
    ----------
    loss : weight lost above the enterprises' own bounds, at least 0.
    target : crew shifts of a known timetable, the aim of the steps; it has no part in the proof.
    looks, time_s : exact looks, and seconds; with looks alone the result repeats bit for bit.
    stop : asked after each look with the bound so far; True ends the ascent.
    """
    ways = ways_of(p)
    until = _Until(looks, None if time_s is None else clock() + time_s, clock, stop)
    bound, done = 0.0, False
    before: tuple[I64, I64, F64, float] | None = None
    with ThreadPoolExecutor(max_workers=workers) as pool:
        for label in _stages(p):
            merged = merge_slots(p, label)
            ground = lay_ground(merged, ways, everything=loss == 0, workers=workers)
            t = ground.t
            slot = np.repeat(t.group_slot, np.diff(t.group_tasks))
            look = _Look(ground, loss)
            if before is None:
                price, reward = first_prices(ground), (-1.0 if loss == 0 else 1.0)
                look.price(pool, price, LEEWAY * FIRST_STEP)
                price = scaled(t, price, look.profit)
                levels: list[I64 | None] = [np.unique(t.task_work, return_inverse=True)[1].astype(np.int64), None]
            else:
                price, reward = _handed_down(p, label, t.task_work, slot, before), before[3]
                levels = [None]
            best, done = _ascend(look, pool, (price, reward), levels, target, bound, until)
            bound = max(bound, best.bound)
            before = (label, t.task_work * (int(label.max(initial=0)) + 1) + slot, best.task_price, best.reward)
            if done:
                break
    return bound


def _stages(p: TimetableProblem) -> list[I64]:
    """Return the labels of slots at every stage, from few to every slot by itself."""
    kind = slot_kinds(p)
    spell = p.slot_day[np.arange(p.num_slots)].astype(np.int64) // SPELL
    stages = [kind, np.unique(spell * (int(kind.max(initial=0)) + 1) + kind, return_inverse=True)[1].astype(np.int64)]
    stages.append(np.arange(p.num_slots, dtype=np.int64))
    return [s for k, s in enumerate(stages) if k == 0 or s.max(initial=0) > stages[k - 1].max(initial=0)]


def _handed_down(p: TimetableProblem, label: I64, work: I64, slot: I64, before: tuple[I64, I64, F64, float]) -> F64:
    """Return for every task the price of the stage before."""
    label_before, keys, price, _ = before
    parent = np.zeros(int(label.max(initial=0)) + 1, dtype=np.int64)
    parent[label] = label_before
    wanted = work * (int(label_before.max(initial=0)) + 1) + parent[slot]
    order = np.argsort(keys)
    return price[order[np.searchsorted(keys[order], wanted)]]


def _ascend(
    look: _Look, pool: Executor, start: tuple[F64, float], levels: list[I64 | None], target: float, floor: float,
    until: _Until,
) -> tuple[Prices, bool]:  # fmt: skip
    """Climb until the smallest step of the last level, or until the end; return the best prices and whether it ended."""
    known = _Known(look.ground.t.num_groups)
    (price, reward), level, step, steps = start, 0, FIRST_STEP, FEW
    best = Prices(bound=-np.inf, task_price=price, reward=reward)
    while True:
        look.price(pool, price, LEEWAY * step)
        found = look.best_of(price, reward)
        gained = found.bound - best.bound
        if gained > 0:
            best = found
        if until.reached(max(floor, best.bound)):
            return best, True
        if gained <= WORTHWHILE * best.bound:
            step *= SLOW if gained > 0 else SHRINK
        steps = min(MANY, steps + FEW) if gained > 0 else max(FEW, steps // 2)
        if step < LAST_STEP:
            level, step, steps = level + 1, FIRST_STEP, FEW
        if level == len(levels):
            return best, False
        known.learn(look)
        aim = min(target, AIM * max(best.bound, 1.0))
        price, reward = _climb(look, known, (best.task_price, best.reward), levels[level], aim, step, steps)
