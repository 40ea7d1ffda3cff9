"""Availability: the masks of slots against the checkers, slot by slot, and what history leaves of caps."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given, settings

from scheduler.availability import Availability, CapBook, SlotGrid
from scheduler.caps import cap_uses, past_visits
from scheduler.domain.calendar import Period, period_key
from scheduler.domain.plans import Notice, PastInspection, Pin, Trigger
from scheduler.domain.policy import CapScope, FrequencyCap, QuietPeriod, QuietScope
from scheduler.domain.snapshot import PlanningSnapshot
from scheduler.rules import check
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
    day_of,
)
from tests.strategies import small_snapshots


def slots_of(snapshot: PlanningSnapshot) -> list[tuple[int, str]]:
    return [(d, s.shift_id) for d in snapshot.calendar.days for s in snapshot.calendar.shifts]


@settings(max_examples=150)
@given(small_snapshots(pins=False))
def test_an_item_is_available_alone_exactly_where_the_checkers_accept_it_alone(snapshot):
    """R03, R04, R05, R09, R10, R11, R21, R23: caps aside, which have their own books."""
    free = snapshot.replace(policy=replace(snapshot.policy, caps=()))
    availability = Availability(free)
    for item in free.items:
        alone = availability.alone(item)
        for k, (on, shift) in enumerate(slots_of(free)):
            accepted = not check(free, a_schedule(free, [([item.item_id], on, shift)]))
            assert bool(alone >> k & 1) == accepted, (item, on, shift)
        assert alone >> availability.grid.num_slots == 0


@settings(max_examples=80)
@given(small_snapshots(pins=False))
def test_what_history_leaves_of_a_cap_is_what_the_checkers_count(snapshot):
    """R24, R25: one more visit in a period is accepted as long as anything is left there."""
    book = CapBook(Availability(snapshot))
    past = past_visits(snapshot.history)
    names = tuple(a.authority_id for a in snapshot.authorities)
    for e in snapshot.enterprises:
        rows = book.rows(e, names)
        for row in rows:
            for mask, left in row.left:
                on = next(d for k, (d, _) in enumerate(slots_of(snapshot)) if mask >> k & 1)
                old = past.doors.get(e.enterprise_id, ()) if row.authority_id is None else (
                    past.by_authority.get((row.authority_id, e.enterprise_id), ())
                )  # fmt: skip
                key = period_key(on, row.period)
                uses = [
                    u
                    for u in cap_uses(
                        snapshot.policy.caps, e.enterprise_id, e.credit_class, row.authority_id, old, [on]
                    )
                    if u.period == key and u.cap.period is row.period
                ]
                assert left in {max(0, u.cap.max_visits - len(u.past)) for u in uses}
                assert left > 0 or any(u.broken for u in uses)


def test_slots_are_numbered_by_date_then_shift():
    grid = SlotGrid(a_calendar(8, (AM, PM)))
    assert (grid.num_slots, grid.num_shifts) == (12, 2)  # six weekdays of two shifts
    assert [grid.day_of(k) for k in (0, 1, 2, 11)] == [day(0), day(0), day(1), day(7)]
    assert grid.between(day(4), day(7)) == 0b1111 << 8
    assert grid.between(day(5), day(6)) == 0
    assert grid.between(day(3), day(1)) == 0
    assert grid.of_shift(1) == 0b1010_1010_1010
    assert grid.days_of(0b10_0000_0001) == [day(0), day(4)]
    assert grid.days_of(grid.all) == list(grid.calendar.days)


def test_a_window_holds_both_its_ends():
    """R03"""
    item = an_item(earliest=day(1), latest=day(3))
    assert Availability(a_snapshot([item])).window(item) == 0b01110


def test_closed_dates_and_weekdays_are_not_open():
    """R04"""
    e = an_enterprise(closed_days=(day(0),), closed_weekdays=(3, 7))
    assert Availability(a_snapshot(enterprises=(e,))).open(e) == 0b11010


def test_a_quiet_period_stops_only_triggers_that_are_not_exempt():
    """R05"""
    quiet = QuietPeriod(
        scope=QuietScope.INDUSTRY, target="hotel", first_day=day(1), last_day=day(2), exempt_triggers=(Trigger.CASE,)
    )
    hotel, other = an_enterprise("E1", industry="hotel"), an_enterprise("E2")
    snapshot = a_snapshot(enterprises=(hotel, other), policy=a_policy(quiet_periods=(quiet,)))
    availability = Availability(snapshot)
    assert availability.not_quiet(hotel, Trigger.ROUTINE) == 0b11001
    assert availability.not_quiet(hotel, Trigger.CASE) == 0b11111
    assert availability.not_quiet(other, Trigger.ROUTINE) == 0b11111


def test_crews_of_street_district_and_city_add_up_by_slot():
    """R23"""
    pools = (
        a_pool("A1", "S1", 1),
        a_pool("A1", "D1", 1, weekdays=(1, 2)),
        a_pool("A1", "*", 1, first_day=day(1), last_day=day(1)),
        a_pool("A1", "S2", 9),
    )
    snapshot = a_snapshot(enterprises=(an_enterprise("E1", "S1"), an_enterprise("E2", "S2")), crew_pools=pools)
    availability = Availability(snapshot)
    assert [availability.crewed("A1", "S1", n) for n in (1, 2, 3, 4)] == [0b11111, 0b00011, 0b00010, 0]
    assert availability.crewed("A2", "S1", 1) == 0


def test_the_longest_part_leaves_room_for_both_legs_and_the_opening_hours():
    """R09, R21: the office is 8 minutes away."""
    snapshot = a_snapshot(calendar=a_calendar(1, (AM, PM)))
    availability = Availability(snapshot)
    late = an_enterprise(open_from=10 * 60, open_to=15 * 60)
    assert availability.room_min(snapshot.enterprises[0]) == (164, 164)
    assert availability.room_min(late) == (112, 52)
    assert availability.room_min(late, with_hours=False) == (164, 164)
    assert availability.fits((112, 52), 112) == 0b01
    assert availability.fits((112, 52), 113) == 0


def test_an_item_may_be_too_long_or_too_crowded_by_itself():
    """R10, R11"""
    visit = a_policy().visit
    snapshot = a_snapshot(policy=a_policy(replace(visit, max_visit_min=60, max_officers=5)))
    availability = Availability(snapshot)
    assert availability.alone_on_site(an_item(duration_min=50, crews=2))
    assert not availability.alone_on_site(an_item(duration_min=51))
    assert not availability.alone_on_site(an_item(crews=3))


def test_of_two_pins_on_a_date_the_narrower_wants_the_visit():
    """R26"""
    pins = (Pin(enterprise_id="E1", day=day(1)), Pin(enterprise_id="E1", day=day(1), shift_id="PM"),
            Pin(enterprise_id="E1", day=day(1), shift_id="PM"), Pin(enterprise_id="E1", day=day(2)))  # fmt: skip
    availability = Availability(a_snapshot(calendar=a_calendar(3, (AM, PM)), pins=pins))
    assert availability.pinned_slots() == {"E1": [0b001000, 0b110000]}


def test_history_counts_one_door_for_rows_of_one_visit_or_of_one_day():
    """R24, R25"""
    rows = (
        PastInspection(enterprise_id="E1", authority_id="A1", day=day(-5)),
        PastInspection(enterprise_id="E1", authority_id="A2", day=day(-5)),
        PastInspection(enterprise_id="E1", authority_id="A1", day=day(-9), visit_id="H"),
        PastInspection(enterprise_id="E1", authority_id="A1", day=day(-8), visit_id="H"),
        PastInspection(enterprise_id="E1", authority_id="A2", day=day(-3), cap_exempt=True),
    )
    caps = (
        FrequencyCap(scope=CapScope.ENTERPRISE, period=Period.YEAR, max_visits=3),
        FrequencyCap(scope=CapScope.AUTHORITY, period=Period.YEAR, max_visits=2),
        FrequencyCap(scope=CapScope.AUTHORITY, period=Period.YEAR, max_visits=2, authority="A2", credit_class="D"),
    )
    snapshot = a_snapshot(history=rows, policy=a_policy(caps=caps))
    book = CapBook(Availability(snapshot))
    found = [(r.authority_id, [left for _, left in r.left]) for r in book.rows(snapshot.enterprises[0], ("A1", "A2"))]
    assert sorted(found, key=str) == sorted([(None, [1]), ("A1", [0]), ("A2", [1])], key=str)


def test_periods_split_the_horizon_at_the_turn_of_the_month():
    snapshot = a_snapshot(calendar=a_calendar(7, (AM, PM), first=day_of("2026-10-29")))
    periods = Availability(snapshot).periods(Period.MONTH)
    assert [key for key, _ in periods] == [(2026, 9), (2026, 10)]
    assert [mask for _, mask in periods] == [0b0000001111, 0b1111110000]
    assert [mask for _, mask in Availability(snapshot).periods(Period.QUARTER)] == [0b1111111111]


def test_notice_does_not_change_where_an_item_is_available():
    """R06 is about sharing a visit, not about dates."""
    a, b = an_item("I1"), an_item("I2", notice=Notice.UNANNOUNCED)
    availability = Availability(a_snapshot([a, b]))
    assert availability.alone(a) == availability.alone(b) == 0b11111
