"""Converter of a quarter of Toronto's open inspection data: three bodies, the same apartment buildings.

Real are the buildings with place and ward, the bodies, and what they inspected when. Durations in the data are
derived already; windows, priorities, crews and wards as streets are derived here. docs/toronto.md says how.
"""

from __future__ import annotations

import csv
import hashlib
from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta
from math import ceil
from pathlib import Path
from statistics import fmean
from typing import Any

from scenarios.generate.dates import quarter_span
from scenarios.generate.spec import GenerateError
from scheduler.domain.calendar import CalendarKind
from scheduler.intake.tables import FORMAT, RawCase, raw_case
from scheduler.texts import Text

BODIES = {
    "Municipal Licensing & Standards (RentSafeTO)": "MLS",
    "Toronto Fire Services": "TFS",
    "Technical Standards & Safety Authority": "TSSA",
}
"""The data's department, and our id for it; a department not listed here gets its own name as id."""

LONGEST_MIN = 120
"""Longer inspections are cut to this: with travel, no shift would hold them."""

OVERHEAD_MIN = 10
TRAVEL_MIN = 20
"""Minutes of travel that a part takes with it in the derivation of crews."""

CREW_USE = 0.85
"""Share of a body's crew shifts that its real inspections fill."""

LEAST_CREWS = 2
WINDOW_PERCENT = (60, 30, 10)
"""Items that may be served in the whole quarter, within 30 days of the real date, and within 7 days of it."""

HOLIDAYS = tuple(
    date.fromisoformat(d)
    for d in ("2017-10-09", "2017-12-25", "2017-12-26", "2019-01-01", "2019-02-18", "2019-12-25", "2019-12-26")
)
"""Public holidays of Ontario on weekdays in the quarters that the data covers."""

_SHIFTS = (("AM", "09:00", "12:00", 180), ("PM", "14:00", "17:30", 210))
_DISTRICT = "CITY"
_ENTERPRISE_COLUMNS = ("enterprise_id", "name", "category", "ward", "lon", "lat", "risk")
_ITEM_COLUMNS = ("item_id", "department", "enterprise_id", "date", "duration_min_derived")

_NO_COLUMN = Text("{file} 缺少列：{columns}", "{file} lacks the columns {columns}")
_BAD_VALUE = Text("{file} 第 {row} 行 {column} 的值无效：{value}", "{file}, row {row}: {column} cannot be {value!r}")
_EMPTY = Text("{file} 没有数据", "{file} has no rows")
_SPREAD = Text("{file} 的日期不在同一季度：{first} 至 {last}", "{file} covers more than a quarter: {first} to {last}")


@dataclass(frozen=True, slots=True, kw_only=True)
class ConversionReport:
    """What the conversion kept, dropped and changed.

    Parameters
    ----------
    enterprises, items : kept.
    dropped_enterprises : ids of buildings without coordinates or ward.
    dropped_items : ids of items of such buildings, or of buildings that are not in the data.
    shortened_items : ids of items cut to `LONGEST_MIN`.
    real_visits : separate (building, body, date) in the kept data: how it truly happened.
    """

    enterprises: int
    items: int
    dropped_enterprises: tuple[str, ...]
    dropped_items: tuple[str, ...]
    shortened_items: tuple[str, ...]
    real_visits: int


@dataclass(frozen=True, slots=True, kw_only=True)
class _Building:
    enterprise_id: str
    name: str
    category: str
    ward: str
    lon: float
    lat: float
    risk: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Inspection:
    item_id: str
    department: str
    enterprise_id: str
    day: date
    minutes: int


def toronto_case(enterprises_csv: Path, items_csv: Path) -> RawCase:
    """Return the case of a quarter of Toronto; see :func:`convert_toronto`."""
    return convert_toronto(enterprises_csv, items_csv)[0]


