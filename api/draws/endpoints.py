"""Routes of draws."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Depends, Path, Query

from api.access.caller import Caller
from api.cases.area import Level, find_area
from api.deps import LangOf, Needs, ServicesOf, request_id
from api.draws import service
from api.draws.schemas import CommitIn, DrawOut, DrawPage, OfficersIn, TargetsIn, TeamPage, VerificationOut
from api.once import Answer, Key, answered_before, carried_out_once
from api.responses import JSONResponse
from api.store.work import Work
from api.temporary import own_folder
from api.web import DEFAULT_LIMIT, LOCATION, Cursor, Limit, leads_to, listed, router

routes = router("/draws", "draws")
Reader = Annotated[Caller, Depends(Needs("draws", "read"))]
Drawer = Annotated[Caller, Depends(Needs("draws", "draw"))]
DrawId = Annotated[str, Path(max_length=64)]
_OF_ONE = ("get_draw", "draw_officers", "draw_targets", "list_teams", "verify_draw")


@routes.post(
    "",
    operation_id="commit_draw",
    status_code=201,
    response_model=DrawOut,
    responses={201: {"headers": LOCATION, "links": leads_to(_OF_ONE, draw_id="/draw_id")}},
)
def commit_draw(services: ServicesOf, caller: Drawer, body: CommitIn, key: Key = None) -> JSONResponse:
    """Make a seed that nobody sees until the draw, and return its commitment, to be published now."""
    digest = f"draws {body.model_dump_json()}"
    before = answered_before(services, caller, key, digest)
    if before is not None:
        return before

    def store(work: Work) -> Answer:
        area = find_area(work.connection, body.level, body.area_id)
        draw_id = services.store.new_id()
        found = service.commit(work, caller, draw_id, body.kind, body.purpose, body.horizon_id, area)
        return Answer(201, f"/draws/{draw_id}", found)

    return carried_out_once(services, caller, key, digest, store)


@routes.get("", operation_id="list_draws", response_model=DrawPage)
def list_draws(
    services: ServicesOf,
    caller: Reader,
    horizon_id: Annotated[str | None, Query(max_length=100)] = None,
    kind: Annotated[str | None, Query(pattern="^(officers|targets)$")] = None,
    limit: Limit = DEFAULT_LIMIT,
    cursor: Cursor = None,
) -> JSONResponse:
    """List draws, the oldest first."""
    with services.store.reading() as connection:
        filters = {"horizon_id": horizon_id, "kind": kind}
        return listed(service.listing(connection, caller, filters, limit, cursor))


@routes.get("/{draw_id}", operation_id="get_draw", response_model=DrawOut)
def get_draw(services: ServicesOf, caller: Reader, draw_id: DrawId) -> JSONResponse:
    """Read a draw with its record."""
    with services.store.reading() as connection:
        return JSONResponse(service.wire(caller, service.find(connection, caller, draw_id)))


@routes.post("/{draw_id}/officers", operation_id="draw_officers", response_model=DrawOut)
def draw_officers(services: ServicesOf, caller: Drawer, draw_id: DrawId, body: OfficersIn) -> JSONResponse:
    """Draw two officers for every crew shift of a published schedule; refused with whom it lacks, and when."""
    with services.computing, services.store.reading() as connection:
        row = service.find(connection, caller, draw_id)
        service.require_open(caller, row, "officers")
        drawn = service.officers_drawn(connection, caller, row, body.schedule_id, body.public)
    with services.store.writing(caller.account_id, request_id()) as work:
        return JSONResponse(service.keep_officers(work, caller, row, body.schedule_id, body.public, drawn))


@routes.post("/{draw_id}/targets", operation_id="draw_targets", response_model=DrawOut)
def draw_targets(services: ServicesOf, caller: Drawer, draw_id: DrawId, body: TargetsIn) -> JSONResponse:
    """Draw inspection targets among the enterprises of the draw's area; the answer has their plan items."""
    asked: dict[str, Any] = body.model_dump(mode="json")
    with services.store.reading() as connection:
        row = service.find(connection, caller, draw_id)
        service.require_open(caller, row, "targets")
        area = find_area(connection, Level(row["level"]), row["area_id"])
        plan = service.target_plan(connection, row, asked)
    temporary = own_folder(services.settings.data_dir)
    with services.computing:
        found = service.draw_and_keep_targets(services.store, caller, row, area, plan, body.public, temporary)
    return JSONResponse(found)


@routes.get("/{draw_id}/teams", operation_id="list_teams", response_model=TeamPage)
def list_teams(
    services: ServicesOf, caller: Reader, draw_id: DrawId, limit: Limit = DEFAULT_LIMIT, cursor: Cursor = None
) -> JSONResponse:
    """List the officers who were drawn: a department its own, a street office those of its streets."""
    with services.store.reading() as connection:
        service.find(connection, caller, draw_id)
        return listed(service.teams(connection, caller, draw_id, limit, cursor))


@routes.get("/{draw_id}/verification", operation_id="verify_draw", response_model=VerificationOut)
def verify_draw(
    services: ServicesOf,
    caller: Reader,
    lang: LangOf,
    draw_id: DrawId,
    commitment: Annotated[str | None, Query(max_length=100, description="as it was published")] = None,
) -> JSONResponse:
    """Draw again from what was kept of a draw, and say whether its record is true."""
    with services.store.reading() as connection:
        row = service.find(connection, caller, draw_id)
    with services.computing:
        findings = service.verified(services.store, row, commitment, own_folder(services.settings.data_dir))
    return JSONResponse({"true": not findings, "findings": [f.sentence(lang) for f in findings]})
