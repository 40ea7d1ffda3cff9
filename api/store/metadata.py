"""What the tables of all modules share: one metadata, names of constraints, columns of registers.

Dates are ISO text, clock times ``HH:MM``, lists joined by ``;`` (:data:`scheduler.intake.rows.Plain`); instants are
ISO text in UTC, so that text order is time order on both databases.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import BigInteger, Boolean, Column, Float, Integer, MetaData, String, Table

from scheduler.intake.columns import ALL_TABLES, Kind

METADATA = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)
TYPES: dict[Kind, Any] = {Kind.NUMBER: Float, Kind.WHOLE: Integer, Kind.FLAG: Boolean}
BIG = BigInteger().with_variant(Integer, "sqlite")
"""SQLite counts up by itself in columns of its own INTEGER only."""


def data_columns(table: str, *, keys: bool = True) -> list[Column[Any]]:
    """Return SQL columns of a register; a unique identifier is the primary key."""
    return [
        Column(
            c.name,
            TYPES.get(c.kind, String)(),
            nullable=not c.required,
            primary_key=keys and c.unique,
        )
        for c in ALL_TABLES[table].columns
    ]


def register(name: str, *more: Any) -> Table:
    """Return the table of a register, with a number of its own where no column identifies a row."""
    columns = data_columns(name)
    if not any(c.primary_key for c in columns):
        columns.insert(0, Column("row_id", BIG, primary_key=True, autoincrement=True))
    version = Column("version", Integer, nullable=False, server_default="1")
    return Table(name, METADATA, *columns, version, *more)
