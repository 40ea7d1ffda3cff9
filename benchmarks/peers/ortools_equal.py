"""OR-Tools routing with equal start times, over a rolling set of street shifts.

All slots at once are too many for one routing model (122 slots by 12 authorities are thousands of vehicles), so dates
come from first-fit with restarts, and then OR-Tools fills a few street shifts of a street again and again, with every
crew that the pools still allow there and with jobs of the street that are left out; a filling that is better in the
order of tiers is taken.
"""

from __future__ import annotations

import random
import time
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from dataclasses import dataclass, replace
from itertools import pairwise
from multiprocessing import get_context

import numpy as np

from benchmarks.peers.answer import Budget, PeerAnswer, Placed, crew_shifts
from benchmarks.peers.equal_starts import Refill, Refilled, refill
from benchmarks.peers.first_fit import first_fit
from benchmarks.peers.jobs import Option, PeerCase
from benchmarks.peers.pools import CrewUse

SECONDS = 1.5
"""Of one filling; of 0.5, 1.5 and 4 the best (see benchmarks/README.md)."""

SHARE_OF_START = 0.15
"""Share of the time for first-fit with restarts, which gives the dates."""

MOST_PARTS = 110
"""Parts of a filling, beyond which no further street shift is taken in."""

MOST_SHIFTS = 4
MOST_UNSERVED = 4
SPARE_CREWS = 1
"""Crews of an authority and street shift offered beyond those that are out now."""


@dataclass(slots=True)
class _Group:
    """What a filling covers: street, slots, jobs with the option that each is offered with."""

    street: int
    slots: list[int]
    jobs: list[int]
    options: list[Option]
    refill: Refill
    nodes: list[tuple[int, int]]


