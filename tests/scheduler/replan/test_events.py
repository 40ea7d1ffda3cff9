"""Every kind of event by itself: what it does to the case, which visits it concerns, and the reason that is given."""

from __future__ import annotations

from dataclasses import replace

import pytest

from scheduler.domain.calendar import Period
from scheduler.domain.plans import Notice, Pin, PinKind, Trigger
from scheduler.domain.policy import CapScope, FrequencyCap
from scheduler.domain.schedule import Schedule
from scheduler.replan.changes import ChangeKind
from scheduler.replan.events import (
    BadEvents,
    CapChanged,
    CrewMissing,
    EnterpriseClosed,
    ItemAdded,
    ItemWithdrawn,
    NoAccess,
    Refused,
    ShiftCancelled,
    VisitDone,
)
from scheduler.replan.replan import replan
from scheduler.replan.standing import Cause
from scheduler.rules import check
from solver.limits import Limits
from tests.builders import AM, PM, a_calendar, a_policy, a_pool, a_schedule, a_snapshot, an_item, day

SHORT = Limits(time_s=None, iterations=100, workers=1)
ONE_DOOR = FrequencyCap(scope=CapScope.ENTERPRISE, period=Period.QUARTER, max_visits=1)


def _snapshot(**parts):
    items = [an_item("I1", "A1", "E1"), an_item("I2", "A2", "E1"), an_item("I3", "A1", "E2"), an_item("I4", "A1", "E3")]
    fields = {"calendar": a_calendar(12, (AM, PM)), "policy": a_policy(caps=(ONE_DOOR,))}
    return a_snapshot(items, **(fields | parts))


def _published(snapshot) -> Schedule:
    """E1 on Monday morning, E2 on Tuesday morning, E3 on Wednesday afternoon."""
    visits = [(["I1", "I2"], day(0), "AM"), (["I3"], day(1), "AM"), (["I4"], day(2), "PM")]
    return a_schedule(snapshot, visits)


def _visit(schedule: Schedule, enterprise_id: str):
    return next(v for v in schedule.visits if v.enterprise_id == enterprise_id)


def _replanned(events, today=1, snapshot=None, **more):
    snapshot = snapshot or _snapshot()
    published = _published(snapshot)
    named = [e(published) if callable(e) else e for e in events]
    outcome = replan(snapshot, published, named, day(today), limits=SHORT, **more)
    assert check(outcome.snapshot, outcome.schedule) == ()
    return outcome


def _failed(kind, enterprise_id="E1"):
    return lambda published: kind(visit_id=_visit(published, enterprise_id).visit_id)


def _changes(outcome):
    return [(c.kind, c.enterprise_id, c.cause) for c in outcome.difference.changes]


def test_a_visit_without_an_event_is_history_and_counts_against_the_cap():
    outcome = _replanned([ItemAdded(item=an_item("I9", "A2", "E1"))])
    assert outcome.carried.assumed == 1
    assert {(h.enterprise_id, h.authority_id, h.day) for h in outcome.snapshot.history} == {
        ("E1", "A1", day(0)),
        ("E1", "A2", day(0)),
    }
    assert [u.item_id for u in outcome.schedule.unserved] == ["I9"]
    assert [r.code.value for u in outcome.schedule.unserved for r in u.reasons] == ["cap"]


@pytest.mark.parametrize(("kind", "cause"), [(NoAccess, Cause.NO_ACCESS), (Refused, Cause.REFUSED)])
def test_what_was_not_done_comes_back_soon_and_is_no_door_of_the_cap(kind, cause):
    outcome = _replanned([_failed(kind)])
    assert outcome.snapshot.history == ()
    assert _changes(outcome) == [(ChangeKind.MOVED, "E1", cause)]
    again = _visit(outcome.schedule, "E1")
    assert again.item_ids == ("I1", "I2")
    assert day(1) <= again.day <= day(7)
    assert outcome.moved_published == 0


