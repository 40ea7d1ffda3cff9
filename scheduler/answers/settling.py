"""A schedule carried over to a changed case: one item put in while all others stay, or searched on from where it is."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from scheduler.availability import Availability
from scheduler.domain.schedule import Schedule, Score
from scheduler.domain.snapshot import PlanningSnapshot
from scheduler.moves.broken import broken_by
from scheduler.moves.change import Change, apply
from scheduler.moves.index import MoveIndex
from scheduler.moves.placing import Removal, change_of, cost_of, places_of, removal_of
from scheduler.replan.carry import carry
from scheduler.replan.replan import search_from
from scheduler.replan.standing import standing_of
from solver.limits import Limits


def put_in(index: MoveIndex, item_id: str) -> Change | None:
    """Return the cheapest change that serves an unserved item while all other visits stay; ``None`` when there is none.

    The item gets a door of its own, or joins a visit of its enterprise whose parts may then begin at other minutes of
    the same shift.
    """
    item = index.items[item_id]
    allowed = index.availability.alone(item)
    found: list[tuple[tuple[int, ...], int, str, Change]] = []

    def note(change: Change, day: int, shift_id: str) -> None:
        cost = cost_of(index, change).in_order(index.snapshot.policy.tiers)
        found.append((cost, day, shift_id, change))

    grid, shifts = index.availability.grid, tuple(index.shifts)
    nobody = Removal(visit=None)
    for slot in (s for s in range(grid.num_slots) if allowed >> s & 1):
        day, shift_id = grid.day_of(slot), shifts[slot % grid.num_shifts]
        best = places_of(index, [item], day, shift_id, nobody).cheapest()
        if best is not None and not best.missing:
            note(change_of(index, [item], day, shift_id, best, nobody), day, shift_id)
    for visit in index.visits_of_enterprise.get(item.enterprise_id, ()):
        items = [*(index.items[i] for i in visit.item_ids), item]
        removal = removal_of(index, visit)
        best = places_of(index, items, visit.day, visit.shift_id, removal).cheapest()
        if best is not None and not best.missing:
            note(change_of(index, items, visit.day, visit.shift_id, best, removal), visit.day, visit.shift_id)
    gone = tuple(u for u in index.schedule.unserved if u.item_id == item_id)
    for _, _, _, change in sorted(found, key=lambda f: f[:3]):
        if not broken_by(index, change):
            return replace(change, old_unserved=gone)
    return None


def put_all_in(snapshot: PlanningSnapshot, schedule: Schedule, item_ids: Iterable[str]) -> Schedule | None:
    """Return the schedule after every one of these items is put in, one after the other; ``None`` when one is not."""
    for item_id in item_ids:
        change = put_in(MoveIndex(snapshot, schedule), item_id)
        if change is None:
            return None
        schedule = apply(schedule, change)
    return schedule


def search_on(snapshot: PlanningSnapshot, schedule: Schedule, limits: Limits) -> tuple[Schedule, Score]:
    """Return a checked schedule of a case, searched on from the visits of a schedule that keep every rule of it.

    As in re-planning, most weight is served first, then fewest of these visits leave their date and shift.

    Raises
    ------
    PinsNotKept, BrokenSchedule : as :func:`scheduler.planning.timetable.verify` says.
    """
    carried = carry(snapshot, schedule, (), snapshot.calendar.start)
    availability = Availability(carried.snapshot)
    standing = standing_of(availability, carried.ahead, schedule.crew_shifts)
    return search_from(availability, carried, standing, schedule, limits)
