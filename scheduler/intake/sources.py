"""Files into a raw case: a folder, a workbook, or single files, with everything that could not be read."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from scheduler.errors import Problem
from scheduler.intake.columns import TABLES
from scheduler.intake.config_sheets import config_of_keys, config_sheet_named, rows_of_sheet
from scheduler.intake.csv_tables import TableFault, decode, read_csv
from scheduler.intake.headers import table_named
from scheduler.intake.problems import CASE, problem
from scheduler.intake.workbook import Workbook

_WORKBOOKS = (".xlsx", ".xlsm")
_OTHER_SHEETS = (".xls", ".xlsb", ".ods", ".et", ".numbers")
_READ = (".toml", ".csv", *_WORKBOOKS, *_OTHER_SHEETS)
_SECTION = {"shifts": "shift", "caps": "cap"}
_LINE = re.compile(r"at line (\d+)")


@dataclass(slots=True, kw_only=True)
class Collected:
    """What was found in the files so far.

    Parameters
    ----------
    config : content of case.toml, ``None`` when it is absent or cannot be read.
    seen : file in which each table (and ``case``) was found, readable or not.
    blind : a workbook could not be read, so that nobody knows which tables it holds.
    """

    config: dict[str, Any] | None = None
    tables: dict[str, pd.DataFrame] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    seen: dict[str, str] = field(default_factory=dict)
    blind: bool = False

    def claim(self, table: str, place: str) -> bool:
        """Note where a table is; report it and say false when it was already somewhere else."""
        if table in self.seen:
            self.problems.append(problem("duplicate_table", table, value=place, other=self.seen[table]))
            return False
        self.seen[table] = place
        return True


def collect(source: Path | Sequence[Path]) -> Collected:
    """Return everything that can be read of a case, and every problem of its files; raises nothing of its own.

    Parameters
    ----------
    source : a case folder, a workbook, or files (tables, workbooks, case.toml) of one case.
    """
    found = Collected()
    for path in _files(source, found):
        _add(path, found)
    report_absent(found)
    return found


def report_absent(found: Collected) -> None:
    """Report case.toml and the required tables that were nowhere; not when a workbook could not be opened."""
    if found.blind:
        return
    if "case" not in found.seen:
        found.problems.append(problem("missing_file", CASE, value="case.toml"))
    for table in TABLES.values():
        if table.required and table.name not in found.seen:
            found.problems.append(problem("missing_file", table.name, value=f"{table.name}.csv"))


def _files(source: Path | Sequence[Path], found: Collected) -> list[Path]:
    paths = [source] if isinstance(source, Path) else list(source)
    files: list[Path] = []
    for path in paths:
        try:
            inside = sorted(path.iterdir()) if path.is_dir() else None
        except OSError as fault:
            found.problems.append(problem("unreadable_file", path.name, detail=fault.strerror or str(fault)))
            continue
        if inside is None:
            files.append(path)
            continue
        # other files of a folder (a read-me, a schedule, an editor's lock) are none of our business
        files += [p for p in inside if p.suffix.lower() in _READ and not p.name.startswith((".", "~$"))]
    return files


def _add(path: Path, found: Collected) -> None:
    suffix = path.suffix.lower()
    table = table_named(path.stem)
    name = "case" if suffix == ".toml" else table or path.name
    try:
        data = path.read_bytes()
    except OSError as fault:
        found.seen.setdefault(name, path.name)
        found.problems.append(problem("unreadable_file", name, value=path.name, detail=fault.strerror or str(fault)))
        return
    try:
        if suffix == ".toml":
            if found.claim("case", path.name):
                found.config = _read_toml(data) | (found.config or {})
        elif suffix in _WORKBOOKS:
            _add_workbook(Workbook(data, name), path, found)
        elif suffix in _OTHER_SHEETS:
            found.seen.setdefault(name, path.name)
            found.blind |= table is None
            detail = "请另存为 .xlsx 或 CSV / save it as .xlsx or CSV"
            found.problems.append(problem("bad_workbook", name, value=path.name, detail=detail))
        elif table is None:
            found.problems.append(problem("unknown_file", path.name, value=path.name))
        elif found.claim(table, path.name):
            found.tables[table], problems = read_csv(data, table)
            found.problems += problems
    except TableFault as fault:
        found.seen.setdefault(name, path.name)
        found.problems.append(fault.found)
        found.blind |= suffix in _WORKBOOKS and table is None


def _read_toml(data: bytes) -> dict[str, Any]:
    try:
        return tomllib.loads(decode(data, CASE).replace("\r\n", "\n"))
    except RecursionError:
        raise TableFault(problem("bad_toml", CASE, detail="nested too deeply")) from None
    except ValueError as fault:
        line = _LINE.search(str(fault))
        raise TableFault(problem("bad_toml", CASE, int(line[1]) if line else None, detail=str(fault))) from None


def _add_workbook(book: Workbook, path: Path, found: Collected) -> None:
    known = [s for s in book.sheet_names if table_named(s) or config_sheet_named(s)]
    own = table_named(path.stem)
    if not known and own and book.sheet_names:
        if found.claim(own, path.name):
            _add_sheet(book, book.sheet_names[0], own, found)
        return
    for sheet in book.sheet_names:
        table, section = table_named(sheet), config_sheet_named(sheet)
        place = f"{path.name} [{sheet}]"
        if table:
            if found.claim(table, place):
                _add_sheet(book, sheet, table, found)
        elif section:
            if found.claim(section, place):
                _add_config_sheet(book, sheet, section, found)
        else:
            found.problems.append(problem("unknown_file", sheet, value=place))


def _add_sheet(book: Workbook, sheet: str, table: str, found: Collected) -> None:
    try:
        found.tables[table], problems = book.table(sheet, table)
        found.problems += problems
    except TableFault as fault:
        found.problems.append(fault.found)


def _add_config_sheet(book: Workbook, sheet: str, section: str, found: Collected) -> None:
    try:
        records, problems = book.records(sheet, section)
    except TableFault as fault:
        found.problems.append(fault.found)
        return
    found.problems += problems
    config = found.config if found.config is not None else {}
    if section == "case":
        keys, more = config_of_keys(records)
        found.problems += more
        found.config = config | keys
    else:
        found.config = config | {_SECTION[section]: rows_of_sheet(records, section)}
