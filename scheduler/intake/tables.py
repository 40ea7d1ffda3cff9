"""A case as plain text tables, before any check; and writing one as a case folder."""

from __future__ import annotations

import csv
import json
import math
import os
import shutil
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from pathlib import Path
from typing import Any, TextIO

import numpy as np
import pandas as pd

from scheduler.intake.columns import TABLES

FORMAT = "onevisit-case/1"
"""Value of ``format`` in case.toml."""

CASE_FILE = "case.toml"
FIRST_ROW = 2
"""Row of the first record as a person counts it; the header is row 1."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RawCase:
    """A case as it was read: nothing converted, nothing checked.

    Parameters
    ----------
    config : content of case.toml.
    tables : by table name (streets, authorities, enterprises, crews, items, history, quiet, pins); all columns
        are text with '' where a cell is empty. The index is the row in the file as a person counts it.
    """

    config: Mapping[str, Any]
    tables: Mapping[str, pd.DataFrame]


def raw_case(config: Mapping[str, Any], columns: Mapping[str, Mapping[str, Sequence[Any]]]) -> RawCase:
    """Return a raw case from plain columns, so that callers need no pandas.

    Parameters
    ----------
    config : content of case.toml, dates as ``date`` or ISO text.
    columns : by table, then by column, the values of all rows. ``None`` and NaN become '', ``bool`` 0 or 1,
        a date ISO text, a time ``HH:MM``, a list or tuple its values joined by ``;``, all else ``str(value)``.

    Raises
    ------
    ValueError : a table that does not exist, or columns of one table with different lengths.
    """
    unknown = sorted(set(columns) - set(TABLES))
    if unknown:
        raise ValueError(f"no such table: {', '.join(unknown)}")
    return RawCase(config=config, tables={name: text_table(columns[name]) for name in TABLES if name in columns})


def text_table(columns: Mapping[str, Sequence[Any]], first_row: int = FIRST_ROW) -> pd.DataFrame:
    """Return a table of text columns whose index counts rows as a person does.

    Raises
    ------
    ValueError : columns of different lengths.
    """
    lengths = {len(values) for values in columns.values()}
    if len(lengths) > 1:
        raise ValueError(f"columns of different lengths: { {name: len(v) for name, v in columns.items()} }")
    rows = lengths.pop() if lengths else 0
    data = {name: np.array([cell_text(v) for v in values], dtype=object) for name, values in columns.items()}
    return pd.DataFrame(data, index=pd.RangeIndex(first_row, first_row + rows), dtype=object)


def cell_text(value: Any) -> str:
    """Return a value as the text of a CSV cell (see :func:`raw_case`)."""
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return ""
    if isinstance(value, str):
        return str(value)  # a member of a StrEnum becomes plain text
    if isinstance(value, bool | np.bool_):
        return "1" if value else "0"
    if isinstance(value, datetime):
        return value.date().isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, time):
        return value.strftime("%H:%M")
    if isinstance(value, list | tuple):
        return ";".join(cell_text(v) for v in value)
    return str(value)


def write_case(raw: RawCase, folder: Path) -> None:
    """Write a case folder: all of it or nothing (it is written aside, then renamed).

    A case folder already there is replaced; a folder with anything else in it is left alone.

    Raises
    ------
    FileExistsError : the folder holds files that are not of a case.
    """
    folder = folder.absolute()
    _refuse_foreign_files(folder)
    folder.parent.mkdir(parents=True, exist_ok=True)
    aside = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", dir=folder.parent))
    try:
        fresh, old = aside / "new", aside / "old"
        fresh.mkdir()
        (fresh / CASE_FILE).write_text(config_toml(raw.config), encoding="utf-8", newline="\n")
        for name, table in raw.tables.items():
            _write_table(table, fresh / f"{name}.csv")
        if folder.exists():
            os.replace(folder, old)
        os.replace(fresh, folder)
    finally:
        shutil.rmtree(aside, ignore_errors=True)


def _refuse_foreign_files(folder: Path) -> None:
    if not folder.exists():
        return
    if not folder.is_dir():
        raise FileExistsError(f"{folder} is a file")
    ours = {CASE_FILE, *(f"{name}.csv" for name in TABLES)}
    foreign = sorted(p.name for p in folder.iterdir() if p.name not in ours)
    if foreign:
        raise FileExistsError(f"{folder} holds other files: {', '.join(foreign[:5])}")


def _write_table(table: pd.DataFrame, path: Path) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        _write_rows(file, [str(c) for c in table.columns], [table[c].tolist() for c in table.columns])


def _write_rows(file: TextIO, header: Sequence[str], columns: Sequence[Iterable[Any]]) -> None:
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(zip(*columns, strict=True))


def config_toml(config: Mapping[str, Any]) -> str:
    """Return case.toml: plain keys first, then a table for every mapping and an array of tables for every list of them.

    Raises
    ------
    TypeError : a value that case.toml cannot hold.
    """
    plain = {k: v for k, v in config.items() if not isinstance(v, Mapping) and not _is_rows(v)}
    lines = [f"{_toml_key(k)} = {_toml_value(v)}" for k, v in ({"format": FORMAT} | plain).items() if v is not None]
    for key, value in config.items():
        if isinstance(value, Mapping):
            lines += ["", f"[{_toml_key(key)}]", *_toml_pairs(value)]
        elif _is_rows(value):
            for row in value:
                lines += ["", f"[[{_toml_key(key)}]]", *_toml_pairs(row)]
    return "\n".join(lines) + "\n"


def _is_rows(value: Any) -> bool:
    return isinstance(value, list | tuple) and bool(value) and all(isinstance(v, Mapping) for v in value)


def _toml_pairs(values: Mapping[str, Any]) -> list[str]:
    return [f"{_toml_key(k)} = {_toml_value(v)}" for k, v in values.items() if v is not None]


def _toml_key(key: str) -> str:
    bare = key and all(c.isascii() and (c.isalnum() or c in "_-") for c in key)
    return key if bare else _toml_text(key)


def _toml_text(text: str) -> str:
    # A TOML basic string escapes what JSON escapes, and U+007F as well.
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007F")


def _toml_value(value: Any) -> str:
    if isinstance(value, bool | np.bool_):
        return "true" if value else "false"
    if isinstance(value, str):
        return _toml_text(value)
    if isinstance(value, datetime):
        return value.date().isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, time):
        return _toml_text(value.strftime("%H:%M"))
    if isinstance(value, int | np.integer):
        return str(int(value))
    if isinstance(value, float | np.floating):
        return repr(float(value))
    if isinstance(value, list | tuple):
        return "[" + ", ".join(_toml_value(v) for v in value) + "]"
    raise TypeError(f"case.toml cannot hold a {type(value).__name__}")
