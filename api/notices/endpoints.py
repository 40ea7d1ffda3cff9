"""Routes of notices, their deliveries, contacts and calendars."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Path, Query, Response

from api.access.caller import Caller
from api.deps import LangOf, Needs, ServicesOf, request_id
from api.notices import contacts, feed, service
from api.notices.schemas import (
    CalendarOut,
    ContactOut,
    ContactPage,
    ContactPut,
    DeliveryOut,
    DeliveryPage,
    NoticeOut,
    NoticePage,
    OwnNotices,
)
from api.responses import JSONResponse
from api.web import DEFAULT_LIMIT, ETAG, Cursor, IfMatch, Limit, etag, leads_to, listed, one, router, take_own

routes = router("/notices", "notices")
own_routes = router("/my/notices", "notices")
delivery_routes = router("/deliveries", "notices")
contact_routes = router("/contacts", "contacts")
own_calendar_routes = router("/my/calendar", "calendars")
calendar_routes = router("/calendars", "calendars", is_open=True)
Reader = Annotated[Caller, Depends(Needs("notices", "read"))]
OwnReader = Annotated[Caller, Depends(Needs("own_notices", "read"))]
DeliveryReader = Annotated[Caller, Depends(Needs("deliveries", "read"))]
Retrier = Annotated[Caller, Depends(Needs("deliveries", "retry"))]
ContactReader = Annotated[Caller, Depends(Needs("contacts", "read"))]
ContactWriter = Annotated[Caller, Depends(Needs("contacts", "write"))]
CalendarReader = Annotated[Caller, Depends(Needs("own_calendar", "read"))]
CalendarWriter = Annotated[Caller, Depends(Needs("own_calendar", "write"))]
Ident = Annotated[str | None, Query(max_length=200)]
EnterpriseId = Annotated[str, Path(max_length=200)]
Date = Annotated[str | None, Query(pattern=r"^\d{4}-\d{2}-\d{2}$")]
State = Annotated[str | None, Query(pattern="^(in_force|replaced|withdrawn)$")]
Step = Annotated[str | None, Query(pattern="^(new|changed|withdrawn)$")]


@own_routes.get("", operation_id="list_own_notices", response_model=OwnNotices)
def list_own_notices(
    services: ServicesOf,
    caller: OwnReader,
    lang: LangOf,
    state: State = None,
    from_date: Annotated[str | None, Query(alias="from", pattern=r"^\d{4}-\d{2}-\d{2}$")] = None,
    limit: Limit = DEFAULT_LIMIT,
    cursor: Cursor = None,
) -> JSONResponse:
    """List the notices of one's own enterprise, by the date of the visit."""
    with services.store.reading() as connection:
        return listed(service.own_listing(connection, caller, {"state": state}, from_date, limit, cursor, lang))


@routes.get("", operation_id="list_notices", response_model=NoticePage)
def list_notices(
    services: ServicesOf,
    caller: Reader,
    lang: LangOf,
    horizon_id: Annotated[str | None, Query(max_length=100)] = None,
    street_id: Ident = None,
    enterprise_id: Ident = None,
    visit_id: Ident = None,
    date: Date = None,
    state: State = None,
    step: Step = None,
    limit: Limit = DEFAULT_LIMIT,
    cursor: Cursor = None,
) -> JSONResponse:
    """List what enterprises were told, the oldest first."""
    filters = {
        "horizon_id": horizon_id,
        "street_id": street_id,
        "enterprise_id": enterprise_id,
        "visit_id": visit_id,
        "date": date,
        "state": state,
        "step": step,
    }
    with services.store.reading() as connection:
        return listed(service.listing(connection, caller, filters, limit, cursor, lang))


@routes.get("/{notice_id}", operation_id="get_notice", response_model=NoticeOut)
def get_notice(
    services: ServicesOf, caller: Reader, lang: LangOf, notice_id: Annotated[str, Path(max_length=64)]
) -> JSONResponse:
    """Read a notice."""
    with services.store.reading() as connection:
        return JSONResponse(service.find(connection, caller, notice_id, lang))


@delivery_routes.get("", operation_id="list_deliveries", response_model=DeliveryPage)
def list_deliveries(
    services: ServicesOf,
    caller: DeliveryReader,
    notice_id: Annotated[str | None, Query(max_length=64)] = None,
    channel: Annotated[str | None, Query(pattern="^(email|webhook)$")] = None,
    state: Annotated[str | None, Query(pattern="^(pending|sending|sent|failed|expired)$")] = None,
    limit: Limit = DEFAULT_LIMIT,
    cursor: Cursor = None,
) -> JSONResponse:
    """List how notices go out, the oldest first."""
    filters = {"notice_id": notice_id, "channel": channel, "state": state}
    with services.store.reading() as connection:
        return listed(service.list_deliveries(connection, caller, filters, limit, cursor))


