"""Routes of what-if studies and questions."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import Depends, Path, Query
from fastapi.responses import FileResponse
from starlette.background import BackgroundTask

from api.access.caller import Caller
from api.access.scope import require_area
from api.bodies import ZIP
from api.cases.area import Level, find_area
from api.deps import LangOf, Needs, Services, ServicesOf
from api.horizons.service import read_horizon
from api.once import Answer, Key, answered_before, carried_out_once
from api.responses import JSONResponse
from api.runs import queue
from api.runs.endpoints import STARTED, accepted
from api.runs.schemas import RunOut
from api.scenarios import service
from api.scenarios.schemas import QuestionIn, ReadyPage, StudyIn, StudyOut, StudyPage
from api.store.work import Work
from api.temporary import own_folder
from api.web import DEFAULT_LIMIT, Cursor, Limit, listed, router
from scenarios.library import LIBRARY

routes = router("/scenarios", "scenarios")
Reader = Annotated[Caller, Depends(Needs("scenarios", "read"))]
Starter = Annotated[Caller, Depends(Needs("scenarios", "run"))]
StudyId = Annotated[str, Path(max_length=64)]
Filter = Annotated[str | None, Query(max_length=100)]
HTML, XLSX = "text/html", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_BINARY = {"type": "string", "format": "binary"}
_PAGE_POLICY = (
    "sandbox allow-scripts; default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; "
    "frame-ancestors 'none'"
)
"""What a report's page may do where a browser shows it: its own styles and script, whose digest the page itself says,
and nothing of this service: the sandbox makes it a stranger here."""


@routes.post("", operation_id="compare_scenarios", status_code=202, response_model=RunOut, responses={202: STARTED})
def compare_scenarios(services: ServicesOf, caller: Starter, body: StudyIn, key: Key = None) -> JSONResponse:
    """Queue a comparison of scenarios on an area as it is now; its result is a study, which is kept.

    A scenario that does not fit the case ends the run with every fault, before anything is planned.
    """
    asked = body.model_dump(mode="json", by_alias=True)
    return _queued(services, caller, key, "whatif", asked)


@routes.post(
    "/questions", operation_id="ask_question", status_code=202, response_model=RunOut, responses={202: STARTED}
)
def ask_question(services: ServicesOf, caller: Starter, body: QuestionIn, key: Key = None) -> JSONResponse:
    """Queue a question about an area: crews that would serve everything, joint days, quiet days, changes for items.

    The result of the run has the figures, and the answer in Chinese and English.
    """
    return _queued(services, caller, key, "question", body.model_dump(mode="json"))


def _queued(services: Services, caller: Caller, key: str | None, kind: str, asked: Mapping[str, Any]) -> JSONResponse:
    digest = f"{kind} {json.dumps(asked, sort_keys=True)}"
    before = answered_before(services, caller, key, digest)
    if before is not None:
        return before
    with services.store.reading() as connection:
        area = find_area(connection, Level(asked["level"]), asked["area_id"])
        read_horizon(connection, asked["horizon_id"])
    require_area(caller, area.level.value, area.area_id)

    def queued(work: Work) -> Answer:
        of = {"horizon_id": asked["horizon_id"], "level": area.level.value, "area_id": area.area_id}
        return accepted(queue.enqueue(work, caller, services.store.new_id(), kind, **of, request=dict(asked)))

    return carried_out_once(services, caller, key, digest, queued)


@routes.get("", operation_id="list_studies", response_model=StudyPage)
def list_studies(
    services: ServicesOf,
    caller: Reader,
    horizon_id: Filter = None,
    level: Annotated[str | None, Query(pattern="^(street|district|city)$")] = None,
    area_id: Filter = None,
    limit: Limit = DEFAULT_LIMIT,
    cursor: Cursor = None,
) -> JSONResponse:
    """List studies, the oldest first."""
    filters = {"horizon_id": horizon_id, "level": level, "area_id": area_id}
    with services.store.reading() as connection:
        return listed(service.listing(connection, caller, filters, limit, cursor))


@routes.get("/library", operation_id="list_library", response_model=ReadyPage)
def list_library(caller: Reader) -> JSONResponse:
    """List the ready scenarios; which of them fit an area is said when they are run."""
    items = [{"name": e.name, "about_zh": e.about.zh, "about_en": e.about.en} for e in LIBRARY.values()]
    return JSONResponse({"items": items})


@routes.get("/{study_id}", operation_id="get_study", response_model=StudyOut)
def get_study(services: ServicesOf, caller: Reader, study_id: StudyId) -> JSONResponse:
    """Read a study: metric by scenario with differences, bounds and evidence, and each scenario's stored form."""
    with services.store.reading() as connection:
        return JSONResponse(service.wire(service.find(connection, caller, study_id)))


@routes.get(
    "/{study_id}/report",
    operation_id="get_report",
    response_class=FileResponse,
    responses={
        200: {
            "content": {HTML: {"schema": {"type": "string"}}, XLSX: {"schema": _BINARY}, ZIP: {"schema": _BINARY}},
            "description": "page, workbook, or all files as an archive",
        }
    },
)
def get_report(
    services: ServicesOf,
    caller: Reader,
    lang: LangOf,
    study_id: StudyId,
    form: Annotated[str, Query(alias="format", pattern="^(html|xlsx|zip)$")] = "html",
) -> FileResponse:
    """Download a study's report: one page for a meeting, a workbook, or everything with charts as an archive."""
    name = {"html": "report.html", "xlsx": "comparison.xlsx", "zip": None}[form]
    with services.store.reading() as connection:
        row = service.find(connection, caller, study_id)
        path = service.report_file(connection, row, lang, name, own_folder(services.settings.data_dir))
    media = {"html": f"{HTML}; charset=utf-8", "xlsx": XLSX, "zip": ZIP}[form]
    return FileResponse(
        path,
        media_type=media,
        filename=f"study-{study_id[:12]}.{form}",
        content_disposition_type="inline" if form == "html" else "attachment",
        headers={"Content-Security-Policy": _PAGE_POLICY} if form == "html" else None,
        background=BackgroundTask(path.unlink),
    )


@routes.post(
    "/{study_id}/repetitions",
    operation_id="repeat_study",
    status_code=202,
    response_model=RunOut,
    responses={202: STARTED},
)
def repeat_study(services: ServicesOf, caller: Starter, study_id: StudyId, key: Key = None) -> JSONResponse:
    """Queue a kept study once more, from the case and the limits that are kept with it.

    The result of the run says whether every term, bound and schedule is the same.
    """
    digest = f"repetitions {study_id}"
    before = answered_before(services, caller, key, digest)
    if before is not None:
        return before
    with services.store.reading() as connection:
        row = service.find(connection, caller, study_id)
    require_area(caller, row["level"], row["area_id"])

    def queued(work: Work) -> Answer:
        of = {k: row[k] for k in ("horizon_id", "level", "area_id")}
        request = {"repeat": study_id}
        return accepted(queue.enqueue(work, caller, services.store.new_id(), "whatif", **of, request=request))

    return carried_out_once(services, caller, key, digest, queued)
