"""The planning path from a snapshot to a checked, scored and explained schedule."""

from __future__ import annotations

from scheduler.availability import Availability
from scheduler.domain.schedule import Schedule
from scheduler.domain.snapshot import PlanningSnapshot
from scheduler.explain import explain
from scheduler.planning.before import plan_before
from scheduler.planning.bounds import proven_bounds
from scheduler.planning.outcome import PlanOutcome, PlanStatus
from scheduler.planning.prepare import prepare
from scheduler.planning.timetable import find_timetable, verify
from solver.limits import Limits, Progress, Watcher
from solver.parallel import InProcess, Port
from solver.timetable.warmup import warm_up


def plan(
    snapshot: PlanningSnapshot,
    limits: Limits,
    *,
    watch: Watcher | None = None,
    with_before: bool = True,
    port: Port | None = None,
) -> PlanOutcome:
    """Return a joint schedule that keeps every rule, with its score, bounds and burden.

    Parameters
    ----------
    limits : of the joint search; today's practice takes a quarter of them again, twice (see ``before.py``).
    watch : told of the stages merge, compile, search, explain, before; may stop a search softly.
    port : runs independent parts; threads of this process, as many as `limits.workers`, when ``None``.
    with_before : also work out today's practice; left out when the search was stopped.

    Raises
    ------
    PinsNotKept : pins that crews or time do not allow together.
    BrokenSchedule : the schedule broke a rule or its terms differ; a bug of ours.
    """
    port = port or InProcess(limits.workers)
    _tell(watch, "merge")
    availability = Availability(snapshot)
    prepared = prepare(availability, port)
    _tell(watch, "compile")
    warm_up()
    found = find_timetable(availability, prepared, limits, watch, port=port)
    _tell(watch, "explain")
    schedule = Schedule(
        snapshot_digest=snapshot.digest(),
        visits=found.visits,
        crew_shifts=found.crew_shifts,
        unserved=explain(snapshot, found.visits, found.crew_shifts),
    )
    terms = verify(snapshot, schedule, found)
    bounds = proven_bounds(availability, prepared.reach, terms)
    proven = all(bounds[name] == value for name, value in terms.as_dict().items())
    stopped = PlanStatus.STOPPED if found.stopped else PlanStatus.FEASIBLE
    return PlanOutcome(
        schedule=schedule,
        score=terms,
        bounds=bounds,
        status=PlanStatus.OPTIMAL if proven else stopped,
        search_s=found.elapsed_s,
        iterations=found.iterations,
        before_after=None if found.stopped or not with_before else plan_before(snapshot, schedule, limits, watch, port),
    )


def _tell(watch: Watcher | None, stage: str) -> None:
    if watch is not None:
        watch(Progress(stage=stage, elapsed_s=0.0, iterations=0, terms=None))