def convert_toronto(enterprises_csv: Path, items_csv: Path) -> tuple[RawCase, ConversionReport]:
    """Return the case of a quarter of Toronto, and what was kept, dropped and changed.

    Raises
    ------
    GenerateError : a column is missing, a value cannot be read, or the dates span more than a quarter.
    OSError : a file cannot be read.
    """
    buildings, dropped_buildings = _read_buildings(enterprises_csv)
    inspections = _read_inspections(items_csv)
    kept = [i for i in inspections if i.enterprise_id in buildings]
    if not kept:
        raise GenerateError(_EMPTY, file=items_csv.name)
    span = _span(kept, items_csv)
    dates = [d for d in _days(span) if d.isoweekday() <= 5 and d not in HOLIDAYS]
    tables = {
        "streets": _ward_columns(buildings),
        "authorities": _authority_columns(kept),
        "enterprises": _building_columns(buildings),
        "crews": _crew_columns(kept, len(dates)),
        "items": _item_columns(kept, buildings, span),
    }
    report = ConversionReport(
        enterprises=len(buildings),
        items=len(kept),
        dropped_enterprises=dropped_buildings,
        dropped_items=tuple(i.item_id for i in inspections if i.enterprise_id not in buildings),
        shortened_items=tuple(i.item_id for i in kept if i.minutes > LONGEST_MIN),
        real_visits=len({(i.enterprise_id, i.department, i.day) for i in kept}),
    )
    return raw_case(_config(span), tables), report


def _rows(path: Path, columns: tuple[str, ...]) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.DictReader(file)
        missing = [c for c in columns if c not in (reader.fieldnames or ())]
        if missing:
            raise GenerateError(_NO_COLUMN, file=path.name, columns=", ".join(missing))
        return [{c: (row[c] or "").strip() for c in columns} for row in reader]


def _read_buildings(path: Path) -> tuple[dict[str, _Building], tuple[str, ...]]:
    """Return the buildings with ward and place by id, and the ids of the others."""
    buildings: dict[str, _Building] = {}
    dropped = []
    for number, row in enumerate(_rows(path, _ENTERPRISE_COLUMNS), start=2):
        if not (row["ward"] and row["lon"] and row["lat"]):
            dropped.append(row["enterprise_id"])
            continue
        place = {}
        for column in ("lon", "lat"):
            try:
                place[column] = float(row[column])
            except ValueError as e:
                raise _bad(path, number, column, row) from e
        buildings[row["enterprise_id"]] = _Building(
            enterprise_id=row["enterprise_id"],
            name=row["name"] or row["enterprise_id"],
            category=row["category"],
            ward=row["ward"],
            risk=row["risk"],
            **place,
        )
    return buildings, tuple(dropped)


def _read_inspections(path: Path) -> list[_Inspection]:
    inspections = []
    for number, row in enumerate(_rows(path, _ITEM_COLUMNS), start=2):
        try:
            day = date.fromisoformat(row["date"])
        except ValueError as e:
            raise _bad(path, number, "date", row) from e
        if not row["duration_min_derived"].isdecimal() or int(row["duration_min_derived"]) < 1:
            raise _bad(path, number, "duration_min_derived", row)
        inspections.append(
            _Inspection(
                item_id=row["item_id"],
                department=row["department"],
                enterprise_id=row["enterprise_id"],
                day=day,
                minutes=int(row["duration_min_derived"]),
            )
        )
    return inspections


def _bad(path: Path, number: int, column: str, row: dict[str, str]) -> GenerateError:
    return GenerateError(_BAD_VALUE, file=path.name, row=number, column=column, value=row[column])


