"""Routes of codes: issued, replaced, printed; an officer's own, and what an enterprise sees of it."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Depends, Path, Query, Request, Response

from api import clock
from api.access.caller import Caller
from api.codes import service
from api.codes.schemas import (
    CodePage,
    CodesIn,
    IssuedOut,
    OfficerCodeOut,
    OfficerOut,
    ReadingIn,
    RotationIn,
    RotationOut,
)
from api.codes.sheets import address_of, qr_svg, sheets_pdf
from api.codes.tokens import token_in
from api.deps import LangOf, Needs, Services, ServicesOf, request_id
from api.errors import Refusal
from api.responses import JSONResponse
from api.web import DEFAULT_LIMIT, Cursor, Limit, listed, router

routes = router("/codes", "codes")
officer_routes = router("/officer-codes", "codes")
Reader = Annotated[Caller, Depends(Needs("codes", "read"))]
Issuer = Annotated[Caller, Depends(Needs("codes", "issue"))]
Owner = Annotated[Caller, Depends(Needs("own_code", "read"))]
Officer = Annotated[Caller, Depends(Needs("officer_code", "show"))]
EnterpriseReader = Annotated[Caller, Depends(Needs("officer_code", "read"))]
Ident = Annotated[str | None, Query(max_length=200)]
EnterpriseId = Annotated[str, Path(max_length=200)]
_SVG, _PDF = "image/svg+xml", "application/pdf"
_PICTURE: dict[int | str, dict[str, Any]] = {200: {"content": {_SVG: {"schema": {"type": "string"}}}}}
_SHEETS: dict[int | str, dict[str, Any]] = {
    200: {"content": {_PDF: {"schema": {"type": "string", "format": "binary"}}}}
}


def base_of(services: Services, request: Request) -> str:
    """Return the address under which this service is known to those who scan."""
    return services.settings.public_url or str(request.base_url)


@routes.get("", operation_id="list_codes", response_model=CodePage)
def list_codes(
    services: ServicesOf,
    caller: Reader,
    enterprise_id: Ident = None,
    street_id: Ident = None,
    limit: Limit = DEFAULT_LIMIT,
    cursor: Cursor = None,
) -> JSONResponse:
    """List the codes that ever were, by enterprise and serial number: never the codes themselves."""
    filters = {"enterprise_id": enterprise_id, "street_id": street_id}
    with services.store.reading() as connection:
        return listed(service.listing(connection, caller, filters, limit, cursor))


@routes.post("", operation_id="issue_codes", response_model=IssuedOut)
def issue_codes(services: ServicesOf, caller: Issuer, body: CodesIn) -> JSONResponse:
    """Give a code to every enterprise asked for that has none."""
    with services.store.writing(caller.account_id, request_id()) as work:
        return JSONResponse(
            service.issue_missing(work, caller, services.store.new_id, body.street_id, body.enterprise_id)
        )


@routes.get("/sheets", operation_id="print_codes", response_class=Response, responses=_SHEETS)
def print_codes(
    request: Request,
    services: ServicesOf,
    caller: Issuer,
    lang: LangOf,
    street_id: Ident = None,
    enterprise_id: Ident = None,
) -> Response:
    """Return the sheets for the walls of a street's enterprises, or of one (PDF)."""
    if street_id is None and enterprise_id is None:
        raise Refusal("bad_request", why="street_id, enterprise_id")
    with services.store.reading() as connection:
        found = service.printable(connection, services.settings, caller, enterprise_id, street_id)
    with services.computing:
        pdf = sheets_pdf(found, base_of(services, request), lang, clock.stamp())
    return Response(pdf, media_type=_PDF)


@routes.get("/own/picture", operation_id="get_own_code", response_class=Response, responses=_PICTURE)
def get_own_code(request: Request, services: ServicesOf, caller: Owner) -> Response:
    """Return the enterprise's own code as a picture (SVG)."""
    with services.store.reading() as connection:
        (found,) = service.printable(connection, services.settings, caller, None, None)
    return Response(qr_svg(address_of(base_of(services, request), found.token)), media_type=_SVG)


@routes.get("/own/sheet", operation_id="print_own_code", response_class=Response, responses=_SHEETS)
def print_own_code(request: Request, services: ServicesOf, caller: Owner, lang: LangOf) -> Response:
    """Return the enterprise's own sheet (PDF)."""
    with services.store.reading() as connection:
        found = service.printable(connection, services.settings, caller, None, None)
    return Response(sheets_pdf(found, base_of(services, request), lang, clock.stamp()), media_type=_PDF)


@routes.post("/{enterprise_id}/rotation", operation_id="rotate_code", response_model=RotationOut)
def rotate_code(services: ServicesOf, caller: Issuer, enterprise_id: EnterpriseId, body: RotationIn) -> JSONResponse:
    """Replace the code of an enterprise: the former is worthless at once, what was scanned with it stays."""
    with services.store.writing(caller.account_id, request_id()) as work:
        return JSONResponse(service.rotate(work, caller, services.store.new_id, enterprise_id, body.reason))


@officer_routes.post("", operation_id="show_officer_code", status_code=201, response_model=OfficerCodeOut)
def show_officer_code(request: Request, services: ServicesOf, caller: Officer) -> JSONResponse:
    """Make a code for the officer to show at the door; it is good for minutes, and for the first who reads it."""
    with services.store.writing(caller.account_id, request_id()) as work:
        found = service.officer_code(services.store, work, services.settings, str(caller.officer_id))
    return JSONResponse({**found, "address": address_of(base_of(services, request), found["token"])}, status_code=201)


@officer_routes.post("/reading", operation_id="read_officer_code", response_model=OfficerOut)
def read_officer_code(services: ServicesOf, caller: EnterpriseReader, body: ReadingIn) -> JSONResponse:
    """Say to an enterprise who stands at its door: body, certificate and its validity, items of today's entry."""
    with services.store.writing(caller.account_id, request_id()) as work:
        found = service.read_officer_code(work, services.settings, str(caller.enterprise_id), token_in(body.token))
    return JSONResponse(found)
