"""Reading a case: files to a checked snapshot, or one report of every problem."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from scheduler.collector import without_collector
from scheduler.domain.snapshot import PlanningSnapshot
from scheduler.errors import InvalidCase, Problem, Severity
from scheduler.intake.build import build_snapshot
from scheduler.intake.calendar import WorkingDays
from scheduler.intake.columns import TABLES
from scheduler.intake.config import ConfigRead, check_cap_authorities, read_config
from scheduler.intake.datum import Datum, gcj02_to_wgs84
from scheduler.intake.pins import check_pin_dates, check_pins
from scheduler.intake.prospects import check_prospects
from scheduler.intake.references import check_references, values_of
from scheduler.intake.sources import Collected, collect, report_absent
from scheduler.intake.tables import RawCase
from scheduler.intake.typed import TypedTable, type_table


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseRead:
    """A case without errors, and what is odd about it."""

    snapshot: PlanningSnapshot
    warnings: tuple[Problem, ...]


def read_case(source: Path | Sequence[Path], working_days: WorkingDays | None = None) -> CaseRead:
    """Return the checked snapshot of a case.

    Parameters
    ----------
    source : a case folder, one workbook, or the files of one case (see ``docs/intake.md``).
    working_days : mainland working days for calendar CN; the package's own table when ``None``.

    Raises
    ------
    InvalidCase : the case has errors; it holds every problem found, in the order of tables and rows.
    """
    with without_collector():
        return _check(collect(source), working_days)


def read_raw(raw: RawCase, working_days: WorkingDays | None = None) -> CaseRead:
    """Return the checked snapshot of a case that is already in memory; see :func:`read_case`.

    Raises
    ------
    InvalidCase : the case has errors.
    """
    found = Collected(config=dict(raw.config), tables=dict(raw.tables), seen=dict.fromkeys(("case", *raw.tables), ""))
    report_absent(found)
    with without_collector():
        return _check(found, working_days)


def _check(found: Collected, working_days: WorkingDays | None) -> CaseRead:
    problems = list(found.problems)
    config: ConfigRead | None = None
    if found.config is not None:
        config, faults = read_config(found.config, working_days)
        problems += faults
    tables: dict[str, TypedTable] = {}
    for name in TABLES:
        if name in found.tables:
            tables[name], faults = type_table(name, found.tables.pop(name))
            problems += faults
    if config is not None and config.datum is Datum.GCJ02:
        tables = {name: _into_wgs84(t) if t.has("lon", "lat") else t for name, t in tables.items()}
    problems += check_references(tables, config)
    problems += check_prospects(tables, config)
    problems += check_pin_dates(tables, config)
    authorities = values_of(tables, "authorities", "authority_id")
    if config is not None and authorities is not None:
        problems += check_cap_authorities(config, authorities)
    if config is None or _has_errors(problems):
        raise InvalidCase(_in_order(problems))
    snapshot = build_snapshot(tables, config)
    if "pins" in tables and len(tables["pins"]):
        problems += check_pins(tables["pins"], snapshot)
        if _has_errors(problems):
            raise InvalidCase(_in_order(problems))
    return CaseRead(snapshot=snapshot, warnings=_in_order(problems))


def _has_errors(problems: Sequence[Problem]) -> bool:
    return any(p.severity is Severity.ERROR for p in problems)


def _into_wgs84(typed: TypedTable) -> TypedTable:
    lon, lat = gcj02_to_wgs84(typed["lon"], typed["lat"])
    return replace(typed, columns={**typed.columns, "lon": lon, "lat": lat})


def _in_order(problems: Sequence[Problem]) -> tuple[Problem, ...]:
    """Return the problems by table, then row; the files and case.toml come first."""
    tables = {name: i for i, name in enumerate(TABLES)}
    return tuple(sorted(problems, key=lambda p: (tables.get(p.table, -1), p.row or 0)))
