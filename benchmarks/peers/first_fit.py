"""Matching by enterprise, then first-fit into dates: what published systems of joint inspection do.

Every job takes the first slot at which a crew of each of its authorities can come, behind the visits that it already
has; all parts begin together. The first answer is the plain one, in the order of the last possible date. What is left
of the time goes into restarts with shuffled orders, every other one taking the slot of fewest new crews instead
(best-fit), and the best answer in the order of tiers is kept.
"""

from __future__ import annotations

import random
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from multiprocessing import get_context

from benchmarks.peers.answer import Budget, PeerAnswer, Placed, crew_shifts, unserved_weight
from benchmarks.peers.jobs import Job, Option, PeerCase, slots_in
from benchmarks.peers.pools import CrewUse

NOISE = 12.0
"""How far, in slots, a job may move in the order of a restart."""


class _Crew:
    __slots__ = ("number", "place", "ready")

    def __init__(self, number: int, place: int, ready: int) -> None:
        self.number, self.place, self.ready = number, place, ready


class _Plan:
    """Crews out in every street shift, each only known by where and when it is free."""

    def __init__(self, case: PeerCase) -> None:
        self.case = case
        self.use = CrewUse(case)
        self.crews: dict[tuple[int, int, int], list[_Crew]] = {}

    def look(self, job: Job, option: Option, slot: int) -> tuple[int, int, list[list[_Crew | None]]] | None:
        """Return (new crews, start, crews by part) in a slot; ``None`` when the job does not fit."""
        case, legs = self.case, self.case.legs[job.street]
        home = int(legs[0, job.place])
        latest = min(case.slot_hi[slot] - home, job.open_to) - option.stay
        first = max(case.slot_lo[slot] + home, job.open_from)
        if first > latest:
            return None
        start, new, chosen = first, 0, []
        for part in option.parts:
            reach = []
            for crew in self.crews.get((job.street, slot, part.authority), ()):
                at = crew.ready + int(legs[crew.place, job.place]) + case.buffer
                if at <= latest:
                    reach.append((at, crew.number, crew))
            reach.sort(key=lambda r: r[:2])
            reach = reach[: part.crews]
            missing = part.crews - len(reach)
            if missing > 0 and self.use.left(part.authority, job.street, slot) < missing:
                return None
            new += missing
            chosen.append([r[2] for r in reach] + [None] * missing)
            start = max([start] + [r[0] for r in reach])
        return new, start, chosen

    def put(self, j: int, option: Option, slot: int, start: int, chosen: list[list[_Crew | None]]) -> Placed:
        """Send the crews."""
        job = self.case.jobs[j]
        numbers = []
        for part, crews in zip(option.parts, chosen, strict=True):
            out = self.crews.setdefault((job.street, slot, part.authority), [])
            mine = []
            for crew in crews:
                if crew is None:
                    crew = _Crew(len(out), job.place, 0)
                    out.append(crew)
                    self.use.add(part.authority, job.street, slot, 1)
                crew.place, crew.ready = job.place, start + part.minutes
                mine.append(crew.number)
            numbers.append(tuple(mine))
        return Placed(job=j, option=option, slot=slot, starts=(start,) * len(option.parts), crews=tuple(numbers))


def one_pass(case: PeerCase, order: list[int], *, best_fit: bool, budget: Budget | None = None) -> list[Placed]:
    """Return the jobs placed one by one, each in the first slot that holds it or in that of fewest new crews."""
    plan = _Plan(case)
    placed = []
    for j in order:
        if budget is not None and budget.left() <= 0:
            break
        job = case.jobs[j]
        for option in job.options:
            best = None
            for slot in slots_in(option.slots):
                found = plan.look(job, option, slot)
                if found is None:
                    continue
                if best is None or found[:2] < best[0][:2]:
                    best = found, slot
                if not best_fit or found[0] == 0:
                    break
            if best is not None:
                placed.append(plan.put(j, option, best[1], best[0][1], best[0][2]))
                break
    return placed


def first_order(case: PeerCase, noise: float = 0.0, rng: random.Random | None = None) -> list[int]:
    """Return the jobs by the last slot of their best option, then by the number of its slots; shuffled with noise."""

    def key(j: int) -> tuple[float, int]:
        slots = case.jobs[j].options[0].slots
        shuffle = rng.uniform(0.0, noise) if rng is not None else 0.0
        return slots.bit_length() + shuffle, slots.bit_count()

    return sorted(range(len(case.jobs)), key=key)


def rank(case: PeerCase, placed: list[Placed]) -> tuple[int, int, int]:
    """Return what decides between two answers: weight left out, doors, crew shifts."""
    return unserved_weight(case, placed), len(placed), crew_shifts(case, placed)


def _restarts(case: PeerCase, budget: Budget, best: list[Placed]) -> list[Placed]:
    rng = random.Random(budget.seed)
    top, turn = rank(case, best), 0
    while budget.left() > 0.05:
        order = first_order(case, NOISE * (1 + turn % 3), rng)
        new = one_pass(case, order, best_fit=turn % 2 == 0, budget=budget)
        if len(new) and (found := rank(case, new)) < top:
            best, top = new, found
        turn += 1
    return best


def first_fit(case: PeerCase, budget: Budget) -> PeerAnswer:
    """Return the best of first-fit and its restarts."""
    plain = one_pass(case, first_order(case), best_fit=False)
    best = [plain]
    if budget.left() > 1.0 and budget.workers > 1:
        seeds = [replace(budget, seed=budget.seed * 1000 + k) for k in range(budget.workers)]
        with ProcessPoolExecutor(budget.workers, mp_context=get_context("spawn")) as pool:
            best += pool.map(_restarts, [case] * len(seeds), seeds, [plain] * len(seeds))
    else:
        best.append(_restarts(case, budget, plain))
    crews, unserved = crew_shifts(case, plain), unserved_weight(case, plain)
    return PeerAnswer(
        placed=tuple(min(best, key=lambda placed: rank(case, placed))),
        note=f"plain pass: {crews} crew shifts, {unserved} unserved; then restarts",
    )
