"""Advice on a submitted plan: what is left of caps, whom an item is merged with, and what can never be served."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings

from scheduler.advice import CapLeft, ItemAdvice, Partner, advice_sentences, advise
from scheduler.caps import cap_uses, past_visits
from scheduler.domain.calendar import Period, period_key
from scheduler.domain.plans import Notice, PastInspection
from scheduler.domain.policy import CapScope, FrequencyCap, QuietPeriod, QuietScope
from scheduler.domain.schedule import ReasonCode, RelaxationKind
from scheduler.domain.snapshot import PlanningSnapshot
from scheduler.explain import explain
from scheduler.rules import check
from tests.builders import (
    a_calendar,
    a_policy,
    a_pool,
    a_schedule,
    a_snapshot,
    a_street,
    an_enterprise,
    an_item,
    day,
    day_of,
)
from tests.strategies import small_snapshots

ONE_DOOR = FrequencyCap(scope=CapScope.ENTERPRISE, period=Period.QUARTER, max_visits=1)
TWO_A_YEAR = FrequencyCap(scope=CapScope.AUTHORITY, period=Period.YEAR, max_visits=2)


def the_advice(snapshot: PlanningSnapshot, item_id: str = "I1") -> ItemAdvice:
    (one,) = advise(snapshot, frozenset([item_id]))
    return one


def past(on: int, authority: str = "A1", enterprise: str = "E1", **more: object) -> PastInspection:
    return PastInspection(enterprise_id=enterprise, authority_id=authority, day=on, **more)


def caps_of(advice: ItemAdvice) -> list[tuple[str | None, str, int, int, int]]:
    return [(c.authority_id, c.label, c.used, c.max, c.left) for c in advice.caps]


def test_advice_is_given_on_the_submitted_items_only_in_the_order_of_items():
    snapshot = a_snapshot([an_item("I3"), an_item("I1"), an_item("I2", "A2")])
    assert [a.item_id for a in advise(snapshot, frozenset(["I3", "I1", "unknown"]))] == ["I1", "I3"]
    assert advise(snapshot, frozenset()) == ()


# --- caps ----------------------------------------------------------------------------------------------------------


def test_what_history_leaves_of_caps_on_doors_and_on_the_authority_is_told():
    history = (past(day_of("2026-10-02")), past(day_of("2026-03-02"), "A2"))
    snapshot = a_snapshot([an_item()], history=history, policy=a_policy(caps=(ONE_DOOR, TWO_A_YEAR)))
    assert caps_of(the_advice(snapshot)) == [("A1", "2026", 1, 2, 1), (None, "2026Q4", 1, 1, 0)]


def test_every_period_that_the_window_touches_is_told_and_no_other():
    calendar = a_calendar(150)  # to 2027-03-10
    policy = a_policy(caps=(ONE_DOOR,))
    item = an_item(earliest=day_of("2026-12-31"), latest=day_of("2027-01-01"))
    both = a_snapshot([item], calendar=calendar, policy=policy)
    assert [c.label for c in the_advice(both).caps] == ["2026Q4", "2027Q1"]
    before = both.replace(items=(replace(item, latest=day_of("2026-12-31")),))
    assert [c.label for c in the_advice(before).caps] == ["2026Q4"]


def test_a_period_that_the_window_touches_without_an_inspection_date_is_not_told():
    calendar = a_calendar(150, closed=[day_of("2027-01-01")])
    item = an_item(earliest=day_of("2026-12-31"), latest=day_of("2027-01-02"))
    snapshot = a_snapshot([item], calendar=calendar, policy=a_policy(caps=(ONE_DOOR,)))
    assert [c.label for c in the_advice(snapshot).caps] == ["2026Q4"]


def test_a_cap_used_more_often_than_it_allows_leaves_nothing():
    history = (past(day(-3)), past(day(-4)))
    snapshot = a_snapshot([an_item()], history=history, policy=a_policy(caps=(ONE_DOOR,)))
    assert caps_of(the_advice(snapshot)) == [(None, "2026Q4", 2, 1, 0)]


def test_exempt_items_are_told_of_no_cap_and_exempt_past_does_not_count():
    history = (past(day(-3), cap_exempt=True),)
    snapshot = a_snapshot(
        [an_item(), an_item("I2", cap_exempt=True)], history=history, policy=a_policy(caps=(ONE_DOOR,))
    )
    assert caps_of(the_advice(snapshot)) == [(None, "2026Q4", 0, 1, 1)]
    assert the_advice(snapshot, "I2").caps == ()


def test_caps_of_another_authority_or_class_are_not_told():
    caps = (replace(TWO_A_YEAR, authority="A2"), replace(ONE_DOOR, credit_class="D"))
    snapshot = a_snapshot([an_item(), an_item("I2", "A2")], policy=a_policy(caps=caps))
    assert the_advice(snapshot).caps == ()
    assert the_advice(snapshot, "I2").caps == (
        CapLeft(cap=caps[0], authority_id="A2", period=(2026, 0), used=0),
    )  # fmt: skip


@settings(max_examples=100)
@given(small_snapshots(pins=False))
def test_caps_left_are_those_that_the_rules_count(snapshot):
    """R24, R25"""
    old, days = past_visits(snapshot.history), snapshot.calendar.days
    classes = {e.enterprise_id: e.credit_class for e in snapshot.enterprises}
    for item, advice in zip(
        snapshot.items, advise(snapshot, frozenset(i.item_id for i in snapshot.items)), strict=True
    ):
        window = [d for d in days if item.earliest <= d <= item.latest]
        told = {(c.cap, c.authority_id, c.period): c.left for c in advice.caps}
        expected = {}
        for who, before in (
            (None, old.doors.get(item.enterprise_id, ())),
            (item.authority_id, old.by_authority.get((item.authority_id, item.enterprise_id), ())),
        ):
            for d in window:
                for use in cap_uses(
                    snapshot.policy.caps, item.enterprise_id, classes[item.enterprise_id], who, before, [d]
                ):
                    if use.period == period_key(d, use.cap.period):
                        expected[use.cap, who, use.period] = max(0, use.cap.max_visits - len(use.past))
        assert told == ({} if item.cap_exempt else expected)


# --- merging -------------------------------------------------------------------------------------------------------


def test_items_of_other_authorities_with_a_date_in_common_are_merged_with():
    items = [
        an_item("I1", "A1", earliest=day(0), latest=day(2)),
        an_item("I2", "A2", earliest=day(2), latest=day(4)),
        an_item("I3", "A2", earliest=day(1), latest=day(1)),
        an_item("I4", "A3", earliest=day(3), latest=day(4)),  # a day too late
        an_item("I5", "A1"),  # its own authority
        an_item("I6", "A4", enterprise="E2"),  # elsewhere
    ]
    assert the_advice(a_snapshot(items)).merges_with == (Partner(authority_id="A2", item_ids=("I2", "I3")),)


def test_windows_that_share_days_without_inspection_are_not_merged():
    items = [
        an_item("I1", "A1", earliest=day(0), latest=day(6)),
        an_item("I2", "A2", earliest=day(5), latest=day(8)),  # Saturday and Sunday in common
    ]
    assert the_advice(a_snapshot(items, calendar=a_calendar(12))).merges_with == ()


def test_items_of_the_other_notice_are_kept_apart():
    items = [an_item("I1", "A1"), an_item("I2", "A2", notice=Notice.UNANNOUNCED), an_item("I3", "A3")]
    advice = the_advice(a_snapshot(items))
    assert advice.merges_with == (Partner(authority_id="A3", item_ids=("I3",)),)
    assert advice.kept_apart == (Partner(authority_id="A2", item_ids=("I2",)),)
    assert the_advice(a_snapshot(items), "I2").merges_with == ()


# --- what can never be served --------------------------------------------------------------------------------------


def test_an_item_that_fits_nowhere_has_reasons_and_the_cheapest_change():
    snapshot = a_snapshot([an_item(earliest=day(5), latest=day(6)), an_item("I2")], calendar=a_calendar(12))
    advice = the_advice(snapshot)
    assert [r.code for r in advice.unservable] == [ReasonCode.WINDOW]
    assert advice.relaxation is not None
    assert advice.relaxation.kind is RelaxationKind.MOVE_WINDOW
    fits = the_advice(snapshot, "I2")
    assert (fits.unservable, fits.relaxation) == ((), None)


def test_crews_that_other_items_would_need_stop_nothing_here():
    items = [an_item(f"I{n}", earliest=day(0), latest=day(0), crews=4) for n in range(1, 4)]
    assert all(not a.unservable for a in advise(a_snapshot(items), frozenset(i.item_id for i in items)))


@settings(max_examples=100)
@given(small_snapshots(pins=False))
def test_an_item_is_servable_just_when_a_schedule_with_it_alone_keeps_the_rules(snapshot):
    """R03, R04, R05, R09, R10, R11, R23, R24, R25"""
    for item, advice in zip(
        snapshot.items, advise(snapshot, frozenset(i.item_id for i in snapshot.items)), strict=True
    ):
        alone = snapshot.replace(items=(item,))
        slots = [(d, s.shift_id) for d in snapshot.calendar.days for s in snapshot.calendar.shifts]
        fits = any(not check(alone, a_schedule(alone, [([item.item_id], on, shift)])) for on, shift in slots)
        assert fits == (not advice.unservable)
        if not fits:
            (unserved,) = explain(alone, (), ())
            assert (advice.unservable, advice.relaxation) == (unserved.reasons, unserved.relaxation)


def test_what_does_not_concern_the_items_changes_nothing():
    items = [an_item("I1", "A1"), an_item("I2", "A2")]
    own = a_snapshot(items, history=(past(day(-3)),), policy=a_policy(caps=(ONE_DOOR,)))
    large = own.replace(
        items=(*items, an_item("I9", "A9", "E9")),
        enterprises=(an_enterprise(), an_enterprise("E9", "S9")),
        streets=(a_street(), a_street("S9", "D9")),
        crew_pools=(*own.crew_pools, a_pool("A9"), a_pool("A1", "S9", 9)),
        history=(past(day(-3)), past(day(-3), "A9", "E9")),
    )
    assert advise(large, frozenset(["I1"])) == advise(own, frozenset(["I1"]))


# --- sentences -----------------------------------------------------------------------------------------------------


def test_the_sentences_say_caps_merging_and_what_is_kept_apart():
    items = [
        an_item("I1", "A1"),
        *(an_item(f"J{n}", "A2") for n in range(6)),
        an_item("K1", "A3", notice=Notice.UNANNOUNCED),
    ]
    snapshot = a_snapshot(items, policy=a_policy(caps=(ONE_DOOR, TWO_A_YEAR)), history=(past(day_of("2026-02-02")),))
    advice = the_advice(snapshot)
    assert advice_sentences(snapshot, advice, "en") == [
        "It will be merged with 6 item(s) of Authority A2 (J0, J1, J2, J3, J4, …) where dates, crews and limits allow.",
        "It will not be merged with 1 item(s) of Authority A3 (K1): one is announced, the other is not.",
        "2026: of 2 visit(s) by Authority A1, 1 used, 1 left.",
        "2026Q4: of 1 visit(s) by all authorities together, 0 used, 1 left.",
    ]
    assert advice_sentences(snapshot, advice, "zh") == [
        "将与Authority A2的6项（J0、J1、J2、J3、J4 等）合并为一次入企，以检查日、班组和各项上限许可为限。",
        "不会与Authority A3的1项（K1）合并：告知方式不同。",
        "2026：Authority A1入企上限2次，已用1次，剩余1次。",
        "2026Q4：各部门合计入企上限1次，已用0次，剩余1次。",
    ]


def test_an_item_that_cannot_be_served_is_told_why_and_not_whom_it_will_be_merged_with():
    quiet = QuietPeriod(scope=QuietScope.ALL, month_from=1, month_to=31)
    snapshot = a_snapshot([an_item("I1"), an_item("I2", "A2")], policy=a_policy(quiet_periods=(quiet,)))
    advice = the_advice(snapshot)
    assert advice.merges_with
    assert advice_sentences(snapshot, advice, "en") == [
        "It cannot be served. Quiet periods (monthly:1-31) cover all 5 dates left (2026-10-12 to 2026-10-16).",
        "Cheapest change: Exempt it from the quiet period on 2026-10-12.",
    ]
    assert advice_sentences(snapshot, advice, "zh") == [
        "不能安排：可选的5个检查日（2026-10-12至2026-10-16）均处于安静期（monthly:1-31）。",
        "最省的改动：准许在安静期内的2026-10-12入企。",
    ]


@pytest.mark.parametrize("lang", ["zh", "en"])
@settings(max_examples=60)
@given(snapshot=small_snapshots())
def test_all_advice_can_be_said_in_both_languages(lang, snapshot):
    for advice in advise(snapshot, frozenset(i.item_id for i in snapshot.items)):
        said = advice_sentences(snapshot, advice, lang)
        assert all(s.endswith("。" if lang == "zh" else ".") for s in said)
        assert not any("{" in s for s in said)
