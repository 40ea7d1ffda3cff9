"""Pins that the plan keeps, and those that it cannot keep together."""

from __future__ import annotations

import pytest

from scheduler.domain.calendar import Shift
from scheduler.domain.people import CrewPool
from scheduler.domain.places import Street
from scheduler.domain.plans import Pin
from scheduler.domain.policy import TravelRules, VisitRules
from scheduler.errors import PinsNotKept
from scheduler.planning.pipeline import plan
from solver.limits import Limits
from tests.builders import a_calendar, a_policy, a_snapshot, an_enterprise, an_item, day

SHORT = Limits(time_s=None, iterations=200, workers=1)


def test_one_visit_keeps_a_pin_on_a_date_and_one_on_its_shift():
    """R26: the narrower pin is enough for both."""
    pins = (Pin(enterprise_id="E1", day=day(1)), Pin(enterprise_id="E1", day=day(1), shift_id="AM"))
    schedule = plan(a_snapshot([an_item()], pins=pins), SHORT, with_before=False).schedule
    assert [(v.day, v.shift_id) for v in schedule.visits] == [(day(1), "AM")]


def test_pins_that_crews_cannot_keep_together_are_named():
    """R26: one crew, one shift, two pinned visits of two hours: the case is refused, no rule is bent."""
    items = [an_item("I1", "A1", "E1", duration_min=110), an_item("I2", "A1", "E2", duration_min=110)]
    pins = tuple(Pin(enterprise_id=e, day=day(1), shift_id="AM") for e in ("E1", "E2"))
    pools = (CrewPool(authority_id="A1", area_id="*", crews=1),)
    enterprises = [an_enterprise("E1"), an_enterprise("E2")]
    snapshot = a_snapshot(items, enterprises=enterprises, crew_pools=pools, pins=pins)
    with pytest.raises(PinsNotKept, match=r"E[12]"):
        plan(snapshot, SHORT, with_before=False)


def test_a_pinned_visit_makes_room_for_one_before_it():
    """R26: pinned visits are placed first, but not always at the first minute that they could have."""
    office = Street(street_id="S1", name="S1", district_id="D1", lon=115.0, lat=22.0)
    far, near = an_enterprise("E1", lon=115.0, lat=21.95548361, open_from=550), an_enterprise("E2", lon=115.0, lat=22.0)
    snapshot = a_snapshot(
        [an_item("I1", "A1", "E1", crews=2), an_item("I2", "A1", "E2", duration_min=20)],
        enterprises=[far, near],
        streets=[office],
        calendar=a_calendar(1, (Shift(shift_id="AM", start_min=540, end_min=600),)),
        crew_pools=(CrewPool(authority_id="A1", area_id="*", crews=2),),
        policy=a_policy(
            VisitRules(overhead_min=0, start_together=True), TravelRules(speed_kmh=60.0, detour=1.0, stop_min=0.0)
        ),
        pins=(Pin(enterprise_id="E1", day=day(0)),),
    )
    outcome = plan(snapshot, SHORT, with_before=False)
    assert outcome.score.unserved_weight == 0
    assert outcome.score.crew_shifts == 2
