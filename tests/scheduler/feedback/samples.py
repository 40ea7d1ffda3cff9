"""Findings and other facts for tests of feedback."""

from __future__ import annotations

from datetime import date
from typing import Any

from scheduler.domain.fieldwork.kinds import ItemResult
from scheduler.feedback.facts import Finding, LeftItem, Span


def day(text: str) -> int:
    return date.fromisoformat(text).toordinal()


SPAN = Span(horizon_id="2027Q1", start=day("2027-01-01"), end=day("2027-03-31"))


def finding(entry_id: str = "N1", item_id: str = "X1", **more: Any) -> Finding:
    values = {
        "enterprise_id": "E1",
        "authority_id": "A1",
        "day": day("2026-12-01"),
        "result": ItemResult.RECTIFICATION,
        "due": day("2027-01-10"),
        "told": "2026-12-01T03:00:00Z",
        "item_code": "A1-01",
        "planned_min": 40,
        **more,
    }
    if values["result"] is not ItemResult.RECTIFICATION:
        values["due"] = None
    return Finding(entry_id=entry_id, item_id=item_id, **values)


def left(item_id: str = "X1", **more: Any) -> LeftItem:
    values = {
        "horizon_id": "2026Q4",
        "enterprise_id": "E1",
        "authority_id": "A1",
        "day": day("2026-12-10"),
        "why": "no_access",
        "duration_min": 30,
        "priority": "normal",
        **more,
    }
    return LeftItem(item_id=item_id, **values)
