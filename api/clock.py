"""The only place that reads a clock; everything else is handed the time."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta, timezone

_STARTED = time.perf_counter()
_CHINA = timezone(timedelta(hours=8))


def stamp() -> datetime:
    """Return the present time with the zone of this machine, for the time written into files."""
    return datetime.now().astimezone()


def seconds() -> float:
    """Return seconds of a steady clock; only differences mean anything."""
    return time.perf_counter()


def running_s() -> float:
    """Return seconds since the program started."""
    return time.perf_counter() - _STARTED


def now() -> datetime:
    """Return the present time in UTC, for records of the service."""
    return datetime.now(UTC)


def instant(moment: datetime) -> str:
    """Return a time as it is stored: ISO text in UTC to the microsecond, so that text order is time order."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def minute(stored: str) -> int:
    """Return the minutes after midnight in China of a stored time."""
    found = datetime.fromisoformat(stored).astimezone(_CHINA)
    return found.hour * 60 + found.minute


def day(stored: str) -> str:
    """Return the date in China of a stored time: the dates of plans and horizons are meant so."""
    return datetime.fromisoformat(stored).astimezone(_CHINA).date().isoformat()
