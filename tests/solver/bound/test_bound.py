"""Bounds on crew shifts hold for every timetable, at every stage, early or late, with and without lost weight."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings

from scenarios.generate.city import generate_city
from scenarios.generate.spec import CrewSupply, GenerateSpec, Level
from scheduler.availability import Availability
from scheduler.domain.schedule import TERMS
from scheduler.intake.read import read_raw
from scheduler.planning.bounds import prove
from scheduler.planning.prepare import prepare
from solver.bound import ascent
from solver.bound.ascent import raise_prices
from solver.bound.run import BoundWork, CrewShiftBound, bound_crew_shifts, joined
from solver.bound.shifts import MAX_CREWS
from solver.bound.tasks import tasks_of
from solver.bound.whole import WholeShifts
from solver.limits import Limits
from solver.parallel import InProcess
from solver.timetable.run import solve_timetable
from tests.brute_force import best_plan
from tests.properties.tiny import tiny_snapshots
from tests.solver.timetable.instances import problem_of


@pytest.fixture(scope="module")
def street():
    return problem_of(read_raw(generate_city(GenerateSpec(enterprises=60, seed=2, crews=CrewSupply.PLENTY))).snapshot)


@pytest.fixture(scope="module")
def timetable(street):
    return solve_timetable(street, Limits(time_s=None, iterations=60_000, workers=1))


@settings(max_examples=60)
@given(tiny_snapshots())
def test_no_bound_is_above_what_exhaustive_search_reaches(snapshot):
    best = best_plan(snapshot)
    assert best is not None
    port, limits = InProcess(1), Limits(time_s=None, iterations=1, workers=1)
    availability = Availability(snapshot)
    proven = prove(availability, prepare(availability, port), limits, port, lambda progress: False)
    for term, bound, value in zip(TERMS, proven.at(best.terms[0]), best.terms, strict=True):
        assert bound <= value, term


@pytest.mark.parametrize("looks", [1, 2, 5, 20, 60, 400])
def test_a_bound_stopped_early_holds_too(street, timetable, looks):
    found = raise_prices(street, stop_min=3.0, looks=looks)
    assert 0 < found.bound <= timetable.terms[2]


def test_more_looks_never_prove_less(street):
    bounds = [raise_prices(street, stop_min=3.0, looks=n).bound for n in (1, 5, 20, 60, 200)]
    assert bounds == sorted(bounds)


def test_the_bound_is_near_what_is_reached(street, timetable):
    bound = raise_prices(street, stop_min=3.0, looks=400).bound
    assert timetable.terms[0] == 0
    assert bound >= 0.8 * timetable.terms[2]


def test_threads_change_nothing(street):
    one = raise_prices(street, stop_min=3.0, looks=40, workers=1)
    two = raise_prices(street, stop_min=3.0, looks=40, workers=2)
    assert one.bound == two.bound
    assert np.array_equal(one.task_price, two.task_price)


def test_without_a_word_on_parking_the_bound_holds_and_differs_little(street, timetable):
    unknown = raise_prices(street, stop_min=0.0, looks=60).bound
    known = raise_prices(street, stop_min=3.0, looks=60).bound
    assert unknown <= timetable.terms[2]
    assert unknown == pytest.approx(known, rel=0.02)


@pytest.mark.parametrize(("crews", "allowed"), [(MAX_CREWS, True), (MAX_CREWS + 1, False)])
def test_whole_street_shifts_are_searched_only_where_the_tables_hold_all_crews(crews, allowed):
    p = problem_of(read_raw(generate_city(GenerateSpec(enterprises=20, seed=2))).snapshot)
    every = p._replace(
        crews_street=np.zeros_like(p.crews_street),
        crews_city=np.zeros_like(p.crews_city),
        crews_district=np.full_like(p.crews_district, crews),
    )
    assert WholeShifts.fits(every, tasks_of(every)) is allowed


@pytest.mark.parametrize(("supply", "paces"), [
    (CrewSupply.PLENTY, [ascent.QUICK, ascent.THOROUGH]),
    (CrewSupply.SCARCE, [ascent.QUICK]),
])  # fmt: skip
def test_a_thorough_ascent_follows_where_crews_are_plenty(supply, paces, monkeypatch):
    p = problem_of(read_raw(generate_city(GenerateSpec(enterprises=100, seed=2, crews=supply))).snapshot)
    seen: list[ascent.Pace] = []
    climb = ascent._ascend

    def ascend(look, known, pool, price, levels, pace, floor, until):  # type: ignore[no-untyped-def]
        seen.append(pace)
        found = climb(look, known, pool, price, levels, pace, floor, until)
        bounds.append(found.bound)
        return found

    bounds: list[float] = []
    monkeypatch.setattr(ascent, "_ascend", ascend)
    monkeypatch.setattr(WholeShifts, "fits", lambda p, t: False)
    found = raise_prices(p, stop_min=3.0, looks=300)
    assert seen == paces
    assert found.bound == max(bounds)


def test_whole_street_shifts_prove_more_and_hold():
    p = problem_of(read_raw(generate_city(GenerateSpec(enterprises=30, seed=4))).snapshot)
    p = p._replace(
        crews_street=np.zeros_like(p.crews_street),
        crews_city=np.zeros_like(p.crews_city),
        crews_district=np.minimum(p.crews_district * 0 + 2, 2),
    )
    assert WholeShifts.fits(p, tasks_of(p))
    reached = solve_timetable(p, Limits(time_s=None, iterations=60_000, workers=1))
    assert reached.terms[0] == 0
    apart = raise_prices(p, stop_min=3.0, looks=60).bound
    whole = raise_prices(p, stop_min=3.0, looks=400).bound
    assert apart < whole <= reached.terms[2]


def test_lost_weight_weakens_the_bound_by_what_the_dearest_enterprises_pay():
    bound = CrewShiftBound(full=10.2, paid=np.array([3.0, 2.0, 5.2]), least_loss=np.array([1, 1, 10]))
    assert bound.at_loss(0) == 11
    assert bound.at_loss(1) == 8  # the first for one unit
    assert bound.at_loss(2) == 6
    assert bound.at_loss(7) == 3  # and half of the third
    assert bound.at_loss(10**9) == 0


def test_where_nothing_is_known_of_any_enterprise_nothing_is_proven(street):
    none = street._replace(ent_best=street.ent_best + 1)  # no mode reaches it
    assert raise_prices(none, stop_min=3.0, looks=20).bound == 0


def test_components_are_rounded_up_one_by_one():
    parts = [CrewShiftBound(full=1.1, paid=np.array([1.1]), least_loss=np.array([1]))] * 3
    assert joined(parts).at_loss(0) == 6


def test_the_bound_of_a_city_is_that_of_its_districts():
    snapshot = read_raw(
        generate_city(GenerateSpec(level=Level.CITY, enterprises=4, seed=3, crews=CrewSupply.PLENTY))
    ).snapshot
    availability, port = Availability(snapshot), InProcess(2)
    prepared = prepare(availability, port)
    proven = prove(availability, prepared, Limits(time_s=None, iterations=1, workers=2), port, lambda progress: False)
    whole = bound_crew_shifts(
        BoundWork(problem=prepared.problem, stop_min=3.0, looks=150, time_s=None, workers=2), lambda progress: False
    )
    assert proven.crew_shifts.full >= 0.98 * whole.full
    assert proven.at(proven.lost)[2] == proven.crew_shifts.at_loss(0)
