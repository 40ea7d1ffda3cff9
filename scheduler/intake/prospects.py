"""Warnings: items that will surely end unserved, and enterprises that lie suspiciously far from their street."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from scheduler.domain.calendar import Calendar
from scheduler.domain.people import OFFICERS_PER_CREW, WHOLE_CITY
from scheduler.errors import Problem
from scheduler.intake.config import ConfigRead
from scheduler.intake.problems import problem
from scheduler.intake.references import Tables, values_of
from scheduler.intake.typed import TypedTable, positions
from scheduler.travel import distance_km, leg_min

FAR_KM = 100
"""An enterprise farther than this from its street office is warned of."""

Positions = npt.NDArray[np.int64]


def locate(values: npt.NDArray[Any], ids: npt.NDArray[Any]) -> Positions:
    """Return the first position of every value among ids, -1 where it is not there."""
    first = np.flatnonzero(~pd.Series(ids, dtype=object).duplicated().to_numpy())
    found = pd.Index(ids[first], dtype="object").get_indexer(pd.Index(values, dtype="object"))
    padded: Positions = np.append(first, -1)
    out: Positions = padded[np.asarray(found, dtype=np.int64)]
    return out


def look_up(values: npt.NDArray[Any], at: Positions, missing: Any) -> npt.NDArray[Any]:
    """Return the values at positions, `missing` at position -1."""
    return np.append(values, missing)[at]


def check_prospects(tables: Tables, config: ConfigRead | None) -> list[Problem]:
    """Return the warnings that need several tables; a check that lacks one is passed over."""
    found: list[Problem] = []
    items, calendar = tables.get("items"), config.calendar if config else None
    if config and calendar and items is not None and items.has("earliest", "latest"):
        found += _windows(items, calendar)
    if config and items is not None and items.has("crews"):
        found += _crowds(items, config)
    found += _crews(tables)
    streets, enterprises = tables.get("streets"), tables.get("enterprises")
    if streets is None or enterprises is None:
        return found
    if streets.has("street_id", "lon", "lat") and enterprises.has("street_id", "lon", "lat"):
        office = locate(enterprises["street_id"], streets["street_id"])
        found += _distances(streets, enterprises, office)
        if config and calendar and calendar.shifts and items is not None:
            found += _lengths(items, streets, enterprises, office, config, calendar)
    return found


def _windows(items: TypedTable, calendar: Calendar) -> Iterator[Problem]:
    first, last = items["earliest"], items["latest"]
    with np.errstate(invalid="ignore"):
        sound = first <= last
        outside = sound & ((last < calendar.start) | (first > calendar.end))
        days = np.array(calendar.days, dtype=np.float64)
        dates = np.searchsorted(days, last, side="right") - np.searchsorted(days, first, side="left")
    start, end = date.fromordinal(calendar.start), date.fromordinal(calendar.end)
    for i in positions(outside):
        column = "latest" if last[i] < calendar.start else "earliest"
        yield items.problem("window_outside", i, column, start=start, end=end)
    for i in positions(sound & ~outside & (dates <= 0)):
        yield items.problem("no_date_in_window", i, "latest")


def _crowds(items: TypedTable, config: ConfigRead) -> Iterator[Problem]:
    limit = config.visit.max_officers
    if limit is not None:
        for i in positions(items["crews"] * OFFICERS_PER_CREW > limit):
            yield items.problem("too_many_officers", i, "crews", limit=limit)


def _crews(tables: Tables) -> Iterator[Problem]:
    """Warn of every authority and street with items and no crews at all."""
    items, crews, streets, enterprises = (tables.get(t) for t in ("items", "crews", "streets", "enterprises"))
    if items is None or crews is None or streets is None or enterprises is None:
        return
    sound = items.has("authority_id", "enterprise_id") and crews.has("authority_id", "area_id", "crews")
    if not sound or not streets.has("street_id", "district_id") or not enterprises.has("enterprise_id", "street_id"):
        return
    authorities = values_of(tables, "authorities", "authority_id") or frozenset()
    district = dict(zip(streets["street_id"], streets["district_id"], strict=True))
    pools = {(a, r) for a, r, n in zip(crews["authority_id"], crews["area_id"], crews["crews"], strict=True) if n > 0}
    at = locate(items["enterprise_id"], enterprises["enterprise_id"])
    street = look_up(enterprises["street_id"], at, "")
    pairs = pd.DataFrame({"a": pd.Series(items["authority_id"], dtype=object), "s": pd.Series(street, dtype=object)})
    counts: dict[tuple[str, str], int] = pairs.groupby(["a", "s"], sort=False).size().to_dict()  # type: ignore[assignment]
    for (authority, street_id), count in sorted(counts.items()):
        if authority not in authorities or street_id not in district:
            continue
        areas = (street_id, district[street_id], WHOLE_CITY)
        if not any((authority, area) in pools for area in areas):
            place = f"{authority} @ {street_id}"
            yield problem(
                "no_crews", "crews", None, "area_id", place, authority=authority, street=street_id, items=count
            )


def _distances(streets: TypedTable, enterprises: TypedTable, office: Positions) -> Iterator[Problem]:
    for i, (s, lon, lat) in enumerate(zip(office, enterprises["lon"], enterprises["lat"], strict=True)):
        if s < 0:
            continue
        o_lon, o_lat = streets["lon"][s], streets["lat"][s]
        if not (abs(lon) <= 180 and abs(lat) <= 90 and abs(o_lon) <= 180 and abs(o_lat) <= 90):
            continue  # reported already, or empty
        # a degree of latitude is 111 km: nobody within half a degree on both is far, save the exact distance
        if abs(lon - o_lon) < 0.5 and abs(lat - o_lat) < 0.5:
            continue
        km = distance_km((float(o_lon), float(o_lat)), (float(lon), float(lat)))
        if km > FAR_KM:
            yield enterprises.problem("far_from_street", i, "lon", limit=FAR_KM, km=round(km))


def _lengths(
    items: TypedTable,
    streets: TypedTable,
    enterprises: TypedTable,
    office: Positions,
    config: ConfigRead,
    calendar: Calendar,
) -> Iterator[Problem]:
    """Warn of every item longer than any shift holds at its enterprise, alone and with the shortest way."""
    if not items.has("duration_min", "enterprise_id") or not enterprises.has("enterprise_id"):
        return
    room = _rooms(streets, enterprises, office, config, calendar) - config.visit.overhead_min
    if config.visit.max_visit_min is not None:
        room = np.minimum(room, config.visit.max_visit_min - config.visit.overhead_min)
    at = locate(items["enterprise_id"], enterprises["enterprise_id"])
    with np.errstate(invalid="ignore"):
        too_long = items["duration_min"] > look_up(room, at, np.nan)
    for i in positions(too_long):
        longest = max(0, int(room[at[i]]))
        yield items.problem("no_shift_fits", i, "duration_min", room=longest, overhead=config.visit.overhead_min)


def _rooms(
    streets: TypedTable, enterprises: TypedTable, office: Positions, config: ConfigRead, calendar: Calendar
) -> npt.NDArray[np.float64]:
    """Return for every enterprise the longest part in minutes that a shift holds, NaN where its place is unknown."""
    legs = np.full(len(enterprises), np.nan)
    offices = list(zip(streets["lon"].tolist(), streets["lat"].tolist(), strict=True))
    places = zip(enterprises["lon"].tolist(), enterprises["lat"].tolist(), strict=True)
    for i, (place, s) in enumerate(zip(places, office.tolist(), strict=True)):
        if s >= 0 and np.isfinite(sum(place) + sum(offices[s])):
            legs[i] = leg_min(config.travel, offices[s], place)
    nothing = np.full(len(enterprises), np.nan)
    opens = enterprises["open_from"] if enterprises.has("open_from") else nothing
    closes = enterprises["open_to"] if enterprises.has("open_to") else nothing
    best = np.full(len(enterprises), -np.inf)
    for shift in calendar.shifts:
        start, end = shift.start_min + legs, shift.end_min - legs
        best = np.maximum(best, np.fmin(end, closes) - np.fmax(start, opens))
    return np.where(np.isnan(legs), np.nan, best)
