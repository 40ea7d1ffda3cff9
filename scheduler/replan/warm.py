"""A schedule of one case as the beginning of a search in a changed one; nothing is asked to stay where it was."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import numpy as np

from scheduler.availability import Availability
from scheduler.domain.schedule import JointVisit, Schedule
from scheduler.planning.prepare import Prepared
from scheduler.replan.standing import standing_of
from scheduler.replan.start import placed_of
from solver.errors import SolverError
from solver.timetable.problem import TimetableProblem
from solver.timetable.run import TimetableResult, given_timetable

HELPS = 0.9
"""Share of the old schedule's visits that must keep every rule of the changed case for it to be a beginning: with fewer
a search that starts anew does better (measured on a street of 400)."""


def warm_start(schedule: Schedule, availability: Availability, prepared: Prepared) -> TimetableResult | None:
    """Return the visits of a schedule that keep every rule of a changed case; ``None`` where that are too few.

    Parameters
    ----------
    schedule : of the case before it was changed; it may name items and enterprises that are there no more.
    """
    known = _known(schedule.visits, availability)
    if len(known) < HELPS * len(schedule.visits):
        return None
    standing = standing_of(availability, known, schedule.crew_shifts)
    modes = _modes(prepared.problem)
    placed = [v for v in placed_of(standing, prepared.index) if (v.enterprise, v.items) in modes]
    if len(placed) < HELPS * len(schedule.visits):
        return None
    try:
        return given_timetable(prepared.problem, placed)
    except SolverError:  # more visits of an enterprise than it may now have
        return None


def _known(visits: Iterable[JointVisit], availability: Availability) -> tuple[JointVisit, ...]:
    """Return the visits with the items that are still those of the same authorities at the same place."""
    snapshot = availability.snapshot
    items = {i.item_id: i for i in snapshot.items}
    out = []
    for v in visits:
        enterprise = availability.enterprises.get(v.enterprise_id)
        if enterprise is None or enterprise.street_id != v.street_id:
            continue
        here = [items[i] for i in v.item_ids if i in items and items[i].enterprise_id == v.enterprise_id]
        if here and {i.authority_id for i in here} <= set(v.authority_ids):
            out.append(
                replace(
                    v,
                    item_ids=tuple(i.item_id for i in here),
                    authority_ids=tuple(sorted({i.authority_id for i in here})),
                )
            )
    return tuple(out)


def _modes(p: TimetableProblem) -> set[tuple[int, tuple[int, ...]]]:
    """Return (enterprise, items) of every choice of items that a visit may have."""
    enterprise = np.repeat(np.arange(p.num_enterprises), np.diff(p.ent_modes)).tolist()
    ends, items = p.mode_items.tolist(), p.mode_item.tolist()
    return {(e, tuple(sorted(items[ends[m] : ends[m + 1]]))) for m, e in enumerate(enterprise)}
