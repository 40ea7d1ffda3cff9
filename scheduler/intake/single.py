"""One table out of the bytes of a file, as a service gets them."""

from __future__ import annotations

import pandas as pd

from scheduler.errors import InvalidCase, Problem
from scheduler.intake.csv_tables import TableFault, read_csv
from scheduler.intake.headers import table_named
from scheduler.intake.workbook import Workbook


def table_of_csv(data: bytes, table: str) -> tuple[pd.DataFrame, list[Problem]]:
    """Return the text table of a CSV file, and the rows that could not be read.

    Raises
    ------
    InvalidCase : nothing can be read of it.
    """
    try:
        return read_csv(data, table)
    except TableFault as fault:
        raise InvalidCase((fault.found,)) from None


def table_of_workbook(data: bytes, table: str) -> tuple[pd.DataFrame, list[Problem]]:
    """Return the text table of a workbook: of the sheet called after the table, else of the first.

    Raises
    ------
    InvalidCase : it is no sound workbook, or the sheet is empty.
    """
    try:
        book = Workbook(data, table)
        named = [s for s in book.sheet_names if table_named(s) == table]
        return book.table((named or list(book.sheet_names))[0], table)
    except TableFault as fault:
        raise InvalidCase((fault.found,)) from None
