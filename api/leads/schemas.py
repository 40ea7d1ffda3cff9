"""Wire schemas of leads."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, Field

from api.horizons.schemas import PLAIN, Day, Ident, Strict

Source = Literal["12345", "referral", "data", "media", "superior"]


class LeadIn(Strict):
    """A lead about an enterprise; a department's own authority is not said."""

    enterprise_id: Ident
    authority_id: Ident | None = None
    item_code: str | None = Field(None, min_length=1, max_length=200, pattern=PLAIN)
    source: Source = Field(description="complaints of an enterprise about its inspectors are no leads")
    reference_no: str | None = Field(None, min_length=1, max_length=100, pattern=PLAIN)
    received: Day
    text: str = Field(min_length=1, max_length=2000, pattern=PLAIN)


class LeadOut(BaseModel):
    """A stored lead."""

    lead_id: str
    enterprise_id: str
    street_id: str
    authority_id: str
    item_code: str | None
    source: Source
    reference_no: str | None
    received: str
    text: str
    state: Literal["open", "closed"]
    closed_reason: str | None
    created_at: str
    created_by: str


class LeadPage(BaseModel):
    """A page of leads."""

    items: list[LeadOut]
    next_cursor: str | None


class ClosureIn(Strict):
    """Why nothing more is to be done about a lead."""

    reason: str = Field(min_length=1, max_length=500, pattern=PLAIN, examples=["与实际不符"])
