"""A change of a schedule as what goes and what comes, so that undoing it restores the schedule."""

from __future__ import annotations

from dataclasses import dataclass

from scheduler.domain.schedule import CrewShift, JointVisit, Schedule, Unserved
from scheduler.moves import errors
from scheduler.moves.errors import BadMove


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """Visits, crew shifts and unserved items that a change takes out of a schedule and puts into it."""

    old_visits: tuple[JointVisit, ...] = ()
    new_visits: tuple[JointVisit, ...] = ()
    old_crews: tuple[CrewShift, ...] = ()
    new_crews: tuple[CrewShift, ...] = ()
    old_unserved: tuple[Unserved, ...] = ()
    new_unserved: tuple[Unserved, ...] = ()

    def inverse(self) -> Change:
        """Return the change that undoes this one."""
        return Change(
            old_visits=self.new_visits,
            new_visits=self.old_visits,
            old_crews=self.new_crews,
            new_crews=self.old_crews,
            old_unserved=self.new_unserved,
            new_unserved=self.old_unserved,
        )


def apply(schedule: Schedule, change: Change) -> Schedule:
    """Return the schedule after a change, with its tables sorted; its state, version and snapshot stay.

    Raises
    ------
    BadMove : the schedule lacks something that the change takes out of it.
    """
    visits = {v.visit_id: v for v in schedule.visits}
    crews = {c.crew_id: c for c in schedule.crew_shifts}
    unserved = {u.item_id: u for u in schedule.unserved}
    for v in change.old_visits:
        if visits.pop(v.visit_id, None) != v:
            raise BadMove(errors.STALE)
    for c in change.old_crews:
        if crews.pop(c.crew_id, None) != c:
            raise BadMove(errors.STALE)
    for u in change.old_unserved:
        if unserved.pop(u.item_id, None) != u:
            raise BadMove(errors.STALE)
    visits.update((v.visit_id, v) for v in change.new_visits)
    crews.update((c.crew_id, c) for c in change.new_crews)
    unserved.update((u.item_id, u) for u in change.new_unserved)
    return Schedule(
        snapshot_digest=schedule.snapshot_digest,
        visits=tuple(visits[k] for k in sorted(visits)),
        crew_shifts=tuple(crews[k] for k in sorted(crews)),
        unserved=tuple(unserved[k] for k in sorted(unserved)),
        state=schedule.state,
        version=schedule.version,
    )
