"""Re-planning: published schedule, events and date into a new draft, and what differs with the reason why."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from scheduler.availability import Availability
from scheduler.collector import without_collector
from scheduler.domain.plans import Pin, PinKind
from scheduler.domain.schedule import JointVisit, Schedule, Score
from scheduler.domain.snapshot import PlanningSnapshot
from scheduler.errors import BrokenSchedule
from scheduler.explain import explain
from scheduler.planning.prepare import prepare
from scheduler.planning.timetable import Timetable, search_timetable, timetable_of, verify
from scheduler.replan.carry import Carried, carry
from scheduler.replan.changes import ReplanDiff, difference
from scheduler.replan.events import BadEvents, CapChanged, Event, ItemWithdrawn
from scheduler.replan.faults import faults_of
from scheduler.replan.standing import Standing, as_published, as_schedule, standing_of
from scheduler.replan.start import homes_of, placed_of
from scheduler.rules import check
from scheduler.score import score
from solver.coordinate.run import STAY
from solver.limits import Limits, Watcher
from solver.parallel import InProcess, Port
from solver.timetable.run import given_timetable
from solver.warmup import warm_up

ITERATIONS = 16_000
"""Iterations of one worker where nothing else is asked for: about a second for a district of 3,200 visits."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplanOutcome:
    """A new draft, and how it came about.

    Parameters
    ----------
    carried : the case from today on, with what happened; `snapshot` is that of the draft: pins whose visit could not
        stand are preferred ones in it.
    schedule : the draft over that snapshot; it keeps every rule.
    moved_published : term T06: published visits ahead without a visit of their enterprise on their date and shift.
    difference : from the published visits that are not done to the draft.
    searched : whether anything had to be planned anew.
    """

    carried: Carried
    snapshot: PlanningSnapshot
    schedule: Schedule
    score: Score
    moved_published: int
    difference: ReplanDiff
    searched: bool


