"""From a visit and a street shift to its places there, and from a place to the change of the schedule."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from scheduler.domain.places import Enterprise
from scheduler.domain.plans import PlanItem
from scheduler.domain.schedule import CrewShift, JointVisit, Score, visit_id_of
from scheduler.ledger import parts_of
from scheduler.moves.change import Change
from scheduler.moves.index import MoveIndex, StreetShift
from scheduler.moves.places import Gap, PartNeed, Placement, Places, Route
from scheduler.planning.assemble import Call, crew_shift_of
from scheduler.travel import leg_min


@dataclass(frozen=True, slots=True, kw_only=True)
class Removal:
    """A visit taken out: the crews that came to it, and what is left of the routes of those with other stops."""

    visit: JointVisit | None
    crews: tuple[CrewShift, ...] = ()
    left: tuple[Route, ...] = ()


def removal_of(index: MoveIndex, visit: JointVisit) -> Removal:
    """Return what a schedule loses with a visit; crews wait where it was, and other parts keep their times."""
    where = visit.street_id, visit.day, visit.shift_id
    came = [c for c in index.crews_in.get(where, []) if any(s.visit_id == visit.visit_id for s in c.stops)]
    routes = [Route(crew=c, calls=_calls(index, c, visit.visit_id)) for c in came]
    return Removal(visit=visit, crews=tuple(came), left=tuple(r for r in routes if r.calls))


def _calls(index: MoveIndex, crew: CrewShift, without: str | None = None) -> tuple[Call, ...]:
    return tuple(
        (s.start, s.leave, s.visit_id, index.visits[s.visit_id].enterprise_id)
        for s in crew.stops
        if s.visit_id != without and s.visit_id in index.visits
    )


def places_of(
    index: MoveIndex, items: Sequence[PlanItem], day: int, shift_id: str, removal: Removal, now: int | None = None
) -> Places:
    """Return the places of a visit of these items in a street shift, when what is removed has left.

    Parameters
    ----------
    items : of one enterprise, at least one.
    now : minute before which nothing can change on that date: crews on their way keep to it; ``None`` when it is
        not that date yet.
    """
    enterprise = index.availability.enterprises[items[0].enterprise_id]
    where = enterprise.street_id, day, shift_id
    shift = index.shifts[shift_id]
    street = index.availability.streets[enterprise.street_id]
    leg = leg_min(index.snapshot.policy.travel, (street.lon, street.lat), (enterprise.lon, enterprise.lat))
    minutes, crews = parts_of(items, index.snapshot.policy.visit.overhead_min)
    routes = _routes(index, where, removal)
    on_date = index.crews_on.get((day, shift_id), [])
    gone = {r.crew.crew_id for r in removal.left}
    needs = []
    for a in sorted(minutes):
        freed = sum(
            c.authority_id == a and (c.street_id, c.day, c.shift_id) == where and c.crew_id not in gone
            for c in removal.crews
        )
        gaps = [g for r in routes if r.crew.authority_id == a for g in _gaps(index, r, enterprise, minutes[a], now)]
        spare = max(0, index.spare(a, where, on_date, freed))
        needs.append(PartNeed(authority_id=a, minutes=minutes[a], crews=crews[a], spare=spare, gaps=tuple(gaps)))
    first_leave = shift.start_min if now is None else max(now, shift.start_min)
    return Places(enterprise, shift, index.snapshot.policy.visit, needs, leg, first_leave)


def _routes(index: MoveIndex, where: StreetShift, removal: Removal) -> list[Route]:
    changed = {c.crew_id for c in removal.crews}
    kept = [Route(crew=c, calls=_calls(index, c)) for c in index.crews_in.get(where, []) if c.crew_id not in changed]
    here = [r for r in removal.left if (r.crew.street_id, r.crew.day, r.crew.shift_id) == where]
    return sorted((*kept, *here), key=lambda r: r.crew.crew_id)


def _gaps(index: MoveIndex, route: Route, enterprise: Enterprise, minutes: int, now: int | None) -> Iterator[Gap]:
    """R14, R15, R21: yield where a part fits before, between and after a crew's calls."""
    rules, shift = index.snapshot.policy.travel, index.shifts[route.crew.shift_id]
    street = index.availability.streets[route.crew.street_id]
    office, there = (street.lon, street.lat), (enterprise.lon, enterprise.lat)
    at = [office]
    for call in route.calls:
        e = index.availability.enterprises[call[3]]
        at.append((e.lon, e.lat))
    at.append(office)
    for i in range(len(at) - 1):
        first, last = i == 0, i == len(route.calls)
        free_from = shift.start_min if first else route.calls[i - 1][1]
        if now is not None and (route.crew.depart if first else free_from) < now:
            continue  # the crew is past this or on its way to the next
        if first and now is not None:
            free_from = max(free_from, now)
        to, on = leg_min(rules, at[i], there), leg_min(rules, there, at[i + 1])
        lo = free_from + to + (0 if first else rules.buffer_min)
        hi = shift.end_min - on - minutes if last else route.calls[i][0] - rules.buffer_min - on - minutes
        if lo <= hi:
            yield Gap(route=route, lo=lo, hi=hi, travel=to + on - leg_min(rules, at[i], at[i + 1]))


