"""The table of events: rows of what happened to a published schedule, each with the columns that its event needs."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from scheduler.domain.calendar import Period
from scheduler.domain.people import WHOLE_CITY
from scheduler.domain.plans import Notice, PlanItem, Trigger
from scheduler.domain.policy import ANY, CapScope, FrequencyCap
from scheduler.domain.schedule import Schedule
from scheduler.domain.snapshot import PlanningSnapshot
from scheduler.errors import InvalidCase, Problem, Severity
from scheduler.intake.columns import EventName
from scheduler.intake.problems import problem
from scheduler.intake.references import resolve_priorities
from scheduler.intake.single import table_of_csv, table_of_workbook
from scheduler.intake.typed import TypedTable, type_table
from scheduler.replan.events import (
    CapChanged,
    CrewMissing,
    EnterpriseClosed,
    Event,
    ItemAdded,
    ItemWithdrawn,
    NoAccess,
    Refused,
    ShiftCancelled,
    VisitDone,
)
from scheduler.replan.faults import faults_of

TABLE = "events"
_ITEM = ("item_id", "authority_id", "enterprise_id", "duration_min", "earliest", "latest")
_NEEDS: Mapping[str, tuple[str, ...]] = {
    EventName.DONE: ("visit_id",),
    EventName.NO_ACCESS: ("visit_id",),
    EventName.REFUSED: ("visit_id",),
    EventName.ENTERPRISE_CLOSED: ("enterprise_id", "from"),
    EventName.CREW_MISSING: ("authority_id", "area_id", "date"),
    EventName.SHIFT_CANCELLED: ("date",),
    EventName.ITEM_ADDED: (*_ITEM, "priority"),
    EventName.URGENT_CASE: _ITEM,
    EventName.ITEM_WITHDRAWN: ("item_id",),
    EventName.CAP_CHANGED: ("scope", "period", "max_visits"),
}
"""Cells that a row of each event must fill."""

_LIST = re.compile(r"[;；,，、\s]+")


def listed_ids(text: str) -> tuple[str, ...]:
    """Return the ids of a cell that lists some, by any of the usual separators."""
    return tuple(p for p in _LIST.split(text) if p)


def read_events(
    data: bytes, snapshot: PlanningSnapshot, published: Schedule, today: int, *, workbook: bool = False
) -> tuple[Event, ...]:
    """Return the events of a CSV file or of a workbook's sheet ``events``, in its order.

    Parameters
    ----------
    snapshot, published, today : what the events must fit, see :func:`scheduler.replan.replan.replan`.

    Raises
    ------
    InvalidCase : rows are wrong; it holds every problem, and no event is used.
    """
    frame, problems = (table_of_workbook if workbook else table_of_csv)(data, TABLE)
    typed, faults = type_table(TABLE, frame)
    problems = [*problems, *faults]
    if typed.has("event"):
        problems += _missing(typed)
    if any(p.severity is Severity.ERROR for p in problems):
        raise InvalidCase(_in_order(problems))
    events = [_event(typed, i, snapshot) for i in range(len(typed))]
    for fault in faults_of(snapshot, published, events, today):
        row = None if fault.position is None else int(typed.rows[fault.position])
        value = None if fault.position is None else typed.text(fault.position, "event")
        said = {"detail": fault.sentence("zh"), "detail_en": fault.sentence("en")}
        problems.append(problem("bad_event", TABLE, row, "event", value, **said))
    if any(p.severity is Severity.ERROR for p in problems):
        raise InvalidCase(_in_order(problems))
    return tuple(events)


def _in_order(problems: list[Problem]) -> tuple[Problem, ...]:
    return tuple(sorted(problems, key=lambda p: p.row or 0))


def _missing(typed: TypedTable) -> list[Problem]:
    return [
        problem("missing_value", TABLE, int(typed.rows[i]), column)
        for i, name in enumerate(typed["event"])
        for column in _NEEDS.get(name, ())
        if _empty(typed, i, column)
    ]


def _empty(typed: TypedTable, i: int, column: str) -> bool:
    return not typed.has(column) or not typed.text(i, column).strip()


def _cell(typed: TypedTable, i: int, column: str) -> Any:
    """Return a cell as a plain value, ``None`` where it is empty or its column absent."""
    if _empty(typed, i, column):
        return None
    value = typed[column][i]
    return int(value) if typed[column].dtype == np.float64 else value


def _event(typed: TypedTable, i: int, snapshot: PlanningSnapshot) -> Event:
    def cell(column: str, default: Any = None) -> Any:
        value = _cell(typed, i, column)
        return default if value is None else value

    name = EventName(typed["event"][i])
    makers: Mapping[EventName, Callable[[], Event]] = {
        EventName.DONE: lambda: VisitDone(
            visit_id=cell("visit_id"),
            minutes=cell("minutes"),
            left_item_ids=listed_ids(cell("left_items", "")),
        ),
        EventName.NO_ACCESS: lambda: NoAccess(visit_id=cell("visit_id")),
        EventName.REFUSED: lambda: Refused(visit_id=cell("visit_id")),
        EventName.ENTERPRISE_CLOSED: lambda: EnterpriseClosed(
            enterprise_id=cell("enterprise_id"), first_day=cell("from"), last_day=cell("to", cell("from"))
        ),
        EventName.CREW_MISSING: lambda: CrewMissing(
            authority_id=cell("authority_id"),
            area_id=cell("area_id"),
            day=cell("date"),
            shift_id=cell("shift_id"),
            crews=cell("crews", 1),
        ),
        EventName.SHIFT_CANCELLED: lambda: ShiftCancelled(
            day=cell("date"), shift_id=cell("shift_id"), area_id=cell("area_id", WHOLE_CITY)
        ),
        EventName.ITEM_ADDED: lambda: ItemAdded(item=_item(cell, typed, i, snapshot, urgent=False)),
        EventName.URGENT_CASE: lambda: ItemAdded(item=_item(cell, typed, i, snapshot, urgent=True)),
        EventName.ITEM_WITHDRAWN: lambda: ItemWithdrawn(item_id=cell("item_id")),
        EventName.CAP_CHANGED: lambda: CapChanged(
            cap=FrequencyCap(
                scope=CapScope(cell("scope")),
                period=Period(cell("period")),
                max_visits=cell("max_visits"),
                authority=cell("authority_id", ANY),
                credit_class=cell("credit_class", ANY),
            )
        ),
    }
    return makers[name]()


def _item(cell: Callable[..., Any], typed: TypedTable, i: int, snapshot: PlanningSnapshot, *, urgent: bool) -> PlanItem:
    """Return the plan item of a row; an urgent case is unannounced, cap-exempt and heaviest unless it says else."""
    weights = dict(snapshot.policy.priority_weights)
    priority = cell("priority")
    if priority is None:
        priority = max(weights, key=lambda name: (weights[name], name))
    else:
        priority = str(resolve_priorities(typed["priority"][i : i + 1], weights)[0])
    return PlanItem(
        item_id=cell("item_id"),
        authority_id=cell("authority_id"),
        enterprise_id=cell("enterprise_id"),
        duration_min=cell("duration_min"),
        earliest=cell("earliest"),
        latest=cell("latest"),
        priority=priority,
        trigger=Trigger(cell("trigger", Trigger.CASE if urgent else Trigger.ROUTINE)),
        crews=cell("crews", 1),
        cap_exempt=bool(cell("cap_exempt", urgent)),
        notice=Notice(cell("notice", Notice.UNANNOUNCED if urgent else Notice.ANNOUNCED)),
        item_code=cell("item_code"),
        legal_basis=cell("legal_basis"),
    )