@delivery_routes.post("/{delivery_id}/retry", operation_id="retry_delivery", response_model=DeliveryOut)
def retry_delivery(
    services: ServicesOf, caller: Retrier, delivery_id: Annotated[str, Path(max_length=64)]
) -> JSONResponse:
    """Try a delivery again that was given up."""
    with services.store.writing(caller.account_id, request_id()) as work:
        return JSONResponse(service.retry(work, delivery_id))


@contact_routes.get("", operation_id="list_contacts", response_model=ContactPage)
def list_contacts(
    services: ServicesOf,
    caller: ContactReader,
    enterprise_id: Ident = None,
    limit: Limit = DEFAULT_LIMIT,
    cursor: Cursor = None,
) -> JSONResponse:
    """List where notices go by mail."""
    with services.store.reading() as connection:
        return listed(contacts.listing(connection, caller, {"enterprise_id": enterprise_id}, limit, cursor))


@contact_routes.get(
    "/{enterprise_id}", operation_id="get_contact", response_model=ContactOut, responses={200: {"headers": ETAG}}
)
def get_contact(services: ServicesOf, caller: ContactReader, enterprise_id: EnterpriseId) -> JSONResponse:
    """Read where notices of an enterprise go."""
    with services.store.reading() as connection:
        return one(contacts.find(connection, caller, enterprise_id))


@contact_routes.put(
    "/{enterprise_id}",
    operation_id="put_contact",
    response_model=ContactOut,
    responses={
        200: {"headers": ETAG},
        201: {
            "model": ContactOut,
            "headers": ETAG,
            "links": leads_to(("get_contact", "delete_contact"), enterprise_id="/enterprise_id"),
        },
    },
)
def put_contact(
    services: ServicesOf,
    caller: ContactWriter,
    enterprise_id: EnterpriseId,
    body: ContactPut,
    if_match: IfMatch = None,
) -> JSONResponse:
    """Say where notices of an enterprise go, new or in the place of what was said."""
    values = body.model_dump()
    version = take_own(values, if_match, enterprise_id=enterprise_id)
    with services.store.writing(caller.account_id, request_id()) as work:
        row, new = contacts.put(work, caller, enterprise_id, values, version)
    return JSONResponse(row, status_code=201 if new else 200, headers={"ETag": etag(row["version"])})


@contact_routes.delete("/{enterprise_id}", operation_id="delete_contact", status_code=204)
def delete_contact(services: ServicesOf, caller: ContactWriter, enterprise_id: EnterpriseId) -> Response:
    """Send notices of an enterprise by mail no more."""
    with services.store.writing(caller.account_id, request_id()) as work:
        contacts.remove(work, caller, enterprise_id)
    return Response(status_code=204)


@own_calendar_routes.get("", operation_id="get_own_calendar", response_model=CalendarOut)
def get_own_calendar(services: ServicesOf, caller: CalendarReader) -> JSONResponse:
    """Read the address of one's own calendar."""
    with services.store.reading() as connection:
        return JSONResponse(feed.current(connection, caller, services.settings))


@own_calendar_routes.post("", operation_id="renew_own_calendar", status_code=201, response_model=CalendarOut)
def renew_own_calendar(services: ServicesOf, caller: CalendarWriter) -> JSONResponse:
    """Get an address for one's own calendar; the one before is good no more."""
    with services.store.writing(caller.account_id, request_id()) as work:
        made = feed.renew(work, caller, services.settings, services.store.new_id)
    return JSONResponse(made, status_code=201)


@own_calendar_routes.delete("", operation_id="revoke_own_calendar", status_code=204)
def revoke_own_calendar(services: ServicesOf, caller: CalendarWriter) -> Response:
    """Take the address of one's own calendar back."""
    with services.store.writing(caller.account_id, request_id()) as work:
        feed.revoke(work, caller)
    return Response(status_code=204)


@calendar_routes.get(
    "/{token}",
    operation_id="read_calendar",
    response_class=Response,
    responses={200: {"content": {"text/calendar": {"schema": {"type": "string"}}}}},
)
def read_calendar(services: ServicesOf, token: Annotated[str, Path(max_length=100)]) -> Response:
    """Read a calendar to subscribe to: whoever has the address may."""
    body = feed.calendar(services.store, services.settings, token)
    headers = {"Cache-Control": "private, max-age=300", "Referrer-Policy": "no-referrer"}
    return Response(body, media_type="text/calendar; charset=utf-8", headers=headers)
