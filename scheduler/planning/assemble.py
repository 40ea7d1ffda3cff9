"""From the solver's placed visits to the tables of a schedule, in the domain's words."""

from __future__ import annotations

from collections.abc import Container, Iterable, Sequence

from scheduler.availability import Availability
from scheduler.domain.schedule import CrewShift, JointVisit, Stop, crew_id_of, visit_id_of
from scheduler.planning.arrays import TimetableIndex
from scheduler.travel import leg_min
from solver.timetable.solution import PlacedVisit

Call = tuple[int, int, str, str]
"""(start, leave, visit_id, enterprise_id) of a crew at a visit."""


def assemble(
    availability: Availability, index: TimetableIndex, placed: Iterable[PlacedVisit]
) -> tuple[tuple[JointVisit, ...], tuple[CrewShift, ...]]:
    """Return visits and crew shifts, sorted by their ids; a visit's authorities are its items' (R07).

    A crew leaves the office just in time for its first visit and goes on as soon as its part is done.
    """
    grid = availability.grid
    shifts = availability.snapshot.calendar.shifts
    visits = []
    routes: dict[tuple[str, str, int, str, int], list[Call]] = {}
    for p in placed:
        item_ids = tuple(sorted(index.item_ids[i] for i in p.items))
        visit_id = visit_id_of(item_ids)
        enterprise_id = index.enterprise_ids[p.enterprise]
        street_id = index.street_ids[p.street]
        day, shift_id = grid.day_of(p.slot), shifts[p.slot % grid.num_shifts].shift_id
        for part in p.parts:
            for crew in part.crews:
                key = index.authority_ids[part.authority], street_id, day, shift_id, crew
                call = part.start, part.start + part.minutes, visit_id, enterprise_id
                routes.setdefault(key, []).append(call)
        visits.append(
            JointVisit(
                visit_id=visit_id,
                enterprise_id=enterprise_id,
                street_id=street_id,
                day=day,
                shift_id=shift_id,
                start=min(part.start for part in p.parts),
                end=max(part.start + part.minutes for part in p.parts),
                authority_ids=tuple(sorted(index.authority_ids[part.authority] for part in p.parts)),
                item_ids=item_ids,
            )
        )
    return tuple(sorted(visits, key=lambda v: v.visit_id)), _crew_shifts(availability, routes)


def _crew_shifts(
    availability: Availability, routes: dict[tuple[str, str, int, str, int], list[Call]]
) -> tuple[CrewShift, ...]:
    out: dict[str, CrewShift] = {}
    for (authority_id, street_id, day, shift_id, _), calls in sorted(routes.items(), key=lambda r: (r[0][:4], r[1])):
        crew = crew_shift_of(availability, authority_id, street_id, day, shift_id, sorted(calls), out)
        out[crew.crew_id] = crew
    return tuple(out[k] for k in sorted(out))


def crew_shift_of(
    availability: Availability,
    authority_id: str,
    street_id: str,
    day: int,
    shift_id: str,
    calls: Sequence[Call],
    taken: Container[str],
) -> CrewShift:
    """Return the crew shift of a route: out just in time for the first visit, and on as soon as a part is done.

    Parameters
    ----------
    calls : in order of time, at least one.
    taken : ids of crew shifts that there are already; of crews with the same route each has its own.
    """
    twin, visit_ids = 0, [call[2] for call in calls]
    while (crew_id := crew_id_of(authority_id, day, shift_id, visit_ids, twin)) in taken:
        twin += 1
    rules = availability.snapshot.policy.travel
    street = availability.streets[street_id]
    office = street.lon, street.lat
    here, travel = office, 0
    stops: list[Stop] = []
    for start, leave, visit_id, enterprise_id in calls:
        e = availability.enterprises[enterprise_id]
        leg = leg_min(rules, here, (e.lon, e.lat))
        arrive = stops[-1].leave + leg + rules.buffer_min if stops else start
        stops.append(Stop(visit_id=visit_id, arrive=arrive, start=start, leave=leave))
        travel += leg
        here = e.lon, e.lat
    home = leg_min(rules, here, office)
    first = availability.enterprises[calls[0][3]]
    return CrewShift(
        crew_id=crew_id,
        authority_id=authority_id,
        street_id=street_id,
        day=day,
        shift_id=shift_id,
        depart=stops[0].start - leg_min(rules, office, (first.lon, first.lat)),
        back=stops[-1].leave + home,
        travel_min=travel + home,
        stops=tuple(stops),
    )
