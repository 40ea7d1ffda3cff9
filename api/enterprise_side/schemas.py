"""Wire schemas of the enterprise side."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, Field

from api.enterprise_side.contents import ContentKind
from api.horizons.schemas import Day, Ident, ShiftId, Strict, Version
from scheduler.domain.fieldwork.kinds import ComplaintKind

PROSE = r"^[^\x00-\x08\x0b-\x1f]*$"
Score = Annotated[int, Field(ge=1, le=5)]
ComplaintText = Annotated[str, Field(min_length=1, max_length=2000, pattern=PROSE)]


class Named(BaseModel):
    """An authority by name."""

    authority_id: str
    name: str


class ItemOut(BaseModel):
    """An announced item."""

    item_id: str
    authority_id: str
    item_code: str | None
    legal_basis: str | None


class SlotIn(Strict):
    """A date and shift that an enterprise would rather have."""

    date: Day
    shift_id: ShiftId


class SlotOut(BaseModel):
    """A date and shift."""

    date: str
    shift_id: str


class SlotList(BaseModel):
    """Slots that may be wished for."""

    items: list[SlotOut]


class ComingOut(BaseModel):
    """An announced visit that is coming; `chosen` is what the enterprise wished for."""

    visit_id: str
    horizon_id: str
    date: str
    shift_id: str
    start: str
    end: str
    authorities: list[Named]
    items: list[ItemOut]
    chosen: SlotOut | None


class ComingList(BaseModel):
    """The announced visits that are coming."""

    items: list[ComingOut]


class ResultOut(BaseModel):
    """What came of an item."""

    item_id: str
    item_code: str | None
    result: str
    due: str | None
    case_no: str | None
    leniency_list: str | None
    note: str | None


class EntryOut(BaseModel):
    """An authority at the door."""

    entry_id: str
    authority_id: str
    authority: str
    scan_status: str
    entered_at: str
    left_at: str | None
    items: list[ResultOut]


class DoorOut(BaseModel):
    """Authorities that were at the door together; `rated` once the enterprise has rated it."""

    door: str
    date: str
    street_id: str
    rated: bool
    entries: list[EntryOut]


class DoorList(BaseModel):
    """The doors of an enterprise that are closed."""

    items: list[DoorOut]


class ComplaintIn(Strict):
    """A complaint."""

    kind: ComplaintKind = Field(strict=False)
    text: ComplaintText
    authority_id: Annotated[str, Field(min_length=1, max_length=200)] | None = None
    street_id: Annotated[str, Field(min_length=1, max_length=200)] | None = None


class ReceiptOut(BaseModel):
    """The receipt of a complaint, shown once."""

    receipt: str


class AnswerIn(Strict):
    """An answer to a complaint."""

    answer: ComplaintText
    closes: bool = False


class ComplaintOut(BaseModel):
    """A complaint as supervisors see it; an anonymous one has no enterprise."""

    complaint_id: str
    enterprise_id: str | None
    kind: str
    authority_id: str | None
    street_id: str | None
    text: str
    date: str
    state: str
    answer: str | None
    version: int


class ComplaintPage(BaseModel):
    """A page of complaints."""

    items: list[ComplaintOut]
    next_cursor: str | None


class Scores(Strict):
    """From 1 (bad) to 5 (good): identity shown, code scanned, conduct, time taken."""

    identity: Score
    code: Score
    conduct: Score
    time: Score


class RatingIn(Strict):
    """A rating of a door."""

    door: Ident
    scores: Scores
    comment: Annotated[str, Field(max_length=500, pattern=PROSE)] | None = None


class RatingOut(BaseModel):
    """A rating; nobody knows whose."""

    rating_id: str
    month: str
    street_id: str
    authority_ids: str
    scores: dict[str, int]
    comment: str | None


class RatingPage(BaseModel):
    """A page of ratings."""

    items: list[RatingOut]
    next_cursor: str | None


class SummaryOut(BaseModel):
    """Mean scores of an authority or a street in a quarter."""

    by: str
    id: str
    ratings: int
    means: dict[str, float]


class SummaryList(BaseModel):
    """Mean scores of a quarter that has ended."""

    items: list[SummaryOut]


Title = Annotated[str, Field(min_length=1, max_length=200, pattern=PROSE)]
Body = Annotated[str, Field(min_length=1, max_length=20_000, pattern=PROSE)]


class ContentIn(Strict):
    """A content in both languages; blank lines part paragraphs, lines that begin with ``- `` are a list."""

    kind: ContentKind = Field(strict=False)
    industry: Annotated[str, Field(min_length=1, max_length=100)] | None = None
    title_zh: Title
    title_en: Title
    body_zh: Body
    body_en: Body
    published_from: Day
    published_until: Day | None = None


class ContentPut(ContentIn):
    """A further version of a content."""

    version: Version | None = None


class ContentOut(BaseModel):
    """A content as it is kept."""

    content_id: str
    version: int
    kind: str
    industry: str | None
    title_zh: str
    title_en: str
    body_zh: str
    body_en: str
    published_from: str
    published_until: str | None
    written_at: str
    written_by: str


class ContentPage(BaseModel):
    """A page of contents."""

    items: list[ContentOut]
    next_cursor: str | None


class OwnContent(BaseModel):
    """A content as enterprises read it."""

    content_id: str
    kind: str
    title_zh: str
    title_en: str
    body_zh: str
    body_en: str
    published_from: str


class OwnContentList(BaseModel):
    """What is published for an enterprise."""

    items: list[OwnContent]
