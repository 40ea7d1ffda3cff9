"""Routes of contents: written by supervisors and administrators, read by the enterprises they are for."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Path

from api.access.caller import Caller
from api.dates import day_of
from api.deps import Needs, ServicesOf, request_id
from api.enterprise_side import contents
from api.enterprise_side.coming import own_enterprise
from api.enterprise_side.endpoints import today_text
from api.enterprise_side.schemas import ContentIn, ContentOut, ContentPage, ContentPut, OwnContentList
from api.responses import JSONResponse
from api.web import DEFAULT_LIMIT, ETAG, LOCATION, Cursor, IfMatch, Limit, listed, one, router, take_own

routes = router("/contents", "contents")
own_routes = router("/my/contents", "my")
Reader = Annotated[Caller, Depends(Needs("contents", "read"))]
Writer = Annotated[Caller, Depends(Needs("contents", "write"))]
Enterprise = Annotated[Caller, Depends(Needs("own_contents", "read"))]
ContentId = Annotated[str, Path(max_length=64)]


@routes.get("", operation_id="list_contents", response_model=ContentPage)
def list_contents(
    services: ServicesOf, caller: Reader, limit: Limit = DEFAULT_LIMIT, cursor: Cursor = None
) -> JSONResponse:
    """List contents in their newest version, published or not."""
    with services.store.reading() as connection:
        return listed(contents.listing(connection, limit, cursor))


@routes.post(
    "",
    operation_id="create_content",
    status_code=201,
    response_model=ContentOut,
    responses={201: {"headers": {**LOCATION, **ETAG}}},
)
def create_content(services: ServicesOf, caller: Writer, body: ContentIn) -> JSONResponse:
    """Write a content; enterprises read it from its date on."""
    _require_dates(body)
    with services.store.writing(caller.account_id, request_id()) as work:
        row = contents.write(work, services.store.new_id(), body.model_dump(mode="json"))
    return one(row, 201, f"/contents/{row['content_id']}")


@routes.get("/{content_id}", operation_id="get_content", response_model=ContentOut, responses={200: {"headers": ETAG}})
def get_content(services: ServicesOf, caller: Reader, content_id: ContentId) -> JSONResponse:
    """Read a content in its newest version."""
    with services.store.reading() as connection:
        return one(contents.find(connection, content_id))


@routes.put(
    "/{content_id}", operation_id="replace_content", response_model=ContentOut, responses={200: {"headers": ETAG}}
)
def replace_content(
    services: ServicesOf, caller: Writer, content_id: ContentId, body: ContentPut, if_match: IfMatch = None
) -> JSONResponse:
    """Write a further version of a content; the ones before are kept."""
    _require_dates(body)
    values = body.model_dump(mode="json")
    asked = take_own(values, if_match)
    values.pop("version", None)
    with services.store.writing(caller.account_id, request_id()) as work:
        version = contents.find(work.connection, content_id)["version"] if asked is None else asked
        return one(contents.write(work, content_id, values, version))


@own_routes.get("", operation_id="list_my_contents", response_model=OwnContentList)
def list_own(services: ServicesOf, caller: Enterprise) -> JSONResponse:
    """List what is published for the caller's industry and for all."""
    with services.store.reading() as connection:
        found = contents.for_enterprise(connection, own_enterprise(caller), today_text(services))
    return JSONResponse({"items": found})


def _require_dates(body: ContentIn) -> None:
    day_of(body.published_from, column="published_from")
    if body.published_until is not None:
        day_of(body.published_until, column="published_until")
