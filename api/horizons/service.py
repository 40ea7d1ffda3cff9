"""Horizons: stored as case.toml says them, so that the intake reads a horizon as it reads a case."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, insert, select, update
from sqlalchemy.exc import IntegrityError

from api.errors import Refusal, invalid
from api.reference.together import require_together
from api.store.pages import Page, page
from api.store.schema import caps, horizons, shifts
from api.store.work import Work
from scheduler.errors import Problem, Severity
from scheduler.intake.cells import CellFault, parse_date
from scheduler.intake.config import ConfigRead, read_config
from scheduler.intake.problems import problem
from scheduler.intake.tables import FORMAT

_HORIZON = ("calendar", "closed", "open")
_SECTIONS = ("visit", "travel", "street", "objective", "priority")


def config_of(connection: Connection, horizon_id: str) -> dict[str, Any]:
    """Return the content of case.toml that a horizon stands for.

    Raises
    ------
    Refusal : there is no such horizon.
    """
    row = _row(connection, horizon_id)
    of_shifts = select(shifts).where(shifts.c.horizon_id == horizon_id).order_by(shifts.c.start, shifts.c.shift_id)
    of_caps = select(caps).where(caps.c.horizon_id == horizon_id).order_by(caps.c.row_id)
    return config_from(
        row,
        [{"id": s.shift_id, "start": s.start, "end": s.end} for s in connection.execute(of_shifts)],
        [
            {
                "scope": c.scope,
                "authority": c.authority or "*",
                "credit_class": c.credit_class or "*",
                "period": c.period,
                "max_visits": c.max_visits,
            }
            for c in connection.execute(of_caps)
        ],
    )


def config_from(
    row: Mapping[Any, Any], shift_rows: Sequence[Mapping[Any, Any]], cap_rows: Sequence[Mapping[Any, Any]]
) -> dict[str, Any]:
    """Return the content of case.toml from a horizon's row, shifts and caps."""
    settings = row["settings"]
    horizon = {"start": row["start"], "end": row["end"], **{k: settings[k] for k in _HORIZON if k in settings}}
    out = {"format": FORMAT, "name": row["name"], "horizon": horizon, "shift": list(shift_rows)}
    out |= {k: settings[k] for k in _SECTIONS if k in settings}
    if cap_rows:
        out["cap"] = [_cap_toml(c) for c in cap_rows]
    return out


def _cap_toml(cap: Mapping[Any, Any]) -> dict[str, Any]:
    if cap["scope"] == "enterprise":
        return {k: v for k, v in cap.items() if k != "authority"}
    return dict(cap)


def read_horizon(connection: Connection, horizon_id: str) -> ConfigRead:
    """Return the configuration of a horizon, read by the intake.

    Raises
    ------
    Refusal : there is none, or its shifts or caps do not go together.
    """
    return checked_config(config_of(connection, horizon_id))


def checked_config(config: Mapping[str, Any], more: Sequence[Problem] = ()) -> ConfigRead:
    """Return the content of case.toml as the intake reads it.

    Raises
    ------
    Refusal : it has errors, or there are `more` of them.
    """
    read, problems = read_config(config)
    errors = [*(p for p in problems if p.severity is Severity.ERROR), *more]
    if errors:
        raise invalid(errors)
    return read


def create(work: Work, body: Mapping[Any, Any]) -> dict[str, Any]:
    """Store a horizon with its shifts and caps, and return it.

    Raises
    ------
    Refusal : it has faults, or exists already.
    """
    row = row_of(body)
    checked_config(config_from(row, body["shifts"], body["caps"]), _closing_date(row["closing_date"]))
    try:
        with work.connection.begin_nested():
            work.connection.execute(insert(horizons).values(**row))
    except IntegrityError:
        raise Refusal("already_exists", what=f"horizons/{row['horizon_id']}") from None
    store_shifts_and_caps(work.connection, row["horizon_id"], body["shifts"], body["caps"])
    require_together(work.connection, "horizons")
    work.record("horizons.create", f"horizons/{row['horizon_id']}", after=dict(body))
    return to_wire(_row(work.connection, row["horizon_id"]))


def store_shifts_and_caps(
    connection: Connection,
    horizon_id: str,
    shift_rows: Sequence[Mapping[Any, Any]],
    cap_rows: Sequence[Mapping[Any, Any]],
) -> None:
    """Store the shifts and caps of a horizon that has none."""
    of_shifts = [
        {"horizon_id": horizon_id, "shift_id": s["id"], "start": s["start"], "end": s["end"]} for s in shift_rows
    ]
    of_caps = [
        {
            "horizon_id": horizon_id,
            "scope": str(c["scope"]),
            "authority": c.get("authority") or "*",
            "credit_class": c.get("credit_class") or "*",
            "period": str(c["period"]),
            "max_visits": c["max_visits"],
        }
        for c in cap_rows
    ]
    for table, rows in ((shifts, of_shifts), (caps, of_caps)):
        if rows:
            connection.execute(insert(table), rows)


def replace(work: Work, horizon_id: str, body: Mapping[Any, Any], version: int | None) -> dict[str, Any]:
    """Replace the settings of a horizon, and return it.

    Raises
    ------
    Refusal : there is none, its version is another, or the settings have faults.
    """
    before = _row(work.connection, horizon_id)
    if version is not None and before["version"] != version:
        raise Refusal("precondition_failed", version=before["version"])
    row = row_of({**body, "horizon_id": horizon_id})
    stored = config_of(work.connection, horizon_id)
    checked_config(config_from(row, stored["shift"], stored.get("cap", [])), _closing_date(row["closing_date"]))
    work.connection.execute(
        update(horizons).where(horizons.c.horizon_id == horizon_id).values(**row, version=before["version"] + 1)
    )
    require_together(work.connection, "horizons")
    after = to_wire(_row(work.connection, horizon_id))
    work.record("horizons.replace", f"horizons/{horizon_id}", before=to_wire(before), after=after)
    return after


def find(connection: Connection, horizon_id: str) -> dict[str, Any]:
    """Return a horizon as it is sent.

    Raises
    ------
    Refusal : there is none.
    """
    return to_wire(_row(connection, horizon_id))


def listing(connection: Connection, limit: int, cursor: str | None) -> Page:
    """Return a page of horizons."""
    found = page(connection, select(horizons), [horizons.c.horizon_id], limit, cursor)
    return Page(rows=[to_wire(r) for r in found.rows], next_cursor=found.next_cursor)


def row_of(body: Mapping[Any, Any]) -> dict[str, Any]:
    """Return a horizon as it is stored."""
    plain = ("horizon_id", "name", "start", "end", "closing_date")
    settings = {k: body[k] for k in (*_HORIZON, *_SECTIONS) if k in body}
    return {**{k: body[k] for k in plain}, "settings": settings}


def to_wire(row: Mapping[Any, Any]) -> dict[str, Any]:
    """Return a stored horizon as it is sent."""
    return {k: v for k, v in row.items() if k != "settings"} | dict(row["settings"])


def _row(connection: Connection, horizon_id: str) -> Mapping[Any, Any]:
    query = select(horizons).where(horizons.c.horizon_id == horizon_id)
    row = connection.execute(query).mappings().one_or_none()
    if row is None:
        raise Refusal("not_found", what=f"horizons/{horizon_id}")
    return row


def _closing_date(text: str) -> list[Problem]:
    try:
        parse_date(text)
    except CellFault as fault:
        return [problem(fault.code, "case", None, "closing_date", text)]
    return []
