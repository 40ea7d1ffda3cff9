"""Rows of one table by themselves, as a service gets them, from JSON or a file, checked against what is known."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from scheduler.domain.people import WHOLE_CITY
from scheduler.errors import Problem, Severity
from scheduler.intake.cells import (
    NUMERIC,
    QuietRule,
    parse_clock,
    parse_dates,
    parse_rule,
    parse_triggers,
    parse_weekdays,
)
from scheduler.intake.columns import ALL_TABLES, Column, Kind
from scheduler.intake.config import ConfigRead, clock_text
from scheduler.intake.problems import MAX_TOLD, problem
from scheduler.intake.references import check_references, isin
from scheduler.intake.tables import cell_text, text_table
from scheduler.intake.typed import TypedTable, positions, type_table
from scheduler.replan.events import ONE_SHIFT_OF_AN_AREA

Plain = str | int | float | bool | None
"""A stored value: dates as ISO text, clock times ``HH:MM``, lists joined by ``;``, nothing as ``None``."""

Known = Mapping[str, Mapping[str, Sequence[str]]]
"""Columns of the tables that rows may refer to, by table; a table that is absent is not checked against."""

LISTS = frozenset({Kind.DATES, Kind.WEEKDAYS, Kind.TRIGGERS})
_KINDS = {
    "text": ("文字", "text"),
    "number": ("数字", "a number"),
    "whole": ("整数", "a whole number"),
    "flag": ("true 或 false", "true or false"),
    "list": ("列表", "a list"),
    "object": ("对象", "an object"),
}
_FIELD = 100
_TEXTS = frozenset({Kind.IDENT, Kind.AREA, Kind.TEXT})
_FORMULA = re.compile(r"\s*[=@\t\r]|\s*[+-](?!$)")
_JSON: Mapping[Kind, str] = {
    Kind.NUMBER: "number",
    Kind.WHOLE: "whole",
    Kind.FLAG: "flag",
    Kind.DATES: "list",
    Kind.WEEKDAYS: "list",
    Kind.TRIGGERS: "list",
}
_NOTHING: Mapping[Kind, Any] = {Kind.DATES: (), Kind.WEEKDAYS: (), Kind.TRIGGERS: (), Kind.FLAG: False, Kind.RULE: None}
_REFERENCES = (
    ("streets", "district_id", "districts", "district_id"),
    ("officers", "authority_id", "authorities", "authority_id"),
    ("shifts", "horizon_id", "horizons", "horizon_id"),
    ("caps", "horizon_id", "horizons", "horizon_id"),
    ("caps", "authority", "authorities", "authority_id"),
    ("absences", "officer_id", "officers", "officer_id"),
    ("recusals", "officer_id", "officers", "officer_id"),
    ("recusals", "enterprise_id", "enterprises", "enterprise_id"),
    *((table, "law_id", "laws", "law_id") for table in ("powers", "inspection_items", "leniency_items")),
    *(
        (t, "authority_id", "authorities", "authority_id")
        for t in ("powers", "bodies", "authority_items", "delegations")
    ),
    ("bodies", "acts_for", "authorities", "authority_id"),
    ("delegations", "to_authority", "authorities", "authority_id"),
    ("delegations", "street_id", "streets", "street_id"),
    *((table, "item_code", "inspection_items", "item_code") for table in ("authority_items", "delegations")),
)
"""References beyond those of a case: (table, column, table referred to, its column)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedRows:
    """Rows of one table, and everything wrong with them.

    Parameters
    ----------
    columns : stored values by column, every column of the table, in its order.
    rows : the row of each as a person counts it.
    problems : errors and warnings in the order of the rows.
    """

    table: str
    columns: Mapping[str, list[Plain]]
    rows: tuple[int, ...]
    problems: tuple[Problem, ...]

    @property
    def errors(self) -> tuple[Problem, ...]:
        """Return the problems that stop the rows."""
        return tuple(p for p in self.problems if p.severity is Severity.ERROR)

    def records(self) -> list[dict[str, Plain]]:
        """Return the rows as mappings by column."""
        return records_of(self.columns)


def records_of(columns: Mapping[str, Sequence[Plain]]) -> list[dict[str, Plain]]:
    """Return columns of stored values as rows by column."""
    names = list(columns)
    return [dict(zip(names, row, strict=True)) for row in zip(*columns.values(), strict=True)]


