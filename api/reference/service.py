"""Registers: rows are checked by the intake against what is stored, and every change is on record."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd
from sqlalchemy import Connection, Table, delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from api.access.caller import Caller
from api.access.scope import require_own, seen
from api.errors import Refusal, invalid
from api.horizons.service import read_horizon
from api.reference.schemas import to_wire
from api.reference.together import require_together
from api.store.fieldwork_tables import enterprise_codes, entries, officer_codes
from api.store.pages import Page, matching, page
from api.store.schema import (
    REGISTER_TABLES,
    absences,
    accounts,
    authorities,
    authority_items,
    bodies,
    cancelled_shifts,
    caps,
    crews,
    delegations,
    districts,
    enterprises,
    history,
    horizons,
    inspection_items,
    laws,
    leniency_items,
    missing_crews,
    officers,
    pins,
    plan_items,
    plans,
    powers,
    preferred_pins,
    recusals,
    streets,
)
from api.store.work import Work
from scheduler.intake.columns import ALL_TABLES, Kind
from scheduler.intake.rows import CheckedRows, Plain, check_rows, frame_of_records

FEW = 500
"""Up to so many ids are asked for one by one; beyond, all are read."""

_OF_BODIES = ("powers", "bodies", "authority_items", "delegations")
"""Registers of the published lists that name authorities."""
FILTER_KINDS = frozenset({Kind.TEXT, Kind.IDENT, Kind.AREA, Kind.CHOICE, Kind.LETTER, Kind.CODE, Kind.DATE})

_USED_BY: Mapping[str, Sequence[tuple[Any, str]]] = {
    "districts": (
        (streets.c.district_id, "streets"),
        (crews.c.area_id, "crews"),
        (missing_crews.c.area_id, "missing_crews"),
        (cancelled_shifts.c.area_id, "cancelled_shifts"),
    ),
    "streets": (
        (delegations.c.street_id, "delegations"),
        (enterprises.c.street_id, "enterprises"),
        (crews.c.area_id, "crews"),
        (missing_crews.c.area_id, "missing_crews"),
        (cancelled_shifts.c.area_id, "cancelled_shifts"),
    ),
    "authorities": (
        (crews.c.authority_id, "crews"),
        (missing_crews.c.authority_id, "missing_crews"),
        (officers.c.authority_id, "officers"),
        (history.c.authority_id, "history"),
        (plans.c.authority_id, "plans"),
        (caps.c.authority, "caps"),
        (accounts.c.authority_id, "accounts"),
        (entries.c.authority_id, "entries"),
        (bodies.c.authority_id, "bodies"),
        (powers.c.authority_id, "powers"),
        (authority_items.c.authority_id, "authority_items"),
        (delegations.c.authority_id, "delegations"),
        (delegations.c.to_authority, "delegations"),
    ),
    "laws": (
        (powers.c.law_id, "powers"),
        (inspection_items.c.law_id, "inspection_items"),
        (leniency_items.c.law_id, "leniency_items"),
    ),
    "inspection_items": (
        (authority_items.c.item_code, "authority_items"),
        (delegations.c.item_code, "delegations"),
    ),
    "officers": (
        (absences.c.officer_id, "absences"),
        (recusals.c.officer_id, "recusals"),
        (accounts.c.officer_id, "accounts"),
        (officer_codes.c.officer_id, "officer codes"),
    ),
    "enterprises": (
        (recusals.c.enterprise_id, "recusals"),
        (plan_items.c.enterprise_id, "plans"),
        (history.c.enterprise_id, "history"),
        (pins.c.enterprise_id, "pins"),
        (preferred_pins.c.enterprise_id, "preferred_pins"),
        (accounts.c.enterprise_id, "accounts"),
        (entries.c.enterprise_id, "entries"),
        (enterprise_codes.c.enterprise_id, "codes"),
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Register:
    """A register: its table and what identifies a row of it."""

    name: str
    table: Table

    @property
    def key(self) -> Any:
        """Return the column of its primary key."""
        return next(iter(self.table.primary_key.columns))

    @property
    def surrogate(self) -> bool:
        """Say whether rows have a number of their own instead of an identifier that people gave."""
        return bool(self.key.name == "row_id")

    @property
    def filters(self) -> tuple[str, ...]:
        """Return the columns by which lists may be filtered."""
        return tuple(c.name for c in ALL_TABLES[self.name].columns if c.kind in FILTER_KINDS)


REGISTERS: Mapping[str, Register] = {name: Register(name=name, table=table) for name, table in REGISTER_TABLES.items()}


def find(register: Register, connection: Connection, caller: Caller, key: str) -> dict[str, Any]:
    """Return a row.

    Raises
    ------
    Refusal : there is none, or it is not the caller's to see.
    """
    query = select(register.table).where(register.key == _key(register, key), seen(caller, register.name))
    row = connection.execute(query).mappings().one_or_none()
    if row is None:
        raise Refusal("not_found", what=f"{register.name}/{key}")
    return dict(row)


def _key(register: Register, key: str) -> Any:
    if not register.surrogate:
        return key
    if not (key.isascii() and key.isdigit() and len(key) < 19):
        raise Refusal("not_found", what=f"{register.name}/{key}")
    return int(key)


def listing(
    register: Register,
    connection: Connection,
    caller: Caller,
    filters: Mapping[str, str],
    text: str | None,
    limit: int,
    cursor: str | None,
) -> Page:
    """Return a page of the rows that the caller sees, equal to the filters, with a text in the name."""
    table = register.table
    query = select(table).where(seen(caller, register.name))
    query = matching(query, table, filters)
    if text and "name" in table.c:
        query = query.where(table.c.name.contains(text, autoescape=True))
    found = page(connection, query, [register.key], limit, cursor)
    return Page(rows=[to_wire(register.name, r) for r in found.rows], next_cursor=found.next_cursor)


def create(register: Register, work: Work, caller: Caller, record: Any) -> dict[str, Any]:
    """Store a new row and return it.

    Raises
    ------
    Refusal : it has faults, exists already, or is not the caller's to write.
    """
    values = _checked(register, work.connection, [record])[0]
    require_own(caller, register.name, _owner(register, work.connection, values))
    return add(register, work, values)


def add(register: Register, work: Work, values: Mapping[str, Any]) -> dict[str, Any]:
    """Store a row that was checked and that the caller may write, and return it.

    Raises
    ------
    Refusal : it exists already, or does not go with the rest.
    """
    try:
        with work.connection.begin_nested():
            key = work.connection.execute(insert(register.table).values(**values)).inserted_primary_key
    except IntegrityError:
        what = f"{register.name}/{values.get(register.key.name, '')}"
        raise Refusal("already_exists", what=what) from None
    assert key is not None
    _judge_together(register, work, values)
    row = to_wire(register.name, find_any(register, work.connection, key[0]))
    work.record(f"{register.name}.create", f"{register.name}/{key[0]}", after=row)
    return row


def replace(
    register: Register, work: Work, caller: Caller, key: str, record: Any, version: int | None
) -> dict[str, Any]:
    """Replace a row by another of the same identifier, and return it.

    Raises
    ------
    Refusal : there is none, its version is another, or as of :func:`create`.
    """
    before = find(register, work.connection, caller, key)
    _require_version(before, version)
    require_own(caller, register.name, _owner(register, work.connection, before))
    name = register.key.name
    if isinstance(record, Mapping) and not register.surrogate and record.get(name) != before[name]:
        record = {**record, name: record.get(name, before[name])}
        if record[name] != before[name]:
            raise Refusal("conflict", why=f"{name} ≠ {key}")
    values = _checked(register, work.connection, [record])[0]
    require_own(caller, register.name, _owner(register, work.connection, values))
    changed = (
        update(register.table)
        .where(register.key == before[name], register.table.c.version == before["version"])
        .values(**values, version=before["version"] + 1)
    )
    try:
        with work.connection.begin_nested():
            done = work.connection.execute(changed).rowcount
    except IntegrityError:
        raise Refusal("already_exists", what=register.name) from None
    if done != 1:
        raise Refusal("precondition_failed", version="?")
    for horizon in (before, values):
        _judge_together(register, work, horizon)
    row = to_wire(register.name, find_any(register, work.connection, before[name]))
    was = to_wire(register.name, before)
    work.record(f"{register.name}.replace", f"{register.name}/{key}", before=was, after=row)
    return row


def remove(register: Register, work: Work, caller: Caller, key: str, version: int | None) -> None:
    """Delete a row that nothing refers to.

    Raises
    ------
    Refusal : there is none, it is in use, or its version is another.
    """
    before = find(register, work.connection, caller, key)
    _require_version(before, version)
    require_own(caller, register.name, _owner(register, work.connection, before))
    drop(register, work, before)


def drop(register: Register, work: Work, before: Mapping[str, Any]) -> None:
    """Delete a row that the caller may write and nothing refers to.

    Raises
    ------
    Refusal : it is in use.
    """
    value = key = before[register.key.name]
    for column, by in _USED_BY.get(register.name, ()):
        if work.connection.execute(select(func.count()).where(column == value).limit(1)).scalar_one():
            raise Refusal("in_use", what=f"{register.name}/{key}", by=by)
    if register.name == "streets" and _has_office(work.connection, str(value)):
        raise Refusal("in_use", what=f"streets/{key}", by="accounts")
    try:
        with work.connection.begin_nested():
            work.connection.execute(delete(register.table).where(register.key == value))
    except IntegrityError:
        raise Refusal("in_use", what=f"{register.name}/{key}", by="?") from None
    _judge_together(register, work, before)
    work.record(f"{register.name}.delete", f"{register.name}/{key}", before=to_wire(register.name, before))


def _has_office(connection: Connection, street_id: str) -> bool:
    """Say whether a street office's account names a street."""
    lists = connection.scalars(select(accounts.c.street_ids).where(accounts.c.street_ids.contains(street_id)))
    return any(street_id in str(found).split(";") for found in lists)


