"""Rows of results in groups that differ by the seed alone, and their medians."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median

Row = Mapping[str, str]
Measure = Callable[[Row], float | None]

NEVER = math.inf
"""Of a moment that did not come."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Runs of one case with the same limits, a row a seed.

    Parameters
    ----------
    time_s : seconds of each run, ``None`` where iterations were the limit.
    """

    instance: str
    source: str
    time_s: float | None
    iterations: str
    workers: str
    rows: tuple[Row, ...]

    def median(self, measure: Measure) -> float | None:
        """Median of the seeds, ``None`` where it has no value for one of them."""
        values = [measure(r) for r in self.rows]
        return None if not values or None in values else median(v for v in values if v is not None)

    @property
    def enterprises(self) -> int:
        return int(number(self.rows[0], "enterprises") or 0)

    @property
    def title(self) -> str:
        """Name of the case, with where it is from unless generated."""
        return self.instance if self.source in ("", "generated") else f"{self.instance} ({self.source})"

    @property
    def limit(self) -> str:
        return f"{self.time_s:g} s" if self.time_s is not None else f"{self.iterations} iterations"


def groups_of(rows: Iterable[Row]) -> list[Group]:
    """Group rows; where commits differ the last one's count, and where a seed was run twice its last row."""
    found: dict[tuple[str, ...], dict[str, Row]] = {}
    for row in rows:
        key = tuple(row.get(k, "") for k in ("instance", "source", "time_limit_s", "iteration_limit", "workers"))
        seeds = found.setdefault(key, {})
        if any(r.get("commit") != row.get("commit") for r in seeds.values()):
            seeds.clear()
        seeds[row.get("seed", "")] = row
    groups = [
        Group(
            instance=instance,
            source=source,
            time_s=float(seconds) if seconds else None,
            iterations=iterations,
            workers=workers,
            rows=tuple(seeds.values()),
        )
        for (instance, source, seconds, iterations, workers), seeds in found.items()
    ]
    return sorted(groups, key=lambda g: (g.enterprises, g.instance, g.source, g.time_s or 0.0, g.workers))


def number(row: Row, field: str) -> float | None:
    """Return a field as a number, ``None`` where it is empty or missing."""
    text = row.get(field, "")
    return float(text) if text else None


def field(name: str) -> Measure:
    """Return the measure that reads one field."""
    return lambda row: number(row, name)


def ratio(value: float | None, base: float | None) -> float | None:
    """Return (value - base) / base, ``None`` where it means nothing."""
    return None if value is None or not base else (value - base) / base


def gap(row: Row) -> float | None:
    """(value - proven bound) / bound of crew shifts."""
    return ratio(number(row, "crew_shifts"), number(row, "bound_crew_shifts"))


def price(row: Row) -> float | None:
    """Price of jointness: crew shifts against every authority alone on the same items."""
    return ratio(number(row, "crew_shifts"), number(row, "alone_crew_shifts"))


def above(row: Row) -> float | None:
    """Weight left out more than the bound, as a share of all weight."""
    value, least, everything = (number(row, f) for f in ("unserved_weight", "bound_unserved_weight", "all_weight"))
    return None if value is None or least is None or not everything else (value - least) / everything


def first_full(row: Row) -> float | None:
    """Seconds to the first full schedule; `NEVER` where none came."""
    seconds = number(row, "first_full_s")
    return NEVER if seconds is None else seconds


def percent(value: float | None, digits: int = 1) -> str:
    """Write a share in per cent."""
    return "–" if value is None else f"{100 * value:.{digits}f} %"


def plain(value: float | None, digits: int = 0) -> str:
    """Write a number with separators of thousands; one digit where it is no whole one."""
    if value is None:
        return "–"
    if value == NEVER:
        return "never"
    return f"{value:,.{digits if digits or value == int(value) else 1}f}"


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table; columns after the first are right-aligned."""
    lines = [header, ["---", *["---:"] * (len(header) - 1)], *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines) + "\n"
