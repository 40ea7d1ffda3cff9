"""Complaints: filed with a receipt, answered by supervisors, followed by whoever has the receipt.

What is filed without a login leaves no trace of who filed it: no account, enterprise or instant, no entry in the audit
log or the record of the door, whose instants could be laid beside those of a request log; its id is random.
"""

from __future__ import annotations

import hashlib
import secrets
from typing import Any

from sqlalchemy import Connection, insert, select, update

from api.clock import day
from api.errors import Refusal
from api.store.enterprise_tables import complaints
from api.store.pages import Page, matching, page
from api.store.work import Work
from scheduler.domain.fieldwork.kinds import ComplaintKind

OPEN, ANSWERED, CLOSED = "open", "answered", "closed"
MAX_TEXT = 2000
ANONYMOUS = "anonymous"
"""Actor of transactions whose author nobody keeps."""
_SHOWN = tuple(c for c in complaints.c if c.name != "receipt_digest")


def file(work: Work, kind: ComplaintKind, text: str, enterprise_id: str | None) -> str:
    """Store a complaint and return its receipt, which is shown once and kept as a digest.

    Parameters
    ----------
    text : from 1 to 2,000 characters.
    enterprise_id : ``None`` for an anonymous one.
    """
    receipt, complaint_id = secrets.token_urlsafe(18), secrets.token_hex(16)
    row = {"complaint_id": complaint_id, "enterprise_id": enterprise_id, "kind": kind.value, "text": text}
    row |= {"date": day(work.at), "state": OPEN}
    work.connection.execute(insert(complaints).values(**row, receipt_digest=_digest(receipt)))
    if enterprise_id is not None:
        work.record("complaints.create", f"complaints/{complaint_id}", after=row)
    return receipt


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
