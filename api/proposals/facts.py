"""What proposals are made of, read from the record: findings, items that were left, leads, measured entries."""

from __future__ import annotations

import statistics
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from sqlalchemy import Connection, and_, select

from api import clock
from api.cases.in_force import by_dates, counts, newest
from api.cases.past import outcome_of, took_place
from api.proposals.scope import Scope
from api.store.feedback_tables import leads
from api.store.fieldwork_tables import entries, entry_items
from api.store.schema import horizons, outcomes, plan_items, plans, publications, unserved, visits
from scheduler.domain.fieldwork.kinds import EntryState, ItemResult, ScanStatus
from scheduler.domain.plans import Notice, Trigger
from scheduler.feedback.durations import Measured
from scheduler.feedback.facts import Finding, Lead, LeftItem
from scheduler.feedback.rules import LeadSource
from scheduler.intake.columns import OutcomeName

LOOKED_BACK = 1100
"""Days before today of which results are looked at: more than any rule may count."""
_AT_ONCE = 500
_INSIDE = (EntryState.OPEN.value, EntryState.CLOSED.value)
_TURNED_BACK = (EntryState.NO_ACCESS.value, EntryState.TURNED_AWAY.value)
ItemKey = tuple[str, str]
"""(horizon, item)."""


def ordinal(text: str) -> int:
    """Return the day number of a stored date."""
    return date.fromisoformat(text).toordinal()


def planned_item() -> Any:
    """Return the condition, for a join with entries and their items, of the plan item that was inspected."""
    return and_(
        plan_items.c.horizon_id == entries.c.horizon_id,
        plan_items.c.item_id == entry_items.c.item_id,
        plan_items.c.live,
    )


def findings(connection: Connection, scope: Scope, today: int, *, of_all: bool) -> list[Finding]:
    """Return the results of inspections in which officers were inside.

    Parameters
    ----------
    of_all : those of other authorities at the same enterprises too, as a class depends on all of them.
    """
    first = date.fromordinal(today - LOOKED_BACK).isoformat()
    mine = scope.rows(entries)
    if of_all and scope.authority_id is not None:
        own = select(entries.c.enterprise_id).where(scope.rows(entries))
        mine = and_(scope.street(entries.c.street_id), entries.c.enterprise_id.in_(own))
    query = (
        select(entry_items, entries.c.enterprise_id, entries.c.authority_id, entries.c.date)
        .add_columns(plan_items.c.duration_min, plan_items.c.item_code.label("planned_code"), plan_items.c.legal_basis)
        .join(entries, entries.c.entry_id == entry_items.c.entry_id)
        .outerjoin(plan_items, planned_item())
        .where(mine, entries.c.state.in_(_INSIDE), entries.c.date >= first)
    )
    return [
        Finding(
            entry_id=r["entry_id"],
            item_id=r["item_id"],
            enterprise_id=r["enterprise_id"],
            authority_id=r["authority_id"],
            day=ordinal(r["date"]),
            result=ItemResult(r["result"]),
            told=r["recorded_at"],
            item_code=r["item_code"] or r["planned_code"],
            due=None if r["due"] is None else ordinal(r["due"]),
            planned_min=r["duration_min"],
            legal_basis=r["legal_basis"],
        )
        for r in connection.execute(query).mappings()
    ]


def left_items(connection: Connection, scope: Scope, horizon_id: str, today: str) -> list[LeftItem]:
    """Return approved items of other horizons that were left, or found no place, and are served by nothing since.

    What the horizon itself left comes back by re-planning from its outcomes and is none of these.
    """
    left: dict[ItemKey, tuple[str, str]] = {}
    for key, day, why in (
        *_left_at_doors(connection, scope, horizon_id),
        *_left_told(connection, scope, horizon_id),
        *_without_place(connection, scope, horizon_id, today),
    ):
        left[key] = max(left.get(key, ("", "")), (day, why))
    approved = _approved(connection, scope, set(left))
    for key, served in _served(connection, scope, horizon_id, {r["enterprise_id"] for r in approved}):
        if key in left and (served is None or served > left[key][0]):
            del left[key]
    again = _planned_codes(connection, scope, horizon_id)
    out = []
    for r in approved:
        found = left.get((r["horizon_id"], r["item_id"]))
        like = r["authority_id"], r["enterprise_id"], r["item_code"], r["trigger"] or Trigger.ROUTINE.value
        if found is not None and like not in again:
            out.append(_left_item(r, *found))
    return out


def _approved(connection: Connection, scope: Scope, keys: set[ItemKey]) -> list[Mapping[Any, Any]]:
    """Return the items of approved plans with some keys."""
    out: list[Mapping[Any, Any]] = []
    ids = sorted({i for _, i in keys})
    for k in range(0, len(ids), _AT_ONCE):
        query = (
            select(plan_items)
            .join(plans, plans.c.plan_id == plan_items.c.plan_id)
            .where(
                plan_items.c.live,
                plans.c.state == "approved",
                scope.authority(plan_items.c.authority_id),
                plan_items.c.item_id.in_(ids[k : k + _AT_ONCE]),
            )
        )
        out += [r for r in connection.execute(query).mappings() if (r["horizon_id"], r["item_id"]) in keys]
    return out


