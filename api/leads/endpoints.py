"""Routes of leads."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import Depends, Path, Query

from api.access.caller import Caller
from api.deps import Needs, ServicesOf, request_id
from api.leads import service
from api.leads.schemas import ClosureIn, LeadIn, LeadOut, LeadPage, Source
from api.once import Answer, Key, answered_before, carried_out_once
from api.responses import JSONResponse
from api.store.work import Work
from api.web import DEFAULT_LIMIT, LOCATION, Cursor, Limit, leads_to, listed, router

routes = router("/leads", "leads")
Reader = Annotated[Caller, Depends(Needs("leads", "read"))]
Writer = Annotated[Caller, Depends(Needs("leads", "write"))]
Ident = Annotated[str | None, Query(max_length=200)]
LeadId = Annotated[str, Path(max_length=64)]


@routes.post(
    "",
    operation_id="create_lead",
    status_code=201,
    response_model=LeadOut,
    responses={201: {"headers": LOCATION, "links": leads_to(("get_lead", "close_lead"), lead_id="/lead_id")}},
)
def create_lead(services: ServicesOf, caller: Writer, body: LeadIn, key: Key = None) -> JSONResponse:
    """Report a lead about an enterprise; while it is open it proposes a case that caps do not count."""
    digest = f"leads.create {body.model_dump_json()}"
    if (before := answered_before(services, caller, key, digest)) is not None:
        return before

    def act(work: Work) -> Answer:
        row = service.create(work, caller, body.model_dump(), services.store.new_id())
        return Answer(201, f"/leads/{row['lead_id']}", row)

    return carried_out_once(services, caller, key, digest, act)


@routes.get("", operation_id="list_leads", response_model=LeadPage)
def list_leads(
    services: ServicesOf,
    caller: Reader,
    authority_id: Ident = None,
    enterprise_id: Ident = None,
    street_id: Ident = None,
    source: Annotated[Source | None, Query()] = None,
    state: Annotated[Literal["open", "closed"] | None, Query()] = None,
    limit: Limit = DEFAULT_LIMIT,
    cursor: Cursor = None,
) -> JSONResponse:
    """List leads, the oldest first."""
    filters = {"authority_id": authority_id, "enterprise_id": enterprise_id, "street_id": street_id}
    with services.store.reading() as connection:
        found = service.listing(connection, caller, {**filters, "source": source, "state": state}, limit, cursor)
    return listed(found)


@routes.get("/{lead_id}", operation_id="get_lead", response_model=LeadOut)
def get_lead(services: ServicesOf, caller: Reader, lead_id: LeadId) -> JSONResponse:
    """Read a lead."""
    with services.store.reading() as connection:
        return JSONResponse(service.find(connection, caller, lead_id))


@routes.post("/{lead_id}/closure", operation_id="close_lead", response_model=LeadOut)
def close_lead(services: ServicesOf, caller: Writer, lead_id: LeadId, body: ClosureIn) -> JSONResponse:
    """Close a lead with the reason; its case is not proposed any more."""
    with services.store.writing(caller.account_id, request_id()) as work:
        return JSONResponse(service.close(work, caller, lead_id, body.reason))
