"""From published visits to what the search begins with: their homes, and those that stand as placed visits."""

from __future__ import annotations

from scheduler.availability import Availability
from scheduler.domain.schedule import JointVisit
from scheduler.planning.arrays import TimetableIndex
from scheduler.planning.homes import Home, Homes
from scheduler.replan.standing import Standing, StandingVisit
from solver.timetable.solution import PlacedPart, PlacedVisit


def homes_of(availability: Availability, standing: Standing, freeze_days: int, notice_days: int) -> Homes:
    """Return the homes of published visits: where they were, and are wanted still.

    Parameters
    ----------
    freeze_days : visits that stand on so many inspection dates, the first ones, are fixed.
    notice_days : on so many inspection dates, the first ones, announced items are served only at home.
    """
    days, grid = availability.snapshot.calendar.days, availability.grid
    frozen = set(days[:freeze_days])
    by_enterprise: dict[str, list[tuple[JointVisit, Home]]] = {}
    entries = [(s, True) for s in standing.visits.values()] + [(s, False) for s, _ in standing.displaced.values()]
    for entry, stands in entries:
        visit = entry.visit
        if entry.slot is None:
            continue
        home = Home(
            slots=1 << entry.slot,
            item_ids=tuple(sorted(visit.item_ids)),
            starts=tuple((p.authority_id, p.start) for p in entry.parts),
            fixed=stands and visit.day in frozen,
        )
        by_enterprise.setdefault(visit.enterprise_id, []).append((visit, home))
    late = days[notice_days:]
    announced = None if notice_days == 0 else grid.between(late[0], late[-1]) if late else 0
    return Homes(
        by_enterprise={
            e: tuple(h for _, h in sorted(rows, key=lambda r: (r[0].day, r[0].start, r[0].visit_id)))
            for e, rows in by_enterprise.items()
        },
        announced=announced,
    )


def placed_of(standing: Standing, index: TimetableIndex) -> list[PlacedVisit]:
    """Return the visits that stand as the search places them."""
    enterprise = {e: k for k, e in enumerate(index.enterprise_ids)}
    item = {i: k for k, i in enumerate(index.item_ids)}
    street = {s: k for k, s in enumerate(index.street_ids)}
    authority = {a: k for k, a in enumerate(index.authority_ids)}
    crews: dict[str, int] = {}

    def placed(entry: StandingVisit, slot: int) -> PlacedVisit:
        parts = tuple(
            PlacedPart(
                authority=authority[p.authority_id],
                start=p.start,
                minutes=p.minutes,
                crews=tuple(crews.setdefault(c, len(crews)) for c in p.crew_ids),
            )
            for p in entry.parts
        )
        v = entry.visit
        return PlacedVisit(
            enterprise=enterprise[v.enterprise_id],
            street=street[v.street_id],
            slot=slot,
            items=tuple(sorted(item[i] for i in v.item_ids)),
            parts=parts,
        )

    return [placed(s, s.slot) for s in standing.visits.values() if s.slot is not None]
