"""Every reason names what stopped the item, with its figures, and the change that would cost least."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from scheduler.domain.calendar import Period
from scheduler.domain.plans import Notice, PastInspection, Pin
from scheduler.domain.policy import CapScope, FrequencyCap, QuietPeriod, QuietScope, StreetRules, VisitRules
from scheduler.domain.schedule import ReasonCode, RelaxationKind, Unserved
from scheduler.domain.snapshot import PlanningSnapshot
from scheduler.explain import explain, relaxation_sentence, sentence
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

ONE_DOOR = FrequencyCap(scope=CapScope.ENTERPRISE, period=Period.QUARTER, max_visits=1)


def explained(snapshot: PlanningSnapshot, *visits: tuple[list[str], int, str]) -> dict[str, Unserved]:
    schedule = a_schedule(snapshot, visits)
    return {u.item_id: u for u in explain(snapshot, schedule.visits, schedule.crew_shifts)}


def said(snapshot: PlanningSnapshot, *visits: tuple[list[str], int, str], item: str = "I1") -> tuple[str, str]:
    """Return why the item is left out and the cheapest change, in English; the Chinese must be there too."""
    unserved = explained(snapshot, *visits)[item]
    assert sentence(snapshot, unserved, "zh").endswith("。")
    return sentence(snapshot, unserved, "en"), relaxation_sentence(snapshot, unserved, "en")


def codes(unserved: Unserved) -> list[ReasonCode]:
    return [r.code for r in unserved.reasons]


def test_a_window_without_an_inspection_date_is_moved_to_the_nearest_one():
    snapshot = a_snapshot([an_item(earliest=day(5), latest=day(6))], calendar=a_calendar(12))
    assert said(snapshot) == (
        "There is no inspection date from 2026-10-17 to 2026-10-18.",
        "Extend the window to 2026-10-16.",
    )


def test_closed_dates_are_named_when_nothing_else_is_left():
    closed = an_enterprise(closed_days=(day(1), day(2)))
    snapshot = a_snapshot([an_item(earliest=day(1), latest=day(2))], enterprises=[closed])
    assert said(snapshot) == (
        "The enterprise is closed on all 2 dates left (2026-10-13 to 2026-10-14).",
        "Extend the window to 2026-10-12.",
    )


def test_a_quiet_period_over_the_dates_left_is_named_with_its_rule():
    quiet = QuietPeriod(scope=QuietScope.ALL, month_from=1, month_to=25)
    enterprise = an_enterprise(closed_weekdays=(1,))
    snapshot = a_snapshot([an_item()], enterprises=[enterprise], policy=a_policy(quiet_periods=(quiet,)))
    assert said(snapshot) == (
        "Quiet periods (monthly:1-25) cover all 4 dates left (2026-10-13 to 2026-10-16).",
        "Exempt it from the quiet period on 2026-10-13.",
    )


def test_an_authority_without_crews_for_the_area_is_named():
    pools = (a_pool("A1", "S1", 1, weekdays=(3,)),)
    snapshot = a_snapshot([an_item(crews=2)], crew_pools=pools)
    assert said(snapshot) == (
        "Authority A1 has at most 1 crews for Street S1 on the 5 dates left (2026-10-12 to 2026-10-16), 2 needed.",
        "Add 1 crew(s) of Authority A1 for Street S1 on 2026-10-14 AM.",
    )


def test_a_part_longer_than_every_shift_is_split_where_no_cap_counts_visits():
    snapshot = a_snapshot([an_item(duration_min=200)])
    assert said(snapshot) == (
        "Its part of 210 min and 16 min of travel do not fit into a shift, the longest has 180 min.",
        "Split it into 2 visits of at most 100 min each.",
    )


def test_a_part_longer_than_every_shift_takes_a_longer_shift_where_a_cap_counts_visits():
    snapshot = a_snapshot([an_item(duration_min=200)], policy=a_policy(caps=(ONE_DOOR,)))
    assert said(snapshot)[1] == "Have shift AM run from 09:00 to 12:46."


def test_a_shift_is_not_lengthened_into_the_next_one():
    policy, calendar = a_policy(caps=(ONE_DOOR,)), a_calendar(shifts=(AM, PM))
    for duration, change in (
        (274, "Have shift AM run from 09:00 to 14:00."),
        (275, "Have shift PM run from 14:00 to 19:01."),
    ):
        snapshot = a_snapshot([an_item(duration_min=duration)], policy=policy, calendar=calendar)
        assert said(snapshot)[1] == change


def test_opening_hours_that_leave_too_little_of_the_shifts_are_named():
    enterprise = an_enterprise(open_from=11 * 60 + 20, open_to=14 * 60 + 30)
    policy = a_policy(caps=(ONE_DOOR,))
    snapshot = a_snapshot([an_item()], enterprises=[enterprise], policy=policy, calendar=a_calendar(shifts=(AM, PM)))
    assert said(snapshot) == (
        "Its part of 40 min does not fit into the opening hours 11:20 to 14:30: shifts leave 32 min there.",
        "Have the enterprise open from 11:12 to 14:30.",
    )


def test_a_part_longer_than_the_longest_visit_is_named():
    snapshot = a_snapshot([an_item()], policy=a_policy(VisitRules(max_visit_min=39), caps=(ONE_DOOR,)))
    assert said(snapshot) == (
        "Its part of 40 min is longer than the longest visit of 39 min.",
        "Raise the longest visit from 39 to 40 min.",
    )


def test_too_many_officers_for_the_site_are_named():
    snapshot = a_snapshot([an_item(crews=3)], policy=a_policy(VisitRules(max_officers=5)))
    assert said(snapshot) == (
        "It needs 6 officers on site, at most 5 are allowed.",
        "Raise the limit of officers on site from 5 to 6.",
    )


def test_a_cap_used_up_by_the_past_names_the_dates():
    past = (PastInspection(enterprise_id="E1", authority_id="A2", day=day(-5)),)
    snapshot = a_snapshot([an_item()], policy=a_policy(caps=(ONE_DOOR,)), history=past)
    assert said(snapshot) == (
        "The cap of 1 visit(s) by all authorities together in 2026Q4 is used up (past: 2026-10-07).",
        "Raise the cap on visits by all authorities together in a quarter from 1 to 2.",
    )


def test_a_cap_used_up_by_the_plan_names_the_visit_and_its_authorities():
    items = [an_item("I1", latest=day(0)), an_item("I2", "A2", earliest=day(1)), an_item("I3", "A3", earliest=day(1))]
    snapshot = a_snapshot(items, policy=a_policy(caps=(ONE_DOOR,)))
    assert said(snapshot, (["I2", "I3"], day(1), "AM")) == (
        "The cap of 1 visit(s) by all authorities together in 2026Q4 is used up "
        "(planned: 2026-10-13 (Authority A2, Authority A3)).",
        "Extend the window to 2026-10-13.",
    )


def test_a_cap_of_one_authority_names_the_authority():
    cap = FrequencyCap(scope=CapScope.AUTHORITY, period=Period.YEAR, max_visits=1)
    items = [an_item("I1", latest=day(0)), an_item("I2", earliest=day(1), notice=Notice.UNANNOUNCED)]
    snapshot = a_snapshot(items, policy=a_policy(caps=(cap,)))
    assert said(snapshot, (["I2"], day(1), "AM")) == (
        "The cap of 1 visit(s) by Authority A1 in 2026 is used up (planned: 2026-10-13 (Authority A1)).",
        "Raise the cap on visits by Authority A1 in a year from 1 to 2.",
    )


def test_an_item_of_another_notice_cannot_join_the_only_door():
    items = [an_item("I1", notice=Notice.UNANNOUNCED), an_item("I2", "A2")]
    snapshot = a_snapshot(items, policy=a_policy(caps=(ONE_DOOR,)))
    unserved = explained(snapshot, (["I2"], day(1), "AM"))["I1"]
    assert codes(unserved) == [ReasonCode.CAP, ReasonCode.NOTICE]
    assert "2026-10-13 (Authority A2)" in sentence(snapshot, unserved, "en")
    assert unserved.relaxation.kind is RelaxationKind.RAISE_CAP


@pytest.mark.parametrize(
    ("rules", "code", "kind"),
    [
        (VisitRules(max_officers=2), ReasonCode.CROWD, RelaxationKind.RAISE_CROWD),
        (VisitRules(max_authorities=1), ReasonCode.AUTHORITIES, RelaxationKind.RAISE_AUTHORITIES),
        (VisitRules(max_visit_min=60), ReasonCode.VISIT_TOO_LONG, RelaxationKind.LENGTHEN_VISIT),
    ],
)
def test_limits_that_keep_an_item_out_of_the_only_door_are_named(rules, code, kind):
    mate = an_item("I2") if code is ReasonCode.VISIT_TOO_LONG else an_item("I2", "A2")
    snapshot = a_snapshot([an_item("I1"), mate], policy=a_policy(rules, caps=(ONE_DOOR,)))
    unserved = explained(snapshot, (["I2"], day(1), "AM"))["I1"]
    assert codes(unserved) == [ReasonCode.CAP, code]
    assert unserved.relaxation.kind is kind


def test_a_pin_that_keeps_the_only_door_off_the_items_dates_is_named():
    items = [an_item("I1", latest=day(0)), an_item("I2", "A2")]
    pin = Pin(enterprise_id="E1", day=day(2))
    snapshot = a_snapshot(items, policy=a_policy(caps=(ONE_DOOR,)), pins=(pin,))
    unserved = explained(snapshot, (["I2"], day(2), "AM"))["I1"]
    assert codes(unserved) == [ReasonCode.CAP, ReasonCode.PIN]
    assert "pinned to 2026-10-14" in sentence(snapshot, unserved, "en")


def test_an_item_pushed_out_by_others_says_how_many_crews_are_used():
    items = [an_item("I1", latest=day(1)), an_item("I2", enterprise="E2"), an_item("I3", enterprise="E3")]
    snapshot = a_snapshot(items, crew_pools=(a_pool("A1", "D1", 1),))
    assert said(snapshot, (["I2"], day(0), "AM"), (["I3"], day(1), "AM")) == (
        "Authority A1 has 2 crews for Street S1 on the 2 shifts left (2026-10-12 to 2026-10-13), 2 of them used.",
        "Extend the window to 2026-10-14.",
    )


def test_an_item_that_crews_are_left_for_is_said_to_be_left_over_by_the_search():
    snapshot = a_snapshot([an_item("I1")])
    why, change = said(snapshot)
    assert why.endswith("on 2026-10-12 AM there are crews left, the search ended before it placed the item.")
    assert change == ""


def test_rules_that_stop_an_item_together_are_named_together():
    quiet = QuietPeriod(scope=QuietScope.ALL, first_day=day(0), last_day=day(4))
    enterprise = an_enterprise(closed_weekdays=(1, 2, 3, 4, 5))
    snapshot = a_snapshot([an_item()], enterprises=[enterprise], policy=a_policy(quiet_periods=(quiet,)))
    unserved = explained(snapshot)["I1"]
    assert codes(unserved) == [ReasonCode.CLOSED, ReasonCode.QUIET]
    assert relaxation_sentence(snapshot, unserved, "en") == "Several changes at once: closures, quiet periods."
    assert relaxation_sentence(snapshot, unserved, "zh") == "须同时改变几项：停业日、安静期。"


def test_sentences_in_chinese_hold_the_same_figures():
    items = [an_item("I1", latest=day(0)), an_item("I2", "A2", earliest=day(1))]
    snapshot = a_snapshot(items, policy=a_policy(caps=(ONE_DOOR,)))
    unserved = explained(snapshot, (["I2"], day(1), "AM"))["I1"]
    assert (
        sentence(snapshot, unserved, "zh")
        == "各部门合计在2026Q4的入企上限1次已用完（已计划2026-10-13 (Authority A2)）。"
    )
    assert relaxation_sentence(snapshot, unserved, "zh") == "把时间窗放宽到2026-10-13。"


def test_served_items_are_not_explained_and_unserved_ones_come_in_order():
    snapshot = a_snapshot([an_item("I3"), an_item("I1"), an_item("I2")])
    assert list(explained(snapshot, (["I2"], day(0), "AM"))) == ["I1", "I3"]


@pytest.mark.parametrize(("opens", "free"), [(618, True), (617, False)])
def test_a_crew_may_stay_longer_only_while_its_next_visit_can_wait(opens, free):
    """The only crew leaves E1 at 9:48; with 30 minutes more there it would leave at 10:18."""
    items = [an_item("I1", latest=day(0)), an_item("I2"), an_item("I3", enterprise="E2")]
    enterprises = [an_enterprise(), an_enterprise("E2", open_from=opens)]
    snapshot = a_snapshot(items, enterprises=enterprises, crew_pools=(a_pool("A1", "*", 1),), calendar=a_calendar(1))
    unserved = explained(snapshot, (["I2"], day(0), "AM"), (["I3"], day(0), "AM"))["I1"]
    assert codes(unserved) == [ReasonCode.CAPACITY]
    assert (unserved.relaxation is None) == free


def of_street(rules: StreetRules, *others: str, **item: Any) -> PlanningSnapshot:
    """Item I1 at E1, and an item of authority A2 at each other enterprise of the street."""
    items = [an_item("I1", **item), *(an_item(f"J{e}", "A2", e) for e in others)]
    return a_snapshot(items, policy=a_policy(street=rules))


def test_a_full_street_shift_is_named_with_its_limit_and_the_limit_may_be_raised():
    snapshot = of_street(StreetRules(max_visits=1), "E2", latest=day(0))
    assert said(snapshot, (["JE2"], day(0), "AM")) == (
        "Street S1 has 1 visit(s), as many as a shift may hold, in each of 1 shifts (2026-10-12 to 2026-10-12).",
        "Extend the window to 2026-10-13.",
    )
    snapshot = of_street(StreetRules(max_visits=1), "E2").replace(calendar=a_calendar(1))
    unserved = explained(snapshot, (["JE2"], day(0), "AM"))["I1"]
    assert relaxation_sentence(snapshot, unserved, "en") == "Raise the visits of a street shift from 1 to 2."
    assert sentence(snapshot, unserved, "zh") == (
        "Street S1可选的1个班次（2026-10-12至2026-10-12）各已有1次入企，达到上限。"
    )
    assert relaxation_sentence(snapshot, unserved, "zh") == "把街道每班次的入企上限由1次提高到2次。"


def test_used_joint_days_are_named_with_their_dates_and_their_number_may_be_raised():
    snapshot = of_street(StreetRules(max_days=1), "E2", earliest=day(1))
    assert said(snapshot, (["JE2"], day(0), "AM")) == (
        "The 1 joint day(s) a month of Street S1 in 2026-10 are used up (2026-10-12).",
        "Extend the window to 2026-10-12.",
    )
    closed = snapshot.replace(enterprises=(an_enterprise(closed_days=(day(0),)), an_enterprise("E2")))
    closed = closed.replace(items=tuple(replace(i, earliest=day(0)) for i in closed.items))
    unserved = explained(closed, (["JE2"], day(0), "AM"))["I1"]
    assert codes(unserved) == [ReasonCode.STREET_DAYS_USED]
    assert relaxation_sentence(closed, unserved, "en") == "Have the enterprise open on 2026-10-12."
    away = replace(closed.items[0], earliest=day(3))
    shut = closed.replace(crew_pools=(a_pool("A1", first_day=day(1)), a_pool("A2")), items=(away, *closed.items[1:]))
    unserved = explained(shut, (["JE2"], day(0), "AM"))["I1"]
    assert relaxation_sentence(shut, unserved, "en") == "Raise the joint days of a street in a month from 1 to 2."
    assert relaxation_sentence(shut, unserved, "zh") == "把街道每月的联合检查日上限由1个提高到2个。"


def test_a_joint_day_and_a_shift_with_room_take_a_further_visit():
    snapshot = of_street(StreetRules(max_days=1, max_visits=2), "E2")
    assert "free_day" in dict(explained(snapshot, (["JE2"], day(0), "AM"))["I1"].reasons[0].facts)


def test_a_full_street_shift_without_crews_names_both():
    snapshot = of_street(StreetRules(max_visits=1), "E2").replace(calendar=a_calendar(1))
    snapshot = snapshot.replace(
        items=(*snapshot.items, an_item("J2", "A1", "E2")), crew_pools=(a_pool("A1", crews=1), a_pool("A2"))
    )
    unserved = explained(snapshot, (["JE2", "J2"], day(0), "AM"))["I1"]
    assert codes(unserved) == [ReasonCode.STREET_SHIFT_FULL, ReasonCode.CAPACITY]
    assert relaxation_sentence(snapshot, unserved, "en") == (
        "Several changes at once: visits of a street shift, crews at work."
    )


def test_an_item_without_weight_that_crews_are_left_for_says_that_its_priority_weighs_nothing():
    weights = (("high", 10), ("normal", 0))
    snapshot = a_snapshot([an_item("I1")], policy=a_policy(priority_weights=weights))
    assert said(snapshot) == (
        "Its priority normal has weight 0, so that no plan is better for it; on 2026-10-12 AM there are crews left.",
        "Give priority normal a weight above 0.",
    )
    busy = a_snapshot(
        [an_item("I1"), an_item("I2", enterprise="E2")],
        policy=a_policy(priority_weights=weights),
        calendar=a_calendar(1),
        crew_pools=(a_pool("A1", crews=1),),
    )
    assert codes(explained(busy, (["I2"], day(0), "AM"))["I1"]) == [ReasonCode.CAPACITY]
