"""Dates and times that requests name, and today."""

from __future__ import annotations

from datetime import date

from api import clock
from api.deps import Services
from api.errors import invalid
from scheduler.errors import Problem, Severity

_DATE = ("日期 YYYY-MM-DD", "a date YYYY-MM-DD")


def day_of(text: str, table: str = "body", column: str = "date") -> int:
    """Return the day number of a date that a request names in its body or its query.

    Raises
    ------
    Refusal : there is no such date.
    """
    try:
        return date.fromisoformat(text).toordinal()
    except ValueError:
        raise invalid([request_fault("bad_date", table, column, text, _DATE)]) from None


def request_fault(code: str, table: str, column: str | None, value: str | None, expected: tuple[str, str]) -> Problem:
    """Return a fault of a value that a request names."""
    return Problem(
        severity=Severity.ERROR, code=code, table=table, column=column, value=value and value[:60], expected=expected
    )


def minute_of(text: str | None) -> int | None:
    """Return the minutes after midnight of a time whose form was checked."""
    return None if text is None else int(text[:2]) * 60 + int(text[3:])


def minute_now(services: Services) -> int:
    """Return the minutes after midnight in China."""
    return clock.minute(services.store.instant())


def today_of(services: Services) -> int:
    """Return the day number of today in China."""
    return day_of(clock.day(services.store.instant()))
