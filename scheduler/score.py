"""The score: the five terms of a schedule, recomputed from the snapshot without the solver."""

from __future__ import annotations

from scheduler.domain.schedule import Schedule, Score
from scheduler.domain.snapshot import PlanningSnapshot
from scheduler.ledger import Ledger, read_ledger


def score(snapshot: PlanningSnapshot, schedule: Schedule, ledger: Ledger | None = None) -> Score:
    """Return the terms T01 to T05 of a schedule.

    Unserved weight comes from the items in no visit (not from the list of unserved items), travel from the
    coordinates along the stops (not from ``CrewShift.travel_min``). `ledger` is that of the two, where it is known.
    """
    ledger = ledger or read_ledger(snapshot, schedule)
    weight = dict(snapshot.policy.priority_weights)
    return Score(
        unserved_weight=sum(weight[i.priority] for i in snapshot.items if i.item_id not in ledger.served),
        doors=len(schedule.visits),
        crew_shifts=len(schedule.crew_shifts),
        joint_days=len({(v.street_id, v.day) for v in schedule.visits}),
        travel_min=sum(route.travel for route in ledger.routes),
    )
