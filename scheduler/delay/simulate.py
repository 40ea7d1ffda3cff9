"""Simulate a schedule, and compare schedules on the same random numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from scheduler.delay.carry_out import Times, carry_out
from scheduler.delay.draws import run_keys
from scheduler.delay.figures import (
    DelayComparison,
    DelayDifference,
    DelayGroup,
    DelayReport,
    RunFigures,
    difference_of,
    figures_of,
)
from scheduler.delay.model import AS_PLANNED, DelayModel
from scheduler.delay.network import DelayNetwork, Ints, Minutes, network_of
from scheduler.domain.schedule import Schedule
from scheduler.domain.snapshot import PlanningSnapshot

_AT_ONCE = 1_000_000
"""Stops times runs that are worked out at once: bounds memory at some hundred megabytes."""


def simulate(snapshot: PlanningSnapshot, schedule: Schedule, model: DelayModel, *, seed: int, runs: int) -> DelayReport:
    """Return what becomes of a schedule that keeps the rules, over so many runs (at least 1).

    The same seed gives the same report; run k is the same however many runs there are.

    Raises
    ------
    ValueError : no run, or a schedule that breaks the rules (see ``network.network_of``).
    """
    return _simulated(snapshot, schedule, model, seed, runs)[0]


def compare(
    snapshot: PlanningSnapshot,
    schedules: Sequence[tuple[str, Schedule]],
    model: DelayModel,
    *,
    seed: int,
    runs: int,
) -> DelayComparison:
    """Return what named schedules of one case come to, and how each differs from the first, run by run.

    A part has the same factor in every schedule that holds the same items of its authority at one visit, so that
    differences have a smaller error than on numbers of their own.

    Raises
    ------
    ValueError : no schedule, no run, or a schedule that breaks the rules.
    """
    if not schedules:
        raise ValueError("nothing to compare")
    found = [_simulated(snapshot, schedule, model, seed, runs) for _, schedule in schedules]
    base = schedules[0][1]
    differences = tuple(
        DelayDifference(
            name=name,
            crew_shifts=len(schedule.crew_shifts) - len(base.crew_shifts),
            figures=difference_of(total, found[0][1]),
        )
        for (name, schedule), (_, total) in zip(schedules[1:], found[1:], strict=True)
    )
    return DelayComparison(
        names=tuple(name for name, _ in schedules),
        reports=tuple(report for report, _ in found),
        differences=differences,
    )


def _simulated(
    snapshot: PlanningSnapshot, schedule: Schedule, model: DelayModel, seed: int, runs: int
) -> tuple[DelayReport, RunFigures]:
    if runs < 1:
        raise ValueError("at least one run is needed")
    network = network_of(snapshot, schedule, model.departure)
    scopes = _scopes(network)
    chunk = max(1, _AT_ONCE // max(1, len(network.stops.part)))
    pieces: list[list[RunFigures]] = []
    for lo in range(0, runs, chunk):
        times = carry_out(network, model, run_keys(seed, range(lo, min(runs, lo + chunk))))
        pieces.append(_measured(network, times, model, scopes))
    found = [{name: np.hstack([p[k][name] for p in pieces]) for name in pieces[0][k]} for k in range(len(scopes))]
    exact = replace(AS_PLANNED, departure=model.departure)
    as_planned = carry_out(network, exact, run_keys(seed, range(1)))
    total, by_authority, by_street, by_hour = (
        tuple(_group(scope, figures, g) for g in range(len(scope.names)) if scope.num_parts[g])
        for scope, figures in zip(scopes, found, strict=True)
    )
    report = DelayReport(
        model=model,
        seed=seed,
        runs=runs,
        planned_crew_wait_min=float((as_planned.start[network.stops.part] - as_planned.arrive).sum()),
        total=total[0] if total else _group(scopes[0], found[0], 0),
        by_authority=by_authority,
        by_street=by_street,
        by_hour=by_hour,
    )
    return report, found[0]


class _Sums:
    """Sums over the rows of each group."""

    def __init__(self, group: Ints, num: int) -> None:
        self._order = np.argsort(group, kind="stable")
        self._met, self._first = np.unique(group[self._order], return_index=True)
        self.num = num
        self.count = np.bincount(group, minlength=num)

    def __call__(self, values: Minutes) -> Minutes:
        """Return the sums, shape (groups, runs), of values of shape (rows, runs)."""
        out = np.zeros((self.num, values.shape[1]))
        if len(self._met):
            out[self._met] = np.add.reduceat(values[self._order], self._first, axis=0)
        return out

    def mean(self, values: Minutes, counted: Minutes, *, empty: float) -> Minutes:
        """Return the sums of the counted values by how many are counted, `empty` where none is."""
        over, under = self(values * counted), self(counted)
        return np.where(under > 0, over / np.maximum(under, 1), empty)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Scope:
    """How parts, stops, visits and crew shifts are told apart; ``None`` where they have no place of their own."""

    names: tuple[str, ...]
    part: _Sums
    stop: _Sums
    visit: _Sums | None = None
    crew: _Sums | None = None

    @property
    def num_parts(self) -> Ints:
        return self.part.count


def _scopes(network: DelayNetwork) -> tuple[_Scope, ...]:
    """Return the scopes: everything, authorities, streets, hours of the planned start."""
    parts, visits, crews, at = network.parts, network.visits, network.crews, network.stops.part

    def scope(names: tuple[str, ...], part: Ints, visit: Ints | None, crew: Ints | None) -> _Scope:
        num = len(names)
        return _Scope(
            names=names,
            part=_Sums(part, num),
            stop=_Sums(part[at], num),
            visit=None if visit is None else _Sums(visit, num),
            crew=None if crew is None else _Sums(crew, num),
        )

    hours = tuple(f"{h:02d}" for h in range(24))
    hour_of_part, hour_of_visit = ((t // 60).astype(np.int64) % 24 for t in (parts.start, visits.start))
    return (
        scope(("",), np.zeros_like(parts.visit), np.zeros_like(visits.day), np.zeros_like(crews.day)),
        scope(network.authority_ids, parts.authority, None, crews.authority),
        scope(network.street_ids, visits.street[parts.visit], visits.street, crews.street),
        scope(hours, hour_of_part, hour_of_visit, None),
    )


def _measured(network: DelayNetwork, times: Times, model: DelayModel, scopes: Sequence[_Scope]) -> list[RunFigures]:
    """Return the figures of every run by scope."""
    parts, visits, crews = network.parts, network.visits, network.crews
    opened = times.opened.astype(np.float64)
    took_place = opened[parts.visit]
    late = times.start - parts.start[:, None]
    on_time = (late <= model.on_time_min).astype(np.float64)
    wait = times.start[network.stops.part] - times.arrive
    first, end = _spans(parts.visit, len(visits.day), times)
    visit_late = first - visits.start[:, None]
    visit_on_time = (visit_late <= model.on_time_min).astype(np.float64)
    extra = np.maximum(0.0, (end - first) - (visits.end - visits.start)[:, None]) * opened
    after = np.maximum(0.0, end - np.maximum(first, visits.closes[:, None])) * opened
    over = np.maximum(0.0, times.back - crews.shift_end[:, None])
    out = []
    for scope in scopes:
        found: RunFigures = {
            "parts_on_time": scope.part.mean(on_time, took_place, empty=1.0),
            "late_min": scope.part.mean(late, took_place, empty=0.0),
            "crew_wait_min": scope.stop(wait),
        }
        if scope.visit is not None:
            found["visits_on_time"] = scope.visit.mean(visit_on_time, opened, empty=1.0)
            found["enterprise_wait_min"] = scope.visit(visit_late * opened)
            found["enterprise_extra_min"] = scope.visit(extra)
            found["after_hours_min"] = scope.visit(after)
            found["no_shows"] = scope.visit(1.0 - opened)
        if scope.crew is not None:
            found["overtime_min"] = scope.crew(over)
            found["crew_shifts_late"] = scope.crew.mean((over > 0).astype(np.float64), np.ones_like(over), empty=0.0)
        out.append(found)
    return out


def _spans(visit: Ints, num: int, times: Times) -> tuple[Minutes, Minutes]:
    """Return the first start and the last leave of every visit; parts stand visit by visit."""
    first_part = np.searchsorted(visit, np.arange(num))
    if not num:
        return times.start[:0], times.leave[:0]
    return np.minimum.reduceat(times.start, first_part, axis=0), np.maximum.reduceat(times.leave, first_part, axis=0)


def _group(scope: _Scope, found: RunFigures, g: int) -> DelayGroup:
    return DelayGroup(
        name=scope.names[g],
        parts=int(scope.part.count[g]),
        visits=None if scope.visit is None else int(scope.visit.count[g]),
        crew_shifts=None if scope.crew is None else int(scope.crew.count[g]),
        figures=figures_of(found, g),
    )
