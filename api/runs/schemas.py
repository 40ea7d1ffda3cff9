"""Wire schemas of runs."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, Field

from api.cases.area import Level
from api.horizons.schemas import Day, Ident, Strict


class LimitsIn(Strict):
    """When the search stops; without seconds and with iterations a run repeats bit for bit."""

    time_s: float | None = Field(None, gt=0, le=86_400, examples=[60])
    iterations: int | None = Field(None, ge=0, le=10_000_000_000)
    seed: int = Field(1, ge=0, le=2**31 - 1)


class RunIn(Strict):
    """What to plan."""

    horizon_id: Ident
    level: Level = Field(Level.STREET, strict=False)
    area_id: str | None = Field(None, max_length=200, description="street or district; none for the city")
    limits: LimitsIn = LimitsIn()
    with_before: bool = Field(False, description="also work out today's practice, every department alone")


class ReplanIn(Strict):
    """What to plan anew from a date on."""

    horizon_id: Ident
    level: Level = Field(Level.STREET, strict=False)
    area_id: str | None = Field(None, max_length=200, description="street or district; none for the city")
    from_date: Day | None = Field(None, description="first date that is planned, today without it; before it is past")
    freeze_days: int = Field(1, ge=0, le=366, description="inspection dates on which published visits stay")
    notice_days: int = Field(0, ge=0, le=366, description="inspection dates without new announced visits")
    limits: LimitsIn = LimitsIn()


class RunOut(BaseModel):
    """A run."""

    run_id: str
    kind: str
    state: str = Field(description="queued, running, succeeded, failed or cancelled")
    stopping: bool
    horizon_id: str | None
    level: str | None
    area_id: str | None
    request: dict[str, Any]
    progress: dict[str, Any] | None = Field(
        description="stage, seconds, iterations, best terms and proven bounds so far"
    )
    result: dict[str, Any] | None
    problem: dict[str, Any] | None = Field(description="why it failed, in zh and en")
    schedule_id: str | None
    attempts: int
    requested_by: str
    created_at: str
    started_at: str | None
    ended_at: str | None


class RunPage(BaseModel):
    """A page of runs."""

    items: list[RunOut]
    next_cursor: str | None
