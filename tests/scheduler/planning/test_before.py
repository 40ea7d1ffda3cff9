"""Today's practice: every authority alone, under the same rules and crews."""

from __future__ import annotations

from hypothesis import given, settings

from scheduler.domain.calendar import Period
from scheduler.domain.policy import CapScope, FrequencyCap
from scheduler.planning.alone import each_authority_alone
from scheduler.planning.pipeline import plan
from solver.limits import Limits
from tests.builders import a_policy, a_snapshot, an_item
from tests.strategies import small_snapshots

SHORT = Limits(time_s=None, iterations=80, workers=1)


def test_alone_every_authority_opens_a_door_of_its_own():
    snapshot = a_snapshot([an_item("I1", "A1"), an_item("I2", "A2"), an_item("I3", "A3")])
    both = plan(snapshot, SHORT).before_after
    assert both is not None
    assert (both.before.doors, both.after.doors) == (3, 1)
    assert both.before.person_visits == both.after.person_visits == 6
    assert both.before.items_served == both.after.items_served == 3
    assert both.before.enterprise_min == 120
    assert both.after.enterprise_min == 40


def test_alone_the_cap_on_doors_holds_for_each_authority_by_itself():
    one_door = FrequencyCap(scope=CapScope.ENTERPRISE, period=Period.QUARTER, max_visits=1)
    snapshot = a_snapshot([an_item("I1", "A1"), an_item("I2", "A2")], policy=a_policy(caps=(one_door,)))
    both = plan(snapshot, SHORT).before_after
    assert both is not None
    assert both.before.doors == 2


def test_alone_an_enterprise_keeps_its_place_hours_and_history():
    snapshot = a_snapshot([an_item("I1", "A1"), an_item("I2", "A2")])
    alone = each_authority_alone(snapshot).snapshot
    assert len(alone.enterprises) == 2
    assert {(e.lon, e.lat, e.open_from, e.open_to) for e in alone.enterprises} == {
        (e.lon, e.lat, e.open_from, e.open_to) for e in snapshot.enterprises
    }


@settings(max_examples=25)
@given(small_snapshots())
def test_alone_never_takes_more_crews_or_serves_less_of_the_same_items(snapshot):
    both = plan(snapshot, SHORT).before_after
    assert both is not None
    assert both.before.items_served >= 0
    if both.before.items_served == both.after.items_served:
        assert both.before.crew_shifts <= both.after.crew_shifts
