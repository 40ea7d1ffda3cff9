"""Limits of a street hold at their figure and are broken just past it."""

from __future__ import annotations

import pytest

from scheduler.domain.policy import StreetRules
from scheduler.domain.snapshot import PlanningSnapshot
from scheduler.rules import check
from tests.builders import AM, PM, a_calendar, a_policy, a_schedule, a_snapshot, a_street, an_enterprise, an_item, day

Slots = list[tuple[int, str]]
"""Day and shift of one visit for each of the enterprises E1 to E4; E4 lies in another street."""


def broken(street: StreetRules, slots: Slots) -> set[str]:
    snapshot = a_case(street)
    visits = [([f"I{n}"], on, shift) for n, (on, shift) in enumerate(slots, 1)]
    return {v.code for v in check(snapshot, a_schedule(snapshot, visits))}


def a_case(street: StreetRules) -> PlanningSnapshot:
    items = [an_item(f"I{n}", enterprise=f"E{n}", duration_min=5) for n in range(1, 5)]
    return a_snapshot(
        items,
        enterprises=[an_enterprise(f"E{n}", "S2" if n == 4 else "S1") for n in range(1, 5)],
        streets=[a_street("S1"), a_street("S2")],
        calendar=a_calendar(60, (AM, PM)),
        policy=a_policy(street=street),
    )


TWO_AND_ONE = [(day(0), "AM"), (day(0), "AM"), (day(0), "PM"), (day(0), "AM")]


@pytest.mark.parametrize(("limit", "codes"), [(None, set()), (2, set()), (1, {"R29"})])
def test_r29_visits_of_a_street_shift_are_at_most_the_limit(limit, codes):
    assert broken(StreetRules(max_visits=limit), TWO_AND_ONE) == codes


def test_r29_another_shift_another_date_and_another_street_count_by_themselves():
    slots = [(day(0), "AM"), (day(0), "PM"), (day(1), "AM"), (day(0), "AM")]
    assert broken(StreetRules(max_visits=1), slots) == set()


@pytest.mark.parametrize(("limit", "codes"), [(None, set()), (2, set()), (1, {"R30"})])
def test_r30_joint_days_of_a_street_in_a_month_are_at_most_the_limit(limit, codes):
    slots = [(day(0), "AM"), (day(1), "AM"), (day(1), "PM"), (day(2), "AM")]
    assert broken(StreetRules(max_days=limit), slots) == codes


def test_r30_counts_by_calendar_month():
    last = day(18)  # 30 October
    assert broken(StreetRules(max_days=1), [(last, "AM"), (day(21), "AM")]) == set()  # 2 November
    assert broken(StreetRules(max_days=1), [(last, "AM"), (day(17), "AM")]) == {"R30"}


def test_faults_of_streets_say_their_figures_in_both_languages():
    snapshot = a_case(StreetRules(max_days=1, max_visits=1))
    visits = [(["I1"], day(0), "AM"), (["I2"], day(0), "AM"), (["I3"], day(1), "PM")]
    full, days = check(snapshot, a_schedule(snapshot, visits))
    assert full.sentence("en") == "R29 Street S1 has 2 visits on 2026-10-12 AM, at most 1 are allowed."
    assert full.sentence("zh") == "R29 街道S1在2026-10-12 AM有2次入企，上限1次。"
    assert days.sentence("en") == (
        "R30 Street S1 has 2 joint days in one month (2026-10-12, 2026-10-13), at most 1 are allowed."
    )
    assert days.sentence("zh") == "R30 街道S1在同一月内有2个联合检查日（2026-10-12, 2026-10-13），上限1个。"
