"""A long horizon lived through period by period: outlined, the near one planned in detail, carried out, and on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from scheduler.availability import Availability
from scheduler.domain.calendar import Period
from scheduler.domain.schedule import CrewShift, JointVisit, Schedule
from scheduler.domain.snapshot import PlanningSnapshot
from scheduler.explain import explain
from scheduler.outline.build import periods_of
from scheduler.outline.near import near_case, until
from scheduler.outline.outline import make_outline
from scheduler.planning.pipeline import plan
from scheduler.replan.carry import carry
from solver.limits import Limits

Nearest = Callable[[PlanningSnapshot, Period], PlanningSnapshot]
"""Returns the case of the first period of a case."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rolled:
    """A horizon that is over: everything that went out, as one schedule of the whole case, and seconds in all."""

    schedule: Schedule
    seconds: float


def by_outline(snapshot: PlanningSnapshot, period: Period) -> PlanningSnapshot:
    """Return the near case that an outline of everything ahead gives."""
    return near_case(snapshot, make_outline(snapshot, period))


def by_greed(snapshot: PlanningSnapshot, period: Period) -> PlanningSnapshot:
    """Return the near case that takes every item which it may."""
    return until(snapshot, periods_of(Availability(snapshot), period)[0].last)


def roll_through(
    snapshot: PlanningSnapshot, period: Period, nearest: Nearest, limits: Limits, clock: Callable[[], float]
) -> Rolled:
    """Return what goes out when each period is planned in detail as it comes, and every visit takes place.

    Parameters
    ----------
    limits : of each detailed plan.
    clock : seconds, for the figure only.
    """
    began, ahead = clock(), snapshot
    visits: list[JointVisit] = []
    crews: list[CrewShift] = []
    while ahead.calendar.days:
        near = nearest(ahead, period)
        schedule = plan(near, limits).schedule
        visits += schedule.visits
        crews += schedule.crew_shifts
        after = near.calendar.end + 1
        if not any(d >= after for d in ahead.calendar.days):
            break
        ahead = carry(ahead, schedule, (), after).snapshot
    found = Schedule(
        snapshot_digest=snapshot.digest(),
        visits=tuple(sorted(visits, key=lambda v: v.visit_id)),
        crew_shifts=tuple(sorted(crews, key=lambda c: c.crew_id)),
        unserved=(),
    )
    found = replace(found, unserved=explain(snapshot, found.visits, found.crew_shifts))
    return Rolled(schedule=found, seconds=clock() - began)
