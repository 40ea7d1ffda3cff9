"""Encounters: what items, visits and records say about officers at an enterprise, in one form."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from scheduler.caps import past_visits
from scheduler.domain.plans import Notice, PastInspection, Trigger
from scheduler.encounters import Encounter, Source, encounters_of_history, encounters_of_items, encounters_of_schedule
from scheduler.ledger import read_ledger
from tests.builders import a_calendar, a_schedule, a_snapshot, an_item, day, with_stop
from tests.strategies import schedules, small_snapshots


def past(on: int, authority: str = "A1", **more: object) -> PastInspection:
    return PastInspection(enterprise_id="E1", authority_id=authority, day=on, **more)


def test_an_item_may_be_met_from_the_first_to_the_last_inspection_date_of_its_window():
    item = an_item(earliest=day(-2), latest=day(6), crews=2, notice=Notice.UNANNOUNCED, trigger=Trigger.CASE)
    assert encounters_of_items(a_snapshot([item], calendar=a_calendar(12))) == (
        Encounter(
            enterprise_id="E1",
            first_day=day(0),
            last_day=day(4),
            authority_ids=("A1",),
            triggers=(Trigger.CASE,),
            counted_ids=("A1",),
            officers=4,
            source=Source.PLANNED_ITEM,
            ref="I1",
            item_ids=("I1",),
            notice=Notice.UNANNOUNCED,
        ),
    )


def test_an_item_without_an_inspection_date_in_its_window_meets_nobody():
    assert encounters_of_items(a_snapshot([an_item(earliest=day(5), latest=day(6))])) == ()


def test_a_joint_visit_counts_for_the_authorities_with_an_item_that_is_not_exempt():
    items = [an_item("I1", "A1", cap_exempt=True), an_item("I2", "A2"), an_item("I3", "A2", cap_exempt=True)]
    snapshot = a_snapshot(items)
    (both,) = encounters_of_schedule(snapshot, a_schedule(snapshot, [(["I1", "I2", "I3"], day(1), "AM")]))
    assert (both.authority_ids, both.counted_ids, both.cap_exempt) == (("A1", "A2"), ("A2",), False)
    (exempt,) = encounters_of_schedule(snapshot, a_schedule(snapshot, [(["I1"], day(1), "AM")]))
    assert (exempt.counted_ids, exempt.cap_exempt) == ((), True)
    assert (exempt.first_day, exempt.last_day, exempt.is_fixed) == (day(1), day(1), True)


def test_officers_of_a_visit_are_those_at_once():
    snapshot = a_snapshot([an_item("I1", "A1", crews=2), an_item("I2", "A2")])
    schedule = a_schedule(snapshot, [(["I1", "I2"], day(0), "AM")])
    assert [e.officers for e in encounters_of_schedule(snapshot, schedule)] == [6]
    crew = next(c for c in schedule.crew_shifts if c.authority_id == "A2")
    after = crew.stops[0].leave
    later = with_stop(schedule, crew.crew_id, 0, start=after, leave=after + 40)
    assert [e.officers for e in encounters_of_schedule(snapshot, later)] == [4]  # comes when the others go
    sooner = with_stop(schedule, crew.crew_id, 0, start=after - 1, leave=after + 40)
    assert [e.officers for e in encounters_of_schedule(snapshot, sooner)] == [6]


def test_a_visit_without_crew_shifts_brings_the_crews_that_its_items_ask_for():
    snapshot = a_snapshot([an_item("I1", "A1", crews=2), an_item("I2", "A2")])
    schedule = replace(a_schedule(snapshot, [(["I1", "I2"], day(0), "AM")]), crew_shifts=())
    assert [e.officers for e in encounters_of_schedule(snapshot, schedule)] == [6]


def test_a_visit_of_items_that_are_not_known_counts_against_caps():
    snapshot = a_snapshot([an_item("I1", "A1"), an_item("I2", "A2")])
    schedule = a_schedule(snapshot, [(["I1", "I2"], day(0), "AM")])
    (e,) = encounters_of_schedule(snapshot.replace(items=(an_item("I9"),)), schedule)
    assert (e.counted_ids, e.triggers, e.notice) == (("A1", "A2"), (), None)


def test_records_with_one_visit_id_or_of_one_day_are_one_door():
    history = (
        past(day(-9), "A1", visit_id="H1"),
        past(day(-9), "A2", visit_id="H1", cap_exempt=True, trigger=Trigger.CASE),
        past(day(-5), "A3"),
        past(day(-5), "A1"),
    )
    found = {e.ref: e for e in encounters_of_history(a_snapshot([an_item()], history=history))}
    assert sorted(found) == ["E1/2026-10-07", "H1"]
    assert (found["H1"].authority_ids, found["H1"].counted_ids) == (("A1", "A2"), ("A1",))
    assert found["H1"].triggers == (Trigger.CASE, Trigger.ROUTINE)
    assert (found["E1/2026-10-07"].authority_ids, found["E1/2026-10-07"].officers) == (("A1", "A3"), 4)


@settings(max_examples=150)
@given(st.data())
def test_what_counts_against_caps_is_what_the_rules_count(data):
    """R24, R25"""
    snapshot = data.draw(small_snapshots(pins=False))
    schedule = data.draw(schedules(snapshot))
    entries = {v.visit.visit_id: v for v in read_ledger(snapshot, schedule).visits}
    for e in encounters_of_schedule(snapshot, schedule):
        entry = entries[e.ref]
        assert set(e.counted_ids) == entry.counted
        assert e.officers <= 2 * sum(entry.crews.values())
    recorded, past_days = encounters_of_history(snapshot), past_visits(snapshot.history)
    doors = Counter((e.enterprise_id, e.first_day) for e in recorded if not e.cap_exempt)
    assert doors == Counter((place, on) for place, days in past_days.doors.items() for on in days)
    visits = Counter((a, e.enterprise_id, e.first_day) for e in recorded for a in e.counted_ids)
    assert visits == Counter((*key, on) for key, days in past_days.by_authority.items() for on in days)
