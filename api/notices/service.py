"""Notices read, and deliveries looked after."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, select, update

from api.access.caller import Caller
from api.access.scope import seen
from api.errors import Refusal
from api.notices.outbox import FAILED, PENDING, SENT
from api.store.notices_tables import deliveries, notices
from api.store.pages import Page, matching, page
from api.store.work import Work
from scheduler.texts import Lang

_OWN = ("notice_id", "series_id", "sequence", "step", "state", "date", "created_at")
_OFFICES = (*_OWN, "horizon_id", "enterprise_id", "street_id", "visit_id")
_DELIVERY = (
    *("delivery_id", "notice_id", "channel", "target", "state", "attempts", "next_try"),
    *("last_error", "created_at", "ended_at"),
)


def own_listing(
    connection: Connection,
    caller: Caller,
    filters: Mapping[str, str | None],
    from_date: str | None,
    limit: int,
    cursor: str | None,
    lang: Lang,
) -> Page:
    """Return a page of the notices of the caller's enterprise, by the date of the visit."""
    query = select(notices).where(notices.c.enterprise_id == caller.enterprise_id)
    query = matching(query, notices, filters)
    if from_date is not None:
        query = query.where(notices.c.date >= from_date)
    found = page(connection, query, [notices.c.date, notices.c.notice_id], limit, cursor)
    return Page(rows=[_wire(r, _OWN, lang) for r in found.rows], next_cursor=found.next_cursor)


def listing(
    connection: Connection,
    caller: Caller,
    filters: Mapping[str, str | None],
    limit: int,
    cursor: str | None,
    lang: Lang,
) -> Page:
    """Return a page of notices that the caller sees, the oldest first."""
    query = matching(select(notices).where(seen(caller, "notices")), notices, filters)
    found = page(connection, query, [notices.c.created_at, notices.c.notice_id], limit, cursor)
    return Page(rows=[_wire(r, _OFFICES, lang) for r in found.rows], next_cursor=found.next_cursor)


def find(connection: Connection, caller: Caller, notice_id: str, lang: Lang) -> dict[str, Any]:
    """Return a notice that the caller sees.

    Raises
    ------
    Refusal : there is none.
    """
    query = select(notices).where(notices.c.notice_id == notice_id, seen(caller, "notices"))
    row = connection.execute(query).mappings().one_or_none()
    if row is None:
        raise Refusal("not_found", what=f"notices/{notice_id}")
    return _wire(row, _OFFICES, lang)


def _wire(row: Mapping[Any, Any], names: tuple[str, ...], lang: Lang) -> dict[str, Any]:
    """Return a notice as it is sent, its words in one language."""
    content = dict(row["content"])
    said = content.pop("texts")[lang]
    return {**{n: row[n] for n in names}, "subject": said["subject"], "text": said["text"], "content": content}


def list_deliveries(
    connection: Connection, caller: Caller, filters: Mapping[str, str | None], limit: int, cursor: str | None
) -> Page:
    """Return a page of deliveries of notices that the caller sees, the oldest first."""
    mine = select(notices.c.notice_id).where(seen(caller, "notices"))
    query = select(*(deliveries.c[n] for n in _DELIVERY)).where(deliveries.c.notice_id.in_(mine))
    query = matching(query, deliveries, filters)
    return page(connection, query, [deliveries.c.created_at, deliveries.c.delivery_id], limit, cursor)


def retry(work: Work, delivery_id: str) -> dict[str, Any]:
    """Have a delivery that was given up tried again, from the beginning; return it.

    Raises
    ------
    Refusal : there is none, it was not given up, or what came after it in its series went out already.
    """
    mine = deliveries.c.delivery_id == delivery_id
    row = work.connection.execute(select(deliveries).where(mine).with_for_update()).mappings().one_or_none()
    if row is None:
        raise Refusal("not_found", what=f"deliveries/{delivery_id}")
    if row["state"] != FAILED:
        raise Refusal("wrong_state", what=f"deliveries/{delivery_id}", state=row["state"])
    later = select(deliveries.c.delivery_id).where(
        deliveries.c.series_id == row["series_id"],
        deliveries.c.channel == row["channel"],
        deliveries.c.sequence > row["sequence"],
        deliveries.c.state == SENT,
    )
    if (newer := work.connection.scalar(later.limit(1))) is not None:
        raise Refusal("conflict", why=f"deliveries/{newer}: sent")
    values = {"state": PENDING, "attempts": 0, "next_try": work.at, "ended_at": None}
    work.connection.execute(update(deliveries).where(mine).values(**values))
    work.record("deliveries.retry", f"deliveries/{delivery_id}", before={"state": FAILED}, after={"state": PENDING})
    return {n: {**row, **values}[n] for n in _DELIVERY}
