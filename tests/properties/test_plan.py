"""Whole plans of small cases with every kind of rule: accepted by both checkers, and what input order cannot change."""

from __future__ import annotations

from dataclasses import replace
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from scheduler.domain.snapshot import make_snapshot
from scheduler.planning.pipeline import plan
from scheduler.rules import check
from scheduler.score import score
from solver.limits import Limits
from tests.reference_check import reference_faults
from tests.strategies import small_snapshots

SHORT = Limits(time_s=None, iterations=150, workers=1)


@settings(max_examples=150)
@given(small_snapshots())
def test_a_plan_keeps_every_rule_and_both_checkers_say_so(snapshot):
    outcome = plan(snapshot, SHORT, with_before=False)
    assert check(snapshot, outcome.schedule) == ()
    assert reference_faults(snapshot, outcome.schedule) == []


@settings(max_examples=80)
@given(small_snapshots())
def test_bounds_are_never_above_the_terms(snapshot):
    outcome = plan(snapshot, SHORT, with_before=False)
    for term, value in score(snapshot, outcome.schedule).as_dict().items():
        bound = outcome.bounds[term]
        assert bound is None or bound <= value, term


@settings(max_examples=60)
@given(small_snapshots(), st.integers(0, 2**31))
def test_the_order_of_input_rows_does_not_matter(snapshot, seed):
    rng = Random(seed)

    def mixed(rows):
        return tuple(rng.sample(rows, len(rows)))

    tables = ("streets", "authorities", "enterprises", "crew_pools", "items", "history", "pins")
    other = make_snapshot(replace(snapshot, **{t: mixed(getattr(snapshot, t)) for t in tables}))
    assert other.digest() == snapshot.digest()
    assert plan(other, SHORT, with_before=False).schedule == plan(snapshot, SHORT, with_before=False).schedule


@settings(max_examples=60)
@given(small_snapshots())
def test_every_item_is_served_once_or_left_out_with_reasons(snapshot):
    schedule = plan(snapshot, SHORT, with_before=False).schedule
    served = [i for v in schedule.visits for i in v.item_ids]
    left_out = [u.item_id for u in schedule.unserved]
    assert sorted(served + left_out) == sorted(i.item_id for i in snapshot.items)
    assert all(u.reasons for u in schedule.unserved)


@settings(max_examples=60)
@given(small_snapshots(pins=True))
def test_pins_are_kept(snapshot):
    schedule = plan(snapshot, SHORT, with_before=False).schedule
    for pin in snapshot.pins:
        assert any(
            v.enterprise_id == pin.enterprise_id and v.day == pin.day and pin.shift_id in (None, v.shift_id)
            for v in schedule.visits
        )