class _Rolling:
    def __init__(self, case: PeerCase, placed: list[Placed], seed: int) -> None:
        self.case = case
        self.rng = random.Random(seed)
        self.placed = {p.job: p for p in placed}
        self.use = CrewUse(case)
        self.members: dict[tuple[int, int], set[int]] = {}
        self.busy: set[int] = set()
        for p in placed:
            self.members.setdefault((case.jobs[p.job].street, p.slot), set()).add(p.job)
        for street, slot in self.members:
            self._count(street, slot, 1)

    def crews(self, street: int, slot: int) -> dict[int, set[int]]:
        """Return the crews out by authority."""
        out: dict[int, set[int]] = {}
        for j in self.members.get((street, slot), ()):
            p = self.placed[j]
            for part, crews in zip(p.option.parts, p.crews, strict=True):
                out.setdefault(part.authority, set()).update(crews)
        return out

    def _count(self, street: int, slot: int, sign: int) -> None:
        for authority, crews in self.crews(street, slot).items():
            self.use.add(authority, street, slot, sign * len(crews))

    def draw(self, seconds: float) -> _Group | None:
        """Return street shifts to fill, none of them in a slot that is being filled."""
        free = [key for key, jobs in self.members.items() if jobs and key[1] not in self.busy]
        if not free:
            return None
        street, slot = self.rng.choice(free)
        slots, parts = [slot], self._parts(street, slot)
        others = [s for st, s in free if st == street and s != slot]
        self.rng.shuffle(others)
        near = sorted(others, key=lambda s: -len(self._could_move(street, s, slot)))[:8]
        self.rng.shuffle(near)
        for s in near:
            more = self._parts(street, s)
            if len(slots) < MOST_SHIFTS and parts + more <= MOST_PARTS:
                slots.append(s)
                parts += more
        return self._group(street, sorted(slots), seconds)

    def _parts(self, street: int, slot: int) -> int:
        return sum(len(self.placed[j].option.parts) for j in self.members.get((street, slot), ()))

    def _could_move(self, street: int, source: int, target: int) -> list[int]:
        return [j for j in self.members[street, source] if self.placed[j].option.slots >> target & 1]

    def _offers(self, street: int, slots: list[int]) -> tuple[list[int], list[Option]]:
        """Return the jobs of the street shifts and a few that lack weight, each with the option it is offered with."""
        mask = sum(1 << s for s in slots)
        jobs, options = [], []
        for s in slots:
            for j in sorted(self.members[street, s]):
                jobs.append(j)
                options.append(next(o for o in self.case.jobs[j].options if o.slots >> s & 1))
        out = [
            j
            for j, job in enumerate(self.case.jobs)
            if job.street == street and j not in self.placed and any(o.slots & mask for o in job.options)
        ]
        self.rng.shuffle(out)
        for j in out[:MOST_UNSERVED]:
            jobs.append(j)
            options.append(next(o for o in self.case.jobs[j].options if o.slots & mask))
        return jobs, options

    def _group(self, street: int, slots: list[int], seconds: float) -> _Group:
        case = self.case
        jobs, options = self._offers(street, slots)
        nodes: list[tuple[int, int]] = []
        node_of: dict[tuple[int, int, int], int] = {}
        r = Refill(
            slot_lo=[case.slot_lo[s] for s in slots], slot_hi=[case.slot_hi[s] for s in slots],
            vehicles=[], job_node=[], node_authority=[], node_minutes=[], node_place=[], routes=[],
            legs=self._legs(street, jobs), buffer=case.buffer,
            job_windows=[self._windows(j, o, slots) for j, o in zip(jobs, options, strict=True)], seconds=seconds,
        )  # fmt: skip
        for k, option in enumerate(options):
            for p, part in enumerate(option.parts):
                for q in range(part.crews):
                    nodes.append((k, p))
                    node_of[k, p, q] = len(nodes)
                    r.job_node.append(k)
                    r.node_authority.append(part.authority)
                    r.node_minutes.append(part.minutes)
                    r.node_place.append(k + 1)
        present: dict[tuple[int, int, int], list[tuple[int, int]]] = {}
        for k, j in enumerate(jobs):
            if j in self.placed:
                p = self.placed[j]
                number = {part.authority: n for n, part in enumerate(options[k].parts)}
                same = p.option.items == options[k].items
                for part, crews, start in zip(p.option.parts, p.crews, p.starts, strict=True):
                    for q, crew in enumerate(crews):
                        key = slots.index(p.slot), part.authority, crew
                        stops = present.setdefault(key, [])
                        if same:
                            stops.append((start, node_of[k, number[part.authority], q]))
        for (s, authority, _), stops in sorted(present.items()):
            r.vehicles.append((s, authority))
            r.routes.append([node for _, node in sorted(stops)])
        for s, slot in enumerate(slots):
            for authority in sorted(set(r.node_authority)):
                for _ in range(min(SPARE_CREWS, self.use.left(authority, street, slot))):
                    r.vehicles.append((s, authority))
                    r.routes.append([])
        return _Group(street=street, slots=slots, jobs=jobs, options=options, refill=r, nodes=nodes)

    def _legs(self, street: int, jobs: list[int]):  # type: ignore[no-untyped-def]
        places = [0, *(self.case.jobs[j].place for j in jobs)]
        return self.case.legs[street][np.ix_(places, places)]

    def _windows(self, j: int, option: Option, slots: list[int]) -> list[tuple[int, int, int]]:
        case, job = self.case, self.case.jobs[j]
        home = int(case.legs[job.street][0, job.place])
        out = []
        for k, s in enumerate(slots):
            lo = max(case.slot_lo[s] + home, job.open_from)
            hi = min(case.slot_hi[s] - home, job.open_to) - option.stay
            if option.slots >> s & 1 and lo <= hi:
                out.append((k, lo, hi))
        return out

    def read(self, group: _Group, found: Refilled) -> list[Placed] | None:
        """Return a filling; ``None`` when an option without the parts left out, or some of a part's crews, is none."""
        crews: dict[int, dict[int, list[int]]] = {}
        where: dict[int, int] = {}
        start: dict[int, int] = {}
        for v, route in enumerate(found.routes):
            for node in route:
                k, p = group.nodes[node - 1]
                crews.setdefault(k, {}).setdefault(group.options[k].parts[p].authority, []).append(v)
                where[k] = group.slots[group.refill.vehicles[v][0]]
                start[k] = found.starts[node]
        placed = []
        for k, by_authority in crews.items():
            option = self._option(group, k, by_authority, where[k])
            if option is None:
                return None
            numbers = tuple(tuple(by_authority[part.authority]) for part in option.parts)
            starts = (start[k],) * len(numbers)
            placed.append(Placed(job=group.jobs[k], option=option, slot=where[k], starts=starts, crews=numbers))
        return placed

    def _option(self, group: _Group, k: int, crews: dict[int, list[int]], slot: int) -> Option | None:
        """Return the option with the parts that are served, each as long as it was."""
        minutes = {part.authority: part.minutes for part in group.options[k].parts}
        for o in self.case.jobs[group.jobs[k]].options:
            fits = o.slots >> slot & 1 and {p.authority: p.crews for p in o.parts} == {
                a: len(c) for a, c in crews.items()
            }
            if fits and all(minutes[p.authority] == p.minutes for p in o.parts):
                return o
        return None

    def rank(self, placed: list[Placed]) -> tuple[int, int, int, int]:
        """Return what decides between fillings: weight served, doors, crew shifts, minutes travelled."""
        travel = 0
        routes: dict[tuple[int, int, int], list[tuple[int, int]]] = {}
        for p in placed:
            for part, start, crews in zip(p.option.parts, p.starts, p.crews, strict=True):
                for crew in crews:
                    routes.setdefault((p.slot, part.authority, crew), []).append((start, p.job))
        for stops in routes.values():
            way = [0, *(self.case.jobs[j].place for _, j in sorted(stops)), 0]
            travel += sum(int(self.case.legs[self.case.jobs[stops[0][1]].street][a, b]) for a, b in pairwise(way))
        return -sum(p.option.weight for p in placed), len(placed), len(routes), travel

    def take(self, group: _Group, found: Refilled) -> bool:
        """Carry a filling out if it is better in the order of tiers; say whether it was."""
        new = self.read(group, found)
        old = [self.placed[j] for j in group.jobs if j in self.placed]
        if new is None or self.rank(new) >= self.rank(old):
            return False
        for s in group.slots:
            self._count(group.street, s, -1)
            for j in self.members[group.street, s]:
                del self.placed[j]
            self.members[group.street, s] = set()
        for p in new:
            self.placed[p.job] = p
            self.members[group.street, p.slot].add(p.job)
        for s in group.slots:
            self._count(group.street, s, 1)
        return True