def change_of(
    index: MoveIndex, items: Sequence[PlanItem], day: int, shift_id: str, placement: Placement, removal: Removal
) -> Change:
    """Return the change of the schedule that takes the visit out and puts it in where it was placed."""
    enterprise = index.availability.enterprises[items[0].enterprise_id]
    visit_id = visit_id_of(i.item_id for i in items)
    visit = JointVisit(
        visit_id=visit_id,
        enterprise_id=enterprise.enterprise_id,
        street_id=enterprise.street_id,
        day=day,
        shift_id=shift_id,
        start=placement.start,
        end=placement.end,
        authority_ids=tuple(p.authority_id for p in placement.parts),
        item_ids=tuple(sorted(i.item_id for i in items)),
    )
    old = {c.crew_id: c for c in removal.crews}
    routes = {
        r.crew.crew_id: (r.crew.authority_id, r.crew.street_id, r.crew.day, r.crew.shift_id, r.calls)
        for r in removal.left
    }
    fresh = []
    for part in placement.parts:
        call = part.start, part.start + part.minutes, visit_id, enterprise.enterprise_id
        for gap in part.gaps:
            c = gap.route.crew
            old[c.crew_id] = c
            calls = tuple(sorted((*gap.route.calls, call)))
            routes[c.crew_id] = (c.authority_id, c.street_id, c.day, c.shift_id, calls)
        new = part.authority_id, enterprise.street_id, day, shift_id, (call,)
        fresh += [new] * part.new_crews
    taken = set(index.crew_ids) - old.keys()
    made = []
    for route in (*(routes[k] for k in sorted(routes)), *fresh):
        made.append(crew_shift_of(index.availability, *route, taken))
        taken.add(made[-1].crew_id)
    return Change(
        old_visits=() if removal.visit is None else (removal.visit,),
        new_visits=(visit,),
        old_crews=tuple(old[k] for k in sorted(old)),
        new_crews=tuple(sorted(made, key=lambda c: c.crew_id)),
    )


def cost_of(index: MoveIndex, change: Change) -> Score:
    """Return how much each term grows with a change, from what it takes out and puts in alone."""
    before = {i for v in change.old_visits for i in v.item_ids}
    after = {i for v in change.new_visits for i in v.item_ids}
    weight = sum(index.weights[index.items[i].priority] for i in before - after)
    weight -= sum(index.weights[index.items[i].priority] for i in after - before)
    old_days = {(v.street_id, v.day) for v in change.old_visits}
    new_days = {(v.street_id, v.day) for v in change.new_visits}
    gone = {v.visit_id for v in change.old_visits}
    days = 0
    for street_id, day in sorted(old_days | new_days):
        others = {v.visit_id for v in index.visits_of_street.get(street_id, ()) if v.day == day} - gone
        days += (bool(others) or (street_id, day) in new_days) - (bool(others) or (street_id, day) in old_days)
    return Score(
        unserved_weight=weight,
        doors=len(change.new_visits) - len(change.old_visits),
        crew_shifts=len(change.new_crews) - len(change.old_crews),
        joint_days=days,
        travel_min=sum(c.travel_min for c in change.new_crews) - sum(c.travel_min for c in change.old_crews),
    )
