"""Caravans for routing libraries: vehicles with a set of authorities, a library's routes, and their repair.

A vehicle is a team of fixed authorities in one street shift; a job may ride with any team that has its authorities.
That two teams draw on the same crews is what PyVRP and VROOM cannot say: they are let off the pools (beyond that some
team of a set could come at all), and what exceeds them is repaired afterwards.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from multiprocessing import get_context

import numpy as np
import numpy.typing as npt

from benchmarks.peers.answer import Budget, PeerAnswer, unserved_weight
from benchmarks.peers.caravan_data import CaravanBest, caravan_data, empty_best, empty_state, placed_of, teams_of
from benchmarks.peers.caravan_search import insert_all, try_team
from benchmarks.peers.first_fit import first_order
from benchmarks.peers.jobs import PeerCase, slots_in

REPAIR_SHARE, REPAIR_LEAST_S = 0.03, 0.5
"""Share and least seconds of the time kept for the repair."""

APART = 10_000
"""Minutes between the begins of two slots on the time axis of a library."""

W_WEIGHT, W_CREW = 20_000, 400
RARE_SLOTS = 12
"""Slots at which a set of authorities that is not frequent gets a team."""

Needs = tuple[tuple[int, int], ...]
"""Crews by authority, sorted."""

Route = tuple[int, tuple[int, ...]]
"""Slot of a team, and its jobs in order."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StreetJob:
    """A job in its heaviest option.

    Parameters
    ----------
    windows : (slot, first start, last start), ascending.
    hours : whether they are narrower than its legs and shifts make them.
    """

    job: int
    place: int
    stay: int
    weight: int
    needs: Needs
    windows: tuple[tuple[int, int, int], ...]
    hours: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class StreetModel:
    """The caravans of one street.

    Parameters
    ----------
    legs : minutes between places, 0 is the office.
    sets : crews by authority of the kinds of teams.
    vehicles : (slot, set) of every team that may be out.
    fits : sets that a job may ride with, by job.
    pools : crews of every authority by slot, as if no other street used any.
    """

    jobs: tuple[StreetJob, ...]
    legs: npt.NDArray[np.int64]
    buffer: int
    slot_lo: tuple[int, ...]
    slot_hi: tuple[int, ...]
    sets: tuple[Needs, ...]
    vehicles: tuple[tuple[int, int], ...]
    fits: tuple[frozenset[int], ...]
    pools: npt.NDArray[np.int64]

    def members(self, k: int) -> int:
        """Return the crews of a set."""
        return sum(crews for _, crews in self.sets[k])


StreetSolver = Callable[[StreetModel, Budget], list[Route]]
"""Takes a street and what it may use, building included; returns routes."""


