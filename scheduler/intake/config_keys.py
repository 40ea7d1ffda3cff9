"""Typed reading of the keys of case.toml, section by section, with every fault collected."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time
from typing import Any

from scheduler.errors import Problem
from scheduler.intake.cells import CellFault, parse_clock, parse_date
from scheduler.intake.problems import CASE, problem

_KINDS = {
    "whole": ("整数", "a whole number"),
    "number": ("数字", "a number"),
    "flag": ("true 或 false", "true or false"),
    "text": ("文字", "text"),
    "table": ("一节 [{name}]", "a table [{name}]"),
    "rows": ("若干节 [[{name}]]", "an array of tables [[{name}]]"),
    "texts": ("文字列表", "a list of texts"),
    "dates": ("日期列表", "a list of dates"),
}


class Keys:
    """One section of case.toml; answers are ``None`` (or the default) where a key is absent or at fault.

    Parameters
    ----------
    values : the section.
    path : its place, for reports, such as ``horizon`` or ``shift[1]``; '' for the whole file.
    problems : every fault found is added here.
    """

    def __init__(self, values: Mapping[str, Any], path: str, problems: list[Problem]) -> None:
        self._values, self._path, self._problems = values, path, problems
        self._asked: set[str] = set()

    def _place(self, name: str) -> str:
        return f"{self._path}.{name}" if self._path else name

    def report(self, code: str, name: str, **facts: object) -> None:
        """Add a problem at a key, with the value found there."""
        self.report_value(code, name, self._values.get(name), **facts)

    def report_value(self, code: str, name: str, value: object, **facts: object) -> None:
        """Add a problem at a key, with a value of its own."""
        self._problems.append(problem(code, CASE, None, self._place(name), value, **facts))

    def _wrong(self, name: str, kind: str) -> None:
        zh, en = (text.format(name=name) for text in _KINDS[kind])
        self.report("wrong_type", name, kind=zh, kind_en=en)

    def _get(self, name: str, required: bool) -> Any:
        self._asked.add(name)
        value = self._values.get(name)
        if value is None and required:
            self.report("missing_key", name)
        return value

    def number(
        self, name: str, low: float, high: float, *, whole: bool = False, required: bool = False
    ) -> float | None:
        """Return a number from low to high, both inside."""
        value = self._get(name, required)
        if value is None:
            return None
        right = isinstance(value, int | float) and not isinstance(value, bool)
        if isinstance(value, float):  # a whole number may be too long for a float
            right = math.isfinite(value) and not (whole and value != int(value))
        if not right:
            self._wrong(name, "whole" if whole else "number")
            return None
        if not low <= value <= high:
            self.report("out_of_range", name, low=low, high=high, detail="", detail_en="")
            return None
        return float(value)

    def whole(self, name: str, low: int, high: int, *, required: bool = False) -> int | None:
        """Return a whole number from low to high, both inside."""
        value = self.number(name, low, high, whole=True, required=required)
        return None if value is None else int(value)

    def flag(self, name: str, default: bool) -> bool:
        """Return true or false."""
        value = self._get(name, False)
        if value is None or isinstance(value, bool):
            return default if value is None else value
        self._wrong(name, "flag")
        return default

    def text(self, name: str, *, required: bool = False) -> str | None:
        """Return a text without blanks around it."""
        value = self._get(name, required)
        if value is None:
            return None
        if not isinstance(value, str):
            self._wrong(name, "text")
            return None
        if required and not value.strip():
            self.report("missing_key", name)
            return None
        return value.strip()

    def texts(self, name: str) -> tuple[str, ...] | None:
        """Return a list of texts without blanks around them."""
        value = self._get(name, False)
        if value is None:
            return None
        if not isinstance(value, list | tuple) or not all(isinstance(v, str) for v in value):
            self._wrong(name, "texts")
            return None
        return tuple(v.strip() for v in value)

    def choice(self, name: str, choices: Sequence[str], *, required: bool = False) -> str | None:
        """Return one of the choices."""
        value = self.text(name, required=required)
        if value is not None and value not in choices:
            self.report("unknown_value", name, values=", ".join(choices))
            return None
        return value

    def day(self, name: str) -> int | None:
        """Return the day number of a required date."""
        value = self._get(name, True)
        day = _day(value)
        if value is not None and day is None:
            self.report("bad_date", name)
        return day

    def days(self, name: str) -> tuple[int, ...]:
        """Return the day numbers of a list of dates, ascending, each once."""
        value = self._get(name, False)
        if value is None:
            return ()
        if not isinstance(value, list | tuple):
            self._wrong(name, "dates")
            return ()
        days = [_day(v) for v in value]
        for i, day in enumerate(days):
            if day is None:
                self._problems.append(problem("bad_date", CASE, None, f"{self._place(name)}[{i + 1}]", value[i]))
        return tuple(sorted({d for d in days if d is not None}))

    def clock(self, name: str) -> int | None:
        """Return the minutes after midnight of a required clock time."""
        value = self._get(name, True)
        if isinstance(value, time):
            value = value.isoformat()
        if value is None:
            return None
        try:
            return parse_clock(value.strip() if isinstance(value, str) else "")
        except CellFault:
            self.report("bad_clock", name)
            return None

    def section(self, name: str, *, required: bool = False) -> Keys:
        """Return the keys of a table inside, empty when absent."""
        value = self._get(name, required)
        if value is not None and not isinstance(value, Mapping):
            self._wrong(name, "table")
        return Keys(value if isinstance(value, Mapping) else {}, self._place(name), self._problems)

    def rows(self, name: str, *, required: bool = False) -> list[Keys]:
        """Return the keys of every table of an array, counted from 1."""
        value = self._get(name, required)
        if value is None:
            return []
        if not isinstance(value, list | tuple) or not all(isinstance(v, Mapping) for v in value):
            self._wrong(name, "rows")
            return []
        if required and not value:
            self.report("missing_key", name)
        return [Keys(v, f"{self._place(name)}[{i}]", self._problems) for i, v in enumerate(value, 1)]

    def names(self) -> list[str]:
        """Return the names of all keys that are there."""
        return list(self._values)

    def warn_of_unknown(self) -> None:
        """Warn of every key that nothing asked for."""
        for name in self._values:
            if name not in self._asked:
                self.report("unknown_key", name)


def _day(value: object) -> int | None:
    if isinstance(value, datetime):
        return value.toordinal() if value.time() == time() else None
    if isinstance(value, date):
        value = value.isoformat()
    try:
        return parse_date(value.strip()) if isinstance(value, str) else None
    except CellFault:
        return None
