"""Exact tails of counts: what chance alone would bring about."""

from __future__ import annotations

from math import exp, lgamma, log

_SMALL = 1e-17
"""A term so small beside the sum ends it: what follows is smaller still."""


def at_least(num: int, of: int, rate: float) -> float:
    """Return the chance of `num` or more out of `of` when each has the chance `rate`: the exact binomial tail.

    Parameters
    ----------
    num, of : whole numbers, 0 and up.
    rate : from 0 to 1.
    """
    if num <= 0:
        return 1.0
    if num > of or rate <= 0.0:
        return 0.0
    if rate >= 1.0:
        return 1.0
    if num <= of * rate:  # the terms would still grow: add the shorter side
        return max(0.0, 1.0 - _upper(of - num + 1, of, 1.0 - rate))
    return _upper(num, of, rate)


def _upper(num: int, of: int, rate: float) -> float:
    """Add the terms from `num` on; beyond the mean every one is smaller than the one before."""
    if num > of:
        return 0.0
    term = exp(lgamma(of + 1) - lgamma(num + 1) - lgamma(of - num + 1) + num * log(rate) + (of - num) * log(1 - rate))
    total, odds = term, rate / (1.0 - rate)
    for k in range(num, of):
        term *= (of - k) / (k + 1) * odds
        total += term
        if term < total * _SMALL:
            break
    return min(1.0, total)


def upper_limit(of: int, rate: float, level: float) -> int:
    """Return the greatest count that is inside a funnel: more than it has a chance of at most `level`.

    Parameters
    ----------
    level : of the upper side, such as 0.025 for a funnel of 95 %.
    """
    low, high = -1, of
    while high - low > 1:
        middle = (low + high) // 2
        if at_least(middle + 1, of, rate) <= level:
            high = middle
        else:
            low = middle
    return high
