"""What is known at a door: the published visit of today, who was drawn for it, what registers say of officers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Connection, or_, select

from api.cases.in_force import by_dates, counts
from api.schedules.rows import stops_wire
from api.store.fieldwork_tables import entries
from api.store.schema import (
    absences,
    crew_shifts,
    draw_teams,
    draws,
    officers,
    plan_items,
    plans,
    publications,
    recusals,
    visit_authorities,
    visits,
)
from scheduler.domain.fieldwork.kinds import EntryState
from scheduler.domain.fieldwork.scan import OfficerAtDoor, PlannedPart
from scheduler.domain.plans import Trigger

AHEAD = 10
"""Published visits to come that are named to officers who are here on a wrong date."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitHere:
    """The part of an authority in a published visit, with what an entry takes over from its items."""

    horizon_id: str
    schedule_id: str
    visit_id: str
    shift_id: str
    start: str
    part: PlannedPart
    trigger: Trigger
    cap_exempt: bool
    codes: dict[str, str]


def visit_here(
    connection: Connection, enterprise_id: str, street_id: str, authority_id: str, on: str, visit_id: str | None
) -> tuple[VisitHere | None, tuple[int, ...]]:
    """Return the published visit of an authority on a date, and the other dates from then on that it has one.

    Parameters
    ----------
    visit_id : the one that is meant where there are several; the first that has not ended when ``None``.
    """
    published = by_dates(publications.c.street_id == street_id)
    query = (
        select(visits, published.c.horizon_id)
        .join(published, counts(published, visits))
        .join(
            visit_authorities,
            (visit_authorities.c.schedule_id == visits.c.schedule_id)
            & (visit_authorities.c.visit_id == visits.c.visit_id),
        )
        .where(
            visits.c.enterprise_id == enterprise_id,
            visits.c.date >= on,
            visit_authorities.c.authority_id == authority_id,
        )
        .order_by(visits.c.date, visits.c.start, visits.c.visit_id)
        .limit(AHEAD)
    )
    rows = connection.execute(query).mappings().all()
    today = [r for r in rows if r["date"] == on and visit_id in (None, r["visit_id"])]
    others = tuple(sorted({date.fromisoformat(r["date"]).toordinal() for r in rows if r["date"] != on}))
    found = [_here(connection, r, authority_id) for r in today]
    return next((f for f in found if not f.part.ended), found[0] if found else None), others


def _here(connection: Connection, row: Any, authority_id: str) -> VisitHere:
    ids = row["item_ids"].split(";")
    query = (
        select(plan_items.c.item_id, plan_items.c.live, plan_items.c.trigger, plan_items.c.cap_exempt)
        .add_columns(plan_items.c.item_code, plans.c.state)
        .join(plans, plans.c.plan_id == plan_items.c.plan_id)
        .where(
            plan_items.c.horizon_id == row["horizon_id"],
            plan_items.c.item_id.in_(ids),
            plan_items.c.authority_id == authority_id,
        )
        .order_by(plan_items.c.live)
    )
    last = {r.item_id: r for r in connection.execute(query)}
    approved = {i for i, r in last.items() if r.live and r.state == "approved"}
    triggers = {Trigger(r.trigger) if r.trigger else Trigger.ROUTINE for r in last.values()}
    state = _state(connection, row, authority_id)
    return VisitHere(
        horizon_id=row["horizon_id"],
        schedule_id=row["schedule_id"],
        visit_id=row["visit_id"],
        shift_id=row["shift_id"],
        start=row["start"],
        part=PlannedPart(
            visit_id=row["visit_id"],
            item_ids=tuple(sorted(last)),
            approved=tuple(sorted(approved)),
            drawn=_drawn(connection, row, authority_id),
            ended=state == EntryState.CLOSED.value,
        ),
        trigger=triggers.pop() if len(triggers) == 1 else Trigger.ROUTINE,
        cap_exempt=bool(last) and all(r.cap_exempt for r in last.values()),
        codes={i: r.item_code for i, r in last.items() if r.item_code},
    )


def _state(connection: Connection, row: Any, authority_id: str) -> str | None:
    mine = select(entries.c.state).where(
        entries.c.horizon_id == row["horizon_id"],
        entries.c.visit_id == row["visit_id"],
        entries.c.date == row["date"],
        entries.c.authority_id == authority_id,
        entries.c.state.in_((EntryState.OPEN.value, EntryState.CLOSED.value)),
    )
    return connection.scalar(mine.limit(1))


def _drawn(connection: Connection, row: Any, authority_id: str) -> tuple[str, ...] | None:
    """Return who was drawn last for the crews of a part; ``None`` where no lot was drawn."""
    mine = select(draw_teams.c.crew_id, draw_teams.c.officer_id, draws.c.drawn_at).join(
        draws, draws.c.draw_id == draw_teams.c.draw_id
    )
    teams = connection.execute(
        mine.where(
            draw_teams.c.schedule_id == row["schedule_id"],
            draw_teams.c.authority_id == authority_id,
            draw_teams.c.street_id == row["street_id"],
            draw_teams.c.date == row["date"],
        )
    ).all()
    if not teams:
        return None
    last = max(t.drawn_at for t in teams)
    routes = select(crew_shifts.c.crew_id, crew_shifts.c.stops).where(
        crew_shifts.c.schedule_id == row["schedule_id"], crew_shifts.c.crew_id.in_({t.crew_id for t in teams})
    )
    here = {
        r.crew_id
        for r in connection.execute(routes)
        if any(s["visit_id"] == row["visit_id"] for s in stops_wire(r.stops))
    }
    return tuple(sorted({t.officer_id for t in teams if t.crew_id in here and t.drawn_at == last}))


def officers_at(
    connection: Connection, officer_ids: Sequence[str], enterprise_id: str, on: str, shift_id: str | None
) -> tuple[OfficerAtDoor, ...]:
    """Return what the registers say of officers on a date, in the order of their ids."""
    known = connection.execute(select(officers).where(officers.c.officer_id.in_(officer_ids))).mappings()
    rows = {r["officer_id"]: r for r in known}
    out_of = recusals.c.officer_id.in_(officer_ids) & (recusals.c.enterprise_id == enterprise_id)
    recused = set(connection.scalars(select(recusals.c.officer_id).where(out_of)))
    away = select(absences.c.officer_id).where(
        absences.c.officer_id.in_(officer_ids),
        absences.c["from"] <= on,
        absences.c.to >= on,
        or_(absences.c.shift_id.is_(None), absences.c.shift_id == shift_id),
    )
    absent = set(connection.scalars(away))
    return tuple(
        OfficerAtDoor(
            officer_id=i,
            known=i in rows,
            authority_id=rows[i]["authority_id"] if i in rows else "",
            valid_from=_day(rows[i]["valid_from"]) if i in rows else 0,
            valid_to=_day(rows[i]["valid_to"]) if i in rows else 0,
            recused=i in recused,
            absent=i in absent,
        )
        for i in sorted(set(officer_ids))
    )


def _day(text: str) -> int:
    return date.fromisoformat(text).toordinal()
