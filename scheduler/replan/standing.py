"""Which published visits can stand as they are, and what stops the others."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum

from scheduler.availability import Availability, CapBook, Slots
from scheduler.capacity import CrewTable, crew_use_of
from scheduler.domain.plans import PlanItem
from scheduler.domain.schedule import CrewShift, JointVisit, Schedule, visit_id_of
from scheduler.ledger import parts_of
from scheduler.planning.assemble import Call, crew_shift_of
from scheduler.rules import check


class Cause(StrEnum):
    """Why something differs from the published schedule."""

    NO_ACCESS = "no_access"  # nobody opened the door
    REFUSED = "refused"  # the enterprise refused the visit
    LEFT_OVER = "left_over"  # the crews did not get round to it
    CANCELLED = "cancelled"  # nobody goes out on that date or in that shift
    CLOSED = "closed"  # the enterprise is closed on that date
    QUIET = "quiet"  # the date is in a quiet period now
    CREW_MISSING = "crew_missing"  # a crew that was to come is not at work
    CAP = "cap"  # a frequency cap allows no such visit any more
    WITHDRAWN = "withdrawn"  # items were withdrawn
    RULE = "rule"  # another rule of the case as it is now
    ADDED = "added"  # a new item
    MADE_ROOM = "made_room"  # gave way so that more weight is served
    ROOM_FOUND = "room_found"  # was not served, and is now


@dataclass(frozen=True, slots=True, kw_only=True)
class StandingPart:
    """An authority's part at a visit: its start and minutes, and the published crew shifts that come."""

    authority_id: str
    start: int
    minutes: int
    crew_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class StandingVisit:
    """A published visit with the items that it still has; `slot` is its slot in the case ahead, if there is one."""

    visit: JointVisit
    slot: int | None
    parts: tuple[StandingPart, ...]


@dataclass(slots=True)
class Standing:
    """Published visits ahead.

    Parameters
    ----------
    visits : those that stand, by their published ids.
    displaced : those that do not, with the cause.
    """

    visits: dict[str, StandingVisit] = field(default_factory=dict)
    displaced: dict[str, tuple[StandingVisit, Cause]] = field(default_factory=dict)

    def displace(self, visit_id: str, cause: Cause) -> None:
        """Take a visit from those that stand."""
        self.displaced[visit_id] = self.visits.pop(visit_id), cause


def standing_of(availability: Availability, ahead: Sequence[JointVisit], crew_shifts: Iterable[CrewShift]) -> Standing:
    """Return which published visits keep every rule of the case as it is now.

    Parameters
    ----------
    ahead : published visits with the items that they still have.
    crew_shifts : those of the published schedule.
    """
    items = {i.item_id: i for i in availability.snapshot.items}
    parts = _parts(ahead, crew_shifts, items, availability.snapshot.policy.visit.overhead_min)
    out = Standing()
    for visit in ahead:
        mine = [items[i] for i in visit.item_ids]
        slot = _slot_of(availability, visit)
        entry = StandingVisit(visit=visit, slot=slot, parts=parts[visit.visit_id])
        out.visits[visit.visit_id] = entry
        cause = _stopped_by(availability, entry, mine)
        if cause is not None:
            out.displace(visit.visit_id, cause)
    worth = dict(availability.snapshot.policy.priority_weights)
    weights = {v.visit_id: sum(worth[items[i].priority] for i in v.item_ids) for v in ahead}
    _keep_caps(availability, out, weights, items)
    _keep_pools(availability, out, weights)
    _keep_all_rules(availability, out)
    return out


def _slot_of(availability: Availability, visit: JointVisit) -> int | None:
    calendar = availability.snapshot.calendar
    shifts = [h.shift_id for h in calendar.shifts]
    if visit.day not in calendar.days or visit.shift_id not in shifts:
        return None
    return calendar.days.index(visit.day) * len(shifts) + shifts.index(visit.shift_id)


