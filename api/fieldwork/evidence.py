"""Evidence of an entry: files of any kind, kept as they came and never shown by a browser, or their addresses."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, insert, select

from api.access.caller import Caller
from api.deps import Services
from api.errors import Refusal
from api.fieldwork.leaving import Answer, own_entry
from api.fieldwork.once import Sent
from api.fieldwork.reading import find
from api.fieldwork.record import Happening, append
from api.store.fieldwork_tables import entry_evidence
from api.store.files import fetch, keep
from api.store.schema import uploads
from api.store.work import Work
from scheduler.domain.fieldwork.kinds import EventKind

_SHOWN = tuple(c for c in entry_evidence.c if c.name not in ("entry_id", "upload_id"))


def attach(
    services: Services,
    work: Work,
    caller: Caller,
    entry_id: str,
    said: Mapping[str, Any],
    content: bytes | None,
    sent: Sent,
) -> Answer:
    """Attach a file, or the address of one, to an entry of the caller's authority.

    Parameters
    ----------
    said : name, item_id and address; of a file kept elsewhere also its sha256.
    content : of a file that is kept here.

    Raises
    ------
    Refusal : the entry is not the caller's, or has no such item.
    """
    row = own_entry(work.connection, caller, entry_id)
    if said.get("item_id") is not None and said["item_id"] not in row["item_ids"].split(";"):
        raise Refusal("not_found", what=f"entries/{entry_id}/{said['item_id'][:60]}")
    evidence_id = services.store.new_id()
    values = {"evidence_id": evidence_id, "entry_id": entry_id, "at": work.at, "by": work.actor, **said}
    if content is not None:
        upload_id = services.store.new_id()
        keep(work.connection, upload_id, said["name"], "application/octet-stream", work.at, [content])
        digest = select(uploads.c.digest).where(uploads.c.upload_id == upload_id)
        stored = work.connection.execute(digest).scalar_one()
        values |= {"upload_id": upload_id, "size": len(content), "sha256": stored}
    work.connection.execute(insert(entry_evidence).values(**values))
    kept = {k: values.get(k) for k in ("name", "item_id", "address", "size", "sha256")}
    answer = {"evidence_id": evidence_id, **kept}
    append(
        work,
        Happening(
            event_id=sent.event_id,
            kind=EventKind.EVIDENCE,
            enterprise_id=row["enterprise_id"],
            authority_id=row["authority_id"],
            entry_id=entry_id,
            horizon_id=row["horizon_id"],
            visit_id=row["visit_id"],
            data=sent.kept(201, answer, **kept),
        ),
    )
    return 201, answer


def listing(connection: Connection, caller: Caller, entry_id: str) -> list[dict[str, Any]]:
    """Return the evidence of an entry that the caller sees.

    Raises
    ------
    Refusal : there is no such entry.
    """
    find(connection, caller, entry_id)
    query = select(*_SHOWN).where(entry_evidence.c.entry_id == entry_id)
    rows = connection.execute(query.order_by(entry_evidence.c.at, entry_evidence.c.evidence_id)).mappings()
    return [dict(r) for r in rows]


def content(connection: Connection, caller: Caller, entry_id: str, evidence_id: str) -> tuple[str, bytes]:
    """Return the name and content of a file that is kept here, as it came.

    Raises
    ------
    Refusal : there is none that the caller sees.
    """
    find(connection, caller, entry_id)
    mine = (entry_evidence.c.entry_id == entry_id, entry_evidence.c.evidence_id == evidence_id)
    row = connection.execute(select(entry_evidence).where(*mine)).mappings().one_or_none()
    if row is None or row["upload_id"] is None:
        raise Refusal("not_found", what=f"entries/{entry_id}/evidence/{evidence_id}")
    return row["name"], b"".join(fetch(connection, row["upload_id"]))