def _span(inspections: list[_Inspection], path: Path) -> tuple[date, date]:
    first, last = min(i.day for i in inspections), max(i.day for i in inspections)
    span = quarter_span(first.year, (first.month + 2) // 3)
    if last > span[1]:
        raise GenerateError(_SPREAD, file=path.name, first=first, last=last)
    return span


def _days(span: tuple[date, date]) -> list[date]:
    return [span[0] + timedelta(days=i) for i in range((span[1] - span[0]).days + 1)]


def _ward_columns(buildings: dict[str, _Building]) -> dict[str, list[Any]]:
    """Return the wards as streets; a ward's office is put at the mean place of its buildings."""
    members: defaultdict[str, list[_Building]] = defaultdict(list)
    for b in buildings.values():
        members[b.ward].append(b)
    wards = sorted(members, key=lambda w: (w.zfill(4), w))
    return {
        "street_id": [f"W{w}" for w in wards],
        "name": [f"Ward {w}" for w in wards],
        "district_id": [_DISTRICT] * len(wards),
        "lon": [round(fmean(b.lon for b in members[w]), 6) for w in wards],
        "lat": [round(fmean(b.lat for b in members[w]), 6) for w in wards],
    }


def _authority_id(department: str) -> str:
    return BODIES.get(department, department)


def _authority_columns(inspections: list[_Inspection]) -> dict[str, list[Any]]:
    names = sorted({i.department for i in inspections})
    return {
        "authority_id": [_authority_id(n) for n in names],
        "name": names,
        "level": ["city"] * len(names),
    }


def _building_columns(buildings: dict[str, _Building]) -> dict[str, list[Any]]:
    rows = buildings.values()
    return {
        "enterprise_id": [b.enterprise_id for b in rows],
        "name": [b.name for b in rows],
        "street_id": [f"W{b.ward}" for b in rows],
        "lon": [b.lon for b in rows],
        "lat": [b.lat for b in rows],
        "industry": [b.category for b in rows],
    }


def _crew_columns(inspections: list[_Inspection], num_dates: int) -> dict[str, list[Any]]:
    """Return crews for the whole city, enough for what each body truly did in the quarter.

    A shift holds one part, or as many mean parts with travel as fit into a mean shift.
    """
    shift_min = fmean(s[3] for s in _SHIFTS)
    parts: defaultdict[str, list[int]] = defaultdict(list)
    for i in inspections:
        parts[_authority_id(i.department)].append(_minutes_of(i) + OVERHEAD_MIN + TRAVEL_MIN)
    bodies = sorted(parts)
    crew_shifts = [len(parts[a]) / max(1, int(shift_min // fmean(parts[a]))) for a in bodies]
    return {
        "authority_id": bodies,
        "area_id": [_DISTRICT] * len(bodies),
        "crews": [max(LEAST_CREWS, ceil(n / (CREW_USE * len(_SHIFTS) * num_dates))) for n in crew_shifts],
    }


def _minutes_of(inspection: _Inspection) -> int:
    return min(inspection.minutes, LONGEST_MIN)


def _window(inspection: _Inspection, span: tuple[date, date]) -> tuple[date, date]:
    """Return when an item may be served; its kind follows from the item's id, so it never depends on row order."""
    draw = int.from_bytes(hashlib.sha256(inspection.item_id.encode()).digest()[:8]) % 100
    if draw < WINDOW_PERCENT[0]:
        return span
    around = timedelta(days=30 if draw < WINDOW_PERCENT[0] + WINDOW_PERCENT[1] else 7)
    return max(span[0], inspection.day - around), min(span[1], inspection.day + around)


def _item_columns(
    inspections: list[_Inspection], buildings: dict[str, _Building], span: tuple[date, date]
) -> dict[str, list[Any]]:
    windows = [_window(i, span) for i in inspections]
    high = [buildings[i.enterprise_id].risk == "high" for i in inspections]
    return {
        "item_id": [i.item_id for i in inspections],
        "authority_id": [_authority_id(i.department) for i in inspections],
        "enterprise_id": [i.enterprise_id for i in inspections],
        "duration_min": [_minutes_of(i) for i in inspections],
        "earliest": [w[0] for w in windows],
        "latest": [w[1] for w in windows],
        "priority": ["high" if h else "normal" for h in high],
    }


def _config(span: tuple[date, date]) -> dict[str, Any]:
    closed = [d for d in HOLIDAYS if span[0] <= d <= span[1]]
    return {
        "format": FORMAT,
        "name": f"Toronto {span[0].year}Q{(span[0].month + 2) // 3} (durations, windows and crews derived)",
        "horizon": {
            "start": span[0],
            "end": span[1],
            "calendar": CalendarKind.WEEKDAYS.value,
            "closed": closed,
            "open": [],
        },
        "shift": [{"id": name, "start": start, "end": end} for name, start, end, _ in _SHIFTS],
        "visit": {
            "overhead_min": OVERHEAD_MIN,
            "start_together": False,
            "stretch_min": 15,
            "max_officers_on_site": 0,
            "max_visit_min": 0,
        },
        "travel": {"speed_kmh": 20.0, "detour": 1.3, "stop_min": 3, "buffer_min": 0},
        "cap": [{"scope": "enterprise", "period": "quarter", "max_visits": 1}],
        "priority": {"mandatory": 1000, "high": 10, "normal": 1},
    }
