"""Caps, visits, travel, limits of a street, weights."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from scenarios.edits.edit import Edited, EditFault
from scenarios.edits.rules import Cap, StreetLimits, Tiers, Travel, Visit, Weights
from scheduler.domain.calendar import Period
from scheduler.domain.policy import CapScope, FrequencyCap
from tests.builders import a_policy, a_snapshot

DOORS = FrequencyCap(scope=CapScope.ENTERPRISE, period=Period.QUARTER, max_visits=1)


def _policy(edit, *caps):
    return edit.apply(Edited(snapshot=a_snapshot(policy=a_policy(caps=caps)))).snapshot.policy


def test_a_cap_that_is_there_gets_another_number_and_a_new_one_is_added() -> None:
    [cap] = _policy(Cap(scope="enterprise", period="quarter", max_visits=2), DOORS).caps
    assert cap.max_visits == 2
    caps = _policy(Cap(scope="authority", period="year", max_visits=2, credit_class="D"), DOORS).caps
    assert {(c.scope.value, c.credit_class, c.max_visits) for c in caps} == {
        ("enterprise", "*", 1),
        ("authority", "D", 2),
    }


def test_a_cap_without_a_number_is_dropped_if_it_is_there() -> None:
    assert _policy(Cap(scope="enterprise", period="quarter"), DOORS).caps == ()
    with pytest.raises(EditFault):
        _policy(Cap(scope="enterprise", period="year"), DOORS)


def test_a_cap_of_an_authority_is_none_on_doors_of_all() -> None:
    with pytest.raises(EditFault):
        _policy(Cap(scope="enterprise", period="year", authority="A1", max_visits=1))
    with pytest.raises(EditFault, match="A9"):
        _policy(Cap(scope="authority", period="year", authority="A9", max_visits=1))


def test_a_limit_of_nothing_is_no_limit() -> None:
    visit = _policy(Visit(max_officers=6, stretch_min=15, max_authorities=3)).visit
    assert (visit.max_officers, visit.stretch_min, visit.max_authorities) == (6, 15, 3)
    assert _policy(Visit(max_officers=0, overhead_min=0)).visit.max_officers is None
    assert _policy(StreetLimits(max_days=0, max_visits=4)).street.max_visits == 4


@pytest.mark.parametrize(
    ("crews", "together", "riding"),
    [("anywhere", False, False), ("start_together", True, False), ("caravan", False, True)],
)
def test_crews_meet_anywhere_start_together_or_ride_together(crews, together, riding) -> None:
    visit = _policy(Visit(crews=crews)).visit
    assert (visit.start_together, visit.ride_together) == (together, riding)


def test_travel_changes_field_by_field() -> None:
    travel = _policy(Travel(speed_kmh=30, buffer_min=5)).travel
    assert (travel.speed_kmh, travel.buffer_min, travel.detour) == (30, 5, 1.3)


def test_weights_are_of_the_case_s_priorities() -> None:
    assert dict(_policy(Weights(weights={"high": 100})).priority_weights)["high"] == 100
    with pytest.raises(EditFault, match="urgent"):
        _policy(Weights(weights={"urgent": 1}))


def test_the_terms_change_their_order_but_what_is_served_comes_first() -> None:
    order = ("unserved_weight", "joint_days", "doors", "crew_shifts", "travel_min")
    assert _policy(Tiers(order=order)).tiers == order
    for wrong in (order[::-1], order[:4], (*order[:4], "doors")):
        with pytest.raises(ValidationError):
            Tiers(order=wrong)


@pytest.mark.parametrize("kind", [Visit, Travel, StreetLimits])
def test_an_edit_says_something(kind) -> None:
    with pytest.raises(ValidationError):
        kind()
