"""The roster of a draw: officers of the register, who is away or recused, and who came last time by earlier draws."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from datetime import date
from typing import Any

from sqlalchemy import Connection, select

from api.schedules.rows import read_crews
from api.store.schema import absences, crew_shifts, draw_teams, draws, officers, recusals, visits
from scheduler.domain.schedule import Schedule
from scheduler.draw.roster import Absence, Officer, PastTeam, Recusal, Roster


def roster_of(connection: Connection, schedule: Schedule) -> Roster:
    """Return the roster for a schedule: the officers of its authorities, as the registers say now."""
    authorities = {c.authority_id for c in schedule.crew_shifts}
    enterprises = {v.enterprise_id for v in schedule.visits}
    people = [
        r
        for r in connection.execute(select(officers).order_by(officers.c.officer_id)).mappings()
        if r["authority_id"] in authorities
    ]
    ids = {r["officer_id"] for r in people}
    away = connection.execute(select(absences).order_by(absences.c.row_id)).mappings()
    kept = connection.execute(select(recusals).order_by(recusals.c.row_id)).mappings()
    first = min((v.day for v in schedule.visits), default=0)
    return Roster(
        officers=tuple(
            Officer(
                officer_id=r["officer_id"],
                authority_id=r["authority_id"],
                name=r["name"],
                certificate_no=r["certificate_no"],
                valid_from=_day(r["valid_from"]),
                valid_to=_day(r["valid_to"]),
            )
            for r in people
        ),
        absences=tuple(
            Absence(
                officer_id=r["officer_id"],
                first_day=_day(r["from"]),
                last_day=_day(r["to"]),
                shift_id=r["shift_id"],
            )
            for r in away
            if r["officer_id"] in ids
        ),
        recusals=tuple(
            Recusal(officer_id=r["officer_id"], enterprise_id=r["enterprise_id"])
            for r in kept
            if r["officer_id"] in ids and r["enterprise_id"] in enterprises
        ),
        past_teams=tuple(t for t in _past_teams(connection, authorities, first) if t.enterprise_id in enterprises),
    )


def _past_teams(connection: Connection, authorities: Iterable[str], before: int) -> Iterable[PastTeam]:
    """Yield who was where by earlier draws, before a day."""
    query = (
        select(crew_shifts, draw_teams.c.officer_id)
        .join(draws, draws.c.schedule_id == crew_shifts.c.schedule_id)
        .join(draw_teams, (draw_teams.c.draw_id == draws.c.draw_id) & (draw_teams.c.crew_id == crew_shifts.c.crew_id))
        .where(crew_shifts.c.authority_id.in_(sorted(authorities)))
        .where(crew_shifts.c.date < date.fromordinal(max(before, 1)).isoformat())
        .order_by(crew_shifts.c.date, crew_shifts.c.crew_id, draw_teams.c.officer_id)
    )
    rows = connection.execute(query).mappings().all()
    schedules = sorted({r["schedule_id"] for r in rows})
    found = select(visits.c.schedule_id, visits.c.visit_id, visits.c.enterprise_id).where(
        visits.c.schedule_id.in_(schedules)
    )
    where = {(s, v): e for s, v, e in connection.execute(found)} if schedules else {}
    for row, crew in zip(rows, read_crews(rows), strict=True):
        for stop in crew.stops:
            yield PastTeam(
                enterprise_id=where[row["schedule_id"], stop.visit_id],
                authority_id=crew.authority_id,
                day=crew.day,
                officer_id=row["officer_id"],
            )


def roster_json(roster: Roster) -> dict[str, Any]:
    """Return a roster as plain values, to be kept with its draw."""
    return {name: [asdict(r) for r in rows] for name, rows in _tables(roster).items()}


def roster_from(value: Mapping[str, Any]) -> Roster:
    """Return the roster of its plain values."""
    kinds = {"officers": Officer, "absences": Absence, "recusals": Recusal, "past_teams": PastTeam}
    tables: dict[str, Any] = {name: tuple(kind(**row) for row in value[name]) for name, kind in kinds.items()}
    return Roster(**tables)


def _tables(roster: Roster) -> dict[str, tuple[Any, ...]]:
    return {
        "officers": roster.officers,
        "absences": roster.absences,
        "recusals": roster.recusals,
        "past_teams": roster.past_teams,
    }


def _day(text: str) -> int:
    return date.fromisoformat(text).toordinal()
