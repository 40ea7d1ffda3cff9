"""What an import stores: registers by table, or a whole case with its horizon and plans."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Table, and_, bindparam, delete, select, update

from api.access.caller import Caller, Role
from api.access.scope import require_own
from api.errors import invalid
from api.horizons import service as horizons_service
from api.itemlists.service import problems_of
from api.plans.service import APPROVED, DRAFT, LIVE, digest_of, supersede
from api.reference.service import REGISTERS, check
from api.reference.together import require_together
from api.store.bulk import insert_many
from api.store.schema import caps, districts, horizons, plan_items, plans, shifts
from api.store.work import Work
from scheduler.domain.snapshot import PlanningSnapshot
from scheduler.errors import InvalidCase, Problem
from scheduler.export.case import config_of_snapshot, plain_tables
from scheduler.intake.columns import ITEMS
from scheduler.intake.problems import CASE, problem
from scheduler.intake.read import read_case
from scheduler.intake.rows import Plain, formula_problems, is_formula, records_of
from scheduler.intake.single import table_of_csv, table_of_workbook

Told = Callable[[str, int, int], None]
"""Told the stage, steps done and all steps."""

Columns = Mapping[str, Sequence[Plain]]
Records = list[dict[str, Plain]]
SURROGATES: Mapping[str, tuple[str, ...]] = {
    "crews": ("authority_id", "area_id"),
    "pins": ("enterprise_id",),
    "preferred_pins": ("enterprise_id",),
    "history": (),
    "quiet": (),
    "shifts": ("horizon_id",),
    "caps": ("horizon_id",),
    "missing_crews": (),
    "cancelled_shifts": (),
    "absences": ("officer_id",),
    "recusals": (),
    "authority_items": (),
    "delegations": (),
}
"""Registers without identifiers: an import takes the place of all rows that are equal to one of its own in these
columns; where there are none, rows that are there already are left out."""


def read_table(table: str, path: Path, media_type: str, connection: Connection) -> tuple[Records, list[Problem]]:
    """Return the checked rows of one register's file, and its warnings.

    Raises
    ------
    InvalidCase : it has faults; all of them are told.
    """
    data = path.read_bytes()
    frame, found = table_of_csv(data, table) if media_type == "text/csv" else table_of_workbook(data, table)
    checked = check(connection, table, frame, found)
    if checked.errors:
        raise InvalidCase(checked.problems)
    return checked.records(), list(checked.problems)


def store_table(work: Work, caller: Caller, table: str, rows: Records, source: str, told: Told) -> dict[str, int]:
    """Store the rows of one register; return how many are new, changed and unchanged."""
    told("store", 0, 1)
    if caller.role is not Role.ADMINISTRATOR:
        for row in rows:
            require_own(caller, table, row)
    counts = _merge(work.connection, table, rows)
    require_together(work.connection, table)
    work.record(f"{table}.import", f"imports/{source}", after=counts)
    told("store", 1, 1)
    return counts


def _merge(connection: Connection, table: str, rows: Records) -> dict[str, int]:
    register = REGISTERS[table]
    if register.surrogate:
        return _replace_alike(connection, table, rows)
    return _upsert(connection, register.table, register.key.name, rows)


def _upsert(connection: Connection, table: Table, key: str, rows: Records) -> dict[str, int]:
    names = list(rows[0]) if rows else []
    stored = {r[key]: r for r in connection.execute(select(table)).mappings()}
    new, changed = [], []
    for row in rows:
        old = stored.get(row[key])
        if old is None:
            new.append([row[n] for n in names])
        elif any(old[n] != row[n] for n in names):
            changed.append({**row, "version": old["version"] + 1})
    if new:
        insert_many(connection, table, names, new)
    if changed:
        values: dict[str, Any] = {n: bindparam(f"_{n}") for n in (*names, "version")}
        statement = update(table).where(table.c[key] == bindparam("_key")).values(**values)
        connection.execute(statement, [{"_key": r[key], **{f"_{n}": v for n, v in r.items()}} for r in changed])
    return {"new": len(new), "changed": len(changed), "unchanged": len(rows) - len(new) - len(changed)}


def _replace_alike(connection: Connection, table: str, rows: Records) -> dict[str, int]:
    sql, alike = REGISTERS[table].table, SURROGATES[table]
    names = list(rows[0]) if rows else []
    stored = connection.execute(select(sql)).mappings().all()
    there = {tuple(r[n] for n in names) for r in stored}
    new = [values for values in dict.fromkeys(tuple(r[n] for n in names) for r in rows) if values not in there]
    removed = 0
    if alike:
        groups = {tuple(r[n] for n in alike) for r in rows}
        kept = {tuple(r[n] for n in names) for r in rows}
        gone = [
            r["row_id"]
            for r in stored
            if tuple(r[n] for n in alike) in groups and tuple(r[n] for n in names) not in kept
        ]
        for k in range(0, len(gone), 500):
            connection.execute(delete(sql).where(sql.c.row_id.in_(gone[k : k + 500])))
        removed = len(gone)
    if new:
        insert_many(connection, sql, names, new)
    return {"new": len(new), "removed": removed, "unchanged": len(rows) - len(new)}


def read_whole(folder: Path) -> tuple[PlanningSnapshot, list[Problem]]:
    """Return the snapshot of a case that came, and its warnings.

    Raises
    ------
    InvalidCase : it has faults, or texts that a spreadsheet would take for formulas.
    """
    read = read_case(folder)
    formulas = [p for table, columns in plain_tables(read.snapshot).items() for p in formula_problems(table, columns)]
    formulas += [
        problem("formula_text", CASE, None, key, text) for key, text in _config_texts(read.snapshot) if is_formula(text)
    ]
    if formulas:
        raise InvalidCase((*read.warnings, *formulas))
    return read.snapshot, list(read.warnings)


def _config_texts(snapshot: PlanningSnapshot) -> Iterator[tuple[str, str]]:
    """Yield the texts of a case's configuration that its horizon has, with their keys."""
    yield "name", snapshot.name
    yield from (("shift.id", shift.shift_id) for shift in snapshot.calendar.shifts)
    yield from (("priority", name) for name in config_of_snapshot(snapshot)["priority"])


