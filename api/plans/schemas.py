"""Wire schemas of plans."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, Field

from api.bodies import CSV, JSON, XLSX
from api.horizons.schemas import Strict
from api.reference.schemas import example_of, row_schema


class PlanOut(BaseModel):
    """A plan: one revision of what an authority submitted."""

    plan_id: str
    horizon_id: str
    authority_id: str
    code: str
    revision: int
    state: str = Field(examples=["draft"], description="draft, approved, superseded or withdrawn")
    num_items: int
    digest: str = Field(description="SHA-256 of the items: the receipt")
    submitted_at: str
    submitted_by: str
    approval_no: str | None
    approved_at: str | None
    approved_by: str | None
    ended_at: str | None
    ended_reason: str | None


class PlanPage(BaseModel):
    """A page of plans."""

    items: list[PlanOut]
    next_cursor: str | None


class CapOut(BaseModel):
    """What is left of a frequency cap."""

    scope: str
    authority_id: str | None
    period: str
    max: int
    used: int
    left: int


class PartnerOut(BaseModel):
    """Items of another authority at the same enterprise."""

    authority_id: str
    item_ids: list[str]


class AdviceOut(BaseModel):
    """What a department is told about an item."""

    item_id: str
    servable: bool
    reasons: list[str]
    caps: list[CapOut]
    merges_with: list[PartnerOut]
    kept_apart: list[PartnerOut]
    sentences: list[str]


class Receipt(BaseModel):
    """The answer to a submission."""

    plan: PlanOut
    warnings: list[dict[str, Any]]
    advice: list[AdviceOut]
    alerts: list[dict[str, Any]]


class AdvicePage(BaseModel):
    """Advice on the items of a plan."""

    items: list[AdviceOut]
    alerts: list[dict[str, Any]]
    next_cursor: str | None


class ApprovalIn(Strict):
    """Who approves is the caller; the number is the authority's own."""

    approval_no: str = Field(
        min_length=1, max_length=100, pattern=r"^[^=+@\x00-\x1f-][^\x00-\x1f]*$", examples=["深市监批〔2026〕12号"]
    )


class WithdrawalIn(Strict):
    """Why a plan is withdrawn."""

    reason: str = Field(min_length=1, max_length=500, pattern=r"^[^=+@\x00-\x1f-][^\x00-\x1f]*$", examples=["重复上报"])


class MissingAuthority(BaseModel):
    """An authority that serves a street, and what it has submitted."""

    authority_id: str
    name: str
    submitted: bool
    items_draft: int
    items_approved: int


class MissingOut(BaseModel):
    """What a street office waits for."""

    horizon_id: str
    street_id: str
    closing_date: str
    open: bool
    authorities: list[MissingAuthority]
    missing: list[str]
    unapproved: list[str]


ITEM = row_schema("items")
ITEM["required"] = [name for name in ITEM["required"] if name != "authority_id"]
PLAN_BODY: dict[str, Any] = {
    "required": True,
    "content": {
        JSON: {
            "schema": {
                "type": "object",
                "additionalProperties": False,
                "required": ["horizon_id", "items"],
                "properties": {
                    "horizon_id": {"type": "string", "minLength": 1},
                    "authority_id": {"type": "string", "minLength": 1},
                    "code": {"type": "string", "minLength": 1, "maxLength": 50},
                    "items": {"type": "array", "minItems": 1, "maxItems": 20000, "items": ITEM},
                },
                "example": {"horizon_id": "2026Q4", "items": [example_of("items")]},
            }
        },
        CSV: {"schema": {"type": "string"}},
        XLSX: {"schema": {"type": "string", "format": "binary"}},
    },
}
