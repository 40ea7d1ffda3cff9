"""Tables of typed columns: text converted cell by cell, then ranges, choices and uniqueness checked by pandera."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from itertools import islice
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pandera.pandas as pa
from pandera.errors import SchemaErrors

from scheduler.errors import Problem
from scheduler.intake.cells import NUMERIC, parse_column
from scheduler.intake.columns import ALL_TABLES, Column, Table
from scheduler.intake.headers import rename_columns
from scheduler.intake.problems import MAX_TOLD, problem

_SWAPPED = ("经纬度可能填反", "longitude and latitude may be swapped")


@dataclass(frozen=True, slots=True, kw_only=True)
class TypedTable:
    """A table whose columns are typed as :func:`scheduler.intake.cells.parse_column` does.

    Parameters
    ----------
    columns : by name, shape (rows,); a column of the input that is absent is absent here.
    texts : the same cells as text, for reports.
    rows : shape (rows,), the row in the file as a person counts it.
    """

    name: str
    columns: Mapping[str, npt.NDArray[Any]]
    texts: Mapping[str, npt.NDArray[np.object_]]
    rows: npt.NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.rows)

    def has(self, *names: str) -> bool:
        """Say whether all these columns are there."""
        return all(n in self.columns for n in names)

    def __getitem__(self, name: str) -> npt.NDArray[Any]:
        return self.columns[name]

    def text(self, position: int, column: str) -> str:
        """Return the text of a cell by position of the row."""
        return str(self.texts[column][position])

    def problem(self, code: str, position: int, column: str, **facts: object) -> Problem:
        """Return a problem placed at a cell by position of the row."""
        return problem(code, self.name, int(self.rows[position]), column, self.text(position, column), **facts)


def type_table(name: str, frame: pd.DataFrame) -> tuple[TypedTable, list[Problem]]:
    """Return the typed table and everything wrong with its header and its cells, each by itself."""
    table = ALL_TABLES[name]
    named, problems = rename_columns(table, frame)
    texts = {str(c): named[c].to_numpy(dtype=object) for c in named.columns}
    rows = frame.index.to_numpy(dtype=np.int64)
    if table.required and not len(frame):
        problems.append(problem("empty_table", name))
    columns: dict[str, npt.NDArray[Any]] = {}
    for column in table.columns:
        if column.name not in texts:
            continue
        cells = texts[column.name]
        parsed = parse_column(cells, column.kind, column.name)
        columns[column.name] = parsed.values
        if column.required:
            for i in positions(parsed.empty):
                problems.append(problem("missing_value", name, int(rows[i]), column.name))
        for position, code in parsed.faults[:MAX_TOLD]:
            values = ", ".join(column.choices) or "routine, campaign, case, follow_up"
            problems.append(problem(code, name, int(rows[position]), column.name, cells[position], values=values))
    typed = TypedTable(name=name, columns=columns, texts=texts, rows=rows)
    return typed, problems + _column_problems(table, typed)


def _column_problems(table: Table, typed: TypedTable) -> list[Problem]:
    schema = _schema(table.name)
    # pandas would guess text columns to be of its own string type
    frame = pd.DataFrame({n: pd.Series(v, dtype=v.dtype) for n, v in typed.columns.items() if n in schema.columns})
    if frame.empty:
        return []
    try:
        schema.validate(frame, lazy=True)
    except SchemaErrors as errors:
        cases = errors.failure_cases
        by_name = {c.name: c for c in table.columns}
        every = zip(cases["column"], cases["check"], cases["index"], strict=True)
        found = list(islice(every, MAX_TOLD * len(schema.columns)))
        firsts = {c: first_rows(typed, c) for c, code, _ in found if code == "duplicate_id"}
        return [_cell_problem(typed, by_name[c], str(code), int(i), firsts.get(c, {})) for c, code, i in found]
    return []


def positions(mask: npt.NDArray[np.bool_]) -> list[int]:
    """Return the positions at which a mask holds, at most :data:`MAX_TOLD`."""
    return [int(i) for i in np.flatnonzero(mask)[:MAX_TOLD]]


def first_rows(typed: TypedTable, column: str) -> dict[Any, int]:
    """Return the first row, as a person counts it, of every value of a column."""
    return dict(zip(typed[column][::-1], typed.rows[::-1].tolist(), strict=True))


def _cell_problem(typed: TypedTable, column: Column, code: str, position: int, first: Mapping[Any, int]) -> Problem:
    facts: dict[str, object] = {}
    if code == "unknown_value":
        facts["values"] = ", ".join(column.choices)
    elif code == "out_of_range":
        detail, detail_en = _SWAPPED if column.name in ("lon", "lat") else ("", "")
        facts = {"low": column.low, "high": column.high, "detail": detail, "detail_en": detail_en}
    elif code == "duplicate_id":
        facts["first"] = first[typed[column.name][position]]
    return typed.problem(code, position, column.name, **facts)


@cache
def _schema(name: str) -> pa.DataFrameSchema:
    columns = {}
    for column in ALL_TABLES[name].columns:
        checks = []
        if column.low is not None and column.high is not None:
            checks.append(pa.Check.in_range(column.low, column.high, error="out_of_range"))
        if column.choices:
            checks.append(pa.Check.isin(("", *column.choices), error="unknown_value"))
        if column.unique:
            checks.append(pa.Check(_first_of_its_kind, error="duplicate_id"))
        if checks:
            dtype = float if column.kind in NUMERIC else object
            columns[column.name] = pa.Column(dtype, checks, nullable=True, required=False)
    return pa.DataFrameSchema(columns)


def _first_of_its_kind(values: pd.Series[Any]) -> pd.Series[bool]:
    return ~values.duplicated() | values.eq("")