def _left_item(row: Mapping[Any, Any], day: str, why: str) -> LeftItem:
    return LeftItem(
        horizon_id=row["horizon_id"],
        item_id=row["item_id"],
        enterprise_id=row["enterprise_id"],
        authority_id=row["authority_id"],
        day=ordinal(day),
        why=why,
        duration_min=row["duration_min"],
        priority=row["priority"],
        trigger=Trigger(row["trigger"] or Trigger.ROUTINE),
        crews=row["crews"] or 1,
        cap_exempt=bool(row["cap_exempt"]),
        notice=Notice(row["notice"] or Notice.ANNOUNCED),
        item_code=row["item_code"],
        legal_basis=row["legal_basis"],
    )


def _left_at_doors(connection: Connection, scope: Scope, horizon_id: str) -> Iterator[tuple[ItemKey, str, str]]:
    mine = and_(scope.rows(entries), entries.c.horizon_id.is_not(None), entries.c.horizon_id != horizon_id)
    query = select(entries.c.horizon_id, entries.c.date, entries.c.state, entries.c.item_ids)
    for r in connection.execute(query.where(mine, entries.c.state.in_(_TURNED_BACK))):
        for item_id in filter(None, r.item_ids.split(";")):
            yield (r.horizon_id, item_id), r.date, r.state
    of_items = (
        select(entries.c.horizon_id, entries.c.date, entry_items.c.item_id)
        .join(entries, entries.c.entry_id == entry_items.c.entry_id)
        .where(mine, entries.c.state.in_(_INSIDE), entry_items.c.result == ItemResult.NOT_DONE.value)
    )
    for horizon, on, item_id in connection.execute(of_items):
        yield (horizon, item_id), on, "not_done"


def _left_told(connection: Connection, scope: Scope, horizon_id: str) -> Iterator[tuple[ItemKey, str, str]]:
    """Yield what outcomes say was left, also where nobody scanned."""
    query = (
        select(outcomes.c.horizon_id, outcomes.c.date, outcomes.c.outcome, outcomes.c.left_items, visits.c.item_ids)
        .join(visits, and_(visits.c.schedule_id == outcomes.c.schedule_id, visits.c.visit_id == outcomes.c.visit_id))
        .where(outcomes.c.horizon_id != horizon_id, scope.street(outcomes.c.street_id))
    )
    for r in connection.execute(query):
        done = r.outcome == OutcomeName.DONE.value
        why = "not_done" if done else "no_access" if r.outcome == OutcomeName.NO_ACCESS.value else "turned_away"
        for item_id in filter(None, ((r.left_items or "") if done else r.item_ids).split(";")):
            yield (r.horizon_id, item_id), r.date, why


def _without_place(
    connection: Connection, scope: Scope, horizon_id: str, today: str
) -> Iterator[tuple[ItemKey, str, str]]:
    """Yield what the schedules in force of earlier horizons found no place for, as of their end or today."""
    start = select(horizons.c.start).where(horizons.c.horizon_id == horizon_id).scalar_subquery()
    published = newest(publications.c.horizon_id != horizon_id).subquery()
    query = (
        select(published.c.horizon_id, unserved.c.item_id, horizons.c.end)
        .join(
            unserved,
            and_(
                unserved.c.schedule_id == published.c.schedule_id,
                unserved.c.street_id == published.c.street_id,
            ),
        )
        .join(horizons, horizons.c.horizon_id == published.c.horizon_id)
        .where(scope.rows(unserved), horizons.c.start < start)
    )
    for horizon, item_id, end in connection.execute(query):
        yield (horizon, item_id), min(end, today), "unserved"


def _served(
    connection: Connection, scope: Scope, horizon_id: str, enterprise_ids: set[str]
) -> Iterator[tuple[ItemKey, str | None]]:
    """Yield items at enterprises that were served (with no date), or that a visit in force on a date serves."""
    published = by_dates(publications.c.horizon_id != horizon_id)
    ids = sorted(enterprise_ids)
    for k in range(0, len(ids), _AT_ONCE):
        some = ids[k : k + _AT_ONCE]
        at_doors = (
            select(entries.c.horizon_id, entry_items.c.item_id)
            .join(entries, entries.c.entry_id == entry_items.c.entry_id)
            .where(
                scope.rows(entries),
                entries.c.enterprise_id.in_(some),
                entries.c.state.in_(_INSIDE),
                entry_items.c.result != ItemResult.NOT_DONE.value,
            )
        )
        for horizon, item_id in connection.execute(at_doors):
            yield (horizon, item_id), None
        in_force = (
            select(published.c.horizon_id, visits.c.date, visits.c.item_ids, outcomes.c.left_items)
            .join(visits, counts(published, visits))
            .outerjoin(outcomes, outcome_of(published.c.horizon_id, visits))
            .where(visits.c.enterprise_id.in_(some), took_place())
        )
        for r in connection.execute(in_force):
            left = (r.left_items or "").split(";")
            for item_id in r.item_ids.split(";"):
                if item_id not in left:
                    yield (r.horizon_id, item_id), r.date


