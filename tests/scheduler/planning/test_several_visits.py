"""Enterprises that get several visits: the search reaches what the exact merge of one enterprise promises."""

from __future__ import annotations

from hypothesis import given, settings

from scheduler.availability import Availability
from scheduler.domain.calendar import Period
from scheduler.domain.people import CrewPool
from scheduler.domain.plans import Notice, Pin
from scheduler.domain.policy import CapScope, FrequencyCap, VisitRules
from scheduler.planning.merge import merge_enterprises
from scheduler.planning.outcome import PlanOutcome
from scheduler.planning.pipeline import plan
from scheduler.rules import check
from solver.limits import Limits
from tests.builders import AM, PM, a_calendar, a_policy, a_snapshot, an_item, day
from tests.strategies import SmallSizes, small_snapshots


def planned(snapshot, iterations: int = 1000) -> PlanOutcome:
    return plan(snapshot, Limits(time_s=None, iterations=iterations, workers=1), with_before=False)


def test_sixty_items_of_eleven_authorities_take_the_fewest_doors():
    items = [an_item(f"I{k}", f"A{k % 11}", earliest=day(k % 5), latest=day(k % 5 + k % 3)) for k in range(60)]
    outcome = planned(a_snapshot(items))
    assert outcome.score.unserved_weight == 0
    assert outcome.score.doors == outcome.bounds["doors"] == 5


def test_thirty_items_under_caps_lose_no_more_than_the_caps_take():
    """R24, R25: two doors a quarter, one visit of each authority in the year."""
    caps = (
        FrequencyCap(scope=CapScope.ENTERPRISE, period=Period.QUARTER, max_visits=2),
        FrequencyCap(scope=CapScope.AUTHORITY, period=Period.YEAR, max_visits=1),
    )
    items = [an_item(f"I{k}", f"A{k % 9}", duration_min=25, priority=("normal", "high", "mandatory")[k % 3],
                     earliest=day(7 * (k % 4)), latest=day(7 * (k % 4) + 12)) for k in range(30)]  # fmt: skip
    snapshot = a_snapshot(items, calendar=a_calendar(40, (AM, PM)), policy=a_policy(caps=caps))
    outcome = planned(snapshot)
    assert outcome.score.unserved_weight == outcome.bounds["unserved_weight"]
    assert outcome.score.doors == outcome.bounds["doors"]


def test_every_item_of_a_large_enterprise_that_could_be_served_alone_has_a_mode():
    """R11: three crews on site of twelve authorities, each with two items; none is forgotten beside heavier ones."""
    items = [an_item(f"I{k:02}", f"A{k % 12:02}", priority="high" if k < 12 else "normal") for k in range(24)]
    policy = a_policy(VisitRules(max_officers=6))
    merged = merge_enterprises(Availability(a_snapshot(items, policy=policy)))
    assert len(merged) == 1
    held = 0
    for mode in merged[0].modes:
        held |= mode.items
    assert held == (1 << 24) - 1
    assert {items for items, _ in merged[0].solution.visits} <= {m.items for m in merged[0].modes}


def test_items_without_weight_open_no_door_but_keep_a_pin():
    """R26"""
    free = a_policy(priority_weights=(("high", 10), ("mandatory", 1000), ("normal", 0)))
    snapshot = a_snapshot([an_item()], policy=free)
    assert planned(snapshot).score.doors == 0
    pinned = snapshot.replace(pins=(Pin(enterprise_id="E1", day=day(1)),))
    assert [v.day for v in planned(pinned).schedule.visits] == [day(1)]


def test_one_street_shift_takes_two_visits_of_an_enterprise_when_nothing_else_is_left():
    """R06: announced and unannounced items on one morning, one crew."""
    items = [an_item("I1"), an_item("I2", notice=Notice.UNANNOUNCED)]
    pools = (CrewPool(authority_id="A1", area_id="*", crews=1),)
    outcome = planned(a_snapshot(items, calendar=a_calendar(1), crew_pools=pools))
    assert (outcome.score.unserved_weight, outcome.score.doors, outcome.score.crew_shifts) == (0, 2, 1)


@settings(max_examples=60)
@given(small_snapshots(SmallSizes(enterprises=1, items=9, authorities=4), pins=False))
def test_one_enterprise_with_many_items_keeps_every_rule_and_its_bounds(snapshot):
    outcome = planned(snapshot, 300)
    assert check(snapshot, outcome.schedule) == ()
    for term, value in outcome.score.as_dict().items():
        bound = outcome.bounds[term]
        assert bound is None or bound <= value, term
