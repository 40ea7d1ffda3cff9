"""Contacts of enterprises: written by administrators, the street office of the street, and the enterprise itself."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import ColumnElement, Connection, delete, insert, select, update

from api.access.caller import Caller, Role
from api.access.scope import require_own, seen
from api.errors import Refusal
from api.store.notices_tables import contacts
from api.store.pages import Page, matching, page
from api.store.schema import enterprises
from api.store.work import Work

TABLE = "contacts"
_SENT = ("enterprise_id", "email", "language", "version")


def _seen(caller: Caller) -> ColumnElement[bool]:
    if caller.role is Role.ENTERPRISE:
        return contacts.c.enterprise_id == caller.enterprise_id
    return seen(caller, TABLE)


def listing(
    connection: Connection, caller: Caller, filters: Mapping[str, str | None], limit: int, cursor: str | None
) -> Page:
    """Return a page of contacts that the caller sees."""
    query = matching(select(*(contacts.c[n] for n in _SENT)).where(_seen(caller)), contacts, filters)
    return page(connection, query, [contacts.c.enterprise_id], limit, cursor)


def find(connection: Connection, caller: Caller, enterprise_id: str) -> dict[str, Any]:
    """Return the contact of an enterprise.

    Raises
    ------
    Refusal : there is none that the caller sees.
    """
    query = select(*(contacts.c[n] for n in _SENT)).where(contacts.c.enterprise_id == enterprise_id, _seen(caller))
    row = connection.execute(query).mappings().one_or_none()
    if row is None:
        raise Refusal("not_found", what=f"contacts/{enterprise_id}")
    return dict(row)


def put(
    work: Work, caller: Caller, enterprise_id: str, values: Mapping[str, Any], version: int | None
) -> tuple[dict[str, Any], bool]:
    """Store the contact of an enterprise, new or in the place of the one there is; return it, and whether it is new.

    Raises
    ------
    Refusal : there is no such enterprise, it is not the caller's, or the version is another.
    """
    _require_own(work.connection, caller, enterprise_id)
    before = _held(work.connection, enterprise_id)
    if version is not None and (before is None or before["version"] != version):
        raise Refusal("precondition_failed", version=before and before["version"])
    said = {**values, "updated_at": work.at, "updated_by": work.actor}
    mine = contacts.c.enterprise_id == enterprise_id
    if before is None:
        work.connection.execute(insert(contacts).values(enterprise_id=enterprise_id, **said))
    else:
        work.connection.execute(update(contacts).where(mine).values(**said, version=before["version"] + 1))
    after = find(work.connection, caller, enterprise_id)
    work.record("contacts.put", f"contacts/{enterprise_id}", before=before, after=after)
    return after, before is None


def remove(work: Work, caller: Caller, enterprise_id: str) -> None:
    """Delete the contact of an enterprise: what still waits to be sent to it is not.

    Raises
    ------
    Refusal : there is none, or it is not the caller's.
    """
    _require_own(work.connection, caller, enterprise_id)
    before = _held(work.connection, enterprise_id)
    if before is None:
        raise Refusal("not_found", what=f"contacts/{enterprise_id}")
    work.connection.execute(delete(contacts).where(contacts.c.enterprise_id == enterprise_id))
    work.record("contacts.delete", f"contacts/{enterprise_id}", before=before)


def _held(connection: Connection, enterprise_id: str) -> dict[str, Any] | None:
    query = select(*(contacts.c[n] for n in _SENT)).where(contacts.c.enterprise_id == enterprise_id)
    row = connection.execute(query.with_for_update()).mappings().one_or_none()
    return None if row is None else dict(row)


def _require_own(connection: Connection, caller: Caller, enterprise_id: str) -> None:
    """Do nothing when the enterprise is the caller's to write; to another enterprise it is as though it were not."""
    query = select(enterprises.c.street_id).where(enterprises.c.enterprise_id == enterprise_id)
    row = connection.execute(query.with_for_update(key_share=True)).mappings().one_or_none()
    hidden = caller.role is Role.ENTERPRISE and enterprise_id != caller.enterprise_id
    if row is None or hidden:
        raise Refusal("not_found", what=f"enterprises/{enterprise_id}")
    if caller.role is not Role.ENTERPRISE:
        require_own(caller, TABLE, row)
