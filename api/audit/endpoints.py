"""Routes of the audit log: read and verify, nothing else."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Depends, Query
from pydantic import BaseModel, Field
from sqlalchemy import func, select

from api.access.caller import Caller
from api.access.schemas import Instant
from api.deps import Needs, ServicesOf
from api.responses import JSONResponse
from api.store.audit import verify
from api.store.pages import page
from api.store.schema import audit
from api.web import DEFAULT_LIMIT, Cursor, Limit, listed, router

routes = router("/audit", "audit")
Reader = Annotated[Caller, Depends(Needs("audit", "read"))]
Word = Annotated[str | None, Query(max_length=200)]


class EntryOut(BaseModel):
    """A change on record; `digest` seals all other fields, and `previous` is the digest of the entry before."""

    number: int
    at: str
    actor: str
    request_id: str | None
    action: str
    object: str
    before: Any
    after: Any
    previous: str
    digest: str


class EntryPage(BaseModel):
    """A page of the log."""

    items: list[EntryOut]
    next_cursor: str | None


class Verdict(BaseModel):
    """What reading the whole chain found."""

    whole: bool
    entries: int
    broken_at: int | None = Field(description="number of the first entry that does not fit")
    digest: str = Field(description="of the last entry that fits: noted elsewhere, it holds the whole log to account")


@routes.get("", operation_id="list_audit", response_model=EntryPage)
def list_audit(
    services: ServicesOf,
    caller: Reader,
    about: Annotated[str | None, Query(alias="object", max_length=300, description="how the object begins")] = None,
    actor: Word = None,
    action: Word = None,
    since: Annotated[Instant | None, Query(description="at this instant or later")] = None,
    until: Annotated[Instant | None, Query(description="before this instant")] = None,
    limit: Limit = DEFAULT_LIMIT,
    cursor: Cursor = None,
) -> JSONResponse:
    """List what was changed, oldest first."""
    query = select(audit)
    if about:  # LIKE knows no capitals on SQLite
        query = query.where(func.substr(audit.c.object, 1, len(about)) == about)
    for column, value in ((audit.c.actor, actor), (audit.c.action, action)):
        if value is not None:
            query = query.where(column == value)
    if since is not None:
        query = query.where(audit.c.at >= since)
    if until is not None:
        query = query.where(audit.c.at < until)
    with services.store.reading() as connection:
        found = page(connection, query, [audit.c.number], limit, cursor)
    return listed(found)


@routes.get("/verification", operation_id="verify_audit", response_model=Verdict)
def verify_audit(services: ServicesOf, caller: Reader) -> JSONResponse:
    """Read the whole chain, and say whether anything was changed, taken out or added behind our back."""
    with services.store.reading() as connection:
        found = verify(connection)
    verdict = {"whole": found.whole, "entries": found.entries, "broken_at": found.broken_at}
    return JSONResponse({**verdict, "digest": found.digest})