def test_an_item_that_was_left_over_comes_back_and_the_others_are_history():
    free = _snapshot(policy=a_policy())
    left = lambda p: VisitDone(visit_id=_visit(p, "E1").visit_id, minutes=90, left_item_ids=("I2",))  # noqa: E731
    outcome = _replanned([left], snapshot=free)
    assert _changes(outcome) == [(ChangeKind.ADDED, "E1", Cause.LEFT_OVER)]
    assert [h.authority_id for h in outcome.snapshot.history] == ["A1"]
    assert outcome.carried.overrun_min == 90 - 40


def test_a_visit_at_a_closed_enterprise_moves_behind_the_closure():
    outcome = _replanned([EnterpriseClosed(enterprise_id="E2", first_day=day(1), last_day=day(3))])
    assert _changes(outcome) == [(ChangeKind.MOVED, "E2", Cause.CLOSED)]
    assert _visit(outcome.schedule, "E2").day > day(3)
    assert outcome.moved_published == 1


def test_with_a_crew_missing_the_visit_goes_to_the_other_shift_or_another_date():
    one = _snapshot(crew_pools=(a_pool("A1", crews=1), a_pool("A2")))
    outcome = _replanned([CrewMissing(authority_id="A1", area_id="*", day=day(1), shift_id="AM")], snapshot=one)
    assert _changes(outcome) == [(ChangeKind.MOVED, "E2", Cause.CREW_MISSING)]
    spare = _replanned([CrewMissing(authority_id="A1", area_id="*", day=day(1), shift_id="AM")])
    assert (spare.searched, spare.difference.changes) == (False, ())


def test_a_cancelled_date_and_a_cancelled_shift_are_left_by_their_visits_only():
    whole = _replanned([ShiftCancelled(day=day(1))])
    assert _changes(whole) == [(ChangeKind.MOVED, "E2", Cause.CANCELLED)]
    assert day(1) not in whole.snapshot.calendar.days
    morning = _replanned([ShiftCancelled(day=day(1), shift_id="AM")])
    assert _changes(morning) == [(ChangeKind.MOVED, "E2", Cause.CREW_MISSING)]
    street = _replanned([ShiftCancelled(day=day(1), area_id="S1")])
    assert _changes(street) == [(ChangeKind.MOVED, "E2", Cause.QUIET)]


def test_a_new_item_joins_the_visit_that_is_published_where_the_cap_leaves_one_door():
    outcome = _replanned([ItemAdded(item=an_item("I9", "A2", "E3"))])
    assert _changes(outcome) == [(ChangeKind.REGROUPED, "E3", Cause.ADDED)]
    assert _visit(outcome.schedule, "E3").item_ids == ("I4", "I9")
    assert outcome.moved_published == 0


def test_an_urgent_case_gets_a_visit_of_its_own_before_its_deadline():
    case = an_item(
        "U1", "A1", "E1", priority="mandatory", trigger=Trigger.CASE, cap_exempt=True,
        notice=Notice.UNANNOUNCED, earliest=day(1), latest=day(2),
    )  # fmt: skip
    outcome = _replanned([ItemAdded(item=case)], notice_days=5)
    assert _changes(outcome) == [(ChangeKind.ADDED, "E1", Cause.ADDED)]
    assert _visit(outcome.schedule, "E1").day <= day(2)


def test_a_withdrawn_item_leaves_its_visit_and_the_last_one_ends_it():
    rest = _replanned([ItemWithdrawn(item_id="I2")], today=0)
    assert _changes(rest) == [(ChangeKind.REGROUPED, "E1", Cause.WITHDRAWN)]
    assert (_visit(rest.schedule, "E1").day, _visit(rest.schedule, "E1").shift_id) == (day(0), "AM")
    ended = _replanned([ItemWithdrawn(item_id="I3")])
    assert _changes(ended) == [(ChangeKind.DROPPED, "E2", Cause.WITHDRAWN)]
    assert ended.moved_published == 0


