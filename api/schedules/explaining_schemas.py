"""Wire schemas of questions about a schedule and their answers."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, Field

from api.horizons.schemas import Strict


class ExplainIn(Strict):
    """A question that is answered by planning again."""

    question: Literal["item", "serve"] = Field(description="why it is left out, or what it would take to serve it")
    item_id: str = Field(min_length=1, max_length=200)
    iterations: int = Field(4_000, ge=0, le=10_000_000, description="of each search that checks a claim")
    seed: int = Field(1, ge=0, le=2**31 - 1)


class _Answered(BaseModel):
    ok: bool
    sentences: list[str]


class DayOut(_Answered):
    """Why a visit is not on another date."""

    visit_id: str
    date: str
    verdict: str = Field(description="impossible, worse, equal or better")
    shifts: list[dict[str, Any]]


class HourOut(_Answered):
    """What keeps a visit from starting earlier."""

    visit_id: str
    start: str
    chain: list[dict[str, Any]]
    otherwise: dict[str, Any] | None


class CrewsOut(_Answered):
    """Why an authority needs so many crews."""

    street_id: str
    authority_id: str
    date: str
    shift_id: str
    crews: int
    proven: str = Field(description="at which times one crew less is proven impossible: any, same or nothing")
    at_once: int
    on_site_min: int
    travel_min: int
    least_by_minutes: int
    least_at_these_times: int
    least_at_any_times: int
    found_at_any_times: int | None
    visits: list[str]
