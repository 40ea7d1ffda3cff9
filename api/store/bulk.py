"""Many rows at once, as fast as each database takes them: COPY on PostgreSQL, prepared statements on SQLite."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import islice
from typing import Any

from sqlalchemy import Connection, LargeBinary, Table
from sqlalchemy.exc import DBAPIError

CHUNK, CHUNK_OF_FILES = 20_000, 8
"""Rows that are held in memory at once; those with pieces of files are large."""


def insert_many(connection: Connection, table: Table, names: Sequence[str], rows: Iterable[Sequence[Any]]) -> int:
    """Insert rows of plain values (text, numbers, truth, nothing) and return their number.

    Parameters
    ----------
    names : the columns that each row holds, in its order.

    Raises
    ------
    DBAPIError : as of any statement.
    """
    quote = connection.dialect.identifier_preparer.quote
    columns = ", ".join(quote(n) for n in names)
    name = quote(table.name)
    cursor: Any = connection.connection.cursor()
    dbapi_error: Any = connection.dialect.loaded_dbapi.Error
    count = 0
    try:
        if connection.dialect.name == "postgresql":
            with cursor.copy(f"COPY {name} ({columns}) FROM STDIN") as copy:
                for row in rows:
                    copy.write_row(row)
                    count += 1
        else:
            marks = ", ".join("?" * len(names))
            it, size = iter(rows), CHUNK_OF_FILES if has_files(table) else CHUNK
            while chunk := list(islice(it, size)):
                cursor.executemany(f"INSERT INTO {name} ({columns}) VALUES ({marks})", chunk)
                count += len(chunk)
    except dbapi_error as error:
        raise DBAPIError.instance(
            f"INSERT INTO {name}", None, error, dbapi_error, dialect=connection.dialect
        ) from error
    finally:
        cursor.close()
    return count


def has_files(table: Table) -> bool:
    """Say whether rows of a table hold pieces of files."""
    return any(isinstance(c.type, LargeBinary) for c in table.c)
