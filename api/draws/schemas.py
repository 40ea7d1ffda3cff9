"""Wire schemas of draws."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field

from api.cases.area import Level
from api.horizons.schemas import Day, HorizonId, Strict
from api.reference.schemas import row_schema
from scheduler.intake.columns import MAX_DURATION_MIN

MAX_ROWS = 20_000
Public = Annotated[str, Field(max_length=500, description="a value that nobody knew when the seed was committed to")]


def _rows(table: str) -> Any:
    """Return the field of some rows of a table, none by default; its intake judges what they hold."""
    return Field(default_factory=list, max_length=MAX_ROWS, json_schema_extra={"items": row_schema(table)})


class CommitIn(Strict):
    """What will be drawn."""

    kind: Literal["officers", "targets"]
    purpose: str = Field(
        min_length=1, max_length=500, pattern=r"^[^=+@\x00-\x1f-][^\x00-\x1f]*$", examples=["马田街道 2026Q4"]
    )
    horizon_id: HorizonId


class OfficersIn(Strict):
    """What officers are drawn for, and what the register of officers does not say of them."""

    schedule_id: str = Field(min_length=1, max_length=64)
    public: Public = ""
    absences: list[dict[str, Any]] = _rows("absences")
    recusals: list[dict[str, Any]] = _rows("recusals")
    past_teams: list[dict[str, Any]] = _rows("past_teams")


class TargetsIn(Strict):
    """Which targets are drawn, and what is planned at them."""

    level: Level = Field(Level.STREET, strict=False)
    area_id: str | None = Field(None, min_length=1, max_length=200, description="none for the city")
    authority_id: str = Field(min_length=1, max_length=200)
    strata: list[dict[str, Any]] = Field(
        min_length=1, max_length=1000, json_schema_extra={"items": row_schema("strata")}
    )
    duration_min: int = Field(ge=1, le=MAX_DURATION_MIN)
    earliest: Day | None = Field(None, description="first date of the horizon without it")
    latest: Day | None = Field(None, description="last date of the horizon without it")
    priority: str | None = Field(None, min_length=1, max_length=100, description="of least weight without it")
    exclude_days: int = Field(0, ge=0, le=3660, description="leaves out whom the authority visits so near to earliest")
    schedule_id: str | None = Field(None, min_length=1, max_length=64, description="whose visits are left out too")
    item_prefix: str | None = Field(
        None,
        min_length=1,
        max_length=60,
        pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$",
        description="begins the ids of the items; the id of the draw without it",
    )
    public: Public = ""


class DrawOut(BaseModel):
    """A draw: committed to, or drawn."""

    draw_id: str
    kind: str
    purpose: str
    horizon_id: str
    state: str = Field(description="committed or drawn")
    commitment: str = Field(description="SHA-256 over purpose and seed (docs/draw.md)")
    seed: str | None = Field(description="null until the draw")
    public: str | None
    committed_at: str
    committed_by: str
    level: str | None
    area_id: str | None
    schedule_id: str | None
    summary: dict[str, Any] | None
    drawn_at: str | None
    drawn_by: str | None


class DrawPage(BaseModel):
    """A page of draws."""

    items: list[DrawOut]
    next_cursor: str | None


class TeamOut(BaseModel):
    """An officer of a crew shift."""

    crew_id: str
    officer_id: str
    authority_id: str
    street_id: str
    date: str
    shift_id: str
    name: str
    certificate_no: str


class TeamPage(BaseModel):
    """A page of officers by crew shift."""

    items: list[TeamOut]
    next_cursor: str | None


class TargetOut(BaseModel):
    """A target, as the item of a plan."""

    item_id: str
    authority_id: str
    enterprise_id: str
    duration_min: int
    earliest: str
    latest: str
    priority: str


class TargetPage(BaseModel):
    """A page of targets."""

    items: list[TargetOut]
    next_cursor: str | None


class TargetsOut(DrawOut):
    """A draw of targets with its items, which are not submitted yet."""

    items: list[TargetOut]


class VerdictOut(BaseModel):
    """Whether drawing again gives what is stored."""

    true: bool
    findings: dict[str, list[str]] = Field(description="what is not so, in Chinese (zh) and English (en)")
