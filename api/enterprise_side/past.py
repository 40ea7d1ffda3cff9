"""The inspections that an enterprise has had: doors at which officers have been and left."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, select

from api.enterprise_side.coming import names_of
from api.store.enterprise_tables import rated_doors
from api.store.fieldwork_tables import entries, entry_items
from scheduler.domain.fieldwork.kinds import EntryState, ItemResult

_SHOWN = ("item_id", "item_code", "result", "due", "case_no", "leniency_list", "note")


def past(connection: Connection, enterprise_id: str) -> list[dict[str, Any]]:
    """Return the doors of an enterprise that are closed, the latest first.

    An item that officers did not get round to is left out: that they will come back may be unannounced.
    """
    query = select(entries).where(entries.c.enterprise_id == enterprise_id, entries.c.state == EntryState.CLOSED.value)
    found = connection.execute(query.order_by(entries.c.date.desc(), entries.c.entry_id)).mappings().all()
    names = names_of(connection, (e["authority_id"] for e in found))
    rated = set(connection.scalars(select(rated_doors.c.door).where(rated_doors.c.enterprise_id == enterprise_id)))
    doors: dict[str, dict[str, Any]] = {}
    for entry in found:
        key = door_of(entry)
        about = {"door": key, "date": entry["date"], "street_id": entry["street_id"], "rated": key in rated}
        door = doors.setdefault(key, {**about, "entries": []})
        results = select(*(entry_items.c[k] for k in _SHOWN)).where(
            entry_items.c.entry_id == entry["entry_id"], entry_items.c.result != ItemResult.NOT_DONE.value
        )
        items = [dict(r) for r in connection.execute(results.order_by(entry_items.c.item_id)).mappings()]
        authority = entry["authority_id"]
        of = {k: entry[k] for k in ("entry_id", "scan_status", "entered_at", "left_at")}
        door["entries"].append({**of, "authority_id": authority, "authority": names[authority], "items": items})
    return list(doors.values())


def door_of(entry: Any) -> str:
    """Return what tells doors of an enterprise apart: authorities of one visit on one date are at one door."""
    return f"{entry['visit_id']} {entry['date']}" if entry["visit_id"] else str(entry["entry_id"])
