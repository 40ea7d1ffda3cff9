"""Calendars to subscribe to: an address that cannot be guessed, and that the enterprise may revoke."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection, insert, select, update

from api import clock
from api.access.caller import Caller
from api.access.secret import key_for
from api.errors import Refusal
from api.notices.entries import entry_of
from api.notices.telling import REPLACED
from api.settings import Settings
from api.store.notices_tables import calendar_feeds, contacts, notices
from api.store.schema import enterprises
from api.store.work import Store, Work
from scheduler.export.notice_calendar import notice_feed
from scheduler.texts import Lang

KEPT_DAYS = 400
"""Days for which a calendar goes back."""
_SIGNED = 24


def current(connection: Connection, caller: Caller, settings: Settings) -> dict[str, Any]:
    """Return the address of the caller's calendar.

    Raises
    ------
    Refusal : there is none.
    """
    row = connection.execute(_live(caller)).mappings().one_or_none()
    if row is None:
        raise Refusal("not_found", what="my/calendar")
    return _wire(row, settings)


def renew(work: Work, caller: Caller, settings: Settings, new_id: Callable[[], str]) -> dict[str, Any]:
    """Give the caller's calendar a new address, and return it; the old one is good no more."""
    _hold(work.connection, caller)
    _revoke(work, caller)
    row = {
        "feed_id": new_id(),
        "enterprise_id": caller.enterprise_id,
        "created_at": work.at,
        "created_by": work.actor,
    }
    work.connection.execute(insert(calendar_feeds).values(**row))
    work.record("calendars.renew", f"enterprises/{caller.enterprise_id}", after={"created_at": work.at})
    return _wire(row, settings)


def revoke(work: Work, caller: Caller) -> None:
    """Take the address of the caller's calendar back.

    Raises
    ------
    Refusal : there is none.
    """
    _hold(work.connection, caller)
    if not _revoke(work, caller):
        raise Refusal("not_found", what="my/calendar")


def _hold(connection: Connection, caller: Caller) -> None:
    query = select(enterprises.c.enterprise_id).where(enterprises.c.enterprise_id == caller.enterprise_id)
    if connection.execute(query.with_for_update(key_share=True)).one_or_none() is None:
        raise Refusal("not_found", what="my/calendar")


def _revoke(work: Work, caller: Caller) -> bool:
    mine = (calendar_feeds.c.enterprise_id == caller.enterprise_id, calendar_feeds.c.revoked_at.is_(None))
    done = work.connection.execute(update(calendar_feeds).where(*mine).values(revoked_at=work.at))
    if done.rowcount:
        work.record("calendars.revoke", f"enterprises/{caller.enterprise_id}", after={"revoked_at": work.at})
    return bool(done.rowcount)


def _live(caller: Caller) -> Any:
    return select(calendar_feeds).where(
        calendar_feeds.c.enterprise_id == caller.enterprise_id, calendar_feeds.c.revoked_at.is_(None)
    )


def _wire(row: Any, settings: Settings) -> dict[str, Any]:
    path = f"/calendars/{_token(row['feed_id'], settings)}"
    base = (settings.public_url or "").rstrip("/")
    return {"path": path, "url": f"{base}{path}" if base else None, "created_at": row["created_at"]}


def _token(feed_id: str, settings: Settings) -> str:
    """Return what stands in the address: the id of the feed, and a signature that only this service can make."""
    mark = hmac.digest(key_for(settings, "calendar"), feed_id.encode(), hashlib.sha256)[:_SIGNED]
    return f"{feed_id}.{base64.urlsafe_b64encode(mark).decode()}"


def calendar(store: Store, settings: Settings, token: str) -> bytes:
    """Return the calendar at an address.

    Raises
    ------
    Refusal : the address is forged, revoked, or was never given; nobody learns which.
    """
    feed_id, _, _ = token.partition(".")
    gone = Refusal("not_found", what="calendars/…")
    if not hmac.compare_digest(token.encode(), _token(feed_id, settings).encode()):
        raise gone
    with store.reading() as connection:
        query = select(calendar_feeds.c.enterprise_id).where(
            calendar_feeds.c.feed_id == feed_id, calendar_feeds.c.revoked_at.is_(None)
        )
        enterprise_id = connection.scalar(query)
        if enterprise_id is None:
            raise gone
        of_contact = select(contacts.c.language).where(contacts.c.enterprise_id == enterprise_id)
        lang: Lang = "en" if connection.scalar(of_contact) == "en" else "zh"
        since = clock.day(clock.instant(store.now() - timedelta(days=KEPT_DAYS)))
        newest = select(notices).where(
            notices.c.enterprise_id == enterprise_id, notices.c.state != REPLACED, notices.c.date >= since
        )
        rows = [dict(r) for r in connection.execute(newest).mappings()]
    return notice_feed([entry_of(r, lang, settings) for r in rows], lang)
