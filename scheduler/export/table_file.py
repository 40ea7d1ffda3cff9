"""Reading of one CSV table: every fault becomes a placed problem, never an exception."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import islice
from pathlib import Path

from scheduler.errors import Problem, Severity

_CLOCK = re.compile(r"([0-9]{1,2}):([0-5][0-9])(?::00)?")
_DATE = re.compile(r"([0-9]{4})([-/.])([0-9]{1,2})\2([0-9]{1,2})(?:[ T]00:00(?::00)?)?")
_CENTURIES = ("19", "20", "21")  # Excel and calendar files hold no dates far outside
_MAX_SHOWN = 60
MAX_ROWS, MAX_TOLD = 1_000_000, 20_000
"""Rows of a table, and problems that are told."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TableRow:
    """A row as text cells by column; `number` is the row as a person counts it (the header is row 1)."""

    table: str
    number: int
    cells: dict[str, str]


@dataclass(slots=True)
class Findings:
    """Problems found so far; grows while tables are read."""

    problems: list[Problem] = field(default_factory=list)

    def add(
        self,
        code: str,
        table: str,
        expected: tuple[str, str],
        *,
        row: int | None = None,
        column: str | None = None,
        value: str | None = None,
        hint: tuple[str, str] = ("", ""),
    ) -> None:
        """Note an error at a place, one of the first :data:`MAX_TOLD`; the value is shortened."""
        if len(self.problems) >= MAX_TOLD:
            return
        if value is not None and len(value) > _MAX_SHOWN:
            value = value[: _MAX_SHOWN - 1] + "…"
        self.problems.append(
            Problem(
                severity=Severity.ERROR,
                code=code,
                table=table,
                row=row,
                column=column,
                value=value,
                expected=expected,
                hint=hint,
            )
        )


def read_text(path: Path, table: str, findings: Findings) -> str | None:
    """Return the text of a file in UTF-8 (with or without BOM) or GB18030; ``None`` with a problem noted."""
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        findings.add("missing_file", table, (f"文件 {path.name}", f"a file {path.name}"))
        return None
    except OSError as error:
        findings.add("unreadable_file", table, ("可读的文件", "a readable file"), value=error.strerror)
        return None
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\x00" not in text:
            return text
    hint = ("请另存为 UTF-8 编码的 CSV", "save it as CSV in UTF-8")
    findings.add("encoding", table, ("UTF-8 或 GB18030 文本", "text in UTF-8 or GB18030"), hint=hint)
    return None


def read_table(path: Path, required: Sequence[str], findings: Findings) -> list[TableRow]:
    """Return the rows of a CSV file that are whole; blank rows are passed over and columns may be more than required.

    Header names are trimmed and lower-cased.
    """
    table = path.stem
    text = read_text(path, table, findings)
    if text is None:
        return []
    records: list[list[str]] = []
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        records.extend(islice(reader, MAX_ROWS + 1))
    except csv.Error as error:
        expected = ("引号成对的 CSV（RFC 4180）", "CSV with paired quotes (RFC 4180)")
        hint = ("文件可能被截断", "the file may have been cut off")
        findings.add("malformed", table, expected, row=len(records) + 1, value=str(error), hint=hint)
    if len(records) > MAX_ROWS:
        findings.add("too_large", table, (f"不超过 {MAX_ROWS:,} 行", f"at most {MAX_ROWS:,} rows"), row=MAX_ROWS + 1)
        return []
    if not records or not any(cell.strip() for cell in records[0]):
        names = ", ".join(required)
        findings.add("missing_header", table, (f"表头：{names}", f"a header row: {names}"), row=1)
        return []
    header = [name.strip().lower() for name in records[0]]
    for name in required:
        if name not in header:
            findings.add("missing_column", table, (f"列 {name}", f"a column {name}"), row=1, column=name)
    for name in sorted({n for n in header if n and header.count(n) > 1}):
        findings.add("duplicate_column", table, ("列名只出现一次", "a column name once"), row=1, column=name)
    return [r for r in (_row(table, n, header, cells, findings) for n, cells in enumerate(records[1:], 2)) if r]


def _row(table: str, number: int, header: list[str], cells: list[str], findings: Findings) -> TableRow | None:
    if not any(cell.strip() for cell in cells):
        return None
    if any(cell.strip() for cell in cells[len(header) :]):
        expected = (f"{len(header)} 个单元格", f"{len(header)} cells")
        findings.add("row_length", table, expected, row=number, value=str(len(cells)))
        return None
    padded = cells + [""] * (len(header) - len(cells))
    return TableRow(table=table, number=number, cells={h: c.strip() for h, c in zip(header, padded, strict=False) if h})


def text_of(row: TableRow, column: str, findings: Findings) -> str:
    """Return the text of a required cell, or "" with a problem noted (none when the whole column is missing)."""
    value = row.cells.get(column)
    if value == "":
        findings.add("missing_value", row.table, ("非空", "a value"), row=row.number, column=column)
    return value or ""


def list_of(row: TableRow, column: str) -> tuple[str, ...]:
    """Return the parts of a cell separated by ``;`` without blanks."""
    return tuple(part.strip() for part in row.cells.get(column, "").split(";") if part.strip())


def day_of(row: TableRow, column: str, findings: Findings) -> int:
    """Return the day number of a cell with a date, or 0 with a problem noted; ``YYYY/M/D`` of Excel is accepted."""
    value = text_of(row, column, findings)
    if not value:
        return 0
    found = _DATE.fullmatch(value)
    if found and found[1][:2] in _CENTURIES:
        try:
            return date(int(found[1]), int(found[3]), int(found[4])).toordinal()
        except ValueError:
            pass
    expected = ("日期，如 2026-10-01", "a date such as 2026-10-01")
    findings.add("bad_date", row.table, expected, row=row.number, column=column, value=value)
    return 0


def minute_of(row: TableRow, column: str, findings: Findings) -> int:
    """Return the minutes after midnight of a clock time, or 0 with a problem noted."""
    value = text_of(row, column, findings)
    if not value:
        return 0
    found = _CLOCK.fullmatch(value)
    if found:
        return int(found[1]) * 60 + int(found[2])
    expected = ("时刻，如 09:30", "a clock time such as 09:30")
    findings.add("bad_time", row.table, expected, row=row.number, column=column, value=value)
    return 0


def int_of(row: TableRow, column: str, findings: Findings, *, least: int) -> int:
    """Return the whole number of a cell, or `least` with a problem noted."""
    value = text_of(row, column, findings)
    if not value:
        return least
    # ASCII digits only: int() would take "１２" and "1_0", and a very long number is no count.
    if re.fullmatch(r"[0-9]{1,9}(\.0+)?", value) and int(float(value)) >= least:
        return int(float(value))
    expected = (f"不小于 {least} 的整数", f"a whole number of at least {least}")
    findings.add("bad_number", row.table, expected, row=row.number, column=column, value=value)
    return least


def json_object(text: str, table: str, findings: Findings) -> dict[str, object] | None:
    """Return the JSON object of a text, or ``None`` with a problem noted."""
    try:
        value = json.loads(text)
    except (ValueError, RecursionError) as error:
        row = error.lineno if isinstance(error, json.JSONDecodeError) else None
        findings.add("malformed", table, ("JSON 对象", "a JSON object"), row=row, value=str(error))
        return None
    if not isinstance(value, dict):
        findings.add("malformed", table, ("JSON 对象", "a JSON object"), value=type(value).__name__)
        return None
    return value
