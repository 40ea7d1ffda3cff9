"""Tiny cases against exhaustive search: served weight is the greatest there is, and no bound is above the optimum."""

from __future__ import annotations

from hypothesis import assume, given, settings

from scheduler.domain.schedule import TERMS
from scheduler.planning.pipeline import plan
from solver.limits import Limits
from tests.brute_force import best_plan
from tests.properties.tiny import tiny_snapshots

THOROUGH = Limits(time_s=None, iterations=2000, workers=1)


@settings(max_examples=120)
@given(tiny_snapshots())
def test_served_weight_and_doors_are_those_of_exhaustive_search(snapshot):
    best = best_plan(snapshot)
    assert best is not None
    outcome = plan(snapshot, THOROUGH, with_before=False)
    assert outcome.score.unserved_weight == best.terms[0]
    assert outcome.score.doors == best.terms[1]
    assert tuple(outcome.score.as_dict().values()) >= best.terms
    for k, term in enumerate(TERMS):
        achieved = tuple(outcome.score.as_dict().values())[:k]
        bound = outcome.bounds[term]
        if bound is not None and achieved == best.terms[:k]:
            assert bound <= best.terms[k], term


@settings(max_examples=50)
@given(tiny_snapshots(pins=True))
def test_with_pins_too(snapshot):
    best = best_plan(snapshot)
    assume(best is not None)
    assert best is not None
    outcome = plan(snapshot, THOROUGH, with_before=False)
    assert (outcome.score.unserved_weight, outcome.score.doors) == best.terms[:2]
