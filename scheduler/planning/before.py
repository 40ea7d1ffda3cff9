"""Today's practice: the same items with every authority going alone, optimised under the same rules and crews."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass, replace

from scheduler.availability import Availability
from scheduler.burden import BeforeAfter, Burden, burden_of
from scheduler.domain.policy import QuietPeriod, StreetRules
from scheduler.domain.schedule import Reason, ReasonCode, Schedule, Unserved
from scheduler.domain.snapshot import PlanningSnapshot, make_snapshot
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
    if (-before.items_served, before.crew_shifts, before.travel_min) > (
        -rounds.items_served,
        rounds.crew_shifts,
        rounds.travel_min,
    ):
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Alone:
    """A case in which authorities have enterprises to themselves.

    Parameters
    ----------
    twins : (name of an enterprise for one authority, the enterprise that it stands for).
    """

    snapshot: PlanningSnapshot
    twins: Mapping[str, str]


def each_authority_alone(
    snapshot: PlanningSnapshot, authority_ids: Set[str] | None = None, between: str = "\x1f"
) -> Alone:
    """Return the case in which every authority (or only those given) has the enterprises to itself.

    An enterprise becomes one for each such authority with items there, at the same place and with the same hours,
    closed days and quiet periods; it remains for the others. Caps hold for each authority's own visits and history.
    Pins of the joint visit and limits of a street do not hold where every authority goes alone: they are about joint
    visits and joint days.

    Parameters
    ----------
    between : stands between the names of enterprise and authority; in no enterprise's name.
    """
    alone = {a.authority_id for a in snapshot.authorities} if authority_ids is None else authority_ids
    twins: dict[str, dict[str, str]] = {}
    remaining: set[str] = set()
    for item in snapshot.items:
        if item.authority_id in alone:
            name = f"{item.enterprise_id}{between}{item.authority_id}"
            twins.setdefault(item.enterprise_id, {})[item.authority_id] = name
        else:
            remaining.add(item.enterprise_id)
    if authority_ids is not None:  # enterprises without items stay as they are
        remaining |= {e.enterprise_id for e in snapshot.enterprises} - twins.keys()

    def names_of(enterprise_id: str) -> Iterator[str]:
        if enterprise_id in remaining:
            yield enterprise_id
        yield from twins.get(enterprise_id, {}).values()

    enterprises = (replace(e, enterprise_id=n) for e in snapshot.enterprises for n in names_of(e.enterprise_id))
    quiet: list[QuietPeriod] = []
    for q in snapshot.policy.quiet_periods:
        if q.scope == "enterprise" and q.target is not None:
            quiet.extend(replace(q, target=name) for name in names_of(q.target))
        else:
            quiet.append(q)

    def theirs(enterprise_id: str, authority_id: str) -> str | None:
        """Return the name under which an authority visits an enterprise, if it does."""
        if authority_id in alone:
            return twins.get(enterprise_id, {}).get(authority_id)
        return enterprise_id if enterprise_id in remaining else None

    history = ((h, theirs(h.enterprise_id, h.authority_id)) for h in snapshot.history)
    everybody = authority_ids is None
    made = make_snapshot(
        replace(
            snapshot,
            enterprises=tuple(enterprises),
            items=tuple(
                replace(i, enterprise_id=twins[i.enterprise_id][i.authority_id]) if i.authority_id in alone else i
                for i in snapshot.items
            ),
            history=tuple(replace(h, enterprise_id=name) for h, name in history if name is not None),
            pins=() if everybody else tuple(p for p in snapshot.pins if p.enterprise_id in remaining),
            policy=replace(
                snapshot.policy,
                quiet_periods=tuple(quiet),
                street=StreetRules() if everybody else snapshot.policy.street,
            ),
        )
    )
    return Alone(snapshot=made, twins={n: e for e, names in twins.items() for n in names.values()})
