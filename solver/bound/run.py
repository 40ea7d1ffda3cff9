"""The bound on crew shifts of a timetable problem, also for timetables that lose some weight."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from solver.bound.ascent import raise_prices
from solver.bound.tasks import F64, I64, least_losses
from solver.limits import Progress, Watcher
from solver.timetable.problem import TimetableProblem

SAFE = 1e-6
"""Sums of floating point numbers are rounded up only beyond so much."""


class Knapsack:
    """Most gain that losses up to a budget can buy when the last piece may be taken in part.

    Sorted once, asked often: a search of a city asks a few times a second.

    Parameters
    ----------
    gain, loss : (pieces,) at least 0; pieces without gain are never taken.
    """

    def __init__(self, gain: npt.ArrayLike, loss: npt.ArrayLike) -> None:
        g, x = np.asarray(gain, dtype=np.float64), np.asarray(loss, dtype=np.float64)
        useful = np.flatnonzero(g > 0)
        with np.errstate(divide="ignore"):
            order = useful[np.argsort(-g[useful] / x[useful], kind="stable")]
        self._loss = np.concatenate(([0.0], np.cumsum(x[order])))
        self._gain = np.concatenate(([0.0], np.cumsum(g[order])))

    def at(self, budget: float) -> float:
        """Return the most gain for losses that add up to at most `budget`."""
        return float(np.interp(budget, self._loss, self._gain))


@dataclass(frozen=True, kw_only=True)
class CrewShiftBound:
    """A proven bound on crew shifts.

    Parameters
    ----------
    full : when every enterprise is served at its best, not rounded.
    paid : (enterprises,) what each pays of it, at least 0.
    least_loss : (enterprises,) least weight that it loses when it is not served at its best, at least 1.
    """

    full: float
    paid: F64
    least_loss: I64

    @cached_property
    def _saved(self) -> Knapsack:
        return Knapsack(self.paid, self.least_loss)

    def at_loss(self, loss: int) -> int:
        """Return the bound for timetables that lose at most `loss` weight above what each enterprise must.

        An enterprise below its best may pay nothing, and costs at least its least loss: what they save together is at
        most the value of the fractional knapsack.
        """
        return max(0, math.ceil(self.full - self._saved.at(loss) - SAFE))


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
