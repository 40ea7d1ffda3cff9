"""Moves of one visit: exact against exhaustive search, judged by the rules, undone without a trace."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations, product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scheduler.domain.calendar import Period
from scheduler.domain.places import Enterprise
from scheduler.domain.plans import Notice, Pin
from scheduler.domain.policy import CapScope, FrequencyCap
from scheduler.domain.schedule import visit_id_of
from scheduler.explain import explain
from scheduler.explain.facts import iso
from scheduler.moves.carrying import carry_out, repinning
from scheduler.moves.change import apply
from scheduler.moves.check import check_move
from scheduler.moves.errors import BadMove
from scheduler.moves.index import MoveIndex
from scheduler.moves.places import PlacedPart, Placement
from scheduler.moves.placing import change_of, cost_of, removal_of
from scheduler.moves.slots import offer_slots
from scheduler.rules import check
from scheduler.score import score
from tests.builders import (
    AM,
    PM,
    a_calendar,
    a_policy,
    a_pool,
    a_schedule,
    a_snapshot,
    an_enterprise,
    an_item,
    day,
)
from tests.properties.tiny import tiny_snapshots
from tests.reference_check import reference_faults
from tests.strategies import kept_schedules, small_snapshots

Draw = st.DrawFn


@st.composite
def moves(draw: Draw, snapshots: st.SearchStrategy):
    """Draw an index over a kept schedule with a visit of it, a day and a shift."""
    snapshot = draw(snapshots)
    schedule = draw(kept_schedules(snapshot).filter(lambda s: s.visits))
    visit = draw(st.sampled_from(schedule.visits))
    on, shift = draw(st.sampled_from(snapshot.calendar.days)), draw(st.sampled_from(snapshot.calendar.shifts))
    return MoveIndex(snapshot, schedule), visit, on, shift


def _terms_after(index, change):
    before = score(index.snapshot, index.schedule).as_dict()
    after = score(index.snapshot, apply(index.schedule, change)).as_dict()
    return {name: after[name] - before[name] for name in before}


@settings(max_examples=120)
@given(moves(small_snapshots(pins=False)), st.integers(0, 1000), st.booleans())
def test_what_is_said_of_a_move_is_what_the_rules_and_the_score_say_afterwards(drawn, minute, cheapest):
    index, visit, on, shift = drawn
    start = None if cheapest else shift.start_min + minute % shift.length_min
    found = check_move(index, visit.visit_id, on, shift.shift_id, start)
    after = apply(index.schedule, found.change)
    violations = check(index.snapshot, after)
    assert sorted(v.code for v in violations) == sorted(v.code for v in found.broken)
    assert {v.sentence("en") for v in violations} == {v.sentence("en") for v in found.broken}
    assert _terms_after(index, found.change) == found.cost.as_dict()
    assert found.allowed == (reference_faults(index.snapshot, after) == [])
    assert apply(after, found.change.inverse()) == index.schedule


@settings(max_examples=60)
@given(moves(tiny_snapshots()))
def test_the_cheapest_start_is_that_of_exhaustive_search(drawn):
    index, visit, on, shift = drawn
    found = check_move(index, visit.visit_id, on, shift.shift_id)
    got = None if found.cheapest_cost is None else found.cheapest_cost.as_dict()
    assert got == _by_brute_force(index, visit, on, shift)


def _by_brute_force(index, visit, on, shift):
    """Return the least cost over all starts on the five-minute grid of the data, and all crews; None without any."""
    removal = removal_of(index, visit)
    items = [index.items[i] for i in visit.item_ids]
    options = [_part_options(index, visit, items, a, on, shift, removal) for a in visit.authority_ids]
    ways = []
    for parts in product(*options):
        placement = Placement(
            start=min(p.start for p in parts),
            end=max(p.start + p.minutes for p in parts),
            parts=parts,
            missing=0,
            new_crews=0,
            travel=0,
        )
        change = change_of(index, items, on, shift.shift_id, placement, removal)
        cost = cost_of(index, change).as_dict()
        ways.append((tuple(cost.values()), change, cost))
    for _, change, cost in sorted(ways, key=lambda w: w[0]):
        if not check(index.snapshot, apply(index.schedule, change)):
            return cost
    return None


def _part_options(index, visit, items, authority, on, shift, removal):
    """Return parts with every start and every set of crews, whose legs alone fit, told by the rules."""
    from scheduler.moves.places import Gap, Route

    mine = [i for i in items if i.authority_id == authority]
    minutes = index.snapshot.policy.visit.overhead_min + sum(i.duration_min for i in mine)
    num = max(i.crews for i in mine)
    gone = {c.crew_id for c in removal.crews}
    here = index.crews_in.get((visit.street_id, on, shift.shift_id), [])
    crews = [c for c in here if c.authority_id == authority]
    routes = [Route(crew=c, calls=tuple(_calls(index, c))) for c in crews if c.crew_id not in gone]
    routes += [r for r in removal.left if r.crew in crews]
    out = []
    for start in range(shift.start_min, shift.end_min, 5):
        free = [r for r in routes if all(start + minutes <= s or e <= start for s, e, _, _ in r.calls)]
        for size in range(min(num, len(free)) + 1):
            for chosen in combinations(free, size):
                gaps = tuple(Gap(route=r, lo=0, hi=1440, travel=0) for r in chosen)
                part = PlacedPart(authority_id=authority, start=start, minutes=minutes, gaps=gaps, new_crews=num - size)
                if _legs_fit(index, visit, on, shift, part):
                    out.append(part)
    return out


def _calls(index, crew):
    return [(s.start, s.leave, s.visit_id, index.visits[s.visit_id].enterprise_id) for s in crew.stops]


def _legs_fit(index, visit, on, shift, part):
    """Say whether each crew of a part is at the door in time and home in time, walked stop by stop."""
    from scheduler.travel import leg_min

    rules = index.snapshot.policy.travel
    street = index.availability.streets[visit.street_id]

    def place(enterprise_id):
        e: Enterprise = index.availability.enterprises[enterprise_id]
        return e.lon, e.lat

    call = part.start, part.start + part.minutes, "", visit.enterprise_id
    routes = [sorted((*g.route.calls, call)) for g in part.gaps] + [[call]] * (part.new_crews > 0)
    for calls in routes:
        here, clock, buffer = (street.lon, street.lat), shift.start_min, 0
        for start, leave, _, enterprise_id in calls:
            if clock + leg_min(rules, here, place(enterprise_id)) + buffer > start:
                return False
            here, clock, buffer = place(enterprise_id), leave, rules.buffer_min
        if clock + leg_min(rules, here, (street.lon, street.lat)) > shift.end_min:
            return False
    return True


@settings(max_examples=60)
@given(moves(small_snapshots(pins=False)), st.integers(1, 4))
def test_offered_slots_keep_every_rule_and_stand_in_the_order_of_their_cost(drawn, k):
    index, visit, _, _ = drawn
    today = index.snapshot.calendar.start - 1
    slots = offer_slots(index, visit.visit_id, k, today)
    costs = [(bool(s.lost), tuple(s.cost.as_dict().values()), s.day) for s in slots]
    assert costs == sorted(costs)
    assert len(slots) <= k
    weights = dict(index.snapshot.policy.priority_weights)
    for slot in slots:
        snapshot, after = carry_out(index, slot.change, repinning(index.snapshot, visit, slot.pin, release=False))
        assert snapshot.pins == (slot.pin,)
        assert check(snapshot, after) == ()
        assert reference_faults(snapshot, after) == []
        (moved,) = slot.change.new_visits
        assert {*moved.item_ids, *slot.lost} == {*visit.item_ids}
        assert slot.cost.unserved_weight == sum(weights[index.items[i].priority] for i in slot.lost)
        assert slot.why("zh")
        assert slot.why("en")


@settings(max_examples=40)
@given(moves(small_snapshots(pins=False)))
def test_the_best_slot_is_the_cheapest_of_all_moves(drawn):
    index, visit, _, _ = drawn
    slots = offer_slots(index, visit.visit_id, 1, index.snapshot.calendar.start - 1)
    slots = [s for s in slots if not s.lost]
    costs = [
        tuple(found.cheapest_cost.as_dict().values())
        for on in index.snapshot.calendar.days
        for shift in index.shifts
        if (found := check_move(index, visit.visit_id, on, shift)).cheapest_cost is not None
    ]
    assert [tuple(s.cost.as_dict().values()) for s in slots] == ([min(costs)] if costs else [])


def _two_visits(**parts):
    items = [an_item("I1", "A1", "E1"), an_item("I2", "A1", "E2")]
    snapshot = a_snapshot(items, calendar=a_calendar(5, (AM, PM)), **parts)
    return MoveIndex(snapshot, a_schedule(snapshot, [(["I1"], day(0), "AM"), (["I2"], day(1), "AM")]))


def test_a_visit_joins_a_crew_that_is_there_already():
    index = _two_visits()
    found = check_move(index, "E2", day(0), "AM")
    assert found.allowed
    assert (found.cost.crew_shifts, found.cost.joint_days, found.cost.travel_min) == (-1, -1, -16)


def test_a_start_at_which_the_only_crew_is_elsewhere_names_the_pools_and_the_cheapest_start():
    index = _two_visits(crew_pools=(a_pool("A1", crews=1),))
    there = index.visits[visit_id_of(["I1"])]
    found = check_move(index, "E2", day(0), "AM", there.start)
    assert [v.code for v in found.broken] == ["R23"]
    assert found.cheapest_start == there.end
    assert check_move(index, "E2", day(0), "AM", there.end).allowed


def test_a_move_to_a_closed_date_names_the_closure():
    enterprises = (an_enterprise("E1", closed_days=(day(2),)), an_enterprise("E2"))
    index = _two_visits(enterprises=enterprises)
    assert [v.code for v in check_move(index, "E1", day(2), "AM").broken] == ["R04"]
    assert day(2) not in {s.day for s in offer_slots(index, "E1", 20, day(-1))}


def test_notice_is_counted_in_inspection_dates():
    index = _two_visits()
    assert min(s.day for s in offer_slots(index, "E1", 20, day(0), 2)) == day(3)
    assert min(s.day for s in offer_slots(index, "E1", 20, day(0), 0)) == day(1)


def test_a_visit_that_nobody_announces_needs_no_notice():
    snapshot = a_snapshot([an_item("I1", "A1", "E1", notice=Notice.UNANNOUNCED)], calendar=a_calendar(5, (AM,)))
    index = MoveIndex(snapshot, a_schedule(snapshot, [(["I1"], day(0), "AM")]))
    assert min(s.day for s in offer_slots(index, "E1", 20, day(0), 2)) == day(1)


@pytest.mark.parametrize(
    ("visit", "on", "shift", "start", "said"),
    [
        ("nobody", day(0), "AM", None, "the schedule has no visit nobody"),
        ("E1", day(0), "XM", None, "there is no shift XM"),
        ("E1", day(99), "AM", None, "is outside the horizon"),
        ("E1", day(0), "AM", 5, "start 00:05 is outside shift AM from 09:00 to 12:00"),
    ],
)
def test_what_nothing_answers_to_is_said_in_one_sentence(visit, on, shift, start, said):
    with pytest.raises(BadMove, match=said):
        check_move(_two_visits(), visit, on, shift, start)


def test_an_enterprise_with_two_visits_asks_which():
    items = [an_item("I1", "A1", "E1"), an_item("I2", "A2", "E1")]
    snapshot = a_snapshot(items, policy=a_policy())
    index = MoveIndex(snapshot, a_schedule(snapshot, [(["I1"], day(0), "AM"), (["I2"], day(1), "AM")]))
    with pytest.raises(BadMove, match="E1 means several visits"):
        check_move(index, "E1", day(2), "AM")


def _two_authorities(**parts):
    """E1 is visited on day 0 for I1 (any day) and I2 (days 0 and 1), by authorities of one crew each."""
    items = [an_item("I1", "A1", "E1"), an_item("I2", "A2", "E1", latest=day(1))]
    snapshot = a_snapshot(items, calendar=a_calendar(5, (AM,)), **parts)
    return MoveIndex(snapshot, a_schedule(snapshot, [(["I1", "I2"], day(0), "AM")]))


def test_a_slot_that_loses_an_item_stands_after_all_that_lose_none_and_names_it():
    slots = offer_slots(_two_authorities(), "E1", 20, day(-1))
    assert [(s.day, s.lost) for s in slots] == [
        (day(0), ()),
        (day(1), ()),
        (day(2), ("I2",)),
        (day(3), ("I2",)),
        (day(4), ("I2",)),
    ]
    assert "loses I2" in slots[2].why("en")
    assert "不能办理：I2" in slots[2].why("zh")


def test_a_slot_loses_the_items_of_an_authority_that_has_no_crew_then():
    pools = (a_pool("A1", crews=1), a_pool("A2", crews=1, first_day=day(0), last_day=day(0)))
    slots = offer_slots(_two_authorities(crew_pools=pools), "E1", 20, day(-1))
    assert [(s.day, s.lost) for s in slots][:3] == [(day(0), ()), (day(1), ("I2",)), (day(2), ("I2",))]


def test_an_item_that_is_lost_is_unserved_with_its_reason():
    index = _two_authorities()
    slot = offer_slots(index, "E1", 20, day(-1))[2]
    snapshot, after = carry_out(index, slot.change)
    assert [u.item_id for u in after.unserved] == ["I2"]
    assert check(snapshot, after) == ()


def test_a_move_without_an_item_is_allowed_where_the_item_alone_is_not():
    index = _two_authorities()
    assert [v.code for v in check_move(index, "E1", day(3), "AM").broken] == ["R03"]
    found = check_move(index, "E1", day(3), "AM", without=["I2"])
    assert found.allowed
    assert found.cost.unserved_weight == 1


@pytest.mark.parametrize(("without", "said"), [(["X"], "has no item X"), (["I1", "I2"], "must be left")])
def test_a_visit_loses_items_of_its_own_and_never_all(without, said):
    with pytest.raises(BadMove, match=said):
        check_move(_two_authorities(), "E1", day(3), "AM", without=without)


def test_what_kept_other_items_out_is_said_anew_after_a_move():
    caps = (FrequencyCap(scope=CapScope.ENTERPRISE, period=Period.QUARTER, max_visits=1),)
    items = [an_item("I1", "A1", "E1"), an_item("I2", "A1", "E1", earliest=day(1), latest=day(1))]
    snapshot = a_snapshot(items, calendar=a_calendar(5, (AM,)), policy=a_policy(caps=caps))
    made = a_schedule(snapshot, [(["I1"], day(0), "AM")])
    index = MoveIndex(snapshot, replace(made, unserved=explain(snapshot, made.visits, made.crew_shifts)))
    _, after = carry_out(index, check_move(index, "E1", day(2), "AM").change)
    before, now = ([str(u.reasons) for u in s.unserved] for s in (index.schedule, after))
    assert iso(day(0)) in before[0]
    assert iso(day(0)) not in now[0]
    assert iso(day(2)) in now[0]


def test_a_pinned_visit_moves_only_when_its_pin_is_let_go_and_takes_it_along():
    pins = (Pin(enterprise_id="E2", day=day(1)), Pin(enterprise_id="E1", day=day(0), shift_id="AM"))
    index = _two_visits(pins=pins)
    assert [v.code for v in check_move(index, "E2", day(3), "AM").broken] == ["R26"]
    assert {s.day for s in offer_slots(index, "E2", 20, day(-1))} == {day(1)}
    found = check_move(index, "E2", day(3), "AM", release=True)
    assert found.allowed
    assert {s.day for s in offer_slots(index, "E2", 20, day(-1), release=True)} == {day(n) for n in range(5)}
    pin = Pin(enterprise_id="E2", day=day(3), shift_id="AM")
    pinned, after = carry_out(index, found.change, repinning(index.snapshot, found.visit, pin, release=True))
    assert set(pinned.pins) == {pin, pins[1]}
    assert check(pinned, after) == ()
    again = repinning(pinned, after.visits[0], pin, release=True)
    assert again.new == ()
