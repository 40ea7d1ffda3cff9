"""Entries and what surrounds them, with everything filled in that a test does not care about."""

from __future__ import annotations

from datetime import date
from itertools import count
from typing import Any

from scheduler.domain.fieldwork.entry import Entry
from scheduler.domain.fieldwork.kinds import EntryPath, EntryState, ScanStatus
from scheduler.domain.plans import PastInspection
from scheduler.supervision.at_door import CapsOfTime, Enterprise
from scheduler.supervision.doors import Past, doors_of
from scheduler.supervision.rules import DEFAULT_RULES, WarningRule
from scheduler.supervision.scans import MissingScan, PlannedPart

_NUMBERS = count(1)
D = date(2026, 10, 8).toordinal()
RULES = {r.rule_id: r for r in DEFAULT_RULES}


def rule(rule_id: str) -> WarningRule:
    return RULES[rule_id]


def entry(day: int = D, **more: Any) -> Entry:
    values: dict[str, Any] = {
        "entry_id": f"N{next(_NUMBERS)}",
        "enterprise_id": "E1",
        "street_id": "S1",
        "authority_id": "A1",
        "day": day,
        "path": EntryPath.PLANNED,
        "scan_status": ScanStatus.SCANNED,
        "state": EntryState.CLOSED,
        "officer_ids": ("P1", "P2"),
        "item_ids": ("X1",),
        "entered_min": 540,
        "left_min": 600,
        **more,
    }
    return Entry(**values)


def enterprise(*entries: Entry, past: tuple[Past, ...] = (), caps: tuple[CapsOfTime, ...] = ()) -> Enterprise:
    return Enterprise(
        enterprise_id="E1",
        street_id="S1",
        district_id="D1",
        credit_class="B",
        entries=entries,
        doors=doors_of(entries, past),
        caps=caps,
    )


def past(day: int, authority_id: str = "A1", **more: Any) -> Past:
    inspection = PastInspection(enterprise_id="E1", authority_id=authority_id, day=day, **more)
    return Past(inspection=inspection, ref=("record", f"{authority_id}/{day}"))


def missing(day: int = D, authority_id: str = "A1", ref: str | None = None) -> MissingScan:
    return MissingScan(
        authority_id=authority_id,
        enterprise_id="E1",
        street_id="S1",
        day=day,
        ref=("visit", ref or f"H/V{day}/{authority_id}"),
    )


def part(day: int = D, **more: Any) -> PlannedPart:
    values: dict[str, Any] = {
        "horizon_id": "H",
        "visit_id": "V1",
        "authority_id": "A1",
        "enterprise_id": "E1",
        "street_id": "S1",
        "item_ids": ("X1",),
        **more,
    }
    return PlannedPart(day=day, **values)
