"""One more row of every register, what it is replaced by, and which of the world's rows something refers to."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

NEW: Mapping[str, Mapping[str, Any]] = {
    "districts": {"district_id": "D9", "name": "南山区"},
    "streets": {"street_id": "S9", "name": "街道9", "district_id": "D1", "lon": 113.95, "lat": 22.7},
    "authorities": {"authority_id": "A9", "name": "消防救援局", "level": "city"},
    "enterprises": {
        "enterprise_id": "E9",
        "name": "企业9",
        "street_id": "S1",
        "lon": 113.93,
        "lat": 22.76,
        "usci": "91350100M000100Y43",
        "industry": "餐饮",
        "credit_class": "A",
        "closed_dates": ["2026-10-09", "2026-11-11"],
        "closed_weekdays": [6, 7],
        "open_from": "08:30",
        "open_to": "18:00",
    },
    "officers": {
        "officer_id": "P9",
        "authority_id": "A1",
        "name": "人员9",
        "certificate_no": "粤B00009",
        "valid_from": "2024-01-01",
        "valid_to": "2028-12-31",
    },
    "crews": {
        "authority_id": "A1",
        "area_id": "S2",
        "crews": 3,
        "from": "2026-10-01",
        "to": "2026-11-30",
        "weekdays": [1, 2],
        "shift_id": "AM",
    },
    "history": {
        "enterprise_id": "E2",
        "authority_id": "A3",
        "date": "2026-06-30",
        "visit_id": "V1",
        "trigger": "campaign",
        "cap_exempt": True,
    },
    "quiet": {
        "scope": "industry",
        "id": "餐饮",
        "rule": "2026-10-20..2026-10-24",
        "exempt_triggers": ["case", "follow_up"],
    },
    "pins": {"enterprise_id": "E1", "date": "2026-11-02", "shift_id": "AM"},
    "preferred_pins": {"enterprise_id": "E1", "date": "2026-11-02", "shift_id": "AM"},
    "shifts": {"horizon_id": "2026Q4", "shift_id": "EV", "start": "18:00", "end": "20:00"},
    "caps": {
        "horizon_id": "2026Q4",
        "scope": "authority",
        "authority": "A1",
        "credit_class": "A",
        "period": "month",
        "max_visits": 1,
    },
    "missing_crews": {"authority_id": "A1", "area_id": "S2", "date": "2026-10-20", "shift_id": "AM", "crews": 1},
    "cancelled_shifts": {"date": "2026-10-20", "shift_id": "AM", "area_id": "*"},
    "absences": {"officer_id": "P1", "from": "2026-10-20", "to": "2026-10-23", "shift_id": "AM"},
    "recusals": {"officer_id": "P1", "enterprise_id": "E1"},
}
"""Rows with every field filled."""

REPLACED: Mapping[str, Mapping[str, Any]] = {
    "districts": {"district_id": "D9", "name": "南山"},
    "streets": {"street_id": "S9", "name": "粤海街道", "district_id": "D2", "lon": 113, "lat": 22.5},
    "authorities": {"authority_id": "A9", "name": "消防"},
    "enterprises": {"enterprise_id": "E9", "name": "企业九", "street_id": "S3", "lon": 113.9, "lat": 22.7},
    "officers": {**NEW["officers"], "name": "人员九", "valid_to": "2030-12-31"},
    "crews": {"authority_id": "A1", "area_id": "*", "crews": 0},
    "history": {"enterprise_id": "E2", "authority_id": "A3", "date": "2026-07-01"},
    "quiet": {"scope": "all", "rule": "monthly:1-5"},
    "pins": {"enterprise_id": "E1", "date": "2026-11-03"},
    "preferred_pins": {"enterprise_id": "E1", "date": "2026-11-03"},
    "shifts": {"horizon_id": "2026Q4", "shift_id": "EV", "start": "19:00", "end": "21:00"},
    "caps": {"horizon_id": "2026Q4", "scope": "enterprise", "period": "year", "max_visits": 9},
    "missing_crews": {"authority_id": "A1", "area_id": "D1", "date": "2026-10-21"},
    "cancelled_shifts": {"date": "2026-10-21"},
    "absences": {"officer_id": "P1", "from": "2026-10-21", "to": "2026-10-21"},
    "recusals": {"officer_id": "P1", "enterprise_id": "E2"},
}
"""What each is replaced by: required fields, so that the others are emptied."""

IN_USE: Mapping[str, tuple[str, str]] = {
    "districts": ("D1", "streets"),
    "streets": ("S1", "enterprises"),
    "authorities": ("A1", "crews"),
    "enterprises": ("E3", "history"),
}
"""Rows that others refer to, and which table does."""
