"""The scheme changed: nobody together, one who leaves, powers in other hands, streets as one."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from scenarios.edits.edit import Edited, EditFault
from scenarios.edits.scheme import Delegate, LeaveScheme, MergeStreets, NoMerging
from scheduler.domain.people import Authority
from scheduler.domain.plans import PastInspection, Pin
from scheduler.domain.policy import QuietPeriod, QuietScope
from tests.builders import a_policy, a_pool, a_snapshot, a_street, an_enterprise, an_item, day


def _case(**parts):
    items = (an_item("I1", "A1", "E1"), an_item("I2", "A2", "E1"), an_item("I3", "A3", "E1"), an_item("I4", "A1", "E2"))
    return a_snapshot(items, **parts)


def _edited(edit, s=None):
    return edit.apply(Edited(snapshot=s or _case()))


def test_without_merging_every_authority_has_an_enterprise_of_its_own() -> None:
    after = _edited(NoMerging())
    assert [i.enterprise_id for i in after.snapshot.items] == ["E1@A1", "E1@A2", "E1@A3", "E2@A1"]
    assert {e.enterprise_id for e in after.snapshot.enterprises} == {"E1@A1", "E1@A2", "E1@A3", "E2@A1"}
    assert [after.premises(e) for e in ("E1@A2", "E2@A1")] == ["E1", "E2"]


def test_names_stay_apart_when_enterprises_have_at_signs() -> None:
    s = a_snapshot((an_item("I1", "A1", "E@1"), an_item("I2", "A2", "E@1")))
    assert {e.enterprise_id for e in _edited(NoMerging(), s).snapshot.enterprises} == {"E@1@@A1", "E@1@@A2"}


def test_where_nobody_could_merge_it_is_no_scenario() -> None:
    with pytest.raises(EditFault):
        _edited(NoMerging(), a_snapshot((an_item("I1", "A1", "E1"), an_item("I2", "A2", "E2"))))


def test_who_leaves_inspects_at_doors_of_its_own_with_its_own_history() -> None:
    past = tuple(PastInspection(enterprise_id="E1", authority_id=a, day=day(-9)) for a in ("A1", "A2"))
    quiet = QuietPeriod(scope=QuietScope.ENTERPRISE, target="E1", month_from=1, month_to=2)
    pins = (Pin(enterprise_id="E1", day=day(1)), Pin(enterprise_id="E2", day=day(1)))
    s = _case(history=past, policy=a_policy(quiet_periods=(quiet,)), pins=pins)
    after = _edited(LeaveScheme(authority="A1"), s).snapshot
    assert [i.enterprise_id for i in after.items] == ["E1@A1", "E1", "E1", "E2@A1"]
    assert {(h.enterprise_id, h.authority_id) for h in after.history} == {("E1@A1", "A1"), ("E1", "A2")}
    assert {q.target for q in after.policy.quiet_periods} == {"E1", "E1@A1"}
    assert [p.enterprise_id for p in after.pins] == ["E1"]  # nobody is left at E2 to keep its pin


def test_who_inspects_no_more_takes_items_and_crews_along() -> None:
    after = _edited(LeaveScheme(authority="A1", inspects_alone=False))
    assert {i.authority_id for i in after.snapshot.items} == {"A2", "A3"}
    assert {p.authority_id for p in after.snapshot.crew_pools} == {"A2", "A3"}
    assert after.taken_out == 2
    with pytest.raises(EditFault):
        _edited(LeaveScheme(authority="A9"))


def test_delegated_items_are_another_body_s_with_crews_in_each_street() -> None:
    after = _edited(Delegate(items={"authority": "A1"}, to="NEW", name="街道", crews=2)).snapshot
    assert [i.authority_id for i in after.items] == ["NEW", "A2", "A3", "NEW"]
    assert {(p.area_id, p.crews) for p in after.crew_pools if p.authority_id == "NEW"} == {("S1", 2)}
    assert Authority(authority_id="NEW", name="街道") in after.authorities


def test_each_street_s_own_body_takes_over_where_there_is_one() -> None:
    items = (an_item("I1", "A1", "E1"), an_item("I2", "A1", "E2"), an_item("I3", "B1", "E1"))
    enterprises = (an_enterprise("E1", "S1"), an_enterprise("E2", "S2"))
    authorities = (Authority(authority_id="A1", name="A1"), Authority(authority_id="B1", name="B1", level="street"))
    pools = (a_pool("A1"), a_pool("B1", "S1", 1))
    s = a_snapshot(items, enterprises=enterprises, authorities=authorities, crew_pools=pools)
    after = _edited(Delegate(items={"authority": "A1"}, to="street"), s).snapshot
    assert {i.item_id: i.authority_id for i in after.items} == {"I1": "B1", "I2": "A1", "I3": "B1"}


@pytest.mark.parametrize(
    "fields", [{"items": {"authority": "A1"}, "to": "street"}, {"items": {"authority": "A1"}, "to": "NEW"}]
)
def test_a_body_that_is_not_there_needs_crews(fields) -> None:
    with pytest.raises(EditFault):
        _edited(Delegate(**fields))


@pytest.mark.parametrize("fields", [{"items": {}, "to": "A1"}, {"items": {"authority": "A1"}, "to": "A1"}])
def test_delegation_is_from_one_authority_to_another(fields) -> None:
    with pytest.raises(ValidationError):
        Delegate(**fields)


def _streets():
    items = tuple(an_item(f"I{n}", enterprise=f"E{n}") for n in (1, 2, 3))
    enterprises = tuple(an_enterprise(f"E{n}", f"S{n}") for n in (1, 2, 3))
    streets = (a_street("S1"), a_street("S2"), a_street("S3", "D2"))
    pools = (a_pool("A1", "S1", 1), a_pool("A1", "S2", 2), a_pool("A1", "S3", 1))
    quiet = QuietPeriod(scope=QuietScope.STREET, target="S2", month_from=1, month_to=2)
    policy = a_policy(quiet_periods=(quiet,))
    return a_snapshot(items, enterprises=enterprises, streets=streets, crew_pools=pools, policy=policy)


def test_the_first_street_takes_over_what_the_others_had() -> None:
    after = _edited(MergeStreets(streets=("S1", "S2")), _streets()).snapshot
    assert [t.street_id for t in after.streets] == ["S1", "S3"]
    assert [e.street_id for e in after.enterprises] == ["S1", "S1", "S3"]
    assert sorted((p.area_id, p.crews) for p in after.crew_pools) == [("S1", 1), ("S1", 2), ("S3", 1)]
    assert [q.target for q in after.policy.quiet_periods] == ["S1"]


@pytest.mark.parametrize("streets", [("S1", "S3"), ("S1", "S9")])
def test_streets_of_two_districts_or_unknown_ones_are_not_merged(streets) -> None:
    with pytest.raises(EditFault):
        _edited(MergeStreets(streets=streets), _streets())