def _planned_codes(connection: Connection, scope: Scope, horizon_id: str) -> set[tuple[str, str, str, str]]:
    """Return what departments have planned by themselves: authority, enterprise, code and trigger."""
    query = (
        select(plan_items.c.authority_id, plan_items.c.enterprise_id, plan_items.c.item_code, plan_items.c.trigger)
        .where(plan_items.c.horizon_id == horizon_id, plan_items.c.live, scope.authority(plan_items.c.authority_id))
        .where(plan_items.c.item_code.is_not(None), plan_items.c.item_id.not_like("RT-%"))
    )
    return {(a, e, code, trigger or Trigger.ROUTINE.value) for a, e, code, trigger in connection.execute(query)}


def open_leads(connection: Connection, scope: Scope, planned: Mapping[tuple[str, str], int]) -> list[Lead]:
    """Return the leads that are open, with the estimate for their item code."""
    query = select(leads).where(leads.c.state == "open", scope.rows(leads))
    return [
        Lead(
            lead_id=r["lead_id"],
            enterprise_id=r["enterprise_id"],
            authority_id=r["authority_id"],
            source=LeadSource(r["source"]),
            received=ordinal(r["received"]),
            reference_no=r["reference_no"],
            item_code=r["item_code"],
            planned_min=planned.get((r["authority_id"], r["item_code"] or "")),
        )
        for r in connection.execute(query).mappings()
    ]


def measured(connection: Connection, scope: Scope, today: int) -> list[Measured]:
    """Return the minutes of entries that were scanned when they began and when they ended, and of single items.

    Entries that were told afterwards, and such with an item of unknown code, are no measurement.
    """
    first = date.fromordinal(today - LOOKED_BACK).isoformat()
    query = (
        select(entries.c.entry_id, entries.c.authority_id, entries.c.entered_at, entries.c.left_at)
        .add_columns(entry_items.c.item_id, entry_items.c.item_code, entry_items.c.minutes)
        .add_columns(plan_items.c.item_code.label("planned_code"))
        .join(entry_items, entry_items.c.entry_id == entries.c.entry_id)
        .outerjoin(plan_items, planned_item())
        .where(
            scope.rows(entries),
            entries.c.state == EntryState.CLOSED.value,
            entries.c.scan_status == ScanStatus.SCANNED.value,
            entries.c.left_at.is_not(None),
            entries.c.date >= first,
            entry_items.c.result != ItemResult.NOT_DONE.value,
        )
        .order_by(entries.c.entry_id, entry_items.c.item_id)
    )
    by_entry: dict[str, list[Any]] = {}
    for r in connection.execute(query):
        by_entry.setdefault(r.entry_id, []).append(r)
    out: list[Measured] = []
    for entry_id, rows in by_entry.items():
        codes = [r.item_code or r.planned_code for r in rows]
        if not all(codes):
            continue
        authority_id = rows[0].authority_id
        if all(r.minutes is not None for r in rows):
            out += [
                Measured(
                    ref=f"{entry_id}/{r.item_id}",
                    authority_id=authority_id,
                    minutes=r.minutes,
                    codes=(code,),
                    with_overhead=False,
                )
                for r, code in zip(rows, codes, strict=True)
            ]
        else:
            minutes = _minutes_between(rows[0].entered_at, rows[0].left_at)
            out.append(Measured(ref=entry_id, authority_id=authority_id, minutes=minutes, codes=tuple(sorted(codes))))
    return out


def _minutes_between(start: str, end: str) -> int:
    return (ordinal(clock.day(end)) - ordinal(clock.day(start))) * 1440 + clock.minute(end) - clock.minute(start)


def planned_minutes(connection: Connection, scope: Scope, start: str) -> dict[tuple[str, str], int]:
    """Return the minutes that item codes were last planned with, by authority: the median of the latest horizon.

    Parameters
    ----------
    start : first date of the horizon that is planned; only earlier horizons count.
    """
    query = (
        select(plan_items.c.authority_id, plan_items.c.item_code, horizons.c.start, plan_items.c.duration_min)
        .join(horizons, horizons.c.horizon_id == plan_items.c.horizon_id)
        .where(
            plan_items.c.live,
            plan_items.c.item_code.is_not(None),
            horizons.c.start < start,
            scope.authority(plan_items.c.authority_id),
        )
        .order_by(horizons.c.start)
    )
    found: dict[tuple[str, str], tuple[str, list[int]]] = {}
    for authority_id, code, begun, minutes in connection.execute(query):
        key = authority_id, code
        if key not in found or found[key][0] != begun:
            found[key] = begun, []
        found[key][1].append(minutes)
    return {k: statistics.median_low(values) for k, (_, values) in found.items()}
