"""Cells: text into typed values, column by column; every distinct text is converted once."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from operator import mul
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from stdnum.cn import uscc

from scheduler.domain.plans import Trigger
from scheduler.intake.columns import VALUES, Kind


class CellFault(Exception):
    """A text is not of its kind; carries the code of the problem."""

    def __init__(self, code: str) -> None:
        self.code = code
        super().__init__(code)


MAX_IDENT, MAX_TEXT, MAX_CELL = 200, 2_000, 32_767
"""Greatest length of an identifier, of a text, and of any cell: that of a spreadsheet's."""
_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,3})?")
_WHOLE = re.compile(r"[+-]?\d{1,15}(\.0*)?")
_DATE = re.compile(
    r"(\d{4})(?:-(\d{1,2})-(\d{1,2})|/(\d{1,2})/(\d{1,2})|年(\d{1,2})月(\d{1,2})日)([T ]00:00(:00(\.0+)?)?)?"
)
_COMPACT_DATE = re.compile(r"(19|20|21)\d{6}")
_SERIAL = re.compile(r"\d{5}(\.0*)?")
_SERIAL_FIRST, _SERIAL_LAST = 18_264, 91_313  # 1950-01-01 and 2149-12-31 as Excel counts days
_SERIAL_ZERO = date(1899, 12, 30)
_YEARS = range(1900, 2200)
_CLOCK = re.compile(r"(\d{1,2}):(\d{2})(:00(\.0+)?)?")
_DAY_FRACTION = re.compile(r"0?\.\d+|0|1\.0*")
_MINUTES_A_DAY = 1440
_SPAN = re.compile(r"(.+?)\.\.(.+)")
_MONTHLY = re.compile(r"monthly:(\d{1,2})-(\d{1,2})")
_CODE = re.compile(r"[0-9A-HJ-NPQRTUWXY]{2}[0-9]{6}[0-9A-HJ-NPQRTUWXY]{10}")
_CODE_VALUES = {c: n for n, c in enumerate("0123456789ABCDEFGHJKLMNPQRTUWXY")}
_CODE_WEIGHTS = (*(3**n % 31 for n in range(17)), 1)
_WEEKDAY_NAMES = {f"{week}{name}": n for week in ("周", "星期", "礼拜") for n, name in enumerate("一二三四五六日", 1)}
_WEEKDAY_NAMES |= {"周天": 7, "星期天": 7}


def _plain(text: str) -> str:
    """Return text with full-width digits and signs made ordinary."""
    return text if text.isascii() else unicodedata.normalize("NFKC", text).strip()


def parse_list(text: str) -> list[str]:
    """Return the values of a list cell, separated by ``;`` (also full-width, or 、)."""
    return [v.strip() for v in _plain(text).replace("、", ";").split(";") if v.strip()]


def parse_number(text: str) -> float:
    """Return a finite number."""
    plain = _plain(text)
    if not _NUMBER.fullmatch(plain):
        raise CellFault("bad_number")
    value = float(plain)
    if not np.isfinite(value):
        raise CellFault("bad_number")
    return value


def parse_whole(text: str) -> float:
    """Return a whole number (as float, exact up to 15 digits); ``45.0`` is 45, as spreadsheets write it."""
    plain = _plain(text)
    if not _WHOLE.fullmatch(plain):
        raise CellFault("bad_whole_number")
    return float(plain)


def parse_date(text: str) -> int:
    """Return the day number of a date: ISO, 2026/10/8, 2026年10月8日, 20261008, or an Excel serial number."""
    plain = _plain(text)
    found = _DATE.fullmatch(plain)
    try:
        if found:
            year, month, day = (int(g) for g in found.groups()[:7] if g is not None)
            value = date(year, month, day)
        elif _COMPACT_DATE.fullmatch(plain):
            value = date(int(plain[:4]), int(plain[4:6]), int(plain[6:]))
        elif _SERIAL.fullmatch(plain) and _SERIAL_FIRST <= float(plain) <= _SERIAL_LAST:
            value = _SERIAL_ZERO + timedelta(days=int(float(plain)))
        else:
            raise CellFault("bad_date")
    except ValueError:
        raise CellFault("bad_date") from None
    if value.year not in _YEARS:
        raise CellFault("bad_date")
    return value.toordinal()


