"""A case out of the database: the horizon's rules, the area's reference data and the approved items."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import Connection, Select, or_, select

from api.cases.area import Area
from api.cases.in_force import by_dates, counts, in_force
from api.cases.past import past_of
from api.horizons.service import checked_config, config_of
from api.store.schema import (
    REGISTER_TABLES,
    authorities,
    cancelled_shifts,
    crew_shifts,
    crews,
    enterprises,
    missing_crews,
    pins,
    plan_items,
    plans,
    preferred_pins,
    publications,
    streets,
)
from scheduler.capacity import CrewUse
from scheduler.committed import without_committed
from scheduler.domain.people import WHOLE_CITY
from scheduler.domain.snapshot import PlanningSnapshot
from scheduler.explain.facts import iso
from scheduler.intake.build import build_snapshot
from scheduler.intake.columns import TABLES
from scheduler.intake.read import read_raw
from scheduler.intake.rows import typed_of_plain
from scheduler.intake.tables import raw_case
from scheduler.replan.carry import changed_case
from scheduler.replan.events import CrewMissing, ShiftCancelled

Columns = dict[str, list[Any]]
_AT_ONCE = 5000
"""Ids that one query names: databases limit the parameters of a statement."""


def snapshot_of(connection: Connection, horizon_id: str, area: Area, also: Collection[str] = ()) -> PlanningSnapshot:
    """Return the snapshot of an area: approved items, and the crews that other streets' schedules have left.

    Crews that are missing and shifts that are cancelled are taken off.

    Parameters
    ----------
    also : ids of items that are in it whether they are approved still or not.

    Raises
    ------
    Refusal : there is no such horizon.
    InvalidCase : what is stored does not go together (shifts that overlap, for example).
    """
    config = config_of(connection, horizon_id)
    tables = _tables(connection, horizon_id, area, config, also)
    snapshot = read_raw(raw_case(config, tables)).snapshot
    left = _without_committed(connection, horizon_id, area, config, tables, snapshot)
    events = setbacks(connection, left, _areas_of(connection, area))
    return changed_case(left, events, left.calendar.start) if events else left


def _without_committed(
    connection: Connection,
    horizon_id: str,
    area: Area,
    config: Mapping[str, Any],
    tables: Mapping[str, Columns],
    snapshot: PlanningSnapshot,
) -> PlanningSnapshot:
    use = committed_crews(connection, horizon_id, area)
    if not use:
        return snapshot
    # What others use of shared crews depends on the crews that they have of their own, so all pools are looked at.
    everywhere = {**tables, "streets": _columns(connection, _rows("streets"))}
    everywhere["crews"] = _columns(connection, _crews(config))
    left = without_committed(read_raw(raw_case(config, everywhere)).snapshot, use)
    areas = _areas_of(connection, area)
    return snapshot.replace(crew_pools=tuple(p for p in left.crew_pools if p.area_id in areas))


def setbacks(
    connection: Connection, snapshot: PlanningSnapshot, areas: Collection[str]
) -> list[CrewMissing | ShiftCancelled]:
    """Return the crews that are missing and the shifts that are cancelled in some areas and a snapshot's horizon."""
    calendar = snapshot.calendar
    shift_ids = {s.shift_id for s in calendar.shifts}
    out: list[CrewMissing | ShiftCancelled] = []
    for table in (missing_crews, cancelled_shifts):
        query = select(table).where(table.c.date.between(iso(calendar.start), iso(calendar.end)))
        for r in connection.execute(query.order_by(table.c.row_id)).mappings():
            area_id, day = r["area_id"] or WHOLE_CITY, date.fromisoformat(r["date"]).toordinal()
            if area_id not in areas or r["shift_id"] not in (None, *shift_ids):
                continue
            if table is cancelled_shifts:
                out.append(ShiftCancelled(day=day, shift_id=r["shift_id"], area_id=area_id))
                continue
            missing = {"authority_id": r["authority_id"], "area_id": area_id, "crews": r["crews"] or 1}
            out.append(CrewMissing(day=day, shift_id=r["shift_id"], **missing))
    return out