def find_any(register: Register, connection: Connection, key: Any) -> dict[str, Any]:
    """Return a row that is known to be there."""
    return dict(connection.execute(select(register.table).where(register.key == key)).mappings().one())


def _require_version(row: Mapping[str, Any], version: int | None) -> None:
    if version is not None and version != row["version"]:
        raise Refusal("precondition_failed", version=row["version"])


def _judge_together(register: Register, work: Work, row: Mapping[str, Any]) -> None:
    """Do nothing when a row that was written goes with the rest, so that its horizon can be planned.

    Raises
    ------
    Refusal : shifts overlap, or none is left; or as of :func:`require_together`.
    """
    if register.name in ("shifts", "caps"):
        read_horizon(work.connection, row["horizon_id"])
    require_together(work.connection, register.name, row)


def _owner(register: Register, connection: Connection, row: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return a row with the street or the authority that it belongs to."""
    if register.name in ("absences", "recusals"):
        query = select(officers.c.authority_id).where(officers.c.officer_id == row["officer_id"])
        return {**row, "authority_id": connection.execute(query).scalar_one_or_none()}
    if register.name not in ("pins", "preferred_pins"):
        return row
    query = select(enterprises.c.street_id).where(enterprises.c.enterprise_id == row["enterprise_id"])
    return {**row, "street_id": connection.execute(query).scalar_one_or_none()}


def _checked(register: Register, connection: Connection, records: Iterable[Any]) -> list[dict[str, Plain]]:
    frame, found = frame_of_records(register.name, records)
    checked = check(connection, register.name, frame, found)
    if checked.errors:
        raise invalid(checked.errors)
    return checked.records()


def check(connection: Connection, table: str, frame: pd.DataFrame, found: Sequence[Any] = ()) -> CheckedRows:
    """Return rows of a register checked against what is stored."""
    return check_rows(table, frame, known_for(connection, table, frame), found=found)


def known_for(connection: Connection, table: str, frame: pd.DataFrame) -> dict[str, dict[str, list[str]]]:
    """Return the ids that rows of a table may refer to; of enterprises only those that the rows name, when few."""
    known: dict[str, dict[str, list[str]]] = {}

    def take(name: str, *columns: Any, where: Any = None) -> None:
        query = select(*columns) if where is None else select(*columns).where(where)
        rows = connection.execute(query).all()
        known[name] = {c.name: [r[k] for r in rows] for k, c in enumerate(columns)}

    if table == "streets":
        take("districts", districts.c.district_id)
    if table in ("enterprises", "crews", "quiet", "missing_crews", "cancelled_shifts", "delegations"):
        take("streets", streets.c.street_id, streets.c.district_id)
    if table in ("crews", "officers", "history", "caps", "items", "missing_crews", *_OF_BODIES):
        take("authorities", authorities.c.authority_id)
    if table in ("shifts", "caps"):
        take("horizons", horizons.c.horizon_id)
    if table in ("absences", "recusals"):
        take("officers", officers.c.officer_id)
    if table in ("history", "pins", "preferred_pins", "items", "recusals"):
        take("enterprises", enterprises.c.enterprise_id, where=_named(frame, "enterprise_id"))
    if table in ("powers", "inspection_items", "leniency_items"):
        take("laws", laws.c.law_id)
    if table in ("authority_items", "delegations"):
        take("inspection_items", inspection_items.c.item_code)
    if table == "quiet":
        take(
            "enterprises",
            enterprises.c.enterprise_id,
            enterprises.c.industry,
            enterprises.c.credit_class,
        )
    return known


def _named(frame: pd.DataFrame, column: str) -> Any:
    if column not in frame.columns:
        return None
    cells = frame[column]
    if not isinstance(cells, pd.Series):  # the column is there twice
        return None
    ids = {v.strip() for v in cells.unique()}
    return enterprises.c.enterprise_id.in_(sorted(ids)) if len(ids) <= FEW else None
