"""The outbox: what is to be sent of each notice, taken by one sender at a time under a lease, tried again, given up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, exists, insert, or_, select, update

from api import clock
from api.settings import Settings
from api.store.notices_tables import contacts, deliveries, notices
from api.store.work import SYSTEM, Store, Work

EMAIL, WEBHOOK = "email", "webhook"
PENDING, SENDING, SENT, FAILED, EXPIRED = "pending", "sending", "sent", "failed", "expired"
LEASE_S = 300.0
"""Seconds after which another sender may take what one has taken and not finished."""
FIRST_WAIT_S, LONGEST_WAIT_S = 60.0, 6 * 3600.0
_MAX_ERROR = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Parcel:
    """A delivery that was taken, with all that is needed to send it.

    Parameters
    ----------
    token : written on the row; whoever has another may not say what became of it.
    contact : where the enterprise's mail goes now; ``None`` when nowhere.
    """

    delivery_id: str
    token: str
    channel: str
    attempts: int
    notice: Mapping[str, Any]
    contact: Mapping[str, Any] | None


def enqueue(work: Work, notice: Mapping[str, Any], settings: Settings) -> None:
    """Note what is to be sent of a notice: mail when the enterprise has a contact, a webhook when there is one."""
    mine = select(contacts.c.email).where(contacts.c.enterprise_id == notice["enterprise_id"])
    email = work.connection.scalar(mine) if settings.smtp_host else None
    for channel, target in ((EMAIL, email), (WEBHOOK, settings.webhook_url)):
        if target is None:
            continue
        row = {
            "delivery_id": f"{notice['notice_id']}.{channel}",
            **{k: notice[k] for k in ("notice_id", "series_id", "sequence", "created_at")},
            "channel": channel,
            "target": target,
            "state": PENDING,
            "next_try": work.at,
        }
        work.connection.execute(insert(deliveries).values(**row))


def _free(channel: str, now: str) -> ColumnElement[bool]:
    """Return the condition that a delivery may be taken: its time has come, and what is before it in its series has
    ended, so that a change never overtakes what it changes.
    """
    ready = or_(
        and_(deliveries.c.state == PENDING, deliveries.c.next_try <= now),
        and_(deliveries.c.state == SENDING, deliveries.c.lease_until < now),
    )
    before = deliveries.alias()
    waiting = exists(
        select(before.c.delivery_id).where(
            before.c.series_id == deliveries.c.series_id,
            before.c.channel == deliveries.c.channel,
            before.c.sequence < deliveries.c.sequence,
            before.c.state.in_((PENDING, SENDING)),
        )
    )
    return and_(deliveries.c.channel == channel, ready, ~waiting)


def take(store: Store, channel: str, token: str, most: int) -> list[Parcel]:
    """Take deliveries of a channel whose time has come, the oldest first; a sender that was lost gives them up."""
    with store.reading() as connection:  # looking costs no lock
        waiting = select(deliveries.c.delivery_id).where(_free(channel, store.instant())).limit(1)
        if connection.execute(waiting).first() is None:
            return []
    with store.writing(SYSTEM) as work:
        query = select(deliveries.c.delivery_id).where(_free(channel, work.at))
        oldest = query.order_by(deliveries.c.created_at, deliveries.c.delivery_id).limit(most)
        ids = list(work.connection.scalars(oldest.with_for_update(skip_locked=True, of=deliveries)))
        work.connection.execute(
            update(deliveries)
            .where(deliveries.c.delivery_id.in_(ids))
            .values(
                state=SENDING,
                token=token,
                attempts=deliveries.c.attempts + 1,
                lease_until=clock.instant(store.now() + timedelta(seconds=LEASE_S)),
            )
        )
        return _parcels(work.connection, ids, token)


def _parcels(connection: Connection, ids: list[str], token: str) -> list[Parcel]:
    query = select(deliveries).where(deliveries.c.delivery_id.in_(ids))
    rows = connection.execute(query.order_by(deliveries.c.created_at, deliveries.c.delivery_id)).mappings().all()
    of_notices = select(notices).where(notices.c.notice_id.in_({r["notice_id"] for r in rows}))
    told = {r["notice_id"]: dict(r) for r in connection.execute(of_notices).mappings()}
    of_contacts = select(contacts).where(contacts.c.enterprise_id.in_({n["enterprise_id"] for n in told.values()}))
    known = {r["enterprise_id"]: dict(r) for r in connection.execute(of_contacts).mappings()}
    return [
        Parcel(
            delivery_id=r["delivery_id"],
            token=token,
            channel=r["channel"],
            attempts=r["attempts"],
            notice=told[r["notice_id"]],
            contact=known.get(told[r["notice_id"]]["enterprise_id"]),
        )
        for r in rows
    ]


def note_sent(store: Store, parcel: Parcel, target: str) -> bool:
    """Note that a delivery went out; ``False`` when it is another sender's by now."""
    return _end(store, parcel, state=SENT, target=target, last_error=None)


def note_expired(store: Store, parcel: Parcel, why: str) -> bool:
    """Note that a delivery is of no use any more: the visit's date has passed, or there is nobody to send it to."""
    return _end(store, parcel, state=EXPIRED, last_error=why[:_MAX_ERROR])


def note_failed(store: Store, parcel: Parcel, why: str, *, for_good: bool, attempts: int) -> bool:
    """Note that a delivery failed: it is tried again later, or given up for good or after so many attempts."""
    if for_good or parcel.attempts >= attempts:
        return _end(store, parcel, state=FAILED, last_error=why[:_MAX_ERROR])
    wait_s = min(LONGEST_WAIT_S, FIRST_WAIT_S * 2 ** (parcel.attempts - 1))
    next_try = clock.instant(store.now() + timedelta(seconds=wait_s))
    return _note(store, parcel, state=PENDING, next_try=next_try, last_error=why[:_MAX_ERROR])


def give_back(store: Store, parcels: Sequence[Parcel]) -> None:
    """Put back what was taken and not tried, as though it had never been taken."""
    with store.writing(SYSTEM) as work:
        work.connection.execute(
            update(deliveries)
            .where(
                deliveries.c.delivery_id.in_([p.delivery_id for p in parcels]),
                deliveries.c.token.in_({p.token for p in parcels}),
                deliveries.c.state == SENDING,
            )
            .values(state=PENDING, token=None, lease_until=None, attempts=deliveries.c.attempts - 1)
        )


def _end(store: Store, parcel: Parcel, **values: Any) -> bool:
    return _note(store, parcel, ended_at=store.instant(), **values)


def _note(store: Store, parcel: Parcel, **values: Any) -> bool:
    mine = (
        deliveries.c.delivery_id == parcel.delivery_id,
        deliveries.c.token == parcel.token,
        deliveries.c.state == SENDING,
    )
    with store.writing(SYSTEM) as work:
        done = work.connection.execute(update(deliveries).where(*mine).values(token=None, lease_until=None, **values))
        if done.rowcount == 1 and values["state"] != PENDING:
            said = {"state": values["state"], "attempts": parcel.attempts, "error": values["last_error"]}
            work.record("deliveries.end", f"deliveries/{parcel.delivery_id}", after=said)
        return done.rowcount == 1
