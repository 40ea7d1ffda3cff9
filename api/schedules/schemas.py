"""Wire schemas of schedules."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, Field


class ScheduleOut(BaseModel):
    """A schedule; what it consists of has routes of its own."""

    schedule_id: str
    horizon_id: str
    level: str
    area_id: str
    origin: str = Field(description="run, upload, move, replan or urgent")
    from_date: str | None = Field(description="first date of its case, where that is later than its horizon's")
    run_id: str | None
    state: str = Field(description="draft, published or superseded")
    version: int = Field(description="0 until it is published")
    case_digest: str
    parents: dict[str, int] = Field(description="version in force by street when it was made")
    summary: dict[str, Any]
    num_violations: int
    created_at: str
    created_by: str
    published_at: str | None
    published_by: str | None


class PublishedOut(ScheduleOut):
    """A schedule that was just published."""

    supersedes: list[str]


class SchedulePage(BaseModel):
    """A page of schedules."""

    items: list[ScheduleOut]
    next_cursor: str | None


class VisitOut(BaseModel):
    """A joint visit."""

    visit_id: str
    enterprise_id: str
    street_id: str
    date: str
    shift_id: str
    start: str
    end: str
    authority_ids: list[str]
    item_ids: list[str]


class VisitPage(BaseModel):
    """A page of visits."""

    items: list[VisitOut]
    next_cursor: str | None


class StopOut(BaseModel):
    """A crew's part at a visit."""

    visit_id: str
    arrive: str
    start: str
    leave: str


class CrewShiftOut(BaseModel):
    """A crew's work in one street shift."""

    crew_id: str
    authority_id: str
    street_id: str
    date: str
    shift_id: str
    depart: str
    back: str
    travel_min: int
    stops: list[StopOut]


class CrewShiftPage(BaseModel):
    """A page of crew shifts."""

    items: list[CrewShiftOut]
    next_cursor: str | None


class UnservedOut(BaseModel):
    """An item left out, and why."""

    item_id: str
    authority_id: str
    enterprise_id: str
    street_id: str
    reasons: list[str]
    explanation_zh: str
    explanation_en: str
    facts: dict[str, Any]


class UnservedPage(BaseModel):
    """A page of items left out."""

    items: list[UnservedOut]
    next_cursor: str | None


class ChangeOut(BaseModel):
    """What a re-plan changes of one published visit."""

    number: int
    kind: str = Field(description="added, dropped, moved, regrouped or retimed")
    cause: str
    enterprise_id: str
    street_id: str
    old: dict[str, Any] | None = Field(description="the visit as it was published")
    new: dict[str, Any] | None = Field(description="the visit as it would be")
    sentence: str


class ChangePage(BaseModel):
    """A page of changes."""

    items: list[ChangeOut]
    next_cursor: str | None


class ViolationOut(BaseModel):
    """A broken rule."""

    code: str
    sentence: str
    ids: list[str]


class Judgement(BaseModel):
    """What the checker says of a schedule."""

    ok: bool
    num_violations: int
    violations: list[ViolationOut]
    terms: dict[str, int]


class UploadJudgement(Judgement):
    """The same of a schedule that was brought, with the id of its draft."""

    schedule_id: str


class Comparison(BaseModel):
    """What differs in the newer of two schedules."""

    a: dict[str, Any]
    b: dict[str, Any]
    counts: dict[str, int]
    newly_served: list[str]
    no_longer_served: list[str]
    crew_shifts: dict[str, int]
    enterprises: list[dict[str, Any]]


class PublicationOut(BaseModel):
    """A version that was published for a street."""

    horizon_id: str
    street_id: str
    version: int
    schedule_id: str
    at: str
    by: str


class PublicationPage(BaseModel):
    """A page of versions."""

    items: list[PublicationOut]
    next_cursor: str | None
