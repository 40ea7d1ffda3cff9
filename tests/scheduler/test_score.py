"""The terms of the score, recomputed from the snapshot; the reference checker finds the same."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from scheduler.domain.schedule import Score
from scheduler.score import score
from tests.builders import NEAR, a_schedule, a_snapshot, an_enterprise, an_item, day, with_crew
from tests.reference_check import reference_faults
from tests.strategies import kept_schedules, small_snapshots


def snapshot_of_three():
    items = [an_item("I1"), an_item("I2", "A2"), an_item("I3", enterprise="E2"), an_item("I4", priority="mandatory")]
    far = an_enterprise("E2", lon=NEAR[0] + 0.01)
    return a_snapshot(items, enterprises=[an_enterprise(), far])


def test_terms_of_an_empty_schedule_are_the_weight_of_all_items():
    snapshot = snapshot_of_three()
    empty = Score(unserved_weight=1003, doors=0, crew_shifts=0, joint_days=0, travel_min=0)
    assert score(snapshot, a_schedule(snapshot)) == empty


def test_terms_count_doors_crew_shifts_joint_days_and_minutes_travelled():
    snapshot = snapshot_of_three()
    schedule = a_schedule(snapshot, [(["I1", "I2"], day(0), "AM"), (["I3"], day(0), "AM"), (["I4"], day(1), "AM")])
    # A1 on the first day: 8 out, 8 on, 12 back; A2: 8 and 8; A1 on the second day: 8 and 8.
    assert score(snapshot, schedule) == Score(
        unserved_weight=0, doors=3, crew_shifts=3, joint_days=2, travel_min=28 + 16 + 16
    )


def test_two_streets_on_one_date_are_two_joint_days():
    items = [an_item("I1"), an_item("I2", enterprise="E2")]
    snapshot = a_snapshot(items, enterprises=[an_enterprise(), an_enterprise("E2", "S2")])
    schedule = a_schedule(snapshot, [(["I1"], day(0), "AM"), (["I2"], day(0), "AM")])
    assert score(snapshot, schedule).joint_days == 2


def test_unserved_weight_and_travel_do_not_trust_the_schedules_own_figures():
    snapshot = snapshot_of_three()
    schedule = a_schedule(snapshot, [(["I1"], day(0), "AM")])
    told = with_crew(schedule, schedule.crew_shifts[0].crew_id, travel_min=1)
    assert score(snapshot, replace(told, unserved=())) == score(snapshot, schedule)


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_terms_are_those_of_the_reference_checker(data):
    snapshot = data.draw(small_snapshots(pins=False))
    schedule = data.draw(kept_schedules(snapshot))
    assert reference_faults(snapshot, schedule) == []
