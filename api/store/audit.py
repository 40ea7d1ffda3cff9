"""The audit log: every change, who made it and when, before and after; each entry seals the one before it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, insert, select, update

from api.store.schema import audit, audit_head

START = "0" * 64
_FIELDS = ("number", "at", "actor", "request_id", "action", "object", "before", "after", "previous")


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One change.

    Parameters
    ----------
    action : what was done, for example ``plan.submit``.
    object : what it was done to, for example ``plans/0192…``.
    before, after : plain JSON values, ``None`` where there was or is nothing.
    """

    action: str
    object: str
    before: Any = None
    after: Any = None


def append(connection: Connection, entries: list[Entry], *, at: str, actor: str, request_id: str | None) -> None:
    """Append entries to the chain; the end of the chain is held until the transaction ends."""
    if not entries:
        return
    head = connection.execute(select(audit_head.c.number, audit_head.c.digest).with_for_update()).one()
    number, previous = int(head.number), str(head.digest)
    rows = []
    for entry in entries:
        number += 1
        row = {
            "number": number,
            "at": at,
            "actor": actor,
            "request_id": request_id,
            "action": entry.action,
            "object": entry.object,
            "before": entry.before,
            "after": entry.after,
            "previous": previous,
        }
        previous = seal(row)
        rows.append({**row, "digest": previous})
    connection.execute(insert(audit), rows)
    connection.execute(update(audit_head).values(number=number, digest=previous))


def seal(row: Any) -> str:
    """Return the SHA-256 of an entry with the digest of the one before it."""
    content = [row[name] for name in _FIELDS]
    text = json.dumps(content, ensure_ascii=True, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What a reading of the whole chain found; `broken_at` is the number of the first entry that does not fit."""

    entries: int
    broken_at: int | None
    digest: str

    @property
    def whole(self) -> bool:
        """Say whether nothing was changed, taken out or added."""
        return self.broken_at is None


def verify(connection: Connection) -> Verdict:
    """Read the chain from its beginning and compare it with its head."""
    previous, count = START, 0
    for row in _rows(connection):
        count += 1
        if row["number"] != count or row["previous"] != previous or seal(row) != row["digest"]:
            return Verdict(entries=count, broken_at=count, digest=previous)
        previous = row["digest"]
    head = connection.execute(select(audit_head.c.number, audit_head.c.digest)).one()
    fits = head.number == count and head.digest == previous
    return Verdict(entries=count, broken_at=None if fits else count + 1, digest=previous)


def _rows(connection: Connection) -> Iterator[Any]:
    query = select(audit).order_by(audit.c.number)
    result = connection.execute(query, execution_options={"yield_per": 1000})
    yield from result.mappings()
