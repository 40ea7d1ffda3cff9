"""A snapshot as a case again: the tables and case.toml that the intake reads, so that a plan's input can be kept."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from scheduler.domain.calendar import Shift
from scheduler.domain.plans import Pin, PinKind
from scheduler.domain.policy import CapScope, FrequencyCap, Policy, QuietPeriod
from scheduler.domain.schedule import TERMS
from scheduler.domain.snapshot import PlanningSnapshot
from scheduler.explain.facts import iso
from scheduler.export.wording import clock
from scheduler.intake.columns import TABLES
from scheduler.intake.rows import Plain
from scheduler.intake.tables import FORMAT, RawCase, raw_case

Columns = Mapping[str, Sequence[Plain]]


def case_of_snapshot(snapshot: PlanningSnapshot) -> RawCase:
    """Return the case that the intake reads as this snapshot, with an equal digest."""
    tables = plain_tables(snapshot)
    return raw_case(config_of_snapshot(snapshot), {n: t for n, t in tables.items() if TABLES[n].required or _rows(t)})


def _rows(columns: Columns) -> int:
    return len(next(iter(columns.values())))


def config_of_snapshot(snapshot: PlanningSnapshot) -> dict[str, Any]:
    """Return the content of case.toml."""
    calendar, policy = snapshot.calendar, snapshot.policy
    horizon: dict[str, Any] = {
        "start": iso(calendar.start),
        "end": iso(calendar.end),
        "calendar": calendar.kind.value,
        "closed": [iso(d) for d in calendar.closed],
        "open": [iso(d) for d in calendar.opened],
    }
    out = {"format": FORMAT, "name": snapshot.name, "horizon": horizon, "shift": [_shift(s) for s in calendar.shifts]}
    if policy.caps:
        out["cap"] = [_cap(c) for c in policy.caps]
    if policy.tiers != TERMS:
        out["objective"] = {"tiers": list(policy.tiers)}
    return out | _rules(policy)


def _rules(policy: Policy) -> dict[str, Any]:
    visit, travel, street = policy.visit, policy.travel, policy.street
    return {
        "visit": {
            "overhead_min": visit.overhead_min,
            "start_together": visit.start_together,
            "ride_together": visit.ride_together,
            "stretch_min": visit.stretch_min,
            "max_officers_on_site": visit.max_officers or 0,
            "max_visit_min": visit.max_visit_min or 0,
            "min_gap_days": visit.min_gap_days,
            "max_authorities": visit.max_authorities or 0,
        },
        "travel": {
            "speed_kmh": travel.speed_kmh,
            "detour": travel.detour,
            "stop_min": travel.stop_min,
            "buffer_min": travel.buffer_min,
        },
        "street": {"max_days": street.max_days or 0, "max_visits": street.max_visits or 0},
        "priority": dict(policy.priority_weights),
    }


def _shift(shift: Shift) -> dict[str, str]:
    return {"id": shift.shift_id, "start": clock(shift.start_min), "end": clock(shift.end_min)}


def _cap(cap: FrequencyCap) -> dict[str, Any]:
    out = {"scope": cap.scope.value, "period": cap.period.value, "max_visits": cap.max_visits}
    out["credit_class"] = cap.credit_class
    return out | ({"authority": cap.authority} if cap.scope is CapScope.AUTHORITY else {})


def plain_tables(snapshot: PlanningSnapshot) -> dict[str, dict[str, list[Plain]]]:
    """Return every table of a case as stored values by column."""
    s = snapshot
    return {
        "streets": _table("streets", ((r.street_id, r.name, r.district_id, r.lon, r.lat) for r in s.streets)),
        "authorities": _table("authorities", ((r.authority_id, r.name, r.level) for r in s.authorities)),
        "enterprises": _table(
            "enterprises",
            (
                (
                    *(r.enterprise_id, r.name, r.street_id, r.lon, r.lat, r.usci, r.industry, r.credit_class),
                    *(_isos(r.closed_days), _joined(r.closed_weekdays), _clock(r.open_from), _clock(r.open_to)),
                )
                for r in s.enterprises
            ),
        ),
        "crews": _table(
            "crews",
            (
                (
                    *(r.authority_id, r.area_id, r.crews, _day(r.first_day), _day(r.last_day)),
                    *(_joined(r.weekdays), r.shift_id),
                )
                for r in s.crew_pools
            ),
        ),
        "items": _table(
            "items",
            (
                (
                    *(r.item_id, r.authority_id, r.enterprise_id, r.duration_min, iso(r.earliest), iso(r.latest)),
                    *(r.priority, r.trigger.value, r.crews, r.cap_exempt, r.notice.value, r.item_code, r.legal_basis),
                )
                for r in s.items
            ),
        ),
        "history": _table(
            "history",
            (
                (r.enterprise_id, r.authority_id, iso(r.day), r.visit_id, r.trigger.value, r.cap_exempt)
                for r in s.history
            ),
        ),
        "quiet": _table("quiet", map(_quiet, s.policy.quiet_periods)),
        "pins": _pins("pins", s.fixed_pins),
        "preferred_pins": _pins("preferred_pins", (p for p in s.pins if p.kind is PinKind.PREFERRED)),
    }


def _pins(name: str, pins: Iterable[Pin]) -> dict[str, list[Plain]]:
    return _table(name, ((p.enterprise_id, iso(p.day), p.shift_id) for p in pins))


def _table(name: str, rows: Any) -> dict[str, list[Plain]]:
    names = TABLES[name].column_names
    columns = list(zip(*rows, strict=True)) or [()] * len(names)
    return {n: list(values) for n, values in zip(names, columns, strict=True)}


def _quiet(q: QuietPeriod) -> tuple[Plain, ...]:
    if q.first_day is not None and q.last_day is not None:
        rule = f"{iso(q.first_day)}..{iso(q.last_day)}"
    else:
        rule = f"monthly:{q.month_from}-{q.month_to}"
    return q.scope.value, q.target, rule, _joined(t.value for t in q.exempt_triggers)


def _day(day: int | None) -> str | None:
    return None if day is None else iso(day)


def _isos(days: Sequence[int]) -> str | None:
    return ";".join(map(iso, days)) or None


def _joined(values: Any) -> str | None:
    return ";".join(map(str, values)) or None


def _clock(minute: int | None) -> str | None:
    return None if minute is None else clock(minute)
