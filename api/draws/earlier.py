"""What is on record around a draw: the crew shifts that count, who is away, recused, elsewhere, or was there last."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from sqlalchemy import Connection, select, true, tuple_

from api.cases.in_force import by_dates, counts, of_versions
from api.schedules.rows import stops_wire
from api.store.schema import absences, crew_shifts, draw_teams, recusals, visits
from scheduler.domain.schedule import Schedule
from scheduler.draw.roster import Absence, PastTeam, Recusal
from scheduler.explain.facts import iso

_AT_ONCE = 400
_Place = tuple[str, str]
"""(schedule, crew shift)."""


def in_force_of(
    connection: Connection, horizon_id: str, schedule_id: str, schedule: Schedule, versions: Mapping[str, int]
) -> Schedule:
    """Return a schedule without the crew shifts that do not count: another version was in force in their street then.

    Parameters
    ----------
    versions : greatest version by street that is looked at; later ones change nothing.
    """
    published = by_dates(of_versions(horizon_id, versions))
    query = select(crew_shifts.c.crew_id).join(published, counts(published, crew_shifts))
    ids = set(connection.scalars(query.where(crew_shifts.c.schedule_id == schedule_id)))
    crews = tuple(c for c in schedule.crew_shifts if c.crew_id in ids)
    there = {s.visit_id for c in crews for s in c.stops}
    return replace(schedule, crew_shifts=crews, visits=tuple(v for v in schedule.visits if v.visit_id in there))


def absent(connection: Connection) -> tuple[Absence, ...]:
    """Return the register of absences."""
    rows = connection.execute(select(absences).order_by(absences.c.row_id)).mappings()
    return tuple(
        Absence(officer_id=r["officer_id"], first_day=_day(r["from"]), last_day=_day(r["to"]), shift_id=r["shift_id"])
        for r in rows
    )


def recused(connection: Connection) -> tuple[Recusal, ...]:
    """Return the register of recusals."""
    rows = connection.execute(select(recusals).order_by(recusals.c.row_id)).mappings()
    return tuple(Recusal(officer_id=r["officer_id"], enterprise_id=r["enterprise_id"]) for r in rows)


def engaged(connection: Connection, schedule: Schedule) -> tuple[Absence, ...]:
    """Return where officers are on the dates of a schedule by draws for other schedules, as absences.

    Only crew shifts count that are in force on their date.
    """
    days = [c.day for c in schedule.crew_shifts]
    if not days:
        return ()
    published = by_dates(true())
    query = (
        select(draw_teams.c.officer_id, draw_teams.c.date, draw_teams.c.shift_id)
        .join(published, counts(published, draw_teams))
        .where(draw_teams.c.date.between(iso(min(days)), iso(max(days))))
        .distinct()
    )
    return tuple(
        Absence(officer_id=officer, first_day=_day(on), last_day=_day(on), shift_id=shift)
        for officer, on, shift in sorted(map(tuple, connection.execute(query)))
    )


def last_there(connection: Connection, schedule: Schedule) -> tuple[PastTeam, ...]:
    """Return who was last drawn for the enterprises of a schedule, before its first date."""
    if not schedule.crew_shifts:
        return ()
    first = iso(min(c.day for c in schedule.crew_shifts))
    published = by_dates(true())
    query = (
        select(draw_teams)
        .join(published, counts(published, draw_teams))
        .where(draw_teams.c.street_id.in_({c.street_id for c in schedule.crew_shifts}), draw_teams.c.date < first)
    )
    rows = connection.execute(query).mappings().all()
    routes = _routes(connection, {(r["schedule_id"], r["crew_id"]) for r in rows})
    mine = {v.enterprise_id for v in schedule.visits}
    latest: dict[tuple[str, str], str] = {}
    found = []
    for r in rows:
        for enterprise_id in mine.intersection(routes[r["schedule_id"], r["crew_id"]]):
            key = enterprise_id, r["authority_id"]
            latest[key] = max(latest.get(key, ""), r["date"])
            found.append((*key, r["date"], r["officer_id"]))
    return tuple(
        PastTeam(enterprise_id=e, authority_id=a, day=_day(on), officer_id=officer)
        for e, a, on, officer in sorted(found)
        if latest[e, a] == on
    )


def _routes(connection: Connection, places: Iterable[_Place]) -> Mapping[_Place, Sequence[str]]:
    """Return the enterprises of some crew shifts."""
    wanted = sorted(places)
    out: dict[_Place, list[str]] = {}
    for k in range(0, len(wanted), _AT_ONCE):
        key = tuple_(crew_shifts.c.schedule_id, crew_shifts.c.crew_id)
        some: dict[_Place, list[Any]] = {}
        query = select(crew_shifts.c.schedule_id, crew_shifts.c.crew_id, crew_shifts.c.stops)
        for schedule, crew, stops in connection.execute(query.where(key.in_(wanted[k : k + _AT_ONCE]))):
            some[schedule, crew] = [(schedule, s["visit_id"]) for s in stops_wire(stops)]
        enterprise = _enterprises(connection, {v for found in some.values() for v in found})
        out |= {place: [enterprise[v] for v in found] for place, found in some.items()}
    return out


def _enterprises(connection: Connection, ids: Iterable[_Place]) -> dict[_Place, str]:
    wanted = sorted(ids)
    out: dict[_Place, str] = {}
    key = tuple_(visits.c.schedule_id, visits.c.visit_id)
    for k in range(0, len(wanted), _AT_ONCE):
        query = select(visits.c.schedule_id, visits.c.visit_id, visits.c.enterprise_id)
        found = connection.execute(query.where(key.in_(wanted[k : k + _AT_ONCE])))
        out |= {(schedule, visit): enterprise for schedule, visit, enterprise in found}
    return out


def _day(text: str) -> int:
    return date.fromisoformat(text).toordinal()
