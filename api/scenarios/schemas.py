"""Wire schemas of what-if studies; scenarios themselves are those of ``scenarios``, as in their files."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, Field

from api.cases.area import Level
from api.horizons.schemas import Ident, Strict
from scenarios.limits import StudyLimits
from scenarios.questions.asked import Question
from scenarios.study_file import StudyFile

AreaId = Annotated[str | None, Field(max_length=200, description="street or district; none for the city")]


class StudyIn(StudyFile):
    """What is compared, and on what: the approved items and the crews of an area as they are now."""

    horizon_id: Ident
    level: Level = Level.STREET
    area_id: AreaId = None
    limits: StudyLimits = StudyLimits()


class QuestionIn(Strict):
    """A question about an area."""

    horizon_id: Ident
    level: Level = Field(Level.STREET, strict=False)
    area_id: AreaId = None
    ask: Question


class StudyHead(BaseModel):
    """A study without its table."""

    study_id: str
    horizon_id: str
    level: str
    area_id: str
    run_id: str
    case_digest: str
    scenarios: list[str]
    created_at: str
    created_by: str


class StudyOut(StudyHead):
    """A study: the comparison, metric by scenario, and every scenario in its stored form."""

    request: dict[str, Any]
    comparison: dict[str, Any]
    stored: list[dict[str, Any]]


class StudyPage(BaseModel):
    """A page of studies."""

    items: list[StudyHead]
    next_cursor: str | None


class ReadyOut(BaseModel):
    """A ready scenario of the library, or a family of them."""

    name: str
    about_zh: str
    about_en: str


class ReadyPage(BaseModel):
    """The library."""

    items: list[ReadyOut]
