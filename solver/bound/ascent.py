"""The ascent: prices that rise where crews are missing and fall where routes have crews to spare."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from solver.bound.look import Known, Look, Prices, lay_ground, ways_of
from solver.bound.prices import scaled
from solver.bound.tasks import F64, I64, merge_slots, slot_kinds
from solver.bound.whole import WholeShifts
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

PROMISING = 0.7
"""Share of the bound so far that a first look at whole street shifts must prove."""

SPELL = 10
"""Dates that the second stage merges."""


def _climb(look: Look, known: Known, price: F64, level: I64 | None, target: float, step: float, steps: int) -> F64:
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
        if not until.done and WholeShifts.fits(p, ground.t):
            best = _by_whole_shifts(WholeShifts(ground), pool, found.task_price, best, until)
    return best


def _by_whole_shifts(look: WholeShifts, pool: Executor, price: F64, best: Prices, until: _Until) -> Prices:
    """Climb on, where street shifts can be searched well enough for it to be worth while."""
    look.price(pool, price, LEEWAY * FIRST_STEP)
    if look.best_of(price).bound < PROMISING * best.bound:
        return best
    found = _ascend(look, pool, price, [None], best.bound, until)
    return found if found.bound > best.bound else best


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
    known = look.known()
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
