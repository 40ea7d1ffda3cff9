"""Rules over a whole schedule hold at their limits and are broken just past them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from scheduler.domain.calendar import Period
from scheduler.domain.plans import PastInspection, Pin
from scheduler.domain.policy import CapScope, FrequencyCap
from scheduler.domain.snapshot import PlanningSnapshot
from tests.builders import (
    AM,
    PM,
    a_calendar,
    a_policy,
    a_schedule,
    a_snapshot,
    an_enterprise,
    an_item,
    day,
)
from tests.scheduler.rules.samples import ONE


def capped(cap: FrequencyCap, history: tuple[PastInspection, ...] = (), **item: object) -> PlanningSnapshot:
    """Items I1 and I2 of A1 and I3 of A2 at one enterprise of class A; the horizon begins in September 2026."""
    items = [an_item("I1", **item), an_item("I2"), an_item("I3", "A2")]
    return a_snapshot(
        items,
        enterprises=[an_enterprise(credit_class="A")],
        calendar=a_calendar(120, first=day(-14)),
        policy=a_policy(caps=(cap,)),
        history=history,
    )


def doors(most: int, period: Period = Period.QUARTER, **changes: str) -> FrequencyCap:
    return FrequencyCap(scope=CapScope.ENTERPRISE, period=period, max_visits=most, **changes)


def visits_of(most: int, authority: str = "*", period: Period = Period.YEAR, **changes: str) -> FrequencyCap:
    return FrequencyCap(scope=CapScope.AUTHORITY, period=period, max_visits=most, authority=authority, **changes)


APART = [(["I1"], day(0), "AM"), (["I3"], day(1), "AM")]
TOGETHER = [(["I1", "I3"], day(0), "AM")]


def past(on: int, authority: str = "A1", visit_id: str | None = None, *, exempt: bool = False) -> PastInspection:
    return PastInspection(enterprise_id="E1", authority_id=authority, day=on, visit_id=visit_id, cap_exempt=exempt)


def test_r24_doors_of_all_authorities_together_stay_within_the_cap(judge):
    for cap, codes in ((doors(2), set()), (doors(1), {"R24"}), (doors(1, credit_class="B"), set())):
        snapshot = capped(cap)
        assert judge(snapshot, a_schedule(snapshot, APART)) == codes
    snapshot = capped(doors(1))
    assert judge(snapshot, a_schedule(snapshot, TOGETHER)) == set()


@pytest.mark.parametrize(
    ("period", "second", "codes"),
    [
        (Period.MONTH, 19, {"R24"}),  # 12 and 31 October
        (Period.MONTH, 21, set()),  # 12 October and 2 November
        (Period.QUARTER, -13, set()),  # 12 October and 29 September
        (Period.QUARTER, 79, {"R24"}),  # 12 October and 30 December
        (Period.HALF_YEAR, -13, {"R24"}),
        (Period.HALF_YEAR, 81, set()),  # 12 October and 1 January
        (Period.YEAR, 79, {"R24"}),
        (Period.YEAR, 81, set()),
    ],
)
def test_r24_caps_count_by_calendar_period(judge, period, second, codes):
    snapshot = capped(doors(1, period)).replace(calendar=a_calendar(120, first=day(-14)))
    on = day(second) if day(second) in snapshot.calendar.days else day(second - 1)
    schedule = a_schedule(snapshot, [(["I1"], day(0), "AM"), (["I3"], on, "AM")])
    assert judge(snapshot, schedule) == codes


@pytest.mark.parametrize(
    ("history", "codes"),
    [
        ((past(day(-15)),), set()),  # 27 September: the quarter before
        ((past(day(-11)),), {"R24"}),  # 1 October
        ((past(day(-11), exempt=True),), set()),
    ],
)
def test_r24_doors_of_the_past_count_and_exempt_ones_do_not(judge, history, codes):
    snapshot = capped(doors(1), history).replace(pins=(Pin(enterprise_id="E1", day=day(0)),))
    assert judge(snapshot, a_schedule(snapshot, ONE)) == codes


def test_r24_rows_of_one_visit_or_one_date_are_one_door(judge):
    one_id = (past(day(-9), "A1", "H1"), past(day(-9), "A2", "H1"))
    one_date = (past(day(-9), "A1"), past(day(-9), "A2"))
    two_ids = (past(day(-9), "A1", "H1"), past(day(-9), "A2", "H2"))
    codes = [judge(s := capped(doors(2), h), a_schedule(s, ONE)) for h in (one_id, one_date, two_ids)]
    assert codes == [set(), set(), {"R24"}]


def test_r24_an_exempt_visit_is_no_door_and_one_with_a_counted_item_is(judge):
    snapshot = capped(doors(1), (past(day(-9)),), cap_exempt=True)
    assert judge(snapshot, a_schedule(snapshot, ONE)) == set()
    assert judge(snapshot, a_schedule(snapshot, TOGETHER)) == {"R24"}


def test_r24_a_past_above_the_cap_is_no_fault_of_the_plan(judge):
    snapshot = capped(doors(1), (past(day(-9)), past(day(-8)), past(day(-7))))
    assert judge(snapshot, a_schedule(snapshot)) == set()
    assert judge(snapshot, a_schedule(snapshot, ONE)) == {"R24"}


@pytest.mark.parametrize(
    ("cap", "codes"),
    [
        (visits_of(2), set()),
        (visits_of(1), {"R25"}),
        (visits_of(1, "A1"), {"R25"}),
        (visits_of(1, "A2"), set()),
        (visits_of(1, credit_class="A"), {"R25"}),
        (visits_of(1, credit_class="B"), set()),
    ],
)
def test_r25_visits_of_one_authority_stay_within_the_cap(judge, cap, codes):
    snapshot = capped(cap)
    assert judge(snapshot, a_schedule(snapshot, [(["I1"], day(0), "AM"), (["I2"], day(1), "AM")])) == codes
    assert judge(snapshot, a_schedule(snapshot, APART)) == set()


def test_r25_a_joint_visit_counts_once_for_each_authority_with_a_counted_item(judge):
    snapshot = capped(visits_of(1), (past(day(-9), "A1"),), cap_exempt=True)
    assert judge(snapshot, a_schedule(snapshot, TOGETHER)) == set()  # A1 comes for an exempt item only
    assert judge(snapshot, a_schedule(snapshot, [(["I1", "I2", "I3"], day(0), "AM")])) == {"R25"}


def test_r25_the_past_of_the_authority_counts_and_that_of_others_does_not(judge):
    for history, codes in (((past(day(-9), "A1"),), {"R25"}), ((past(day(-9), "A2"),), set())):
        snapshot = capped(visits_of(1), history).replace(pins=(Pin(enterprise_id="E1", day=day(0)),))
        assert judge(snapshot, a_schedule(snapshot, ONE)) == codes


@pytest.mark.parametrize(
    ("pin", "codes"),
    [
        (Pin(enterprise_id="E1", day=day(0)), set()),
        (Pin(enterprise_id="E1", day=day(0), shift_id="AM"), set()),
        (Pin(enterprise_id="E1", day=day(0), shift_id="PM"), {"R26"}),
        (Pin(enterprise_id="E1", day=day(1)), {"R26"}),
        (Pin(enterprise_id="E2", day=day(0)), {"R26"}),
    ],
)
def test_r26_a_pinned_enterprise_has_a_visit_then(judge, pin, codes):
    snapshot = a_snapshot([an_item("I1"), an_item("I2", enterprise="E2")], pins=(pin,))
    snapshot = snapshot.replace(calendar=a_calendar(shifts=(AM, PM)))
    assert judge(snapshot, a_schedule(snapshot, ONE)) == codes


def test_r27_the_unserved_list_is_exactly_what_is_left_out(judge):
    snapshot = a_snapshot([an_item("I1"), an_item("I2"), an_item("I3")])
    schedule = a_schedule(snapshot, ONE)
    assert [u.item_id for u in schedule.unserved] == ["I2", "I3"]
    left = schedule.unserved
    assert judge(snapshot, replace(schedule, unserved=left[:1])) == {"R27"}
    assert judge(snapshot, replace(schedule, unserved=(*left, replace(left[0], item_id="I1")))) == {"R27"}
    assert judge(snapshot, replace(schedule, unserved=(*left, replace(left[0], item_id="I9")))) == {"R27"}


def test_r28_every_unserved_item_has_a_reason(judge):
    snapshot = a_snapshot([an_item("I1"), an_item("I2")])
    schedule = a_schedule(snapshot, ONE)
    assert judge(snapshot, replace(schedule, unserved=(replace(schedule.unserved[0], reasons=()),))) == {"R28"}
