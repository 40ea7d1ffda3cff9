"""What every question needs: a case planned once, with what crews prevent told apart from what nothing can serve."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from scenarios.edits.edit import Edit, Edited
from scheduler.availability import Availability
from scheduler.domain.snapshot import PlanningSnapshot
from scheduler.planning.outcome import PlanOutcome
from scheduler.planning.pipeline import plan_with_seeds
from scheduler.planning.prepare import prepare, weight_out_of_reach
from solver.limits import Limits, Watcher
from solver.parallel import InProcess, Port


@dataclass(frozen=True, slots=True, kw_only=True)
class Effort:
    """How long each plan of an answer is searched; equal effort, equal answers bit for bit."""

    iterations: int = 100_000
    seed: int = 1


def edited_by(base: PlanningSnapshot, edits: Sequence[Edit]) -> PlanningSnapshot:
    """Return the case after some edits."""
    case = Edited(snapshot=base)
    for edit in edits:
        case = edit.apply(case)
    return case.snapshot


def planned(
    snapshot: PlanningSnapshot, effort: Effort, watch: Watcher | None = None, *, bounds: bool = False
) -> PlanOutcome:
    """Return a case planned, checked and scored.

    Raises
    ------
    PinsNotKept, BrokenSchedule : as :func:`scheduler.planning.pipeline.plan` says.
    """
    limits = Limits(time_s=None, iterations=effort.iterations, workers=1)
    [outcome] = plan_with_seeds(snapshot, limits, (effort.seed,), bounds=bounds, port=InProcess(1), watch=watch)
    return outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """A case to plan, and its effort: work for the port."""

    snapshot: PlanningSnapshot
    effort: Effort
    bounds: bool = False


def plan_one(work: Plan, look: Watcher) -> PlanOutcome:
    """Plan one case; at home in another process."""
    return planned(work.snapshot, work.effort, look, bounds=work.bounds)


def plan_all(works: Sequence[Plan], port: Port, watch: Watcher | None = None) -> list[PlanOutcome]:
    """Return the plans of several cases, in parallel through the port."""
    look = None if watch is None else (lambda k, progress: watch(progress))
    return port.map(plan_one, works, look)


def lost_anyway(snapshot: PlanningSnapshot, port: Port) -> int:
    """Return the weight that no schedule can serve, whatever crews there are."""
    availability = Availability(snapshot)
    return weight_out_of_reach(snapshot, prepare(availability, port).reach)
