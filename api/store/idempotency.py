"""Requests that may be sent again: the answer to the first is given to every repetition (Idempotency-Key)."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, insert, select, update
from sqlalchemy.exc import IntegrityError

from api.errors import Refusal
from api.store.schema import idempotency
from api.store.work import Work


class Repeated(Exception):
    """The key was used at the same time by another request, which has ended by now."""


def remembered(connection: Connection, account_id: str, key: str | None, digest: str) -> dict[str, Any] | None:
    """Return the answer given before: status, location and body; ``None`` when there was none.

    Raises
    ------
    Refusal : the key was used for another request.
    """
    if key is None:
        return None
    query = select(idempotency).where(idempotency.c.account_id == account_id, idempotency.c.key == key)
    row = connection.execute(query).mappings().one_or_none()
    if row is None:
        return None
    if row["request_digest"] != digest:
        raise Refusal("idempotency_key_reused")
    return dict(row)


def claim(work: Work, account_id: str, key: str | None, digest: str) -> None:
    """Take a key for this transaction; a request of the same key waits for its end.

    Raises
    ------
    Repeated : somebody else took it.
    """
    if key is None:
        return
    row = {"account_id": account_id, "key": key, "request_digest": digest, "created_at": work.at}
    try:
        with work.connection.begin_nested():
            work.connection.execute(insert(idempotency).values(**row, status=0, body={}))
    except IntegrityError:
        raise Repeated from None


def remember(work: Work, account_id: str, key: str | None, status: int, location: str | None, body: Any) -> None:
    """Keep the answer of a request whose key was claimed."""
    if key is None:
        return
    mine = (idempotency.c.account_id == account_id) & (idempotency.c.key == key)
    work.connection.execute(update(idempotency).where(mine).values(status=status, location=location, body=body))
