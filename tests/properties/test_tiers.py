"""Tiers in any order against exhaustive search: weight stays the first, bounds hold, nothing beats the optimum."""

from __future__ import annotations

from dataclasses import replace
from itertools import permutations

from hypothesis import given, settings
from hypothesis import strategies as st

from scheduler.domain.schedule import TERMS
from scheduler.planning.outcome import PlanStatus
from scheduler.planning.pipeline import plan
from solver.limits import Limits
from tests.brute_force import best_plan
from tests.properties.tiny import tiny_snapshots

THOROUGH = Limits(time_s=None, iterations=2000, workers=1)
ORDERS = [(TERMS[0], *rest) for rest in permutations(TERMS[1:])]


@settings(max_examples=60, deadline=None)
@given(tiny_snapshots(), st.sampled_from(ORDERS))
def test_in_any_order_weight_is_served_first_and_no_bound_is_above_the_optimum(snapshot, tiers):
    snapshot = snapshot.replace(policy=replace(snapshot.policy, tiers=tiers))
    best = best_plan(snapshot)
    assert best is not None
    outcome = plan(snapshot, THOROUGH, with_before=False)
    terms, optimum = outcome.score, dict(zip(TERMS, best.terms, strict=True))
    assert terms.unserved_weight == best.unserved_weight
    assert terms.in_order(tiers) >= tuple(optimum[t] for t in tiers)
    for term in TERMS:
        bound = outcome.bounds[term]
        assert bound is None or bound <= min(optimum[term], terms.as_dict()[term]), term
    if outcome.status is PlanStatus.OPTIMAL:
        assert terms.as_dict() == optimum
