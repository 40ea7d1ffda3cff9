"""Routes of registers: list, create, read, replace, delete, the same for each."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.exceptions import RequestValidationError

from api.access.caller import Caller
from api.bodies import JSON, media_type_of
from api.deps import Needs, ServicesOf, request_id
from api.errors import Refusal
from api.reference import service
from api.reference.schemas import page_schema, row_schema, to_wire
from api.reference.service import REGISTERS, Register
from api.responses import JSONResponse
from api.web import (
    DEFAULT_LIMIT,
    ETAG,
    LOCATION,
    Cursor,
    IfMatch,
    Limit,
    answers,
    leads_to,
    listed,
    one,
    router,
    take_own,
    takes,
    version_of,
)

_ONE = {
    "districts": "district", "streets": "street", "authorities": "authority", "enterprises": "enterprise",
    "officers": "officer", "crews": "crew_pool", "history": "past_inspection", "quiet": "quiet_period",
    "pins": "pin", "preferred_pins": "preferred_pin", "shifts": "shift", "caps": "cap",
    "missing_crews": "missing_crew", "cancelled_shifts": "cancelled_shift",
    "absences": "absence", "recusals": "recusal",
    "laws": "law", "powers": "power", "inspection_items": "inspection_item", "bodies": "body",
    "authority_items": "authority_item", "delegations": "delegation", "leniency_items": "leniency_item",
}  # fmt: skip
"""Name of one row, for operation ids."""

Words = Annotated[str | None, Query(max_length=100, description="text in the name")]


async def body_of(request: Request) -> Any:
    """Return the JSON body, for the intake to judge."""
    if media_type_of(request, JSON) != JSON:
        raise Refusal("unsupported_media_type", known=JSON)
    return await request.json()


JsonBody = Annotated[Any, Depends(body_of)]
MAX_FILTER = 200


def _filters(register: Register, request: Request) -> dict[str, str]:
    """Return the filters of a list; they differ by register, and so are no parameters of a function."""
    asked = {f: request.query_params[f] for f in register.filters if f in request.query_params}
    message = f"String should have at most {MAX_FILTER} characters"
    too_long = [
        {"type": "string_too_long", "loc": ("query", f), "msg": message, "input": v}
        for f, v in asked.items()
        if len(v) > MAX_FILTER
    ]
    if too_long:
        raise RequestValidationError(too_long)
    return asked


def routes_of(register: Register) -> APIRouter:
    """Return the routes of a register."""
    name, single = register.name, _ONE[register.name]
    words = f"{'an' if single[0] in 'aeo' else 'a'} {single.replace('_', ' ')}"
    routes = router(f"/{name}", name)
    reader, writer = Needs(name, "read"), Needs(name, "write")
    returned = row_schema(name, out=True, surrogate=register.surrogate)
    sent, sent_back = takes(row_schema(name)), takes(row_schema(name, put=True, surrogate=register.surrogate))
    links = leads_to((f"{verb}_{single}" for verb in ("get", "replace", "delete")), key=f"/{register.key.name}")
    filters = [
        {
            "name": f,
            "in": "query",
            "required": False,
            "schema": {"type": "string", "maxLength": MAX_FILTER},
            "description": f"only rows with this {f}",
        }
        for f in register.filters
    ]

    @routes.get(
        "",
        operation_id=f"list_{name}",
        summary=f"List {name}",
        responses={200: answers(page_schema(returned))},
        openapi_extra={"parameters": filters},
    )
    def listing(
        request: Request,
        services: ServicesOf,
        caller: Annotated[Caller, Depends(reader)],
        q: Words = None,
        limit: Limit = DEFAULT_LIMIT,
        cursor: Cursor = None,
    ) -> JSONResponse:
        asked = _filters(register, request)
        with services.store.reading() as connection:
            found = service.listing(register, connection, caller, asked, q, limit, cursor)
        return listed(found)

    @routes.post(
        "",
        operation_id=f"create_{single}",
        summary=f"Create {words}",
        status_code=201,
        responses={201: answers(returned, headers={**LOCATION, **ETAG}, links=links)},
        openapi_extra=sent,
    )
    def create(services: ServicesOf, caller: Annotated[Caller, Depends(writer)], body: JsonBody) -> JSONResponse:
        with services.store.writing(caller.account_id, request_id()) as work:
            row = service.create(register, work, caller, body)
        return one(row, 201, f"/{name}/{row[register.key.name]}")

    @routes.get(
        "/{key:path}",
        operation_id=f"get_{single}",
        summary=f"Read {words}",
        responses={200: answers(returned, headers=ETAG)},
    )
    def read(services: ServicesOf, caller: Annotated[Caller, Depends(reader)], key: str) -> JSONResponse:
        with services.store.reading() as connection:
            return one(to_wire(name, service.find(register, connection, caller, key)))

    @routes.put(
        "/{key:path}",
        operation_id=f"replace_{single}",
        summary=f"Replace {words}",
        responses={200: answers(returned, headers=ETAG)},
        openapi_extra=sent_back,
    )
    def replace(
        services: ServicesOf,
        caller: Annotated[Caller, Depends(writer)],
        key: str,
        body: JsonBody,
        if_match: IfMatch = None,
    ) -> JSONResponse:
        version = version_of(if_match)
        if isinstance(body, dict) and type(body.get("version", 1)) is int:
            own = {"row_id": int(key)} if register.surrogate and key.isdecimal() else {}
            version = take_own(body, if_match, **own)
        with services.store.writing(caller.account_id, request_id()) as work:
            return one(service.replace(register, work, caller, key, body, version))

    @routes.delete("/{key:path}", operation_id=f"delete_{single}", summary=f"Delete {words}", status_code=204)
    def remove(
        services: ServicesOf, caller: Annotated[Caller, Depends(writer)], key: str, if_match: IfMatch = None
    ) -> Response:
        with services.store.writing(caller.account_id, request_id()) as work:
            service.remove(register, work, caller, key, version_of(if_match))
        return Response(status_code=204)

    return routes


def all_routes() -> list[APIRouter]:
    """Return the routes of every register."""
    return [routes_of(register) for register in REGISTERS.values()]
