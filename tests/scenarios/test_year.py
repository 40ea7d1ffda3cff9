"""A year rolled through, quarter by quarter, keeps every rule of the whole year."""

from __future__ import annotations

from time import perf_counter

import pytest

from scenarios.generate.years import year_of
from scenarios.year import Nearest, by_greed, by_outline, roll_through
from scheduler.domain.calendar import Period
from scheduler.intake.read import read_case
from scheduler.rules import check
from scheduler.score import score
from solver.limits import Limits
from tests.reference_check import reference_faults
from tests.shared_data import shared

LIMITS = Limits(time_s=None, iterations=2000, workers=1)


@pytest.fixture(scope="module")
def year():
    snapshot = read_case(shared("data", "cases", "street_100")).snapshot
    few = {e.enterprise_id for e in snapshot.enterprises[:40]}
    return year_of(snapshot.replace(items=tuple(i for i in snapshot.items if i.enterprise_id in few)), seed=3)


@pytest.mark.parametrize("nearest", [by_outline, by_greed])
def test_what_went_out_in_a_year_keeps_every_rule_of_it(year, nearest: Nearest) -> None:
    schedule = roll_through(year, Period.QUARTER, nearest, LIMITS, perf_counter).schedule
    assert check(year, schedule) == ()
    assert reference_faults(year, schedule) == []
    served = {i for v in schedule.visits for i in v.item_ids}
    assert served | {u.item_id for u in schedule.unserved} == {i.item_id for i in year.items}


def test_looking_ahead_serves_more_than_greed(year) -> None:
    ahead, greedy = (
        score(year, roll_through(year, Period.QUARTER, nearest, LIMITS, perf_counter).schedule)
        for nearest in (by_outline, by_greed)
    )
    assert ahead.unserved_weight <= greedy.unserved_weight


def test_a_year_is_drawn_by_its_seed(year) -> None:
    quarter = read_case(shared("data", "cases", "street_100")).snapshot
    assert year_of(quarter, 1) == year_of(quarter, 1)
    assert year_of(quarter, 1) != year_of(quarter, 2)
    assert len(year.calendar.days) == 261
    assert all(year.calendar.start <= i.earliest <= i.latest <= year.calendar.end for i in year.items)
