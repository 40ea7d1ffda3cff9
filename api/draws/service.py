"""Draws as rows: committed to, carried out once, listed; what was drawn is seen by whom it concerns."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping
from itertools import islice
from typing import Any

from sqlalchemy import Connection, Table, insert, select, update

from api.access.caller import Caller, Role
from api.access.scope import seen
from api.errors import Refusal
from api.horizons.service import config_of
from api.store.pages import Page, matching, page
from api.store.schema import draw_targets, draw_teams, draws
from api.store.work import Work
from scheduler.draw.roster import digest_of
from scheduler.draw.stream import SEED_BYTES, commitment_of

COMMITTED, DRAWN = "committed", "drawn"
_HIDDEN = ("seed", "case_upload_id", "request", "record", "roster")
_SHOWN = tuple(c for c in draws.c if c.name not in _HIDDEN)
KEYS: Mapping[str, tuple[Any, ...]] = {
    "draw_teams": (draw_teams.c.crew_id, draw_teams.c.officer_id),
    "draw_targets": (draw_targets.c.item_id,),
}
_UNSHOWN = ("draw_id", "schedule_id", "street_id")
_AT_ONCE = 5000
Row = Mapping[Any, Any]


def commit(work: Work, draw_id: str, kind: str, purpose: str, horizon_id: str) -> dict[str, Any]:
    """Make a secret seed, store it, and return the draw with its commitment.

    Raises
    ------
    Refusal : there is no such horizon.
    """
    config_of(work.connection, horizon_id)
    seed = secrets.token_bytes(SEED_BYTES)
    values = {
        "draw_id": draw_id,
        "kind": kind,
        "purpose": purpose,
        "horizon_id": horizon_id,
        "state": COMMITTED,
        "commitment": commitment_of(seed, purpose),
        "committed_at": work.at,
        "committed_by": work.actor,
    }
    work.connection.execute(insert(draws).values(**values, seed=seed.hex()))
    said = {k: values[k] for k in ("kind", "purpose", "horizon_id", "commitment")}
    work.record("draws.commit", f"draws/{draw_id}", after=said)
    return wire(find(work.connection, draw_id))


def find(connection: Connection, draw_id: str, *, whole: bool = False) -> Row:
    """Return the row of a draw; the `whole` one has what it was made of, and the seed.

    Raises
    ------
    Refusal : there is none.
    """
    query = select(draws) if whole else select(*_SHOWN, draws.c.seed)
    row = connection.execute(query.where(draws.c.draw_id == draw_id)).mappings().one_or_none()
    if row is None:
        raise Refusal("not_found", what=f"draws/{draw_id}")
    return row


def wire(row: Row) -> dict[str, Any]:
    """Return a draw as it is sent: with the seed only once it is drawn."""
    shown = {c.name: row[c.name] for c in _SHOWN}
    return {**shown, "seed": row["seed"] if row["state"] == DRAWN else None}


def listing(connection: Connection, filters: Mapping[str, str | None], limit: int, cursor: str | None) -> Page:
    """Return a page of draws, the oldest first; commitments are everybody's to read, or they would bind nobody."""
    query = matching(select(*_SHOWN, draws.c.seed), draws, filters)
    found = page(connection, query, [draws.c.draw_id], limit, cursor)
    return Page(rows=[wire(r) for r in found.rows], next_cursor=found.next_cursor)


def rows_of(
    connection: Connection,
    caller: Caller,
    draw: Row,
    table: Table,
    filters: Mapping[str, str | None],
    limit: int,
    cursor: str | None,
) -> Page:
    """Return a page of the officers or targets of a draw that the caller sees."""
    query = matching(select(table).where(table.c.draw_id == draw["draw_id"], seen(caller, table.name)), table, filters)
    found = page(connection, query, KEYS[table.name], limit, cursor)
    return Page(rows=[shown(table, r) for r in found.rows], next_cursor=found.next_cursor)


def shown(table: Table, row: Row) -> dict[str, Any]:
    """Return an officer of a crew shift, or a target, as it is sent."""
    hidden = _UNSHOWN if table is draw_targets else _UNSHOWN[:2]
    return {c.name: row[c.name] for c in table.c if c.name not in hidden}


def require_undrawn(caller: Caller, row: Row, kind: str) -> None:
    """Do nothing when a draw is the caller's to carry out, and has not been.

    Raises
    ------
    Refusal : somebody else has committed to it, it is of the other kind, or it is drawn.
    """
    if caller.role is not Role.ADMINISTRATOR and row["committed_by"] != caller.account_id:
        raise Refusal("not_yours")
    if row["kind"] != kind:
        raise Refusal("conflict", why=f"draws/{row['draw_id']}: kind = {row['kind']}")
    if row["state"] != COMMITTED:
        raise Refusal("wrong_state", what=f"draws/{row['draw_id']}", state=row["state"])


def finish(
    work: Work, draw_id: str, record: Mapping[str, Any], table: Table, rows: Iterable[dict[str, Any]], **values: Any
) -> dict[str, Any]:
    """Store what was drawn, and return the draw.

    Raises
    ------
    Refusal : somebody was faster.
    """
    mine = (draws.c.draw_id == draw_id, draws.c.state == COMMITTED)
    drawn = {"state": DRAWN, "record": record, "drawn_at": work.at, "drawn_by": work.actor, **values}
    if work.connection.execute(update(draws).where(*mine).values(**drawn)).rowcount != 1:
        raise Refusal("wrong_state", what=f"draws/{draw_id}", state=DRAWN)
    it = iter(rows)
    while chunk := list(islice(it, _AT_ONCE)):
        work.connection.execute(insert(table), [{"draw_id": draw_id, **r} for r in chunk])
    row = find(work.connection, draw_id)
    said = {k: row[k] for k in ("state", "schedule_id", "level", "area_id", "public", "seed", "summary")}
    after = {**said, "record_digest": digest_of(record)}
    work.record(f"draws.{row['kind']}", f"draws/{draw_id}", before={"state": COMMITTED}, after=after)
    return wire(row)
