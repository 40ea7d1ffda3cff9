"""From published visits to what the search begins with: their homes, and those that stand as placed visits."""

from __future__ import annotations

from collections import defaultdict

from scheduler.availability import Availability, Slots
from scheduler.domain.plans import Notice, PlanItem
from scheduler.planning.arrays import TimetableIndex
from scheduler.planning.homes import Home, Homes
from scheduler.replan.carry import Carried
from scheduler.replan.standing import Cause, Standing, StandingVisit
from solver.timetable.solution import PlacedPart, PlacedVisit

SOON = 10
"""Inspection dates within which what came back, lost its place or is new is wanted, at most: whoever comes late in the
window of an item has no second chance where nobody opens."""

_NO_PLACE = frozenset({Cause.CANCELLED, Cause.CLOSED, Cause.QUIET, Cause.RULE})
"""Causes for which a visit can't have its published place again."""


def homes_of(
    availability: Availability, carried: Carried, standing: Standing, freeze_days: int, notice_days: int
) -> Homes:
    """Return where visits are wanted: published ones where they were, others soon.

    Parameters
    ----------
    freeze_days : visits that stand on so many inspection dates, the first ones, are fixed.
    notice_days : on so many inspection dates, the first ones, announced items are served only where published.
    """
    days, grid = availability.snapshot.calendar.days, availability.grid
    frozen = set(days[:freeze_days])
    late = days[notice_days:]
    announced = None if notice_days == 0 else grid.between(late[0], late[-1]) if late else 0
    by_enterprise: dict[str, list[Home]] = defaultdict(list)
    for entry in sorted(standing.visits.values(), key=_when):
        fixed = entry.visit.day in frozen
        by_enterprise[entry.visit.enterprise_id].append(_home(entry, fixed=fixed))
    again: list[tuple[str, tuple[str, ...]]] = [(v.enterprise_id, v.item_ids) for v, _ in carried.failed]
    for entry, cause in sorted(standing.displaced.values(), key=lambda d: _when(d[0])):
        if cause in _NO_PLACE:
            again.append((entry.visit.enterprise_id, entry.visit.item_ids))
        else:
            by_enterprise[entry.visit.enterprise_id].append(_home(entry, fixed=False))
    items = {i.item_id: i for i in availability.snapshot.items}
    placed = {i for _, ids in again for i in ids}
    new = sorted((carried.added | carried.returned) & items.keys() - placed)
    again += [(items[i].enterprise_id, (i,)) for i in new]
    for enterprise_id, ids in again:
        wanted = [items[i] for i in ids if i in items]
        slots = _soon(availability, wanted, announced)
        if slots:
            home = Home(slots=slots, item_ids=tuple(sorted(i.item_id for i in wanted)))
            by_enterprise[enterprise_id].append(home)
    return Homes(by_enterprise={e: tuple(homes) for e, homes in by_enterprise.items()}, announced=announced)


def _when(entry: StandingVisit) -> tuple[int, int, str]:
    return entry.visit.day, entry.visit.start, entry.visit.visit_id


def _home(entry: StandingVisit, *, fixed: bool) -> Home:
    return Home(
        slots=0 if entry.slot is None else 1 << entry.slot,
        item_ids=tuple(sorted(entry.visit.item_ids)),
        starts=tuple((p.authority_id, p.start) for p in entry.parts),
        fixed=fixed,
    )


def _soon(availability: Availability, items: list[PlanItem], announced: Slots | None) -> Slots:
    """Return the first half of the slots that could serve all the items, of :data:`SOON` dates at most."""
    slots = availability.grid.all if items else 0
    for item in items:
        slots &= availability.alone(item)
        if announced is not None and item.notice is Notice.ANNOUNCED:
            slots &= announced
    dates = availability.grid.days_of(slots)
    last = dates[: min(SOON, (len(dates) + 1) // 2)][-1:]
    return slots & availability.grid.between(dates[0], last[0]) if last else 0


def placed_of(standing: Standing, index: TimetableIndex) -> list[PlacedVisit]:
    """Return the visits that stand as the search places them."""
    enterprise = {e: k for k, e in enumerate(index.enterprise_ids)}
    item = {i: k for k, i in enumerate(index.item_ids)}
    street = {s: k for k, s in enumerate(index.street_ids)}
    authority = {a: k for k, a in enumerate(index.authority_ids)}
    crews: dict[str, int] = {}

    def placed(entry: StandingVisit, slot: int) -> PlacedVisit:
        parts = tuple(
            PlacedPart(
                authority=authority[p.authority_id],
                start=p.start,
                minutes=p.minutes,
                crews=tuple(crews.setdefault(c, len(crews)) for c in p.crew_ids),
            )
            for p in entry.parts
        )
        v = entry.visit
        return PlacedVisit(
            enterprise=enterprise[v.enterprise_id],
            street=street[v.street_id],
            slot=slot,
            items=tuple(sorted(item[i] for i in v.item_ids)),
            parts=parts,
        )

    return [placed(s, s.slot) for s in standing.visits.values() if s.slot is not None]
