"""Figures of delay, by hand on one crew's morning, and what must hold of any report and comparison."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings

import scheduler.delay.simulate as module
from scheduler.delay.distributions import Fixed
from scheduler.delay.figures import FIGURES
from scheduler.delay.model import AS_PLANNED, DelayModel
from scheduler.delay.simulate import compare, simulate
from scheduler.domain.policy import TravelRules
from tests.builders import a_policy, a_schedule, a_snapshot, an_enterprise, an_item, day
from tests.scheduler.delay.plans import models, planned, plans

TWICE = DelayModel(durations=Fixed(factor=2.0), travel=Fixed(factor=1.0))


def a_morning(**travel):
    """Two visits at one place, 8 minutes from the office: 09:08-09:48 and 09:48-10:28 (plus buffer), back 8 later."""
    snapshot = a_snapshot(
        [an_item("I1"), an_item("I2", enterprise="E2")], policy=a_policy(travel=TravelRules(**travel))
    )
    return snapshot, a_schedule(snapshot, [(["I1"], day(0), "AM"), (["I2"], day(0), "AM")])


def figures(case, model, runs=3):
    report = simulate(*case, model, seed=1, runs=runs)
    return {name: e.mean for name in FIGURES if (e := getattr(report.total.figures, name)) is not None}


def test_a_part_that_takes_twice_as_long_makes_the_next_one_late():
    assert figures(a_morning(), TWICE) == {
        "parts_on_time": 0.5,  # the second starts 40 minutes late
        "visits_on_time": 0.5,
        "late_min": 20.0,
        "crew_wait_min": 0.0,
        "enterprise_wait_min": 40.0,
        "enterprise_extra_min": 80.0,
        "after_hours_min": 0.0,
        "no_shows": 0.0,
        "overtime_min": 0.0,  # back at 11:56
        "crew_shifts_late": 0.0,
    }


def test_a_buffer_takes_up_the_lateness_before_it():
    assert figures(a_morning(buffer_min=30), TWICE)["enterprise_wait_min"] == 10


@pytest.mark.parametrize(("threshold", "share"), [(40.0, 1.0), (39.9, 0.5)])
def test_a_start_is_on_time_up_to_the_threshold_and_late_just_past_it(threshold, share):
    found = figures(a_morning(), replace(TWICE, on_time_min=threshold))
    assert (found["parts_on_time"], found["visits_on_time"]) == (share, share)


@pytest.mark.parametrize(("factor", "late", "over"), [(2.05, 0.0, 0.0), (2.06, 1.0, 0.8)])
def test_a_visit_runs_past_the_shift_and_the_minutes_are_overtime(factor, late, over):
    """Back at 9:00 + 8 + 80 factor + 8: by 12:00 up to a factor of 2.05, R21 is broken just past it."""
    found = figures(a_morning(), replace(TWICE, durations=Fixed(factor=factor)))
    assert found["crew_shifts_late"] == late
    assert found["overtime_min"] == pytest.approx(over)


def test_minutes_past_the_opening_hours_are_counted():
    snapshot = a_snapshot(enterprises=[an_enterprise(open_to=9 * 60 + 48)])
    schedule = a_schedule(snapshot, [(["I1"], day(0), "AM")])
    assert figures((snapshot, schedule), AS_PLANNED)["after_hours_min"] == 0
    assert figures((snapshot, schedule), TWICE)["after_hours_min"] == 40


def test_crews_wait_for_a_late_enterprise_and_go_on_where_nobody_opens():
    late = figures(a_morning(), replace(AS_PLANNED, enterprise_late_chance=1.0, enterprise_late_min=15.0))
    assert (late["late_min"], late["crew_wait_min"], late["visits_on_time"]) == (15, 15, 0)
    closed = figures(a_morning(), replace(AS_PLANNED, no_show_chance=1.0))
    assert (closed["no_shows"], closed["visits_on_time"], closed["enterprise_wait_min"]) == (2, 1, 0)


@settings(max_examples=40, deadline=None)
@given(plans)
def test_nothing_is_late_when_all_takes_as_long_as_planned(planned_case):
    report = simulate(*planned_case, AS_PLANNED, seed=1, runs=2)
    found = {name: getattr(report.total.figures, name).mean for name in FIGURES}
    assert found.pop("crew_wait_min") == report.planned_crew_wait_min
    on_time = {name: found.pop(name) for name in ("parts_on_time", "visits_on_time")}
    assert set(on_time.values()) == {1.0}
    assert set(found.values()) == {0.0}


@settings(max_examples=40, deadline=None)
@given(plans, models)
def test_authorities_streets_and_hours_add_up_to_the_whole(planned_case, model):
    report = simulate(*planned_case, model, seed=4, runs=5)
    for groups in (report.by_authority, report.by_street, report.by_hour):
        assert sum(g.parts for g in groups) == report.total.parts
        for name in ("crew_wait_min", "enterprise_wait_min", "enterprise_extra_min", "overtime_min", "no_shows"):
            found = [getattr(g.figures, name) for g in groups]
            if None not in found:
                whole = getattr(report.total.figures, name).mean
                assert sum(e.mean for e in found) == pytest.approx(whole, abs=1e-6)


def test_the_same_seed_repeats_whatever_is_worked_out_at_once(monkeypatch):
    case = planned(9, 3, False, 0, 0, 1)
    first = simulate(*case, DelayModel(), seed=1, runs=50)
    monkeypatch.setattr(module, "_AT_ONCE", 60)
    assert simulate(*case, DelayModel(), seed=1, runs=50) == first
    assert simulate(*case, DelayModel(), seed=2, runs=50) != first


def test_errors_shrink_with_the_root_of_the_runs():
    case = planned(9, 3, False, 0, 0, 1)
    few, many = (simulate(*case, DelayModel(), seed=1, runs=n).total.figures.late_min for n in (100, 1600))
    assert many.error == pytest.approx(few.error / 4, rel=0.3)
    assert few.mean == pytest.approx(many.mean, abs=4 * few.error)
    assert simulate(*case, DelayModel(), seed=1, runs=1).total.figures.late_min.error is None


def test_a_schedule_compared_with_itself_differs_in_nothing():
    snapshot, schedule = planned(9, 3, False, 0, 0, 1)
    found = compare(snapshot, [("a", schedule), ("b", schedule)], DelayModel(), seed=1, runs=20)
    (difference,) = found.differences
    assert difference.crew_shifts == 0
    for name in FIGURES:
        effect = getattr(difference.figures, name)
        assert (effect.mean, effect.error, effect.is_effect) == (0.0, 0.0, False)


def test_schedules_are_compared_on_common_random_numbers():
    """The error of the difference is less than that of two reports on numbers of their own."""
    snapshot, tight = planned(9, 3, False, 0, 0, 1)
    _, slack = planned(9, 3, False, 0, 5, 1)
    found = compare(snapshot, [("0", tight), ("5", slack)], DelayModel(), seed=1, runs=400)
    effect = found.differences[0].figures.late_min
    apart = sum(r.total.figures.late_min.error**2 for r in found.reports) ** 0.5
    assert effect.error < apart
    assert effect.mean == pytest.approx(
        found.reports[1].total.figures.late_min.mean - found.reports[0].total.figures.late_min.mean
    )


def test_a_schedule_without_visits_is_never_late():
    snapshot = a_snapshot()
    report = simulate(snapshot, a_schedule(snapshot), DelayModel(), seed=1, runs=3)
    assert (report.total.parts, report.by_authority) == (0, ())
    assert report.total.figures.parts_on_time.mean == 1


@pytest.mark.parametrize("change", [{"enterprise_late_chance": 1.5}, {"no_show_chance": -0.1}, {"on_time_min": -1.0}])
def test_models_out_of_range_are_refused(change):
    with pytest.raises(ValueError, match="must be"):
        DelayModel(**change)


def test_no_run_is_refused():
    with pytest.raises(ValueError, match="run"):
        simulate(*a_morning(), DelayModel(), seed=1, runs=0)
