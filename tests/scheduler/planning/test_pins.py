"""Pins that the plan keeps, and those that it cannot keep together."""

from __future__ import annotations

import pytest

from scheduler.domain.people import CrewPool
from scheduler.domain.plans import Pin
from scheduler.errors import PinsNotKept
from scheduler.planning.pipeline import plan
from solver.limits import Limits
from tests.builders import a_snapshot, an_enterprise, an_item, day

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
