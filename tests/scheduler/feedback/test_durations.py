"""Measured minutes: they converge to the true ones, and noise is not chased."""

from __future__ import annotations

import numpy as np
import pytest

from scheduler.feedback.durations import MAX_MINUTES, Measured, durations, estimates
from scheduler.feedback.rules import DEFAULT_RULES

TRUE = {"a": 25.0, "b": 45.0, "c": 70.0}
OVERHEAD = 10


def _entries(rng: np.random.Generator, n: int, noise: float = 0.2, *, most: int = 3) -> list[Measured]:
    out = []
    for k in range(n):
        codes = tuple(sorted(rng.choice(list(TRUE), size=int(rng.integers(1, most + 1)), replace=False)))
        minutes = (OVERHEAD + sum(TRUE[c] for c in codes)) * (1 + noise * float(rng.standard_normal()))
        out.append(Measured(ref=f"N{k:04d}", authority_id="A1", minutes=max(1, round(minutes)), codes=codes))
    return out


def _proposed(measured: list[Measured], planned: dict[str, int]) -> dict[str, int]:
    of = {("A1", c): m for c, m in planned.items()}
    found = durations(measured, of, DEFAULT_RULES, OVERHEAD)
    return {str(p.item_code): int(p.new or 0) for p in found}


def test_minutes_of_entries_without_noise_are_shared_out_exactly() -> None:
    measured = _entries(np.random.default_rng(1), 60, noise=0.0)
    for e in estimates(measured, OVERHEAD):
        assert e.mean == pytest.approx(TRUE[e.code], abs=0.6)


@pytest.mark.parametrize(("n", "within"), [(300, 6), (1000, 4)])
def test_corrections_converge_to_the_true_minutes_the_nearer_the_more_is_measured(n: int, within: int) -> None:
    for run in range(3):
        planned = {"a": 60, "b": 20, "c": 70}
        for horizon in range(4):
            planned |= _proposed(_entries(np.random.default_rng(100 * run + horizon), n), planned)
        assert all(abs(minutes - TRUE[code]) <= within for code, minutes in planned.items()), planned
        assert planned["c"] == 70


def test_noise_is_not_chased_where_the_estimates_are_right() -> None:
    right = {c: round(m) for c, m in TRUE.items()}
    changed = sum(len(_proposed(_entries(np.random.default_rng(s), 60, 0.3), right)) for s in range(100))
    assert changed <= 3, "of 300 chances"


def test_too_few_measurements_change_nothing_and_enough_do() -> None:
    one = [Measured(ref=f"N{k}", authority_id="A1", minutes=70 + k % 3, codes=("a",)) for k in range(8)]
    assert _proposed(one[:7], {"a": 30}) == {}
    assert 30 < _proposed(one, {"a": 30})["a"] <= 61


def test_the_more_was_measured_the_less_the_estimate_weighs() -> None:
    many = [Measured(ref=f"N{k:03d}", authority_id="A1", minutes=70 + k % 3, codes=("a",)) for k in range(200)]
    few, most = _proposed(many[:8], {"a": 30})["a"], _proposed(many, {"a": 30})["a"]
    assert few < most <= 61


def test_a_code_that_nobody_forgot_to_scan_out_of_is_not_moved_by_those_who_did() -> None:
    measured = _entries(np.random.default_rng(5), 100)
    late = [Measured(ref=f"Z{k}", authority_id="A1", minutes=600, codes=("a",)) for k in range(6)]
    never = [Measured(ref=f"Y{k}", authority_id="A1", minutes=MAX_MINUTES + 1, codes=("a",)) for k in range(50)]
    clean = {e.code: e.mean for e in estimates(measured, OVERHEAD)}
    dirty = {e.code: e.mean for e in estimates([*measured, *late, *never], OVERHEAD)}
    assert dirty["a"] == pytest.approx(clean["a"], abs=6)


def test_codes_that_only_occur_together_cannot_be_told_apart_and_nothing_is_proposed() -> None:
    both = [Measured(ref=f"N{k}", authority_id="A1", minutes=120 + k % 5, codes=("a", "b")) for k in range(40)]
    assert _proposed(both, {"a": 30, "b": 30}) == {}


def test_an_item_measured_by_itself_has_no_overhead() -> None:
    own = [
        Measured(ref=f"N{k}", authority_id="A1", minutes=40 + k % 2, codes=("a",), with_overhead=False)
        for k in range(30)
    ]
    (found,) = estimates(own, OVERHEAD)
    assert found.mean == pytest.approx(40.5, abs=0.5)


def test_the_order_of_the_record_changes_nothing() -> None:
    measured = _entries(np.random.default_rng(3), 80)
    assert estimates(measured, OVERHEAD) == estimates(measured[::-1], OVERHEAD)
