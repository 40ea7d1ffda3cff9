"""A move carried out: the case with the visit's pin, and a draft whose unserved items are explained anew."""

from __future__ import annotations

from dataclasses import dataclass, replace

from scheduler.domain.plans import Pin
from scheduler.domain.schedule import JointVisit, Schedule, ScheduleState
from scheduler.domain.snapshot import PlanningSnapshot
from scheduler.explain import explain
from scheduler.moves.change import Change, apply
from scheduler.moves.index import MoveIndex


@dataclass(frozen=True, slots=True, kw_only=True)
class Repinning:
    """Pins of a case that go and come with a move, so that a later solve keeps it; none comes that is there already."""

    old: tuple[Pin, ...] = ()
    new: tuple[Pin, ...] = ()


def repinning(snapshot: PlanningSnapshot, visit: JointVisit, pin: Pin, *, release: bool) -> Repinning:
    """Return what becomes of a case's pins when a visit moves and is pinned where it comes to.

    Parameters
    ----------
    visit : as it was.
    release : let go the pins that held it there.
    """
    old = [
        p
        for p in snapshot.fixed_pins
        if release and p.holds(visit.enterprise_id, visit.day, visit.shift_id) and p != pin
    ]
    return Repinning(old=tuple(old), new=() if pin in snapshot.pins else (pin,))


def carry_out(index: MoveIndex, change: Change, pins: Repinning | None = None) -> tuple[PlanningSnapshot, Schedule]:
    """Return the case and the draft after a change.

    Every unserved item is explained anew: what a visit leaves or takes may be what kept another item out.

    Raises
    ------
    BadMove : the schedule of the index lacks something that the change takes out of it.
    """
    snapshot = index.snapshot
    if pins is not None and pins != Repinning():
        kept = (p for p in snapshot.pins if p not in pins.old)
        snapshot = snapshot.replace(pins=(*kept, *pins.new))
    after = apply(index.schedule, change)
    draft = replace(
        after,
        snapshot_digest=snapshot.digest(),
        unserved=explain(snapshot, after.visits, after.crew_shifts),
        state=ScheduleState.DRAFT,
        version=0,
    )
    return snapshot, draft
