"""Wire schemas of draws."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, Field

from api.cases.area import Level
from api.horizons.schemas import PLAIN, Day, Ident, Strict


class CommitIn(Strict):
    """What a seed is committed to for."""

    kind: Literal["officers", "targets"]
    purpose: str = Field(min_length=1, max_length=200, pattern=PLAIN, examples=["2026Q4 双随机抽取执法人员"])
    horizon_id: Ident
    level: Level = Field(Level.STREET, strict=False)
    area_id: str | None = Field(None, max_length=200, description="street or district; none for the city")


PUBLIC = "a value that nobody could know when the seed was committed to, as a lottery number"


class OfficersIn(Strict):
    """For which published schedule officers are drawn."""

    schedule_id: str = Field(min_length=1, max_length=64)
    public: str = Field("", max_length=200, description=PUBLIC)


class StratumIn(Strict):
    """Enterprises of a class and an industry, and the share of them that is drawn."""

    credit_class: Literal["A", "B", "C", "D", "*"] = "*"
    industry: str = Field("*", min_length=1, max_length=200)
    ratio: float = Field(gt=0, le=1, examples=[0.05])


class TargetsIn(Strict):
    """What targets are drawn for."""

    authority_id: str = Field(min_length=1, max_length=200)
    strata: list[StratumIn] = Field(min_length=1, max_length=200)
    duration_min: int = Field(ge=1, le=1440)
    earliest: Day | None = None
    latest: Day | None = None
    priority: str | None = Field(None, max_length=100, description="the lightest without it")
    exclude_days: int = Field(0, ge=0, le=3660, description="enterprises visited within so many days are not drawn")
    public: str = Field("", max_length=200, description=PUBLIC)


class DrawOut(BaseModel):
    """A draw; its record has the seed, once it is drawn."""

    draw_id: str
    kind: str
    purpose: str
    horizon_id: str
    level: str
    area_id: str
    state: str = Field(description="committed or drawn")
    commitment: str = Field(description="SHA-256 of the purpose and the seed: publish it before the draw")
    schedule_id: str | None
    record: dict[str, Any] | None
    items: list[dict[str, Any]] | None = Field(description="plan items of drawn targets, as a plan submits them")
    committed_at: str
    committed_by: str
    drawn_at: str | None
    drawn_by: str | None


class DrawPage(BaseModel):
    """A page of draws, without their records."""

    items: list[DrawOut]
    next_cursor: str | None


class TeamOut(BaseModel):
    """An officer of a crew shift."""

    draw_id: str
    crew_id: str
    officer_id: str
    authority_id: str
    street_id: str
    date: str
    shift_id: str
    name: str
    certificate_no: str


class TeamPage(BaseModel):
    """A page of officers."""

    items: list[TeamOut]
    next_cursor: str | None


class VerificationOut(BaseModel):
    """Whether drawing again gives the same, and what is not so."""

    true: bool
    findings: list[str]
