"""Schedules: read by whom they concern, checked, compared, published as versions that are never changed."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Table, exists, insert, not_, or_, select, update

from api import clock
from api.access.caller import Caller, Role
from api.access.scope import require_area, seen
from api.cases.area import Area, Level, find_area
from api.cases.in_force import in_force
from api.cases.replayed import case_now
from api.cases.service import parents_of
from api.errors import Refusal
from api.imports.archive import unpack
from api.reference.pins import loosen_pin
from api.schedules.rows import read_schedule, stops_wire
from api.store.files import fetch_to
from api.store.pages import Page, matching, page
from api.store.schema import (
    audit,
    audit_head,
    crew_shifts,
    plan_items,
    publications,
    schedule_changes,
    schedules,
    visit_authorities,
    visits,
)
from api.store.work import Store, Work
from scheduler.diff import compare_snapshots
from scheduler.domain.schedule import Schedule
from scheduler.domain.snapshot import PlanningSnapshot
from scheduler.intake.read import read_case
from scheduler.texts import Lang

DRAFT, PUBLISHED, SUPERSEDED = "draft", "published", "superseded"
TRIES = 2
_UNRELATED = (
    "runs.%",
    "key.%",
    "account%",
    "auth.%",
    "alert_rules.%",
    "schedules.draft",
    "schedules.move",
    "schedules.urgent",
    "officers.%",
    "absences.%",
    "recusals.%",
    "draws.%",
    "scenarios.%",
    "fieldwork.%",
    "codes.%",
    "notices.%",
    "contacts.%",
    "complaints.%",
    "ratings.%",
    "content.%",
    "invited.%",
    "supervision.%",
    "reviews.%",
    "disclosures.%",
    "leads.%",
    "proposals.%",
)
"""Changes that no schedule depends on."""


def find(connection: Connection, caller: Caller, schedule_id: str) -> Mapping[Any, Any]:
    """Return the row of a schedule that the caller sees.

    Raises
    ------
    Refusal : there is none.
    """
    query = select(schedules).where(schedules.c.schedule_id == schedule_id, seen(caller, "schedules"))
    row = connection.execute(query).mappings().one_or_none()
    if row is None:
        raise Refusal("not_found", what=f"schedules/{schedule_id}")
    return row


def require_sound(row: Mapping[Any, Any]) -> None:
    """Do nothing when a schedule keeps every rule; of another nothing true could be said.

    Raises
    ------
    Refusal : it breaks some.
    """
    if row["num_violations"]:
        raise Refusal("breaks_rules", count=row["num_violations"])


def wire(row: Mapping[Any, Any]) -> dict[str, Any]:
    """Return a schedule as it is sent."""
    return {k: v for k, v in row.items() if k not in ("case_upload_id", "base")}


def listing(
    connection: Connection, caller: Caller, filters: Mapping[str, str | None], limit: int, cursor: str | None
) -> Page:
    """Return a page of schedules, the oldest first."""
    query = select(schedules).where(seen(caller, "schedules"))
    query = matching(query, schedules, filters)
    found = page(connection, query, [schedules.c.schedule_id], limit, cursor)
    return Page(rows=[wire(r) for r in found.rows], next_cursor=found.next_cursor)


def rows_of(
    connection: Connection,
    caller: Caller,
    schedule: Mapping[Any, Any],
    table: Table,
    key: str,
    filters: Mapping[str, str | None],
    limit: int,
    cursor: str | None,
) -> Page:
    """Return a page of the visits, crew shifts or items left out of a schedule that the caller sees."""
    query = select(table).where(table.c.schedule_id == schedule["schedule_id"], seen(caller, table.name))
    for name, value in filters.items():
        if value is None:
            continue
        query = query.where(
            _with_authority(value) if table is visits and name == "authority_id" else table.c[name] == value
        )
    found = page(connection, query, [table.c[key]], limit, cursor)
    ids = {i for r in found.rows for i in r["item_ids"].split(";")} if table is visits else set()
    own = _own_items(connection, caller, schedule["horizon_id"], ids)
    return Page(rows=[_row_wire(table, r, own) for r in found.rows], next_cursor=found.next_cursor)


def _with_authority(authority_id: str) -> Any:
    return exists(
        select(visit_authorities.c.visit_id).where(
            visit_authorities.c.schedule_id == visits.c.schedule_id,
            visit_authorities.c.visit_id == visits.c.visit_id,
            visit_authorities.c.authority_id == authority_id,
        )
    )


def _own_items(connection: Connection, caller: Caller, horizon_id: str, ids: set[str]) -> set[str] | None:
    """Return those of some items that a department may see; ``None`` when the caller sees all."""
    if caller.role is not Role.DEPARTMENT:
        return None
    query = select(plan_items.c.item_id).where(
        plan_items.c.horizon_id == horizon_id,
        plan_items.c.authority_id == caller.authority_id,
        plan_items.c.item_id.in_(ids),
    )
    return set(connection.scalars(query))


def _row_wire(table: Table, row: dict[str, Any], own: set[str] | None) -> dict[str, Any]:
    out = {k: v for k, v in row.items() if k != "schedule_id"}
    if table is visits:
        items = out["item_ids"].split(";")
        out["item_ids"] = items if own is None else [i for i in items if i in own]
        out["authority_ids"] = out["authority_ids"].split(";")
    elif table is crew_shifts:
        out["stops"] = stops_wire(out["stops"])
    else:
        out["reasons"] = out["reasons"].split(";")
    return out


def changes_of(
    connection: Connection,
    caller: Caller,
    schedule: Mapping[Any, Any],
    filters: Mapping[str, str | None],
    limit: int,
    cursor: str | None,
    lang: Lang,
) -> Page:
    """Return a page of what a re-planned schedule changes, as far as the caller sees it."""
    table = schedule_changes
    query = select(table).where(table.c.schedule_id == schedule["schedule_id"], seen(caller, table.name))
    found = page(connection, matching(query, table, filters), [table.c.number], limit, cursor)
    places = [v for r in found.rows for v in (r["old"], r["new"]) if v is not None]
    own = _own_items(connection, caller, schedule["horizon_id"], {i for v in places for i in v["item_ids"]})
    if own is not None:
        for visit in places:
            visit["item_ids"] = [i for i in visit["item_ids"] if i in own]
    hidden = ("schedule_id", "authority_ids", "sentence_zh", "sentence_en")
    rows = [{**{k: v for k, v in r.items() if k not in hidden}, "sentence": r[f"sentence_{lang}"]} for r in found.rows]
    return Page(rows=rows, next_cursor=found.next_cursor)


def case_of(store: Store, row: Mapping[Any, Any], temporary: Path) -> PlanningSnapshot:
    """Return the snapshot that a schedule was made from."""
    with tempfile.TemporaryDirectory(dir=temporary) as folder:
        archive, case = Path(folder) / "case.zip", Path(folder) / "case"
        case.mkdir()
        with store.reading() as connection:
            fetch_to(connection, row["case_upload_id"], archive)
        unpack(archive, case)
        return read_case(case).snapshot


def load(store: Store, row: Mapping[Any, Any], temporary: Path) -> tuple[PlanningSnapshot, Schedule]:
    """Return a schedule and the snapshot that it was made from."""
    snapshot = case_of(store, row, temporary)
    with store.reading() as connection:
        return snapshot, read_schedule(connection, row)


def publish(
    store: Store, caller: Caller, schedule_id: str, request_id: str | None, temporary: Path, lang: Lang
) -> dict[str, Any]:
    """Publish a draft as the next version of its streets, and return it.

    It is looked at without holding anybody up, and again when others have changed something meanwhile; should they
    always be quicker, they wait in the end.

    Raises
    ------
    Refusal : it is no draft of the caller's, breaks rules, or what it was made from has changed since.
    """
    for _ in range(TRIES):
        with store.reading() as connection:
            head = head_of(connection)
            row, area = _publishable(store, connection, caller, schedule_id, temporary, lang)
        with store.writing(caller.account_id, request_id) as work:
            hold(work.connection)
            if not changed_since(work.connection, head):
                return _publish(work, row, area)
    with store.writing(caller.account_id, request_id) as work:
        hold(work.connection)
        row, area = _publishable(store, work.connection, caller, schedule_id, temporary, lang)
        return _publish(work, row, area)


def _publishable(
    store: Store, connection: Connection, caller: Caller, schedule_id: str, temporary: Path, lang: Lang
) -> tuple[Mapping[Any, Any], Area]:
    row = find(connection, caller, schedule_id)
    require_area(caller, row["level"], row["area_id"])
    if row["state"] != DRAFT:
        raise Refusal("wrong_state", what=f"schedules/{schedule_id}", state=row["state"])
    if row["num_violations"]:
        raise Refusal("violations", count=row["num_violations"])
    area = find_area(connection, Level(row["level"]), row["area_id"])
    require_fresh(store, connection, row, area, temporary, lang)
    return row, area


def require_fresh(
    store: Store, connection: Connection, row: Mapping[Any, Any], area: Area, temporary: Path, lang: Lang
) -> None:
    """Do nothing when the case is what it was at the run, and no other version was published since but its own.

    Raises
    ------
    Refusal : with what changed.
    """
    parents = parents_of(connection, row["horizon_id"], area)
    now = case_now(connection, row, area)
    same_case = now.digest() == row["case_digest"]
    expected = row["parents"] if row["state"] == DRAFT else dict.fromkeys(area.street_ids, row["version"])
    if parents == expected and same_case:
        return
    changes: Sequence[str] = ()
    if not same_case:
        changes = compare_snapshots(case_of(store, row, temporary), now).sentences(lang)
    others = {s: v for s, v in parents.items() if expected.get(s) != v}
    raise Refusal("stale", more={"changes": list(changes), "published_since": others})


def head_of(connection: Connection) -> int:
    """Return the number of the last change on record."""
    return int(connection.execute(select(audit_head.c.number)).scalar_one())


def hold(connection: Connection) -> None:
    """Let nobody else finish a change until the transaction ends."""
    connection.execute(select(audit_head.c.number).with_for_update()).scalar_one()


def changed_since(connection: Connection, head: int) -> bool:
    """Say whether anything that a schedule may depend on has changed."""
    unrelated = or_(*(audit.c.action.like(pattern) for pattern in _UNRELATED))
    query = select(audit.c.number).where(audit.c.number > head, not_(unrelated)).limit(1)
    return connection.execute(query).first() is not None


def _publish(work: Work, row: Mapping[Any, Any], area: Area) -> dict[str, Any]:
    connection, schedule_id, horizon_id = work.connection, row["schedule_id"], row["horizon_id"]
    former = {s: (v, i) for s, v, i in connection.execute(in_force(horizon_id, area))}
    version = 1 + max((v for v, _ in former.values()), default=0)
    first = max(row["from_date"] or "", clock.day(work.at))  # what went out before is of the version before
    rows = [
        {
            "horizon_id": horizon_id,
            "street_id": street,
            "version": version,
            "schedule_id": schedule_id,
            "at": work.at,
            "by": work.actor,
            "from_date": first if street in former else row["from_date"] or "",
        }
        for street in area.street_ids
    ]
    connection.execute(insert(publications), rows)
    published = {"state": PUBLISHED, "version": version, "published_at": work.at, "published_by": work.actor}
    mine = schedules.c.schedule_id == schedule_id
    done = connection.execute(update(schedules).where(mine, schedules.c.state == DRAFT).values(**published))
    if done.rowcount != 1:
        raise Refusal("wrong_state", what=f"schedules/{schedule_id}", state="?")
    still = {i for _, _, i in connection.execute(in_force(horizon_id))}
    ended = sorted({i for _, i in former.values()} - still)
    if ended:
        connection.execute(update(schedules).where(schedules.c.schedule_id.in_(ended)).values(state=SUPERSEDED))
    after = {**published, "streets": list(area.street_ids), "supersedes": ended}
    work.record("schedules.publish", f"schedules/{schedule_id}", before={"state": DRAFT}, after=after)
    for pin in row["summary"].get("loosened_pins", ()):
        loosen_pin(work, pin)
    return {**wire({**row, **published}), "supersedes": ended}


def history(
    connection: Connection, caller: Caller, horizon_id: str, street_id: str | None, limit: int, cursor: str | None
) -> Page:
    """Return a page of what was published, by street and version."""
    query = select(publications).where(publications.c.horizon_id == horizon_id)
    if street_id is not None:
        query = query.where(publications.c.street_id == street_id)
    if caller.role is Role.STREET_OFFICE:
        query = query.where(publications.c.street_id.in_(caller.street_ids))
    return page(connection, query, [publications.c.street_id, publications.c.version], limit, cursor)
