"""Routes of draws."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path as FilePath
from typing import Annotated, Any

from fastapi import Depends, Path, Query
from fastapi.responses import FileResponse
from starlette.background import BackgroundTask

from api.access.caller import Caller
from api.bodies import ZIP
from api.dates import day_of
from api.deps import LangOf, Needs, ServicesOf
from api.draws import exporting, officers, service, targets, verifying
from api.draws.schemas import (
    CommitIn,
    DrawOut,
    DrawPage,
    OfficersIn,
    TargetPage,
    TargetsIn,
    TargetsOut,
    TeamPage,
    VerdictOut,
)
from api.once import Answer, Key, answered_before, carried_out_once
from api.responses import JSONResponse
from api.schedules.job import pack_case
from api.store.schema import draw_targets, draw_teams
from api.store.work import Work
from api.temporary import own_folder
from api.web import DEFAULT_LIMIT, LOCATION, Cursor, Limit, leads_to, listed, router

routes = router("/draws", "draws")
Reader = Annotated[Caller, Depends(Needs("draws", "read"))]
Drawer = Annotated[Caller, Depends(Needs("draws", "draw"))]
Exporter = Annotated[Caller, Depends(Needs("draws", "export"))]
DrawId = Annotated[str, Path(max_length=64)]
Ident = Annotated[str | None, Query(max_length=200)]
Date = Annotated[str | None, Query(pattern=r"^\d{4}-\d{2}-\d{2}$")]
_NEW = leads_to(("get_draw", "draw_officers", "draw_targets", "verify_draw"), draw_id="/draw_id")


@routes.post(
    "",
    operation_id="commit_draw",
    status_code=201,
    response_model=DrawOut,
    responses={201: {"headers": LOCATION, "links": _NEW}},
)
def commit_draw(services: ServicesOf, caller: Drawer, body: CommitIn, key: Key = None) -> JSONResponse:
    """Make a secret seed and say its commitment, to be published now; the seed is shown to nobody until the draw."""
    digest = f"draws {_text(body)}"
    before = answered_before(services, caller, key, digest)
    if before is not None:
        return before

    def committed(work: Work) -> Answer:
        draw_id = services.store.new_id()
        made = service.commit(work, draw_id, body.kind, body.purpose, body.horizon_id)
        return Answer(201, f"/draws/{draw_id}", made)

    return carried_out_once(services, caller, key, digest, committed)


@routes.get("", operation_id="list_draws", response_model=DrawPage)
def list_draws(
    services: ServicesOf,
    caller: Reader,
    horizon_id: Ident = None,
    schedule_id: Ident = None,
    kind: Annotated[str | None, Query(pattern="^(officers|targets)$")] = None,
    state: Annotated[str | None, Query(pattern="^(committed|drawn)$")] = None,
    limit: Limit = DEFAULT_LIMIT,
    cursor: Cursor = None,
) -> JSONResponse:
    """List draws with their commitments, the oldest first."""
    filters = {"horizon_id": horizon_id, "schedule_id": schedule_id, "kind": kind, "state": state}
    with services.store.reading() as connection:
        return listed(service.listing(connection, filters, limit, cursor))


@routes.get("/{draw_id}", operation_id="get_draw", response_model=DrawOut)
def get_draw(services: ServicesOf, caller: Reader, draw_id: DrawId) -> JSONResponse:
    """Read a draw; its seed is there once it is carried out."""
    with services.store.reading() as connection:
        return JSONResponse(service.wire(service.find(connection, draw_id)))


@routes.post("/{draw_id}/officers", operation_id="draw_officers", response_model=DrawOut)
def draw_officers(
    services: ServicesOf, caller: Drawer, draw_id: DrawId, body: OfficersIn, key: Key = None
) -> JSONResponse:
    """Draw two officers for every crew shift of a published schedule; the seed is revealed.

    Nothing is drawn when officers are lacking: the refusal names every authority, date and shift.
    """
    digest = f"draws/{draw_id}/officers {_text(body)}"
    before = answered_before(services, caller, key, digest)
    if before is not None:
        return before
    asked = officers.Asked(
        draw_id=draw_id,
        schedule_id=body.schedule_id,
        public=body.public,
        rows={"absences": body.absences, "recusals": body.recusals, "past_teams": body.past_teams},
        request=body.model_dump(mode="json"),
    )
    found = officers.draw(services, caller, asked, own_folder(services.settings.data_dir))
    return carried_out_once(services, caller, key, digest, lambda work: officers.keep(caller, work, found))


@routes.post("/{draw_id}/targets", operation_id="draw_targets", response_model=TargetsOut)
def draw_targets_(
    services: ServicesOf, caller: Drawer, draw_id: DrawId, body: TargetsIn, key: Key = None
) -> JSONResponse:
    """Draw inspection targets among the enterprises of an area; their items are yet to be submitted as a plan."""
    digest = f"draws/{draw_id}/targets {_text(body)}"
    before = answered_before(services, caller, key, digest)
    if before is not None:
        return before
    found = targets.draw(services, caller, _asked(draw_id, body))
    with tempfile.TemporaryDirectory(dir=own_folder(services.settings.data_dir)) as folder:
        archive = pack_case(found.snapshot, FilePath(folder))
        return carried_out_once(
            services, caller, key, digest, lambda work: targets.keep(services, caller, work, found, archive)
        )


def _asked(draw_id: str, body: TargetsIn) -> targets.Asked:
    days = {
        name: None if text is None else day_of(text, "body", name)
        for name, text in (("earliest", body.earliest), ("latest", body.latest))
    }
    plan = {
        "draw_id": body.item_prefix or draw_id,
        "authority_id": body.authority_id,
        "duration_min": body.duration_min,
        "priority": body.priority,
        "exclude_days": body.exclude_days,
        **days,
    }
    return targets.Asked(
        draw_id=draw_id,
        level=body.level,
        area_id=body.area_id,
        strata=body.strata,
        plan=plan,
        schedule_id=body.schedule_id,
        public=body.public,
        request=body.model_dump(mode="json"),
    )


@routes.get("/{draw_id}/teams", operation_id="list_teams", response_model=TeamPage)
def list_teams(
    services: ServicesOf,
    caller: Reader,
    draw_id: DrawId,
    authority_id: Ident = None,
    street_id: Ident = None,
    date: Date = None,
    officer_id: Ident = None,
    crew_id: Ident = None,
    limit: Limit = DEFAULT_LIMIT,
    cursor: Cursor = None,
) -> JSONResponse:
    """List the officers that were drawn, by crew shift: of a department its own, of a street office its streets'."""
    filters = {
        "authority_id": authority_id,
        "street_id": street_id,
        "date": date,
        "officer_id": officer_id,
        "crew_id": crew_id,
    }
    with services.store.reading() as connection:
        row = service.find(connection, draw_id)
        return listed(service.rows_of(connection, caller, row, draw_teams, filters, limit, cursor))


