"""Accounts and their keys: an account is never deleted but closed, so that the audit log always names somebody."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, Select, insert, select, update
from sqlalchemy.exc import IntegrityError

from api.access.caller import Role
from api.access.keys import issue_key
from api.errors import Refusal, invalid
from api.store.pages import Page, page
from api.store.schema import accounts, api_keys, audit_head, authorities, enterprises, officers, streets
from api.store.work import SYSTEM, Store, Work
from scheduler.errors import Problem, Severity
from scheduler.intake.problems import problem

_OF_ROLE: Mapping[str, tuple[Role, Any]] = {
    "authority_id": (Role.DEPARTMENT, authorities.c.authority_id),
    "enterprise_id": (Role.ENTERPRISE, enterprises.c.enterprise_id),
    "officer_id": (Role.OFFICER, officers.c.officer_id),
}
"""What an account of a role has one of, and where it is known."""
_KEY_SHOWN = [c for c in api_keys.c if c.name not in ("account_id", "digest")]


def create(work: Work, account_id: str, body: Mapping[Any, Any]) -> dict[str, Any]:
    """Store a new account and return it.

    Raises
    ------
    Refusal : it has faults, or somebody else has its subject.
    """
    values = _checked(work.connection, body)
    row = {"account_id": account_id, **values, "created_at": work.at}
    try:
        with work.connection.begin_nested():
            work.connection.execute(insert(accounts).values(**row))
    except IntegrityError:
        raise Refusal("already_exists", what=f"subject {values['subject']}") from None
    after = find(work.connection, account_id)
    work.record("accounts.create", f"accounts/{account_id}", after=after)
    return after


def replace(work: Work, account_id: str, body: Mapping[Any, Any], version: int | None) -> dict[str, Any]:
    """Replace what an account is, and return it.

    Raises
    ------
    Refusal : there is none, its version is another, no administrator would be left, or as of :func:`create`.
    """
    administrators = _hold_administrators(work.connection)
    before = wire(_row(work.connection, account_id, hold=True))
    if version is not None and version != before["version"]:
        raise Refusal("precondition_failed", version=before["version"])
    values = _checked(work.connection, body)
    stays = values["active"] and values["role"] == Role.ADMINISTRATOR
    if administrators == [account_id] and not stays:
        raise Refusal("last_administrator")
    mine = update(accounts).where(accounts.c.account_id == account_id)
    try:
        with work.connection.begin_nested():
            work.connection.execute(mine.values(**values, version=before["version"] + 1))
    except IntegrityError:
        raise Refusal("already_exists", what=f"subject {values['subject']}") from None
    after = find(work.connection, account_id)
    work.record("accounts.replace", f"accounts/{account_id}", before=before, after=after)
    return after


def _hold_administrators(connection: Connection) -> list[str]:
    """Return the active administrators; nobody else changes them until the transaction ends."""
    query = select(accounts.c.account_id).where(accounts.c.role == Role.ADMINISTRATOR.value, accounts.c.active)
    return list(connection.scalars(query.order_by(accounts.c.account_id).with_for_update()))


def find(connection: Connection, account_id: str) -> dict[str, Any]:
    """Return an account as it is sent.

    Raises
    ------
    Refusal : there is none.
    """
    return wire(_row(connection, account_id))


def listing(connection: Connection, filters: Mapping[Any, Any], limit: int, cursor: str | None) -> Page:
    """Return a page of accounts equal to the filters that are not ``None``."""
    query = select(accounts)
    for name, value in filters.items():
        if value is not None:
            query = query.where(accounts.c[name] == value)
    found = page(connection, query, [accounts.c.account_id], limit, cursor)
    return Page(rows=[wire(r) for r in found.rows], next_cursor=found.next_cursor)


def wire(row: Mapping[Any, Any]) -> dict[str, Any]:
    """Return a stored account as it is sent."""
    return {**row, "street_ids": [s for s in (row["street_ids"] or "").split(";") if s]}


def issue(work: Work, account_id: str, key_id: str, label: str, expires_at: str | None) -> dict[str, Any]:
    """Issue a key of an account and return it; it cannot be read again.

    Raises
    ------
    Refusal : there is no such account, or the key would have expired already.
    """
    _row(work.connection, account_id)
    if expires_at is not None and expires_at <= work.at:
        raise invalid([_fault("not_to_come", "key", "expires_at", expires_at, ("将来的时间", "a time to come"))])
    key = issue_key(work, key_id, account_id, label, expires_at)
    return {**_key(work.connection, account_id, key_id), "key": key}


def list_keys(connection: Connection, account_id: str, limit: int, cursor: str | None) -> Page:
    """Return a page of the keys of an account, also of those that expired or were revoked.

    Raises
    ------
    Refusal : there is no such account.
    """
    _row(connection, account_id)
    query = select(*_KEY_SHOWN).where(api_keys.c.account_id == account_id)
    return page(connection, query, [api_keys.c.key_id], limit, cursor)


def revoke(work: Work, account_id: str, key_id: str) -> None:
    """Make a key of an account useless from now on; again is harmless.

    Raises
    ------
    Refusal : there is no such key, or no administrator would have one or another way to log in.
    """
    _hold_administrators(work.connection)
    before = _key(work.connection, account_id, key_id, hold=True)
    if before["revoked_at"] is None:
        mine = update(api_keys).where(api_keys.c.key_id == key_id)
        work.connection.execute(mine.values(revoked_at=work.at))
        if _is_administrator(work.connection, account_id) and not _somebody_administers(work):
            raise Refusal("last_administrator")
        after = {**before, "revoked_at": work.at}
        work.record("key.revoke", f"accounts/{account_id}/keys/{key_id}", before=before, after=after)


def _is_administrator(connection: Connection, account_id: str) -> bool:
    row = _row(connection, account_id)
    return bool(row["active"]) and row["role"] == Role.ADMINISTRATOR


def _somebody_administers(work: Work) -> bool:
    """Say whether an active administrator has a key that works, or a subject to log in with."""
    works = api_keys.c.revoked_at.is_(None) & (api_keys.c.expires_at.is_(None) | (api_keys.c.expires_at > work.at))
    query = (
        select(accounts.c.account_id)
        .outerjoin(api_keys, (api_keys.c.account_id == accounts.c.account_id) & works)
        .where(accounts.c.role == Role.ADMINISTRATOR.value, accounts.c.active)
        .where(api_keys.c.key_id.is_not(None) | accounts.c.subject.is_not(None))
    )
    return work.connection.execute(query.limit(1)).first() is not None


def first_administrator(store: Store) -> str | None:
    """Return the key of a new administrator when there is no account yet; of servers that start at once one gets it."""
    anybody = select(accounts.c.account_id).limit(1)
    with store.reading() as connection:
        if connection.execute(anybody).first() is not None:
            return None
    with store.writing(SYSTEM) as work:
        work.connection.execute(select(audit_head.c.place).with_for_update()).all()
        if work.connection.execute(anybody).first() is not None:
            return None
        return _administrator(store, work, "first start")


def another_administrator(store: Store) -> str:
    """Return the key of a new administrator: for whoever holds the database when every key is lost."""
    with store.writing(SYSTEM) as work:
        return _administrator(store, work, "db administrator")


def _administrator(store: Store, work: Work, label: str) -> str:
    account_id = store.new_id()
    body = {"name": "administrator", "role": Role.ADMINISTRATOR.value, "active": True}
    create(work, account_id, {"street_ids": [], **body})
    return issue_key(work, store.new_id(), account_id, label)


def _row(connection: Connection, account_id: str, *, hold: bool = False) -> Mapping[Any, Any]:
    query = select(accounts).where(accounts.c.account_id == account_id)
    return _one(connection, query, f"accounts/{account_id}", hold=hold)


def _key(connection: Connection, account_id: str, key_id: str, *, hold: bool = False) -> dict[str, Any]:
    query = select(*_KEY_SHOWN).where(api_keys.c.account_id == account_id, api_keys.c.key_id == key_id)
    return dict(_one(connection, query, f"accounts/{account_id}/keys/{key_id}", hold=hold))


def _one(connection: Connection, query: Select[Any], what: str, *, hold: bool) -> Mapping[Any, Any]:
    row = connection.execute(query.with_for_update() if hold else query).mappings().one_or_none()
    if row is None:
        raise Refusal("not_found", what=what)
    return row


def _checked(connection: Connection, body: Mapping[Any, Any]) -> dict[str, Any]:
    """Return an account as it is stored.

    Raises
    ------
    Refusal : it has what its role has not, or lacks what its role needs.
    """
    faults = [*_of_one(connection, body), *_of_streets(connection, body)]
    if faults:
        raise invalid(faults)
    names = ("name", "role", *_OF_ROLE, "subject", "active")
    row = {**{n: body.get(n) for n in names}, "street_ids": ";".join(sorted(set(body["street_ids"]))) or None}
    if body["role"] == Role.OFFICER:  # an officer is of the authority that the register of officers says
        mine = officers.c.officer_id == row["officer_id"]
        row["authority_id"] = connection.execute(select(officers.c.authority_id).where(mine)).scalar_one()
    return row


def _of_one(connection: Connection, body: Mapping[Any, Any]) -> list[Problem]:
    """Return the faults of what an account of some roles has one of."""
    out = []
    for name, (role, column) in _OF_ROLE.items():
        found = body.get(name)
        if body["role"] != role:
            derived = name == "authority_id" and body["role"] == Role.OFFICER
            if found is not None and not derived:
                out.append(_not_of_role(name, found))
        elif found is None:
            out.append(problem("missing_value", "accounts", None, name))
        elif connection.execute(select(column).where(column == found)).first() is None:
            out.append(problem("unknown_reference", "accounts", None, name, found, where=column.table.name))
    return out


def _of_streets(connection: Connection, body: Mapping[Any, Any]) -> list[Problem]:
    found: list[str] = sorted(set(body["street_ids"]))
    if body["role"] != Role.STREET_OFFICE:
        return [_not_of_role("street_ids", ";".join(found))] if found else []
    if not found:
        return [problem("missing_value", "accounts", None, "street_ids")]
    known = set(connection.scalars(select(streets.c.street_id).where(streets.c.street_id.in_(found))))
    unknown = [s for s in found if s not in known]
    return [problem("unknown_reference", "accounts", None, "street_ids", s, where="streets") for s in unknown]


def _not_of_role(column: str, value: str) -> Problem:
    return _fault("not_of_role", "accounts", column, value, ("此角色不填", "nothing: the role has none"))


def _fault(code: str, table: str, column: str, value: str, expected: tuple[str, str]) -> Problem:
    return Problem(
        severity=Severity.ERROR,
        code=code,
        table=table,
        row=None,
        column=column,
        value=value[:60],
        expected=expected,
    )
