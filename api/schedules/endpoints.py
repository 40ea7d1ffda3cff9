"""Routes of schedules."""

from __future__ import annotations

import tempfile
from pathlib import Path as FilePath
from typing import Annotated, Any

from fastapi import Depends, Path, Query, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import FileResponse
from sqlalchemy import Table
from starlette.background import BackgroundTask

from api.access.caller import Caller
from api.access.scope import require_area
from api.alerts.endpoints import AlertPage
from api.alerts.service import alerts_of_schedule
from api.bodies import ZIP, media_type_of
from api.cases.area import Level, find_area
from api.deps import LangOf, Needs, Services, ServicesOf, request_id
from api.errors import Refusal
from api.imports.archive import unpack
from api.imports.endpoints import spooled
from api.responses import JSONResponse
from api.schedules import service
from api.schedules.evaluate import compare, judge, take_in
from api.schedules.exporting import export
from api.schedules.schemas import (
    ChangePage,
    Comparison,
    CrewShiftPage,
    Judgement,
    PublicationPage,
    PublishedOut,
    ScheduleOut,
    SchedulePage,
    UnservedPage,
    UploadJudgement,
    VisitPage,
)
from api.store.schema import crew_shifts, unserved, visits
from api.temporary import own_folder
from api.web import DEFAULT_LIMIT, LOCATION, Cursor, Limit, leads_to, listed, router
from scheduler.texts import Lang

routes = router("/schedules", "schedules")
publication_routes = router("/publications", "schedules")
Reader = Annotated[Caller, Depends(Needs("schedules", "read"))]
Checker = Annotated[Caller, Depends(Needs("schedules", "check"))]
Exporter = Annotated[Caller, Depends(Needs("schedules", "export"))]
Publisher = Annotated[Caller, Depends(Needs("schedules", "publish"))]
ScheduleId = Annotated[str, Path(max_length=64)]
Ident = Annotated[str | None, Query(max_length=200)]
Day = Annotated[str | None, Query(pattern=r"^\d{4}-\d{2}-\d{2}$")]
_MAX_UNPACKED = 128 << 20
"""Bytes of a schedule that is brought: a hundred thousand visits are a fifth of it."""
_OF_ONE = (
    "get_schedule",
    "list_visits",
    "list_crew_shifts",
    "list_unserved",
    "check_schedule",
    "alerts_of_schedule",
    "export_schedule",
    "publish_schedule",
    "delay_of_schedule",
    "check_move",
    "move_visit",
)


def _temporary(services: Services) -> FilePath:
    return own_folder(services.settings.data_dir)


@routes.get(
    "",
    operation_id="list_schedules",
    response_model=SchedulePage,
    responses={200: {"links": leads_to((*_OF_ONE, "compare_schedules"), schedule_id="/items/0/schedule_id")}},
)
def list_schedules(
    services: ServicesOf,
    caller: Reader,
    horizon_id: Ident = None,
    level: Annotated[Level | None, Query()] = None,
    area_id: Ident = None,
    state: Annotated[str | None, Query(pattern="^(draft|published|superseded)$")] = None,
    limit: Limit = DEFAULT_LIMIT,
    cursor: Cursor = None,
) -> JSONResponse:
    """List schedules, the oldest first."""
    filters = {"horizon_id": horizon_id, "level": level, "area_id": area_id, "state": state}
    with services.store.reading() as connection:
        found = service.listing(connection, caller, filters, limit, cursor)
    return listed(found)


@routes.post(
    "",
    operation_id="upload_schedule",
    status_code=201,
    response_model=UploadJudgement,
    responses={201: {"headers": LOCATION, "links": leads_to(_OF_ONE, schedule_id="/schedule_id")}},
    openapi_extra={
        "requestBody": {"required": True, "content": {ZIP: {"schema": {"type": "string", "format": "binary"}}}}
    },
)
async def upload_schedule(
    request: Request,
    services: ServicesOf,
    caller: Checker,
    lang: LangOf,
    horizon_id: Annotated[str, Query(max_length=100)],
    level: Annotated[Level, Query()] = Level.STREET,
    area_id: Ident = None,
) -> JSONResponse:
    """Have a schedule folder (zip) that you bring judged: what it breaks, what it amounts to; kept as a draft."""
    if media_type_of(request) != ZIP:
        raise Refusal("unsupported_media_type", known=ZIP)
    async with spooled(request, services, ".zip") as path:
        found = await run_in_threadpool(_take_in, services, caller, lang, path, horizon_id, level, area_id)
    return JSONResponse(found, status_code=201, headers={"Location": f"/schedules/{found['schedule_id']}"})


