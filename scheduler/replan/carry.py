"""The case as it is on a date: what is done is history, what happened has changed it, the rest is ahead."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from scheduler.capacity import CrewTable
from scheduler.committed import Area, Slot, without_crews
from scheduler.domain.calendar import Calendar, Period, period_key
from scheduler.domain.people import WHOLE_CITY
from scheduler.domain.places import Enterprise
from scheduler.domain.plans import PastInspection, PlanItem
from scheduler.domain.policy import FrequencyCap, Policy, QuietPeriod, QuietScope
from scheduler.domain.schedule import JointVisit, Schedule
from scheduler.domain.snapshot import PlanningSnapshot
from scheduler.replan.events import (
    CapChanged,
    CrewMissing,
    EnterpriseClosed,
    Event,
    ItemAdded,
    ItemWithdrawn,
    NoAccess,
    Outcome,
    Refused,
    ShiftCancelled,
    VisitDone,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Carried:
    """A case and its published visits on a date.

    Parameters
    ----------
    snapshot : the case from `today` on; visits that took place are in its history, their items are gone.
    done : visits that took place; `assumed` of them have no event.
    failed : visits that did not, with what became of them.
    ahead : published visits from today on, with the items that they still have; those without one are left out.
    returned, added, withdrawn : item ids.
    overrun_min : minutes that visits with actual minutes lasted longer than planned, all together; less when negative.
    """

    today: int
    snapshot: PlanningSnapshot
    done: tuple[JointVisit, ...]
    assumed: int
    failed: tuple[tuple[JointVisit, Outcome], ...]
    ahead: tuple[JointVisit, ...]
    returned: frozenset[str]
    added: frozenset[str]
    withdrawn: frozenset[str]
    overrun_min: int


def carry(snapshot: PlanningSnapshot, published: Schedule, events: Sequence[Event], today: int) -> Carried:
    """Return the case on a date; events are known to fit (:func:`scheduler.replan.faults.faults_of`).

    A visit before today without an event took place as planned.
    """
    outcomes: dict[str, Outcome] = {e.visit_id: e for e in events if isinstance(e, VisitDone | NoAccess | Refused)}
    withdrawn = frozenset(e.item_id for e in events if isinstance(e, ItemWithdrawn))
    added = {e.item.item_id: e.item for e in events if isinstance(e, ItemAdded)}
    items = {i.item_id: i for i in snapshot.items} | added
    done, failed, ahead = [], [], []
    returned: set[str] = set()
    assumed = overrun = 0
    history = list(snapshot.history)
    for visit in published.visits:
        outcome = outcomes.get(visit.visit_id)
        if outcome is None and visit.day >= today:
            ahead.append(visit)
            continue
        if isinstance(outcome, NoAccess | Refused):
            failed.append((visit, outcome))
            returned.update(visit.item_ids)
            continue
        left = outcome.left_item_ids if isinstance(outcome, VisitDone) else ()
        returned.update(left)
        served = [items[i] for i in visit.item_ids if i not in left]
        history += _past(visit, served)
        for item in served:
            items.pop(item.item_id)
        done.append(visit)
        assumed += outcome is None
        if isinstance(outcome, VisitDone) and outcome.minutes is not None:
            overrun += outcome.minutes - (visit.end - visit.start)
    gone = withdrawn & items.keys()
    seen = [(v.street_id, v.day) for v in (*done, *(v for v, _ in failed))]
    kept = tuple(i for k, i in items.items() if k not in gone)
    changed = changed_case(snapshot, events, today).replace(items=kept, history=tuple(history))
    changed = _within_month(changed, seen, ahead)
    return Carried(
        today=today,
        snapshot=changed,
        done=tuple(done),
        assumed=assumed,
        failed=tuple(failed),
        ahead=tuple(_still(ahead, gone)),
        returned=frozenset(returned - gone),
        added=frozenset(added) - gone,
        withdrawn=frozenset(gone),
        overrun_min=overrun,
    )


def _within_month(
    snapshot: PlanningSnapshot, seen: Iterable[tuple[str, int]], ahead: Iterable[JointVisit]
) -> PlanningSnapshot:
    """R30: return the snapshot without new dates in a month of which a street has had joint days, where limited.

    A case counts the joint days of its own horizon only. Dates in that month without a published visit become quiet
    ones of the street, also in the cases of later days, so that the limit holds for those that were and those to come.

    Parameters
    ----------
    seen : (street, day) of visits that went out.
    """
    if snapshot.policy.street.max_days is None:
        return snapshot
    used = {(street, period_key(day, Period.MONTH)) for street, day in seen}
    open_to = {(v.street_id, v.day) for v in ahead}
    quiet = tuple(
        QuietPeriod(scope=QuietScope.STREET, target=s.street_id, first_day=d, last_day=d)
        for s in snapshot.streets
        for d in snapshot.calendar.days
        if (s.street_id, period_key(d, Period.MONTH)) in used and (s.street_id, d) not in open_to
    )
    known = set(snapshot.policy.quiet_periods)
    more = tuple(q for q in quiet if q not in known)
    if not more:
        return snapshot
    return snapshot.replace(policy=replace(snapshot.policy, quiet_periods=(*snapshot.policy.quiet_periods, *more)))


def _past(visit: JointVisit, served: Iterable[PlanItem]) -> list[PastInspection]:
    """Return what a visit is in history: a row for each authority, exempt from caps where all its items are."""
    by_authority: dict[str, list[PlanItem]] = defaultdict(list)
    for item in served:
        by_authority[item.authority_id].append(item)
    return [
        PastInspection(
            enterprise_id=visit.enterprise_id,
            authority_id=authority_id,
            day=visit.day,
            visit_id=visit.visit_id,
            trigger=items[0].trigger,
            cap_exempt=all(i.cap_exempt for i in items),
        )
        for authority_id, items in sorted(by_authority.items())
    ]


def _still(visits: Iterable[JointVisit], gone: frozenset[str]) -> Iterable[JointVisit]:
    for visit in visits:
        left = tuple(i for i in visit.item_ids if i not in gone)
        if left:
            yield visit if left == visit.item_ids else replace(visit, item_ids=left)


def changed_case(snapshot: PlanningSnapshot, events: Sequence[Event], today: int) -> PlanningSnapshot:
    """Return the snapshot from today on with dates, crews, closures, caps and pins as events leave them."""
    calendar = _calendar(snapshot.calendar, events, today)
    ahead = snapshot.replace(
        calendar=calendar,
        policy=_policy(snapshot, events),
        enterprises=_enterprises(snapshot, events),
        pins=tuple(p for p in snapshot.pins if p.day in calendar.days),
    )
    return without_crews(ahead, _missing(ahead, events))


def _calendar(calendar: Calendar, events: Sequence[Event], today: int) -> Calendar:
    cancelled = {
        e.day
        for e in events
        if isinstance(e, ShiftCancelled) and e.area_id == WHOLE_CITY and e.shift_id is None and e.day in calendar.days
    }
    start = max(today, calendar.start)
    return replace(
        calendar,
        start=start,
        days=tuple(d for d in calendar.days if d >= start and d not in cancelled),
        closed=tuple(sorted(d for d in {*calendar.closed, *cancelled} if d >= start)),
        opened=tuple(d for d in calendar.opened if d >= start and d not in cancelled),
    )


def _policy(snapshot: PlanningSnapshot, events: Sequence[Event]) -> Policy:
    policy = snapshot.policy
    caps, quiet = list(policy.caps), list(policy.quiet_periods)
    for e in events:
        if isinstance(e, CapChanged):
            caps = [*(c for c in caps if _kind(c) != _kind(e.cap)), e.cap]
        elif isinstance(e, ShiftCancelled) and e.area_id != WHOLE_CITY:
            quiet += [
                QuietPeriod(scope=QuietScope.STREET, target=s.street_id, first_day=e.day, last_day=e.day)
                for s in snapshot.streets
                if e.area_id in (s.street_id, s.district_id)
            ]
    return replace(policy, caps=tuple(caps), quiet_periods=tuple(quiet))


def _kind(cap: FrequencyCap) -> tuple[str, str, str, str]:
    return cap.scope, cap.period, cap.authority, cap.credit_class


def _enterprises(snapshot: PlanningSnapshot, events: Sequence[Event]) -> tuple[Enterprise, ...]:
    closed: dict[str, set[int]] = defaultdict(set)
    for e in events:
        if isinstance(e, EnterpriseClosed):
            first, last = max(e.first_day, snapshot.calendar.start), min(e.last_day, snapshot.calendar.end)
            closed[e.enterprise_id].update(range(first, last + 1))
    return tuple(
        replace(r, closed_days=tuple(sorted({*r.closed_days, *closed[r.enterprise_id]})))
        if r.enterprise_id in closed
        else r
        for r in snapshot.enterprises
    )


def _missing(snapshot: PlanningSnapshot, events: Sequence[Event]) -> dict[Area, dict[Slot, int]]:
    """Return the crews that are not at work, by area and slot; never more than there are."""
    table, shifts = CrewTable(snapshot), [h.shift_id for h in snapshot.calendar.shifts]
    areas = sorted({(p.authority_id, p.area_id) for p in snapshot.crew_pools})
    missing: dict[Area, Counter[Slot]] = defaultdict(Counter)
    for e in events:
        if isinstance(e, CrewMissing):
            for shift_id in shifts if e.shift_id is None else [e.shift_id]:
                missing[e.authority_id, e.area_id][e.day, shift_id] += e.crews
        elif isinstance(e, ShiftCancelled) and e.shift_id is not None:
            for area in areas:
                missing[area][e.day, e.shift_id] += table.at_work(*area, e.day, e.shift_id)
    days = set(snapshot.calendar.days)
    out: dict[Area, dict[Slot, int]] = {}
    for area, slots in missing.items():
        taken = {s: min(n, table.at_work(*area, *s)) for s, n in slots.items() if s[0] in days}
        if any(taken.values()):
            out[area] = taken
    return out
