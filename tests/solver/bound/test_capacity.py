"""The most weight that crews have time for: never below what a timetable serves, and near it where crews are short."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings

from scenarios.generate.city import generate_city
from scenarios.generate.spec import CrewSupply, GenerateSpec, Level
from scheduler.domain.calendar import Shift
from scheduler.domain.snapshot import PlanningSnapshot
from scheduler.intake.read import read_raw
from scheduler.planning.pipeline import plan
from solver.bound.capacity import WeightWork, most_weight
from solver.limits import Limits, Progress
from solver.timetable.problem import TimetableProblem
from solver.timetable.run import solve_timetable
from tests.brute_force import best_plan
from tests.builders import MONDAY, a_calendar, a_pool, a_snapshot, an_enterprise, an_item
from tests.properties.tiny import tiny_snapshots
from tests.solver.timetable.instances import problem_of


def evaluated(p: TimetableProblem, evaluations: int) -> int:
    return most_weight(WeightWork(problem=p, evaluations=evaluations), lambda progress: False)


def by_iterations(iterations: int) -> Limits:
    return Limits(time_s=None, iterations=iterations, workers=1)


def with_few_dates(snapshot: PlanningSnapshot, every: int) -> TimetableProblem:
    """Return the problem of a case that keeps each so-manieth of its inspection dates: crews are short of time."""
    calendar = snapshot.calendar
    return problem_of(replace(snapshot, calendar=replace(calendar, days=calendar.days[::every])))


@pytest.fixture(scope="module")
def street():
    return read_raw(generate_city(GenerateSpec(enterprises=60, seed=2))).snapshot


@settings(max_examples=150)
@given(tiny_snapshots())
def test_no_weight_that_exhaustive_search_serves_is_out_of_reach(snapshot):
    best = best_plan(snapshot)
    assert best is not None
    served = snapshot.all_weight - best.terms[0]
    p = problem_of(snapshot)
    for evaluations in (1, 7, 200):
        assert served <= evaluated(p, evaluations) <= int(p.ent_best.sum())


def test_one_crew_has_time_for_two_of_three():
    """Two parts of 25 minutes take 8 + 25 + 4 + 25 + 8 of 75 minutes, three would take 99."""
    shift = Shift(shift_id="AM", start_min=540, end_min=615)
    enterprises = [an_enterprise(f"E{n}", lon=114.01 + n / 1000) for n in range(3)]
    items = [
        an_item(f"I{n}", enterprise=f"E{n}", duration_min=15, priority=priority)
        for n, priority in enumerate(("high", "high", "normal"))
    ]
    snapshot = a_snapshot(
        items, enterprises=enterprises, calendar=a_calendar(1, (shift,), MONDAY), crew_pools=(a_pool(crews=1),)
    )
    best = best_plan(snapshot)
    assert best is not None
    outcome = plan(snapshot, Limits(time_s=None, iterations=200, workers=1), with_before=False)
    assert outcome.score.unserved_weight == best.terms[0] == outcome.bounds["unserved_weight"] == 1


@pytest.mark.parametrize(("every", "share"), [(3, 0.2), (4, 0.3), (6, 0.5)])
def test_where_crews_are_short_much_of_what_is_left_out_is_proven(street, every, share):
    p = with_few_dates(street, every)
    reached = solve_timetable(p, by_iterations(60_000)).terms[0]
    proven = int(p.ent_best.sum()) - evaluated(p, 500)
    assert share * reached < proven <= reached


def test_crews_of_a_district_have_their_minutes_once():
    spec = GenerateSpec(level=Level.DISTRICT, enterprises=15, seed=3)
    p = with_few_dates(read_raw(generate_city(spec)).snapshot, 5)
    assert p.num_streets > 1
    reached = solve_timetable(p, by_iterations(60_000)).terms[0]
    proven = int(p.ent_best.sum()) - evaluated(p, 500)
    assert 0.3 * reached < proven <= reached


def test_more_evaluations_never_prove_less(street):
    p = with_few_dates(street, 6)
    found = [evaluated(p, n) for n in (1, 20, 80, 500)]
    assert found == sorted(found, reverse=True)
    assert found[-1] < found[0] == int(p.ent_best.sum())


def test_a_stopped_descent_holds_what_it_has(street):
    p = with_few_dates(street, 6)
    looks: list[Progress] = []

    def stop(progress: Progress) -> bool:
        looks.append(progress)
        return len(looks) == 30

    stopped = most_weight(WeightWork(problem=p, evaluations=500), stop)
    assert len(looks) == 30
    assert evaluated(p, 500) < stopped < int(p.ent_best.sum())


def test_where_crews_suffice_everything_is_in_reach():
    p = problem_of(read_raw(generate_city(GenerateSpec(enterprises=60, seed=2, crews=CrewSupply.PLENTY))).snapshot)
    assert solve_timetable(p, by_iterations(2000)).terms[0] == 0
    assert evaluated(p, 500) == int(p.ent_best.sum())