def parse_clock(text: str) -> int:
    """Return minutes after midnight of ``HH:MM``, or of a fraction of a day as Excel stores a time."""
    plain = _plain(text)
    found = _CLOCK.fullmatch(plain)
    if found:
        minutes = int(found[1]) * 60 + int(found[2])
        if int(found[2]) >= 60 or minutes > _MINUTES_A_DAY:
            raise CellFault("bad_clock")
        return minutes
    if _DAY_FRACTION.fullmatch(plain):
        exact = float(plain) * _MINUTES_A_DAY
        if abs(exact - round(exact)) < 1 / 60 and exact <= _MINUTES_A_DAY:
            return round(exact)
    raise CellFault("bad_clock")


def parse_dates(text: str) -> tuple[int, ...]:
    """Return the day numbers of a list of dates, ascending, each once."""
    return tuple(sorted({parse_date(v) for v in parse_list(text)}))


def parse_weekdays(text: str) -> tuple[int, ...]:
    """Return the weekdays of a list of 1 to 7 (or 周一 to 周日), ascending, each once."""
    days = set()
    for v in parse_list(text):
        if v in _WEEKDAY_NAMES:
            days.add(_WEEKDAY_NAMES[v])
        elif re.fullmatch(r"[1-7](\.0*)?", v):
            days.add(int(v[0]))
        else:
            raise CellFault("bad_weekday")
    return tuple(sorted(days))


def parse_flag(text: str) -> bool:
    """Return whether a 0 or 1 (or its alias) is 1."""
    plain = _plain(text).lower()
    value = VALUES["cap_exempt"].get(plain, plain)
    if value not in ("0", "1", "0.0", "1.0"):
        raise CellFault("bad_flag")
    return value[0] == "1"


def parse_ident(text: str) -> str:
    """Return an identifier: no ``;`` (it separates lists), no invisible characters."""
    if len(text) > MAX_IDENT:
        raise CellFault("too_long")
    if ";" in text or not text.isprintable():
        raise CellFault("bad_id")
    return text


def parse_text(text: str) -> str:
    """Return a text that is not too long."""
    if len(text) > MAX_TEXT:
        raise CellFault("too_long")
    return text


def parse_area(text: str) -> str:
    """Return an area: an identifier, or ``*`` by another name."""
    return VALUES["area_id"].get(text) or parse_ident(text)


def parse_letter(text: str) -> str:
    """Return a class such as A, also when written ``a`` or ``A级``."""
    return _plain(text).upper().removesuffix("级")


def parse_code(text: str) -> str:
    """Return a unified social credit code whose check digit is right, without blanks and in capitals.

    GB 32100-2015: 31 characters without I, O, S, V and Z; weights are powers of 3 modulo 31. Its first two characters
    may be letters, as with rural collectives (N2), which stdnum does not know; hence our own reading.
    """
    code = text if _CODE.fullmatch(text) else str(uscc.compact(_plain(text)))
    if not _CODE.fullmatch(code):
        raise CellFault("bad_usci")
    if sum(map(mul, map(_CODE_VALUES.__getitem__, code), _CODE_WEIGHTS)) % 31:
        raise CellFault("bad_usci")
    return code


@dataclass(frozen=True, slots=True)
class QuietRule:
    """A quiet rule: a span of day numbers, or days of every month."""

    monthly: bool
    first: int
    last: int


def parse_rule(text: str) -> QuietRule:
    """Return a quiet rule."""
    plain = _plain(text).replace(" ", "")
    monthly, span = _MONTHLY.fullmatch(plain), _SPAN.fullmatch(plain)
    if monthly:
        rule = QuietRule(True, int(monthly[1]), int(monthly[2]))
        if not 1 <= rule.first <= rule.last <= 31:
            raise CellFault("bad_rule")
        return rule
    if not span:
        raise CellFault("bad_rule")
    try:
        rule = QuietRule(False, parse_date(span[1]), parse_date(span[2]))
    except CellFault:
        raise CellFault("bad_rule") from None
    if rule.first > rule.last:
        raise CellFault("bad_rule")
    return rule


