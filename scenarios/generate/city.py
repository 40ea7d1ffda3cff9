"""A synthetic case: a street, a district or the whole city, from parameters and a seed alone."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt

from scenarios.generate.bodies import Organisation, organisation
from scenarios.generate.crews import MINUTES_AROUND, crew_columns
from scenarios.generate.dates import inspection_dates, quarter_span
from scenarios.generate.enterprises import Enterprises, draw_enterprises
from scenarios.generate.items import PRIORITIES, TRIGGERS, Items, all_duties, draw_items
from scenarios.generate.spec import GenerateSpec, Level
from scenarios.generate.streets import StreetFact, chosen_streets, enterprises_per_street
from scenarios.generate.ugly import (
    BUFFER_MIN,
    MAX_OFFICERS,
    MAX_VISIT_MIN,
    draw_history,
    draw_hours,
    draw_item_crews,
    draw_notices,
    exempt_flags,
    quiet_columns,
    ugly_caps,
)
from scheduler.intake.tables import FORMAT, RawCase, raw_case

SHIFTS = (("AM", "09:00", "12:00", 180), ("PM", "14:00", "17:30", 210))
"""Shifts of every date: name, start, end and length in minutes."""

_MARKET = "SCJG"


def generate_city(spec: GenerateSpec) -> RawCase:
    """Return a synthetic case; equal specs give equal tables.

    Raises
    ------
    GenerateError : an unknown place, or a number of authorities that its area cannot have.
    """
    # A stream for every part, so that a change of one (say, of the crews) leaves the others as they were.
    place_rng, item_rng, crew_rng, ugly_rng = np.random.default_rng(spec.seed).spawn(4)
    streets = chosen_streets(spec)
    org = organisation(spec, streets)
    span = quarter_span(spec.year, spec.quarter)
    kind, dates = inspection_dates(*span)
    counts = enterprises_per_street(spec, streets)
    enterprises = draw_enterprises(streets, counts, spec.area_km2, dates, place_rng)
    items = draw_items(enterprises, org, dates, span, item_rng)
    item_crews = draw_item_crews(items, ugly_rng) if spec.ugly else np.ones(len(items.enterprise), dtype=np.int64)
    tables: dict[str, dict[str, list[Any]]] = {
        "streets": _street_columns(streets),
        "authorities": {
            "authority_id": [b.authority_id for b in org.bodies],
            "name": [b.name for b in org.bodies],
            "level": [b.level for b in org.bodies],
        },
        "enterprises": dict(enterprises.columns),
        "crews": _crews(spec, org, items, item_crews, len(dates), crew_rng),
        "items": _item_columns(items, org, item_crews, enterprises),
    }
    if spec.ugly:
        _make_ugly(tables, streets, enterprises, items, org, dates, span[0], ugly_rng)
    return raw_case(_config(spec, streets, kind.value, span, org), tables)


def _street_columns(streets: Sequence[StreetFact]) -> dict[str, list[Any]]:
    return {
        "street_id": [s.street_code for s in streets],
        "name": [s.street for s in streets],
        "district_id": [s.district_code for s in streets],
        "lon": [s.lon for s in streets],
        "lat": [s.lat for s in streets],
    }


def _crews(
    spec: GenerateSpec,
    org: Organisation,
    items: Items,
    item_crews: npt.NDArray[np.int64],
    num_dates: int,
    rng: np.random.Generator,
) -> dict[str, list[Any]]:
    minutes = np.bincount(items.body, (items.minutes + MINUTES_AROUND) * item_crews, len(org.bodies)).astype(np.int64)
    parts = np.bincount(items.body, item_crews, len(org.bodies)).astype(np.int64)
    largest = np.zeros(len(org.bodies), dtype=np.int64)
    np.maximum.at(largest, items.body, item_crews)
    mean_shift = sum(s[3] for s in SHIFTS) / len(SHIFTS)
    return crew_columns(org.bodies, minutes, parts, largest, num_dates, mean_shift, spec.crews, rng)


def _item_columns(
    items: Items, org: Organisation, item_crews: npt.NDArray[np.int64], enterprises: Enterprises
) -> dict[str, list[Any]]:
    duties = all_duties(tuple(d.code for d in org.departments))
    enterprise_ids = enterprises.columns["enterprise_id"]
    body_ids = [b.authority_id for b in org.bodies]
    specialists = [b.specialist for b in org.bodies]
    earliest = [w[0].isoformat() for w in items.windows]
    latest = [w[1].isoformat() for w in items.windows]
    body, duty, window = items.body.tolist(), items.duty.tolist(), items.window.tolist()
    codes, laws = [], []
    for b, d, second in zip(body, duty, items.second.tolist(), strict=True):
        specialist = specialists[b]
        code = f"CITY-{specialist.code}" if specialist else duties[d].item_code
        codes.append(f"{code}-2" if second else code)
        laws.append(specialist.legal_basis if specialist else duties[d].legal_basis)
    return {
        "item_id": [f"I{i:07d}" for i in range(len(body))],
        "authority_id": [body_ids[b] for b in body],
        "enterprise_id": [enterprise_ids[e] for e in items.enterprise.tolist()],
        "duration_min": items.minutes.tolist(),
        "earliest": [earliest[w] for w in window],
        "latest": [latest[w] for w in window],
        "priority": [PRIORITIES[p] for p in items.priority.tolist()],
        "trigger": [TRIGGERS[t] for t in items.trigger.tolist()],
        "crews": item_crews.tolist(),
        "item_code": codes,
        "legal_basis": laws,
    }


def _make_ugly(
    tables: dict[str, dict[str, list[Any]]],
    streets: Sequence[StreetFact],
    enterprises: Enterprises,
    items: Items,
    org: Organisation,
    dates: Sequence[date],
    first: date,
    rng: np.random.Generator,
) -> None:
    """Add the columns and tables of an ugly case to those of a plain one."""
    tables["enterprises"] |= draw_hours(enterprises, rng)
    tables["items"] |= {"cap_exempt": exempt_flags(items), "notice": draw_notices(items, rng)}
    ids = [b.authority_id for b in org.bodies]
    tables["history"] = draw_history(enterprises, items, ids, first, rng)
    tables["quiet"] = quiet_columns(streets, dates)


def _config(
    spec: GenerateSpec, streets: Sequence[StreetFact], calendar: str, span: tuple[date, date], org: Organisation
) -> dict[str, Any]:
    market = [b.authority_id for b in org.bodies if b.department.code == _MARKET and b.level == "district"]
    limits = {"max_days": spec.max_days, "max_visits": spec.max_visits}
    return {
        "format": FORMAT,
        "name": _case_name(spec, streets),
        "horizon": {"start": span[0], "end": span[1], "calendar": calendar, "closed": [], "open": []},
        "shift": [{"id": name, "start": start, "end": end} for name, start, end, _ in SHIFTS],
        "visit": {
            "overhead_min": 10,
            "start_together": spec.start_together,
            "stretch_min": spec.stretch_min,
            "max_officers_on_site": MAX_OFFICERS if spec.ugly else 0,
            "max_visit_min": MAX_VISIT_MIN if spec.ugly else 0,
        },
        "travel": {"speed_kmh": 20.0, "detour": 1.3, "stop_min": 3, "buffer_min": BUFFER_MIN if spec.ugly else 0},
        "cap": [
            {"scope": "enterprise", "period": "quarter", "max_visits": 1},
            *(ugly_caps(market) if spec.ugly else ()),
        ],
        "priority": {"mandatory": 1000, "high": 10, "normal": 1},
    } | ({"street": limits} if any(limits.values()) else {})


def _case_name(spec: GenerateSpec, streets: Sequence[StreetFact]) -> str:
    if spec.level is Level.CITY:
        where = "深圳市"
    else:
        by_street = spec.level is Level.STREET
        where = "、".join(dict.fromkeys(s.street if by_street else s.district for s in streets))
    return f"{where} {spec.year}Q{spec.quarter}（合成数据，种子 {spec.seed}）"
