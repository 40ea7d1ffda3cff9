"""Pins in the register that operations on schedules put there and take away."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select

from api.reference import service
from api.store.schema import pins, preferred_pins
from api.store.work import Work
from scheduler.domain.plans import Pin
from scheduler.explain.facts import iso

_REGISTER, _PREFERRED = service.REGISTERS["pins"], service.REGISTERS["preferred_pins"]


def wire(pin: Pin) -> dict[str, Any]:
    """Return a pin as a row of the register."""
    return {"enterprise_id": pin.enterprise_id, "date": iso(pin.day), "shift_id": pin.shift_id}


def add_pin(work: Work, row: Mapping[str, Any]) -> dict[str, Any]:
    """Put a pin into the register and return its row.

    Raises
    ------
    Refusal : it does not go with the rest.
    """
    return service.add(_REGISTER, work, row)


def drop_pin(work: Work, row: Mapping[str, Any]) -> int:
    """Take a pin out of the register, as often as it is there, and return how often."""
    same = [pins.c[k].is_(None) if v is None else pins.c[k] == v for k, v in row.items()]
    found = [dict(r) for r in work.connection.execute(select(pins).where(*same)).mappings()]
    for pin in found:
        service.drop(_REGISTER, work, pin)
    return len(found)


def loosen_pin(work: Work, row: Mapping[str, Any]) -> None:
    """Make a fixed pin a preferred one."""
    drop_pin(work, row)
    same = [preferred_pins.c[k].is_(None) if v is None else preferred_pins.c[k] == v for k, v in row.items()]
    if work.connection.execute(select(preferred_pins.c.row_id).where(*same).limit(1)).first() is None:
        service.add(_PREFERRED, work, row)
