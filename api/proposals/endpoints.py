"""Routes of proposals and of the rules that make them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import Depends, Path, Query

from api import bodies
from api.access.caller import Caller
from api.access.scope import require_own
from api.bodies import Body, read_body
from api.clock import day
from api.deps import LangOf, Needs, ServicesOf, request_id
from api.errors import Refusal
from api.once import Answer, Key, answered_before, carried_out_once
from api.proposals import planning, rules, service
from api.proposals.schemas import (
    APPLY_BODY,
    DecisionIn,
    DecisionOut,
    Kind,
    MadeOut,
    PlanIn,
    ProposalPage,
    RuleOut,
    RulePut,
    Rules,
    State,
    applied_schema,
)
from api.proposals.scope import scope_of
from api.responses import JSONResponse
from api.store.work import Work
from api.web import DEFAULT_LIMIT, ETAG, LOCATION, Cursor, IfMatch, Limit, answers, etag, router, take_own
from scheduler.feedback.proposal import ProposalKind
from scheduler.intake.rows import frame_of_records

routes = router("/proposals", "proposals")
rule_routes = router("/feedback-rules", "proposals")
Reader = Annotated[Caller, Depends(Needs("proposals", "read"))]
Decider = Annotated[Caller, Depends(Needs("proposals", "decide"))]
Planner = Annotated[Caller, Depends(Needs("proposals", "plan"))]
RuleReader = Annotated[Caller, Depends(Needs("feedback_rules", "read"))]
RuleWriter = Annotated[Caller, Depends(Needs("feedback_rules", "write"))]
Horizon = Annotated[str, Query(min_length=1, max_length=100)]
Ident = Annotated[str | None, Query(max_length=200)]
ProposalId = Annotated[str, Path(max_length=64)]
RuleId = Annotated[str, Path(max_length=50, pattern=r"^[a-z0-9_]+$", examples=["follow_up"])]
_CURSOR = re.compile(r"[A-Z]{2}-[0-9a-f]{16}")


@routes.get("", operation_id="list_proposals", response_model=ProposalPage)
def list_proposals(
    services: ServicesOf,
    caller: Reader,
    lang: LangOf,
    horizon_id: Horizon,
    authority_id: Ident = None,
    enterprise_id: Ident = None,
    kind: Annotated[Kind | None, Query()] = None,
    state: Annotated[State | None, Query()] = None,
    limit: Limit = DEFAULT_LIMIT,
    cursor: Cursor = None,
) -> JSONResponse:
    """List what the record proposes for the next plan, with the evidence and what was decided."""
    scope = scope_of(caller, authority_id)
    if cursor is not None and not _CURSOR.fullmatch(cursor):
        raise Refusal("invalid_cursor")
    kinds = service.EVERY if kind is None else frozenset({ProposalKind(kind)})
    with services.computing, services.store.reading() as connection:
        today = day(services.store.instant())
        rows = service.listed_for(connection, scope, horizon_id, today, lang, kinds)
    wanted = {"enterprise_id": enterprise_id, "state": state}
    found = [r for r in rows if all(v is None or r[k] == v for k, v in wanted.items())]
    return JSONResponse(_page(found, limit, cursor))


def _page(rows: Sequence[dict[str, Any]], limit: int, cursor: str | None) -> dict[str, Any]:
    """Return the rows after the one whose id the cursor is: ids are those of causes, so that nothing moves."""
    after = [r for r in rows if cursor is None or r["proposal_id"] > cursor]
    more = len(after) > limit
    return {"items": after[:limit], "next_cursor": after[limit - 1]["proposal_id"] if more else None}


@routes.post("/{proposal_id}/decision", operation_id="decide_proposal", response_model=DecisionOut)
def decide(services: ServicesOf, caller: Decider, proposal_id: ProposalId, body: DecisionIn) -> JSONResponse:
    """Take a proposal or dismiss it with a reason; a later decision takes the place of the earlier one.

    A class that is taken changes in the register with the evidence on record, and changes back when it is dismissed.
    """
    if body.decision == "dismiss" and body.reason is None:
        raise Refusal("bad_request", why="reason")
    decision = service.TAKEN if body.decision == "take" else service.DISMISSED
    scope = scope_of(caller)
    with services.store.writing(caller.account_id, request_id()) as work:
        row = service.decide(work, caller, scope, proposal_id, body.horizon_id, decision, body.reason)
    return JSONResponse(row)


@routes.post(
    "/plan",
    operation_id="plan_proposals",
    status_code=201,
    response_model=MadeOut,
    responses={200: {"model": MadeOut, "headers": LOCATION}, 201: {"headers": LOCATION}},
)
def plan_proposals(services: ServicesOf, caller: Planner, body: PlanIn, key: Key = None) -> JSONResponse:
    """Make a draft plan of what was taken, checked like any submission; approved plans are left alone."""
    authority_id = body.authority_id or caller.authority_id
    if authority_id is None:
        raise Refusal("bad_request", why="authority_id")
    require_own(caller, "plans", {"authority_id": authority_id})
    digest = f"proposals.plan {body.horizon_id} {authority_id}"
    if (before := answered_before(services, caller, key, digest)) is not None:
        return before

    def make(work: Work) -> Answer:
        plan, new = planning.make_plan(work, caller, body.horizon_id, authority_id, services.store.new_id)
        return Answer(201 if new else 200, f"/plans/{plan['plan_id']}", {"plan": plan, "new": new})

    return carried_out_once(services, caller, key, digest, make)


@routes.post(
    "/apply",
    operation_id="apply_proposals",
    responses={200: answers(applied_schema())},
    openapi_extra={"requestBody": APPLY_BODY},
)
def apply_proposals(
    services: ServicesOf,
    caller: Planner,
    body: Annotated[Body, Depends(read_body)],
    horizon_id: Annotated[str | None, Query(max_length=100)] = None,
    authority_id: Ident = None,
) -> JSONResponse:
    """Return a table of items with the minutes and priorities that were taken, and what changed; nothing is stored."""
    if body.media_type == bodies.JSON:
        value = bodies.json_of(body)
        horizon_id, authority_id, records = _told(value)
        frame, found = frame_of_records("items", records)
    else:
        frame, found = bodies.table_of(body, "items")
    authority_id = authority_id or caller.authority_id
    if horizon_id is None or authority_id is None:
        raise Refusal("bad_request", why="horizon_id, authority_id")
    require_own(caller, "plans", {"authority_id": authority_id})
    with services.computing, services.store.reading() as connection:
        return JSONResponse(planning.applied(connection, horizon_id, authority_id, frame, found))


def _told(value: Any) -> tuple[str, str | None, list[Any]]:
    good = isinstance(value, dict) and {"horizon_id", "items"} <= set(value) <= {"horizon_id", "items", "authority_id"}
    if not good or not isinstance(value["horizon_id"], str) or not isinstance(value["items"], list):
        raise Refusal("bad_request", why="{horizon_id, authority_id?, items: [...]}")
    if not isinstance(value.get("authority_id", ""), str) or len(value["items"]) > bodies.MAX_ROWS:
        raise Refusal("bad_request", why=f"items ≤ {bodies.MAX_ROWS}")
    return value["horizon_id"], value.get("authority_id"), value["items"]


@rule_routes.get("", operation_id="list_feedback_rules", response_model=Rules)
def list_rules(services: ServicesOf, caller: RuleReader) -> JSONResponse:
    """List the rules by which the record becomes proposals, each with its source or called an assumption."""
    with services.store.reading() as connection:
        return JSONResponse({"items": rules.list_rules(connection)})


@rule_routes.put(
    "/{rule_id}",
    operation_id="put_feedback_rule",
    response_model=RuleOut,
    responses={200: {"headers": ETAG}, 201: {"model": RuleOut, "headers": ETAG}},
)
def put_rule(
    services: ServicesOf, caller: RuleWriter, rule_id: RuleId, body: RulePut, if_match: IfMatch = None
) -> JSONResponse:
    """Set a rule, new or in the place of the one of its id; what was decided stands."""
    values = body.model_dump()
    version = take_own(values, if_match, rule_id=rule_id)
    with services.store.writing(caller.account_id, request_id()) as work:
        row, new = rules.put_rule(work, rule_id, values, version)
    return JSONResponse(row, status_code=201 if new else 200, headers={"ETag": etag(row["version"])})