def street_model(case: PeerCase, street: int, max_vehicles: int, rare_slots: int = RARE_SLOTS) -> StreetModel:
    """Return the caravans of a street, with teams of its most frequent sets of authorities as far as they go."""
    jobs = tuple(_street_job(case, j) for j, job in enumerate(case.jobs) if job.street == street)
    pools = np.array(
        [[case.crews_at(a, street, s) for s in range(case.num_slots)] for a in range(case.num_authorities)]
    )
    count: dict[Needs, int] = {}
    for job in jobs:
        count[job.needs] = count.get(job.needs, 0) + 1
    sets: list[Needs] = []
    vehicles: list[tuple[int, int]] = []
    late: list[Needs] = []
    for needs in sorted(count, key=lambda n: (-count[n], n)):
        slots = _slots_of(jobs, needs, pools)
        if len(vehicles) + len(slots) > max_vehicles:
            late.append(needs)
            continue
        vehicles += [(s, len(sets)) for s in slots]
        sets.append(needs)
    for needs in late:
        if not any(_within(needs, other) for other in sets):
            slots = _slots_of(jobs, needs, pools)
            vehicles += [(s, len(sets)) for s in slots[:: max(1, len(slots) // max(2, rare_slots))]]
            sets.append(needs)
    return StreetModel(
        jobs=jobs,
        legs=case.legs[street],
        buffer=case.buffer,
        slot_lo=case.slot_lo,
        slot_hi=case.slot_hi,
        sets=tuple(sets),
        vehicles=tuple(sorted(vehicles)),
        fits=tuple(frozenset(k for k, s in enumerate(sets) if _within(job.needs, s)) for job in jobs),
        pools=pools,
    )


def _street_job(case: PeerCase, j: int) -> StreetJob:
    job, option = case.jobs[j], case.jobs[j].options[0]
    home = int(case.legs[job.street][0, job.place])
    windows = []
    for s in slots_in(option.slots):
        lo = max(case.slot_lo[s] + home, job.open_from)
        hi = min(case.slot_hi[s] - home, job.open_to) - option.stay
        if lo <= hi:
            windows.append((s, lo, hi))
    needs = tuple(sorted((p.authority, p.crews) for p in option.parts))
    return StreetJob(
        job=j,
        place=job.place,
        stay=option.stay,
        weight=option.weight,
        needs=needs,
        windows=tuple(windows),
        hours=job.open_from > 0 or job.open_to < 1440,
    )


def _within(a: Needs, b: Needs) -> bool:
    have = dict(b)
    return all(have.get(authority, 0) >= crews for authority, crews in a)


def _slots_of(jobs: tuple[StreetJob, ...], needs: Needs, pools: npt.NDArray[np.int64]) -> list[int]:
    """Return the slots at which the crews are there and a job of exactly this set may be."""
    wanted = {s for job in jobs if job.needs == needs for s, _, _ in job.windows}
    return sorted(s for s in wanted if all(pools[a, s] >= crews for a, crews in needs))


def by_street(
    case: PeerCase, budget: Budget, solver: StreetSolver, *, max_vehicles: int, threads: int, relaxation: str, note: str
) -> PeerAnswer:
    """Solve every street with a library, on all cores, and repair the answers.

    With more cores than streets a library of one thread runs with several seeds, and the best repaired answer counts.
    """
    at_once = max(1, budget.workers // threads)
    share = -(-case.num_streets // at_once)  # streets one after the other: each has less time, so fewer vehicles
    models = [street_model(case, s, max_vehicles // share, RARE_SLOTS // share) for s in range(case.num_streets)]
    models = [m for m in models if m.jobs]
    seeds = max(1, at_once // max(1, len(models)))
    now = time.perf_counter()
    seconds = budget.left() - max(REPAIR_LEAST_S, REPAIR_SHARE * budget.left())
    rounds = -(-len(models) * seeds // at_once)
    calls = []
    for k in range(seeds):
        for m in models:
            until = now + seconds * (1 + len(calls) // at_once) / rounds
            calls.append((m, Budget(until=until, seed=budget.seed * 1000 + k, workers=threads)))
    if at_once > 1:
        with ProcessPoolExecutor(at_once, mp_context=get_context("spawn")) as pool:
            found = list(pool.map(solver, *zip(*calls, strict=True)))
    else:
        found = [solver(*call) for call in calls]
    answers = []
    for k in range(seeds):
        routes = [r for street in found[k * len(models) : (k + 1) * len(models)] for r in street]
        answers.append(_answer(case, routes, relaxation))
    best = min(answers, key=lambda a: (unserved_weight(case, a.placed), int(a.note)))
    return replace(best, note=f"{note}; {best.note} crew shifts after the repair, {len(models[0].vehicles)} vehicles")


def _answer(case: PeerCase, routes: list[Route], relaxation: str) -> PeerAnswer:
    relaxed, served = 0, 0
    for _, jobs in routes:
        need: dict[int, int] = {}
        for j in jobs:
            served += case.jobs[j].options[0].weight
            for part in case.jobs[j].options[0].parts:
                need[part.authority] = max(need.get(part.authority, 0), part.crews)
        relaxed += sum(need.values())
    best = repair(case, routes)
    return PeerAnswer(
        placed=tuple(placed_of(case, teams_of(case, best))),
        relaxation=relaxation,
        relaxed_crew_shifts=relaxed,
        relaxed_unserved=unserved_weight(case, ()) - served,
        note=str(int(best.totals[2])),
    )


def repair(case: PeerCase, routes: list[Route]) -> CaravanBest:
    """Return caravans that keep every rule.

    In the order of time, and of jobs within a slot, a team is sent when shift, dates and pools allow it; if not, the
    whole team moves to the first other slot that does. Jobs left over go where they cost least, the heaviest first.
    """
    d = caravan_data(case)
    st = empty_state(d, 1)
    first = d.job_options
    late = []
    for slot, jobs in sorted(routes, key=lambda r: (r[0], -len(r[1]), r[1])):
        if not _send(case, d, st, slot, jobs, first):
            late.append(jobs)
    for jobs in sorted(late, key=lambda r: (-len(r), r)):
        allowed = (1 << case.num_slots) - 1
        for j in jobs:
            allowed &= case.jobs[j].options[0].slots
        for slot in slots_in(allowed):
            if _send(case, d, st, slot, jobs, first):
                break
    best = empty_best(d)
    order = sorted(first_order(case), key=lambda j: -case.jobs[j].options[0].weight)
    insert_all(d, st, np.array(order, dtype=np.int64), best)
    return best


def _send(case: PeerCase, d, st, slot: int, jobs: tuple[int, ...], first) -> bool:  # type: ignore[no-untyped-def]
    ids = np.array(jobs, dtype=np.int64)
    return bool(try_team(d, st, case.jobs[jobs[0]].street * case.num_slots + slot, ids, first[ids]))
