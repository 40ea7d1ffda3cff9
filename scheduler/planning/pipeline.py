"""The planning path from a snapshot to a checked, scored and explained schedule."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import replace

from scheduler.availability import Availability
from scheduler.domain.schedule import TERMS, Schedule
from scheduler.domain.snapshot import PlanningSnapshot
from scheduler.explain import explain
from scheduler.planning.before import plan_before
from scheduler.planning.bounds import ProvenBounds, prove
from scheduler.planning.outcome import PlanOutcome, PlanStatus
from scheduler.planning.prepare import Prepared, prepare
from scheduler.planning.timetable import search_timetable, timetable_of, verify
from solver.coordinate.run import ANEW, STAY
from solver.limits import Limits, Progress, Watcher
from solver.parallel import InProcess, Port
from solver.timetable.run import TimetableResult
from solver.warmup import warm_up

OPENING, LONGEST_OPENING_S = 0.025, 4.0
"""Share of the seconds, and most of them, for a first schedule before the proof begins: whoever stops early has one."""

PROOF = 0.25
"""Share of the seconds that the bound on crew shifts may take; what it leaves is the search's."""


def plan(
    snapshot: PlanningSnapshot,
    limits: Limits,
    *,
    watch: Watcher | None = None,
    with_before: bool = True,
    port: Port | None = None,
    clock: Callable[[], float] = time.perf_counter,
) -> PlanOutcome:
    """Return a joint schedule that keeps every rule, with its score, bounds and burden.

    Parameters
    ----------
    limits : of proof and joint search together; of seconds the proof takes at most :data:`PROOF`. Today's practice
        takes a quarter of them again, twice (see ``before.py``).
    watch : told of the stages merge, compile, search, bound, search, explain, before; may stop proof and search softly.
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
    began = clock()
    opening, quarter = None, None
    if limits.time_s is not None:
        first_s, quarter = min(LONGEST_OPENING_S, limits.time_s * OPENING), limits.time_s * PROOF
        opening = search_timetable(availability, prepared, replace(limits, time_s=first_s), watch, port=port)
    all_served = opening is not None and opening.terms[0] == 0
    proving = replace(limits, time_s=quarter)
    proven = prove(availability, prepared, proving, port, watch or _nobody, all_served=all_served)
    left = None if limits.time_s is None else max(0.001, limits.time_s - (clock() - began))
    searching = replace(limits, time_s=left)
    result = search_timetable(availability, prepared, searching, watch, port=port, proven=proven, start=opening)
    _tell(watch, "explain")
    outcome = _outcome_of(availability, prepared, proven, result)
    if result.stopped or not with_before:
        return outcome
    return replace(outcome, before_after=plan_before(snapshot, outcome.schedule, limits, watch, port))


Starter = Callable[[Availability, Prepared], TimetableResult | None]
"""Returns a timetable of the prepared case to go on from; ``None`` where there is none that helps."""


def plan_with_seeds(
    snapshot: PlanningSnapshot,
    limits: Limits,
    seeds: Sequence[int],
    *,
    starters: Sequence[Starter | None] = (),
    fewer: int | None = None,
    bounds: bool = True,
    port: Port | None = None,
    watch: Watcher | None = None,
) -> tuple[PlanOutcome, ...]:
    """Return a joint schedule for each seed; what does not depend on the seed, the proof among it, is done once.

    Parameters
    ----------
    limits : of each search; its own seed is not used. With seconds, the proof takes :data:`PROOF` of them beside.
    starters : by seed, what the search goes on from, keeping its structure; each starts anew when there is none.
    fewer : iterations of a search that goes on from something, in the place of those of `limits`.
    bounds : prove bounds; without them none is known.

    Raises
    ------
    PinsNotKept, BrokenSchedule : as :func:`plan` says.
    """
    port = port or InProcess(limits.workers)
    availability = Availability(snapshot)
    prepared = prepare(availability, port)
    warm_up()
    proven = None
    if bounds:
        share = None if limits.time_s is None else limits.time_s * PROOF
        proven = prove(availability, prepared, replace(limits, time_s=share), port, watch or _nobody)
    out = []
    for k, seed in enumerate(seeds):
        starter = starters[k] if k < len(starters) else None
        start = None if starter is None else starter(availability, prepared)
        result = search_timetable(
            availability,
            prepared,
            replace(limits, seed=seed, iterations=limits.iterations if start is None else fewer or limits.iterations),
            watch,
            port=port,
            proven=proven,
            start=start,
            heats=ANEW if start is None else STAY,
        )
        out.append(_outcome_of(availability, prepared, proven, result))
    return tuple(out)


def _outcome_of(
    availability: Availability, prepared: Prepared, proven: ProvenBounds | None, result: TimetableResult
) -> PlanOutcome:
    """Return the search's answer explained, checked and scored."""
    snapshot = availability.snapshot
    found = timetable_of(availability, prepared, result)
    schedule = Schedule(
        snapshot_digest=snapshot.digest(),
        visits=found.visits,
        crew_shifts=found.crew_shifts,
        unserved=explain(snapshot, found.visits, found.crew_shifts),
    )
    terms = verify(snapshot, schedule, found)
    bounds: dict[str, int | None] = dict.fromkeys(TERMS)
    if proven is not None:
        bounds = dict(zip(TERMS, proven.at(terms.unserved_weight), strict=True))
    best = all(bounds[name] == value for name, value in terms.as_dict().items())
    stopped = PlanStatus.STOPPED if found.stopped else PlanStatus.FEASIBLE
    return PlanOutcome(
        schedule=schedule,
        score=terms,
        bounds=bounds,
        status=PlanStatus.OPTIMAL if best else stopped,
        search_s=found.elapsed_s,
        iterations=found.iterations,
        before_after=None,
    )


def _nobody(progress: Progress) -> bool:
    return False


def _tell(watch: Watcher | None, stage: str) -> None:
    if watch is not None:
        watch(Progress(stage=stage, elapsed_s=0.0, iterations=0, terms=None))