def test_a_lower_cap_drops_a_visit_and_a_higher_one_lets_more_in():
    none = replace(ONE_DOOR, max_visits=0)
    outcome = _replanned([CapChanged(cap=none)], today=1)
    assert {(c[0], c[2]) for c in _changes(outcome)} == {(ChangeKind.DROPPED, Cause.CAP)}
    assert len(outcome.schedule.visits) == 0
    two = _replanned(
        [CapChanged(cap=replace(ONE_DOOR, max_visits=2)), ItemAdded(item=an_item("I9", "A2", "E1"))], today=1
    )
    assert _changes(two) == [(ChangeKind.ADDED, "E1", Cause.ADDED)]


def test_frozen_visits_stay_while_later_ones_make_room():
    few = _snapshot(crew_pools=(a_pool("A1", crews=1), a_pool("A2")))
    heavy = an_item("I9", "A1", "E4", priority="mandatory", earliest=day(1), latest=day(1), duration_min=150)
    snapshot = few.replace(
        items=(*few.items,), enterprises=(*few.enterprises, replace(few.enterprises[0], enterprise_id="E4"))
    )
    both = replace(heavy, item_id="I8", duration_min=150)
    events = [ItemAdded(item=heavy), ItemAdded(item=replace(both, enterprise_id="E3"))]
    frozen = _replanned(events, snapshot=snapshot, freeze_days=1)
    assert _visit(frozen.schedule, "E2") == _visit(_published(snapshot), "E2")
    free = _replanned(events, snapshot=snapshot)
    assert free.score.unserved_weight < frozen.score.unserved_weight
    assert (ChangeKind.MOVED, "E2", Cause.MADE_ROOM) in _changes(free)


def test_on_dates_too_near_for_a_notice_only_published_visits_are_announced():
    outcome = _replanned([ItemAdded(item=an_item("I9", "A2", "E2", cap_exempt=True)), _failed(NoAccess)], notice_days=3)
    near = set(outcome.snapshot.calendar.days[:3])
    assert {v.enterprise_id for v in outcome.schedule.visits if v.day in near} == {"E2", "E3"}


def test_a_fixed_pin_whose_visit_cannot_stand_becomes_a_preferred_one():
    pinned = _snapshot(pins=(Pin(enterprise_id="E2", day=day(1), shift_id="AM"), Pin(enterprise_id="E3", day=day(2))))
    outcome = _replanned([EnterpriseClosed(enterprise_id="E2", first_day=day(1), last_day=day(1))], snapshot=pinned)
    assert [(p.enterprise_id, p.kind) for p in outcome.snapshot.pins] == [
        ("E2", PinKind.PREFERRED),
        ("E3", PinKind.FIXED),
    ]


def test_every_fault_of_every_event_is_named_and_nothing_is_planned():
    snapshot = _snapshot()
    published = _published(snapshot)
    later = _visit(published, "E3").visit_id
    first = _visit(published, "E1").visit_id
    events = [
        NoAccess(visit_id="nobody"),
        Refused(visit_id=later),
        VisitDone(visit_id=first, left_item_ids=("I3",)),
        NoAccess(visit_id=first),
        CrewMissing(authority_id="AX", area_id="SX", day=day(1), shift_id="NIGHT", crews=0),
        ShiftCancelled(day=day(1), shift_id="AM", area_id="S1"),
        ItemAdded(item=an_item("I1", "AX", "EX", priority="none", earliest=day(2), latest=day(1), duration_min=0)),
        ItemWithdrawn(item_id="IX"),
        EnterpriseClosed(enterprise_id="EX", first_day=day(2), last_day=day(1)),
    ]
    with pytest.raises(BadEvents) as caught:
        replan(snapshot, published, events, day(1), limits=SHORT)
    assert [f.position for f in caught.value.faults] == [0, 1, 2, 3, 4, 4, 4, 4, 5, 6, 6, 6, 6, 6, 6, 7, 8, 8]
    with pytest.raises(BadEvents) as caught:
        replan(snapshot, published, [], day(30), limits=SHORT)
    assert "no inspection date" in str(caught.value)
