"""Drawing again from what is stored: whether a draw is what its record says, and that what the audit log says."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Table, select

from api.access.caller import Caller
from api.deps import Services
from api.draws import service
from api.draws.earlier import in_force_of
from api.errors import Refusal
from api.schedules import service as schedules_service
from api.schedules.rows import read_schedule
from api.store.schema import audit, draw_targets, draw_teams, schedules
from scheduler.draw.officers import OfficerDraw, Team
from scheduler.draw.record import OTHER_RESULT, Finding, plan_of, verify_officers, verify_targets
from scheduler.draw.roster import Roster, digest_of, roster_of_values
from scheduler.draw.stream import seed_of
from scheduler.draw.targets import draw_targets as drawn_targets
from scheduler.export.draw_rows import item_values, team_values
from scheduler.texts import Text

NOT_ON_RECORD = Text("{what}与审计日志不符", "{what} is not what the audit log says")
OTHER_ROWS = Text("存储的抽取结果与记录不符", "the result that is stored is not that of the record")
OTHER_ANSWER = Text("重新抽取的结果与记录不同", "drawing again gives another result than the record has")
_COMMITMENT = Text("承诺值", "the commitment")
_RECORD = Text("抽取记录", "the record")
_ROSTER = Text("执法人员名册", "the roster")
Row = Mapping[Any, Any]


def verdict(services: Services, caller: Caller, draw_id: str, temporary: Path) -> dict[str, Any]:
    """Return whether a draw is true, and everything that is not so.

    Who does not see everything is not told whom a wrong record names.

    Raises
    ------
    Refusal : there is no such draw, or it is not carried out yet.
    """
    with services.store.reading() as connection:
        row = service.find(connection, draw_id, whole=True)
        if row["state"] != service.DRAWN:
            raise Refusal("wrong_state", what=f"draws/{draw_id}", state=row["state"])
    with services.computing:
        if row["kind"] == "officers":
            found = _of_officers(services, row)
        else:
            found = _of_targets(services, row, temporary)
    if not caller.sees_everything:
        found = [Finding(text=OTHER_ANSWER) if f.text == OTHER_RESULT else f for f in found]
    said = {"zh": [f.sentence("zh") for f in found], "en": [f.sentence("en") for f in found]}
    return {"true": not found, "findings": said}


def _of_officers(services: Services, row: Row) -> list[Finding]:
    record = row["record"]
    with services.store.reading() as connection:
        of = select(schedules).where(schedules.c.schedule_id == row["schedule_id"])
        whole, versions = read_schedule(connection, connection.execute(of).mappings().one()), record.get("versions", {})
        schedule = in_force_of(connection, row["horizon_id"], row["schedule_id"], whole, versions)
        found, commitment = _on_record(connection, row)
        stored = _stored(connection, draw_teams, row["draw_id"])
    roster = _roster(row["roster"])
    if roster is None:
        return [*found, Finding(text=NOT_ON_RECORD, facts=(("what", _ROSTER),))]
    found += verify_officers(record, schedule, roster, commitment)
    if not found:
        teams = tuple(Team(crew_id=c, officer_ids=tuple(t)) for c, t in record["teams"].items())
        rows = team_values(schedule, roster, OfficerDraw(teams=teams, lacks=()))
        meant = [{"draw_id": row["draw_id"], "schedule_id": row["schedule_id"], **r} for r in rows]
        found += _compared(stored, meant, ("crew_id", "officer_id"))
    return found


def _of_targets(services: Services, row: Row, temporary: Path) -> list[Finding]:
    record = row["record"]
    snapshot = schedules_service.case_of(services.store, row, temporary)
    with services.store.reading() as connection:
        of = select(schedules).where(schedules.c.schedule_id == row["schedule_id"])
        schedule = connection.execute(of).mappings().one_or_none()
        visits = () if schedule is None else read_schedule(connection, schedule).visits
        found, commitment = _on_record(connection, row)
        stored = _stored(connection, draw_targets, row["draw_id"])
    found += verify_targets(record, snapshot, visits, commitment)
    if not found:
        again = drawn_targets(snapshot, visits, plan_of(record), seed_of(record["seed"]), record["public"])
        street = {e.enterprise_id: e.street_id for e in snapshot.enterprises}
        meant = [{"draw_id": row["draw_id"], "street_id": street[r["enterprise_id"]], **r} for r in item_values(again)]
        found += _compared(stored, meant, ("item_id",))
    return found


def _on_record(connection: Connection, row: Row) -> tuple[list[Finding], str]:
    """Return how a draw differs from what the audit log says of it, and the commitment that stands there."""
    query = select(audit.c.action, audit.c.after).where(audit.c.object == f"draws/{row['draw_id']}")
    said = {action: after or {} for action, after in connection.execute(query.order_by(audit.c.number))}
    commitment = str(said.get("draws.commit", {}).get("commitment"))
    found = []
    if commitment != row["commitment"]:
        found.append(Finding(text=NOT_ON_RECORD, facts=(("what", _COMMITMENT),)))
    if said.get(f"draws.{row['kind']}", {}).get("record_digest") != digest_of(row["record"]):
        found.append(Finding(text=NOT_ON_RECORD, facts=(("what", _RECORD),)))
    return found, commitment


def _roster(values: Any) -> Roster | None:
    try:
        return roster_of_values(values)
    except (TypeError, KeyError):
        return None


def _stored(connection: Connection, table: Table, draw_id: str) -> list[dict[str, Any]]:
    return [dict(r) for r in connection.execute(select(table).where(table.c.draw_id == draw_id)).mappings()]


def _compared(stored: list[dict[str, Any]], meant: list[dict[str, Any]], keys: tuple[str, ...]) -> list[Finding]:
    def key(row: Mapping[str, Any]) -> tuple[str, ...]:
        return tuple(row[k] for k in keys)

    return [] if sorted(stored, key=key) == sorted(meant, key=key) else [Finding(text=OTHER_ROWS)]
