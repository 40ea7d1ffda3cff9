"""What differs between two schedules and between two snapshots, and what a person is told of it."""

from __future__ import annotations

from dataclasses import fields, is_dataclass, replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scheduler.diff import (
    _FIELDS,
    EnterpriseDiff,
    RowChange,
    ScheduleDiff,
    Table,
    compare_schedules,
    compare_snapshots,
)
from scheduler.domain.calendar import Calendar, Period, Shift
from scheduler.domain.people import Authority, CrewPool
from scheduler.domain.places import Enterprise, Street
from scheduler.domain.plans import PastInspection, Pin, PlanItem, Trigger
from scheduler.domain.policy import (
    CapScope,
    FrequencyCap,
    Policy,
    QuietPeriod,
    QuietScope,
    StreetRules,
    TravelRules,
    VisitRules,
)
from scheduler.domain.schedule import JointVisit, Schedule
from tests.builders import (
    AM,
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
    with_visit,
)
from tests.strategies import schedules, small_snapshots

ITEMS = [an_item("I1", "A1"), an_item("I2", "A2"), an_item("I3", "A3"), an_item("I4", "A1", "E2")]
CASE = a_snapshot(ITEMS, calendar=a_calendar(5, (AM, PM)))


def diff_of(old: list[tuple[list[str], int, str]], new: list[tuple[list[str], int, str]]) -> ScheduleDiff:
    return compare_schedules(a_schedule(CASE, old), a_schedule(CASE, new))


def only(diff: ScheduleDiff) -> EnterpriseDiff:
    (one,) = diff.enterprises
    return one


def ids(visits: tuple[JointVisit, ...]) -> list[tuple[str, ...]]:
    return [v.item_ids for v in visits]


def test_equal_schedules_have_no_difference():
    plan = [(["I1", "I2"], day(0), "AM"), (["I4"], day(1), "PM")]
    assert diff_of(plan, plan) == ScheduleDiff(
        enterprises=(),
        newly_served=(),
        no_longer_served=(),
        crew_shifts=(3, 3),
        crew_shifts_kept=3,
        crew_shifts_by_authority=(),
    )


def test_a_visit_of_the_same_items_on_another_date_is_moved():
    diff = only(diff_of([(["I1", "I2"], day(0), "AM")], [(["I1", "I2"], day(1), "AM")]))
    (pair,) = diff.moved
    assert (pair.old.day, pair.new.day) == (day(0), day(1))
    assert pair.other_slot
    assert not pair.other_group
    assert (diff.added, diff.removed, diff.regrouped) == ((), (), ())


def test_a_visit_in_another_shift_or_at_another_time_is_moved():
    assert only(diff_of([(["I1"], day(0), "AM")], [(["I1"], day(0), "PM")])).moved[0].other_slot
    old = a_schedule(CASE, [(["I1"], day(0), "AM")])
    later = with_visit(old, old.visits[0].visit_id, start=old.visits[0].start + 1)
    (pair,) = only(compare_schedules(old, later)).moved
    assert pair.other_time
    assert not pair.other_slot


def test_a_visit_with_other_items_in_the_same_shift_is_regrouped():
    diff = diff_of([(["I1", "I2"], day(0), "AM")], [(["I1", "I2", "I3"], day(0), "AM")])
    (pair,) = only(diff).regrouped
    assert (pair.old.authority_ids, pair.new.authority_ids) == (("A1", "A2"), ("A1", "A2", "A3"))
    assert only(diff).moved == ()
    assert (diff.newly_served, diff.no_longer_served) == (("I3",), ())


def test_a_visit_with_other_items_on_another_date_is_moved():
    (pair,) = only(diff_of([(["I1", "I2"], day(0), "AM")], [(["I1"], day(1), "AM")])).moved
    assert pair.other_group


def test_visits_without_an_item_in_common_are_added_and_removed():
    diff = diff_of([(["I1"], day(0), "AM")], [(["I2"], day(0), "AM"), (["I4"], day(0), "AM")])
    assert [(e.enterprise_id, ids(e.added), ids(e.removed)) for e in diff.enterprises] == [
        ("E1", [("I2",)], [("I1",)]),
        ("E2", [("I4",)], []),
    ]
    assert (diff.newly_served, diff.no_longer_served) == (("I2", "I4"), ("I1",))
    assert diff.counts == {"added": 2, "removed": 1, "moved": 0, "regrouped": 0}


def test_the_greatest_overlap_is_paired_first_and_of_equal_ones_the_same_slot():
    old = [(["I1", "I2", "I3"], day(0), "AM")]
    split = only(diff_of(old, [(["I1"], day(0), "AM"), (["I2", "I3"], day(1), "AM")]))
    assert [p.new.item_ids for p in split.moved] == [("I2", "I3")]
    assert ids(split.added) == [("I1",)]
    halves = only(diff_of([(["I1", "I2"], day(0), "AM")], [(["I1"], day(0), "PM"), (["I2"], day(0), "AM")]))
    assert [p.new.item_ids for p in halves.regrouped] == [("I2",)]
    assert ids(halves.added) == [("I1",)]


