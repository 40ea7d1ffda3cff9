"""Random cases and events: every draft keeps every rule, nothing is lost, and nothing changes without a cause."""

from __future__ import annotations

from collections import Counter, defaultdict

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from scenarios.generate.events import EventRates, random_events
from scenarios.quarter import live_through
from scheduler.availability import Availability
from scheduler.domain.calendar import Period, period_key
from scheduler.domain.schedule import Schedule
from scheduler.planning.pipeline import plan
from scheduler.replan.changes import ChangeKind
from scheduler.replan.replan import moved_published, replan
from scheduler.replan.standing import standing_of
from scheduler.rules import check
from solver.limits import Limits
from tests.reference_check import reference_faults
from tests.strategies import SmallSizes, small_snapshots

SHORT = Limits(time_s=None, iterations=60, workers=1)
MANY = EventRates(
    no_access=0.25,
    refused=0.1,
    left_over=0.3,
    crew_missing=0.15,
    closed=0.3,
    closed_days=2,
    cancelled=0.2,
    added=0.8,
    urgent=0.5,
    withdrawn=0.5,
)
WEEK = SmallSizes(streets=2, enterprises=4, authorities=3, items=8, days=7, shifts=2)
WHOLE_LIFE = ("R02", "R24", "R25")
"""Rules that the visits of all drafts, as they were held, keep together."""


def published_plan(snapshot) -> Schedule:
    return plan(snapshot, SHORT, with_before=False).schedule


@settings(max_examples=100, deadline=None)
@given(small_snapshots(WEEK))
def test_without_events_nothing_changes(snapshot):
    if not snapshot.calendar.days:
        return
    published = published_plan(snapshot)
    outcome = replan(snapshot, published, [], snapshot.calendar.start, limits=SHORT)
    assert outcome.schedule == published
    assert (outcome.searched, outcome.moved_published, outcome.difference.changes) == (False, 0, ())


@settings(max_examples=60, deadline=None)
@given(small_snapshots(WEEK), st.integers(0, 6))
def test_a_day_without_events_later_the_rest_of_the_plan_is_as_it_was(snapshot, later):
    days = snapshot.calendar.days
    if not days:
        return
    published, today = published_plan(snapshot), days[min(later, len(days) - 1)]
    outcome = replan(snapshot, published, [], today, limits=SHORT)
    assert outcome.schedule.visits == tuple(v for v in published.visits if v.day >= today)
    assert outcome.schedule.crew_shifts == tuple(c for c in published.crew_shifts if c.day >= today)
    assert not outcome.difference.changes
    assert check(outcome.snapshot, outcome.schedule) == ()


@settings(max_examples=150, deadline=None)
@given(small_snapshots(WEEK), st.integers(0, 6), st.integers(0, 2**31), st.integers(0, 2))
def test_after_random_events_both_checkers_accept_the_draft_and_nothing_is_lost(snapshot, later, seed, freeze_days):
    days = snapshot.calendar.days
    if not days:
        return
    published, today = published_plan(snapshot), days[min(later, len(days) - 1)]
    due, ahead = ([v for v in published.visits if (v.day < today) is past] for past in (True, False))
    events = random_events(snapshot, due, ahead, today, MANY, np.random.default_rng(seed))
    events = tuple(e for e in events if len(days) > 1 or type(e).__name__ != "ShiftCancelled")
    if not _dates_left(snapshot, events, today):
        return
    outcome = replan(snapshot, published, events, today, freeze_days=freeze_days, limits=SHORT)
    draft, carried = outcome.schedule, outcome.carried
    assert check(outcome.snapshot, draft) == ()
    assert reference_faults(outcome.snapshot, draft) == []
    served = [i for v in draft.visits for i in v.item_ids]
    left = [u.item_id for u in draft.unserved]
    gone = {i for v in carried.done for i in v.item_ids} - carried.returned
    known = {i.item_id for i in snapshot.items} | carried.added
    assert Counter(served + left) == Counter((known - gone) - carried.withdrawn)
    assert outcome.moved_published == moved_published(carried.ahead, draft.visits)
    standing = standing_of(Availability(outcome.snapshot), carried.ahead, published.crew_shifts)
    frozen = set(outcome.snapshot.calendar.days[:freeze_days])
    for stands in standing.visits.values():
        if stands.visit.day in frozen:
            assert any(
                (v.enterprise_id, v.day, v.shift_id, v.item_ids) == _place(stands.visit) and v.start == _start(stands)
                for v in draft.visits
            )
    for change in outcome.difference.changes:
        assert change.sentence("zh")
        assert change.sentence("en")
        assert (change.old is None) == (change.kind is ChangeKind.ADDED)
        assert (change.new is None) == (change.kind is ChangeKind.DROPPED)


@settings(max_examples=60, deadline=None)
@given(small_snapshots(WEEK), st.integers(0, 2**31))
def test_a_horizon_lived_through_day_by_day_breaks_no_rule_and_serves_each_item_once(snapshot, seed):
    if not snapshot.calendar.days:
        return
    mornings = []
    lived = live_through(
        snapshot, published_plan(snapshot), MANY, seed, SHORT, freeze_days=1, clock=lambda: 0.0, told=mornings.append
    )
    held = {v.visit_id for m in mornings for v in m.outcome.carried.done}
    last = {v.visit_id for v in lived.visits if v.day == max(x.day for x in lived.visits)} if lived.visits else set()
    times = Counter(i for v in lived.visits if v.visit_id in held | last for i in v.item_ids)
    assert all(n == 1 for i, n in times.items() if i in lived.served and not _came_back(mornings, i))
    limit = snapshot.policy.street.max_days
    if limit is not None:
        for (street, month), days in _joint_days(lived.visits).items():
            assert len(days) <= limit, (street, month)
    for morning in mornings:
        assert check(morning.outcome.snapshot, morning.outcome.schedule) == ()


def _joint_days(visits):
    out = defaultdict(set)
    for v in visits:
        out[v.street_id, period_key(v.day, Period.MONTH)].add(v.day)
    return out


def _came_back(mornings, item_id) -> bool:
    return any(item_id in m.outcome.carried.returned for m in mornings)


def _dates_left(snapshot, events, today) -> bool:
    cancelled = {e.day for e in events if type(e).__name__ == "ShiftCancelled" and e.shift_id is None}
    return any(d >= today and d not in cancelled for d in snapshot.calendar.days)


def _place(visit):
    return visit.enterprise_id, visit.day, visit.shift_id, tuple(sorted(visit.item_ids))


def _start(stands) -> int:
    return min(p.start for p in stands.parts)