def _parts(
    ahead: Sequence[JointVisit], crew_shifts: Iterable[CrewShift], items: Mapping[str, PlanItem], overhead: int
) -> dict[str, tuple[StandingPart, ...]]:
    """Return the parts of every visit as published, as long as its items ask for now."""
    coming: dict[str, dict[str, list[tuple[str, int]]]] = defaultdict(lambda: defaultdict(list))
    for crew in crew_shifts:
        for stop in crew.stops:
            coming[stop.visit_id][crew.authority_id].append((crew.crew_id, stop.start))
    out = {}
    for visit in ahead:
        minutes, crews = parts_of((items[i] for i in visit.item_ids), overhead)
        there = coming[visit.visit_id]
        out[visit.visit_id] = tuple(
            StandingPart(
                authority_id=a,
                start=min((start for _, start in there[a]), default=visit.start),
                minutes=minutes[a],
                crew_ids=tuple(sorted(crew_id for crew_id, _ in there[a])[: crews[a]]),
            )
            for a in sorted(minutes)
        )
    return out


def _stopped_by(availability: Availability, entry: StandingVisit, items: Sequence[PlanItem]) -> Cause | None:
    """Return what stops a visit by itself, whatever else is planned."""
    visit, slot = entry.visit, entry.slot
    if slot is None:
        return Cause.CANCELLED
    enterprise = availability.enterprises[visit.enterprise_id]
    bit = 1 << slot
    if not availability.open(enterprise) & bit:
        return Cause.CLOSED
    if not all(availability.not_quiet(enterprise, i.trigger) & bit for i in items):
        return Cause.QUIET
    if not all(availability.crewed(i.authority_id, enterprise.street_id, i.crews) & bit for i in items):
        return Cause.CREW_MISSING
    if not all(availability.alone(i) & bit for i in items):
        return Cause.RULE
    return None


def _keep_caps(
    availability: Availability, standing: Standing, weights: Mapping[str, int], items: Mapping[str, PlanItem]
) -> None:
    """R24, R25: displace the lightest visits, the latest of equal ones, until every cap is kept."""
    book = CapBook(availability)
    by_enterprise: dict[str, list[StandingVisit]] = defaultdict(list)
    for entry in standing.visits.values():
        by_enterprise[entry.visit.enterprise_id].append(entry)
    for enterprise_id, entries in by_enterprise.items():
        rest = sorted(entries, key=lambda s: (weights[s.visit.visit_id], -s.visit.day, s.visit.visit_id))
        counted = {
            s.visit.visit_id: {items[i].authority_id for i in s.visit.item_ids if not items[i].cap_exempt} for s in rest
        }
        authorities = tuple(sorted(set().union(*counted.values())))
        for row in book.rows(availability.enterprises[enterprise_id], authorities):
            for period, left in row.left:
                inside = [s for s in rest if _counts(counted[s.visit.visit_id], row.authority_id) and _in(s, period)]
                for entry in inside[: max(0, len(inside) - left)]:
                    rest.remove(entry)
                    standing.displace(entry.visit.visit_id, Cause.CAP)


def _counts(authorities: set[str], authority_id: str | None) -> bool:
    return bool(authorities) if authority_id is None else authority_id in authorities


def _in(entry: StandingVisit, period: Slots) -> bool:
    return entry.slot is not None and bool(period >> entry.slot & 1)


def _keep_pools(availability: Availability, standing: Standing, weights: Mapping[str, int]) -> None:
    """R23: where an authority sends more crews than are at work, those with the lightest visits stay away."""
    table = CrewTable(availability.snapshot)
    calls = _calls(standing)
    use = dict(crew_use_of(_bare(key) for key in calls))
    for short in table.shortfalls(use):
        mine = sorted(
            (key for key in calls if key[1:4] == (short.authority_id, short.day, short.shift_id)),
            key=lambda key: (sum(weights[v] for v in calls[key]), key),
        )
        missing = short.missing
        for key in mine:
            if missing == 0:
                break
            place = key[1], key[2], key[3], key[4]
            fewer = {k: n for k, n in use.items() if (k[0], k[1], k[2]) == key[1:4]} | {place: use[place] - 1}
            now = sum(s.missing for s in table.shortfalls(fewer))
            if now < missing:
                use[place] -= 1
                missing = now
                for visit_id in calls[key]:
                    if visit_id in standing.visits:
                        standing.displace(visit_id, Cause.CREW_MISSING)


