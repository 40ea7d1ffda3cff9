"""Today's practice: the same items with every authority going alone, optimised under the same rules and crews."""

from __future__ import annotations

from dataclasses import replace

from scheduler.availability import Availability
from scheduler.burden import BeforeAfter, Burden, burden_of
from scheduler.domain.schedule import Reason, ReasonCode, Schedule, Unserved
from scheduler.domain.snapshot import PlanningSnapshot
from scheduler.planning.alone import each_authority_alone
from scheduler.planning.prepare import prepare
from scheduler.planning.timetable import search_timetable, timetable_of, verify
from solver.limits import Limits, Watcher
from solver.parallel import InProcess, Port

SHARE = 0.25
"""Share of the joint search's limits that each of the two searches of today's practice takes."""


def plan_before(
    snapshot: PlanningSnapshot,
    joint: Schedule,
    limits: Limits,
    watch: Watcher | None = None,
    port: Port | None = None,
) -> BeforeAfter:
    """Return the burden of a joint schedule against today's practice.

    Crews of a joint schedule could make the same rounds alone, so alone they never need more than that: where the
    search for today's practice finds no better, the joint rounds are taken, each authority with doors of its own.
    """
    after = burden_of(joint)
    rounds = _joint_rounds_alone(joint, after)
    before = burden_alone(served_items(snapshot, joint), limits, watch, port)
    kept = [t for t in snapshot.policy.tiers if t in ("crew_shifts", "travel_min")]

    def rank(burden: Burden) -> tuple[int, ...]:
        return -burden.items_served, *(getattr(burden, t) for t in kept)

    if rank(before) > rank(rounds):
        before = rounds
    return BeforeAfter(before=before, before_all=burden_alone(snapshot, limits, watch, port), after=after)


def served_items(snapshot: PlanningSnapshot, joint: Schedule) -> PlanningSnapshot:
    """Return the case with the items that a joint schedule serves, and no others."""
    served = {i for v in joint.visits for i in v.item_ids}
    return snapshot.replace(items=tuple(i for i in snapshot.items if i.item_id in served))


def burden_alone(
    snapshot: PlanningSnapshot,
    limits: Limits,
    watch: Watcher | None = None,
    port: Port | None = None,
    *,
    share: float = SHARE,
) -> Burden:
    """Return the burden of the best schedule found in which every authority goes alone; it keeps every rule.

    Parameters
    ----------
    share : of the limits that this search takes, greater than 0; 1 gives it as much as a joint search.
    """
    twins = each_authority_alone(snapshot)
    alone = twins.snapshot
    availability = Availability(alone)
    port = port or InProcess(limits.workers)
    prepared = prepare(availability, port)
    short = replace(
        limits,
        time_s=None if limits.time_s is None else limits.time_s * share,
        iterations=None if limits.iterations is None else int(limits.iterations * share),
    )
    result = search_timetable(availability, prepared, short, watch, stage="before", port=port)
    found = timetable_of(availability, prepared, result)
    placed = {i for v in found.visits for i in v.item_ids}
    schedule = Schedule(
        snapshot_digest="",
        visits=found.visits,
        crew_shifts=found.crew_shifts,
        unserved=tuple(
            Unserved(item_id=i.item_id, reasons=(Reason(code=ReasonCode.CAPACITY),))
            for i in alone.items
            if i.item_id not in placed
        ),
    )
    verify(alone, schedule, found)
    burden = burden_of(schedule)
    return replace(burden, enterprises=len({twins.twins[v.enterprise_id] for v in schedule.visits}))


def _joint_rounds_alone(joint: Schedule, after: Burden) -> Burden:
    """Burden of the joint rounds when every authority's part is a door of its own."""
    parts = {(c.authority_id, s.visit_id): s.leave - s.start for c in joint.crew_shifts for s in c.stops}
    return replace(after, doors=len(parts), enterprise_min=sum(parts.values()))
