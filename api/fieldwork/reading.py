"""What is read of the record: entries and events of whom they concern, and the visits that officers have to make."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, select

from api.access.caller import Caller, Role
from api.access.scope import Condition, seen
from api.cases.in_force import by_dates, counts
from api.errors import Refusal
from api.fieldwork.door import visit_here
from api.fieldwork.once import shown
from api.store.fieldwork_tables import entries, entry_items, field_events
from api.store.pages import Page, matching, page
from api.store.schema import enterprises, publications, visit_authorities, visits

_LISTS = ("officer_ids", "item_ids")


def _mine(caller: Caller, table: str) -> Condition:
    """Return the condition of rows that a caller sees: an officer those of the authority."""
    columns = {"entries": entries.c.authority_id, "field_events": field_events.c.authority_id}
    return columns[table] == caller.authority_id if caller.role is Role.OFFICER else seen(caller, table)


def wire(row: Mapping[Any, Any]) -> dict[str, Any]:
    """Return an entry as it is sent."""
    return {**row, **{n: [v for v in row[n].split(";") if v] for n in _LISTS}}


def listing(
    connection: Connection, caller: Caller, filters: Mapping[str, str | None], limit: int, cursor: str | None
) -> Page:
    """Return a page of the entries that the caller sees, by date."""
    query = matching(select(entries).where(_mine(caller, "entries")), entries, filters)
    found = page(connection, query, [entries.c.date, entries.c.entry_id], limit, cursor)
    return Page(rows=[wire(r) for r in found.rows], next_cursor=found.next_cursor)


def find(connection: Connection, caller: Caller, entry_id: str) -> dict[str, Any]:
    """Return an entry that the caller sees, with its results.

    Raises
    ------
    Refusal : there is none.
    """
    query = select(entries).where(entries.c.entry_id == entry_id, _mine(caller, "entries"))
    row = connection.execute(query).mappings().one_or_none()
    if row is None:
        raise Refusal("not_found", what=f"entries/{entry_id}")
    told = select(entry_items).where(entry_items.c.entry_id == entry_id).order_by(entry_items.c.item_id)
    results = [{k: v for k, v in r.items() if k != "entry_id"} for r in connection.execute(told).mappings()]
    return {**wire(row), "results": results}


def events(
    connection: Connection, caller: Caller, filters: Mapping[str, str | None], limit: int, cursor: str | None
) -> Page:
    """Return a page of the record, in the order in which it was written."""
    query = matching(select(field_events).where(_mine(caller, "field_events")), field_events, filters)
    found = page(connection, query, [field_events.c.number], limit, cursor)
    return Page(rows=[{**r, "data": shown(r["data"])} for r in found.rows], next_cursor=found.next_cursor)


def tasks(connection: Connection, caller: Caller, on: str) -> list[dict[str, Any]]:
    """Return the published visits of the caller's authority on a date; of an officer those it may go to.

    Those are the visits that it was drawn for, and those that nobody was drawn for.
    """
    authority_id = caller.authority_id or ""
    published = by_dates(publications.c.street_id.is_not(None))
    query = (
        select(visits, enterprises.c.name)
        .join(published, counts(published, visits))
        .join(enterprises, enterprises.c.enterprise_id == visits.c.enterprise_id)
        .join(
            visit_authorities,
            (visit_authorities.c.schedule_id == visits.c.schedule_id)
            & (visit_authorities.c.visit_id == visits.c.visit_id),
        )
        .where(visits.c.date == on, visit_authorities.c.authority_id == authority_id)
        .order_by(visits.c.start, visits.c.visit_id)
    )
    out = []
    for r in connection.execute(query).mappings().all():
        here, _ = visit_here(connection, r["enterprise_id"], r["street_id"], authority_id, on, r["visit_id"])
        if here is None:
            continue
        drawn = here.part.drawn
        if caller.role is Role.OFFICER and drawn is not None and caller.officer_id not in drawn:
            continue
        state = connection.scalar(
            select(entries.c.state)
            .where(
                entries.c.visit_id == r["visit_id"],
                entries.c.horizon_id == here.horizon_id,
                entries.c.date == on,
                entries.c.authority_id == authority_id,
            )
            .order_by(entries.c.entered_at.desc())
            .limit(1)
        )
        out.append(
            {
                **{n: r[n] for n in ("visit_id", "enterprise_id", "street_id", "date", "start", "end")},
                "enterprise": r["name"],
                "item_ids": list(here.part.item_ids),
                "authority_ids": r["authority_ids"].split(";"),
                "officer_ids": None if drawn is None else list(drawn),
                "state": state,
            }
        )
    return out
