"""Weak links: exact tails, and a list that chance alone does not fill."""

from __future__ import annotations

from math import comb

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheduler.supervision.analysis.tails import at_least, upper_limit
from scheduler.supervision.analysis.weak import FALSE_SHARE, Count, compare, discoveries, explained

SIZES = (5, 8, 12, 20, 35, 60, 100, 200, 400, 900, 2000, 5000)


def _tail(num: int, of: int, rate: float) -> float:
    return sum(comb(of, k) * rate**k * (1 - rate) ** (of - k) for k in range(num, of + 1))


@given(st.integers(0, 60), st.integers(0, 60), st.floats(0, 1))
def test_the_tail_is_the_sum_of_its_terms(num: int, of: int, rate: float) -> None:
    assert at_least(num, of, rate) == pytest.approx(_tail(num, of, rate), abs=1e-10)


@pytest.mark.parametrize("of", SIZES)
def test_just_past_the_limit_chance_is_below_the_level_and_at_it_above(of: int) -> None:
    limit = upper_limit(of, 0.04, 0.025)
    assert at_least(limit + 1, of, 0.04) <= 0.025 < at_least(limit, of, 0.04)


def _world(rng: np.random.Generator, rates: list[float], sizes: list[int]) -> list[Count]:
    return [
        Count(measure="missing_scans", body=f"A{k:03d}", num=int(rng.binomial(n, p)), of=n)
        for k, (n, p) in enumerate(zip(sizes, rates, strict=True))
    ]


def test_where_all_are_alike_hardly_any_world_names_anybody() -> None:
    rng = np.random.default_rng(7)
    sizes = list(SIZES) * 3
    num = sum(any(c.is_named for c in compare(_world(rng, [0.04] * len(sizes), sizes))) for _ in range(400))
    assert num / 400 <= FALSE_SHARE


def test_small_bodies_are_named_by_chance_no_more_often_than_large_ones_may_be() -> None:
    rng = np.random.default_rng(8)
    sizes = [5] * 40 + [5000] * 5
    named = [c.count.of for _ in range(200) for c in compare(_world(rng, [0.04] * 45, sizes)) if c.is_named]
    assert named.count(5) / (200 * 40) <= FALSE_SHARE / 40


def test_a_body_with_five_times_the_rate_and_two_hundred_visits_is_found() -> None:
    rng = np.random.default_rng(9)
    sizes, rates = [*list(SIZES) * 3, 200], [*[0.04] * 36, 0.20]
    found = [compare(_world(rng, rates, sizes))[-1].is_named for _ in range(100)]
    assert sum(found) >= 99


def test_bodies_that_all_differ_by_habit_are_not_named_for_it() -> None:
    rng = np.random.default_rng(10)
    sizes, named = [400] * 40, 0
    for _ in range(100):
        named += sum(c.is_named for c in compare(_world(rng, list(rng.beta(4, 96, 40)), sizes)))
    assert named / (100 * 40) <= FALSE_SHARE


def test_a_small_body_is_drawn_to_the_rate_of_all_more_than_a_large_one() -> None:
    counts = [Count(measure="repeats", body=f"B{k}", num=n, of=100) for k, n in enumerate((1, 2, 9, 15, 3, 4))]
    small = Count(measure="repeats", body="small", num=3, of=6)
    large = Count(measure="repeats", body="large", num=300, of=600)
    got = {c.count.body: c for c in compare([*counts, small, large])}
    assert got["small"].pooled < got["large"].shrunk < 0.5
    assert abs(got["large"].shrunk - 0.5) < abs(got["small"].shrunk - 0.5)


def test_the_tests_that_stand_are_those_of_the_step_up_rule() -> None:
    assert discoveries([0.01, 0.04, 0.03, 0.9], 0.05) == (True, False, False, False)
    assert discoveries([0.01, 0.02, 0.03, 0.9], 0.05) == (True, True, True, False)
    assert discoveries([], 0.05) == ()


def test_bodies_without_cases_and_rates_of_none_or_all_are_no_weak_links() -> None:
    none = [Count(measure="repeats", body=f"B{k}", num=0, of=k) for k in range(8)]
    every = [Count(measure="missing_scans", body=f"B{k}", num=k, of=k) for k in range(8)]
    got = compare([*none, *every])
    assert len(got) == 14
    assert not any(c.is_named for c in got)


def test_a_comparison_is_told_in_words() -> None:
    counts = [
        Count(measure="missing_scans", body=f"A{k}", num=n, of=m) for k, (n, m) in enumerate([(3, 12), (37, 988)])
    ]
    one = compare(counts)[0]
    said = explained(one).say("en")
    assert said.startswith("3 of 12 entries not scanned; with the city's rate of 4.0 %")
    assert f"1 of {round(1 / one.chance)} bodies" in said
    assert "12 次入企中 3 次未扫码" in explained(one).say("zh")