def with_id(schedule: Schedule, item_id: str, visit_id: str) -> Schedule:
    """Return the schedule with the id of the visit of an item changed, as in a schedule made by hand."""
    visits = tuple(replace(v, visit_id=visit_id) if item_id in v.item_ids else v for v in schedule.visits)
    return replace(schedule, visits=visits)


def test_an_equal_id_is_paired_before_any_overlap():
    old = with_id(a_schedule(CASE, [(["I1"], day(0), "AM"), (["I2", "I3"], day(1), "AM")]), "I1", "V1")
    new = with_id(a_schedule(CASE, [(["I1", "I2", "I3"], day(2), "AM")]), "I1", "V1")
    diff = only(compare_schedules(old, new))
    assert [(p.old.item_ids, p.new.visit_id) for p in diff.moved] == [(("I1",), "V1")]
    assert ids(diff.removed) == [("I2", "I3")]


def test_a_new_id_alone_is_no_difference():
    old = a_schedule(CASE, [(["I1"], day(0), "AM")])
    assert compare_schedules(old, with_id(old, "I1", "mine")).enterprises == ()


def test_crew_shifts_are_counted_in_all_and_by_authority_where_they_differ():
    apart = [(["I1"], day(0), "AM"), (["I2"], day(1), "AM"), (["I4"], day(1), "AM")]
    diff = diff_of([(["I1", "I2"], day(0), "AM")], apart)
    assert diff.crew_shifts == (2, 3)
    assert diff.crew_shifts_kept == 0  # a crew shift's id is that of its visits
    assert diff.crew_shifts_by_authority == (("A1", 1, 2),)


@settings(max_examples=100)
@given(st.data())
def test_every_visit_is_in_the_difference_once_or_is_equal_in_both(data):
    snapshot = data.draw(small_snapshots(pins=False))
    a, b = data.draw(schedules(snapshot)), data.draw(schedules(snapshot))
    diff = compare_schedules(a, b)

    def said(of: Schedule, alone: str, side: str) -> tuple[list[JointVisit], list[JointVisit]]:
        listed = [v for e in diff.enterprises for v in getattr(e, alone)]
        listed += [getattr(p, side) for e in diff.enterprises for p in (*e.moved, *e.regrouped)]
        return sorted(listed, key=lambda v: v.visit_id), [v for v in of.visits if v not in listed]

    old, kept_old = said(a, "removed", "old")
    new, kept_new = said(b, "added", "new")
    assert kept_old == kept_new
    assert len(old) + len(kept_old) == len(a.visits)
    assert len(new) + len(kept_new) == len(b.visits)
    back = compare_schedules(b, a)
    assert (back.newly_served, back.no_longer_served) == (diff.no_longer_served, diff.newly_served)


# --- snapshots -----------------------------------------------------------------------------------------------------


def test_equal_snapshots_have_no_difference():
    assert compare_snapshots(CASE, CASE.replace()).tables == ()


def test_items_added_removed_and_changed_are_told_apart_with_the_fields_that_changed():
    later = CASE.replace(
        items=(*ITEMS[1:3], replace(ITEMS[3], latest=day(4), priority="high"), an_item("I5"), an_item("I6"))
    )
    items = compare_snapshots(CASE, later).of(Table.ITEMS)
    assert (items.added, items.removed) == (("I5", "I6"), ("I1",))
    assert items.changed == (RowChange(key="I4", fields=("latest", "priority")),)


def test_a_date_taken_out_of_the_calendar_is_named():
    later = CASE.replace(calendar=a_calendar(5, (AM, PM), closed=[day(2)]))
    calendar = compare_snapshots(CASE, later).of(Table.CALENDAR)
    assert (calendar.added, calendar.removed) == ((), ("2026-10-14",))
    assert calendar.changed == (RowChange(key="calendar", fields=("days", "closed")),)


def test_rules_caps_quiet_periods_and_weights_are_rows_of_the_policy():
    cap = FrequencyCap(scope=CapScope.ENTERPRISE, period=Period.QUARTER, max_visits=1)
    quiet = QuietPeriod(scope=QuietScope.ALL, month_from=1, month_to=5)
    before = CASE.replace(policy=a_policy(caps=(cap,), quiet_periods=(quiet,)))
    after = CASE.replace(
        policy=a_policy(
            VisitRules(overhead_min=5),
            caps=(replace(cap, max_visits=2),),
            quiet_periods=(replace(quiet, month_to=6),),
            priority_weights=(("high", 20), ("mandatory", 1000), ("normal", 1)),
            street=StreetRules(max_days=4),
        )
    )
    policy = compare_snapshots(before, after).of(Table.POLICY)
    assert policy.added == ("quiet/all/monthly:1-6",)
    assert policy.removed == ("quiet/all/monthly:1-5",)
    assert policy.changed == (
        RowChange(key="cap/enterprise/*/*/quarter", fields=("max_visits",)),
        RowChange(key="priority/high", fields=()),
        RowChange(key="street", fields=("max_days",)),
        RowChange(key="visit", fields=("overhead_min",)),
    )


