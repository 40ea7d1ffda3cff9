"""What a unit of each term is worth to the search in any order of the tiers."""

from __future__ import annotations

from itertools import pairwise, permutations

import numpy as np
import pytest

from solver.timetable.insertion import NEW_CREW, NEW_DAY
from solver.timetable.problem import pack
from solver.timetable.run import WEIGHTS, weights_of
from solver.timetable.search import AT_HOME, better
from solver.timetable.state import NUM_TOTALS
from solver.timetable.tiers import OUTWEIGHED, USUAL, WORTH, worth_of
from solver.warmup import _one_visit

ORDERS = [(0, *rest) for rest in permutations((1, 2, 3, 4))]


def test_the_usual_order_has_the_usual_worth():
    assert worth_of(USUAL) == list(WORTH)
    assert WEIGHTS[:5].tolist() == [20_000, 2_000, 400, 20, 4]
    assert (WEIGHTS[NEW_CREW], WEIGHTS[NEW_DAY], WEIGHTS[AT_HOME]) == (400, 20, 8_000)


@pytest.mark.parametrize("tiers", ORDERS)
def test_a_unit_outweighs_as_much_of_the_next_tier_as_it_must(tiers):
    worth = worth_of(tiers)
    assert worth[4] == 1
    for earlier, later in pairwise(tiers):
        assert worth[earlier] >= OUTWEIGHED[later] * worth[later] * (1 - 1e-12)
    weights = weights_of(tiers)
    assert weights[0] > weights[AT_HOME] > worth[tiers[1]]


@pytest.mark.parametrize("tiers", ORDERS)
def test_totals_are_compared_in_the_order_of_the_tiers(tiers):
    p = pack(_one_visit()._replace(tiers=np.array(tiers, dtype=np.int32)))
    for earlier, later in pairwise(tiers[1:]):
        a, b = np.zeros(NUM_TOTALS, dtype=np.int64), np.zeros(NUM_TOTALS, dtype=np.int64)
        a[later], b[earlier] = 1000, 1
        assert better(p, a, b)
        assert not better(p, b, a)
    a[0] = 1  # weight served
    a[1:5] = 9
    assert better(p, a, b)
