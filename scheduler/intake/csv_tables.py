"""CSV files into text tables: encodings, quoting and row lengths, every fault placed at its row."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence

import numpy as np
import pandas as pd

from scheduler.errors import Problem
from scheduler.intake.problems import MAX_TOLD, problem

_BOM = b"\xef\xbb\xbf"
_UTF16 = (b"\xff\xfe", b"\xfe\xff")
MAX_ROWS, MAX_CELLS = 2_000_000, 30_000_000
"""Rows and cells of a table; blank rows are not counted."""
_MAX_LINE = 4_000_000
_UTF8_SURE = 2
"""Chinese characters that are valid UTF-8 before the first fault and so show that the file is not GB18030."""


class TableFault(Exception):
    """A whole file or sheet cannot be read; carries the problem."""

    def __init__(self, found: Problem) -> None:
        self.found = found
        super().__init__(found.code)


def decode(data: bytes, name: str) -> str:
    """Return the text of a file; see :func:`encoding_of`.

    Raises
    ------
    TableFault : neither encoding, cut within a character, or NUL bytes.
    """
    return data.decode(encoding_of(data, name))


def encoding_of(data: bytes, name: str) -> str:
    """Return the encoding of a file: UTF-8 (a BOM is dropped) or else GB18030.

    A file that begins as UTF-8 and then breaks is damaged, not GB18030: read so it would give wrong characters.

    Raises
    ------
    TableFault : neither encoding, cut within a character, or NUL bytes.
    """
    if data[:2] in _UTF16:
        raise TableFault(problem("wrong_encoding", name, value="UTF-16"))
    nul = data.find(b"\0")
    if nul >= 0:
        raise TableFault(problem("nul_byte", name, _row_of(data, nul)))
    body = data.removeprefix(_BOM)
    try:
        body.decode("utf-8")
        return "utf-8-sig"
    except UnicodeDecodeError as fault:
        before = body[: fault.start].decode("utf-8")
        chinese = sum("\u4e00" <= c <= "\u9fff" for c in before)
        cut_short = fault.reason == "unexpected end of data"
        if chinese < _UTF8_SURE and not cut_short and len(body) == len(data):
            try:
                body.decode("gb18030")
                return "gb18030"
            except UnicodeDecodeError as other:
                fault = other
        found = body[fault.start : fault.start + 4].hex(" ")
        raise TableFault(problem("wrong_encoding", name, _row_of(body, fault.start), value=found)) from None


def _row_of(data: bytes, position: int) -> int:
    return data.count(b"\n", 0, position) + 1


def read_csv(data: bytes, name: str, max_rows: int = MAX_ROWS) -> tuple[pd.DataFrame, list[Problem]]:
    """Return a text table whose index is the row as a person counts it, and the rows that could not be read.

    Empty rows are passed over, as are empty cells beyond the header. A row with too few or too many cells is
    reported and left out.

    Raises
    ------
    TableFault : nothing can be read of it.
    """
    text = io.TextIOWrapper(io.BytesIO(data), encoding_of(data, name), newline="")  # the whole as a text is no use
    lines = _lines(text, name)
    records: list[Sequence[str]] = []
    problems: list[Problem] = []
    try:
        records.extend(_bounded(csv.reader(lines, strict=True), name, max_rows))
    except csv.Error as fault:
        problems.append(problem("bad_csv", name, len(records) + 1, detail=str(fault)))
    if not any(records):
        raise TableFault(problems[0] if problems else problem("empty_file", name))
    frame, ragged = table_of_records(records, name)
    return frame, problems + ragged


def _lines(lines: Iterable[str], name: str) -> Iterator[str]:
    """Yield lines, none of them without end."""
    for line in lines:
        if len(line) > _MAX_LINE:
            raise TableFault(problem("too_large", name, limit=f"{_MAX_LINE:,} characters in a line"))
        yield line


def _bounded(records: Iterable[Sequence[str]], name: str, max_rows: int) -> Iterator[Sequence[str]]:
    """Yield records, blank ones as the same empty one, until they are too many."""
    rows = cells = 0
    for record in records:
        if not any(cell.strip() for cell in record):
            yield ()
            continue
        rows, cells = rows + 1, cells + len(record)
        if rows > max_rows + 1 or cells > MAX_CELLS:  # the header is one more
            limit = f"{max_rows:,} rows" if rows > max_rows else f"{MAX_CELLS:,} cells"
            raise TableFault(problem("too_large", name, limit=limit))
        yield record


def table_of_records(records: Sequence[Sequence[str]], name: str) -> tuple[pd.DataFrame, list[Problem]]:
    """Return the table below the first record that is not empty, and its ragged rows.

    Parameters
    ----------
    records : at least one with text; the first of all is row 1.

    Raises
    ------
    TableFault : the header has one cell with other separators in it.
    """
    top = next(i for i, record in enumerate(records) if any(cell.strip() for cell in record))
    header = list(records[top])
    while header and not header[-1].strip():
        header.pop()
    if len(header) == 1 and any(mark in header[0] for mark in "\t;；|"):
        raise TableFault(problem("wrong_delimiter", name, top + 1, value=header[0]))
    width = len(header)
    problems: list[Problem] = []
    rows, kept = [], []
    for number, record in enumerate(records[top + 1 :], top + 2):
        if len(record) != width:
            if not any(cell.strip() for cell in record):
                continue
            if len(record) < width or any(cell.strip() for cell in record[width:]):
                if len(problems) < MAX_TOLD:
                    problems.append(problem("ragged_row", name, number, value=len(record), columns=width))
                continue
            record = record[:width]
        elif not record[0].strip() and not any(cell.strip() for cell in record):
            continue
        rows.append(number)
        kept.append(record)
    return _frame(header, kept, rows), problems


def _frame(header: Sequence[str], records: Sequence[Sequence[str]], rows: Iterable[int]) -> pd.DataFrame:
    cells = np.empty((len(header), len(records)), dtype=object)
    for i, column in enumerate(zip(*records, strict=True)):
        cells[i] = np.fromiter(column, dtype=object, count=len(records))
    index = pd.Index(list(rows), dtype=np.int64)
    frame = pd.DataFrame(cells.T, index=index, dtype=object)
    frame.columns = pd.Index(list(header), dtype="object")
    return frame
