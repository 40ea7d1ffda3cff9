"""One table out of the bytes of a file, as a service gets them."""

from __future__ import annotations

import pandas as pd

from scheduler.errors import InvalidCase, Problem
from scheduler.intake.csv_tables import MAX_ROWS, TableFault, read_csv
from scheduler.intake.headers import table_named
from scheduler.intake.problems import problem
from scheduler.intake.workbook import Workbook


def table_of_csv(data: bytes, table: str, max_rows: int = MAX_ROWS) -> tuple[pd.DataFrame, list[Problem]]:
    """Return the text table of a CSV file, and the rows that could not be read.

    Raises
    ------
    InvalidCase : nothing can be read of it.
    """
    try:
        return read_csv(data, table, max_rows)
    except TableFault as fault:
        raise InvalidCase((fault.found,)) from None


def table_of_workbook(
    data: bytes, table: str, *, max_rows: int = MAX_ROWS, max_unpacked: int | None = None
) -> tuple[pd.DataFrame, list[Problem]]:
    """Return the text table of a workbook: of the sheet called after the table, else of the first.

    Parameters
    ----------
    max_unpacked : bytes of all parts of the workbook.

    Raises
    ------
    InvalidCase : it is no sound workbook, or the sheet is empty.
    """
    try:
        book = Workbook(data, table, max_unpacked=max_unpacked, max_rows=max_rows)
        if not book.sheet_names:
            raise TableFault(problem("bad_workbook", table, detail="没有工作表 / it has no sheet"))
        named = [s for s in book.sheet_names if table_named(s) == table]
        return book.table((named or list(book.sheet_names))[0], table)
    except TableFault as fault:
        raise InvalidCase((fault.found,)) from None
