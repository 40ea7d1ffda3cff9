"""R33, the most authorities of a visit: at its limit and just past it, in the checker, the plan and the explanation."""

from __future__ import annotations

import pytest

from scheduler.answers.applying import relaxed_case
from scheduler.domain.calendar import Period
from scheduler.domain.plans import Pin
from scheduler.domain.policy import CapScope, FrequencyCap, VisitRules
from scheduler.domain.schedule import ReasonCode, RelaxationKind
from scheduler.explain import explain
from scheduler.explain.texts import relaxation_sentence, sentence
from scheduler.planning.pipeline import plan
from scheduler.rules import check
from solver.limits import Limits
from tests.builders import a_policy, a_schedule, a_snapshot, an_item, day

ONE_DOOR = FrequencyCap(scope=CapScope.ENTERPRISE, period=Period.QUARTER, max_visits=1)
SHORT = Limits(time_s=None, iterations=300, workers=1)


def _snapshot(limit: int | None, caps=(), pins=()):
    """Four items of three authorities at one enterprise."""
    items = [an_item("I1", "A1", crews=2), an_item("I2", "A2"), an_item("I3", "A3"), an_item("I4", "A1")]
    return a_snapshot(items, policy=a_policy(VisitRules(max_authorities=limit), caps=caps), pins=pins)


@pytest.mark.parametrize(("limit", "codes"), [(3, set()), (2, {"R33"}), (None, set())])
def test_r33_authorities_of_a_visit_count_however_many_crews_they_send(limit, codes):
    snapshot = _snapshot(limit)
    schedule = a_schedule(snapshot, [(["I1", "I2", "I3", "I4"], day(0), "AM")])
    found = check(snapshot, schedule)
    assert {v.code for v in found} == codes
    for violation in found:
        assert violation.sentence("en").startswith("R33 3 authorities take part in visit")


@pytest.mark.parametrize(("limit", "doors"), [(None, 1), (3, 1), (2, 2), (1, 3)])
def test_a_plan_opens_as_many_doors_as_the_limit_makes_it(limit, doors):
    snapshot = _snapshot(limit)
    schedule = plan(snapshot, SHORT, with_before=False).schedule
    assert check(snapshot, schedule) == ()
    assert schedule.unserved == ()
    assert len(schedule.visits) == doors


def test_a_pin_against_it_gets_no_more_authorities():
    """R33 with a pin: the pinned visit has one authority, the others come on other doors."""
    snapshot = _snapshot(1, pins=(Pin(enterprise_id="E1", day=day(1), shift_id="AM"),))
    schedule = plan(snapshot, SHORT, with_before=False).schedule
    assert check(snapshot, schedule) == ()
    assert schedule.unserved == ()
    assert (day(1), "AM") in {(v.day, v.shift_id) for v in schedule.visits}
    together = a_schedule(snapshot, [(["I1", "I2", "I3", "I4"], day(1), "AM")])
    assert {v.code for v in check(snapshot, together)} == {"R33"}


def test_an_item_that_finds_the_visit_full_says_so_and_how_much_higher_the_limit_must_be():
    snapshot = _snapshot(2, caps=(ONE_DOOR,))
    schedule = plan(snapshot, SHORT, with_before=False).schedule
    assert check(snapshot, schedule) == ()
    (unserved,) = explain(snapshot, schedule.visits, schedule.crew_shifts)
    assert [r.code for r in unserved.reasons] == [ReasonCode.CAP, ReasonCode.AUTHORITIES]
    assert "3 authorities would take part" in sentence(snapshot, unserved, "en")
    assert "将有3个部门，超过上限2个" in sentence(snapshot, unserved, "zh")
    assert unserved.relaxation is not None
    assert unserved.relaxation.kind is RelaxationKind.RAISE_AUTHORITIES
    assert relaxation_sentence(snapshot, unserved, "en") == "Raise the most authorities of a visit from 2 to 3."
    (item,) = (i for i in snapshot.items if i.item_id == unserved.item_id)
    relaxed = relaxed_case(snapshot, item, unserved.relaxation)
    assert relaxed is not None
    assert plan(relaxed.snapshot, SHORT, with_before=False).schedule.unserved == ()
