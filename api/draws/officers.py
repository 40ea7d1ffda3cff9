"""The draw of officers for a published schedule, from the register of officers and what the caller says of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, select

from api.access.caller import Caller
from api.access.scope import require_area
from api.cases.area import Level, find_area
from api.cases.service import parents_of
from api.deps import Services
from api.draws import service
from api.draws.earlier import absent, engaged, in_force_of, last_there, recused
from api.errors import Refusal
from api.once import Answer
from api.schedules import service as schedules_service
from api.store.schema import audit, draw_teams, draws, officers
from api.store.work import Work
from scheduler.domain.schedule import Schedule
from scheduler.domain.snapshot import PlanningSnapshot
from scheduler.draw.officers import OfficerDraw, draw_officers
from scheduler.draw.record import officers_record
from scheduler.draw.roster import Roster, roster_values
from scheduler.draw.stream import seed_of
from scheduler.export.draw_rows import lack_values, team_figures, team_values
from scheduler.intake.columns import ROSTER
from scheduler.intake.roster import roster_of_frames
from scheduler.intake.rows import frame_of_records

KIND = "officers"
_MATTERS = ("officers.", "absences.", "recusals.", "draws.officers", "schedules.publish")
"""How changes begin that a draw depends on."""
Row = Mapping[Any, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A draw that is to be carried out.

    Parameters
    ----------
    rows : of absences, recusals and past teams, as they were sent.
    request : the whole of the body, for the record.
    """

    draw_id: str
    schedule_id: str
    public: str
    rows: Mapping[str, Sequence[Mapping[str, Any]]]
    request: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Teams:
    """Teams that are drawn, but not stored yet, and the last change on record before they were."""

    asked: Asked
    snapshot: PlanningSnapshot
    schedule: Schedule
    area: tuple[str, str]
    roster: Roster
    draw: OfficerDraw
    record: Mapping[str, Any]
    head: int


def draw(services: Services, caller: Caller, asked: Asked, temporary: Path) -> Teams:
    """Return teams for every crew shift of a schedule that is in force on its date.

    Raises
    ------
    Refusal : the draw or the schedule is not the caller's, or not in a state for it; or officers are lacking.
    InvalidCase : rows are wrong; it holds every problem.
    """
    with services.store.reading() as connection:
        head = schedules_service.head_of(connection)
        row, schedule_row = _rows(connection, caller, asked)
    with services.computing:
        snapshot, schedule = schedules_service.load(services.store, schedule_row, temporary)
        with services.store.reading() as connection:
            return _draw(connection, asked, row, schedule_row, snapshot, schedule, head)


def _rows(connection: Connection, caller: Caller, asked: Asked) -> tuple[Row, Row]:
    """Return the rows of a draw and its schedule, both ready for it."""
    row = service.find(connection, asked.draw_id, whole=True)
    service.require_undrawn(caller, row, KIND)
    schedule_row = schedules_service.find(connection, caller, asked.schedule_id)
    require_area(caller, schedule_row["level"], schedule_row["area_id"])
    what = f"schedules/{asked.schedule_id}"
    if schedule_row["state"] != schedules_service.PUBLISHED:
        raise Refusal("wrong_state", what=what, state=schedule_row["state"])
    if schedule_row["horizon_id"] != row["horizon_id"]:
        raise Refusal("conflict", why=f"{what}: horizon_id = {schedule_row['horizon_id']}")
    query = select(draws.c.draw_id).where(draws.c.schedule_id == asked.schedule_id, draws.c.kind == KIND)
    if (other := connection.scalar(query)) is not None:  # whoever may draw again draws until it suits
        raise Refusal("already_exists", what=f"draws/{other} ({what})")
    return row, schedule_row


def _draw(
    connection: Connection,
    asked: Asked,
    row: Row,
    schedule_row: Row,
    snapshot: PlanningSnapshot,
    schedule: Schedule,
    head: int,
) -> Teams:
    area = find_area(connection, Level(schedule_row["level"]), schedule_row["area_id"])
    versions = parents_of(connection, row["horizon_id"], area)
    counted = in_force_of(connection, row["horizon_id"], asked.schedule_id, schedule, versions)
    roster = _roster(connection, asked, snapshot, counted)
    seed = seed_of(row["seed"])
    found = draw_officers(counted, roster, seed, asked.public)
    if found.lacks:
        raise Refusal("lacks_officers", count=len(found.lacks), more={"lacks": [lack_values(k) for k in found.lacks]})
    return Teams(
        asked=asked,
        snapshot=snapshot,
        schedule=schedule,
        area=(schedule_row["level"], schedule_row["area_id"]),
        roster=roster,
        draw=found,
        record={**officers_record(counted, roster, found, seed, row["purpose"], asked.public), "versions": versions},
        head=head,
    )


def _roster(connection: Connection, asked: Asked, snapshot: PlanningSnapshot, schedule: Schedule) -> Roster:
    """Return the officers on the register, with what registers, the request and earlier draws say of them."""
    known = [a.authority_id for a in snapshot.authorities]
    names = ROSTER[KIND].column_names
    query = select(*(officers.c[n] for n in names)).where(officers.c.authority_id.in_(known))
    registered = connection.execute(query.order_by(officers.c.officer_id)).mappings().all()
    frames = {name: frame_of_records(name, rows) for name, rows in asked.rows.items()}
    frames[KIND] = frame_of_records(KIND, registered)
    roster = roster_of_frames(frames, snapshot)
    people = {o.officer_id for o in roster.officers}
    shifts = {s.shift_id for s in snapshot.calendar.shifts}
    away = (a for a in engaged(connection, schedule) if a.officer_id in people and a.shift_id in shifts)
    there = (p for p in last_there(connection, schedule) if p.officer_id in people)
    off = (a for a in absent(connection) if a.officer_id in people and a.shift_id in (None, *shifts))
    places = {e.enterprise_id for e in snapshot.enterprises}
    barred = (r for r in recused(connection) if r.officer_id in people and r.enterprise_id in places)
    return replace(
        roster,
        absences=(*roster.absences, *off, *away),
        recusals=(*roster.recusals, *barred),
        past_teams=(*roster.past_teams, *there),
    )


def keep(caller: Caller, work: Work, teams: Teams) -> Answer:
    """Store teams; they are drawn again, while others wait, when anything that matters has changed meanwhile.

    Raises
    ------
    Refusal, InvalidCase : as of :func:`draw`.
    """
    connection, asked = work.connection, teams.asked
    schedules_service.hold(connection)
    row, schedule_row = _rows(connection, caller, asked)
    if _changed_since(connection, teams.head):
        teams = _draw(connection, asked, row, schedule_row, teams.snapshot, teams.schedule, teams.head)
    level, area_id = teams.area
    body = service.finish(
        work,
        asked.draw_id,
        teams.record,
        draw_teams,
        ({"schedule_id": asked.schedule_id, **r} for r in team_values(teams.schedule, teams.roster, teams.draw)),
        schedule_id=asked.schedule_id,
        level=level,
        area_id=area_id,
        public=asked.public,
        request=asked.request,
        roster=roster_values(teams.roster),
        summary=team_figures(teams.roster, teams.draw),
    )
    return Answer(200, f"/draws/{asked.draw_id}", body)


def _changed_since(connection: Connection, head: int) -> bool:
    actions = connection.scalars(select(audit.c.action).where(audit.c.number > head).distinct())
    return any(a.startswith(_MATTERS) for a in actions)