def parse_triggers(text: str) -> tuple[Trigger, ...]:
    """Return the triggers of a list, sorted, each once."""
    names = {parse_choice("trigger", v) for v in parse_list(text)}
    if not names <= set(Trigger):
        raise CellFault("unknown_value")
    return tuple(sorted(Trigger(n) for n in names))


def parse_choice(column: str, text: str) -> str:
    """Return the value of an enumeration by its own name or an alias; an unknown text comes back as it is."""
    lower = _plain(text).lower()
    return VALUES.get(column, {}).get(text) or VALUES.get(column, {}).get(lower) or lower


_PARSERS: Mapping[Kind, Callable[[str], Any]] = {
    Kind.IDENT: parse_ident,
    Kind.AREA: parse_area,
    Kind.TEXT: parse_text,
    Kind.NUMBER: parse_number,
    Kind.WHOLE: parse_whole,
    Kind.DATE: parse_date,
    Kind.CLOCK: parse_clock,
    Kind.DATES: parse_dates,
    Kind.WEEKDAYS: parse_weekdays,
    Kind.FLAG: parse_flag,
    Kind.LETTER: parse_letter,
    Kind.CODE: parse_code,
    Kind.RULE: parse_rule,
    Kind.TRIGGERS: parse_triggers,
}

NUMERIC = frozenset({Kind.NUMBER, Kind.WHOLE, Kind.DATE, Kind.CLOCK})
"""Kinds whose columns become float64 with NaN where there is no value; the others are objects."""

_EMPTY: Mapping[Kind, Any] = {Kind.DATES: (), Kind.WEEKDAYS: (), Kind.TRIGGERS: (), Kind.FLAG: False, Kind.RULE: None}


@dataclass(frozen=True, slots=True, kw_only=True)
class ParsedColumn:
    """A column of typed values.

    Parameters
    ----------
    values : shape (rows,), float64 with NaN for kinds in :data:`NUMERIC`, else object with the kind's empty value
        ('' for text) where the cell is empty or at fault.
    empty : shape (rows,), cells without text.
    faults : (position of the row, code) of every cell that is not of its kind.
    """

    values: npt.NDArray[Any]
    empty: npt.NDArray[np.bool_]
    faults: tuple[tuple[int, str], ...]


def parse_column(texts: npt.NDArray[np.object_], kind: Kind, column: str) -> ParsedColumn:
    """Return the typed values of a column; blanks around a text are dropped.

    Parameters
    ----------
    texts : shape (rows,), text with '' for an empty cell.
    column : name of the column, for the aliases of an enumeration.
    """
    codes, distinct = pd.factorize(texts)
    parse = _PARSERS.get(kind) or (lambda text: parse_choice(column, text))
    nothing = np.nan if kind in NUMERIC else _EMPTY.get(kind, "")
    out = np.empty(len(distinct), dtype=np.float64 if kind in NUMERIC else object)
    empty = np.zeros(len(distinct), dtype=bool)
    fault_of: dict[int, str] = {}
    for i, text in enumerate(distinct):
        stripped = text.strip()
        out[i] = nothing
        if not stripped:
            empty[i] = True
            continue
        try:
            if len(stripped) > MAX_CELL:
                raise CellFault("too_long")
            out[i] = parse(stripped)
        except CellFault as fault:
            fault_of[i] = fault.code
    faults: tuple[tuple[int, str], ...] = ()
    if fault_of:
        bad = np.flatnonzero(np.isin(codes, list(fault_of)))
        faults = tuple((int(row), fault_of[int(codes[row])]) for row in bad)
    return ParsedColumn(values=out[codes], empty=empty[codes], faults=faults)
