"""Names as people write them into the names of FORMATS.md: tables (files, sheets) and column headers."""

from __future__ import annotations

import unicodedata
from functools import cache

import pandas as pd

from scheduler.errors import Problem
from scheduler.intake.columns import ALL_TABLES, TABLES, Table
from scheduler.intake.problems import problem


def plain_name(text: str) -> str:
    """Return a name for comparison: full-width signs made ordinary, lower case, without blanks and stars."""
    folded = unicodedata.normalize("NFKC", text).lower()
    return "".join(c for c in folded if not c.isspace() and c not in "*\ufeff\u200b")


@cache
def _tables() -> dict[str, str]:
    return {plain_name(name): t.name for t in TABLES.values() for name in (t.name, *t.aliases)}


def table_named(text: str) -> str | None:
    """Return the table that a file's stem or a sheet's name means, ``None`` when it means none."""
    return _tables().get(plain_name(text))


@cache
def _columns(table: str) -> dict[str, str]:
    columns = ALL_TABLES[table].columns
    names = {plain_name(alias): c.name for c in columns for alias in c.aliases}
    return names | {c.name: c.name for c in columns}


def column_named(table: str, header: str) -> str | None:
    """Return the column of a table that a header means, ``None`` when it means none."""
    return _columns(table).get(plain_name(header))


def rename_columns(table: Table, frame: pd.DataFrame) -> tuple[pd.DataFrame, list[Problem]]:
    """Return the table with the columns of FORMATS.md only, in its order, and what is wrong with its header.

    Columns that are absent stay absent; of two headers that mean one column the first is kept.
    """
    known, problems = _columns(table.name), []
    where: dict[str, int] = {}
    headers = [str(h) for h in frame.columns]
    for i, header in enumerate(headers):
        name = known.get(plain_name(header))
        if name is None:
            if header.strip() or any(v.strip() for v in frame.iloc[:, i]):
                problems.append(problem("unknown_column", table.name, 1, header.strip() or f"#{i + 1}"))
        elif name in where:
            other = headers[where[name]]
            problems.append(problem("duplicate_column", table.name, 1, name, header, other=other))
        else:
            where[name] = i
    for column in table.columns:
        if column.required and column.name not in where:
            aliases = ", ".join(column.aliases)
            problems.append(problem("missing_column", table.name, 1, column.name, aliases=aliases))
    order = [c.name for c in table.columns if c.name in where]
    kept = frame.iloc[:, [where[name] for name in order]].copy(deep=False)
    kept.columns = pd.Index(order, dtype=object)
    return kept, problems
