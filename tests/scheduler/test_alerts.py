"""Over-frequency reminders: at their limits, with plan items that may still be placed elsewhere, and as sentences."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scheduler.alerts import DEFAULT_RULES, LEADS, Alert, AlertKind, AlertRule, alert_sentence, watch
from scheduler.caps import cap_uses, past_visits
from scheduler.domain.calendar import Period
from scheduler.domain.plans import Notice, PastInspection, PlanItem, Trigger
from scheduler.domain.policy import CapScope, FrequencyCap, VisitRules
from scheduler.domain.schedule import Schedule
from scheduler.domain.snapshot import PlanningSnapshot
from scheduler.encounters import encounters_of_history, encounters_of_items, encounters_of_schedule
from tests.builders import (
    AM,
    PM,
    a_calendar,
    a_policy,
    a_schedule,
    a_snapshot,
    an_item,
    day,
    day_of,
)
from tests.strategies import schedules, small_snapshots

REPEAT = AlertRule(rule_id="again", kind=AlertKind.REPEAT, days=60, exempt_triggers=LEADS)
CROWD = AlertRule(rule_id="crowd", kind=AlertKind.CROWD, officers=10)
HALF = AlertRule(rule_id="half", kind=AlertKind.CAP_USED, share=0.5)
FULL = AlertRule(rule_id="full", kind=AlertKind.CAP_USED, share=1.0)
FAR = a_calendar(140, (AM, PM))
ONE_DOOR = FrequencyCap(scope=CapScope.ENTERPRISE, period=Period.YEAR, max_visits=1)
FOUR_EACH = FrequencyCap(scope=CapScope.AUTHORITY, period=Period.YEAR, max_visits=4)


def past(on: int, authority: str = "A1", **more: object) -> PastInspection:
    return PastInspection(enterprise_id="E1", authority_id=authority, day=on, **more)


def case(items: list[PlanItem] | None = None, *history: PastInspection, **parts: object) -> PlanningSnapshot:
    return a_snapshot(items or [an_item("elsewhere", "A9", "E9")], history=history, **({"calendar": FAR} | parts))


def alerts(snapshot: PlanningSnapshot, *rules: AlertRule, schedule: Schedule | None = None) -> tuple[Alert, ...]:
    """Watch the items, the history and a schedule of a snapshot; every alert must be said in both languages."""
    seen = [*encounters_of_items(snapshot), *encounters_of_history(snapshot)]
    if schedule is not None:
        seen += encounters_of_schedule(snapshot, schedule)
    found = tuple(a for a in watch(snapshot, rules, seen) if a.enterprise_id != "E9")
    for alert in found:
        assert alert_sentence(alert, "zh").endswith("。")
        assert alert_sentence(alert, "en").endswith(".")
    return found


# --- visited again -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("gap", "num_alerts"), [(0, 0), (1, 1), (59, 1), (60, 0), (61, 0)])
def test_two_records_fewer_than_60_days_apart_are_a_repeat(gap, num_alerts):
    """On one day without visit ids they are one door."""
    found = alerts(case(None, past(day(-90)), past(day(-90) + gap, "A2")), REPEAT)
    assert len(found) == num_alerts
    for alert in found:
        assert (alert.certain, alert.day, alert.authority_ids) == (True, day(-90) + gap, ("A1", "A2"))


def test_two_doors_on_one_day_are_a_repeat():
    (alert,) = alerts(case(None, past(day(-9), visit_id="H1"), past(day(-9), visit_id="H2")), REPEAT)
    assert (alert.refs, dict(alert.facts)["gap"]) == (("H1", "H2"), "0")


def test_of_three_visits_each_is_a_repeat_of_the_one_before():
    found = alerts(case(None, past(day(-9)), past(day(-5)), past(day(-1))), REPEAT)
    assert [a.day for a in found] == [day(-5), day(-1)]


def test_a_scheduled_visit_too_soon_after_a_record_is_a_repeat():
    snapshot = case([an_item()], past(day(-58)))
    assert alerts(snapshot, REPEAT, schedule=a_schedule(snapshot, [(["I1"], day(2), "AM")])) == ()
    (alert,) = alerts(snapshot, REPEAT, schedule=a_schedule(snapshot, [(["I1"], day(1), "AM")]))
    assert (alert.certain, alert.day) == (True, day(1))


@pytest.mark.parametrize(
    ("first", "last", "expected"),
    [(0, 0, True), (0, 1, True), (1, 1, True), (1, 2, False), (0, 30, False), (2, 2, None), (2, 30, None)],
)
def test_an_item_is_certain_to_be_a_repeat_when_no_date_of_its_window_is_far_enough(first, last, expected):
    """The record is 58 days before MONDAY: day 1 is 59 days after it, day 2 is 60."""
    item = an_item(earliest=day(first), latest=day(last))
    found = alerts(case([item], past(day(-58))), REPEAT)
    assert [a.certain for a in found] == ([] if expected is None else [expected])
    for alert in found:
        assert alert.day == day(first)
        assert dict(alert.facts).get("free") == (None if expected else "2026-10-14")


def test_a_day_far_enough_that_is_no_inspection_date_helps_nothing():
    item = an_item(earliest=day(0), latest=day(6))  # to Sunday; Saturday is 60 days after the record
    (alert,) = alerts(case([item], past(day(-55))), REPEAT)
    assert alert.certain


def test_an_item_between_two_visits_is_certain_when_both_together_cover_its_window():
    items = [an_item(earliest=day(0), latest=day(40)), an_item("I2", "A2", earliest=day(78), latest=day(81))]
    snapshot = case(items, past(day(-40)))  # covers day 0 to 19
    schedule = a_schedule(snapshot, [(["I2"], day(78), "AM")])  # covers day 19 and on
    (alert,) = alerts(snapshot, REPEAT, schedule=schedule)
    assert alert.certain
    later = a_schedule(snapshot, [(["I2"], day(81), "AM")])  # covers day 22 and on
    (alert,) = alerts(snapshot, REPEAT, schedule=later)
    assert not alert.certain
    assert dict(alert.facts)["free"] == "2026-11-02"  # day 21, for day 20 is a Sunday


def test_items_alone_are_no_repeat_of_each_other():
    items = [an_item("I1", earliest=day(0), latest=day(0)), an_item("I2", "A2", earliest=day(1), latest=day(1))]
    assert alerts(case(items), REPEAT) == ()


def test_an_item_left_out_may_join_the_scheduled_visit_of_its_enterprise():
    items = [an_item("I1", earliest=day(0), latest=day(4)), an_item("I2", "A2", earliest=day(0), latest=day(4))]
    snapshot = case(items)
    schedule = a_schedule(snapshot, [(["I1"], day(2), "AM")])
    (alert,) = alerts(snapshot, REPEAT, schedule=schedule)
    assert (alert.certain, dict(alert.facts)["free"]) == (False, "2026-10-14")
    same_day = snapshot.replace(items=(items[0], replace(items[1], earliest=day(2), latest=day(2))))
    assert alerts(same_day, REPEAT, schedule=schedule) == ()
    unannounced = snapshot.replace(items=(items[0], replace(items[1], notice=Notice.UNANNOUNCED)))
    (alert,) = alerts(unannounced, REPEAT, schedule=schedule)
    assert alert.certain  # the two kinds of notice never share a visit


def test_an_item_that_is_scheduled_counts_as_its_visit_and_not_again():
    snapshot = case([an_item()], past(day(-58)))
    (alert,) = alerts(snapshot, REPEAT, schedule=a_schedule(snapshot, [(["I1"], day(0), "AM")]))
    assert "I1" not in alert.refs


def test_a_scheduled_visit_that_is_recorded_under_its_id_counts_once():
    snapshot = case([an_item()])
    schedule = a_schedule(snapshot, [(["I1"], day(0), "AM")])
    done = snapshot.replace(history=(past(day(0), visit_id=schedule.visits[0].visit_id),))
    assert alerts(done, REPEAT, schedule=schedule) == ()


@pytest.mark.parametrize("trigger", list(Trigger))
def test_leads_are_left_out_of_repeats_on_either_side(trigger):
    led = trigger in LEADS
    assert len(alerts(case(None, past(day(-9)), past(day(-5), trigger=trigger)), REPEAT)) == (0 if led else 1)
    assert len(alerts(case([an_item(trigger=trigger)], past(day(-5))), REPEAT)) == (0 if led else 1)
    assert len(alerts(case([an_item()], past(day(-5), trigger=trigger)), REPEAT)) == (0 if led else 1)


def test_a_visit_that_is_not_for_leads_only_counts():
    history = (past(day(-9)), past(day(-5), "A1", trigger=Trigger.CASE), past(day(-5), "A2"))
    assert len(alerts(case(None, *history), REPEAT)) == 1


@settings(max_examples=150)
@given(st.data())
def test_repeats_of_items_are_those_found_by_trying_every_date(data):
    snapshot = data.draw(small_snapshots(pins=False))
    schedule = data.draw(schedules(snapshot))
    days = data.draw(st.integers(1, 45))
    rule = AlertRule(rule_id="again", kind=AlertKind.REPEAT, days=days)
    seen = (*encounters_of_history(snapshot), *encounters_of_schedule(snapshot, schedule))
    found = watch(snapshot, [rule], [*seen, *encounters_of_items(snapshot)])
    told = {dict(a.facts)["item"]: a.certain for a in found if "item" in dict(a.facts)}
    notices = {i.item_id: i.notice for i in snapshot.items}
    expected = {}
    for item in snapshot.items:
        if any(item.item_id in v.item_ids for v in schedule.visits):
            continue
        dates = [d for d in snapshot.calendar.days if item.earliest <= d <= item.latest]
        others = [e for e in seen if e.enterprise_id == item.enterprise_id]
        hits = [
            any(
                abs(d - e.first_day) < days
                and not (d == e.first_day and e.item_ids and notices[e.item_ids[0]] is item.notice)
                for e in others
            )
            for d in dates
        ]
        if any(hits):
            expected[item.item_id] = all(hits)
    assert told == expected


# --- caps ----------------------------------------------------------------------------------------------------------


def uses(found: tuple[Alert, ...]) -> list[tuple[str, bool, str | None, tuple[str, ...], str]]:
    return [(a.rule_id, a.certain, a.period, a.authority_ids, dict(a.facts)["used"]) for a in found]


@pytest.mark.parametrize(("visits", "reached"), [(1, []), (2, ["half"]), (3, ["half"]), (4, ["full"]), (5, ["full"])])
def test_the_highest_share_reached_of_a_cap_reminds(visits, reached):
    history = [past(day_of("2026-01-05") + n) for n in range(visits)]
    found = alerts(case(None, *history, policy=a_policy(caps=(FOUR_EACH,))), HALF, FULL)
    assert [a.rule_id for a in found] == reached
    assert all(a.certain and a.period == "2026" and dict(a.facts)["used"] == str(visits) for a in found)


@pytest.mark.parametrize(("visits", "num_alerts"), [(3, 0), (4, 1)])
def test_eighty_percent_of_five_is_four(visits, num_alerts):
    history = [past(day_of("2026-01-05") + n) for n in range(visits)]
    policy = a_policy(caps=(replace(FOUR_EACH, max_visits=5),))
    assert len(alerts(case(None, *history, policy=policy), DEFAULT_RULES[1])) == num_alerts


def test_scheduled_visits_count_with_the_records_each_once():
    policy = a_policy(caps=(FOUR_EACH,))
    snapshot = case([an_item("I1"), an_item("I2", "A2")], past(day(-100)), policy=policy)
    schedule = a_schedule(snapshot, [(["I1", "I2"], day(0), "AM")])
    assert uses(alerts(snapshot, HALF, schedule=schedule)) == [("half", True, "2026", ("A1",), "2")]


def test_items_of_a_period_may_share_a_visit_and_so_count_once_for_doors_and_authority():
    policy = a_policy(caps=(replace(ONE_DOOR, max_visits=2), replace(FOUR_EACH, max_visits=2)))
    items = [an_item("I1", latest=day(9)), an_item("I2", latest=day(9)), an_item("I3", "A2", latest=day(9))]
    assert uses(alerts(case(items, policy=policy), HALF, FULL)) == [
        ("half", True, "2026", ("A1",), "1"),
        ("half", True, "2026", ("A1", "A2"), "1"),
        ("half", True, "2026", ("A2",), "1"),
    ]


def test_an_item_that_may_fall_into_another_period_is_not_certain():
    policy = a_policy(caps=(replace(ONE_DOOR, period=Period.QUARTER),))
    item = an_item(earliest=day_of("2026-12-31"), latest=day_of("2027-01-01"))
    assert uses(alerts(case([item], policy=policy), FULL)) == [
        ("full", False, "2026Q4", ("A1",), "1"),
        ("full", False, "2027Q1", ("A1",), "1"),
    ]
    inside = replace(item, latest=day_of("2026-12-31"))
    assert uses(alerts(case([inside], policy=policy), FULL)) == [("full", True, "2026Q4", ("A1",), "1")]


def test_what_is_certain_and_what_may_be_reached_are_two_alerts():
    policy = a_policy(caps=(replace(ONE_DOOR, max_visits=2),))
    snapshot = case([an_item()], past(day(-9)), policy=policy)  # its window goes on into 2027
    assert uses(alerts(snapshot, HALF, FULL)) == [
        ("full", False, "2026", ("A1",), "2"),
        ("half", True, "2026", ("A1",), "1"),
        ("half", False, "2027", ("A1",), "1"),
    ]


def test_an_item_that_may_join_a_scheduled_visit_is_not_certain_to_need_another():
    policy = a_policy(caps=(replace(ONE_DOOR, max_visits=2),))
    items = [an_item("I1", latest=day(4)), an_item("I2", "A2", latest=day(4))]
    snapshot = case(items, policy=policy)
    schedule = a_schedule(snapshot, [(["I1"], day(2), "AM")])
    assert [(a.rule_id, a.certain) for a in alerts(snapshot, FULL, schedule=schedule)] == [("full", False)]


def test_exempt_items_and_records_use_no_cap():
    policy = a_policy(caps=(ONE_DOOR, FOUR_EACH))
    snapshot = case([an_item(cap_exempt=True)], past(day(-9), cap_exempt=True), policy=policy)
    assert alerts(snapshot, HALF, FULL) == ()


def test_a_cap_of_no_visit_reminds_of_the_first_and_not_before():
    policy = a_policy(caps=(replace(ONE_DOOR, max_visits=0),))
    assert alerts(case(None, policy=policy), HALF, FULL) == ()
    assert [a.rule_id for a in alerts(case(None, past(day(-9)), policy=policy), HALF, FULL)] == ["full"]


@settings(max_examples=150)
@given(st.data())
def test_use_without_items_left_is_that_of_the_rules(data):
    """R24, R25"""
    snapshot = data.draw(small_snapshots(pins=False))
    schedule = data.draw(schedules(snapshot))
    seen = (*encounters_of_history(snapshot), *encounters_of_schedule(snapshot, schedule))
    found = watch(snapshot, [FULL], seen)
    assert all(a.certain for a in found)
    told = sorted((a.enterprise_id, dict(a.facts)["scope"], int(dict(a.facts)["used"])) for a in found)
    old, items = past_visits(snapshot.history), {i.item_id: i for i in snapshot.items}
    full = {}  # caps of a class and of all that say the same are one alert
    for e in snapshot.enterprises:
        own = [v for v in schedule.visits if v.enterprise_id == e.enterprise_id]
        for who in (None, *(a.authority_id for a in snapshot.authorities)):
            planned = [
                v.day
                for v in own
                if any(not items[i].cap_exempt and who in (None, items[i].authority_id) for i in v.item_ids)
            ]
            before = old.doors.get(e.enterprise_id, ()) if who is None else old.by_authority.get((who, e.enterprise_id))
            for use in cap_uses(snapshot.policy.caps, e.enterprise_id, e.credit_class, who, before or (), planned):
                if use.left == 0:
                    which = e.enterprise_id, who, use.cap.period, use.cap.max_visits, use.past, use.planned
                    full[which] = e.enterprise_id, use.cap.scope.value, len(use.past) + len(use.planned)
    assert told == sorted(full.values())


# --- officers at once ----------------------------------------------------------------------------------------------


def of_authorities(num: int, **more: object) -> list[PlanItem]:
    return [an_item(f"I{n}", f"A{n}", **more) for n in range(1, num + 1)]


@pytest.mark.parametrize(("authorities", "num_alerts"), [(5, 0), (6, 1)])
def test_more_than_ten_officers_at_once_in_a_visit_are_a_crowd(authorities, num_alerts):
    snapshot = case(of_authorities(authorities))
    ids = [i.item_id for i in snapshot.items]
    found = alerts(snapshot, CROWD, schedule=a_schedule(snapshot, [(ids, day(0), "AM")]))
    assert [(a.certain, a.day, dict(a.facts)["officers"]) for a in found] == [(True, day(0), "12")] * num_alerts


@pytest.mark.parametrize(("crews", "num_alerts"), [(5, 0), (6, 1)])
def test_an_item_that_needs_more_than_ten_officers_is_a_crowd(crews, num_alerts):
    found = alerts(case([an_item(crews=crews)]), CROWD)
    assert [(a.certain, a.day, a.refs) for a in found] == [(True, None, ("I1",))] * num_alerts


def test_items_that_may_meet_on_a_date_may_be_a_crowd():
    items = [*of_authorities(5, earliest=day(0), latest=day(4)), an_item("I6", "A6", earliest=day(4), latest=day(9))]
    (alert,) = alerts(case(items), CROWD)
    assert (alert.certain, alert.day, len(alert.refs)) == (False, day(4), 6)
    apart = [*items[:5], replace(items[5], earliest=day(7))]
    assert alerts(case(apart), CROWD) == ()
    unannounced = [*items[:5], replace(items[5], notice=Notice.UNANNOUNCED)]
    assert alerts(case(unannounced), CROWD) == ()


def test_items_are_no_crowd_where_the_policy_lets_no_visit_be_that_large():
    items = of_authorities(6)
    assert alerts(case(items, policy=a_policy(VisitRules(max_officers=10))), CROWD) == ()
    assert len(alerts(case(items, policy=a_policy(VisitRules(max_officers=11))), CROWD)) == 1
    assert alerts(case(items, policy=a_policy(VisitRules(max_authorities=5))), CROWD) == ()
    assert len(alerts(case(items, policy=a_policy(VisitRules(max_authorities=6))), CROWD)) == 1
    assert alerts(case(items, policy=a_policy(VisitRules(max_authorities=1))), CROWD) == ()


def test_a_record_of_many_authorities_is_a_crowd_if_all_were_there_at_once():
    history = [past(day(-9), f"A{n}") for n in range(6)]
    (alert,) = alerts(case(None, *history), CROWD)
    assert (alert.certain, alert.day) == (False, day(-9))


# --- rules, order and sentences ------------------------------------------------------------------------------------


def test_the_default_rules_are_sixty_days_eighty_and_a_hundred_percent_and_ten_officers():
    assert [(r.kind, r.days or r.share or r.officers) for r in DEFAULT_RULES] == [
        (AlertKind.REPEAT, 60),
        (AlertKind.CAP_USED, 0.8),
        (AlertKind.CAP_USED, 1.0),
        (AlertKind.CROWD, 10),
    ]
    assert DEFAULT_RULES[0].exempt_triggers == (Trigger.CASE, Trigger.FOLLOW_UP)


@pytest.mark.parametrize("kind", list(AlertKind))
def test_a_rule_without_its_threshold_is_refused(kind):
    with pytest.raises(ValueError, match="threshold"):
        AlertRule(rule_id="x", kind=kind)
    with pytest.raises(ValueError, match="threshold"):
        AlertRule(rule_id="x", kind=kind, days=0, share=0.0, officers=0)


@settings(max_examples=100)
@given(st.data())
def test_alerts_are_sorted_and_the_same_in_whatever_order_encounters_and_rules_come(data):
    snapshot = data.draw(small_snapshots(pins=False))
    schedule = data.draw(schedules(snapshot))
    rules = [*DEFAULT_RULES, AlertRule(rule_id="crowd_2", kind=AlertKind.CROWD, officers=2)]
    seen = [
        *encounters_of_items(snapshot),
        *encounters_of_history(snapshot),
        *encounters_of_schedule(snapshot, schedule),
    ]
    found = watch(snapshot, rules, seen)
    rng = random.Random(data.draw(st.integers(0, 99)))
    rng.shuffle(seen)
    rng.shuffle(rules)
    assert watch(snapshot, rules, seen) == found
    assert [a.enterprise_id for a in found] == sorted(a.enterprise_id for a in found)
    assert len(set(found)) == len(found)
    for alert in found:
        for lang in ("zh", "en"):
            assert "{" not in alert_sentence(alert, lang)


def test_no_encounters_or_no_rules_give_no_alerts():
    snapshot = case([an_item()], past(day(-9)))
    assert watch(snapshot, DEFAULT_RULES, ()) == ()
    assert watch(snapshot, (), encounters_of_history(snapshot)) == ()


def test_sentences_name_the_enterprise_the_authorities_the_dates_and_the_figures():
    policy = a_policy(caps=(ONE_DOOR, FOUR_EACH))
    item = an_item("I1", "A2", earliest=day(0), latest=day(30))
    snapshot = case([item], past(day(-40)), past(day(-90)), policy=policy)
    said = {(a.rule_id, a.certain): a for a in alerts(snapshot, REPEAT, HALF, FULL)}
    again = [a for a in alerts(snapshot, REPEAT) if a.day == day(-40)]
    assert [alert_sentence(again[0], lang) for lang in ("en", "zh")] == [
        "Enterprise E1: visits on 2026-07-14 and 2026-09-02, 50 day(s) apart, fewer than 60 (Authority A1).",
        "Enterprise E1在2026-07-14和2026-09-02两次入企，相隔50天，不足60个自然日（Authority A1）。",
    ]
    assert alert_sentence(said["again", False], "en") == (
        "Enterprise E1: plan item I1 (2026-10-12 to 2026-11-11) may come fewer than 60 days from visits on 2026-09-02; "
        "on 2026-11-02 it would not (Authority A1, Authority A2)."
    )
    assert [alert_sentence(said["full", True], lang) for lang in ("en", "zh")] == [
        "Enterprise E1: of 1 visit(s) by all authorities together in 2026, 2 past, 0 scheduled, 1 planned; "
        "100% reached.",
        "Enterprise E1：各部门合计在2026的入企上限1次，已发生2次，已排程0次，计划1次，达到100%。",
    ]
