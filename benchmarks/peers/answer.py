"""What a peer answers, and how it becomes a schedule that our checker has passed."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from benchmarks.peers.jobs import Job, Option, PeerCase
from scheduler.domain.schedule import Schedule, Score
from scheduler.explain import explain
from scheduler.planning.assemble import assemble
from scheduler.rules import Violation, check
from scheduler.score import score
from solver.timetable.solution import PlacedPart, PlacedVisit


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """What a peer may use; the clock runs from before the model is built.

    Parameters
    ----------
    until : reading of ``time.perf_counter()`` at which the answer is due.
    """

    until: float
    seed: int
    workers: int

    def left(self) -> float:
        """Return the seconds left, at least 0."""
        return max(0.0, self.until - time.perf_counter())


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """A job in a slot: the option served, when it begins, and the crews by part, numbered within (street, slot).

    Parameters
    ----------
    starts : start of every part of the option, in its order.
    crews : for every part the numbers of its crews; equal numbers of an authority in a street shift are one crew.
    """

    job: int
    option: Option
    slot: int
    starts: tuple[int, ...]
    crews: tuple[tuple[int, ...], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PeerAnswer:
    """Parameters
    ----------
    placed : keeps every rule, crews included.
    relaxation : what the peer was let off, empty when nothing.
    relaxed_crew_shifts : crew shifts of its own answer, before the repair; ``None`` without a relaxation.
    relaxed_unserved : weight that its own answer leaves out.
    note : how it was set.
    """

    placed: tuple[Placed, ...]
    relaxation: str = ""
    relaxed_crew_shifts: int | None = None
    relaxed_unserved: int | None = None
    note: str = ""


Peer = Callable[[PeerCase, Budget], PeerAnswer]


def schedule_of(case: PeerCase, placed: Sequence[Placed]) -> Schedule:
    """Return the answer as a schedule, with the items left out and why."""
    visits, crew_shifts = assemble(case.availability, case.index, [_placed_visit(case.jobs[p.job], p) for p in placed])
    return Schedule(
        snapshot_digest=case.snapshot.digest(),
        visits=visits,
        crew_shifts=crew_shifts,
        unserved=explain(case.snapshot, visits, crew_shifts),
    )


def _placed_visit(job: Job, p: Placed) -> PlacedVisit:
    each = zip(p.option.parts, p.starts, p.crews, strict=True)
    return PlacedVisit(
        enterprise=job.enterprise,
        street=job.street,
        slot=p.slot,
        items=p.option.items,
        parts=tuple(
            PlacedPart(authority=part.authority, start=start, minutes=part.minutes, crews=crews)
            for part, start, crews in each
        ),
    )


def checked(case: PeerCase, placed: Sequence[Placed]) -> tuple[Schedule, Score, tuple[Violation, ...]]:
    """Return the schedule, its terms and every rule that it breaks."""
    schedule = schedule_of(case, placed)
    return schedule, score(case.snapshot, schedule), check(case.snapshot, schedule)


def unserved_weight(case: PeerCase, placed: Sequence[Placed]) -> int:
    """Return the weight left out."""
    return case.snapshot.all_weight - sum(p.option.weight for p in placed)


def crew_shifts(case: PeerCase, placed: Sequence[Placed]) -> int:
    """Return the crew shifts worked."""
    each = ((case.jobs[p.job].street, p) for p in placed)
    return len({(street, p.slot, part.authority, c)
                for street, p in each for part, crews in zip(p.option.parts, p.crews, strict=True)
                for c in crews})  # fmt: skip
