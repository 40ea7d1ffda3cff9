"""Slots that an enterprise may wish for: lawful dates and shifts of an announced visit, whatever the schedule holds.

They depend on the horizon's calendar and on the visit's own items only. Offers worked out of the whole schedule would
shift with unannounced visits, and an enterprise that looks often enough would see it.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import Connection, delete, insert, select

from api.enterprise_side.coming import announced_items
from api.errors import Refusal
from api.fieldwork.record import Happening, append
from api.horizons.service import read_horizon
from api.reference import service as registers
from api.store.enterprise_tables import chosen_slots
from api.store.schema import preferred_pins
from api.store.work import Work
from scheduler.domain.fieldwork.kinds import EventKind
from scheduler.explain.facts import iso

NOTICE_DAYS = 3
"""Inspection dates from today on that are too near to be wished for: ours, no law's [calc]."""


def offers(connection: Connection, visit: dict[str, Any], today: str) -> list[dict[str, str]]:
    """Return the dates and shifts on which all items of a visit may be inspected, in order of time."""
    items = announced_items(connection, visit["horizon_id"], [i["item_id"] for i in visit["items"]])
    calendar = read_horizon(connection, visit["horizon_id"]).calendar
    if not items or calendar is None:
        return []
    first, last = max(i["earliest"] for i in items), min(i["latest"] for i in items)
    ahead = [d for d in calendar.days if d > date.fromisoformat(today).toordinal()][NOTICE_DAYS:]
    days = [iso(d) for d in ahead if first <= iso(d) <= last]
    return [{"date": d, "shift_id": s.shift_id} for d in days for s in calendar.shifts]


def choose(work: Work, visit: dict[str, Any], slot: dict[str, str], enterprise_id: str, today: str, event: str) -> None:
    """Keep what an enterprise would rather have, in place of what it chose before.

    Raises
    ------
    Refusal : the slot is none of the offers.
    """
    if slot not in offers(work.connection, visit, today):
        raise Refusal("slot_not_offered")
    register = registers.REGISTERS["preferred_pins"]
    key = {"enterprise_id": enterprise_id, "horizon_id": visit["horizon_id"], "visit_id": visit["visit_id"]}
    same = [chosen_slots.c[k] == v for k, v in key.items()]
    before = work.connection.execute(select(chosen_slots).where(*same).with_for_update()).mappings().one_or_none()
    if before is not None:
        if slot == {k: before[k] for k in slot}:
            return
        mine = preferred_pins.c.row_id == before["pin_id"]
        pin = work.connection.execute(select(preferred_pins).where(mine)).mappings().one_or_none()
        if pin is not None:  # nobody has taken it out of the register meanwhile
            registers.drop(register, work, dict(pin))
        work.connection.execute(delete(chosen_slots).where(*same))
    pin_id = registers.add(register, work, {"enterprise_id": enterprise_id, **slot})["row_id"]
    work.connection.execute(insert(chosen_slots).values(**key, **slot, pin_id=pin_id))
    append(work, Happening(event_id=event, kind=EventKind.SLOT_CHOSEN, data=slot, **key))
