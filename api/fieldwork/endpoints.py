"""Routes of the enforcement side: scans, results, departures, and what is read of the record."""

from __future__ import annotations

import hashlib
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import Depends, Path, Query, Request, Response

from api.access.caller import Caller
from api.clock import day
from api.deps import LangOf, Needs, ServicesOf
from api.errors import Refusal
from api.fieldwork import entering, evidence, leaving, reading
from api.fieldwork.once import carried_out_once
from api.fieldwork.schemas import (
    BackfillIn,
    DepartureIn,
    EntryFull,
    EntryPage,
    EventId,
    EventPage,
    EvidenceIn,
    EvidenceList,
    EvidenceOut,
    PapersIn,
    ResultsIn,
    ScanIn,
    ScanOut,
    TaskList,
    TurnedBackIn,
)
from api.horizons.schemas import Day
from api.responses import JSONResponse
from api.web import DEFAULT_LIMIT, Cursor, Limit, leads_to, listed, router, takes

scan_routes = router("/scans", "fieldwork")
entry_routes = router("/entries", "fieldwork")
event_routes = router("/field-events", "fieldwork")
task_routes = router("/tasks", "fieldwork")
Scanner = Annotated[Caller, Depends(Needs("scans", "write"))]
Tasked = Annotated[Caller, Depends(Needs("tasks", "read"))]
Reader = Annotated[Caller, Depends(Needs("entries", "read"))]
EntryId = Annotated[str, Path(max_length=64)]
Ident = Annotated[str | None, Query(max_length=200)]
_LINKS = leads_to(("get_entry", "tell_results", "depart", "complete_papers"), entry_id="/entry_id")
_FILE: dict[int | str, dict[str, Any]] = {
    200: {"content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}}
}
_ENTERED: dict[int | str, dict[str, Any]] = {201: {"model": ScanOut, "links": _LINKS}}


async def bytes_of(request: Request) -> bytes:
    """Return the body as it came.

    Raises
    ------
    Refusal : there is none.
    """
    found = await request.body()
    if not found:
        raise Refusal("bad_request", why="the file is empty")
    return found


@scan_routes.post("", operation_id="scan_in", response_model=ScanOut, responses=_ENTERED)
def scan_in(services: ServicesOf, caller: Scanner, lang: LangOf, body: ScanIn) -> JSONResponse:
    """Scan the code at the door: 201 with the entry when the officers may enter, 200 with the reasons when not.

    Whatever the answer, the scan is on record. The same event sent again gets the same answer.
    """
    said = body.model_dump(mode="json")
    return carried_out_once(
        services,
        caller,
        "scan_in",
        body.event_id,
        said,
        lambda work, sent: entering.scan_in(services, work, caller, body, sent, lang),
    )


@scan_routes.post("/backfill", operation_id="backfill_scan", status_code=201, response_model=ScanOut)
def backfill_scan(services: ServicesOf, caller: Scanner, lang: LangOf, body: BackfillIn) -> JSONResponse:
    """Tell of an entry that could not be scanned, with the reason; within ten natural days it makes up for the scan."""
    said = body.model_dump(mode="json")
    return carried_out_once(
        services,
        caller,
        "backfill",
        body.event_id,
        said,
        lambda work, sent: entering.backfill(services, work, caller, body, sent, lang),
    )


@scan_routes.post("/turned-back", operation_id="tell_turned_back", status_code=201, response_model=ScanOut)
def tell_turned_back(services: ServicesOf, caller: Scanner, lang: LangOf, body: TurnedBackIn) -> JSONResponse:
    """Tell that nobody was there or that the enterprise refused; the items return to planning."""
    said = body.model_dump(mode="json")
    return carried_out_once(
        services,
        caller,
        "turned_back",
        body.event_id,
        said,
        lambda work, sent: entering.turned_back(services, work, caller, body, sent, lang),
    )


@entry_routes.get("", operation_id="list_entries", response_model=EntryPage)
def list_entries(
    services: ServicesOf,
    caller: Reader,
    enterprise_id: Ident = None,
    street_id: Ident = None,
    authority_id: Ident = None,
    visit_id: Ident = None,
    date: Annotated[Day | None, Query()] = None,
    limit: Limit = DEFAULT_LIMIT,
    cursor: Cursor = None,
) -> JSONResponse:
    """List entries by date."""
    filters = {
        "enterprise_id": enterprise_id,
        "street_id": street_id,
        "authority_id": authority_id,
        "visit_id": visit_id,
        "date": date,
    }
    with services.store.reading() as connection:
        return listed(reading.listing(connection, caller, filters, limit, cursor))


@entry_routes.get("/{entry_id}", operation_id="get_entry", response_model=EntryFull)
def get_entry(services: ServicesOf, caller: Reader, entry_id: EntryId) -> JSONResponse:
    """Read an entry with the results of its items."""
    with services.store.reading() as connection:
        return JSONResponse(reading.find(connection, caller, entry_id))


@entry_routes.post("/{entry_id}/results", operation_id="tell_results")
def tell_results(services: ServicesOf, caller: Scanner, entry_id: EntryId, body: ResultsIn) -> JSONResponse:
    """Tell the results of items; of two that tell of one item the one that happened later stands."""
    said = {"entry_id": entry_id, **body.model_dump(mode="json")}
    return carried_out_once(
        services,
        caller,
        "results",
        body.event_id,
        said,
        lambda work, sent: leaving.tell_results(services, work, caller, entry_id, body, sent),
    )


@entry_routes.post("/{entry_id}/departure", operation_id="depart")
def depart(services: ServicesOf, caller: Scanner, entry_id: EntryId, body: DepartureIn) -> JSONResponse:
    """Scan out; with the last authority of a visit its outcome reaches the plan."""
    said = {"entry_id": entry_id, **body.model_dump(mode="json")}
    return carried_out_once(
        services,
        caller,
        "departure",
        body.event_id,
        said,
        lambda work, sent: leaving.depart(services, work, caller, entry_id, body, sent),
    )


@entry_routes.post("/{entry_id}/papers", operation_id="complete_papers")
def complete_papers(services: ServicesOf, caller: Scanner, entry_id: EntryId, body: PapersIn) -> JSONResponse:
    """Tell the approval of an entry that came before it."""
    said = {"entry_id": entry_id, **body.model_dump(mode="json")}
    return carried_out_once(
        services,
        caller,
        "papers",
        body.event_id,
        said,
        lambda work, sent: leaving.complete_papers(services, work, caller, entry_id, body, sent),
    )


@entry_routes.get("/{entry_id}/evidence", operation_id="list_evidence", response_model=EvidenceList)
def list_evidence(services: ServicesOf, caller: Reader, entry_id: EntryId) -> JSONResponse:
    """List the evidence of an entry."""
    with services.store.reading() as connection:
        return JSONResponse({"items": evidence.listing(connection, caller, entry_id)})


@entry_routes.post("/{entry_id}/evidence", operation_id="attach_evidence", status_code=201, response_model=EvidenceOut)
def attach_evidence(services: ServicesOf, caller: Scanner, entry_id: EntryId, body: EvidenceIn) -> JSONResponse:
    """Attach the address of a file that another system keeps."""
    said = body.model_dump(mode="json", exclude={"event_id"})
    return carried_out_once(
        services,
        caller,
        "evidence",
        body.event_id,
        {"entry_id": entry_id, **said},
        lambda work, sent: evidence.attach(services, work, caller, entry_id, said, None, sent),
    )


@entry_routes.post(
    "/{entry_id}/files",
    operation_id="attach_file",
    status_code=201,
    response_model=EvidenceOut,
    openapi_extra=takes({"type": "string", "format": "binary"}, "application/octet-stream"),
)
def attach_file(
    services: ServicesOf,
    caller: Scanner,
    entry_id: EntryId,
    content: Annotated[bytes, Depends(bytes_of)],
    event_id: Annotated[EventId, Query()],
    name: Annotated[str, Query(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f]+$")],
    item_id: Ident = None,
) -> JSONResponse:
    """Attach a file of any kind; it is kept as it came, with its SHA-256."""
    said = {"name": name, "item_id": item_id, "address": None}
    known = {"entry_id": entry_id, **said, "digest": hashlib.sha256(content).hexdigest()}
    return carried_out_once(
        services,
        caller,
        "file",
        event_id,
        known,
        lambda work, sent: evidence.attach(services, work, caller, entry_id, said, content, sent),
    )


@entry_routes.get("/{entry_id}/files/{evidence_id}", operation_id="get_file", response_class=Response, responses=_FILE)
def get_file(
    services: ServicesOf, caller: Reader, entry_id: EntryId, evidence_id: Annotated[str, Path(max_length=64)]
) -> Response:
    """Return a file as it came, to be saved and never to be shown by the browser."""
    with services.store.reading() as connection:
        name, found = evidence.content(connection, caller, entry_id, evidence_id)
    saved = {"Content-Disposition": f"attachment; filename*=UTF-8''{quote(name, safe='')}"}
    return Response(found, media_type="application/octet-stream", headers=saved)


@event_routes.get("", operation_id="list_field_events", response_model=EventPage)
def list_field_events(
    services: ServicesOf,
    caller: Reader,
    enterprise_id: Ident = None,
    entry_id: Ident = None,
    kind: Ident = None,
    date: Annotated[Day | None, Query()] = None,
    limit: Limit = DEFAULT_LIMIT,
    cursor: Cursor = None,
) -> JSONResponse:
    """List the record in the order in which it was written."""
    filters = {"enterprise_id": enterprise_id, "entry_id": entry_id, "kind": kind, "date": date}
    with services.store.reading() as connection:
        return listed(reading.events(connection, caller, filters, limit, cursor))


@task_routes.get("", operation_id="list_tasks", response_model=TaskList)
def list_tasks(
    services: ServicesOf, caller: Tasked, date: Annotated[Day | None, Query(description="today when absent")] = None
) -> JSONResponse:
    """List the visits that the caller's authority has to make on a date; an officer's own where lots were drawn."""
    with services.store.reading() as connection:
        return JSONResponse({"items": reading.tasks(connection, caller, date or day(services.store.instant()))})
