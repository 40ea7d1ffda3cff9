"""A horizon lived through day by day: random events each morning, a re-plan, and the case as it turned out."""

from __future__ import annotations

from collections.abc import Callable, Sequence, Set
from dataclasses import dataclass

import numpy as np

from scenarios.generate.events import EventRates, random_events
from scheduler.domain.schedule import CrewShift, JointVisit, Schedule
from scheduler.domain.snapshot import PlanningSnapshot
from scheduler.replan.carry import changed_case
from scheduler.replan.events import (
    EnterpriseClosed,
    Event,
    ItemAdded,
    ItemWithdrawn,
    NoAccess,
    Refused,
    VisitDone,
)
from scheduler.replan.replan import ReplanOutcome, replan
from solver.limits import Limits


@dataclass(frozen=True, slots=True, kw_only=True)
class Morning:
    """One day of it: what happened, and the re-plan of that morning, with the seconds it took."""

    today: int
    events: tuple[Event, ...]
    outcome: ReplanOutcome
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Lived:
    """A horizon that is over.

    Parameters
    ----------
    visits, crew_shifts : those that went out as the last draft before their date had them, done or not.
    served : items that are done.
    hindsight : the case as it turned out to be, every event known from the first day; a visit that failed is a date on
        which its enterprise is closed, an item that was withdrawn before it was done is not there.
    """

    visits: tuple[JointVisit, ...]
    crew_shifts: tuple[CrewShift, ...]
    served: frozenset[str]
    hindsight: PlanningSnapshot


def live_through(
    snapshot: PlanningSnapshot,
    published: Schedule,
    rates: EventRates,
    seed: int,
    limits: Limits,
    *,
    freeze_days: int = 1,
    clock: Callable[[], float],
    told: Callable[[Morning], None] = lambda morning: None,
) -> Lived:
    """Live through every date of a horizon, re-planning each morning; the visits of the last date are all done.

    Parameters
    ----------
    published : the plan of the first day.
    clock : seconds, for the figures of a morning only.
    told : gets every morning.
    """
    rng = np.random.default_rng(seed)
    case, plan = snapshot, published
    log: list[Event] = []
    visits: list[JointVisit] = []
    crews: list[CrewShift] = []
    served: set[str] = set()
    for today in snapshot.calendar.days[1:]:
        due = [v for v in plan.visits if v.day < today]
        ahead = [v for v in plan.visits if v.day >= today]
        events = random_events(case, due, ahead, today, rates, rng)
        visits += due
        crews += [c for c in plan.crew_shifts if c.day < today]
        served |= _served(due, events)
        log += events
        began = clock()
        outcome = replan(case, plan, events, today, freeze_days=freeze_days, limits=limits)
        told(Morning(today=today, events=events, outcome=outcome, seconds=clock() - began))
        case, plan = outcome.snapshot, outcome.schedule
        if not case.calendar.days or case.calendar.days == (today,):
            break
    visits += plan.visits
    crews += plan.crew_shifts
    served |= {i for v in plan.visits for i in v.item_ids}
    return Lived(
        visits=tuple(visits),
        crew_shifts=tuple(crews),
        served=frozenset(served),
        hindsight=with_hindsight(snapshot, visits, served, log),
    )


def _served(due: Sequence[JointVisit], events: Sequence[Event]) -> set[str]:
    left: dict[str, set[str]] = {}
    for e in events:
        if isinstance(e, NoAccess | Refused):
            left[e.visit_id] = {i for v in due if v.visit_id == e.visit_id for i in v.item_ids}
        elif isinstance(e, VisitDone):
            left[e.visit_id] = set(e.left_item_ids)
    return {i for v in due for i in v.item_ids if i not in left.get(v.visit_id, ())}


def with_hindsight(
    snapshot: PlanningSnapshot, visits: Sequence[JointVisit], served: Set[str], log: Sequence[Event]
) -> PlanningSnapshot:
    """Return the case with every event of a log known from the first day.

    Parameters
    ----------
    visits : those that events name.
    served : items that are done; one of them that was withdrawn later stays, others that were are gone.
    """
    by_id = {v.visit_id: v for v in visits}
    items = {i.item_id: i for i in snapshot.items}
    events = list(log)
    for e in log:
        if isinstance(e, ItemAdded):
            items[e.item.item_id] = e.item
        elif isinstance(e, ItemWithdrawn) and e.item_id not in served:
            items.pop(e.item_id, None)
        elif isinstance(e, NoAccess | Refused):
            failed = by_id[e.visit_id]
            closed = EnterpriseClosed(enterprise_id=failed.enterprise_id, first_day=failed.day, last_day=failed.day)
            events.append(closed)
    return changed_case(snapshot, events, snapshot.calendar.start).replace(items=tuple(items.values()))