def store_case(
    work: Work,
    caller: Caller,
    snapshot: PlanningSnapshot,
    horizon_id: str,
    source: str,
    told: Told,
    *,
    approve: bool,
    new_id: Callable[[], str],
) -> dict[str, Any]:
    """Store a whole case: registers, the horizon with shifts and caps, and a plan for every authority with items.

    Parameters
    ----------
    source : id of the import; the plans' approval number names it.
    approve : the plans are approved at once; else they are drafts.
    """
    connection, tables = work.connection, plain_tables(snapshot)
    counts: dict[str, Any] = {}
    steps = ("streets", "authorities", "enterprises", "crews", "history", "quiet", "pins", "preferred_pins")
    _store_districts(connection, tables["streets"])
    for k, table in enumerate(steps):
        told("store", k, len(steps) + 2)
        counts[table] = _merge(connection, table, records_of(tables[table]))
    _store_horizon(work, snapshot, horizon_id)
    for table in ("pins", "preferred_pins", "history"):
        require_together(connection, table)
    told("store", len(steps), len(steps) + 2)
    counts["plans"] = _store_plans(work, caller, tables["items"], horizon_id, source, approve=approve, new_id=new_id)
    counts["items"] = {"new": len(snapshot.items)}
    work.record("case.import", f"imports/{source}", after={"horizon_id": horizon_id, **counts})
    told("store", len(steps) + 2, len(steps) + 2)
    return counts


def _store_districts(connection: Connection, streets_columns: Columns) -> None:
    known = set(connection.scalars(select(districts.c.district_id)))
    missing = sorted({str(d) for d in streets_columns["district_id"]} - known)
    insert_many(connection, districts, ("district_id", "name"), [(d, d) for d in missing])


