"""Why items are left out: typed reasons with figures, the cheapest change, and sentences about both (R28)."""

from __future__ import annotations

from collections.abc import Iterable

from scheduler.domain.plans import PlanItem
from scheduler.domain.schedule import CrewShift, JointVisit, Unserved
from scheduler.domain.snapshot import PlanningSnapshot
from scheduler.explain.alone import allowed_to, reasons_alone
from scheduler.explain.planned import chances_of, reasons_planned, relax_planned
from scheduler.explain.relaxing import relax_alone
from scheduler.explain.scene import Scene, set_scene
from scheduler.explain.texts import relaxation_sentence, sentence


def explain(
    snapshot: PlanningSnapshot, visits: Iterable[JointVisit], crew_shifts: Iterable[CrewShift]
) -> tuple[Unserved, ...]:
    """Return every item in no visit with its reasons and the cheapest relaxation, in the order of ids (R27, R28).

    Visits and crew shifts are those of a plan that keeps every rule about the visits it has.
    """
    listed = tuple(visits)
    served = {i for v in listed for i in v.item_ids}
    scene = set_scene(snapshot, listed, crew_shifts)
    return tuple(_explain_one(scene, item) for item in snapshot.items if item.item_id not in served)


def _explain_one(scene: Scene, item: PlanItem) -> Unserved:
    allowed = allowed_to(scene, item)
    reasons = reasons_alone(scene, allowed)
    if reasons:
        return Unserved(item_id=item.item_id, reasons=tuple(reasons), relaxation=relax_alone(scene, allowed))
    chances = chances_of(scene, allowed)
    return Unserved(
        item_id=item.item_id,
        reasons=tuple(reasons_planned(scene, chances)),
        relaxation=relax_planned(scene, chances),
    )


__all__ = ["explain", "relaxation_sentence", "sentence"]
