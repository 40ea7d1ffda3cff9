"""API keys: shown once, kept as digests. A key is 256 random bits, so that a plain hash is enough."""

from __future__ import annotations

import hashlib
import secrets
from typing import Any

from sqlalchemy import ColumnElement, Connection, insert, or_, select

from api.access.caller import Caller, Role
from api.store.schema import accounts, api_keys
from api.store.work import Work

PREFIX = "ov_"


def digest_of(key: str) -> str:
    """Return what is kept of a key."""
    return hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()


def issue_key(work: Work, key_id: str, account_id: str, label: str, expires_at: str | None = None) -> str:
    """Store a new key of an account and return it; it cannot be shown again."""
    key = PREFIX + secrets.token_urlsafe(32)
    row = {"key_id": key_id, "account_id": account_id, "label": label, "created_at": work.at, "expires_at": expires_at}
    work.connection.execute(insert(api_keys).values(**row, digest=digest_of(key)))
    work.record("key.issue", f"accounts/{account_id}/keys/{key_id}", after=row)
    return key


def caller_of_key(connection: Connection, key: str, at: str) -> Caller | None:
    """Return whose a key is, ``None`` when it is nobody's, has expired, was revoked, or the account is closed."""
    return _caller(connection, api_keys.c.digest == digest_of(key), at)


def caller_of_key_id(connection: Connection, key_id: str, at: str) -> Caller | None:
    """Return whose the key with an id is, as :func:`caller_of_key`; for sessions that a key began."""
    return _caller(connection, api_keys.c.key_id == key_id, at)


def key_id_of(connection: Connection, key: str) -> str | None:
    """Return the id of a key, ``None`` when there never was such a key."""
    return connection.scalar(select(api_keys.c.key_id).where(api_keys.c.digest == digest_of(key)))


def _caller(connection: Connection, which: ColumnElement[bool], at: str) -> Caller | None:
    query = (
        select(accounts)
        .join(api_keys, api_keys.c.account_id == accounts.c.account_id)
        .where(
            which,
            api_keys.c.revoked_at.is_(None),
            or_(api_keys.c.expires_at.is_(None), api_keys.c.expires_at > at),
            accounts.c.active,
        )
    )
    row = connection.execute(query).mappings().one_or_none()
    return None if row is None else caller_of(row)


def caller_of(row: Any) -> Caller:
    """Return the caller that an account's row describes."""
    streets = row["street_ids"] or ""
    return Caller(
        account_id=row["account_id"],
        name=row["name"],
        role=Role(row["role"]),
        authority_id=row["authority_id"],
        street_ids=tuple(s for s in streets.split(";") if s),
        enterprise_id=row["enterprise_id"],
        officer_id=row["officer_id"],
    )