def _areas_of(connection: Connection, area: Area) -> frozenset[str]:
    """Return the areas whose crews may serve an area: its streets, their districts, the city."""
    districts = select(streets.c.district_id).where(streets.c.street_id.in_(area.street_ids))
    return frozenset({*area.street_ids, *connection.scalars(districts), WHOLE_CITY})


def _tables(
    connection: Connection, horizon_id: str, area: Area, config: Mapping[str, Any], also: Collection[str]
) -> dict[str, Columns]:
    in_area = enterprises.c.street_id.in_(area.street_ids)
    of_area = select(enterprises.c.enterprise_id).where(in_area)
    start, end = config["horizon"]["start"], config["horizon"]["end"]
    items = (
        select(*(plan_items.c[c] for c in TABLES["items"].column_names))
        .join(plans, plans.c.plan_id == plan_items.c.plan_id)
        .join(enterprises, enterprises.c.enterprise_id == plan_items.c.enterprise_id)
        .where(plan_items.c.horizon_id == horizon_id, plan_items.c.live, plans.c.state == "approved", in_area)
    )
    approved = _columns(connection, items)
    queries = {
        "streets": _rows("streets").where(streets.c.street_id.in_(area.street_ids)),
        "authorities": _rows("authorities"),
        "enterprises": _rows("enterprises").where(in_area),
        "crews": _crews(config).where(crews.c.area_id.in_(_areas_of(connection, area))),
        "quiet": _rows("quiet"),
        **{
            t.name: _rows(t.name).where(t.c.enterprise_id.in_(of_area), t.c.date >= start, t.c.date <= end)
            for t in (pins, preferred_pins)
        },
    }
    found = {name: _columns(connection, query) for name, query in queries.items()}
    found["items"] = _with_former(connection, horizon_id, approved, also)
    found["history"] = past_of(connection, horizon_id, of_area, end)
    found["quiet"] = _quiet_of(found["quiet"], found)
    return {name: columns for name, columns in found.items() if TABLES[name].required or _length(columns)}


def _with_former(connection: Connection, horizon_id: str, items: Columns, also: Collection[str]) -> Columns:
    """Return items with those of some ids that are approved no longer, as their last plan said them."""
    missing = sorted(set(also) - {*items["item_id"]})
    if not missing:
        return items
    names = TABLES["items"].column_names
    query = (
        select(*(plan_items.c[c] for c in names))
        .join(plans, plans.c.plan_id == plan_items.c.plan_id)
        .where(plan_items.c.horizon_id == horizon_id)
        .order_by(plans.c.approved_at.nulls_first())
    )
    last: dict[str, tuple[Any, ...]] = {}
    for k in range(0, len(missing), _AT_ONCE):
        found = connection.execute(query.where(plan_items.c.item_id.in_(missing[k : k + _AT_ONCE])))
        last |= {r.item_id: tuple(r) for r in found}
    rows = [*zip(*(items[n] for n in names), strict=True), *last.values()]
    return {n: list(c) for n, c in zip(names, zip(*rows, strict=True), strict=True)} if rows else items


def _rows(table: str) -> Select[Any]:
    return select(*(REGISTER_TABLES[table].c[c] for c in TABLES[table].column_names))


def _crews(config: Mapping[str, Any]) -> Select[Any]:
    """Return the query of crews; those of a shift that only other horizons have come in none of this one's."""
    shift_ids = [s["id"] for s in config["shift"]]
    return _rows("crews").where(or_(crews.c.shift_id.is_(None), crews.c.shift_id.in_(shift_ids)))


def _columns(connection: Connection, query: Select[Any]) -> Columns:
    result = connection.execute(query)
    names = list(result.keys())
    columns = list(zip(*result.all(), strict=True)) or [()] * len(names)
    return {name: list(values) for name, values in zip(names, columns, strict=True)}


