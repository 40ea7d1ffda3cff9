"""Routes of imports: the file is streamed in, and read by a run."""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Annotated, Literal

from fastapi import Depends, Query, Request
from fastapi.concurrency import run_in_threadpool

from api.access.caller import Caller, Role
from api.bodies import CSV, XLSX, ZIP, media_type_of
from api.deps import Needs, Services, ServicesOf
from api.errors import Refusal, invalid
from api.horizons.schemas import HorizonId
from api.imports.archive import inspect
from api.once import Answer, Key, carried_out_once
from api.responses import JSONResponse
from api.runs import queue
from api.runs.endpoints import STARTED, accepted
from api.runs.schemas import RunOut
from api.store.files import keep, pieces_of
from api.store.work import Work
from api.temporary import own_folder
from api.web import router
from scheduler.intake.problems import problem

routes = router("/imports", "imports")
Importer = Annotated[Caller, Depends(Needs("imports", "start"))]
ENDINGS = {CSV: ".csv", XLSX: ".xlsx", ZIP: ".zip"}
TABLES = Literal[
    "districts", "streets", "authorities", "enterprises", "officers", "crews", "history", "quiet", "pins",
    "preferred_pins", "shifts", "caps", "missing_crews", "cancelled_shifts", "absences", "recusals",
    "laws", "powers", "inspection_items", "bodies", "authority_items", "delegations", "leniency_items",
]  # fmt: skip
_OF_DEPARTMENTS = ("crews", "missing_crews", "officers", "absences", "recusals")
_BINARY = {"schema": {"type": "string", "format": "binary"}}


@asynccontextmanager
async def spooled(request: Request, services: Services, ending: str) -> AsyncIterator[Path]:
    """Write a body to a temporary file as it comes, so that its size costs no memory."""
    handle, name = tempfile.mkstemp(suffix=ending, dir=own_folder(services.settings.data_dir))
    path = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            async for piece in request.stream():
                file.write(piece)
        yield path
    finally:
        path.unlink(missing_ok=True)


@routes.post(
    "",
    operation_id="start_import",
    status_code=202,
    response_model=RunOut,
    responses={202: STARTED},
    openapi_extra={"requestBody": {"required": True, "content": dict.fromkeys(ENDINGS, _BINARY)}},
)
async def start_import(
    request: Request,
    services: ServicesOf,
    caller: Importer,
    table: Annotated[
        TABLES | None, Query(description="the register of a CSV file or workbook; a case without it")
    ] = None,
    horizon_id: Annotated[HorizonId | None, Query(description="horizon that a whole case becomes")] = None,
    approve: Annotated[bool, Query(description="approve the plans of a whole case")] = False,
    key: Key = None,
) -> JSONResponse:
    """Import a register (CSV, workbook), or a whole case folder (zip) or workbook with its horizon and plans."""
    media_type = media_type_of(request)
    if media_type not in ENDINGS:
        raise Refusal("unsupported_media_type", known=", ".join(ENDINGS))
    if (table is None and media_type == CSV) or (table is not None and media_type == ZIP):
        raise Refusal("bad_request", why="table")
    if table is None and horizon_id is None:
        raise Refusal("bad_request", why="horizon_id")
    if caller.role is Role.DEPARTMENT and table not in _OF_DEPARTMENTS:
        raise Refusal("not_yours")
    asked: dict[str, object] = {
        "table": table,
        "horizon_id": horizon_id,
        "approve": approve,
        "media_type": media_type,
        "ending": ENDINGS[media_type],
    }
    async with spooled(request, services, ENDINGS[media_type]) as path:
        return await run_in_threadpool(_enqueue, services, caller, path, asked, key)


def _enqueue(services: Services, caller: Caller, path: Path, asked: dict[str, object], key: str | None) -> JSONResponse:
    if not path.stat().st_size:
        raise invalid([problem("empty_file", str(asked["table"] or "case"))])
    if asked["media_type"] != CSV:
        inspect(path)
    store = services.store
    upload_id, run_id = store.new_id(), store.new_id()
    digest = "" if key is None else f"imports {json.dumps(asked, sort_keys=True)} {_digest_of(path)}"

    def queued(work: Work) -> Answer:
        keep(work.connection, upload_id, path.name, str(asked["media_type"]), work.at, pieces_of(path))
        return accepted(queue.enqueue(work, caller, run_id, "import", request=asked, upload_id=upload_id))

    return carried_out_once(services, caller, key, digest, queued)


def _digest_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
