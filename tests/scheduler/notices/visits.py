"""Visits for tests of notices."""

from __future__ import annotations

from typing import Any

from scheduler.domain.schedule import JointVisit, visit_id_of

MONDAY = 739_901
"""2026-10-12."""


def visit(day: int = MONDAY, items: tuple[str, ...] = ("X1",), **more: Any) -> JointVisit:
    """Return a visit of some items, an hour from nine."""
    values: dict[str, Any] = {
        "visit_id": visit_id_of(items),
        "enterprise_id": "E1",
        "street_id": "S1",
        "day": day,
        "shift_id": "AM",
        "start": 540,
        "end": 600,
        "authority_ids": ("A1",),
        "item_ids": tuple(sorted(items)),
        **more,
    }
    return JointVisit(**values)
