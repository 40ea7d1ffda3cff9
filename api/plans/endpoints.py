"""Routes of plans."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Depends, Path, Query

from api import bodies
from api.access.caller import Caller, Role
from api.access.scope import require_own
from api.alerts.service import alerts_of_items
from api.bodies import Body, read_body
from api.clock import day
from api.deps import LangOf, Needs, ServicesOf, request_id
from api.errors import Refusal, problem_rows
from api.once import Answer, Key, answered_before, carried_out_once
from api.plans import service
from api.plans.advice import advise_on
from api.plans.schemas import PLAN_BODY, AdvicePage, ApprovalIn, MissingOut, PlanOut, PlanPage, Receipt, WithdrawalIn
from api.plans.service import Submission
from api.reference.schemas import page_schema, row_schema, to_wire
from api.responses import JSONResponse
from api.store.pages import Page
from api.store.work import Work
from api.web import DEFAULT_LIMIT, LOCATION, Cursor, Limit, answers, leads_to, listed, router
from scheduler.intake.rows import frame_of_records
from scheduler.texts import Lang

routes = router("/plans", "plans")
item_routes = router("/plan-items", "plans")
Reader = Annotated[Caller, Depends(Needs("plans", "read"))]
Submitter = Annotated[Caller, Depends(Needs("plans", "submit"))]
Approver = Annotated[Caller, Depends(Needs("plans", "approve"))]
Withdrawer = Annotated[Caller, Depends(Needs("plans", "withdraw"))]
Horizon = Annotated[str | None, Query(max_length=100)]
Ident = Annotated[str | None, Query(max_length=200)]
PlanId = Annotated[str, Path(max_length=64)]
_ITEM_OUT = {
    **row_schema("items", out=True),
    "properties": {
        **{k: v for k, v in row_schema("items", out=True)["properties"].items() if k != "version"},
        "plan_id": {"type": "string"},
        "row": {"type": "integer"},
    },
    "required": [],
}
_LINKS = leads_to(
    ("get_plan", "list_items_of_plan", "get_advice", "approve_plan", "withdraw_plan"), plan_id="/plan/plan_id"
)
ADVISED = 1000
"""Items that a submission is told about at once; for more there is ``GET /plans/{id}/advice``."""


@routes.post(
    "",
    operation_id="submit_plan",
    status_code=201,
    response_model=Receipt,
    responses={201: {"headers": LOCATION, "links": _LINKS}},
    openapi_extra={"requestBody": PLAN_BODY},
)
def submit_plan(
    services: ServicesOf,
    caller: Submitter,
    lang: LangOf,
    body: Annotated[Body, Depends(read_body)],
    horizon_id: Horizon = None,
    authority_id: Ident = None,
    code: Annotated[str | None, Query(min_length=1, max_length=50)] = None,
    key: Key = None,
) -> JSONResponse:
    """Submit a plan as JSON, or as CSV or a workbook with the horizon in the address: all of it, or nothing.

    The answer says of every item what is left of the caps, with whom it will be merged, and why it can never be
    served. A new revision supersedes the former of the same code.
    """
    digest = f"{body.digest} {horizon_id} {authority_id} {code}"
    before = answered_before(services, caller, key, digest)
    if before is not None:
        return before
    submission = _submission(caller, body, horizon_id, authority_id, code)
    require_own(caller, "plans", {"authority_id": submission.authority_id})
    with services.computing, services.store.reading() as connection:
        checked = service.judge(connection, submission)
        told: dict[str, Any] = {"advice": [], "alerts": []}
        if not checked.errors:
            told = _told(connection, submission.horizon_id, checked.records()[:ADVISED], lang)

    def store(work: Work) -> Answer:
        plan = service.store(work, caller, submission, checked, services.store.new_id())
        receipt = {"plan": plan, "warnings": problem_rows(checked.problems, lang), **told}
        return Answer(201, f"/plans/{plan['plan_id']}", receipt)

    return carried_out_once(services, caller, key, digest, store)


def _told(connection: Any, horizon_id: str, items: list[Any], lang: Lang) -> dict[str, Any]:
    snapshot, advice = advise_on(connection, horizon_id, items, lang)
    own = frozenset(str(r["item_id"]) for r in items)
    return {"advice": advice, "alerts": alerts_of_items(connection, snapshot, own, horizon_id, lang)}


def _submission(
    caller: Caller, body: Body, horizon_id: str | None, authority_id: str | None, code: str | None
) -> Submission:
    if body.media_type == bodies.JSON:
        value = bodies.json_of(body)
        _require_plan_object(value)
        horizon_id, authority_id = value["horizon_id"], value.get("authority_id", authority_id)
        code = value.get("code", code)
        frame, found = frame_of_records("items", value["items"])
    else:
        frame, found = bodies.table_of(body, "items")
    if horizon_id is None:
        raise Refusal("bad_request", why="horizon_id")
    authority_id = authority_id or caller.authority_id
    if authority_id is None:
        raise Refusal("bad_request", why="authority_id")
    return Submission(
        horizon_id=horizon_id, authority_id=authority_id, code=code or "main", frame=frame, found=tuple(found)
    )


def _require_plan_object(value: Any) -> None:
    fields = {"horizon_id": str, "items": list, "authority_id": str, "code": str}
    good = isinstance(value, dict) and {"horizon_id", "items"} <= set(value) <= set(fields)
    if not good or not all(isinstance(value[k], kind) and value[k] for k, kind in fields.items() if k in value):
        raise Refusal("bad_request", why="{horizon_id, authority_id?, code?, items: [...]}")
    if len(value.get("code", "")) > 50 or len(value["items"]) > bodies.MAX_ROWS:
        raise Refusal("bad_request", why="code ≤ 50, items ≤ 20000")


@routes.get("", operation_id="list_plans", response_model=PlanPage)
def list_plans(
    services: ServicesOf,
    caller: Reader,
    horizon_id: Horizon = None,
    authority_id: Ident = None,
    state: Annotated[str | None, Query(pattern="^(draft|approved|superseded|withdrawn)$")] = None,
    limit: Limit = DEFAULT_LIMIT,
    cursor: Cursor = None,
) -> JSONResponse:
    """List plans, the oldest first."""
    filters = {"horizon_id": horizon_id, "authority_id": authority_id, "state": state}
    with services.store.reading() as connection:
        found = service.listing(connection, caller, filters, limit, cursor)
    return listed(found)


@routes.get("/missing", operation_id="missing_plans", response_model=MissingOut)
def missing_plans(
    services: ServicesOf,
    caller: Reader,
    horizon_id: Annotated[str, Query(max_length=100)],
    street_id: Annotated[str, Query(max_length=200)],
) -> JSONResponse:
    """Say which authorities that serve a street have not submitted, or not approved, before the closing date."""
    if not caller.sees_everything and (caller.role is not Role.STREET_OFFICE or street_id not in caller.street_ids):
        raise Refusal("not_yours")
    with services.store.reading() as connection:
        return JSONResponse(service.missing(connection, horizon_id, street_id, day(services.store.instant())))


@routes.get("/{plan_id}", operation_id="get_plan", response_model=PlanOut)
def get_plan(services: ServicesOf, caller: Reader, plan_id: PlanId) -> JSONResponse:
    """Read a plan."""
    with services.store.reading() as connection:
        return JSONResponse(service.read(connection, caller, plan_id))


@routes.get("/{plan_id}/items", operation_id="list_items_of_plan", responses={200: answers(page_schema(_ITEM_OUT))})
def items_of_plan(
    services: ServicesOf, caller: Reader, plan_id: PlanId, limit: Limit = DEFAULT_LIMIT, cursor: Cursor = None
) -> JSONResponse:
    """List the items of a plan, of any revision."""
    with services.store.reading() as connection:
        service.read(connection, caller, plan_id)
        found = service.items_page(connection, caller, {"plan_id": plan_id}, limit, cursor)
    return _items(found)


@routes.get("/{plan_id}/advice", operation_id="get_advice", response_model=AdvicePage)
def advice_of_plan(
    services: ServicesOf,
    caller: Reader,
    lang: LangOf,
    plan_id: PlanId,
    limit: Limit = DEFAULT_LIMIT,
    cursor: Cursor = None,
) -> JSONResponse:
    """Say of the items of a plan what holds now: caps, merging, what can never be served, reminders."""
    with services.store.reading() as connection:
        plan = service.read(connection, caller, plan_id)
        if plan["state"] not in service.LIVE:
            raise Refusal("wrong_state", what=f"plans/{plan_id}", state=plan["state"])
        found = service.items_page(connection, caller, {"plan_id": plan_id}, limit, cursor)
        told = _told(connection, plan["horizon_id"], found.rows, lang)
    return JSONResponse({"items": told["advice"], "alerts": told["alerts"], "next_cursor": found.next_cursor})


@routes.post("/{plan_id}/approval", operation_id="approve_plan", response_model=PlanOut)
def approve_plan(services: ServicesOf, caller: Approver, plan_id: PlanId, body: ApprovalIn) -> JSONResponse:
    """Approve a draft: from now on its items are planned."""
    with services.store.writing(caller.account_id, request_id()) as work:
        return JSONResponse(service.approve(work, caller, plan_id, body.approval_no))


@routes.post("/{plan_id}/withdrawal", operation_id="withdraw_plan", response_model=PlanOut)
def withdraw_plan(services: ServicesOf, caller: Withdrawer, plan_id: PlanId, body: WithdrawalIn) -> JSONResponse:
    """Withdraw a plan, with the reason; it is kept."""
    with services.store.writing(caller.account_id, request_id()) as work:
        return JSONResponse(service.withdraw(work, caller, plan_id, body.reason))


@item_routes.get("", operation_id="list_items", responses={200: answers(page_schema(_ITEM_OUT))})
def list_items(
    services: ServicesOf,
    caller: Reader,
    horizon_id: Horizon = None,
    authority_id: Ident = None,
    enterprise_id: Ident = None,
    street_id: Ident = None,
    limit: Limit = DEFAULT_LIMIT,
    cursor: Cursor = None,
) -> JSONResponse:
    """List the items of plans in draft or approved."""
    filters = {"horizon_id": horizon_id, "authority_id": authority_id, "enterprise_id": enterprise_id}
    with services.store.reading() as connection:
        found = service.items_page(connection, caller, filters, limit, cursor, street_id=street_id, live=True)
    return _items(found)


def _items(found: Page) -> JSONResponse:
    rows = [{"plan_id": r["plan_id"], "row": r["row"], **to_wire("items", r)} for r in found.rows]
    return listed(Page(rows=rows, next_cursor=found.next_cursor))
