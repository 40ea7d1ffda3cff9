"""Wire schemas of proposals and the rules of feedback."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field

from api.bodies import CSV, JSON, MAX_ROWS, XLSX
from api.horizons.schemas import PLAIN, Ident, Strict, Version
from api.plans.schemas import ITEM, PlanOut
from api.reference.schemas import row_schema

Kind = Literal["follow_up", "return", "case", "priority", "duration", "risk"]
State = Literal["open", "taken", "dismissed", "lapsed"]


class ProposalOut(BaseModel):
    """A proposal with its evidence, and what was decided on it."""

    proposal_id: str
    kind: Kind
    authority_id: str | None = Field(description="null for a class, which is no authority's own")
    enterprise_id: str | None
    item_code: str | None
    rule_id: str
    old: str | int | None = Field(description="present class or minutes")
    new: str | int | None = Field(description="class, minutes or priority that is proposed")
    item: dict[str, Any] | None = Field(description="item for the plan, of follow_up, return and case")
    evidence: dict[str, Any]
    sentence: str
    state: State = Field(description="lapsed: decided on, and no proposal any more")
    reason: str | None
    decided_at: str | None
    decided_by: str | None
    plan_id: str | None = Field(description="live plan of the horizon that holds its item")
    plan_outdated: bool = Field(description="that plan holds what has lapsed or rests on other facts since")


class ProposalPage(BaseModel):
    """A page of proposals."""

    items: list[ProposalOut]
    next_cursor: str | None


class DecisionIn(Strict):
    """What somebody decides; to dismiss needs a reason."""

    horizon_id: Ident
    decision: Literal["take", "dismiss"]
    reason: str | None = Field(None, min_length=1, max_length=500, pattern=PLAIN, examples=["已书面核查"])


class DecisionOut(BaseModel):
    """A decision on record."""

    proposal_id: str
    horizon_id: str
    decision: str
    reason: str | None
    decided_at: str
    decided_by: str


class PlanIn(Strict):
    """For which horizon and authority a plan is made; a department's own is not said."""

    horizon_id: Ident
    authority_id: Ident | None = None


class MadeOut(BaseModel):
    """The draft plan, and whether it is a new revision or stood already."""

    plan: PlanOut
    new: bool


APPLY_BODY: dict[str, Any] = {
    "required": True,
    "content": {
        JSON: {
            "schema": {
                "type": "object",
                "additionalProperties": False,
                "required": ["horizon_id", "items"],
                "properties": {
                    "horizon_id": {"type": "string", "minLength": 1, "maxLength": 100},
                    "authority_id": {"type": "string", "minLength": 1, "maxLength": 200},
                    "items": {"type": "array", "minItems": 1, "maxItems": MAX_ROWS, "items": ITEM},
                },
            }
        },
        CSV: {"schema": {"type": "string"}},
        XLSX: {"schema": {"type": "string", "format": "binary"}},
    },
}
"""OpenAPI of a table of items; as a file its horizon and authority are in the address."""


def applied_schema() -> dict[str, Any]:
    """Return the JSON schema of a corrected table and its changes."""
    row = row_schema("items", out=True)
    row["properties"].pop("version")
    row["required"] = list(row["properties"])
    text, value = {"type": "string"}, {"anyOf": [{"type": "string"}, {"type": "integer"}]}
    change = {"item_id": text, "column": text, "old": value, "new": value, "proposal_id": text}
    changes = {"type": "object", "properties": change, "required": list(change), "additionalProperties": False}
    return {
        "type": "object",
        "properties": {"items": {"type": "array", "items": row}, "changes": {"type": "array", "items": changes}},
        "required": ["items", "changes"],
        "additionalProperties": False,
    }


class RuleIn(Strict):
    """A rule; what its kind needs must be there."""

    kind: Literal["follow_up", "return", "case", "lower_class", "raise_class", "priority", "duration"]
    basis: str = Field(
        min_length=1, max_length=500, pattern=PLAIN, description="document it rests on, or what is assumed"
    )
    assumed: bool = Field(True, description="our assumption: no document says the number")
    days: int | None = Field(None, ge=1, le=750)
    count: int | None = Field(None, ge=1, le=1000)
    share: float | None = Field(None, ge=0, le=1)
    strength: int | None = Field(None, ge=0, le=10_000)
    minutes: int | None = Field(None, ge=1, le=1440)
    result: Literal["nothing_found", "advice", "rectification", "case_filed"] | None = None
    lead: Literal["12345", "referral", "data", "media", "superior"] | None = None
    priority: str | None = Field(None, min_length=1, max_length=50, pattern=PLAIN)
    active: bool = True


class RulePut(RuleIn):
    """A rule, as it was read or anew."""

    rule_id: Annotated[str, Field(max_length=100)] | None = None
    version: Version | None = None


class RuleOut(RuleIn):
    """A rule in force."""

    rule_id: str
    version: int


class Rules(BaseModel):
    """Every rule."""

    items: list[RuleOut]
