"""Routes of reminders and their rules."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from fastapi import Depends, Path, Query, Response
from pydantic import BaseModel, Field, model_validator

from api.access.caller import Caller
from api.alerts import service
from api.deps import LangOf, Needs, ServicesOf, request_id
from api.horizons.schemas import Strict, Version
from api.responses import JSONResponse
from api.web import ETAG, Cursor, IfMatch, etag, leads_to, router, take_own

routes = router("/alerts", "alerts")
rule_routes = router("/alert-rules", "alerts")
Reader = Annotated[Caller, Depends(Needs("alerts", "read"))]
RuleReader = Annotated[Caller, Depends(Needs("alert_rules", "read"))]
RuleWriter = Annotated[Caller, Depends(Needs("alert_rules", "write"))]
Ident = Annotated[str | None, Query(max_length=200)]
RuleId = Annotated[str, Path(max_length=50, pattern=r"^[a-z0-9_]+$", examples=["repeat_60"])]
Triggers = list[Literal["routine", "campaign", "case", "follow_up"]]


class AlertOut(BaseModel):
    """A reminder."""

    rule_id: str
    kind: str
    certain: bool
    enterprise_id: str
    authority_ids: list[str]
    refs: list[str]
    date: str | None
    period: str | None
    sentence: str


class AlertPage(BaseModel):
    """Reminders of a page of enterprises."""

    items: list[AlertOut]
    next_cursor: str | None


class RuleIn(Strict):
    """A rule: ``repeat`` needs days, ``cap_used`` a share, ``crowd`` officers."""

    kind: Literal["repeat", "cap_used", "crowd"]
    days: int | None = Field(None, ge=1, le=3660)
    share: float | None = Field(None, gt=0, le=10)
    officers: int | None = Field(None, ge=1, le=10_000)
    exempt_triggers: Triggers = Field([], max_length=4)
    active: bool = True

    @model_validator(mode="after")
    def _has_its_threshold(self) -> Self:
        needed = {"repeat": "days", "cap_used": "share", "crowd": "officers"}[self.kind]
        if getattr(self, needed) is None:
            raise ValueError(f"a rule of kind {self.kind} needs {needed}")
        return self


class RulePut(RuleIn):
    """A rule, as it was read or anew."""

    rule_id: Annotated[str, Field(max_length=100)] | None = None
    version: Version | None = None


class RuleOut(RuleIn):
    """A stored rule."""

    rule_id: str
    version: int


class Rules(BaseModel):
    """Every rule."""

    items: list[RuleOut]


@routes.get("", operation_id="list_alerts", response_model=AlertPage)
def list_alerts(
    services: ServicesOf,
    caller: Reader,
    lang: LangOf,
    horizon_id: Annotated[str, Query(max_length=100)],
    street_id: Ident = None,
    enterprise_id: Ident = None,
    authority_id: Ident = None,
    limit: Annotated[int, Query(ge=1, le=1000, description="enterprises of a page")] = service.PAGE_OF_ENTERPRISES,
    cursor: Cursor = None,
) -> JSONResponse:
    """List reminders about plans, schedules in force and recorded visits, by enterprise."""
    filters = {"street_id": street_id, "enterprise_id": enterprise_id, "authority_id": authority_id}
    with services.store.reading() as connection:
        return JSONResponse(service.listing(connection, caller, horizon_id, filters, limit, cursor, lang))


@rule_routes.get("", operation_id="list_alert_rules", response_model=Rules)
def list_rules(services: ServicesOf, caller: RuleReader) -> JSONResponse:
    """List the rules of reminders."""
    with services.store.reading() as connection:
        return JSONResponse({"items": service.list_rules(connection)})


@rule_routes.put(
    "/{rule_id}",
    operation_id="put_alert_rule",
    response_model=RuleOut,
    responses={
        200: {"headers": ETAG},
        201: {"model": RuleOut, "headers": ETAG, "links": leads_to(("delete_alert_rule",), rule_id="/rule_id")},
    },
)
def put_rule(
    services: ServicesOf, caller: RuleWriter, rule_id: RuleId, body: RulePut, if_match: IfMatch = None
) -> JSONResponse:
    """Set a rule, new or in the place of the one of its id."""
    values = body.model_dump()
    version = take_own(values, if_match, rule_id=rule_id)
    with services.store.writing(caller.account_id, request_id()) as work:
        row, new = service.put_rule(work, rule_id, values, version)
    return JSONResponse(row, status_code=201 if new else 200, headers={"ETag": etag(row["version"])})


@rule_routes.delete("/{rule_id}", operation_id="delete_alert_rule", status_code=204)
def delete_rule(services: ServicesOf, caller: RuleWriter, rule_id: RuleId) -> Response:
    """Delete a rule."""
    with services.store.writing(caller.account_id, request_id()) as work:
        service.delete_rule(work, rule_id)
    return Response(status_code=204)