@routes.get("/{draw_id}/targets", operation_id="list_targets", response_model=TargetPage)
def list_targets(
    services: ServicesOf,
    caller: Reader,
    draw_id: DrawId,
    street_id: Ident = None,
    enterprise_id: Ident = None,
    limit: Limit = DEFAULT_LIMIT,
    cursor: Cursor = None,
) -> JSONResponse:
    """List the targets that were drawn, as items of a plan: of a department its own, of an office its streets'."""
    filters = {"street_id": street_id, "enterprise_id": enterprise_id}
    with services.store.reading() as connection:
        row = service.find(connection, draw_id)
        return listed(service.rows_of(connection, caller, row, draw_targets, filters, limit, cursor))


@routes.get("/{draw_id}/verification", operation_id="verify_draw", response_model=VerdictOut)
def verify_draw(services: ServicesOf, caller: Reader, draw_id: DrawId) -> JSONResponse:
    """Draw again from what is stored, and say whether the draw is true."""
    return JSONResponse(verifying.verdict(services, caller, draw_id, own_folder(services.settings.data_dir)))


@routes.get(
    "/{draw_id}/export",
    operation_id="export_draw",
    response_class=FileResponse,
    responses={200: {"content": {ZIP: {"schema": {"type": "string", "format": "binary"}}}, "description": "archive"}},
)
def export_draw(services: ServicesOf, caller: Exporter, lang: LangOf, draw_id: DrawId) -> FileResponse:
    """Download a draw with all that it was made from, as `onevisit draw verify` reads it without this service."""
    path = exporting.export(services, draw_id, own_folder(services.settings.data_dir), lang)
    return FileResponse(path, media_type=ZIP, filename="draw.zip", background=BackgroundTask(path.unlink))


def _text(body: Any) -> str:
    return json.dumps(body.model_dump(mode="json"), sort_keys=True)
