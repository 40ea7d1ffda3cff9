"""Proven lower bounds of the terms; ``docs/model.md`` proves each in a paragraph.

A bound of a later tier holds for what a schedule achieved in the tiers before it. Each is first a bound for schedules
that serve every enterprise as well as it could be served alone, then weakened by what a lost unit of weight could save.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from scheduler.availability import Availability
from scheduler.planning.prepare import Prepared, Reach, weight_out_of_reach
from solver.bound.capacity import WeightWork, most_weight
from solver.bound.run import BoundWork, CrewShiftBound, Knapsack, bound_crew_shifts, joined
from solver.coordinate.components import components
from solver.coordinate.parts import Part, take_streets
from solver.limits import Limits, Progress, Watcher
from solver.parallel import Port
from solver.timetable.problem import I64, TimetableProblem

LOOKS, FEW_LOOKS, LOOKED_AT = 150, 10, 60_000
"""Exact looks at prices where a run is limited by iterations: at most, at least, and times enterprises in between."""

EVALUATIONS, FEW_EVALUATIONS, EVALUATED = 500, 60, 1_000_000
"""Evaluations of the prices of minutes: at most, at least, and times enterprises in between (some seconds)."""

LARGEST = 16_000
"""Enterprises that are bounded together at most, unless they are of one district."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProvenBounds:
    """What is proven of a case, whatever the schedule.

    Parameters
    ----------
    lost : weight that no schedule can serve, whatever crews there are.
    unserved : weight that no schedule can serve with these crews, at least `lost`.
    crew_shifts : see :class:`solver.bound.run.CrewShiftBound`, enterprises in the order of the problem.
    parts : (parts,) parts that every schedule without further loss holds, see :func:`_needed_parts`.
    """

    lost: int
    unserved: int
    doors: DoorsBound
    crew_shifts: CrewShiftBound
    parts: _NeededParts

    def at(self, unserved_weight: int) -> tuple[int, int, int, int, int]:
        """Return the bounds of the five terms for schedules with at most so much weight unserved."""
        loss = max(0, unserved_weight - self.lost)
        crew_shifts, joint_days, travel = self.parts.at_loss(loss)
        return (
            self.unserved,
            self.doors.at_loss(loss),
            max(crew_shifts, self.crew_shifts.at_loss(loss)),
            joint_days,
            travel,
        )


def prove(
    availability: Availability,
    prepared: Prepared,
    limits: Limits,
    port: Port,
    watch: Watcher,
    *,
    all_served: bool = False,
) -> ProvenBounds:
    """Return the bounds of a prepared case.

    Parameters
    ----------
    limits : seconds for the bound on crew shifts, the only one that takes long; without seconds it takes
        as many looks as :func:`looks_at` says, so that it repeats bit for bit.
    all_served : a schedule is known that loses no weight but `lost`, so that crews cannot be what prevents it.
    """
    p = prepared.problem
    streets = [s for c in components(p) for s in _districts(p, c) if np.isin(p.ent_street, s).any()]
    parts = [take_streets(p, s) for s in streets]
    lost = weight_out_of_reach(availability.snapshot, prepared.reach)
    short = 0 if all_served else sum(r.weight for r in prepared.reach) - _most_weight(parts, port, watch)
    return ProvenBounds(
        lost=lost,
        unserved=lost + short,
        doors=DoorsBound(prepared.reach),
        crew_shifts=_bound_by_part(p, parts, availability.snapshot.policy.travel.stop_min, limits, port, watch),
        parts=_needed_parts(prepared, availability.snapshot.policy.travel.stop_min),
    )