def test_pools_and_past_inspections_without_ids_are_known_by_what_they_are_about():
    past = PastInspection(enterprise_id="E1", authority_id="A1", day=day(-10))
    before = CASE.replace(history=(past, past), crew_pools=(a_pool("A1", "S1", 2, first_day=day(0), weekdays=(1, 2)),))
    after = CASE.replace(
        history=(past,), crew_pools=(a_pool("A1", "S1", 3, first_day=day(0), weekdays=(1, 2)), a_pool("A2"))
    )
    diff = compare_snapshots(before, after)
    assert diff.of(Table.HISTORY).removed == ("E1/A1/2026-10-02/#2",)
    pools = diff.of(Table.CREW_POOLS)
    assert pools.changed == (RowChange(key="A1/S1/2026-10-12../1,2", fields=("crews",)),)
    assert pools.added == ("A2/*",)


def test_a_pin_that_gets_a_shift_is_a_changed_pin():
    pin = Pin(enterprise_id="E1", day=day(1))
    diff = compare_snapshots(CASE.replace(pins=(pin,)), CASE.replace(pins=(replace(pin, shift_id="AM"),)))
    assert diff.of(Table.PINS).changed == (RowChange(key="E1/2026-10-13", fields=("shift_id",)),)


def test_another_name_is_a_difference_too():
    assert [t.table for t in compare_snapshots(CASE, CASE.replace(name="other")).tables] == [Table.CASE]


def test_one_sentence_a_table_says_counts_and_the_first_ids():
    later = CASE.replace(
        items=(*ITEMS[1:3], replace(ITEMS[3], latest=day(4), duration_min=20), *(an_item(f"N{n}") for n in range(5)))
    )
    diff = compare_snapshots(CASE, later)
    assert diff.sentences("en") == (
        "Plan items: 5 added (N0, N1, N2, …), 1 removed (I1), 1 changed (I4: duration, latest).",
    )
    assert diff.sentences("zh") == ("计划项：新增5项（N0、N1、N2 等），删除1项（I1），变更1项（I4：时长、最晚日期）。",)
    assert diff.sentences("en", shown=1)[0].startswith("Plan items: 5 added (N0, …)")


@settings(max_examples=100)
@given(st.data())
def test_two_snapshots_differ_just_when_their_digests_do_and_every_difference_can_be_said(data):
    a, b = data.draw(small_snapshots()), data.draw(small_snapshots())
    part = data.draw(st.sampled_from([f.name for f in fields(a)]))
    for other in (b, replace(a, **{part: getattr(b, part)})):
        diff = compare_snapshots(a, other)
        assert bool(diff.tables) == (a.digest() != other.digest())
        assert all(s.endswith("。") for s in diff.sentences("zh"))
        assert all(s.endswith(".") for s in diff.sentences("en"))
        back = compare_snapshots(other, a)
        assert [(t.table, t.added, t.removed, t.changed) for t in diff.tables] == [
            (t.table, t.removed, t.added, t.changed) for t in back.tables
        ]


@pytest.mark.parametrize(
    "row",
    [Calendar, Shift, Authority, CrewPool, Enterprise, Street, PastInspection, Pin, PlanItem, VisitRules, TravelRules,
     StreetRules, FrequencyCap, QuietPeriod],
)  # fmt: skip
def test_every_field_that_can_change_has_a_name_in_chinese(row):
    in_the_key = {
        "item_id", "area_id", "day", "visit_id", "scope", "period", "authority", "target", "month_from", "month_to",
        "first_day", "last_day", "weekdays",
    }  # fmt: skip
    assert is_dataclass(row)
    assert {f.name for f in fields(row)} - in_the_key <= _FIELDS.keys()


def test_an_enterprise_and_a_street_that_changed_are_named_with_their_fields():
    streets, enterprises = (a_street("S1", name="Other"),), (an_enterprise("E1", credit_class="A"), an_enterprise("E2"))
    diff = compare_snapshots(CASE, CASE.replace(streets=streets, enterprises=enterprises))
    assert [(t.table, t.changed[0].fields) for t in diff.tables] == [
        (Table.STREETS, ("name",)),
        (Table.ENTERPRISES, ("credit_class",)),
    ]


def test_the_trigger_of_a_past_inspection_that_changed_is_named():
    past = PastInspection(enterprise_id="E1", authority_id="A1", day=day(-10), visit_id="H1")
    before, after = CASE.replace(history=(past,)), CASE.replace(history=(replace(past, trigger=Trigger.CASE),))
    assert compare_snapshots(before, after).of(Table.HISTORY).changed == (
        RowChange(key="E1/A1/2026-10-02/H1", fields=("trigger",)),
    )


def test_policy_fields_are_all_compared():
    assert {f.name for f in fields(Policy)} == {
        "visit", "travel", "street", "priority_weights", "caps", "quiet_periods", "tiers",
    }  # fmt: skip
