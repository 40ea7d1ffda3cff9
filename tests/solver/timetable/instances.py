"""Timetable problems for tests, built from small snapshots through the planning path."""

from __future__ import annotations

from scheduler.availability import Availability
from scheduler.domain.snapshot import PlanningSnapshot
from scheduler.planning.arrays import build_problem
from scheduler.planning.merge import merge_enterprises
from solver.timetable.problem import TimetableProblem


def problem_of(snapshot: PlanningSnapshot) -> TimetableProblem:
    availability = Availability(snapshot)
    problem, _ = build_problem(availability, merge_enterprises(availability))
    return problem