def replan(
    snapshot: PlanningSnapshot,
    published: Schedule,
    events: Sequence[Event],
    today: int,
    *,
    freeze_days: int = 0,
    notice_days: int = 0,
    limits: Limits | None = None,
    anew: bool = False,
    port: Port | None = None,
    watch: Watcher | None = None,
) -> ReplanOutcome:
    """Return a draft that keeps every rule, serves as much as it can, and moves few published visits.

    Published visits that still keep every rule are the beginning; those that do not, and items that came back or are
    new, are put in where most weight is served, then fewest published visits move (T06), then fewest parts begin at
    another minute, then by the other terms. Without an event that asks for it nothing changes.

    Parameters
    ----------
    snapshot : of the published schedule.
    events : in any order; a visit before today without an outcome took place as planned.
    today : day number of the first date that is planned; what was before is history.
    freeze_days : published visits on so many inspection dates, the first from today on, stay as they are if they
        still keep every rule; from 0.
    notice_days : on so many inspection dates, the first from today on, announced visits are only where they are
        published; from 0.
    limits : of the search; :data:`ITERATIONS` of one worker when ``None``.
    anew : search even where no event asks for it: the case has changed otherwise.

    Raises
    ------
    BadEvents : events that do not fit; all of them are named.
    BrokenSchedule : the draft broke a rule; a bug of ours.
    """
    faults = faults_of(snapshot, published, events, today)
    if faults:
        raise BadEvents(faults)
    with without_collector():
        ahead = look_ahead(snapshot, published, events, today)
        carried, standing = ahead.carried, ahead.standing
        searched = anew or bool(standing.displaced or carried.returned or carried.added)
        searched |= any(isinstance(e, ItemWithdrawn | CapChanged) for e in events)
        if searched:
            draft, terms = search_from(
                ahead.availability,
                carried,
                standing,
                published,
                limits or Limits(time_s=None, iterations=ITERATIONS, workers=1),
                freeze_days=freeze_days,
                notice_days=notice_days,
                port=port,
                watch=watch,
            )
        else:
            draft, terms = _as_it_was(ahead.availability, standing, published)
        return ReplanOutcome(
            carried=carried,
            snapshot=ahead.availability.snapshot,
            schedule=draft,
            score=terms,
            moved_published=moved_published(carried.ahead, draft.visits),
            difference=difference(published, draft, carried, standing),
            searched=searched,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Ahead:
    """The case that is planned on a date, and what of the published schedule stands in it."""

    carried: Carried
    availability: Availability
    standing: Standing


def look_ahead(snapshot: PlanningSnapshot, published: Schedule, events: Sequence[Event], today: int) -> Ahead:
    """Return the case on a date without planning anything; parameters are those of `replan`, events are known to fit.

    The snapshot of `availability` is that of the case; pins are as they will be.
    """
    carried = carry(snapshot, published, events, today)
    availability = Availability(carried.snapshot)
    standing = standing_of(availability, carried.ahead, published.crew_shifts)
    kept = _pins_that_stand(carried.snapshot, published, standing)
    if kept is not carried.snapshot:
        availability = Availability(kept)
    return Ahead(carried=carried, availability=availability, standing=standing)


def moved_published(ahead: Sequence[JointVisit], visits: Sequence[JointVisit]) -> int:
    """T06: return how many published visits have no visit of their enterprise on their date and shift."""
    there = {(v.enterprise_id, v.day, v.shift_id) for v in visits}
    return sum((v.enterprise_id, v.day, v.shift_id) not in there for v in ahead)


def _pins_that_stand(snapshot: PlanningSnapshot, published: Schedule, standing: Standing) -> PlanningSnapshot:
    """Return the snapshot with a fixed pin preferred where its published visit is gone or can't stand."""
    was = _places(published.visits)
    stands = _places(s.visit for s in standing.visits.values())

    def lost(p: Pin) -> bool:
        place = p.enterprise_id, p.day, p.shift_id
        return p.kind is PinKind.FIXED and place in was and place not in stands

    if not any(map(lost, snapshot.pins)):
        return snapshot
    pins = (replace(p, kind=PinKind.PREFERRED) if lost(p) else p for p in snapshot.pins)
    return snapshot.replace(pins=tuple(dict.fromkeys(pins)))


def _places(visits: Iterable[JointVisit]) -> set[tuple[str, int, str | None]]:
    """Return (enterprise, day, shift) of visits, also without the shift."""
    out: set[tuple[str, int, str | None]] = set()
    for v in visits:
        out |= {(v.enterprise_id, v.day, v.shift_id), (v.enterprise_id, v.day, None)}
    return out


def _as_it_was(availability: Availability, standing: Standing, published: Schedule) -> tuple[Schedule, Score]:
    """Return the published visits that are ahead; unserved items keep their reasons where the case is the same."""
    snapshot = availability.snapshot
    kept, _ = as_schedule(availability, standing, published.crew_shifts)
    same = kept.snapshot_digest == published.snapshot_digest
    reasons = published.unserved if same else explain(snapshot, kept.visits, kept.crew_shifts)
    draft = replace(kept, unserved=reasons)
    violations = check(snapshot, draft)
    if violations:
        raise BrokenSchedule("; ".join(v.sentence("en") for v in violations[:5]), draft)
    return draft, score(snapshot, draft)


def search_from(
    availability: Availability,
    carried: Carried,
    standing: Standing,
    published: Schedule,
    limits: Limits,
    *,
    freeze_days: int = 0,
    notice_days: int = 0,
    port: Port | None = None,
    watch: Watcher | None = None,
) -> tuple[Schedule, Score]:
    """Return a checked schedule, searched on from the published visits that stand; parameters are those of `replan`.

    Raises
    ------
    PinsNotKept, BrokenSchedule : as :func:`scheduler.planning.timetable.verify` says.
    """
    port = port or InProcess(limits.workers)
    warm_up()
    prepared = prepare(availability, port, homes_of(availability, carried, standing, freeze_days, notice_days))
    start = given_timetable(prepared.problem, placed_of(standing, prepared.index))
    result = search_timetable(availability, prepared, limits, watch, port=port, start=start, heats=STAY)
    found = _with_published_crews(timetable_of(availability, prepared, result), published)
    draft = Schedule(
        snapshot_digest=availability.snapshot.digest(),
        visits=found.visits,
        crew_shifts=found.crew_shifts,
        unserved=explain(availability.snapshot, found.visits, found.crew_shifts),
    )
    return draft, verify(availability.snapshot, draft, found)


def _with_published_crews(found: Timetable, published: Schedule) -> Timetable:
    was = {c.crew_id: c for c in published.crew_shifts}
    return replace(found, crew_shifts=tuple(as_published(c, was) for c in found.crew_shifts))
