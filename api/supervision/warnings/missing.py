"""Missing scans as they are found and explained: what the day before left open, and what came in later."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, insert, select, true, update

from api.cases.in_force import by_dates, counts
from api.store.fieldwork_tables import entries
from api.store.schema import outcomes, plan_items, visits
from api.store.warning_tables import missed_scans
from api.store.work import Work
from api.supervision.warnings.facts import day_number, entry_of
from scheduler.domain.fieldwork.entry import Entry
from scheduler.explain.facts import iso
from scheduler.supervision.scans import (
    MissingScan,
    PlannedPart,
    ToldOutcome,
    is_explained,
    missing_of_entries,
    missing_of_parts,
)

_AT_ONCE = 400
VisitKey = tuple[str, str, str]
"""(horizon, visit, date)."""


def note_entries(work: Work, known: Sequence[Entry], enterprise_id: str) -> Mapping[str, int]:
    """Note what the entries at an enterprise say of missing scans.

    Returns the authorities of which any changed, each with the first day of a changed one.

    An entry for a planned part explains it, whenever it comes in; an entry that says itself that there was no scan is
    a missing one until it is scanned or gives a reason.
    """
    query = select(missed_scans).where(missed_scans.c.enterprise_id == enterprise_id)
    rows = {r["ref"]: r for r in work.connection.execute(query).mappings()}
    own = {"/".join(m.ref): m for m in missing_of_entries(known)}
    new = [m for ref, m in own.items() if ref not in rows]
    _store(work, new, {})
    touched = [(m.authority_id, m.day) for m in new]
    by_part = {(e.horizon_id, e.visit_id, e.authority_id): e for e in known}
    still_open = []
    for ref, row in rows.items():
        entry = by_part.get((row["horizon_id"], row["visit_id"], row["authority_id"]))
        if ref.startswith("entry/"):
            explained = None if ref in own else ref
        else:
            explained = row["explained_by"] if entry is None else f"entry/{entry.entry_id}"
        if (explained is None) != (row["explained_by"] is None):
            _set(work, ref, explained)
            touched.append((row["authority_id"], day_number(row["date"])))
        elif explained is None and row["visit_id"] is not None:
            still_open.append(row)
    touched += _told(work, still_open)
    first: dict[str, int] = {}
    for authority_id, day in touched:
        first[authority_id] = min(day, first.get(authority_id, day))
    return first


def _told(work: Work, rows: Sequence[Mapping[Any, Any]]) -> Iterator[tuple[str, int]]:
    """Explain missing scans by outcomes that were told since; yield the authority and day of each."""
    told = outcomes_of(work.connection, {(r["horizon_id"], r["visit_id"], r["date"]) for r in rows}) if rows else {}
    for r in rows:
        day = day_number(r["date"])
        outcome = told.get((r["horizon_id"], r["visit_id"], day))
        if outcome is not None and is_explained(_part_of(r), (), outcome):
            _set(work, r["ref"], f"outcome/{r['horizon_id']}/{r['visit_id']}/{r['date']}")
            yield r["authority_id"], day


def _part_of(row: Mapping[Any, Any]) -> PlannedPart:
    return PlannedPart(
        horizon_id=row["horizon_id"],
        visit_id=row["visit_id"],
        authority_id=row["authority_id"],
        enterprise_id=row["enterprise_id"],
        street_id=row["street_id"],
        day=day_number(row["date"]),
        item_ids=tuple(i for i in row["item_ids"].split(";") if i),
    )


def _set(work: Work, ref: str, explained_by: str | None) -> None:
    at = None if explained_by is None else work.at
    mine = missed_scans.c.ref == ref
    work.connection.execute(update(missed_scans).where(mine).values(explained_at=at, explained_by=explained_by))
    action = "missed_scans.explain" if explained_by else "missed_scans.reopen"
    work.record(action, f"missed_scans/{ref}", after={"explained_by": explained_by})


def _store(work: Work, found: Sequence[MissingScan], parts: Mapping[str, PlannedPart]) -> None:
    rows = []
    for m in found:
        ref = "/".join(m.ref)
        part = parts.get(ref)
        row = {
            "ref": ref,
            "authority_id": m.authority_id,
            "enterprise_id": m.enterprise_id,
            "street_id": m.street_id,
            "date": iso(m.day),
            "horizon_id": None if part is None else part.horizon_id,
            "visit_id": None if part is None else part.visit_id,
            "item_ids": "" if part is None else ";".join(part.item_ids),
            "found_at": work.at,
        }
        rows.append(row)
        work.record("missed_scans.find", f"missed_scans/{ref}", after=row)
    if rows:
        work.connection.execute(insert(missed_scans), rows)


def find_missing(work: Work, day: int, today: int) -> None:
    """Store the planned parts of a day that has passed of which nothing is known."""
    parts = planned_parts(work.connection, day)
    keys = {(p.horizon_id, p.visit_id, iso(p.day)) for p in parts}
    known = entries_of(work.connection, keys)
    found = list(missing_of_parts(parts, known, outcomes_of(work.connection, keys), today))
    of_day = select(missed_scans.c.ref).where(missed_scans.c.date == iso(day), missed_scans.c.visit_id.is_not(None))
    stored = set(work.connection.scalars(of_day))
    named = {"/".join(m.ref): m for m in found}
    by_ref = {f"visit/{p.horizon_id}/{p.visit_id}/{p.authority_id}": p for p in parts}
    _store(work, [m for ref, m in named.items() if ref not in stored], by_ref)


def planned_parts(connection: Connection, day: int) -> list[PlannedPart]:
    """Return the parts of the visits that were in force on a day."""
    published = by_dates(true())
    query = (
        select(published.c.horizon_id, visits)
        .join(published, counts(published, visits))
        .where(visits.c.date == iso(day))
        .order_by(visits.c.visit_id)
    )
    rows = connection.execute(query).mappings().all()
    owners = _owners(connection, rows)
    out = []
    for r in rows:
        items = r["item_ids"].split(";")
        for authority_id in r["authority_ids"].split(";"):
            out.append(
                PlannedPart(
                    horizon_id=r["horizon_id"],
                    visit_id=r["visit_id"],
                    authority_id=authority_id,
                    enterprise_id=r["enterprise_id"],
                    street_id=r["street_id"],
                    day=day,
                    item_ids=tuple(i for i in items if owners.get((r["horizon_id"], i)) == authority_id),
                )
            )
    return out


def _owners(connection: Connection, rows: Sequence[Mapping[Any, Any]]) -> Mapping[tuple[str, str], str]:
    """Return the authority of every item of some visits."""
    out: dict[tuple[str, str], str] = {}
    enterprise_ids = sorted({r["enterprise_id"] for r in rows})
    horizon_ids = sorted({r["horizon_id"] for r in rows})
    for k in range(0, len(enterprise_ids), _AT_ONCE):
        query = select(plan_items.c.horizon_id, plan_items.c.item_id, plan_items.c.authority_id).where(
            plan_items.c.enterprise_id.in_(enterprise_ids[k : k + _AT_ONCE]), plan_items.c.horizon_id.in_(horizon_ids)
        )
        found = connection.execute(query.order_by(plan_items.c.live))
        out |= {(r.horizon_id, r.item_id): r.authority_id for r in found}
    return out


def entries_of(connection: Connection, keys: Iterable[VisitKey]) -> list[Entry]:
    """Return the entries for some visits."""
    out: list[Entry] = []
    for horizon_id, ids in _by_horizon(keys).items():
        for k in range(0, len(ids), _AT_ONCE):
            of = entries.c.horizon_id == horizon_id, entries.c.visit_id.in_(ids[k : k + _AT_ONCE])
            out += map(entry_of, connection.execute(select(entries).where(*of)).mappings())
    return out


def outcomes_of(connection: Connection, keys: Iterable[VisitKey]) -> dict[tuple[str, str, int], ToldOutcome]:
    """Return what was told of some visits, by horizon, visit and day."""
    asked, out = set(keys), {}
    for horizon_id, ids in _by_horizon(asked).items():
        for k in range(0, len(ids), _AT_ONCE):
            of = outcomes.c.horizon_id == horizon_id, outcomes.c.visit_id.in_(ids[k : k + _AT_ONCE])
            for r in connection.execute(select(outcomes).where(*of)).mappings():
                if (horizon_id, r["visit_id"], r["date"]) in asked:
                    left = tuple(i for i in (r["left_items"] or "").split(";") if i)
                    told = ToldOutcome(took_place=r["outcome"] == "done", left_items=left)
                    out[horizon_id, r["visit_id"], day_number(r["date"])] = told
    return out


def _by_horizon(keys: Iterable[VisitKey]) -> Mapping[str, list[str]]:
    out: dict[str, list[str]] = defaultdict(list)
    for horizon_id, visit_id, _ in sorted(keys):
        out[horizon_id].append(visit_id)
    return out
