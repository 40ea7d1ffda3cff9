"""A slow, obvious simulator: minute-stamped events asked for until nothing changes, one crew and one run at a time."""

from __future__ import annotations

from scheduler.domain.schedule import Schedule
from scheduler.domain.snapshot import PlanningSnapshot
from scheduler.travel import leg_min


def carry_out_slowly(snapshot: PlanningSnapshot, schedule: Schedule, part_factor, leg_factor, ready, opened, wait_min):
    """Return (start and leave by (visit, authority), arrival by (crew, visit), back by crew).

    Each crew asks again and again whether it may begin at its next stop: it may once every crew that it waits for
    stands at the door. The callables take a visit and an authority; a crew, a visit (``None``: home); a visit.
    """
    visits = {v.visit_id: v for v in schedule.visits}
    places = {e.enterprise_id: (e.lon, e.lat) for e in snapshot.enterprises}
    offices = {s.street_id: (s.lon, s.lat) for s in snapshot.streets}
    items = {i.item_id: i for i in snapshot.items}
    rules = snapshot.policy

    def planned_part(visit_id, authority):
        own = [i for i in visits[visit_id].item_ids if items[i].authority_id == authority]
        return rules.visit.overhead_min + sum(items[i].duration_min for i in own)

    def awaited(crew, visit_id):
        """The crews that must be there before this one begins."""
        return [
            c
            for c in schedule.crew_shifts
            if any(s.visit_id == visit_id for s in c.stops)
            and (rules.visit.start_together or c.authority_id == crew.authority_id)
        ]

    arrive, done = {}, {}
    now = {c.crew_id: (c.depart, offices[c.street_id], 0) for c in schedule.crew_shifts}
    back = {}
    moved = True
    while moved:
        moved = False
        for crew in schedule.crew_shifts:
            if crew.crew_id in back:
                continue
            clock, here, n = now[crew.crew_id]
            if n == len(crew.stops):
                leg = leg_min(rules.travel, here, offices[crew.street_id])
                back[crew.crew_id] = clock + leg * leg_factor(crew, None)
                moved = True
                continue
            stop = crew.stops[n]
            visit = visits[stop.visit_id]
            there = places[visit.enterprise_id]
            if (crew.crew_id, stop.visit_id) not in arrive:
                arrive[crew.crew_id, stop.visit_id] = clock + leg_min(rules.travel, here, there) * leg_factor(
                    crew, stop.visit_id
                )
                moved = True
            arrivals = [arrive.get((c.crew_id, stop.visit_id)) for c in awaited(crew, stop.visit_id)]
            if None in arrivals:
                continue
            a = crew.authority_id
            start = max(stop.start, ready(visit), *arrivals)
            length = planned_part(stop.visit_id, a) * part_factor(stop.visit_id, a) if opened(visit) else wait_min
            done[stop.visit_id, a] = (start, start + length)
            now[crew.crew_id] = (start + length, there, n + 1)
            moved = True
    return done, arrive, back