def _length(columns: Columns) -> int:
    return len(next(iter(columns.values())))


def _quiet_of(rows: Columns, tables: Mapping[str, Columns]) -> Columns:
    """Return the quiet periods that can concern the area: of its own streets and enterprises, or of no place."""
    known = {
        "street": set(tables["streets"]["street_id"]),
        "enterprise": set(tables["enterprises"]["enterprise_id"]),
    }
    keep = [s not in known or t in known[s] for s, t in zip(rows["scope"], rows["id"], strict=True)]
    return {name: [v for v, k in zip(values, keep, strict=True) if k] for name, values in rows.items()}


def committed_crews(connection: Connection, horizon_id: str, area: Area) -> CrewUse:
    """Return the crew shifts of the schedules in force in streets outside an area, by authority, day, shift, street."""
    published = by_dates(publications.c.horizon_id == horizon_id)
    query = (
        select(crew_shifts.c.authority_id, crew_shifts.c.date, crew_shifts.c.shift_id, crew_shifts.c.street_id)
        .join(published, counts(published, crew_shifts))
        .where(crew_shifts.c.street_id.not_in(area.street_ids))
    )
    rows = connection.execute(query).all()
    return Counter((a, date.fromisoformat(d).toordinal(), s, street) for a, d, s, street in rows)


def parents_of(connection: Connection, horizon_id: str, area: Area) -> dict[str, int]:
    """Return the version in force of every street of an area that has one."""
    return {s: v for s, v, _ in connection.execute(in_force(horizon_id, area))}


def snapshot_around(
    connection: Connection, horizon_id: str, enterprise_ids: Sequence[str], more_items: Sequence[Mapping[str, Any]]
) -> PlanningSnapshot:
    """Return a snapshot of some enterprises with every live item at them, approved or not, and further items.

    A further item takes the place of a live one with its id.
    """
    config = config_of(connection, horizon_id)
    here = enterprises.c.enterprise_id.in_(enterprise_ids)
    items = _items_at(connection, horizon_id, enterprise_ids, more_items)
    past = past_of(connection, horizon_id, enterprise_ids)
    involved = sorted({*items["authority_id"]})
    met = sorted({*involved, *past["authority_id"]})
    found = {
        "streets": _columns(connection, _rows("streets")),
        "authorities": _columns(connection, _rows("authorities").where(authorities.c.authority_id.in_(met))),
        "enterprises": _columns(connection, _rows("enterprises").where(here)),
        "crews": _columns(connection, _crews(config).where(crews.c.authority_id.in_(involved))),
        "items": items,
        "history": past,
        "quiet": _columns(connection, _rows("quiet")),
    }
    found["quiet"] = _quiet_of(found["quiet"], found)
    # What is stored was checked when it came, and advice is waited for: nothing is checked again here.
    tables = {name: typed_of_plain(name, c) for name, c in found.items() if TABLES[name].required or _length(c)}
    return build_snapshot(tables, checked_config(config))


def _items_at(
    connection: Connection, horizon_id: str, enterprise_ids: Sequence[str], more_items: Sequence[Mapping[str, Any]]
) -> Columns:
    """Return the live items at some enterprises that no further item takes the place of, and the further items."""
    names = TABLES["items"].column_names
    query = select(*(plan_items.c[c] for c in names)).where(
        plan_items.c.horizon_id == horizon_id, plan_items.c.live, plan_items.c.enterprise_id.in_(enterprise_ids)
    )
    replaced = {r["item_id"] for r in more_items}
    item_id = names.index("item_id")
    rows: list[Sequence[Any]] = [r for r in connection.execute(query).all() if r[item_id] not in replaced]
    rows += [[r[c] for c in names] for r in more_items]
    columns = zip(*rows, strict=True) if rows else ((),) * len(names)
    return dict(zip(names, map(list, columns), strict=True))
