from __future__ import annotations

from dataclasses import replace

from scheduler.domain.plans import Notice, PastInspection, Trigger
from scheduler.moves.change import apply
from scheduler.moves.index import MoveIndex
from scheduler.moves.urgent import place_urgent
from scheduler.rules import check
from tests.builders import AM, PM, a_calendar, a_pool, a_schedule, a_snapshot, an_item, day

CASE = {"trigger": Trigger.CASE, "cap_exempt": True, "notice": Notice.UNANNOUNCED, "earliest": day(0), "latest": day(1)}


def _index(crews: int = 1) -> MoveIndex:
    items = [an_item("I1", "A1", "E1"), an_item("U1", "A1", "E2", **CASE)]
    snapshot = a_snapshot(items, calendar=a_calendar(5, (AM, PM)), crew_pools=(a_pool("A1", crews=crews),))
    return MoveIndex(snapshot, a_schedule(snapshot, [(["I1"], day(0), "AM")]))


def _answer(index: MoveIndex, now: int):
    return place_urgent(index, index.items["U1"], (day(0), day(1)), now)


def test_a_case_known_before_the_morning_joins_the_crew_that_comes_and_changes_no_visit():
    index = _index()
    found = _answer(index, 8 * 60)
    assert found.place is not None
    assert (found.place.day, found.place.shift_id, found.place.new_crews) == (day(0), "AM", 0)
    after = apply(index.schedule, found.place.change)
    assert check(index.snapshot, after) == ()
    assert set(index.schedule.visits) < set(after.visits)


def test_a_crew_that_is_at_a_door_takes_the_case_when_it_leaves():
    index = _index()
    first = index.schedule.visits[0]
    found = _answer(index, first.start + 5)
    assert found.place is not None
    assert found.place.start == first.end


def test_a_crew_that_is_on_its_way_home_does_not_turn_round_and_the_afternoon_takes_the_case():
    index = _index()
    found = _answer(index, index.schedule.visits[0].end + 1)
    assert found.place is not None
    assert (found.place.shift_id, found.place.start) == ("PM", 14 * 60 + 8)
    assert [(d, h, [v.code for v in broken]) for d, h, broken in found.refused] == [(day(0), "AM", ["R23"])]


def test_a_case_that_nobody_can_take_says_in_every_street_shift_what_is_missing():
    index = _index()
    none = MoveIndex(index.snapshot.replace(crew_pools=()), replace(index.schedule, visits=(), crew_shifts=()))
    found = place_urgent(none, none.items["U1"], (day(0), day(1)), 0)
    assert found.place is None
    assert {v.code for _, _, broken in found.refused for v in broken} == {"R23"}
    assert len(found.refused) == 4


def test_a_crew_that_goes_there_tomorrow_comes_before_a_trip_of_its_own_today():
    items = [an_item("I1", "A1", "E1"), an_item("U1", "A1", "E2", **CASE)]
    snapshot = a_snapshot(items, calendar=a_calendar(5, (AM,)), crew_pools=(a_pool("A1", crews=1),))
    tomorrow = MoveIndex(snapshot, a_schedule(snapshot, [(["I1"], day(1), "AM")]))
    found = _answer(tomorrow, 8 * 60)
    assert found.place is not None
    assert (found.place.day, found.place.new_crews) == (day(1), 0)
    nowhere = MoveIndex(snapshot, a_schedule(snapshot))
    alone = _answer(nowhere, 8 * 60)
    assert alone.place is not None
    assert (alone.place.day, alone.place.new_crews) == (day(0), 1)


def test_a_visit_within_60_days_of_the_last_is_reminded_of_also_where_there_is_a_cause():
    for ago, reminded in ((59, True), (60, False)):
        past = PastInspection(enterprise_id="E2", authority_id="A1", day=day(-ago))
        index = _index()
        there = MoveIndex(index.snapshot.replace(history=(past,)), index.schedule)
        assert bool(_answer(there, 8 * 60).alerts) is reminded
