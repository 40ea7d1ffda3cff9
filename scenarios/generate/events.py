"""Random events of one date on a published schedule, seeded: what a district may meet in a day."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from scheduler.domain.people import OFFICERS_PER_CREW
from scheduler.domain.plans import Notice, PlanItem, Trigger
from scheduler.domain.schedule import JointVisit
from scheduler.domain.snapshot import PlanningSnapshot
from scheduler.replan.events import (
    CrewMissing,
    EnterpriseClosed,
    Event,
    ItemAdded,
    ItemWithdrawn,
    NoAccess,
    Refused,
    ShiftCancelled,
    VisitDone,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class EventRates:
    """How often things happen; chances from 0 to 1. Assumptions of ours: no source with such figures was found.

    Parameters
    ----------
    no_access, refused, left_over : chance for a visit that it fails, is refused, or leaves its last item.
    crew_missing : chance for an officer of a pool to be missing on a date.
    closed : chance for a visit of the next dates that its enterprise closes for `closed_days` days.
    cancelled : chance for a date to be cancelled.
    added, urgent, withdrawn : mean number of new items, urgent cases and withdrawn items on a date.
    """

    no_access: float = 0.03
    refused: float = 0.005
    left_over: float = 0.01
    crew_missing: float = 0.01
    closed: float = 0.005
    closed_days: int = 5
    cancelled: float = 0.02
    added: float = 2.0
    urgent: float = 1.0
    withdrawn: float = 1.0


def random_events(
    snapshot: PlanningSnapshot,
    yesterday: Sequence[JointVisit],
    ahead: Sequence[JointVisit],
    today: int,
    rates: EventRates,
    rng: np.random.Generator,
) -> tuple[Event, ...]:
    """Return what became of yesterday's visits, and what is known of today and later when the day begins.

    Parameters
    ----------
    snapshot : the case as it is; `today` is one of its inspection dates.
    yesterday : visits whose outcome is due; each gets one.
    ahead : published visits from today on.
    """
    return (
        *(_outcome(v, rates, rng) for v in sorted(yesterday, key=lambda v: v.visit_id)),
        *_disruptions(snapshot, ahead, today, rates, rng),
        *_items(snapshot, today, rates, rng),
    )


def _outcome(visit: JointVisit, rates: EventRates, rng: np.random.Generator) -> Event:
    draw, factor = rng.random(), rng.uniform(0.85, 1.25)
    if draw < rates.no_access:
        return NoAccess(visit_id=visit.visit_id)
    if draw < rates.no_access + rates.refused:
        return Refused(visit_id=visit.visit_id)
    many = len(visit.item_ids) > 1 and draw > 1 - rates.left_over
    return VisitDone(
        visit_id=visit.visit_id,
        minutes=max(1, round(factor * (visit.end - visit.start))),
        left_item_ids=visit.item_ids[-1:] if many else (),
    )


def _disruptions(
    snapshot: PlanningSnapshot, ahead: Sequence[JointVisit], today: int, rates: EventRates, rng: np.random.Generator
) -> list[Event]:
    events: list[Event] = []
    if rng.random() < rates.cancelled and len(snapshot.calendar.days) > 1:
        shift = None if rng.random() < 0.5 else snapshot.calendar.shifts[-1].shift_id
        events.append(ShiftCancelled(day=today, shift_id=shift))
    for pool in snapshot.crew_pools:
        if any(pool.holds_on(today, h.shift_id) for h in snapshot.calendar.shifts):
            missing = int(rng.binomial(pool.crews * OFFICERS_PER_CREW, rates.crew_missing))
            if missing:
                crews = min(pool.crews, missing)
                events.append(
                    CrewMissing(
                        authority_id=pool.authority_id,
                        area_id=pool.area_id,
                        day=today,
                        shift_id=pool.shift_id,
                        crews=crews,
                    )
                )
    soon = sorted({v.enterprise_id for v in ahead if v.day < today + 7})
    for enterprise_id in soon:
        if rng.random() < rates.closed:
            last = today + rates.closed_days - 1
            events.append(EnterpriseClosed(enterprise_id=enterprise_id, first_day=today, last_day=last))
    return events


def _items(snapshot: PlanningSnapshot, today: int, rates: EventRates, rng: np.random.Generator) -> list[Event]:
    known = snapshot.items
    if not known:
        return []
    weights = dict(snapshot.policy.priority_weights)
    heaviest = max(weights, key=lambda name: (weights[name], name))
    end = snapshot.calendar.end
    events: list[Event] = []
    for n in range(int(rng.poisson(rates.added))):
        like = known[int(rng.integers(len(known)))]
        other = known[int(rng.integers(len(known)))]
        item = _new(like, other.enterprise_id, f"N{today}-{n}", today, min(end, today + 30))
        events.append(ItemAdded(item=item))
    for n in range(int(rng.poisson(rates.urgent))):
        like = known[int(rng.integers(len(known)))]
        item = _new(like, like.enterprise_id, f"U{today}-{n}", today, min(end, today + 3), heaviest)
        events.append(ItemAdded(item=item))
    count = min(len(known), int(rng.poisson(rates.withdrawn)))
    for k in sorted(rng.choice(len(known), size=count, replace=False).tolist()):
        events.append(ItemWithdrawn(item_id=known[k].item_id))
    return events


def _new(
    like: PlanItem, enterprise_id: str, item_id: str, first: int, last: int, urgent: str | None = None
) -> PlanItem:
    """Return an item like another; with a priority given it is an urgent case, unannounced and exempt from caps."""
    return PlanItem(
        item_id=item_id,
        authority_id=like.authority_id,
        enterprise_id=enterprise_id,
        duration_min=like.duration_min,
        earliest=first,
        latest=last,
        priority=urgent or like.priority,
        trigger=Trigger.CASE if urgent else like.trigger,
        crews=like.crews,
        cap_exempt=urgent is not None or like.cap_exempt,
        notice=Notice.UNANNOUNCED if urgent else like.notice,
    )
