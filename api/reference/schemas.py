"""Wire schemas of registers, made from the columns of their intake: one definition of a field for files and JSON."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from scheduler.intake.columns import ALL_TABLES, Column, Kind
from scheduler.intake.rows import LISTS, Plain

_PATTERNS = {
    Kind.DATE: r"^\d{4}-\d{2}-\d{2}$",
    Kind.CLOCK: r"^\d{2}:\d{2}$",
}
_BLANK = {"type": "string", "pattern": r"^\s*$", "description": "as null"}
_EXAMPLES: Mapping[str, Any] = {
    "district_id": "440311",
    "street_id": "440311001",
    "authority_id": "GM-SJ",
    "enterprise_id": "E000001",
    "horizon_id": "2026Q4",
    "name": "马田街道",
    "lon": 113.9,
    "lat": 22.75,
    "crews": 2,
    "area_id": "440311001",
    "item_id": "GM-SJ-0001",
    "duration_min": 40,
    "earliest": "2026-10-08",
    "latest": "2026-12-31",
    "priority": "normal",
    "date": "2026-10-20",
    "from": "2026-10-20",
    "to": "2026-10-23",
    "officer_id": "P0001",
    "scope": "all",
    "rule": "monthly:1-5",
    "shift_id": "AM",
    "start": "09:00",
    "end": "12:00",
    "period": "year",
    "max_visits": 2,
    "certificate_no": "粤B00001",
    "valid_from": "2024-01-01",
    "valid_to": "2028-12-31",
}


def field_schema(column: Column) -> dict[str, Any]:
    """Return the JSON schema of a column's value."""
    out: dict[str, Any]
    match column.kind:
        case Kind.NUMBER:
            out = {"type": "number"}
        case Kind.WHOLE:
            out = {"type": "integer"}
        case Kind.FLAG:
            out = {"type": "boolean"}
        case Kind.DATES:
            out = {"type": "array", "items": {"type": "string", "pattern": _PATTERNS[Kind.DATE]}}
        case Kind.WEEKDAYS:
            out = {"type": "array", "items": {"type": "integer", "minimum": 1, "maximum": 7}}
        case Kind.TRIGGERS:
            out = {"type": "array", "items": {"type": "string", "enum": ["routine", "campaign", "case", "follow_up"]}}
        case _:
            out = {"type": "string", "minLength": 1}
            if column.kind in _PATTERNS:
                out["pattern"] = _PATTERNS[column.kind]
            if column.choices:
                out["enum"] = [str(c) for c in column.choices]
    if column.low is not None:
        out["minimum"] = column.low
    if column.high is not None:
        out["maximum"] = column.high
    if column.aliases:
        out["description"] = column.aliases[0]
    return out


def row_schema(table: str, *, out: bool = False, put: bool = False, surrogate: bool = False) -> dict[str, Any]:
    """Return the JSON schema of a row as it is sent, or (`out`) as it is returned, with its id and version.

    A row to replace another (`put`) may hold these too, as they were read.
    """
    columns = ALL_TABLES[table].columns
    properties: dict[str, Any] = {"row_id": {"type": "integer"}} if out and surrogate else {}
    for column in columns:
        schema = field_schema(column)
        if not column.required:
            absent = [{"type": "null"}] if out or schema["type"] != "string" else [{"type": "null"}, _BLANK]
            schema = {"anyOf": [schema, *absent]}
        properties[column.name] = schema
    required = list(properties) if out else [c.name for c in columns if c.required]
    if out:
        properties["version"] = {"type": "integer", "minimum": 1}
        required = list(properties)
    schema = {"type": "object", "properties": properties, "required": required, "additionalProperties": False}
    if put:
        properties |= {"row_id": {"anyOf": [{"type": "integer"}, {"type": "null"}]}} if surrogate else {}
        properties["version"] = {"type": "integer", "minimum": 1, "maximum": 999_999_999}
    if not out:
        schema["example"] = example_of(table)
    return schema


def example_of(table: str) -> dict[str, Any]:
    """Return a row as an example: its required fields."""
    return {c.name: _example(c) for c in ALL_TABLES[table].columns if c.required}


def _example(column: Column) -> Any:
    found = _EXAMPLES.get(column.name, "示例")
    choices = [str(c) for c in column.choices]
    return choices[0] if choices and found not in choices else found


def page_schema(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return the JSON schema of a page of rows."""
    return {
        "type": "object",
        "properties": {
            "items": {"type": "array", "items": dict(row)},
            "next_cursor": {"anyOf": [{"type": "string"}, {"type": "null"}]},
        },
        "required": ["items", "next_cursor"],
        "additionalProperties": False,
    }


def to_wire(table: str, row: Mapping[str, Any]) -> dict[str, Any]:
    """Return a stored row as it is sent: lists as lists."""
    out = {k: row[k] for k in row if k in ("row_id", "version")}
    for column in ALL_TABLES[table].columns:
        out[column.name] = value_to_wire(column, row[column.name])
    return out


def value_to_wire(column: Column, value: Plain) -> Any:
    """Return a stored value as it is sent."""
    if value is None:
        return [] if column.kind in LISTS else False if column.kind is Kind.FLAG else None
    if column.kind in LISTS:
        parts = str(value).split(";")
        return [int(v) for v in parts] if column.kind is Kind.WEEKDAYS else parts
    return value
