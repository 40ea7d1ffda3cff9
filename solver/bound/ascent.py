"""The ascent: prices that rise where crews are missing and fall where routes have crews to spare."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from solver.bound.look import Ground, Known, Look, Prices, lay_ground, ways_of
from solver.bound.prices import scaled
from solver.bound.tasks import F64, I64, slot_kinds
from solver.bound.whole import WholeShifts
from solver.timetable.problem import TimetableProblem

FIRST_STEP, LAST_STEP = 0.1, 0.002
"""Step of the ascent as a share of the way to the target; a level of prices ends with the smallest."""

SLOW = 0.95
"""Factor of the step after a climb that gained less than `WORTHWHILE` of the bound."""

LEEWAY = 0.05
"""An exact look may overrate a route by so much of the step; it is far quicker then."""

WORTHWHILE = 0.0003
AIM = 1.1
"""The steps aim at so many times the best bound so far."""

PROMISING = 0.7
"""Share of the bound so far that a first look at whole street shifts must prove."""


class Pace(NamedTuple):
    """How a round of the ascent goes.

    Parameters
    ----------
    momentum : share of the direction before in every step.
    shrink : factor of the step after a climb that lost. Its routes are known afterwards, so losses are of use too.
    few, many : steps of a climb on known routes between two exact looks: few at first, more after each gain.
    """

    momentum: float
    shrink: float
    few: int
    many: int


QUICK, THOROUGH = Pace(0.7, 0.7, 10, 60), Pace(0.9, 0.9, 60, 100)
"""The quick ascent gains most in the first seconds; the thorough one, several times as long, ends higher where crews
are plenty, and gains nothing where they are scarce. It begins anew: prices that are each their own hardly move together
again."""


def _climb(
    look: Look, known: Known, price: F64, level: I64 | None, target: float, step: float, steps: int, momentum: float
) -> F64:
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
        direction = momentum * direction + (1 - momentum) * asked
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

    Tasks of the same work have one price at first, then one in every kind of slot, then each its own. Where that ends
    early, whole street shifts go on if they can be searched, else a thorough ascent if crews are plenty.

    Parameters
    ----------
    stop_min : minutes in every leg that moves, see :func:`ways_of`; 0 is always right.
    looks, time_s : limits: exact looks, and seconds; with looks alone the result repeats bit for bit.
    stop : asked after each look with the bound so far; True ends the ascent.
    """
    until = _Until(looks=looks, at=None if time_s is None else clock() + time_s, clock=clock, stop=stop)
    ground = lay_ground(p, ways_of(p, stop_min), workers)
    look = Look(ground)
    with ThreadPoolExecutor(max_workers=workers) as pool:
        first, levels, known = _first_prices(pool, look), _levels(ground), look.known()
        best = _ascend(look, known, pool, first, levels, QUICK, 0.0, until)
        if until.done:
            return best
        whole = WholeShifts(ground) if WholeShifts.fits(p, ground.t) else None
        if whole is not None and _is_promising(whole, pool, best):
            found = _ascend(whole, whole.known(), pool, best.task_price, [None], QUICK, best.bound, until)
        elif best.pooled:
            return best
        else:
            found = _ascend(look, known, pool, first, levels, THOROUGH, best.bound, until)
    return found if found.bound > best.bound else best


def _is_promising(look: WholeShifts, pool: Executor, best: Prices) -> bool:
    """Say whether street shifts can be searched well enough for a climb on them to be worth while."""
    look.price(pool, best.task_price, LEEWAY * FIRST_STEP)
    return look.best_of(best.task_price).bound >= PROMISING * best.bound


def _first_prices(pool: Executor, look: Look) -> F64:
    """Return a task's share of the longest shift, lowered until no route is worth more than a crew shift."""
    p, t = look.ground.p, look.ground.t
    price = (t.task_min + 6.0) / max(1.0, float((p.slot_hi - p.slot_lo).max(initial=1)))
    look.price(pool, price.astype(np.float64), LEEWAY * FIRST_STEP)
    lower: F64 = scaled(t, price, look.profit)
    return lower


def _levels(ground: Ground) -> list[I64 | None]:
    """Return which tasks have one price at every level: the same work anywhere, in slots of a kind, none.

    Few prices rise together at first, which takes a fraction of the looks that thousands by themselves would.
    """
    t, kind = ground.t, slot_kinds(ground.p)
    slot = np.repeat(t.group_slot, np.diff(t.group_tasks))
    in_kind = t.task_work * (int(kind.max(initial=0)) + 1) + kind[slot]
    return [*(np.unique(key, return_inverse=True)[1].astype(np.int64) for key in (t.task_work, in_kind)), None]


def _ascend(
    look: Look,
    known: Known,
    pool: Executor,
    price: F64,
    levels: list[I64 | None],
    pace: Pace,
    floor: float,
    until: _Until,
) -> Prices:
    """Climb until the smallest step of the last level, or until the end; return the best prices."""
    best = Prices(bound=-np.inf, task_price=price, paid=look.paid)
    for level in levels:
        step, steps = FIRST_STEP, pace.few
        while step >= LAST_STEP:
            look.price(pool, price, LEEWAY * step)
            found = look.best_of(price)
            gained = found.bound - best.bound
            if gained > 0:
                best = found
            if until.reached(max(floor, best.bound)):
                return best
            if gained <= WORTHWHILE * best.bound:
                step *= SLOW if gained > 0 else pace.shrink
            steps = min(pace.many, steps + pace.few) if gained > 0 else max(pace.few, steps // 2)
            known.learn(look)
            aim = AIM * max(best.bound, 1.0)
            price = _climb(look, known, best.task_price, level, aim, step, steps, pace.momentum)
    return best
