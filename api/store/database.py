"""Connections: SQLite in a file or PostgreSQL, with the same guarantees."""

from __future__ import annotations

import sqlite3
import time
from typing import Any

import psycopg
from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import make_url

from api import clock

WRITES = "onevisit_writes"
"""Execution option of a connection that will write: SQLite then takes its lock at the beginning, and never fails later
because another has written since."""
_SWITCH_S = 2.0
_NOTICES_A_CUT = {"keepalives_idle": 30, "keepalives_interval": 10, "keepalives_count": 3, "tcp_user_timeout": 60_000}
"""A connection to a machine that has gone ends within a minute or so, not in hours."""

_OPTIONS = "-c timezone=UTC -c plan_cache_mode=force_custom_plan"
"""A plan for any values reads the whole of a table where one for these would find a few rows by an index."""


def open_engine(url: str, *, wait_s: float = 15.0, gives_up: bool = False) -> Engine:
    """Return an engine.

    Parameters
    ----------
    url : SQLAlchemy address; ``postgresql://`` means psycopg 3.
    wait_s : seconds to wait for a connection, or on SQLite for another writer.
    gives_up : no statement waits longer either, neither for locks (half of it) nor for a server that is frozen or cut
        off (two thirds, as a new connection is tried after it); for requests, which are short. Imports, backups and
        migrations take the time that they take.
    """
    if make_url(url).get_backend_name() == "sqlite":
        engine = create_engine(url, connect_args={"check_same_thread": False, "timeout": wait_s}, pool_timeout=wait_s)
        event.listen(engine, "connect", _sqlite_connects)
        event.listen(engine, "begin", _sqlite_begins)
        return engine
    engine = create_engine(
        url,
        pool_pre_ping=True,
        pool_size=20,
        max_overflow=20,
        pool_timeout=wait_s,
        connect_args={
            "connect_timeout": max(2, round(wait_s / 3)),
            **_NOTICES_A_CUT,
            "options": _OPTIONS + (f" -c lock_timeout={round(500 * wait_s)}" if gives_up else ""),
        },
    )
    event.listen(engine, "do_connect", _connects_with(wait_s * 2 / 3 if gives_up else None))
    return engine


class _Conversation(psycopg.Connection[Any]):
    """A connection whose statements may be given so many seconds, whatever has become of the server."""

    patience_s: float | None = None

    def wait(self, gen: Any, interval: float = 0.1, timeout: float | None = None) -> Any:
        """Carry on a conversation with the server until it is done.

        Raises
        ------
        psycopg.OperationalError : it took too long; the connection is closed.
        """
        if timeout is not None or self.patience_s is None:
            return super().wait(gen, interval, timeout)
        try:
            return super().wait(gen, interval, self.patience_s)
        except psycopg.errors._WaitTimeout:
            self.pgconn.finish()
            raise psycopg.OperationalError(f"no answer within {self.patience_s:g} s") from None


def _connects_with(patience_s: float | None) -> Any:
    def connect(dialect: Any, record: Any, words: Any, names: Any) -> Any:
        try:
            connection = _Conversation.connect(*words, **names)
        except psycopg.Error as error:
            # The place where it was raised holds the socket, and would until the next collection of garbage.
            raise error.with_traceback(None) from None
        connection.patience_s = patience_s
        return connection

    return connect


def is_sqlite(engine: Engine) -> bool:
    """Say whether the database is the embedded one."""
    return engine.dialect.name == "sqlite"


def _sqlite_connects(connection: Any, record: Any) -> None:
    connection.isolation_level = None  # transactions begin where we say, not where the driver thinks
    cursor = connection.cursor()
    _use_write_ahead_log(cursor)
    for pragma in ("synchronous=FULL", "foreign_keys=ON", "temp_store=MEMORY"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _use_write_ahead_log(cursor: Any) -> None:
    """Switch a new file over; SQLite refuses at once, without waiting, when two do so at the same time."""
    began = clock.seconds()
    while True:
        try:
            cursor.execute("PRAGMA journal_mode=WAL")
            return
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or clock.seconds() - began > _SWITCH_S:
                raise
            time.sleep(0.01)


def _sqlite_begins(connection: Connection) -> None:
    writes = connection.get_execution_options().get(WRITES, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
