"""Routes of horizons."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends

from api.access.caller import Caller
from api.deps import Needs, ServicesOf, request_id
from api.horizons import service
from api.horizons.schemas import HorizonIn, HorizonOut, HorizonPage, HorizonPut
from api.responses import JSONResponse
from api.web import DEFAULT_LIMIT, ETAG, LOCATION, Cursor, IfMatch, Limit, leads_to, listed, one, router, take_own

routes = router("/horizons", "horizons")
Reader = Annotated[Caller, Depends(Needs("horizons", "read"))]
Writer = Annotated[Caller, Depends(Needs("horizons", "write"))]
_LINKS = leads_to(("get_horizon", "replace_horizon"), horizon_id="/horizon_id")


@routes.get("", operation_id="list_horizons", response_model=HorizonPage)
def list_horizons(
    services: ServicesOf, caller: Reader, limit: Limit = DEFAULT_LIMIT, cursor: Cursor = None
) -> JSONResponse:
    """List horizons."""
    with services.store.reading() as connection:
        found = service.listing(connection, limit, cursor)
    return listed(found)


@routes.post(
    "",
    operation_id="create_horizon",
    status_code=201,
    response_model=HorizonOut,
    responses={201: {"headers": {**LOCATION, **ETAG}, "links": _LINKS}},
)
def create_horizon(services: ServicesOf, caller: Writer, body: HorizonIn) -> JSONResponse:
    """Open a horizon with its shifts and caps."""
    with services.store.writing(caller.account_id, request_id()) as work:
        row = service.create(work, body.model_dump(mode="json"))
    return one(row, 201, f"/horizons/{row['horizon_id']}")


@routes.get("/{horizon_id}", operation_id="get_horizon", response_model=HorizonOut, responses={200: {"headers": ETAG}})
def get_horizon(services: ServicesOf, caller: Reader, horizon_id: str) -> JSONResponse:
    """Read a horizon."""
    with services.store.reading() as connection:
        return one(service.find(connection, horizon_id))


@routes.put(
    "/{horizon_id}", operation_id="replace_horizon", response_model=HorizonOut, responses={200: {"headers": ETAG}}
)
def replace_horizon(
    services: ServicesOf, caller: Writer, horizon_id: str, body: HorizonPut, if_match: IfMatch = None
) -> JSONResponse:
    """Replace the settings of a horizon; its shifts and caps have routes of their own."""
    settings = body.model_dump(mode="json")
    version = take_own(settings, if_match, horizon_id=horizon_id)
    with services.store.writing(caller.account_id, request_id()) as work:
        return one(service.replace(work, horizon_id, settings, version))
