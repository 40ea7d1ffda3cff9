"""Connections: SQLite in a file or PostgreSQL, with the same guarantees."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import make_url

WRITES = "onevisit_writes"
"""Execution option of a connection that will write: SQLite then takes its lock at the beginning, and never fails later
because another has written since."""


def open_engine(url: str, *, wait_s: float = 15.0) -> Engine:
    """Return an engine.

    Parameters
    ----------
    url : SQLAlchemy address; ``postgresql://`` means psycopg 3.
    wait_s : seconds to wait for a connection, or on SQLite for another writer.
    """
    if make_url(url).get_backend_name() == "sqlite":
        engine = create_engine(url, connect_args={"check_same_thread": False, "timeout": wait_s}, pool_timeout=wait_s)
        event.listen(engine, "connect", _sqlite_connects)
        event.listen(engine, "begin", _sqlite_begins)
        return engine
    return create_engine(
        url,
        pool_pre_ping=True,
        pool_size=20,
        max_overflow=20,
        pool_timeout=wait_s,
        connect_args={"connect_timeout": max(2, round(wait_s / 3)), "options": "-c timezone=UTC"},
    )


def is_sqlite(engine: Engine) -> bool:
    """Say whether the database is the embedded one."""
    return engine.dialect.name == "sqlite"


def _sqlite_connects(connection: Any, record: Any) -> None:
    connection.isolation_level = None  # transactions begin where we say, not where the driver thinks
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "temp_store=MEMORY"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _sqlite_begins(connection: Connection) -> None:
    writes = connection.get_execution_options().get(WRITES, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
