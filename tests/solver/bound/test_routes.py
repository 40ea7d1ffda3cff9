"""The dearest route and the fullest street shift are those of trying every order and every set."""

from __future__ import annotations

from itertools import combinations, permutations

import numpy as np
import pytest

from solver.bound.routes import MAX_STOPS, dearest_route, least_detour, shortest_legs

BEGIN, END = 540, 720


def draw(seed: int, count: int, *, hours: bool, stop: float = 3.0):
    rng = np.random.default_rng(seed)
    at = rng.uniform(0, 4, (count + 1, 2))
    far = np.sqrt(((at[:, None] - at[None]) ** 2).sum(axis=2))
    legs = np.ceil(stop + 4 * far - 1e-9).astype(np.int16)
    np.fill_diagonal(legs, 0)
    minutes = rng.integers(20, 70, count)
    price = minutes / 170 * rng.uniform(0.7, 1.3, count)
    lo = np.full(count, BEGIN)
    hi = np.full(count, END)
    if hours:
        lo[::2] += rng.integers(0, 90, len(lo[::2]))
        hi[1::2] -= rng.integers(0, 60, len(hi[1::2]))
    return legs, minutes, price, lo, hi


def by_trying(legs, minutes, price, lo, hi, buffer):
    best = 0.0
    for size in range(1, 6):
        for tasks in combinations(range(len(minutes)), size):
            worth = float(price[list(tasks)].sum())
            if worth > best and any(_possible(order, legs, minutes, lo, hi, buffer) for order in permutations(tasks)):
                best = worth
    return best


def _possible(order, legs, minutes, lo, hi, buffer):
    now, here = BEGIN, 0
    for k, i in enumerate(order):
        now = max(now + int(legs[here, i + 1]) + (buffer if k else 0), int(lo[i])) + int(minutes[i])
        here = i + 1
        if now > hi[i]:
            return False
    return now + int(legs[here, 0]) <= END


def search(legs, minutes, price, lo, hi, buffer, *, slack=0.0, floor=0.0):
    waits = bool((lo > BEGIN).any() or (hi < END).any())
    need = minutes + least_detour(3.0) + buffer
    order = np.argsort(-price / need, kind="stable")
    count = len(minutes)
    work = (
        np.zeros((count + 1, END - BEGIN + buffer + 1)),
        np.zeros((1 << MAX_STOPS, MAX_STOPS), dtype=np.int64),
        np.zeros((1 << MAX_STOPS, MAX_STOPS), dtype=np.int64),
        np.zeros(MAX_STOPS, dtype=np.int64),
    )
    found = np.zeros(MAX_STOPS, dtype=np.int64)
    place = (order + 1).astype(np.int64)
    closed = shortest_legs(legs).astype(np.int64)
    value, most, stops = dearest_route(
        price[order], place, minutes[order].astype(np.int64), need[order].astype(np.int64), lo[order].astype(np.int64),
        hi[order].astype(np.int64), count, closed.reshape(-1), 0, len(closed), BEGIN, END, buffer, waits, floor, slack,
        work, found,
    )  # fmt: skip
    return value, most, [int(order[k]) for k in found[:stops]]


@pytest.mark.parametrize("hours", [False, True])
@pytest.mark.parametrize("buffer", [0, 7])
@pytest.mark.parametrize("seed", range(12))
def test_the_dearest_route_is_that_of_trying_every_order(seed, buffer, hours):
    case = draw(seed, 9, hours=hours)
    value, most, tasks = search(*case, buffer)
    assert value == pytest.approx(by_trying(*case, buffer))
    assert most == pytest.approx(value)
    assert sum(case[2][tasks]) == pytest.approx(value)


@pytest.mark.parametrize("seed", range(12))
def test_with_leeway_the_most_is_never_below_the_truth_nor_far_above(seed):
    case = draw(seed, 9, hours=seed % 2 == 0)
    truth = by_trying(*case, 0)
    value, most, _ = search(*case, 0, slack=0.08)
    assert value <= truth + 1e-9
    assert truth - 1e-9 <= most <= truth + 0.08 + 1e-9


def test_nothing_is_found_below_the_floor():
    case = draw(3, 9, hours=False)
    truth = by_trying(*case, 0)
    assert search(*case, 0, floor=truth + 0.01) == (truth + 0.01, truth + 0.01, [])


def test_a_detour_through_a_third_place_never_beats_the_closed_leg():
    legs = np.array([[0, 9, 3], [9, 0, 4], [3, 4, 0]], dtype=np.int16)
    assert shortest_legs(legs).tolist() == [[0, 7, 3], [7, 0, 4], [3, 4, 0]]


@pytest.mark.parametrize("stop", [0.0, 0.5, 1.0, 2.5, 3.0])
def test_no_stop_lengthens_a_way_by_less_than_the_least_detour(stop):
    legs, *_ = draw(5, 14, hours=False, stop=stop)
    for u, i, j in permutations(range(len(legs)), 3):
        assert int(legs[i, u]) + int(legs[u, j]) - int(legs[i, j]) >= least_detour(stop)
