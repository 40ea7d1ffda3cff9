"""Random numbers by hash: uniform, independent, and each the property of what it is drawn for."""

from __future__ import annotations

from statistics import NormalDist

import numpy as np
import pytest

from scheduler.delay.distributions import (
    Fixed,
    Lognormal,
    Triangular,
    Uniform,
    distribution_of,
    distribution_text,
    normal_quantile,
)
from scheduler.delay.draws import Stream, chances, keys_of, run_keys

KEYS = keys_of((f"I{n}",) for n in range(400))
RUNS = run_keys(1, range(500))


def test_chances_are_uniform():
    """Kolmogorov-Smirnov at 0.1 %: 1.95 over the root of the number of draws."""
    u = np.sort(chances(KEYS, RUNS, Stream.PART).ravel())
    n = len(u)
    assert np.abs(u - (np.arange(n) + 0.5) / n).max() < 1.95 / n**0.5
    assert u[0] > 0
    assert u[-1] < 1


def test_chances_of_things_runs_streams_and_seeds_do_not_go_together():
    """Correlations over n draws stay within 5 over the root of n."""
    u = chances(KEYS, RUNS, Stream.PART)
    others = (
        (u[:-1], u[1:]),
        (u[:, :-1], u[:, 1:]),
        (u, chances(KEYS, RUNS, Stream.LEG)),
        (u, chances(KEYS, run_keys(2, range(500)), Stream.PART)),
    )
    for a, b in others:
        assert abs(np.corrcoef(a.ravel(), b.ravel())[0, 1]) < 5 / a.size**0.5


def test_a_chance_does_not_depend_on_what_else_is_drawn():
    u = chances(KEYS, RUNS, Stream.LEG)
    assert np.array_equal(chances(KEYS[[17, 3]], RUNS[:9], Stream.LEG), u[[17, 3], :9])


def test_a_chance_is_the_same_on_every_machine():
    u = chances(keys_of([("A1", "I1")]), run_keys(7, range(1)), Stream.PART)
    assert u[0, 0] == pytest.approx(0.21637287633965674, abs=1e-15)


def test_normal_quantiles_agree_with_the_standard_library():
    u = np.array([1e-16, 1e-9, 0.0749, 0.075, 0.0751, 0.3, 0.5, 0.7, 0.925, 0.99, 1 - 1e-12])
    assert normal_quantile(u) == pytest.approx([NormalDist().inv_cdf(float(x)) for x in u], abs=1e-12)


@pytest.mark.parametrize(
    ("distribution", "mean"),
    [
        (Fixed(factor=1.2), 1.2),
        (Uniform(lo=0.85, hi=1.25), 1.05),
        (Triangular(lo=0.8, mode=1.0, hi=1.5), 1.1),
        (Triangular(lo=1.0, mode=1.0, hi=1.0), 1.0),
        (Lognormal(sigma=0.3), float(np.exp(0.045))),
    ],
)
def test_quantiles_rise_and_have_the_mean_of_their_distribution(distribution, mean):
    grid = (np.arange(200_000) + 0.5) / 200_000
    factors = distribution.quantile(grid)
    assert (np.diff(factors) >= 0).all()
    assert factors.mean() == pytest.approx(mean, abs=1e-4)
    assert distribution_of(distribution_text(distribution)) == distribution


@pytest.mark.parametrize(
    "text", ["", "normal:1", "uniform:1", "uniform:1:2:3", "uniform:2:1", "fixed:-1", "lognormal:x", "fixed:inf",
             "triangular:1:0.5:2", "uniform:nan:1"]
)  # fmt: skip
def test_texts_that_are_no_distribution_are_refused(text):
    with pytest.raises(ValueError):  # noqa: PT011
        distribution_of(text)