def _take_in(
    services: Services, caller: Caller, lang: Lang, path: FilePath, horizon_id: str, level: Level, area_id: str | None
) -> dict[str, Any]:
    with services.store.reading() as connection:
        area = find_area(connection, level, area_id)
    require_area(caller, area.level.value, area.area_id)
    with tempfile.TemporaryDirectory(dir=_temporary(services)) as name:
        folder = FilePath(name) / "schedule"
        folder.mkdir()
        unpack(path, folder, _MAX_UNPACKED)
        return take_in(services.store, caller, horizon_id, area, folder, FilePath(name), request_id(), lang)


@routes.get("/{schedule_id}", operation_id="get_schedule", response_model=ScheduleOut)
def get_schedule(services: ServicesOf, caller: Reader, schedule_id: ScheduleId) -> JSONResponse:
    """Read what a schedule amounts to."""
    with services.store.reading() as connection:
        return JSONResponse(service.wire(service.find(connection, caller, schedule_id)))


def _rows(
    services: Services,
    caller: Caller,
    schedule_id: str,
    table: Table,
    key: str,
    filters: dict[str, str | None],
    limit: int,
    cursor: str | None,
) -> JSONResponse:
    with services.store.reading() as connection:
        row = service.find(connection, caller, schedule_id)
        found = service.rows_of(connection, caller, row, table, key, filters, limit, cursor)
    return listed(found)


@routes.get("/{schedule_id}/visits", operation_id="list_visits", response_model=VisitPage)
def list_visits(
    services: ServicesOf,
    caller: Reader,
    schedule_id: ScheduleId,
    date: Day = None,
    street_id: Ident = None,
    authority_id: Ident = None,
    enterprise_id: Ident = None,
    limit: Limit = DEFAULT_LIMIT,
    cursor: Cursor = None,
) -> JSONResponse:
    """List the visits of a schedule by day, street, authority, enterprise."""
    filters = {"date": date, "street_id": street_id, "authority_id": authority_id, "enterprise_id": enterprise_id}
    return _rows(services, caller, schedule_id, visits, "visit_id", filters, limit, cursor)


@routes.get("/{schedule_id}/crew-shifts", operation_id="list_crew_shifts", response_model=CrewShiftPage)
def list_crew_shifts(
    services: ServicesOf,
    caller: Reader,
    schedule_id: ScheduleId,
    date: Day = None,
    street_id: Ident = None,
    authority_id: Ident = None,
    limit: Limit = DEFAULT_LIMIT,
    cursor: Cursor = None,
) -> JSONResponse:
    """List the crew shifts of a schedule with their stops."""
    filters = {"date": date, "street_id": street_id, "authority_id": authority_id}
    return _rows(services, caller, schedule_id, crew_shifts, "crew_id", filters, limit, cursor)


@routes.get("/{schedule_id}/unserved", operation_id="list_unserved", response_model=UnservedPage)
def list_unserved(
    services: ServicesOf,
    caller: Reader,
    schedule_id: ScheduleId,
    street_id: Ident = None,
    authority_id: Ident = None,
    enterprise_id: Ident = None,
    limit: Limit = DEFAULT_LIMIT,
    cursor: Cursor = None,
) -> JSONResponse:
    """List the items that a schedule leaves out, with reasons and the cheapest change that would let each in."""
    filters = {"street_id": street_id, "authority_id": authority_id, "enterprise_id": enterprise_id}
    return _rows(services, caller, schedule_id, unserved, "item_id", filters, limit, cursor)


@routes.get("/{schedule_id}/changes", operation_id="list_changes", response_model=ChangePage)
def list_changes(
    services: ServicesOf,
    caller: Reader,
    lang: LangOf,
    schedule_id: ScheduleId,
    street_id: Ident = None,
    enterprise_id: Ident = None,
    kind: Annotated[str | None, Query(pattern="^(added|dropped|moved|regrouped|retimed)$")] = None,
    limit: Limit = DEFAULT_LIMIT,
    cursor: Cursor = None,
) -> JSONResponse:
    """List what a re-planned schedule changes of the published one, each with its reason."""
    filters = {"street_id": street_id, "enterprise_id": enterprise_id, "kind": kind}
    with services.store.reading() as connection:
        row = service.find(connection, caller, schedule_id)
        return listed(service.changes_of(connection, caller, row, filters, limit, cursor, lang))