def frame_of_records(table: str, records: Iterable[Any], first_row: int = 1) -> tuple[pd.DataFrame, list[Problem]]:
    """Return JSON objects as a text table, and the fields that are unknown or not of their JSON type.

    A field that is ``null`` is absent. Rows count from `first_row`.
    """
    columns = {c.name: c for c in ALL_TABLES[table].columns}
    problems: list[Problem] = []
    cells: dict[str, list[str]] = {name: [] for name in columns}
    for row, record in enumerate(records, first_row):
        if not isinstance(record, Mapping):
            problems.append(_wrong_type(table, row, None, record, "object"))
            record = {}
        for field in record:
            if field not in columns and len(problems) < MAX_TOLD * len(columns):
                known = ", ".join(columns)
                problems.append(problem("unknown_field", table, row, str(field)[:_FIELD], record[field], known=known))
        for name, column in columns.items():
            value = record.get(name)
            kind = _JSON.get(column.kind, "text")
            if value is None or _is_kind(value, kind, column):
                cells[name].append(_cell(value))
            else:
                problems.append(_wrong_type(table, row, name, value, kind))
                cells[name].append("")
    used = {n: v for n, v in cells.items() if columns[n].required or any(v)}
    return text_table(used, first_row), problems


def _cell(value: Any) -> str:
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        value = int(value)
    return cell_text(value)


def _is_kind(value: Any, kind: str, column: Column) -> bool:
    number = isinstance(value, int | float) and not isinstance(value, bool)
    match kind:
        case "flag":
            return isinstance(value, bool)
        case "number":
            return number and abs(value) < 1e300
        case "whole":
            return number and abs(value) < 1e15 and value == int(value)
        case "list":
            member = int if column.kind is Kind.WEEKDAYS else str
            return isinstance(value, list) and all(type(v) is member and ";" not in str(v) for v in value)
        case _:
            return isinstance(value, str)


def _wrong_type(table: str, row: int, column: str | None, value: Any, kind: str) -> Problem:
    zh, en = _KINDS[kind]
    return problem("wrong_json_type", table, row, column, repr(value)[:200], kind=zh, kind_en=en)


def check_rows(
    table: str, frame: pd.DataFrame, known: Known, config: ConfigRead | None = None, found: Sequence[Problem] = ()
) -> CheckedRows:
    """Return the rows of a text table as stored values, with everything wrong with each by itself and its references.

    Parameters
    ----------
    frame : text cells; the index counts rows as a person does.
    known : ids that the rows may refer to.
    config : the horizon's configuration, for shifts, priorities and dates; not checked against when ``None``.
    found : problems found before, in reading `frame`; a cell has one fault only.
    """
    typed, problems = type_table(table, frame)
    stubs = {name: _stub(name, columns) for name, columns in known.items() if name in ALL_TABLES and name != table}
    problems += [p for p in check_references({**stubs, table: typed}, config) if p.table == table]
    problems += _own_references(typed, known)
    problems += _own_rules(typed)
    problems += formulas(typed)
    faulty = {(p.row, p.column) for p in found}
    problems = [*found, *(p for p in problems if (p.row, p.column) not in faulty)]
    return CheckedRows(
        table=table,
        columns={c.name: plain_column(typed, c) for c in ALL_TABLES[table].columns},
        rows=tuple(int(r) for r in typed.rows),
        problems=tuple(sorted(problems, key=lambda p: p.row or 0)),
    )


def formulas(typed: TypedTable) -> list[Problem]:
    """Return the texts that a spreadsheet would take for a formula: what is exported later must be safe to open."""
    found = []
    for column in ALL_TABLES[typed.name].columns:
        if column.kind not in _TEXTS or not typed.has(column.name):
            continue
        suspect = _formulas_among(typed.texts[column.name])
        found += [typed.problem("formula_text", i, column.name) for i in suspect]
    return found


def _formulas_among(texts: Iterable[str]) -> list[int]:
    return [i for i, text in enumerate(texts) if is_formula(text)]


def is_formula(text: str) -> bool:
    """Say whether a spreadsheet would take a text for a formula."""
    return _FORMULA.match(text) is not None


def formula_problems(table: str, columns: Mapping[str, Sequence[Plain]], first_row: int = 2) -> list[Problem]:
    """Return the same of stored values; rows count from `first_row`."""
    texts = {c.name for c in ALL_TABLES[table].columns if c.kind in _TEXTS}
    found = []
    for name in columns:
        if name in texts:
            cells = [str(v or "") for v in columns[name]]
            suspect = _formulas_among(cells)
            found += [problem("formula_text", table, first_row + i, name, cells[i]) for i in suspect]
    return found


def _stub(name: str, columns: Mapping[str, Sequence[str]]) -> TypedTable:
    arrays: dict[str, npt.NDArray[Any]] = {c: np.array(list(v), dtype=object) for c, v in columns.items()}
    length = len(next(iter(arrays.values()))) if arrays else 0
    return TypedTable(name=name, columns=arrays, texts=arrays, rows=np.arange(length, dtype=np.int64))


