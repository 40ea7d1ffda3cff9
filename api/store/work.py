"""The unit of work: one transaction with what it changed on record, or nothing of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine

from api import clock, ids
from api.store import audit
from api.store.database import WRITES, is_sqlite

SYSTEM = "system"
"""Who makes changes that nobody asked for: the actor on record."""


@dataclass(slots=True, kw_only=True)
class Work:
    """A transaction that writes.

    Parameters
    ----------
    actor : account that makes the changes.
    at : instant of all of them.
    """

    connection: Connection
    actor: str
    request_id: str | None
    at: str
    _entries: list[audit.Entry] = field(default_factory=list)

    def record(self, action: str, what: str, before: Any = None, after: Any = None) -> None:
        """Put a change on record, as plain JSON with text keys; it enters the audit log as the transaction ends."""
        self._entries.append(audit.Entry(action=action, object=what, before=before, after=after))

    def seal(self) -> None:
        """Append what was recorded; called once, at the end, as it makes others wait."""
        audit.append(self.connection, self._entries, at=self.at, actor=self.actor, request_id=self.request_id)
        self._entries = []


@dataclass(frozen=True, slots=True, kw_only=True)
class Store:
    """The database of a service; the clock and ids are handed in, so that tests may choose them."""

    engine: Engine
    now: Callable[[], datetime] = clock.now
    new_id: Callable[[], str] = ids.new_id

    def instant(self) -> str:
        """Return the present instant as it is stored."""
        return clock.instant(self.now())

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Open a transaction that only reads, and sees one state throughout."""
        with self.engine.connect() as plain:
            connection = plain
            if not is_sqlite(self.engine):  # SQLite's transactions see one state anyway
                connection = plain.execution_options(isolation_level="REPEATABLE READ")
            with connection.begin():
                yield connection

    @contextmanager
    def writing(self, actor: str, request_id: str | None = None) -> Iterator[Work]:
        """Open a transaction; it is committed with its audit entries when the block ends well, else undone."""
        with self.engine.connect() as plain:
            connection = plain.execution_options(**{WRITES: True})
            with connection.begin():
                work = Work(connection=connection, actor=actor, request_id=request_id, at=self.instant())
                yield work
                work.seal()
