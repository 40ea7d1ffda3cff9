"""Schedules that the tests of rules begin with."""

from __future__ import annotations

from collections.abc import Callable

from scheduler.domain.policy import VisitRules
from scheduler.domain.schedule import Schedule
from scheduler.domain.snapshot import PlanningSnapshot
from tests.builders import a_policy, a_schedule, a_snapshot, an_item, day, with_stop

Judge = Callable[[PlanningSnapshot, Schedule], set[str]]
"""Codes of the rules that a schedule breaks."""

ONE = [(["I1"], day(0), "AM")]
TWO = [(["I1"], day(0), "AM"), (["I2"], day(0), "AM")]


def two_doors(**parts: object) -> tuple[PlanningSnapshot, Schedule]:
    """One crew goes from E1 (8 minutes from the office) to E2 (at the same place)."""
    snapshot = a_snapshot([an_item("I1"), an_item("I2", enterprise="E2")], **parts)
    return snapshot, a_schedule(snapshot, TWO)


def two_authorities(**visit: object) -> tuple[PlanningSnapshot, Schedule]:
    """A1 is at E1 for 40 minutes, A2 for 20."""
    items = [an_item("I1", "A1"), an_item("I2", "A2", duration_min=10)]
    snapshot = a_snapshot(items, policy=a_policy(VisitRules(**visit)))
    return snapshot, a_schedule(snapshot, [(["I1", "I2"], day(0), "AM")])


def crew_of(schedule: Schedule, authority: str) -> str:
    return next(c.crew_id for c in schedule.crew_shifts if c.authority_id == authority)


def moved(schedule: Schedule, crew_id: str, by: int) -> Schedule:
    """Shift the part at a crew's first stop in time."""
    stop = next(c for c in schedule.crew_shifts if c.crew_id == crew_id).stops[0]
    return with_stop(schedule, crew_id, 0, arrive=stop.arrive + by, start=stop.start + by, leave=stop.leave + by)