def _most_weight(parts: Sequence[Part], port: Port, watch: Watcher) -> int:
    """Return the most weight that crews have time for, parts by themselves: at most what enterprises reach alone."""

    def work(part: Part) -> WeightWork:
        count = min(EVALUATIONS, max(FEW_EVALUATIONS, EVALUATED // max(1, part.problem.num_enterprises)))
        return WeightWork(problem=part.problem, evaluations=count)

    works = (work(part) for part in parts)
    return sum(port.map(most_weight, works, lambda k, progress: watch(progress), compiled=True))


def _bound_by_part(
    p: TimetableProblem, parts: Sequence[Part], stop_min: float, limits: Limits, port: Port, watch: Watcher
) -> CrewShiftBound:
    """Bound parts by themselves, through the port: independent components, each district of a large one as if all the
    city's crews could come to it. Each gets seconds by its enterprises.
    """
    single = len(parts) == 1
    known: dict[int, int] = {}

    def look(k: int, progress: Progress) -> bool:
        known[k] = (progress.bounds or (0, 0, 0))[2] or 0
        return watch(replace(progress, bounds=(None, None, sum(known.values()), None, None)))

    def work(part: Part) -> BoundWork:
        share = part.problem.num_enterprises / max(1, p.num_enterprises)
        at_once = 1 if single else min(port.width, len(parts))
        return BoundWork(
            problem=part.problem,
            stop_min=stop_min,
            looks=None if limits.time_s is not None else looks_at(part.problem.num_enterprises),
            time_s=None if limits.time_s is None else limits.time_s * min(1.0, share * at_once),
            workers=limits.workers if single else 1,
        )

    found = port.map(bound_crew_shifts, (work(part) for part in parts), look, compiled=True)
    together = joined(found)
    order = np.concatenate([part.enterprises for part in parts]) if parts else np.zeros(0, dtype=np.int64)
    paid, least = np.zeros(p.num_enterprises), np.ones(p.num_enterprises, dtype=np.int64)
    paid[order], least[order] = together.paid, together.least_loss
    return CrewShiftBound(full=together.full, paid=paid, least_loss=least)


def _districts(p: TimetableProblem, streets: I64) -> list[I64]:
    """Return the streets by district, together where they are not too many for one proof (7 GB for 111,000)."""
    if np.isin(p.ent_street, streets).sum() <= LARGEST:
        return [streets]
    return [streets[p.street_district[streets] == d] for d in np.unique(p.street_district[streets])]


def looks_at(enterprises: int) -> int:
    """Return how many exact looks a run without seconds takes: a look takes longer the more enterprises there are."""
    return min(LOOKS, max(FEW_LOOKS, LOOKED_AT // max(1, enterprises)))


class DoorsBound:
    """The doors that remain when weight is left out beyond what must be.

    With k visits enterprise e serves at most f_e(k); giving up a visit costs at least the least loss per visit given
    up. Taking the cheapest visits first, also in part, bounds how many can be given up.
    """

    def __init__(self, reach: Sequence[Reach]) -> None:
        self.full = sum(r.doors for r in reach)
        visits, prices = [], []
        for r in reach:
            by_doors, most = r.weight_by_doors, r.doors
            if most:
                visits.append(most)
                prices.append(most * min((by_doors[most] - by_doors[k]) / (most - k) for k in range(most)))
        self._given_up = Knapsack(visits, prices)

    def at_loss(self, loss: int) -> int:
        """Return the bound for schedules that lose at most `loss` weight above what every enterprise must."""
        return self.full if loss == 0 else self.full - int(self._given_up.at(loss) + 1e-9)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Rounds:
    """Parts of one authority in one street that no schedule without further loss can do without.

    Parameters
    ----------
    minutes, near, away : (parts,) ascending each by itself: minutes on site; nearest leg from the office or another
        enterprise of the authority; least minutes from the office by any way.
    home : shortest leg back to the office.
    useful : longest shift less two of these legs, at least 1.
    crews : (days,) crews that could come to the street, by number of the day, all shifts together, most first.
    """

    minutes: npt.NDArray[np.int64]
    near: npt.NDArray[np.int64]
    away: npt.NDArray[np.int64]
    home: int
    useful: int
    crews: npt.NDArray[np.int64]

    def at_loss(self, loss: int) -> tuple[int, int, int]:
        """Return least crew shifts, joint days and minutes travelled when `loss` enterprises do without a part."""
        left = max(0, len(self.minutes) - loss)
        if left == 0:
            return 0, 0, 0
        crew_shifts = max(1, math.ceil(int(self.minutes[:left].sum()) / self.useful))
        days = 1 + int(np.searchsorted(np.cumsum(self.crews), crew_shifts))
        travel = int(self.near[:left].sum()) + crew_shifts * self.home
        return crew_shifts, days, max(travel, 2 * int(self.away[left - 1]))


@dataclass(frozen=True, slots=True, kw_only=True)
class _NeededParts:
    """Rounds by street; crews are not shared between streets within a shift, nor between authorities."""

    by_street: dict[int, list[_Rounds]]

    def at_loss(self, loss: int) -> tuple[int, int, int]:
        """Return bounds on crew shifts, joint days and minutes travelled."""
        crew_shifts = joint_days = travel = 0
        for rounds in self.by_street.values():
            found = [r.at_loss(loss) for r in rounds]
            crew_shifts += sum(f[0] for f in found)
            joint_days += max((f[1] for f in found), default=0)
            travel += sum(f[2] for f in found)
        return crew_shifts, joint_days, travel


def _needed_parts(prepared: Prepared, stop_min: float) -> _NeededParts:
    p, index = prepared.problem, prepared.index
    number = {a: k for k, a in enumerate(index.authority_ids)}
    forced: dict[tuple[int, int], list[tuple[int, int]]] = {}
    for e, r in enumerate(prepared.reach):
        for authority_id, minutes in r.forced:
            key = int(p.ent_street[e]), number[authority_id]
            forced.setdefault(key, []).append((int(p.ent_place[e]), minutes))
    visited: dict[tuple[int, int], set[int]] = {}
    for e, r in enumerate(prepared.reach):
        for authority_id in r.authority_ids:
            visited.setdefault((int(p.ent_street[e]), number[authority_id]), set()).add(int(p.ent_place[e]))
    by_street: dict[int, list[_Rounds]] = {}
    for (street, a), parts in sorted(forced.items()):
        by_street.setdefault(street, []).append(_rounds(p, street, a, parts, sorted(visited[street, a]), stop_min))
    return _NeededParts(by_street=by_street)


def _rounds(
    p: TimetableProblem, street: int, a: int, parts: list[tuple[int, int]], visited: list[int], stop_min: float
) -> _Rounds:
    base, places = int(p.street_legs[street]), int(p.street_places[street])
    legs = p.legs[base : base + places * places].reshape(places, places).astype(np.int64)
    here = np.array([place for place, _ in parts], dtype=np.int64)
    others = np.array([0, *visited], dtype=np.int64)
    ways = legs[np.ix_(others, here)]
    ways[others[:, None] == here[None, :]] = np.iinfo(np.int16).max
    longest = int((p.slot_hi - p.slot_lo).max())
    home = int(legs[others[1:], 0].min())
    slots = p.num_slots
    crews = (
        p.crews_street.reshape(p.num_authorities, p.num_streets, slots)[a, street].astype(np.int64)
        + p.crews_district.reshape(p.num_authorities, p.num_districts, slots)[a, p.street_district[street]]
        + p.crews_city.reshape(p.num_authorities, slots)[a]
    )
    by_day = np.bincount(p.slot_day, crews, minlength=p.num_days).astype(np.int64)
    return _Rounds(
        minutes=np.sort(np.array([minutes for _, minutes in parts], dtype=np.int64)),
        near=np.sort(ways.min(axis=0)),
        # Without parking in every leg, rounding may make a way of several legs a minute shorter than the direct one.
        away=np.sort(np.maximum(0, legs[0, here] - (0 if stop_min > 0 else 1))),
        home=home,
        useful=max(1, longest - 2 * home),
        crews=np.sort(by_day)[::-1],
    )