_CrewKey = tuple[str, str, int, str, str]
"""(crew shift, authority, day, shift, street)."""


def _calls(standing: Standing) -> dict[_CrewKey, list[str]]:
    """Return the visits of every published crew shift that still has one."""
    out: dict[_CrewKey, list[str]] = defaultdict(list)
    for visit_id, entry in standing.visits.items():
        v = entry.visit
        for part in entry.parts:
            for crew_id in part.crew_ids:
                out[crew_id, part.authority_id, v.day, v.shift_id, v.street_id].append(visit_id)
    return dict(out)


def _bare(key: _CrewKey) -> CrewShift:
    crew_id, authority_id, day, shift_id, street_id = key
    return CrewShift(
        crew_id=crew_id,
        authority_id=authority_id,
        street_id=street_id,
        day=day,
        shift_id=shift_id,
        depart=0,
        back=0,
        travel_min=0,
        stops=(),
    )


_NOT_YET = frozenset({"R26", "R27", "R28"})
"""Rules of whole schedules, which the visits that stand need not keep by themselves."""


def _keep_all_rules(availability: Availability, standing: Standing) -> None:
    """Displace what breaks any other rule: visits named, or those of the crew shifts named."""
    while True:
        schedule, published = as_schedule(availability, standing, ())
        crews = {c.crew_id: [s.visit_id for s in c.stops] for c in schedule.crew_shifts}
        wrong: set[str] = set()
        for violation in check(availability.snapshot, schedule):
            if violation.code not in _NOT_YET:
                for name in violation.ids:
                    wrong.update(v for v in crews.get(name, [name]) if v in published)
        if not wrong:
            return
        for visit_id in sorted(wrong):
            standing.displace(published[visit_id], Cause.RULE)


def as_schedule(
    availability: Availability, standing: Standing, published: Iterable[CrewShift]
) -> tuple[Schedule, dict[str, str]]:
    """Return the visits that stand as a schedule without unserved items, and the published id of each.

    A crew shift that is as in `published` is that one; others leave and arrive as soon as they may.
    """
    was = {c.crew_id: c for c in published}
    visits: dict[str, JointVisit] = {}
    ids: dict[str, str] = {}
    routes: dict[_CrewKey, list[Call]] = defaultdict(list)
    for old_id, entry in standing.visits.items():
        v = entry.visit
        visit_id = visit_id_of(v.item_ids)
        ids[visit_id] = old_id
        ends = [p.start + p.minutes for p in entry.parts]
        visits[visit_id] = replace(
            v,
            visit_id=visit_id,
            start=min(p.start for p in entry.parts),
            end=max(ends),
            authority_ids=tuple(p.authority_id for p in entry.parts),
            item_ids=tuple(sorted(v.item_ids)),
        )
        for part in entry.parts:
            for crew_id in part.crew_ids:
                call = part.start, part.start + part.minutes, visit_id, v.enterprise_id
                routes[crew_id, part.authority_id, v.day, v.shift_id, v.street_id].append(call)
    crews: dict[str, CrewShift] = {}
    for (_, authority_id, day, shift_id, street_id), calls in sorted(routes.items()):
        crew = crew_shift_of(availability, authority_id, street_id, day, shift_id, sorted(calls), crews)
        crews[crew.crew_id] = as_published(crew, was)
    schedule = Schedule(
        snapshot_digest=availability.snapshot.digest(),
        visits=tuple(visits[k] for k in sorted(visits)),
        crew_shifts=tuple(crews[k] for k in sorted(crews)),
        unserved=(),
    )
    return schedule, ids


def as_published(crew: CrewShift, published: Mapping[str, CrewShift]) -> CrewShift:
    """Return the published crew shift of the same id if its work is the same, else the crew shift itself."""
    old = published.get(crew.crew_id)
    if old is None or [(s.visit_id, s.start, s.leave) for s in old.stops] != [
        (s.visit_id, s.start, s.leave) for s in crew.stops
    ]:
        return crew
    return old
