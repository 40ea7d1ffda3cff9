"""A timetable of any size: independent components apart, and large ones in rounds of groups that share their crews."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from threading import Lock

import numpy as np

from solver.coordinate.components import components
from solver.coordinate.groups import draw_groups, shared_out, visits_by_street
from solver.coordinate.improve import Improved, Terms, Work, improve, search
from solver.coordinate.layout import copied, crews_in_use, cut, lost_weight, paste
from solver.coordinate.parts import Part, take_streets
from solver.coordinate.shares import Share, share_pools
from solver.limits import Limits, Progress, Watcher
from solver.parallel import PartWatcher, Port
from solver.timetable.problem import I64, TimetableProblem
from solver.timetable.run import COLD, HOT, TimetableResult
from solver.timetable.solution import Layout, empty_layout

JOINT = 4_000
"""Up to so many visits one search over all streets of a component does better (measured, see ADR 0005)."""

SMALLEST, LARGEST = 1_500, 4_000
"""Least and most visits that a group is meant to have."""

ROUNDS = 4
MENDING = 0.15
"""Share of a round for a search over whole components, where weight is lost that crews of other streets could serve."""

WARM = 100.0
"""First temperature of the rounds; they have few iterations for each visit, and begin from a first timetable."""

ANEW = HOT, COLD
"""Temperatures of a search on its own; a timetable that it begins with is only what it has to beat."""

STAY = 60.0, COLD
"""Temperatures of a search that keeps the structure of the timetable it begins with."""


def solve_parts(
    p: TimetableProblem,
    limits: Limits,
    port: Port,
    *,
    start: TimetableResult | None = None,
    heats: tuple[float, float] = ANEW,
    watch: Watcher | None = None,
    clock: Callable[[], float] = time.perf_counter,
) -> TimetableResult:
    """Return the best timetable found within the limits, whatever the size of the problem; never worse than `start`.

    One component of up to `JOINT` visits is one search with `limits.workers` threads. Else parts run through the port,
    each with one thread; components that large are never searched as a whole. With iterations and no seconds the
    result depends on seed, iterations and workers alone, not on the port.

    Parameters
    ----------
    heats : first and last temperature where a component is searched as a whole; :data:`STAY` to keep near `start`.
    """
    parts = components(p)
    sizes = visits_by_street(p)
    if len(parts) == 1 and p.num_visits <= JOINT:
        return search(p, limits, watch=watch, clock=clock, start=() if start is None else start.layout, heats=heats)
    whole = _Whole(p, limits, port, watch, clock, parts, start, heats)
    if all(sizes[c].sum() <= JOINT for c in parts):
        return whole.each_by_itself()
    return whole.in_rounds()


@dataclass(slots=True)
class _Whole:
    """One run over all parts."""

    p: TimetableProblem
    limits: Limits
    port: Port
    watch: Watcher | None
    clock: Callable[[], float]
    parts: list[I64]
    start: TimetableResult | None
    heats: tuple[float, float]
    layout: Layout = field(init=False)
    began: float = field(init=False)
    terms: Terms = field(init=False)
    iterations: int = 0
    stopped: bool = False

    def __post_init__(self) -> None:
        self.began = self.clock()
        self.layout = empty_layout(self.p) if self.start is None else copied(self.start.layout)
        self.terms = (int(self.p.ent_best.sum()), 0, 0, 0, 0) if self.start is None else self.start.terms

    def each_by_itself(self) -> TimetableResult:
        """Search every component once, from nothing, and put the timetables side by side."""
        sizes = visits_by_street(self.p)
        chosen = sorted((c for c in self.parts if sizes[c].sum()), key=lambda c: (-int(sizes[c].sum()), int(c[0])))
        taken = [take_streets(self.p, c) for c in chosen]
        counts = [int(sizes[c].sum()) for c in chosen]
        works = (
            Work(
                problem=part.problem,
                layout=self._cut(part),
                limits=self._limits_of(k, counts, s, 1.0),
                heats=self.heats,
            )
            for k, (part, s) in enumerate(zip(taken, self._seconds(counts, self.limits.time_s), strict=True))
        )
        self._run(works, taken)
        return self._result()

    def in_rounds(self) -> TimetableResult:
        """Build a first timetable of every component unless one is given, then improve groups of streets in rounds."""
        if self.start is None:
            firsts = [take_streets(self.p, c) for c in self.parts]
            once = replace(self.limits, time_s=None, iterations=0, workers=1)
            self._run((Work(problem=part.problem, layout=self._cut(part), limits=once) for part in firsts), firsts)
        rng = np.random.default_rng(self.limits.seed)
        for r in range(ROUNDS):
            out_of_time = self.limits.time_s is not None and self.clock() - self.began >= self.limits.time_s
            if self.stopped or out_of_time:
                break
            mending = MENDING if r == ROUNDS - 1 and self.terms[0] > 0 else 0.0
            if mending:
                self._mend(r)
            if not self.stopped:
                self._round(r, rng, mending)
        return self._result()

    def _result(self) -> TimetableResult:
        return TimetableResult(
            problem=self.p,
            layout=self.layout,
            terms=self.terms,
            iterations=self.iterations,
            elapsed_s=self.clock() - self.began,
            stopped=self.stopped,
        )

    def _mend(self, r: int) -> None:
        """Search every component as a whole, cold: only there do crews at work change streets to serve lost weight."""
        sizes = visits_by_street(self.p)
        whole = [c for c in self.parts if sizes[c].sum()]
        self._search(whole, None, (COLD, COLD), r, MENDING, 0.0, self.limits.seed * 1_000_003 + r * 10_007 + 5_003)

    def _round(self, r: int, rng: np.random.Generator, done: float) -> None:
        """Improve every group within its share of the pools, all at the same time, in what is left of the round."""
        p = self.p
        groups = draw_groups(p, self.parts, self._target(r), rng)
        shares = share_pools(p, crews_in_use(p, self.layout), groups, lost_weight(p, self.layout), rng)
        hot, cold = (WARM * (COLD / WARM) ** (k / ROUNDS) for k in (r, r + 1))
        self._search(groups, shares, (hot, cold), r, 1 - done, done, self.limits.seed * 1_000_003 + r * 10_007)

    def _search(
        self,
        groups: Sequence[I64],
        shares: Sequence[Share] | None,
        heats: tuple[float, float],
        r: int,
        share: float,
        done: float,
        seed: int,
    ) -> None:
        """Search groups of streets in a share of the round of which some is done, a single one with all workers."""
        p, limits = self.p, self.limits
        sizes = visits_by_street(p)
        counts = [int(sizes[g].sum()) for g in groups]
        workers = limits.workers if len(groups) == 1 else 1
        taken: list[Part] = []

        def works() -> Iterator[Work]:
            rest = None
            if limits.time_s is not None:
                rest = limits.time_s - (self.clock() - self.began)
                rest *= share / (ROUNDS - r - done)
            for k, seconds in enumerate(self._seconds(counts, rest)):
                part = take_streets(p, groups[k])
                taken.append(part)
                part_limits = self._limits_of(k, counts, seconds, share / ROUNDS / workers)
                yield Work(
                    problem=part.problem if shares is None else _within(part, shares[k]),
                    layout=self._cut(part),
                    limits=replace(part_limits, seed=(seed + k) % 2**31, workers=workers),
                    heats=heats,
                )

        self._run(works(), taken)

    def _target(self, r: int) -> int:
        """Return how many visits a group of the round shall have.

        Two groups for each worker, so that all are at work to the end; in every second round three times as many,
        so that crews move between other streets. It follows from the limits alone, never from the port.
        """
        target = self.p.num_visits // (2 * self.limits.workers)
        target = target if r % 2 == 0 else target // 3
        return min(LARGEST, max(SMALLEST, target))

    def _run(self, works: Iterator[Work], taken: Sequence[Part]) -> None:
        """Let the port improve the parts, and write what they became into the timetable of the whole."""
        found: list[Improved] = self.port.map(improve, works, self._watcher(), compiled=True)
        for part, improved in zip(taken, found, strict=True):
            paste(self.layout, part, improved.layout, self.p.num_slots)
        self.terms = _sum([f.terms for f in found])
        self.iterations += sum(f.iterations for f in found)

    def _cut(self, part: Part) -> Layout:
        return cut(self.layout, part, self.p.num_slots)

    def _seconds(self, counts: Sequence[int], seconds: float | None) -> Iterator[float | None]:
        if seconds is None:
            return iter([None] * len(counts))
        return shared_out(counts, self.port.width, self.clock() + seconds, self.clock)

    def _limits_of(self, k: int, counts: Sequence[int], seconds: float | None, share: float) -> Limits:
        """Return the limits of one part: iterations of all workers by size, seconds as given."""
        iterations = self.limits.iterations
        if iterations is not None:
            iterations = int(iterations * self.limits.workers * share * counts[k] / max(1, sum(counts)))
        seed = (self.limits.seed + k * 101) % 2**31
        return replace(self.limits, time_s=seconds, iterations=iterations, seed=seed, workers=1)

    def _watcher(self) -> PartWatcher:
        """Return a watcher of parts that tells of the whole: what it was, and what every part has changed since."""
        first: dict[int, Terms] = {}
        last: dict[int, tuple[Terms, int]] = {}
        base, done, lock = self.terms, self.iterations, Lock()

        def look(k: int, progress: Progress) -> bool:
            if self.watch is None or progress.terms is None:
                return False
            with lock:
                first.setdefault(k, progress.terms)
                last[k] = progress.terms, progress.iterations
                gains = [tuple(b - a for a, b in zip(first[j], now, strict=True)) for j, (now, _) in last.items()]
                terms = _sum([base, *gains])
                iterations = done + sum(n for _, n in last.values())
                told = replace(progress, elapsed_s=self.clock() - self.began, iterations=iterations, terms=terms)
                self.stopped = self.watch(told) or self.stopped
                return self.stopped

        return look


def _within(part: Part, share: Share) -> TimetableProblem:
    """Return the part's problem with its share of the pools in the place of the pools."""
    p = part.problem
    district = np.stack([share.districts[int(d)][part.authorities] for d in part.districts], axis=1)
    return p._replace(crews_district=district.reshape(-1), crews_city=share.city[part.authorities].reshape(-1))


def _sum(terms: Sequence[Sequence[int]]) -> Terms:
    a, b, c, d, e = (sum(column) for column in zip(*terms, strict=True)) if terms else (0, 0, 0, 0, 0)
    return a, b, c, d, e
