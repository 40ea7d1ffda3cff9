"""The evidence of warnings, led back to the record: entries with their events, visits, plans and what else there is."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Table, select

from api.access.caller import Caller
from api.access.scope import seen
from api.store.fieldwork_tables import entries, field_events
from api.store.schema import history, outcomes, plans
from api.store.warning_tables import missed_scans, warnings

_ENTRY = (
    "entry_id", "enterprise_id", "street_id", "authority_id", "horizon_id", "visit_id", "date", "path", "scan_status",
    "state", "entered_at", "scanned_at", "left_at", "trigger", "cap_exempt", "approval_no", "papers_due", "reason",
)  # fmt: skip
_EVENT = ("number", "event_id", "kind", "received_at", "happened_at", "entry_id", "by")
_PLAN = ("plan_id", "horizon_id", "authority_id", "code", "revision", "state", "approval_no", "approved_at")
_RECORD = ("row_id", "enterprise_id", "authority_id", "date", "visit_id", "trigger", "cap_exempt")
_OUTCOME = ("outcome_id", "horizon_id", "visit_id", "date", "outcome", "minutes", "left_items", "recorded_at")
_WARNING = ("warning_id", "kind", "severity", "state", "date", "enterprise_id")
_MISSED = ("ref", "authority_id", "enterprise_id", "street_id", "date", "horizon_id", "visit_id", "explained_by")


def resolved(connection: Connection, caller: Caller, evidence: Sequence[Sequence[str]]) -> list[dict[str, Any]]:
    """Return the evidence with its rows of the record; without a row where the caller does not see it.

    An entry has its events with it, in the order in which they came in.
    """
    ids: dict[str, list[str]] = defaultdict(list)
    for kind, ref in evidence:
        ids[kind].append(ref)
    found = {
        "entry": _entries(connection, caller, ids["entry"]),
        "visit": _missed(connection, ids["visit"]),
        "record": _rows(connection, caller, history, _RECORD, [int(i) for i in ids["record"]]),
        "outcome": _rows(connection, caller, outcomes, _OUTCOME, ids["outcome"]),
        "plan": _rows(connection, caller, plans, _PLAN, ids["plan"]),
        "warning": _rows(connection, caller, warnings, _WARNING, ids["warning"]),
    }
    return [{"kind": kind, "id": ref, "record": found[kind].get(ref)} for kind, ref in evidence]


def _rows(
    connection: Connection, caller: Caller, table: Table, names: Sequence[str], ids: Sequence[Any]
) -> Mapping[str, dict[str, Any]]:
    if not ids:
        return {}
    key = next(iter(table.primary_key.columns))
    query = select(*(table.c[n] for n in names)).where(key.in_(ids), seen(caller, table.name))
    return {str(r[key.name]): dict(r) for r in connection.execute(query).mappings()}


def _entries(connection: Connection, caller: Caller, ids: Sequence[str]) -> Mapping[str, dict[str, Any]]:
    found = _rows(connection, caller, entries, _ENTRY, ids)
    if not found:
        return {}
    query = select(*(field_events.c[n] for n in _EVENT)).where(field_events.c.entry_id.in_(list(found)))
    events: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for r in connection.execute(query.order_by(field_events.c.number)).mappings():
        events[r["entry_id"]].append(dict(r))
    return {i: {**r, "events": events[i]} for i, r in found.items()}


def _missed(connection: Connection, refs: Sequence[str]) -> Mapping[str, dict[str, Any]]:
    """Return missing scans; they are of the authority that answers for the warning."""
    query = select(*(missed_scans.c[n] for n in _MISSED)).where(missed_scans.c.ref.in_([f"visit/{r}" for r in refs]))
    return {r["ref"].removeprefix("visit/"): dict(r) for r in connection.execute(query).mappings()} if refs else {}
