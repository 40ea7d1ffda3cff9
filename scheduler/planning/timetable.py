"""Timetable stage: visits into street shifts with start times, crews' routes between them, and their verification."""

from __future__ import annotations

from dataclasses import dataclass, replace

from scheduler.availability import Availability
from scheduler.domain.schedule import CrewShift, JointVisit, Schedule, Score
from scheduler.domain.snapshot import PlanningSnapshot
from scheduler.errors import BrokenSchedule, PinsNotKept
from scheduler.ledger import read_ledger
from scheduler.planning.assemble import assemble
from scheduler.planning.bounds import ProvenBounds
from scheduler.planning.prepare import Prepared, weight_out_of_reach
from scheduler.rules import check
from scheduler.score import score
from solver.coordinate.run import ANEW, solve_parts
from solver.limits import Limits, Progress, Watcher
from solver.parallel import InProcess, Port
from solver.timetable.run import TimetableResult


@dataclass(frozen=True, slots=True, kw_only=True)
class Timetable:
    """The search's answer in the domain's words, not yet checked.

    Parameters
    ----------
    terms : the five terms as the solver counts them, with the weight that no schedule can serve.
    stopped : the watcher stopped the search before its limits.
    """

    visits: tuple[JointVisit, ...]
    crew_shifts: tuple[CrewShift, ...]
    terms: tuple[int, int, int, int, int]
    iterations: int
    elapsed_s: float
    stopped: bool


def search_timetable(
    availability: Availability,
    prepared: Prepared,
    limits: Limits,
    watch: Watcher | None,
    stage: str = "search",
    port: Port | None = None,
    proven: ProvenBounds | None = None,
    start: TimetableResult | None = None,
    heats: tuple[float, float] = ANEW,
) -> TimetableResult:
    """Return the best timetable of a prepared case within the limits, never worse than `start`.

    What is proven is told with its progress, whose terms count the weight that no schedule can serve too. `heats` are
    those of :func:`solver.coordinate.run.solve_parts`.
    """
    lost = weight_out_of_reach(availability.snapshot, prepared.reach)

    known: dict[int, tuple[int | None, ...]] = {}

    def bounds_at(unserved: int) -> tuple[int | None, ...]:
        if proven is None:
            return lost, None, None, None, None
        if unserved not in known:
            known.clear()
            known[unserved] = proven.at(unserved)
        return known[unserved]

    def look(progress: Progress) -> bool:
        if watch is None:
            return False
        if progress.terms is None:
            return watch(replace(progress, stage=stage))
        terms = (progress.terms[0] + lost, *progress.terms[1:])
        return watch(replace(progress, stage=stage, terms=terms, bounds=bounds_at(terms[0])))

    port = port or InProcess(limits.workers)
    return solve_parts(prepared.problem, limits, port, start=start, heats=heats, watch=look)


def timetable_of(availability: Availability, prepared: Prepared, result: TimetableResult) -> Timetable:
    """Return what the search found in the domain's words."""
    lost = weight_out_of_reach(availability.snapshot, prepared.reach)
    visits, crew_shifts = assemble(availability, prepared.index, result.visits)
    return Timetable(
        visits=visits,
        crew_shifts=crew_shifts,
        terms=(result.terms[0] + lost, *result.terms[1:]),
        iterations=result.iterations,
        elapsed_s=result.elapsed_s,
        stopped=result.stopped,
    )


def verify(snapshot: PlanningSnapshot, schedule: Schedule, found: Timetable) -> Score:
    """Check the schedule by every rule, and its terms against those of the solver; return its score.

    Raises
    ------
    PinsNotKept : pins that crews or time do not allow together; all else is kept.
    BrokenSchedule : something differs; a bug of ours.
    """
    ledger = read_ledger(snapshot, schedule)
    violations = check(snapshot, schedule, ledger)
    lost_pins = tuple(v for v in violations if v.code == "R26")
    if lost_pins and len(lost_pins) == len(violations):
        raise PinsNotKept(tuple(" ".join(v.ids) for v in lost_pins))
    if violations:
        shown = "; ".join(v.sentence("en") for v in violations[:5])
        raise BrokenSchedule(f"{len(violations)} violation(s): {shown}", schedule)
    terms = score(snapshot, schedule, ledger)
    values = tuple(terms.as_dict().values())
    if values != found.terms:
        raise BrokenSchedule(f"terms {values} differ from the solver's {found.terms}", schedule)
    return terms
