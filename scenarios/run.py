"""Runs of many scenarios through the planning path: same seeds and limits for all, in parallel through the port.

Every final schedule has the same effort behind it. The base is planned first; then the base itself and every scenario
in which nearly all of its visits still keep every rule go on from there with half as many iterations again, while the
others start anew with all of them together.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from scenarios.edits.edit import Edited
from scenarios.limits import GOING_ON, StudyLimits
from scenarios.scenario import BASE, WhatIf
from scheduler.domain.schedule import Schedule
from scheduler.domain.snapshot import PlanningSnapshot
from scheduler.errors import PinsNotKept
from scheduler.planning.outcome import PlanOutcome
from scheduler.planning.pipeline import Starter, plan_with_seeds
from scheduler.replan.warm import warm_start
from scheduler.texts import Text
from solver.errors import SolverError
from solver.limits import Limits, Progress, Watcher
from solver.parallel import InProcess, Port


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """What came of a scenario (or of the base, whose name is ``base``).

    Parameters
    ----------
    what_if : ``None`` for the base.
    outcomes : by seed; none when the run failed.
    failure : why there is no schedule.
    """

    name: str
    what_if: WhatIf | None
    edited: Edited
    seeds: tuple[int, ...]
    outcomes: tuple[PlanOutcome, ...]
    failure: Text | None = None

    @property
    def best(self) -> int:
        """Index of the outcome with the best terms, the first of equal ones."""
        keys = [o.score.in_order(self.edited.snapshot.policy.tiers) for o in self.outcomes]
        return keys.index(min(keys))


@dataclass(frozen=True, slots=True, kw_only=True)
class Study:
    """All runs, the base's first.

    Parameters
    ----------
    first : by seed, the base's schedules after the first stage, from which others went on.
    """

    base: PlanningSnapshot
    limits: StudyLimits
    first: tuple[Schedule, ...]
    runs: tuple[Run, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class StudyProgress:
    """A look at a running study: `done` of `total` pieces of work are finished; `name` is the one looked at."""

    done: int
    total: int
    name: str
    progress: Progress


StudyWatcher = Callable[[StudyProgress], bool]
"""Called a few times a second; returns True to stop every run softly."""


def run_study(
    base: PlanningSnapshot,
    what_ifs: Sequence[WhatIf],
    limits: StudyLimits,
    *,
    port: Port | None = None,
    watch: StudyWatcher | None = None,
) -> Study:
    """Return the base and every scenario planned, checked, scored and explained.

    A scenario whose pins cannot be kept, or that is beyond the solver, is a run with a failure.

    Raises
    ------
    BrokenSchedule : a schedule broke a rule; a bug of ours.
    PinsNotKept, SolverError : the base itself cannot be planned.
    """
    port = port or InProcess(1)
    whole = Edited(snapshot=base)
    firsts = [_Job(name=BASE, snapshot=base, limits=limits, seeds=(s,), first=True) for s in limits.seeds]
    cases = [(BASE, None, whole), *((w.scenario.name, w, w.edited) for w in what_ifs)]
    total = len(firsts) + len(cases)
    counter = _Counter(total=total, watch=watch)
    found = port.map(_run, firsts, counter.looking(firsts, 0))
    for done in found:
        if done.error is not None:
            raise done.error
    first = tuple(o.schedule for done in found for o in done.outcomes)
    jobs = [
        _Job(
            name=name,
            snapshot=edited.snapshot,
            limits=limits,
            seeds=limits.seeds,
            starts=first if limits.warm or what_if is None else (),
        )
        for name, what_if, edited in cases
    ]
    results = port.map(_run, jobs, counter.looking(jobs, len(firsts)))
    if results[0].error is not None:
        raise results[0].error
    runs = [
        Run(
            name=name,
            what_if=what_if,
            edited=edited,
            seeds=limits.seeds,
            outcomes=done.outcomes,
            failure=None if done.error is None else _why(done.error),
        )
        for (name, what_if, edited), done in zip(cases, results, strict=True)
    ]
    return Study(base=base, limits=limits, first=first, runs=tuple(runs))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Job:
    name: str
    snapshot: PlanningSnapshot
    limits: StudyLimits
    seeds: tuple[int, ...]
    starts: tuple[Schedule, ...] = ()
    first: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class _Done:
    outcomes: tuple[PlanOutcome, ...] = ()
    error: PinsNotKept | SolverError | None = None


def _run(job: _Job, look: Watcher) -> _Done:
    """Plan one case with every seed; at home in another process."""
    more = int(job.limits.iterations * GOING_ON)
    iterations = job.limits.iterations + (0 if job.first else more)
    starters: list[Starter] = [partial(warm_start, s) for s in job.starts]
    try:
        outcomes = plan_with_seeds(
            job.snapshot,
            Limits(time_s=None, iterations=iterations, workers=1),
            job.seeds,
            starters=starters,
            fewer=more,
            bounds=job.limits.bounds and not job.first,
            port=InProcess(1),
            watch=look,
        )
    except (PinsNotKept, SolverError) as error:
        return _Done(error=error)
    return _Done(outcomes=outcomes)


_SOLVER = Text("超出求解器的范围：{why}", "beyond what the solver takes: {why}")


def _why(error: PinsNotKept | SolverError) -> Text:
    if isinstance(error, PinsNotKept):
        return Text(*error.text)
    return _SOLVER.filled(why=error)


@dataclass(slots=True)
class _Counter:
    """Passes progress of pieces of work on, with how many of them are done."""

    total: int
    watch: StudyWatcher | None

    def looking(self, jobs: Sequence[_Job], before: int) -> Callable[[int, Progress], bool] | None:
        watch = self.watch
        if watch is None:
            return None
        begun: set[int] = set()

        def look(k: int, progress: Progress) -> bool:
            begun.add(k)
            # Pieces begin in their order, so all before the latest are done or at work.
            done = before + max(0, len(begun) - 1)
            return watch(StudyProgress(done=done, total=self.total, name=jobs[k].name, progress=progress))

        return look
