"""Rules of crews hold at their limits and are broken just past them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from scheduler.domain.people import WHOLE_CITY
from scheduler.domain.plans import Pin
from scheduler.domain.policy import TravelRules
from scheduler.domain.schedule import Schedule
from scheduler.domain.snapshot import PlanningSnapshot
from tests.builders import (
    AM,
    NEAR,
    PM,
    a_calendar,
    a_policy,
    a_pool,
    a_schedule,
    a_snapshot,
    a_street,
    an_enterprise,
    an_item,
    day,
    with_crew,
    with_stop,
    with_visit,
)
from tests.scheduler.rules.samples import ONE, crew_of, moved, two_authorities, two_doors


@pytest.mark.parametrize(
    "changes", [{"street_id": "S2"}, {"day": day(1)}, {"shift_id": "PM"}, {"street_id": "S9"}, {"shift_id": "NIGHT"}]
)
def test_r13_a_crew_stays_in_its_street_shift(judge, changes):
    streets = [a_street("S1"), a_street("S2")]
    snapshot = a_snapshot([an_item()], streets=streets, calendar=a_calendar(shifts=(AM, PM)))
    schedule = a_schedule(snapshot, ONE)
    assert "R13" in judge(snapshot, with_crew(schedule, schedule.crew_shifts[0].crew_id, **changes))


def test_r13_a_crew_departs_no_earlier_than_the_shift(judge):
    snapshot, schedule = two_doors()
    crew_id = schedule.crew_shifts[0].crew_id
    assert judge(snapshot, with_crew(schedule, crew_id, depart=540)) == set()
    assert judge(snapshot, with_crew(schedule, crew_id, depart=539)) == {"R13"}


def test_r13_a_crew_has_stops_at_known_visits_and_its_own_id(judge):
    snapshot, schedule = two_doors()
    crew = schedule.crew_shifts[0]
    idle = replace(crew, crew_id="C9", stops=())
    assert judge(snapshot, replace(schedule, crew_shifts=(crew, idle))) == {"R13", "R22"}
    assert "R13" in judge(snapshot, with_stop(schedule, crew.crew_id, 1, visit_id="V9"))
    assert "R13" in judge(snapshot, replace(schedule, crew_shifts=(crew, crew)))


def test_r14_a_crew_does_not_reach_its_first_visit_before_the_first_leg(judge):
    snapshot, schedule = two_doors()
    crew_id = schedule.crew_shifts[0].crew_id
    assert judge(snapshot, with_stop(schedule, crew_id, 0, arrive=547)) == {"R14"}


@pytest.mark.parametrize(("buffer", "arrive", "codes"), [(0, 588, set()), (5, 593, set()), (5, 592, {"R14"})])
def test_r14_the_buffer_comes_between_two_visits_and_is_no_travel(judge, buffer, arrive, codes):
    snapshot, schedule = two_doors(policy=a_policy(travel=TravelRules(buffer_min=buffer)))
    crew = schedule.crew_shifts[0]
    assert (crew.stops[0].leave, crew.travel_min) == (588, 16)
    assert judge(snapshot, with_stop(schedule, crew.crew_id, 1, arrive=arrive)) == codes


def test_r14_a_leg_takes_its_minutes(judge):
    far = an_enterprise("E2", lon=NEAR[0] + 0.01)
    snapshot, schedule = two_doors(enterprises=[an_enterprise(), far])
    crew = schedule.crew_shifts[0]
    assert crew.stops[1].arrive == 588 + 8
    assert judge(snapshot, schedule) == set()
    assert judge(snapshot, with_stop(schedule, crew.crew_id, 1, arrive=595)) == {"R14"}


def test_r15_a_crew_arrives_no_later_than_its_part_starts(judge):
    snapshot, schedule = two_doors(enterprises=[an_enterprise(open_from=560), an_enterprise("E2")])
    crew = schedule.crew_shifts[0]
    assert (crew.stops[0].arrive, crew.stops[0].start) == (548, 560)
    assert judge(snapshot, with_stop(schedule, crew.crew_id, 0, arrive=560)) == set()
    assert judge(snapshot, with_stop(schedule, crew.crew_id, 0, arrive=561)) == {"R15"}


@pytest.mark.parametrize(("together", "by", "codes"), [(False, 1, set()), (True, 0, set()), (True, 1, {"R16"})])
def test_r16_parts_start_with_the_visit_where_the_case_says_so(judge, together, by, codes):
    snapshot, schedule = two_authorities(start_together=together)
    assert judge(snapshot, moved(schedule, crew_of(schedule, "A2"), by)) == codes


def test_r17_a_part_lies_inside_its_visit(judge):
    snapshot, schedule = two_authorities(stretch_min=15)
    crew_id = crew_of(schedule, "A2")  # 20 minutes in a visit of 40
    assert judge(snapshot, moved(schedule, crew_id, 20)) == set()
    assert judge(snapshot, moved(schedule, crew_id, 21)) == {"R17", "R20"}


@pytest.mark.parametrize("longer", [-1, 1])
def test_r17_a_part_lasts_exactly_its_minutes(judge, longer):
    snapshot, schedule = two_authorities()
    crew_id = crew_of(schedule, "A2")
    leave = next(c for c in schedule.crew_shifts if c.crew_id == crew_id).stops[0].leave
    assert judge(snapshot, with_stop(schedule, crew_id, 0, leave=leave + longer)) == {"R17"}


def test_r18_all_crews_of_an_authority_come_at_the_same_time(judge):
    items = [an_item("I1", "A1"), an_item("I2", "A2", duration_min=10, crews=2)]
    snapshot = a_snapshot(items)
    schedule = a_schedule(snapshot, [(["I1", "I2"], day(0), "AM")])
    first, second = (c.crew_id for c in schedule.crew_shifts if c.authority_id == "A2")
    assert judge(snapshot, moved(moved(schedule, first, 5), second, 5)) == set()
    assert judge(snapshot, moved(schedule, first, 5)) == {"R18"}


@pytest.mark.parametrize(("asked", "codes"), [(2, set()), (1, {"R19"}), (3, {"R19"})])
def test_r19_an_authority_sends_as_many_crews_as_its_largest_item_asks(judge, asked, codes):
    items = [an_item("I1", crews=2), an_item("I2")]
    schedule = a_schedule(a_snapshot(items), [(["I1", "I2"], day(0), "AM")])
    snapshot = a_snapshot([replace(items[0], crews=asked), items[1]])
    assert judge(snapshot, schedule) == codes


def test_r19_a_crew_without_items_at_a_visit_is_reported(judge):
    snapshot, schedule = two_authorities()
    alone = a_schedule(snapshot, [(["I1"], day(0), "AM")])
    visit_id = alone.visits[0].visit_id
    guest = next(c for c in schedule.crew_shifts if c.authority_id == "A2")
    guest = replace(guest, stops=(replace(guest.stops[0], visit_id=visit_id),))
    assert "R19" in judge(snapshot, replace(alone, crew_shifts=(*alone.crew_shifts, guest)))
    assert judge(snapshot, replace(alone, crew_shifts=())) == {"R19"}


@pytest.mark.parametrize("changes", [{"start": 547}, {"end": 589}])
def test_r20_a_visit_begins_and_ends_with_its_parts(judge, changes):
    snapshot, schedule = two_authorities(stretch_min=15)
    assert judge(snapshot, with_visit(schedule, schedule.visits[0].visit_id, **changes)) == {"R20"}


@pytest.mark.parametrize(("minutes", "codes"), [(154, set()), (155, {"R21"})])
def test_r21_a_crew_is_back_by_the_end_of_the_shift(judge, minutes, codes):
    """Out 8, part 10 more than the item, back 8: 154 minutes of item fill the 180 of the shift."""
    snapshot = a_snapshot([an_item(duration_min=minutes)], pins=(Pin(enterprise_id="E1", day=day(0)),))
    assert judge(snapshot, a_schedule(snapshot, ONE)) == codes


@pytest.mark.parametrize("minutes", [15, 17])
def test_r22_travel_minutes_are_those_of_the_legs(judge, minutes):
    snapshot, schedule = two_doors()
    assert schedule.crew_shifts[0].travel_min == 16
    assert judge(snapshot, with_crew(schedule, schedule.crew_shifts[0].crew_id, travel_min=minutes)) == {"R22"}


def four_streets(**pools: int) -> tuple[PlanningSnapshot, Schedule]:
    """One crew shift in each of S1 and S2 (district D1) and S3 and S4 (district D2), all on one date and shift."""
    names = ("1", "2", "3", "4")
    snapshot = a_snapshot(
        [an_item(f"I{n}", enterprise=f"E{n}") for n in names],
        enterprises=[an_enterprise(f"E{n}", f"S{n}") for n in names],
        streets=[a_street(f"S{n}", "D1" if n in "12" else "D2") for n in names],
        crew_pools=tuple(a_pool("A1", area.replace("city", WHOLE_CITY), crews) for area, crews in pools.items()),
    )
    return snapshot, a_schedule(snapshot, [([f"I{n}"], day(0), "AM") for n in names])


@pytest.mark.parametrize(
    ("pools", "codes"),
    [
        ({"city": 4}, set()),
        ({"city": 3}, {"R23"}),
        ({"S1": 1, "D1": 1, "city": 2}, set()),
        ({"S1": 2, "D1": 1, "city": 1}, {"R23"}),  # the second crew of S1 does not help S2's district
        ({"S1": 1, "D1": 2, "city": 1}, {"R23"}),  # one crew of D1 is left over, and D2 may not have it
        ({"S1": 1, "S2": 1, "D2": 2}, set()),
        ({"D1": 2, "D2": 2}, set()),
        ({"D1": 4}, {"R23"}),
    ],
)
def test_r23_streets_use_their_own_crews_then_the_districts_then_the_citys(judge, pools, codes):
    assert judge(*four_streets(**pools)) == codes


@pytest.mark.parametrize(
    ("when", "codes"),
    [
        ({}, set()),
        ({"first_day": day(0), "last_day": day(0)}, set()),
        ({"first_day": day(1)}, {"R23"}),
        ({"last_day": day(-1)}, {"R23"}),
        ({"weekdays": (1,)}, set()),
        ({"weekdays": (2, 3)}, {"R23"}),
        ({"shift_id": "AM"}, set()),
        ({"shift_id": "PM"}, {"R23"}),
    ],
)
def test_r23_crews_count_only_when_they_are_at_work(judge, when, codes):
    pools = (a_pool("A1", "*", 1), a_pool("A1", "*", 1, **when))
    snapshot = a_snapshot([an_item(crews=2)], crew_pools=pools, calendar=a_calendar(shifts=(AM, PM)))
    snapshot = snapshot.replace(pins=(Pin(enterprise_id="E1", day=day(0)),))
    assert judge(snapshot, a_schedule(snapshot, ONE)) == codes
