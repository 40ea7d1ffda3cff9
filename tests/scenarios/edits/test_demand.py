"""The demand changed: dropped, grown, longer, of another priority, due less often."""

from __future__ import annotations

from dataclasses import replace

import pytest
from pydantic import ValidationError

from scenarios.edits.demand import Demand, DropItems, Durations, Priority, VisitEvery
from scenarios.edits.edit import Edited, EditFault
from scenarios.edits.selecting import Items
from scheduler.domain.calendar import Period
from scheduler.domain.plans import PastInspection, Trigger
from scheduler.domain.policy import CapScope, FrequencyCap
from tests.builders import a_calendar, a_policy, a_snapshot, an_enterprise, an_item, day, day_of


def _case(**parts):
    items = (
        an_item("I1", "A1", "E1", trigger=Trigger.CASE, item_code="X"),
        an_item("I2", "A2", "E1", priority="high"),
        an_item("I3", "A1", "E2", duration_min=45),
        an_item("I4", "A1", "E3", cap_exempt=True),
    )
    enterprises = (
        an_enterprise("E1", credit_class="D", industry="food"),
        an_enterprise("E2", credit_class="A", industry="food"),
        an_enterprise("E3"),
    )
    return a_snapshot(items, enterprises=enterprises, **parts)


def _edited(edit, s=None):
    return edit.apply(Edited(snapshot=s or _case()))


@pytest.mark.parametrize(
    ("chosen", "left"),
    [
        ({"authority": "A1"}, ["I2"]),
        ({"trigger": "case"}, ["I2", "I3", "I4"]),
        ({"item_code": "X"}, ["I2", "I3", "I4"]),
        ({"credit_class": "D"}, ["I3", "I4"]),
        ({"industry": "food", "authority": "A1"}, ["I2", "I4"]),
        ({"priority": "high"}, ["I1", "I3", "I4"]),
        ({"enterprise": "E3"}, ["I1", "I2", "I3"]),
    ],
)
def test_items_that_meet_every_condition_are_dropped_and_counted(chosen, left) -> None:
    after = _edited(DropItems(items=chosen))
    assert [i.item_id for i in after.snapshot.items] == left
    assert after.taken_out == 4 - len(left)
    assert str(after.taken_out) in after.notes[0].en


@pytest.mark.parametrize("field", ["authority", "item_code", "priority", "industry", "street", "enterprise"])
def test_a_condition_that_nothing_meets_is_named(field) -> None:
    with pytest.raises(EditFault, match="nowhere"):
        _edited(DropItems(items={field: "nowhere"}))


def test_dropping_needs_a_condition() -> None:
    with pytest.raises(ValidationError):
        DropItems(items=Items())


def test_demand_grows_by_copies_at_enterprises_of_the_same_street_and_industry() -> None:
    after = _edited(Demand(items={"industry": "food"}, factor=3, seed=7)).snapshot
    new = [i for i in after.items if "+" in i.item_id]
    assert len(new) == 6
    assert {i.enterprise_id for i in new} <= {"E1", "E2"}
    assert {(i.authority_id, i.trigger, i.duration_min) for i in new} <= {
        ("A1", Trigger.CASE, 30), ("A2", Trigger.ROUTINE, 30), ("A1", Trigger.ROUTINE, 45),
    }  # fmt: skip
    assert len({i.item_id for i in after.items}) == 10


def test_growth_repeats_with_its_seed_and_differs_with_another() -> None:
    edits = [Demand(factor=5, seed=s) for s in (1, 1, 2)]
    a, b, c = (_edited(e).snapshot for e in edits)
    assert a == b
    assert [i.enterprise_id for i in a.items] != [i.enterprise_id for i in c.items]


def test_durations_are_rounded_up_and_never_nothing() -> None:
    longer = _edited(Durations(factor=1.1)).snapshot
    assert [i.duration_min for i in longer.items] == [33, 33, 50, 33]
    assert {i.duration_min for i in _edited(Durations(factor=0.001)).snapshot.items} == {1}


def test_a_priority_must_be_one_of_the_case() -> None:
    after = _edited(Priority(items={"authority": "A1"}, to="mandatory")).snapshot
    assert [i.priority for i in after.items] == ["mandatory", "high", "mandatory", "mandatory"]
    with pytest.raises(EditFault):
        _edited(Priority(items={"authority": "A1"}, to="urgent"))


QUARTERLY = FrequencyCap(scope=CapScope.ENTERPRISE, period=Period.QUARTER, max_visits=1)
OF_BODIES = FrequencyCap(scope=CapScope.AUTHORITY, period=Period.YEAR, max_visits=2)


def test_a_visit_a_half_year_takes_the_place_of_caps_on_doors_only() -> None:
    half_year = replace(a_calendar(184, first=day_of("2026-07-01")))
    s = _case(policy=a_policy(caps=(QUARTERLY, OF_BODIES)), calendar=half_year)
    after = _edited(VisitEvery(period="half_year"), s)
    assert {(c.scope, c.period, c.max_visits) for c in after.snapshot.policy.caps} == {
        (CapScope.ENTERPRISE, Period.HALF_YEAR, 1),
        (CapScope.AUTHORITY, Period.YEAR, 2),
    }
    assert after.snapshot.items == s.items
    assert after.taken_out == 0


def test_in_a_quarter_about_half_of_the_enterprises_have_their_turn() -> None:
    items = tuple(an_item(f"I{n}", enterprise=f"E{n}") for n in range(400))
    exempt = (an_item("X1", enterprise="E1", cap_exempt=True), an_item("X2", enterprise="E2", cap_exempt=True))
    s = a_snapshot((*items, *exempt), policy=a_policy(caps=(QUARTERLY,)), calendar=a_calendar(92))
    after = _edited(VisitEvery(period="half_year", seed=3), s)
    assert 160 <= after.taken_out <= 240
    assert {"X1", "X2"} <= {i.item_id for i in after.snapshot.items}
    assert len(after.snapshot.items) + after.taken_out == 402
    assert after == _edited(VisitEvery(period="half_year", seed=3), s)


def test_whoever_was_visited_in_the_period_has_had_its_turn() -> None:
    items = tuple(an_item(f"I{n}", enterprise=f"E{n}") for n in range(50))
    past = tuple(PastInspection(enterprise_id=f"E{n}", authority_id="A1", day=day(-30)) for n in range(50))
    s = a_snapshot(items, policy=a_policy(caps=(QUARTERLY,)), calendar=a_calendar(60), history=past)
    assert _edited(VisitEvery(period="half_year"), s).snapshot.items == ()
