"""What rows of several registers must be together, so that no area's planning stops for one of them later."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy import Connection, Table, and_, exists, func, select

from api.errors import invalid
from api.store.schema import history, horizons, pins, preferred_pins, shifts
from scheduler.errors import Problem
from scheduler.intake.problems import problem

_SHOWN = 100
"""Rows that are told of at once."""


def require_together(connection: Connection, table: str, row: Mapping[str, Any] | None = None) -> None:
    """Do nothing when what was written to a table goes with the rest; `row` says what, all of it is looked at without.

    Raises
    ------
    Refusal : a pin's shift is none of the horizon that its date lies in, or a visit of the past has two dates.
    """
    found: list[Problem] = []
    if table in ("pins", "preferred_pins", "shifts", "horizons"):
        found = [p for pins_of in (pins, preferred_pins) for p in _pins_without_shift(connection, pins_of)]
    elif table == "history":
        found = list(_visits_on_two_dates(connection, row))
    if found:
        raise invalid(found)


def _pins_without_shift(connection: Connection, pins: Table) -> Iterator[Problem]:
    its_shift = exists().where(shifts.c.horizon_id == horizons.c.horizon_id, shifts.c.shift_id == pins.c.shift_id)
    query = (
        select(pins.c.enterprise_id, pins.c.date, pins.c.shift_id, horizons.c.horizon_id)
        .join(horizons, and_(pins.c.date >= horizons.c.start, pins.c.date <= horizons.c.end))
        .where(pins.c.shift_id.is_not(None), ~its_shift)
        .order_by(pins.c.row_id, horizons.c.horizon_id)
        .limit(_SHOWN)
    )
    for enterprise_id, date, shift_id, horizon_id in connection.execute(query):
        what = f"{enterprise_id} {date} {shift_id}"
        yield problem("unknown_reference", pins.name, None, "shift_id", what, where=f"shifts ({horizon_id})")


def _visits_on_two_dates(connection: Connection, row: Mapping[str, Any] | None) -> Iterator[Problem]:
    query = select(history.c.enterprise_id, history.c.visit_id, func.min(history.c.date), func.max(history.c.date))
    if row is not None:
        query = query.where(history.c.enterprise_id == row["enterprise_id"])
    query = (
        query.where(history.c.visit_id.is_not(None))
        .group_by(history.c.enterprise_id, history.c.visit_id)
        .having(func.min(history.c.date) != func.max(history.c.date))
        .order_by(history.c.enterprise_id, history.c.visit_id)
        .limit(_SHOWN)
    )
    for enterprise_id, visit_id, first, last in connection.execute(query):
        what = f"{enterprise_id} {visit_id} {last}"
        yield problem("visit_has_a_date", "history", None, "date", what, other=first)
