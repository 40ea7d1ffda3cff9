"""Entries put straight into the tables of the record, as the scan would."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import insert

from api.store.fieldwork_tables import entries, entry_items
from tests.api.service.world import Service


def enter(service: Service, entry_id: str, results: Mapping[str, Any], **more: Any) -> None:
    """Store an entry of A1 at E1 (street S1), and the results of its items: a result, or the columns of one."""
    on = more.get("date", "2026-10-20")
    entry = {
        "entry_id": entry_id,
        "enterprise_id": "E1",
        "street_id": "S1",
        "authority_id": "A1",
        "horizon_id": "2026Q4",
        "visit_id": None,
        "date": on,
        "path": "planned",
        "scan_status": "scanned",
        "state": "closed",
        "entered_at": f"{on}T01:00:00.000000Z",
        "scanned_at": f"{on}T01:00:00.000000Z",
        "left_at": f"{on}T01:40:00.000000Z",
        "officer_ids": "P1",
        "item_ids": ";".join(results),
        "trigger": "routine",
        "cap_exempt": False,
        "flags": [],
        **more,
    }
    with service.store.writing("system") as work:
        work.connection.execute(insert(entries).values(**entry))
        if entry["state"] in ("open", "closed"):
            for item_id, said in results.items():
                row = said if isinstance(said, dict) else {"result": said}
                recorded = {"recorded_at": f"{on}T02:00:00.000000Z", **row}
                work.connection.execute(insert(entry_items).values(entry_id=entry_id, item_id=item_id, **recorded))
