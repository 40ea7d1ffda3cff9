"""One look at prices in which every street shift takes whole visits and whole crews; for a single small street."""

from __future__ import annotations

from concurrent.futures import Executor
from itertools import pairwise

import numpy as np

from solver.bound.look import KNOWN, Ground, Known, Look, Prices
from solver.bound.shifts import MAX_CREWS, MAX_VISITS, fullest_shifts, known_shifts, take_back
from solver.bound.tasks import F64, I64, Tasks
from solver.timetable.problem import TimetableProblem

MAX_OPTIONS = 60
"""Street shifts with more options are not searched as a whole: too many sets of visits are worth nearly the same."""

SHARE_OF_SLACK, BUDGET = 0.1, 10_000
"""Leeway, as a share of a single crew's, and steps of the search of one street shift."""


class WholeShifts(Look):
    """One look at prices: every street shift takes whole visits and whole crews, each of which can be done."""

    def __init__(self, ground: Ground) -> None:
        super().__init__(ground)
        p, t = ground.p, ground.t
        self.options = np.argsort(t.option_slot, kind="stable").astype(np.int64)
        self.begins = np.searchsorted(t.option_slot[self.options], np.arange(p.num_slots + 1)).astype(np.int64)
        self.crews = _crews(p)[t.group_authority, t.group_slot]
        self.option_ent = np.repeat(np.arange(p.num_enterprises), np.diff(t.ent_options)).astype(np.int64)
        self.worth, self.taken = np.zeros(p.num_slots), np.zeros(p.num_slots, dtype=np.int64)
        self.num = np.zeros(p.num_slots, dtype=np.int64)
        self.chosen = np.zeros((p.num_slots, MAX_VISITS), dtype=np.int64)

    @staticmethod
    def fits(p: TimetableProblem, t: Tasks) -> bool:
        """Say whether street shifts are few and small enough to be searched in a moment, with crews for the tables."""
        options = int(np.bincount(t.option_slot, minlength=1).max(initial=0))
        return p.num_streets == 1 and options <= MAX_OPTIONS and int(_crews(p).max(initial=0)) <= MAX_CREWS

    def price(self, pool: Executor, price: F64, slack: float) -> None:
        """Find the visits of every street shift that bring most at these prices."""
        p, g = self.ground.p, self.ground
        cuts = np.searchsorted(self.begins, np.linspace(0, self.begins[-1], 9)[1:-1])
        marks = (0, *(int(c) for c in cuts), p.num_slots)
        jobs = [
            pool.submit(
                fullest_shifts, g.t, price, self.begins, self.options, self.crews, first, last, g.legs, g.detours[0],
                int(p.street_places[0]), p.slot_lo, p.slot_hi, p.buffer, slack * SHARE_OF_SLACK, BUDGET,
                p.num_authorities, self.option_ent, self.worth, self.taken, self.num, self.chosen,
            )
            for first, last in pairwise(marks)
            if last > first
        ]  # fmt: skip
        for job in jobs:
            job.result()

    def value(self, price: F64) -> float:
        """Return the value of the street shifts found, and leave the direction of ascent in `asked`."""
        paid = self.demand(price, self.asked)
        take_back(self.ground.t, self.num, self.chosen, self.asked)
        return paid - float(self.worth.sum())

    def best_of(self, price: F64) -> Prices:
        """Return the prices with their value."""
        value = self.value(price)
        return Prices(bound=value, task_price=price, paid=self.paid.copy())

    def known(self) -> Known:
        """Return an empty memory of street shifts."""
        return _KnownShifts(self.ground.p.num_slots)


def _crews(p: TimetableProblem) -> I64:
    """Return the crews of a single street by authority and slot, all its pools together."""
    pools = (p.crews_street, p.crews_district, p.crews_city)
    by_area = [f.reshape(p.num_authorities, -1, p.num_slots).astype(np.int64) for f in pools]
    total: I64 = np.concatenate(by_area, axis=1).sum(axis=1)
    return total


class _KnownShifts(Known):
    """Choices of every slot that paid at some prices."""

    def __init__(self, slots: int) -> None:
        self.routes = np.zeros((slots, KNOWN, MAX_VISITS), dtype=np.int32)
        self.stops, self.taken = np.zeros((slots, KNOWN), dtype=np.int64), np.zeros((slots, KNOWN), dtype=np.int64)
        self.num, self.oldest = np.zeros(slots, dtype=np.int64), np.zeros(slots, dtype=np.int64)

    def learn(self, look: Look) -> None:
        """Remember the choices of a look that pay."""
        assert isinstance(look, WholeShifts)
        for s in np.nonzero(look.num)[0]:
            k = int(self.num[s])
            if k < KNOWN:
                self.num[s] = k + 1
            else:
                k = int(self.oldest[s])
                self.oldest[s] = (k + 1) % KNOWN
            self.routes[s, k], self.stops[s, k], self.taken[s, k] = look.chosen[s], look.num[s], look.taken[s]

    def price(self, look: Look, price: F64) -> None:
        """Put the dearest known choices into the look."""
        assert isinstance(look, WholeShifts)
        t = look.ground.t
        known_shifts(t, price, self.routes, self.stops, self.taken, self.num, look.worth, look.num, look.chosen)
