"""The order of the tiers: which terms are decided before which, and what that makes a unit of each worth to the search.

Totals are compared tier by tier (:func:`solver.timetable.search.better`). The annealing needs one sum: in it a unit of
a term is worth as much against the next tier as in the usual order, whatever tiers stand where.
"""

from __future__ import annotations

from collections.abc import Sequence

from solver.timetable.state import TRAVEL

USUAL = (0, 1, 2, 3, 4)
"""Unserved weight, doors, crew shifts, joint days, travel; the first is the first in any order."""

WORTH = (20_000.0, 2_000.0, 400.0, 20.0, 1.0)
"""What a unit of each is worth in the usual order, in minutes of travel."""

OUTWEIGHED = (0.0, 10.0, 5.0, 20.0, 20.0)
"""So many units of a term are outweighed by one of the tier before it; there is no tier before unserved weight."""

WEIGHT_OVER_HOME, HOME_OVER_NEXT = 2.5, 4.0
"""What stands between the first tier and the second: a unit of weight against a visit at home, and that against a unit
of the second tier; at home is never worth less than in the usual order."""


def worth_of(tiers: Sequence[int]) -> list[float]:
    """Return what a unit of each term is worth, in minutes of travel, where they are decided in this order.

    Travel is worth what it always is, so that temperatures keep their meaning. A tier before it is worth just enough to
    outweigh :data:`OUTWEIGHED` units of the next: with at least its usual worth, too, a street of 400 was left
    with a unit of weight unserved and more joint days where these came first. A tier behind travel is worth at most
    what it usually is, and little enough to be outweighed. In the usual order that is :data:`WORTH`.

    Parameters
    ----------
    tiers : terms by number, each at most once, travel among them; without some of them, those are worth 0.
    """
    order = list(tiers)
    at = order.index(TRAVEL)
    out = [0.0] * len(WORTH)
    out[TRAVEL] = WORTH[TRAVEL]
    for k in reversed(range(at)):
        out[order[k]] = OUTWEIGHED[order[k + 1]] * out[order[k + 1]]
    for k in range(at + 1, len(order)):
        out[order[k]] = min(WORTH[order[k]], out[order[k - 1]] / OUTWEIGHED[order[k]])
    return out


def home_worth(tiers: Sequence[int], worth: Sequence[float]) -> float:
    """Return what a visit at home is worth: less than a unit of weight, more than one of the second tier."""
    usual = HOME_OVER_NEXT * WORTH[USUAL[1]]
    return max(usual, HOME_OVER_NEXT * worth[tiers[1]])