@routes.get("/{schedule_id}/check", operation_id="check_schedule", response_model=Judgement)
def check_schedule(services: ServicesOf, caller: Checker, lang: LangOf, schedule_id: ScheduleId) -> JSONResponse:
    """Check a schedule by every rule, against the case that it was made from."""
    snapshot, schedule, _ = _load(services, caller, schedule_id)
    return JSONResponse(judge(snapshot, schedule, lang))


@routes.get("/{schedule_id}/alerts", operation_id="alerts_of_schedule", response_model=AlertPage)
def schedule_alerts(services: ServicesOf, caller: Checker, lang: LangOf, schedule_id: ScheduleId) -> JSONResponse:
    """Say which reminders a schedule would give, before it is published."""
    snapshot, schedule, _ = _load(services, caller, schedule_id)
    with services.store.reading() as connection:
        found = alerts_of_schedule(connection, snapshot, schedule, lang)
    return JSONResponse({"items": found, "next_cursor": None})


@routes.get("/{schedule_id}/comparison", operation_id="compare_schedules", response_model=Comparison)
def compare_schedules(
    services: ServicesOf,
    caller: Checker,
    schedule_id: ScheduleId,
    other: Annotated[str, Query(max_length=64, description="the newer schedule")],
) -> JSONResponse:
    """Say what differs in another schedule from this one."""
    _, old, a = _load(services, caller, schedule_id)
    _, new, b = _load(services, caller, other)
    return JSONResponse(compare(a, b, old, new))


def _load(services: Services, caller: Caller, schedule_id: str) -> Any:
    with services.store.reading() as connection:
        row = service.find(connection, caller, schedule_id)
    snapshot, schedule = service.load(services.store, row, _temporary(services))
    return snapshot, schedule, row


@routes.get(
    "/{schedule_id}/export",
    operation_id="export_schedule",
    response_class=FileResponse,
    responses={200: {"content": {ZIP: {"schema": {"type": "string", "format": "binary"}}}, "description": "archive"}},
)
def export_schedule(
    services: ServicesOf,
    caller: Exporter,
    lang: LangOf,
    schedule_id: ScheduleId,
    formats: Annotated[str, Query(pattern=r"^(all|none|(xlsx|ics|pdf)(,(xlsx|ics|pdf))*)$")] = "xlsx",
) -> FileResponse:
    """Download the schedule folder with workbook, calendars and day sheets as one zip archive."""
    with services.store.reading() as connection:
        row = service.find(connection, caller, schedule_id)
    wanted = {"all": "xlsx,ics,pdf", "none": ""}.get(formats, formats)
    path = export(services.settings, row["schedule_id"], frozenset(filter(None, wanted.split(","))), lang)
    name = f"{row['horizon_id']}-{row['level']}-v{row['version']}-{row['schedule_id'][:12]}.zip"
    safe = "".join(c if c.isascii() and (c.isalnum() or c in "-_.") else "_" for c in name)
    return FileResponse(path, media_type=ZIP, filename=safe, background=BackgroundTask(path.unlink))


@routes.post(
    "/{schedule_id}/publication",
    operation_id="publish_schedule",
    status_code=201,
    response_model=PublishedOut,
    responses={201: {"headers": LOCATION, "links": leads_to(_OF_ONE, schedule_id="/schedule_id")}},
)
def publish_schedule(services: ServicesOf, caller: Publisher, lang: LangOf, schedule_id: ScheduleId) -> JSONResponse:
    """Publish a draft: it becomes version n and supersedes n-1; refused when anything changed since the run."""
    row = service.publish(services.store, caller, schedule_id, request_id(), _temporary(services), lang)
    return JSONResponse(row, status_code=201, headers={"Location": f"/schedules/{schedule_id}"})


@publication_routes.get("", operation_id="list_publications", response_model=PublicationPage)
def list_publications(
    services: ServicesOf,
    caller: Reader,
    horizon_id: Annotated[str, Query(max_length=100)],
    street_id: Ident = None,
    limit: Limit = DEFAULT_LIMIT,
    cursor: Cursor = None,
) -> JSONResponse:
    """List what was published by street and version; the greatest version of a street is in force."""
    with services.store.reading() as connection:
        found = service.history(connection, caller, horizon_id, street_id, limit, cursor)
    return listed(found)
