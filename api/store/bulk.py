"""Many rows at once, as fast as each database takes them: COPY on PostgreSQL, prepared statements on SQLite."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import islice
from typing import Any

from sqlalchemy import Connection, Table

CHUNK = 20_000


def insert_many(connection: Connection, table: Table, names: Sequence[str], rows: Iterable[Sequence[Any]]) -> int:
    """Insert rows of plain values (text, numbers, truth, nothing) and return their number.

    Parameters
    ----------
    names : the columns that each row holds, in its order.
    """
    quote = connection.dialect.identifier_preparer.quote
    columns = ", ".join(quote(n) for n in names)
    name = quote(table.name)
    cursor: Any = connection.connection.cursor()
    count = 0
    try:
        if connection.dialect.name == "postgresql":
            with cursor.copy(f"COPY {name} ({columns}) FROM STDIN") as copy:
                for row in rows:
                    copy.write_row(row)
                    count += 1
        else:
            marks = ", ".join("?" * len(names))
            it = iter(rows)
            while chunk := list(islice(it, CHUNK)):
                cursor.executemany(f"INSERT INTO {name} ({columns}) VALUES ({marks})", chunk)
                count += len(chunk)
    finally:
        cursor.close()
    return count
