"""The bound on crew shifts of a timetable problem, also for timetables that lose some weight."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from solver.bound.ascent import raise_prices
from solver.bound.tasks import F64, I64, least_losses
from solver.limits import Progress, Watcher
from solver.timetable.problem import TimetableProblem

SAFE = 1e-6
"""Sums of floating point numbers are rounded up only beyond so much."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CrewShiftBound:
    """A proven bound on crew shifts.

    Parameters
    ----------
    full : when every enterprise is served at its best, not rounded.
    paid : (enterprises,) what each pays of it, at least 0.
    least_loss : (enterprises,) least weight that it loses when it is not served at its best.
    """

    full: float
    paid: F64
    least_loss: I64

    def at_loss(self, loss: int) -> int:
        """Return the bound for timetables that lose at most `loss` weight above what each enterprise must.

        An enterprise below its best may pay nothing, and costs at least its least loss: what they save together is at
        most the value of the fractional knapsack.
        """
        rate = self.paid / np.maximum(1, self.least_loss)
        saved, left = 0.0, float(loss)
        for e in np.argsort(-rate):
            if left <= 0 or self.paid[e] <= 0:
                break
            share = min(1.0, left / self.least_loss[e])
            saved += share * self.paid[e]
            left -= share * self.least_loss[e]
        return max(0, math.ceil(self.full - saved - SAFE))


@dataclass(frozen=True, slots=True, kw_only=True)
class BoundWork:
    """A problem to bound, with limits: exact looks at prices, seconds, threads; `stop_min` as in ``raise_prices``."""

    problem: TimetableProblem
    stop_min: float
    looks: int | None
    time_s: float | None
    workers: int


def bound_crew_shifts(work: BoundWork, watch: Watcher) -> CrewShiftBound:
    """Return the best bound found within the limits."""
    p = work.problem

    def stop(bound: float) -> bool:
        bounds = (None, None, math.ceil(bound - SAFE), None, None)
        return watch(Progress(stage="bound", elapsed_s=0.0, iterations=0, terms=None, bounds=bounds))

    found = raise_prices(
        p, stop_min=work.stop_min, looks=work.looks, time_s=work.time_s, workers=work.workers, stop=stop
    )
    return CrewShiftBound(full=found.bound, paid=found.paid, least_loss=least_losses(p))


def joined(bounds: list[CrewShiftBound]) -> CrewShiftBound:
    """Return the bound of independent components together; each is rounded up, as each has whole crew shifts."""
    return CrewShiftBound(
        full=float(sum(math.ceil(b.full - SAFE) for b in bounds)),
        paid=np.concatenate([b.paid for b in bounds]) if bounds else np.zeros(0),
        least_loss=np.concatenate([b.least_loss for b in bounds]) if bounds else np.zeros(0, dtype=np.int64),
    )