def _store_horizon(work: Work, snapshot: PlanningSnapshot, horizon_id: str) -> None:
    """Store the horizon of a case, or replace the settings, shifts and caps of the one of its id."""
    config = config_of_snapshot(snapshot)
    body = {
        "horizon_id": horizon_id,
        "name": config["name"] or horizon_id,
        **config["horizon"],
        **{k: config[k] for k in ("visit", "travel", "street", "objective", "priority") if k in config},
    }
    connection = work.connection
    mine = horizons.c.horizon_id == horizon_id
    before = connection.execute(select(horizons).where(mine)).mappings().one_or_none()
    row = horizons_service.row_of({**body, "closing_date": before["closing_date"] if before else body["end"]})
    if before is None:
        connection.execute(horizons.insert().values(**row))
    else:
        connection.execute(update(horizons).where(mine).values(**row, version=before["version"] + 1))
        for table in (shifts, caps):
            connection.execute(delete(table).where(table.c.horizon_id == horizon_id))
    horizons_service.store_shifts_and_caps(connection, horizon_id, config["shift"], config.get("cap", []))


def _require_listed(connection: Connection, names: Sequence[str], records: Sequence[tuple[Any, ...]]) -> None:
    """Do nothing when all items are on the published lists.

    Raises
    ------
    InvalidCase : some are not; nothing is stored.
    """
    rows = [dict(zip(names, r, strict=True)) for r in records]
    found = problems_of(connection, rows, [None] * len(rows))
    if found:
        raise InvalidCase(tuple(found))


def _store_plans(
    work: Work,
    caller: Caller,
    items: Columns,
    horizon_id: str,
    source: str,
    *,
    approve: bool,
    new_id: Callable[[], str],
) -> dict[str, int]:
    names = [c.name for c in ITEMS.columns]
    records = sorted(zip(*(items[n] for n in names), strict=True), key=itemgetter(names.index("authority_id")))
    by_authority = {str(a): list(rows) for a, rows in groupby(records, key=itemgetter(names.index("authority_id")))}
    former = _former(work, horizon_id, by_authority)
    _require_free(work.connection, horizon_id, items)
    _require_listed(work.connection, names, records)
    every: list[tuple[Any, ...]] = []
    for authority_id, rows in by_authority.items():
        plan_id = new_id()
        work.connection.execute(
            plans.insert().values(
                plan_id=plan_id,
                horizon_id=horizon_id,
                authority_id=authority_id,
                code="import",
                revision=former.get(authority_id, 0) + 1,
                state=APPROVED if approve else DRAFT,
                num_items=len(rows),
                digest=digest_of([dict(zip(names, r, strict=True)) for r in rows]),
                submitted_at=work.at,
                submitted_by=caller.account_id,
                approval_no=f"import {source}" if approve else None,
                approved_at=work.at if approve else None,
                approved_by=caller.account_id if approve else None,
            )
        )
        every += [(plan_id, n, horizon_id, True, *row) for n, row in enumerate(rows, 1)]
    insert_many(work.connection, plan_items, ("plan_id", "row", "horizon_id", "live", *names), every)
    return {"new": len(by_authority), "superseded": len(former)}


def _former(work: Work, horizon_id: str, authority_ids: Iterable[str]) -> dict[str, int]:
    """Supersede the plans that former imports made for these authorities; return their greatest revision."""
    mine = and_(
        plans.c.horizon_id == horizon_id, plans.c.code == "import", plans.c.authority_id.in_(list(authority_ids))
    )
    rows = work.connection.execute(select(plans).where(mine).with_for_update()).mappings().all()
    revisions: dict[str, int] = {}
    for row in rows:
        revisions[row["authority_id"]] = max(row["revision"], revisions.get(row["authority_id"], 0))
        if row["state"] in LIVE:
            supersede(work, row, "import")
    return revisions


def _require_free(connection: Connection, horizon_id: str, items: Columns) -> None:
    """Refuse a case whose item ids are used by live plans that it does not supersede."""
    query = select(plan_items.c.item_id).where(plan_items.c.horizon_id == horizon_id, plan_items.c.live)
    taken = set(connection.scalars(query))
    if taken:
        ids = items["item_id"]
        found = [
            problem("id_in_other_plan", "items", n, "item_id", i, example=f"X-{i}")
            for n, i in enumerate(ids, 2)
            if i in taken
        ]
        if found:
            raise invalid(found)