def ortools_equal(case: PeerCase, budget: Budget) -> PeerAnswer:
    """Return first-fit's dates with the street shifts filled again by OR-Tools until the time is over."""
    now = time.perf_counter()
    first = list(first_fit(case, replace(budget, until=now + SHARE_OF_START * budget.left())).placed)
    rolling = _Rolling(case, first, budget.seed)
    tried = taken = 0
    running: dict[Future[Refilled | None], _Group] = {}
    with ProcessPoolExecutor(budget.workers, mp_context=get_context("spawn")) as pool:
        while True:
            while len(running) < budget.workers and budget.left() > 0.3:
                group = rolling.draw(min(SECONDS, budget.left()))
                if group is None:
                    break
                rolling.busy.update(group.slots)
                running[pool.submit(refill, group.refill)] = group
            if not running:
                break
            for future in wait(running, return_when=FIRST_COMPLETED).done:
                group = running.pop(future)
                rolling.busy.difference_update(group.slots)
                tried += 1
                found = future.result()
                taken += found is not None and rolling.take(group, found)
    placed = [replace(p) for p in rolling.placed.values()]
    note = (
        f"first-fit gave {crew_shifts(case, first)} crew shifts; {taken} of {tried} fillings of {SECONDS} s were better"
    )
    return PeerAnswer(placed=tuple(placed), note=note)
