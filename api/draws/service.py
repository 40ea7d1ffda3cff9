"""Draws: a commitment first, then the draw, once; what it was drawn from is kept, so that it can be drawn again."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from fractions import Fraction
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from sqlalchemy import Connection, insert, select, update

from api.access.caller import Caller, Role
from api.access.scope import require_area, seen
from api.cases.area import Area
from api.cases.service import population_of
from api.dates import day_of
from api.draws.roster import roster_from, roster_json, roster_of
from api.errors import Refusal
from api.horizons.service import read_horizon
from api.schedules import service as schedules_service
from api.schedules.job import pack_case
from api.schedules.rows import read_schedule
from api.store.files import keep, pieces_of
from api.store.pages import Page, matching, page
from api.store.schema import authorities, draw_teams, draws, schedules
from api.store.work import Store, Work
from scheduler.domain.plans import PlanItem
from scheduler.domain.schedule import Schedule
from scheduler.domain.snapshot import PlanningSnapshot
from scheduler.draw.officers import Lack, OfficerDraw, draw_officers
from scheduler.draw.record import Finding, officers_record, targets_record, verify_officers, verify_targets
from scheduler.draw.roster import Roster
from scheduler.draw.stream import SEED_BYTES, commitment_of, seed_of
from scheduler.draw.targets import Stratum, TargetPlan, draw_targets
from scheduler.explain.facts import iso
from scheduler.intake.columns import TABLES

COMMITTED, DRAWN = "committed", "drawn"
_HIDDEN = ("seed", "roster", "case_upload_id")
_CHUNK = 5000


def commit(work: Work, caller: Caller, draw_id: str, kind: str, purpose: str, horizon_id: str, area: Area) -> Any:
    """Store a new seed, which nobody sees before the draw, and return the draw with its commitment.

    Raises
    ------
    Refusal : there is no such horizon, or the area is not the caller's.
    """
    require_area(caller, area.level.value, area.area_id)
    read_horizon(work.connection, horizon_id)
    seed = secrets.token_bytes(SEED_BYTES)
    row = {
        "draw_id": draw_id,
        "kind": kind,
        "purpose": purpose,
        "horizon_id": horizon_id,
        "level": area.level.value,
        "area_id": area.area_id,
        "state": COMMITTED,
        "seed": seed.hex(),
        "commitment": commitment_of(seed, purpose),
        "committed_at": work.at,
        "committed_by": work.actor,
    }
    work.connection.execute(insert(draws).values(**row))
    work.record("draws.commit", f"draws/{draw_id}", after={k: v for k, v in row.items() if k != "seed"})
    return wire(caller, find(work.connection, caller, draw_id))


def find(connection: Connection, caller: Caller, draw_id: str) -> Mapping[Any, Any]:
    """Return the row of a draw that the caller sees.

    Raises
    ------
    Refusal : there is none.
    """
    query = select(draws).where(draws.c.draw_id == draw_id, seen(caller, "draws"))
    row = connection.execute(query).mappings().one_or_none()
    if row is None:
        raise Refusal("not_found", what=f"draws/{draw_id}")
    return row


def wire(caller: Caller, row: Mapping[Any, Any]) -> dict[str, Any]:
    """Return a draw as it is sent; the seed once it is drawn, a department the record of its own targets only."""
    out = {k: v for k, v in row.items() if k not in _HIDDEN}
    own = row["kind"] == "targets" and row["record"] and row["record"]["plan"]["authority_id"] == caller.authority_id
    if caller.role is Role.DEPARTMENT and not own:
        out |= {"record": None, "items": None}
    return out


def listing(
    connection: Connection, caller: Caller, filters: Mapping[str, str | None], limit: int, cursor: str | None
) -> Page:
    """Return a page of draws, the oldest first, without records."""
    query = matching(select(draws).where(seen(caller, "draws")), draws, filters)
    found = page(connection, query, [draws.c.draw_id], limit, cursor)
    rows = [{**wire(caller, r), "record": None, "items": None} for r in found.rows]
    return Page(rows=rows, next_cursor=found.next_cursor)


def require_open(caller: Caller, row: Mapping[Any, Any], kind: str) -> None:
    """Do nothing when a draw of this kind is the caller's to carry out, and was not yet.

    Raises
    ------
    Refusal : it is not.
    """
    require_area(caller, row["level"], row["area_id"])
    if row["state"] != COMMITTED or row["kind"] != kind:
        raise Refusal("wrong_state", what=f"draws/{row['draw_id']} ({row['kind']})", state=row["state"])


def officers_drawn(
    connection: Connection, caller: Caller, row: Mapping[Any, Any], schedule_id: str, public: str
) -> tuple[Schedule, Roster, OfficerDraw]:
    """Return officers drawn for a published schedule; nothing is stored yet.

    Raises
    ------
    Refusal : the schedule is not the draw's to be for; or officers are lacking, where, when and whom is told.
    """
    plan = schedules_service.find(connection, caller, schedule_id)
    if any(plan[k] != row[k] for k in ("horizon_id", "level", "area_id")):
        raise Refusal(
            "conflict", why=f"schedules/{schedule_id}: {plan['horizon_id']}, {plan['level']} {plan['area_id']}"
        )
    if plan["state"] != "published":
        raise Refusal("wrong_state", what=f"schedules/{schedule_id}", state=plan["state"])
    schedule = read_schedule(connection, plan)
    roster = roster_of(connection, schedule)
    found = draw_officers(schedule, roster, seed_of(row["seed"]), public)
    if found.lacks:
        raise Refusal("lacks_officers", count=len(found.lacks), more={"lacks": [_lack(k) for k in found.lacks]})
    return schedule, roster, found


def _lack(lack: Lack) -> dict[str, Any]:
    return {
        "authority_id": lack.authority_id,
        "date": iso(lack.day),
        "shift_id": lack.shift_id,
        "needed": lack.needed,
        "missing": lack.missing,
        "officers": lack.officers,
        "uncertified": lack.uncertified,
        "absent": lack.absent,
        "kept_away": lack.kept_away,
    }


def keep_officers(
    work: Work,
    caller: Caller,
    row: Mapping[Any, Any],
    schedule_id: str,
    public: str,
    drawn: tuple[Schedule, Roster, OfficerDraw],
) -> dict[str, Any]:
    """Store drawn officers and return the draw.

    Raises
    ------
    Refusal : it was carried out meanwhile.
    """
    schedule, roster, found = drawn
    record = officers_record(schedule, roster, found, seed_of(row["seed"]), row["purpose"], public)
    _carried_out(work, row, record, schedule_id=schedule_id, roster=roster_json(roster))
    crews = {c.crew_id: c for c in schedule.crew_shifts}
    people = {o.officer_id: o for o in roster.officers}
    rows = [
        {
            "draw_id": row["draw_id"],
            "crew_id": team.crew_id,
            "officer_id": officer_id,
            "authority_id": crews[team.crew_id].authority_id,
            "street_id": crews[team.crew_id].street_id,
            "date": iso(crews[team.crew_id].day),
            "shift_id": crews[team.crew_id].shift_id,
            "name": people[officer_id].name,
            "certificate_no": people[officer_id].certificate_no,
        }
        for team in found.teams
        for officer_id in team.officer_ids
    ]
    for k in range(0, len(rows), _CHUNK):
        work.connection.execute(insert(draw_teams), rows[k : k + _CHUNK])
    return wire(caller, find(work.connection, caller, row["draw_id"]))


def target_plan(connection: Connection, row: Mapping[Any, Any], body: Mapping[str, Any]) -> TargetPlan:
    """Return what is asked of a draw of targets; dates that are not given are those of the horizon.

    Raises
    ------
    Refusal : there is no such authority or priority, or the dates are the wrong way round.
    """
    read = read_horizon(connection, row["horizon_id"])
    calendar, weights = read.calendar, read.weights
    assert calendar is not None  # else the horizon could not be read
    assert weights is not None
    first = calendar.start if body["earliest"] is None else day_of(body["earliest"], "body", "earliest")
    last = calendar.end if body["latest"] is None else day_of(body["latest"], "body", "latest")
    priority = body["priority"] or min(weights, key=lambda n: (weights[n], n))
    known = select(authorities.c.authority_id).where(authorities.c.authority_id == body["authority_id"])
    if connection.execute(known).first() is None:
        raise Refusal("not_found", what=f"authorities/{body['authority_id']}")
    if first > last or priority not in weights:
        raise Refusal("bad_request", why=f"earliest ≤ latest, priority: {', '.join(weights)}")
    strata = [(s["credit_class"], s["industry"]) for s in body["strata"]]
    if len(set(strata)) < len(strata):
        raise Refusal("bad_request", why="strata: the same twice")
    return TargetPlan(
        draw_id=row["draw_id"],
        authority_id=body["authority_id"],
        strata=tuple(
            Stratum(credit_class=s["credit_class"], industry=s["industry"], ratio=Fraction(str(s["ratio"])))
            for s in body["strata"]
        ),
        duration_min=body["duration_min"],
        earliest=first,
        latest=last,
        priority=priority,
        exclude_days=body["exclude_days"],
    )


def draw_and_keep_targets(
    store: Store, caller: Caller, row: Mapping[Any, Any], area: Area, plan: TargetPlan, public: str, temporary: Path
) -> dict[str, Any]:
    """Draw targets among the enterprises of an area, store them, and return the draw with the plan items.

    Raises
    ------
    Refusal : it was carried out meanwhile.
    """
    seed = seed_of(row["seed"])
    with store.reading() as connection:
        snapshot = population_of(connection, row["horizon_id"], area)
    found = draw_targets(snapshot, (), plan, seed, public)
    record = targets_record(snapshot, (), plan, found, seed, row["purpose"], public)
    with TemporaryDirectory(dir=temporary) as folder:
        archive = pack_case(snapshot, Path(folder))
        with store.writing(caller.account_id) as work:
            upload_id = store.new_id()
            keep(work.connection, upload_id, "case.zip", "application/zip", work.at, pieces_of(archive))
            _carried_out(work, row, record, case_upload_id=upload_id, items=[_item(i) for i in found.items])
            return wire(caller, find(work.connection, caller, row["draw_id"]))


def _item(item: PlanItem) -> dict[str, Any]:
    """Return a drawn item as a plan submits it."""
    values = {n: getattr(item, n) for n in TABLES["items"].column_names}
    values |= {"earliest": iso(item.earliest), "latest": iso(item.latest)}
    values |= {"trigger": item.trigger.value, "notice": item.notice.value}
    return {k: v for k, v in values.items() if v is not None}


def _carried_out(work: Work, row: Mapping[Any, Any], record: Mapping[str, Any], **more: Any) -> None:
    drawn = {"state": DRAWN, "drawn_at": work.at, "drawn_by": work.actor}
    mine = draws.c.draw_id == row["draw_id"], draws.c.state == COMMITTED
    done = work.connection.execute(update(draws).where(*mine).values(record=dict(record), **drawn, **more))
    if done.rowcount != 1:
        raise Refusal("wrong_state", what=f"draws/{row['draw_id']}", state=DRAWN)
    said = {k: record[k] for k in ("commitment", "seed", "public")}
    work.record("draws.draw", f"draws/{row['draw_id']}", before={"state": COMMITTED}, after={**drawn, **said})


def teams(connection: Connection, caller: Caller, draw_id: str, limit: int, cursor: str | None) -> Page:
    """Return a page of the officers of a draw that the caller sees."""
    query = select(draw_teams).where(draw_teams.c.draw_id == draw_id, seen(caller, "draw_teams"))
    return page(connection, query, [draw_teams.c.crew_id, draw_teams.c.officer_id], limit, cursor)


def verified(store: Store, row: Mapping[Any, Any], commitment: str | None, temporary: Path) -> tuple[Finding, ...]:
    """Draw again from what was kept, and return everything that is not so; nothing when the record is true.

    Raises
    ------
    Refusal : it was not carried out yet.
    """
    if row["state"] != DRAWN:
        raise Refusal("wrong_state", what=f"draws/{row['draw_id']}", state=row["state"])
    if row["kind"] == "targets":
        return verify_targets(row["record"], _case(store, row, temporary), (), commitment)
    with store.reading() as connection:
        query = select(schedules).where(schedules.c.schedule_id == row["schedule_id"])
        schedule = read_schedule(connection, connection.execute(query).mappings().one())
    return verify_officers(row["record"], schedule, roster_from(row["roster"]), commitment)


def _case(store: Store, row: Mapping[Any, Any], temporary: Path) -> PlanningSnapshot:
    return schedules_service.case_of(store, row, temporary)
