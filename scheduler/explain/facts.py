"""How facts of reasons and relaxations are written: plain text, the same in every language."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from scheduler.domain.calendar import Period
from scheduler.domain.schedule import Reason, ReasonCode, Relaxation, RelaxationKind


def iso(day: int) -> str:
    """Return a day number as ``YYYY-MM-DD``."""
    return date.fromordinal(day).isoformat()


def isos(days: Iterable[int]) -> str:
    """Return day numbers as dates with commas between them."""
    return ", ".join(map(iso, days))


def clock(minute: int) -> str:
    """Return minutes after midnight as ``HH:MM``."""
    return f"{minute // 60:02d}:{minute % 60:02d}"


def period_name(period: Period, key: tuple[int, int]) -> str:
    """Return the name of a calendar period, for example ``2026-10``, ``2026Q4``, ``2026H2`` or ``2026``."""
    year, n = key
    return {
        Period.MONTH: f"{year}-{n + 1:02d}",
        Period.QUARTER: f"{year}Q{n + 1}",
        Period.HALF_YEAR: f"{year}H{n + 1}",
        Period.YEAR: f"{year}",
    }[period]


def reason(code: ReasonCode, **facts: object) -> Reason:
    """Return a reason with its facts as sorted text."""
    return Reason(code=code, facts=tuple(sorted((k, str(v)) for k, v in facts.items())))


def relaxation(kind: RelaxationKind, **facts: object) -> Relaxation:
    """Return a relaxation with its facts as sorted text."""
    return Relaxation(kind=kind, facts=tuple(sorted((k, str(v)) for k, v in facts.items())))
