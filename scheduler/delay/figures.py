"""Figures of delay: what runs of a schedule come to, each with the error of having made only so many runs."""

from __future__ import annotations

import math
from dataclasses import dataclass, fields
from typing import Any

import numpy as np

from scheduler.delay.model import DelayModel
from scheduler.delay.network import Minutes


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """A figure over the runs.

    Parameters
    ----------
    mean : over the runs.
    error : standard error of the mean; ``None`` for a single run.
    p50, p95 : median and 95th percentile of the runs.
    """

    mean: float
    error: float | None
    p50: float
    p95: float

    @property
    def is_effect(self) -> bool:
        """Say whether the mean is further than two standard errors from 0 (about 95 % sure); not from a single run."""
        return self.error is not None and abs(self.mean) > 2 * self.error


@dataclass(frozen=True, slots=True, kw_only=True)
class DelayFigures:
    """What a run comes to, over the runs; shares are from 0 to 1, all else is the sum of one run.

    Parameters
    ----------
    parts_on_time : share of the parts that take place, and start at most `on_time_min` after their planned start.
    visits_on_time : the same of visits, which start with their first part.
    late_min : minutes by which a part starts late, on average over the parts that take place.
    crew_wait_min : minutes that crews wait at the door (each crew counts), planned waiting included.
    enterprise_wait_min : minutes from announced to real start, summed over visits.
    enterprise_extra_min : minutes by which visits last longer than planned, summed over the visits that do.
    overtime_min : minutes that crews are back after their shift's end.
    crew_shifts_late : share of crew shifts that are back after their shift's end.
    after_hours_min : minutes that visits last past their enterprise's opening hours.
    no_shows : visits at which nobody opens.
    """

    parts_on_time: Estimate
    late_min: Estimate
    crew_wait_min: Estimate
    visits_on_time: Estimate | None = None
    enterprise_wait_min: Estimate | None = None
    enterprise_extra_min: Estimate | None = None
    after_hours_min: Estimate | None = None
    no_shows: Estimate | None = None
    overtime_min: Estimate | None = None
    crew_shifts_late: Estimate | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DelayGroup:
    """Figures of the parts, visits and crew shifts of one authority, street or hour, and how many there are.

    Visits have no authority and crew shifts no hour of their own: those figures are ``None`` there.
    """

    name: str
    parts: int
    visits: int | None
    crew_shifts: int | None
    figures: DelayFigures


@dataclass(frozen=True, slots=True, kw_only=True)
class DelayReport:
    """A schedule simulated.

    Parameters
    ----------
    total : of the whole schedule.
    planned_crew_wait_min : minutes that crews wait when everything takes as long as planned.
    by_authority, by_street : by id. `by_hour` : by the hour of the planned start, such as ``09``.
    """

    model: DelayModel
    seed: int
    runs: int
    planned_crew_wait_min: float
    total: DelayGroup
    by_authority: tuple[DelayGroup, ...]
    by_street: tuple[DelayGroup, ...]
    by_hour: tuple[DelayGroup, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DelayDifference:
    """A schedule less the first one, run by run on the same random numbers."""

    name: str
    crew_shifts: int
    figures: DelayFigures


@dataclass(frozen=True, slots=True, kw_only=True)
class DelayComparison:
    """Schedules of one case simulated on the same random numbers; `differences` are of all but the first."""

    names: tuple[str, ...]
    reports: tuple[DelayReport, ...]
    differences: tuple[DelayDifference, ...]


RunFigures = dict[str, Minutes]
"""By the names of :class:`DelayFigures`, the figures of every run, shape (groups, runs)."""

FIGURES = tuple(f.name for f in fields(DelayFigures))


def estimate(values: Minutes) -> Estimate:
    """Return the estimate of the values of the runs, at least one."""
    n = len(values)
    p50, p95 = np.percentile(values, (50, 95))
    error = float(values.std(ddof=1)) / math.sqrt(n) if n > 1 else None
    return Estimate(mean=float(values.mean()), error=error, p50=float(p50), p95=float(p95))


def figures_of(found: RunFigures, group: int) -> DelayFigures:
    """Return the figures of one group."""
    values: dict[str, Any] = {name: estimate(rows[group]) for name, rows in found.items()}
    return DelayFigures(**values)


def difference_of(found: RunFigures, base: RunFigures) -> DelayFigures:
    """Return the figures of the whole schedule less those of another, run by run."""
    return figures_of({name: found[name] - base[name] for name in found}, 0)
