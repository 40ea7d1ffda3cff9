"""The near period of an outline as a case of its own, to be planned in detail."""

from __future__ import annotations

from dataclasses import replace

from scheduler.domain.calendar import Calendar
from scheduler.domain.plans import PlanItem
from scheduler.domain.snapshot import PlanningSnapshot
from scheduler.outline.outline import Outline


def near_case(snapshot: PlanningSnapshot, outline: Outline) -> PlanningSnapshot:
    """Return the case of the outline's first period: its dates, and the items that it gives to it.

    What the detailed plan can't serve of them stays in the case of the whole horizon, for the next outline.

    Parameters
    ----------
    snapshot : what the outline was made of.
    """
    last = outline.periods[0].last
    mine = tuple(_until(i, last) for i in snapshot.items if outline.period_of.get(i.item_id) == 0)
    return until(snapshot, last).replace(items=mine)


def until(snapshot: PlanningSnapshot, last: int) -> PlanningSnapshot:
    """Return a case that ends on a date: dates, pins and items up to it."""
    items = tuple(_until(i, last) for i in snapshot.items if i.earliest <= last)
    calendar = _calendar(snapshot.calendar, last)
    return snapshot.replace(
        calendar=calendar, items=items, pins=tuple(p for p in snapshot.pins if p.day in calendar.days)
    )


def _until(item: PlanItem, last: int) -> PlanItem:
    return item if item.latest <= last else replace(item, latest=last)


def _calendar(calendar: Calendar, last: int) -> Calendar:
    return replace(
        calendar,
        end=last,
        days=tuple(d for d in calendar.days if d <= last),
        closed=tuple(d for d in calendar.closed if d <= last),
        opened=tuple(d for d in calendar.opened if d <= last),
    )
