"""Routes of exports."""

from __future__ import annotations

import csv
import io
import tempfile
from collections.abc import Iterator
from pathlib import Path as FilePath
from typing import Annotated, Any, Literal

import xlsxwriter
from fastapi import Depends, Path, Query
from fastapi.responses import FileResponse, Response, StreamingResponse
from sqlalchemy import select
from starlette.background import BackgroundTask

from api.access.caller import Caller, permits
from api.access.scope import require_area, seen
from api.bodies import CSV, XLSX, ZIP
from api.cases.area import Level, find_area
from api.cases.service import snapshot_of
from api.deps import Needs, Services, ServicesOf
from api.errors import Refusal
from api.imports.endpoints import TABLES
from api.reference.service import REGISTERS
from api.schedules.job import pack_case
from api.temporary import own_folder
from api.web import router
from scheduler.intake.columns import ALL_TABLES
from scheduler.intake.tables import cell_text

routes = router("/exports", "exports")
Reader = Annotated[Caller, Depends(Needs("account", "read"))]
CaseReader = Annotated[Caller, Depends(Needs("schedules", "check"))]
_FILE = {"schema": {"type": "string", "format": "binary"}}
CHUNK = 2000


@routes.get(
    "/registers/{table}",
    operation_id="export_register",
    response_class=Response,
    responses={200: {"content": {CSV: _FILE, XLSX: _FILE}, "description": "the rows that you see"}},
)
def export_register(
    services: ServicesOf,
    caller: Reader,
    table: Annotated[TABLES, Path()],
    format: Annotated[Literal["csv", "xlsx"], Query()] = "csv",
) -> Response:
    """Download a register as CSV or workbook; what was exported can be imported again."""
    if not permits(caller.role, table, "read"):
        raise Refusal("forbidden", role=caller.role.value, resource=table, action="read")
    head = {"Content-Disposition": f'attachment; filename="{table}.{format}"'}
    if format == "csv":
        return StreamingResponse(_csv(services, caller, table), media_type=f"{CSV}; charset=utf-8", headers=head)
    path = _workbook(services, caller, table)
    return FileResponse(path, media_type=XLSX, headers=head, background=BackgroundTask(path.unlink))


def _rows(services: Services, caller: Caller, table: str) -> Iterator[list[str]]:
    names = ALL_TABLES[table].column_names
    yield list(names)
    sql = REGISTERS[table].table
    query = select(*(sql.c[n] for n in names)).where(seen(caller, table)).order_by(REGISTERS[table].key)
    with services.store.reading() as connection:
        for row in connection.execution_options(yield_per=CHUNK).execute(query):
            yield [cell_text(v) for v in row]


def _csv(services: Services, caller: Caller, table: str) -> Iterator[str]:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    for n, row in enumerate(_rows(services, caller, table)):
        writer.writerow(row)
        if n % CHUNK == CHUNK - 1:
            yield text.getvalue()
            text.seek(0)
            text.truncate()
    yield text.getvalue()


def _workbook(services: Services, caller: Caller, table: str) -> FilePath:
    folder = own_folder(services.settings.data_dir)
    with tempfile.NamedTemporaryFile(dir=folder, suffix=".xlsx", delete=False) as target:
        path = FilePath(target.name)
    book: Any = xlsxwriter.Workbook(str(path), {"constant_memory": True, "strings_to_formulas": False})
    sheet = book.add_worksheet(table)
    for n, row in enumerate(_rows(services, caller, table)):
        for k, text in enumerate(row):
            sheet.write_string(n, k, text)
    book.close()
    return path


@routes.get(
    "/case",
    operation_id="export_case",
    response_class=FileResponse,
    responses={200: {"content": {ZIP: _FILE}, "description": "the case folder"}},
)
def export_case(
    services: ServicesOf,
    caller: CaseReader,
    horizon_id: Annotated[str, Query(max_length=100)],
    level: Annotated[Level, Query()] = Level.STREET,
    area_id: Annotated[str | None, Query(max_length=200)] = None,
) -> FileResponse:
    """Download what a run of an area would plan from now, as a case folder for the command line."""
    folder = own_folder(services.settings.data_dir)
    with services.store.reading() as connection:
        area = find_area(connection, level, area_id)
        require_area(caller, area.level.value, area.area_id)
        snapshot = snapshot_of(connection, horizon_id, area)
    with tempfile.TemporaryDirectory(dir=folder) as name:
        archive = pack_case(snapshot, FilePath(name))
        with tempfile.NamedTemporaryFile(dir=folder, suffix=".zip", delete=False) as target:
            path = archive.replace(target.name)
    return FileResponse(path, media_type=ZIP, filename="case.zip", background=BackgroundTask(path.unlink))