def _own_references(typed: TypedTable, known: Known) -> list[Problem]:
    found = []
    for table, column, where, key in _REFERENCES:
        if table != typed.name or where not in known or not typed.has(column):
            continue
        allowed = {*known[where][key], WHOLE_CITY} if column == "authority" else set(known[where][key])
        values = typed[column]
        for i in positions(~isin(values, allowed) & (values != "")):
            found.append(typed.problem("unknown_reference", i, column, where=where))
    return found


def _own_rules(typed: TypedTable) -> list[Problem]:
    found = []
    if typed.name == "officers" and typed.has("valid_from", "valid_to"):
        with np.errstate(invalid="ignore"):
            for i in positions(typed["valid_to"] < typed["valid_from"]):
                first = date.fromordinal(int(typed["valid_from"][i]))
                found.append(typed.problem("certificate_reversed", i, "valid_to", first=first))
    if typed.name == "shifts" and typed.has("start", "end"):
        with np.errstate(invalid="ignore"):
            for i in positions(typed["end"] <= typed["start"]):
                found.append(typed.problem("shift_reversed", i, "end", start=clock_text(int(typed["start"][i]))))
    if typed.name in ("absences", "authority_items", "delegations") and typed.has("from", "to"):
        with np.errstate(invalid="ignore"):
            for i in positions(typed["to"] < typed["from"]):
                found.append(typed.problem("dates_reversed", i, "to", first=date.fromordinal(int(typed["from"][i]))))
    if typed.name == "cancelled_shifts" and typed.has("shift_id", "area_id"):
        for i in positions((typed["shift_id"] != "") & (typed["area_id"] != "") & (typed["area_id"] != WHOLE_CITY)):
            said = {"detail": ONE_SHIFT_OF_AN_AREA.say("zh"), "detail_en": ONE_SHIFT_OF_AN_AREA.say("en")}
            found.append(typed.problem("bad_event", i, "shift_id", **said))
    return found


def typed_of_plain(table: str, columns: Mapping[str, Sequence[Plain]]) -> TypedTable:
    """Return stored values as a typed table, as the intake typed them when they came; nothing is checked again."""
    length = len(next(iter(columns.values()), ()))
    typed = {c.name: _typed_column(columns[c.name], c.kind) for c in ALL_TABLES[table].columns if c.name in columns}
    return TypedTable(name=table, columns=typed, texts={}, rows=np.arange(length, dtype=np.int64))


def _typed_column(values: Sequence[Plain], kind: Kind) -> npt.NDArray[Any]:
    made: dict[Plain, Any] = {None: np.nan if kind in NUMERIC else _NOTHING.get(kind, "")}
    cells = [made[v] if v in made else made.setdefault(v, _typed(v, kind)) for v in values]
    if kind in NUMERIC:
        return np.array(cells, dtype=np.float64)
    return np.fromiter(cells, dtype=object, count=len(cells))


def _typed(value: Plain, kind: Kind) -> Any:
    match kind:
        case Kind.NUMBER | Kind.WHOLE | Kind.FLAG:
            return value
        case Kind.DATE:
            return date.fromisoformat(str(value)).toordinal()
        case Kind.CLOCK:
            return parse_clock(str(value))
        case Kind.DATES:
            return parse_dates(str(value))
        case Kind.WEEKDAYS:
            return parse_weekdays(str(value))
        case Kind.TRIGGERS:
            return parse_triggers(str(value))
        case Kind.RULE:
            return parse_rule(str(value))
        case _:
            return str(value)


def plain_column(typed: TypedTable, column: Column) -> list[Plain]:
    """Return a column as stored values, ``None`` where a cell is empty or the column is absent."""
    if not typed.has(column.name):
        return [None] * len(typed)
    values = typed[column.name].tolist()
    made: dict[Any, Plain] = {}
    kind = column.kind
    out: list[Plain] = []
    for value in values:
        if value not in made:
            made[value] = _plain(value, kind)
        out.append(made[value])
    return out


def _plain(value: Any, kind: Kind) -> Plain:
    if value is None or value == "" or value == () or value != value:
        return None
    match kind:
        case Kind.NUMBER:
            return float(value)
        case Kind.WHOLE:
            return int(value)
        case Kind.FLAG:
            return bool(value)
        case Kind.DATE:
            return _iso(value)
        case Kind.CLOCK:
            return clock_text(int(value))
        case Kind.DATES:
            return ";".join(_iso(v) for v in value)
        case Kind.WEEKDAYS | Kind.TRIGGERS:
            return ";".join(str(v) for v in value)
        case Kind.RULE:
            return _rule(value)
        case _:
            return str(value)


def _iso(day: float) -> str:
    try:
        return date.fromordinal(int(day)).isoformat()
    except (ValueError, OverflowError):
        return ""


def _rule(rule: QuietRule) -> str:
    if rule.monthly:
        return f"monthly:{rule.first}-{rule.last}"
    return f"{_iso(rule.first)}..{_iso(rule.last)}"
