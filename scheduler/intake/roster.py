"""The tables of a roster, and the strata of a draw of targets: files to checked objects, or every problem at once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from scheduler.domain.snapshot import PlanningSnapshot
from scheduler.draw.roster import Absence, Officer, PastTeam, Recusal, Roster
from scheduler.draw.targets import ANY, Stratum
from scheduler.errors import InvalidCase, Problem, Severity
from scheduler.intake.columns import ROSTER
from scheduler.intake.problems import problem
from scheduler.intake.single import table_of_csv
from scheduler.intake.typed import TypedTable, type_table

Read = tuple[pd.DataFrame, Sequence[Problem]]
"""The text cells of a table, and what could not be read of it."""


def read_roster(files: Mapping[str, bytes], snapshot: PlanningSnapshot) -> Roster:
    """Return the roster of CSV files by table: officers, absences, recusals, past_teams.

    Raises
    ------
    InvalidCase : as of :func:`roster_of_frames`, or a file cannot be read.
    """
    return roster_of_frames({name: table_of_csv(files[name], name) for name in ROSTER if name in files}, snapshot)


def roster_of_frames(frames: Mapping[str, Read], snapshot: PlanningSnapshot) -> Roster:
    """Return the roster of text tables: officers, absences, recusals, past_teams.

    Rows about enterprises that the case does not have are passed over; officers, authorities and shifts must be known.

    Parameters
    ----------
    frames : by table its text cells, and what could not be read of them.

    Raises
    ------
    InvalidCase : rows are wrong, or there is no table of officers; it holds every problem.
    """
    problems: list[Problem] = []
    tables: dict[str, TypedTable] = {}
    for name in ROSTER:
        if name in frames:
            tables[name], faults = _typed(name, frames[name])
            problems += faults
    if "officers" not in frames:
        problems.append(problem("missing_file", "officers"))
    problems += _references(tables, snapshot)
    problems += [*_reversed(tables, "officers", "valid_from", "valid_to", "certificate_reversed")]
    problems += [*_reversed(tables, "absences", "from", "to", "dates_reversed")]
    if any(p.severity is Severity.ERROR for p in problems):
        order = list(ROSTER)
        raise InvalidCase(tuple(sorted(problems, key=lambda p: (order.index(p.table), p.row or 0))))
    known = {e.enterprise_id for e in snapshot.enterprises}
    return Roster(
        officers=tuple(Officer(**row) for row in _rows(tables, "officers")),
        absences=tuple(
            Absence(
                officer_id=r["officer_id"], first_day=r["from"], last_day=r["to"], shift_id=r.get("shift_id") or None
            )
            for r in _rows(tables, "absences")
        ),
        recusals=tuple(Recusal(**r) for r in _rows(tables, "recusals") if r["enterprise_id"] in known),
        past_teams=tuple(
            PastTeam(
                enterprise_id=r["enterprise_id"],
                authority_id=r["authority_id"],
                day=r["date"],
                officer_id=r["officer_id"],
            )
            for r in _rows(tables, "past_teams")
            if r["enterprise_id"] in known
        ),
    )


def roster_files(folder: Path) -> dict[str, bytes]:
    """Return the bytes of the tables of a roster that a folder has."""
    return {name: (folder / f"{name}.csv").read_bytes() for name in ROSTER if (folder / f"{name}.csv").is_file()}


def read_strata(data: bytes) -> tuple[Stratum, ...]:
    """Return the strata of a CSV file, in its order.

    Raises
    ------
    InvalidCase : as of :func:`strata_of_frame`, or the file cannot be read.
    """
    return strata_of_frame(table_of_csv(data, "strata"))


def strata_of_frame(read: Read) -> tuple[Stratum, ...]:
    """Return the strata of a text table, in its order.

    Parameters
    ----------
    read : its cells, and what could not be read of them.

    Raises
    ------
    InvalidCase : rows are wrong, or say the same again.
    """
    typed, problems = _typed("strata", read)
    seen: dict[tuple[str, str], int] = {}
    for i in range(len(typed)):
        names = [_text(typed, i, c) or ANY for c in ("credit_class", "industry")]
        row = int(typed.rows[i])
        if (names[0], names[1]) in seen:
            first = seen[names[0], names[1]]
            problems.append(problem("duplicate_id", "strata", row, "credit_class", " ".join(names), first=first))
        seen.setdefault((names[0], names[1]), row)
        if typed.has("ratio") and not np.isnan(typed["ratio"][i]) and typed["ratio"][i] <= 0:
            facts = {"low": "0+", "high": 1, "detail": "", "detail_en": ""}
            problems.append(typed.problem("out_of_range", i, "ratio", **facts))
    if any(p.severity is Severity.ERROR for p in problems):
        raise InvalidCase(tuple(problems))
    strata = []
    for i in range(len(typed)):
        names = [_text(typed, i, c) or ANY for c in ("credit_class", "industry")]
        ratio = Fraction(typed.text(i, "ratio").strip())
        strata.append(Stratum(credit_class=names[0], industry=names[1], ratio=ratio))
    return tuple(strata)


def _typed(name: str, read: Read) -> tuple[TypedTable, list[Problem]]:
    frame, problems = read
    typed, faults = type_table(name, frame)
    return typed, [*problems, *faults]


def _text(typed: TypedTable, i: int, column: str) -> str:
    return str(typed[column][i]) if typed.has(column) else ""


def _rows(tables: Mapping[str, TypedTable], name: str) -> Iterable[dict[str, Any]]:
    typed = tables.get(name)
    if typed is None:
        return
    names = [c for c in ROSTER[name].column_names if typed.has(c)]
    for i in range(len(typed)):
        yield {n: int(v) if isinstance(v := typed[n][i], float) else v for n in names}


def _references(tables: Mapping[str, TypedTable], snapshot: PlanningSnapshot) -> Iterable[Problem]:
    officers = tables.get("officers")
    known: dict[str, tuple[str, set[str]]] = {
        "authority_id": ("authorities", {a.authority_id for a in snapshot.authorities}),
        "shift_id": ("shifts", {h.shift_id for h in snapshot.calendar.shifts}),
    }
    if officers is not None and officers.has("officer_id"):
        known["officer_id"] = "officers", set(officers["officer_id"])
    for name, typed in tables.items():
        for column, (where, values) in known.items():
            if not typed.has(column) or (name, column) == ("officers", "officer_id"):
                continue
            for i, value in enumerate(typed[column]):
                if value and value not in values:
                    yield typed.problem("unknown_reference", i, column, where=where)


def _reversed(tables: Mapping[str, TypedTable], name: str, first: str, last: str, code: str) -> Iterable[Problem]:
    typed = tables.get(name)
    if typed is None or not typed.has(first, last):
        return
    for i in range(len(typed)):
        if typed[last][i] < typed[first][i]:  # never so where one of them is missing
            yield typed.problem(code, i, last, first=typed.text(i, first))
