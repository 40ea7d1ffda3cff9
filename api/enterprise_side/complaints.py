"""Complaints: filed with a receipt, answered by supervisors, followed by whoever has the receipt.

What is filed without a login leaves no trace of who filed it: no account, enterprise or instant, no entry in the audit
log or the record of the door, whose instants could be laid beside those of a request log; its id is random.
"""

from __future__ import annotations

import hashlib
import secrets
from typing import Any

from sqlalchemy import Connection, func, insert, select, update

from api.clock import day
from api.errors import Refusal, invalid
from api.store.enterprise_tables import complaints
from api.store.pages import Page, matching, page
from api.store.schema import authorities, enterprises, streets
from api.store.work import Work
from scheduler.domain.fieldwork.kinds import ComplaintKind
from scheduler.intake.problems import problem

OPEN, ANSWERED, CLOSED = "open", "answered", "closed"
MAX_TEXT = 2000
ANONYMOUS = "anonymous"
"""Actor of transactions whose author nobody keeps."""
_SHOWN = tuple(c for c in complaints.c if c.name != "receipt_digest")


def file(
    work: Work,
    kind: ComplaintKind,
    text: str,
    enterprise_id: str | None,
    authority_id: str | None = None,
    street_id: str | None = None,
) -> str:
    """Store a complaint and return its receipt, which is shown once and kept as a digest.

    Parameters
    ----------
    text : from 1 to 2,000 characters.
    enterprise_id : ``None`` for an anonymous one.
    authority_id, street_id : whom it is about, as whoever complains says; the enterprise's own street otherwise.

    Raises
    ------
    Refusal : there is no such authority or street.
    """
    _require_known(work.connection, authority_id, street_id)
    if enterprise_id is not None and street_id is None:
        mine = enterprises.c.enterprise_id == enterprise_id
        street_id = work.connection.scalar(select(enterprises.c.street_id).where(mine))
    receipt, complaint_id = secrets.token_urlsafe(18), secrets.token_hex(16)
    row = {"complaint_id": complaint_id, "enterprise_id": enterprise_id, "kind": kind.value, "text": text}
    row |= {"authority_id": authority_id, "street_id": street_id}
    row |= {"date": day(work.at), "state": OPEN}
    work.connection.execute(insert(complaints).values(**row, receipt_digest=_digest(receipt)))
    if enterprise_id is not None:
        work.record("complaints.create", f"complaints/{complaint_id}", after=row)
    return receipt


def _require_known(connection: Connection, authority_id: str | None, street_id: str | None) -> None:
    for column, value in ((authorities.c.authority_id, authority_id), (streets.c.street_id, street_id)):
        if value is not None and connection.execute(select(column).where(column == value)).first() is None:
            raise invalid([problem("unknown_reference", "body", None, column.name, value, where=column.table.name)])


def bodies(connection: Connection) -> list[tuple[str, str]]:
    """Return the authorities that a complaint may name, id and name, in the order of their names."""
    query = select(authorities.c.authority_id, authorities.c.name).order_by(authorities.c.name)
    return [(r.authority_id, r.name) for r in connection.execute(query)]


def filed_since(connection: Connection, first: str) -> list[dict[str, Any]]:
    """Return how many complaints were filed since a date, by whom they are about, kind and date: counts only."""
    by = (complaints.c.authority_id, complaints.c.street_id, complaints.c.kind, complaints.c.date)
    query = select(*by, func.count().label("count")).where(complaints.c.date >= first).group_by(*by)
    rows = connection.execute(query).mappings()
    return [{**{k: v for k, v in r.items() if k != "date"}, "filed_on": r["date"]} for r in rows]


def _digest(receipt: str) -> str:
    return hashlib.sha256(receipt.encode("utf-8", "surrogatepass")).hexdigest()


def follow(connection: Connection, receipt: str) -> dict[str, Any] | None:
    """Return how far a complaint has got, ``None`` when nobody was given such a receipt."""
    shown = (complaints.c[k] for k in ("kind", "date", "state", "answer"))
    query = select(*shown).where(complaints.c.receipt_digest == _digest(receipt))
    found = connection.execute(query).mappings().one_or_none()
    return None if found is None else dict(found)


def listing(connection: Connection, filters: dict[str, str | None], limit: int, cursor: str | None) -> Page:
    """Return a page of complaints, the oldest first."""
    query = matching(select(*_SHOWN), complaints, filters)
    return page(connection, query, [complaints.c.date, complaints.c.complaint_id], limit, cursor)


def find(connection: Connection, complaint_id: str) -> dict[str, Any]:
    """Return a complaint.

    Raises
    ------
    Refusal : there is none.
    """
    found = (
        connection.execute(select(*_SHOWN).where(complaints.c.complaint_id == complaint_id)).mappings().one_or_none()
    )
    if found is None:
        raise Refusal("not_found", what=f"complaints/{complaint_id}")
    return dict(found)


def answer(work: Work, complaint_id: str, text: str, *, closes: bool, version: int | None) -> dict[str, Any]:
    """Answer a complaint, in place of an answer before, and return it.

    Parameters
    ----------
    closes : it cannot be answered any more.
    version : that was read, ``None`` for any.

    Raises
    ------
    Refusal : there is none, it is closed, or its version is another.
    """
    before = find(work.connection, complaint_id)
    if before["state"] == CLOSED:
        raise Refusal("wrong_state", what=f"complaints/{complaint_id}", state=CLOSED)
    if version is not None and version != before["version"]:
        raise Refusal("precondition_failed", version=before["version"])
    values = {"answer": text, "state": CLOSED if closes else ANSWERED, "version": before["version"] + 1}
    same = complaints.c.complaint_id == complaint_id, complaints.c.version == before["version"]
    if work.connection.execute(update(complaints).where(*same).values(**values)).rowcount != 1:
        raise Refusal("precondition_failed", version=before["version"])
    was = {k: before[k] for k in values}
    work.record("complaints.answer", f"complaints/{complaint_id}", before=was, after=values)
    return before | values
