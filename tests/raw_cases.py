"""A snapshot turned back into the plain tables of a case."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date
from typing import Any

from scheduler.domain.policy import FrequencyCap, QuietPeriod
from scheduler.domain.snapshot import PlanningSnapshot
from scheduler.intake.tables import RawCase, raw_case

Columns = dict[str, Callable[[Any], Any]]


def _day(number: int | None) -> date | None:
    return None if number is None else date.fromordinal(number)


def _clock(minute: int | None) -> str | None:
    return None if minute is None else f"{minute // 60:02d}:{minute % 60:02d}"


def _rule(q: QuietPeriod) -> str:
    if q.month_from is not None:
        return f"monthly:{q.month_from}-{q.month_to}"
    return f"{_day(q.first_day)}..{_day(q.last_day)}"


def _same(*names: str) -> Columns:
    def of(name: str) -> Callable[[Any], Any]:
        return lambda row: getattr(row, name)

    return {name: of(name) for name in names}


_STREETS = _same("street_id", "name", "district_id", "lon", "lat")
_AUTHORITIES = _same("authority_id", "name", "level")
_ENTERPRISES: Columns = _same(
    "enterprise_id", "name", "street_id", "lon", "lat", "usci", "industry", "credit_class", "closed_weekdays"
) | {
    "closed_dates": lambda e: [_day(d) for d in e.closed_days],
    "open_from": lambda e: _clock(e.open_from),
    "open_to": lambda e: _clock(e.open_to),
}
_CREWS: Columns = _same("authority_id", "area_id", "crews", "weekdays", "shift_id") | {
    "from": lambda p: _day(p.first_day),
    "to": lambda p: _day(p.last_day),
}
_ITEMS: Columns = _same(
    *("item_id", "authority_id", "enterprise_id", "duration_min", "priority", "trigger", "crews", "cap_exempt"),
    *("notice", "item_code", "legal_basis"),
) | {"earliest": lambda i: _day(i.earliest), "latest": lambda i: _day(i.latest)}
_HISTORY: Columns = _same("enterprise_id", "authority_id", "visit_id", "trigger", "cap_exempt") | {
    "date": lambda h: _day(h.day)
}
_QUIET: Columns = {
    "scope": lambda q: q.scope,
    "id": lambda q: q.target,
    "rule": _rule,
    "exempt_triggers": lambda q: q.exempt_triggers,
}
_PINS: Columns = _same("enterprise_id", "shift_id") | {"date": lambda p: _day(p.day)}


def _columns(rows: Iterable[Any], columns: Columns) -> dict[str, list[Any]]:
    listed = list(rows)
    return {name: [read(row) for row in listed] for name, read in columns.items()}


def _cap(cap: FrequencyCap) -> dict[str, Any]:
    values = {"scope": str(cap.scope), "period": str(cap.period), "max_visits": cap.max_visits}
    values |= {"credit_class": cap.credit_class}
    return values | ({"authority": cap.authority} if cap.scope == "authority" else {})


def to_raw_case(snapshot: PlanningSnapshot) -> RawCase:
    """Return the case that reads back as this snapshot."""
    s, c, visit, travel = snapshot, snapshot.calendar, snapshot.policy.visit, snapshot.policy.travel
    config = {
        "format": "onevisit-case/1",
        "name": s.name,
        "horizon": {
            "start": _day(c.start),
            "end": _day(c.end),
            "calendar": str(c.kind),
            "closed": [_day(d) for d in c.closed],
            "open": [_day(d) for d in c.opened],
        },
        "shift": [{"id": h.shift_id, "start": _clock(h.start_min), "end": _clock(h.end_min)} for h in c.shifts],
        "visit": {
            "overhead_min": visit.overhead_min,
            "start_together": visit.start_together,
            "stretch_min": visit.stretch_min,
            "max_officers_on_site": visit.max_officers or 0,
            "max_visit_min": visit.max_visit_min or 0,
        },
        "travel": {
            "speed_kmh": travel.speed_kmh,
            "detour": travel.detour,
            "stop_min": travel.stop_min,
            "buffer_min": travel.buffer_min,
        },
        "street": {"max_days": s.policy.street.max_days or 0, "max_visits": s.policy.street.max_visits or 0},
        "cap": [_cap(cap) for cap in s.policy.caps],
        "priority": dict(s.policy.priority_weights),
    }
    tables = {
        "streets": _columns(s.streets, _STREETS),
        "authorities": _columns(s.authorities, _AUTHORITIES),
        "enterprises": _columns(s.enterprises, _ENTERPRISES),
        "crews": _columns(s.crew_pools, _CREWS),
        "items": _columns(s.items, _ITEMS),
        "history": _columns(s.history, _HISTORY),
        "quiet": _columns(s.policy.quiet_periods, _QUIET),
        "pins": _columns(s.pins, _PINS),
    }
    if not s.policy.caps:
        del config["cap"]
    return raw_case(config, tables)
