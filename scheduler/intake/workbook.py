"""An .xlsx workbook into text tables: a sheet per table, and the sheets of the case's configuration."""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

import pandas as pd
from python_calamine import CalamineWorkbook

from scheduler.errors import Problem
from scheduler.intake.config_sheets import CONFIG_SHEETS
from scheduler.intake.csv_tables import TableFault, table_of_records
from scheduler.intake.excel_safety import (
    column_letters,
    hidden_faults,
    open_parts,
    refuse_far_cells,
    refuse_far_cells_elsewhere,
    sheet_parts,
)
from scheduler.intake.headers import column_named
from scheduler.intake.problems import problem

_EXACT_DIGITS = 10**15
"""Whole numbers from here on have lost digits in a spreadsheet."""


class Workbook:
    """An opened workbook; sheets are read when asked for."""

    def __init__(self, data: bytes, name: str, *, max_unpacked: int | None = None, max_rows: int | None = None) -> None:
        """Open it.

        Raises
        ------
        TableFault : it is no sound workbook.
        """
        self._parts = open_parts(data, name, max_unpacked)
        self._paths = sheet_parts(self._parts, name)
        self._max_rows = max_rows
        refuse_far_cells_elsewhere(self._parts, set(self._paths.values()), name)
        self._data = data
        self.sheet_names: tuple[str, ...] = tuple(self._paths)

    def records(self, sheet: str, table: str) -> tuple[list[list[str]], list[Problem]]:
        """Return the cells of a sheet as text from A1 on, and the cells that a reader would miss.

        Raises
        ------
        TableFault : the sheet is empty or cannot be read.
        """
        xml = self._parts.read(self._paths[sheet])
        refuse_far_cells(xml, table, self._max_rows)
        values, merged = self._values(sheet, table)
        problems: list[Problem] = []
        records = [[_text(v) for v in row] for row in values]
        header = next((r for r in records if any(c.strip() for c in r)), [])
        for i, row in enumerate(values):
            for j, value in enumerate(row):
                if isinstance(value, float) and abs(value) >= _EXACT_DIGITS:
                    column = _column(table, header, j)
                    problems.append(problem("digits_lost", table, i + 1, column, records[i][j]))
                if isinstance(value, str) and "\0" in value:  # written as _x0000_
                    problems.append(problem("nul_byte", table, i + 1, _column(table, header, j), value))
        for first, last in merged:
            place = f"{column_letters(first[1])}{first[0] + 1}:{column_letters(last[1])}{last[0] + 1}"
            problems.append(problem("merged_cells", table, first[0] + 1, _column(table, header, first[1]), place))
        for fault in hidden_faults(xml):
            place_column = None if fault.column is None else _column(table, header, fault.column)
            place_row = None if fault.row is None else fault.row + 1
            problems.append(problem(fault.code, table, place_row, place_column, fault.value))
        if not header:
            raise TableFault(problems[0] if problems else problem("empty_file", table))
        return records, problems

    def table(self, sheet: str, table: str) -> tuple[pd.DataFrame, list[Problem]]:
        """Return a sheet as a text table whose index is the row as the spreadsheet shows it.

        Raises
        ------
        TableFault : the sheet is empty or cannot be read.
        """
        records, problems = self.records(sheet, table)
        frame, ragged = table_of_records(records, table)
        # sheets are padded to one width: what the CSV reader calls ragged cannot be told from empty cells
        return frame, problems + ragged

    def _values(self, sheet: str, table: str) -> tuple[list[list[Any]], Sequence[Any]]:
        try:
            with CalamineWorkbook.from_filelike(io.BytesIO(self._data)) as book:
                found = book.get_sheet_by_name(sheet)
                return found.to_python(skip_empty_area=False), found.merged_cell_ranges or ()
        except BaseException as fault:
            # calamine's panics are no Exception; anything but a person's interrupt is a damaged file
            if isinstance(fault, KeyboardInterrupt | SystemExit | GeneratorExit | MemoryError):
                raise
            detail = f"{type(fault).__name__}: {fault}"
            raise TableFault(problem("bad_workbook", table, value=sheet, detail=detail)) from None


def _column(table: str, header: Sequence[str], position: int) -> str:
    text = header[position].strip() if position < len(header) else ""
    if table in CONFIG_SHEETS:
        return text or column_letters(position)
    return column_named(table, text) or text or column_letters(position)


def _text(value: Any) -> str:
    """Return the text that a CSV cell would hold for a spreadsheet's value; whole numbers without ``.0``."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else repr(value)
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat(sep=" ")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, time):
        return value.strftime("%H:%M" if not value.second else "%H:%M:%S")
    if isinstance(value, timedelta):
        minutes, seconds = divmod(round(value.total_seconds()), 60)
        return f"{minutes // 60:02d}:{minutes % 60:02d}" + (f":{seconds:02d}" if seconds else "")
    return "" if value is None else str(value)
