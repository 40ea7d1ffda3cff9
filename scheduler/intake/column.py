"""What a column and a table of a case are: names, other headers, kinds of cells, limits."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class Kind(StrEnum):
    """What a column holds."""

    IDENT = "ident"
    AREA = "area"
    TEXT = "text"
    NUMBER = "number"
    WHOLE = "whole"
    DATE = "date"
    CLOCK = "clock"
    DATES = "dates"
    WEEKDAYS = "weekdays"
    FLAG = "flag"
    CHOICE = "choice"
    LETTER = "letter"
    CODE = "code"
    RULE = "rule"
    TRIGGERS = "triggers"


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A column of a table.

    Parameters
    ----------
    name : name in FORMATS.md.
    required : the column must be there and every cell filled.
    aliases : other headers, Chinese and English, that mean this column.
    kind : what its cells hold.
    low, high : least and greatest number, both inside.
    choices : the values allowed; every value when empty.
    unique : no value occurs twice.
    """

    name: str
    required: bool = False
    aliases: tuple[str, ...] = ()
    kind: Kind = Kind.TEXT
    low: float | None = None
    high: float | None = None
    choices: tuple[str, ...] = ()
    unique: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A table of a case; `aliases` are other file and sheet names."""

    name: str
    required: bool
    aliases: tuple[str, ...]
    columns: tuple[Column, ...]

    @property
    def column_names(self) -> tuple[str, ...]:
        """Names of all columns, required ones first."""
        return tuple(c.name for c in self.columns)


def must(name: str, kind: Kind, aliases: tuple[str, ...], **more: Any) -> Column:
    """Return a column that has to be there, every cell filled."""
    return Column(name=name, required=True, aliases=aliases, kind=kind, **more)


def may(name: str, kind: Kind, aliases: tuple[str, ...], **more: Any) -> Column:
    """Return a column that may be missing or empty."""
    return Column(name=name, aliases=aliases, kind=kind, **more)
