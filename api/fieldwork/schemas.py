"""Wire schemas of scans, results and the record."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field

from api.access.schemas import Instant
from api.codes.schemas import Token
from api.horizons.schemas import Day, Strict
from scheduler.domain.fieldwork.kinds import EntryPath, EntryState, EventKind, ItemResult, LeniencyList, ScanStatus
from scheduler.domain.plans import Trigger

EventId = Annotated[
    str,
    Field(
        min_length=8,
        max_length=64,
        pattern=r"^[A-Za-z0-9._-]+$",
        description="drawn by the sender: the same event sent twice is stored once",
        examples=["7f1c0e9a-3b1d-4c57-9f2e-1d2c3b4a5f60"],
    ),
]
Id = Annotated[str, Field(min_length=1, max_length=200)]
Ids = Annotated[list[Id], Field(max_length=100)]
Words = Annotated[str, Field(min_length=1, max_length=1000, pattern=r"\S")]
Number = Annotated[str, Field(min_length=1, max_length=200, pattern=r"\S", examples=["深环批〔2026〕12号"])]


class Told(Strict):
    """What every event says: its id, and when it happened by the sender's clock."""

    event_id: EventId
    happened_at: Instant | None = Field(None, description="now when absent; our clock counts, a difference is noted")


class ScanIn(Told):
    """The code at the door was scanned: officers ask to enter.

    Off plan and in an emergency the items are named by their codes.
    """

    token: Token
    path: Annotated[EntryPath, Field(strict=False)] = EntryPath.PLANNED
    visit_id: Id | None = None
    officer_ids: Ids = Field([], description="officers on site; the caller is one of them")
    items: Ids = Field([], description="items of the visit, all of the authority's when empty; codes off plan")
    entered_at: Instant | None = Field(None, description="of officers who are inside already and have not left")
    reason: Words | None = None
    approval_no: Number | None = None
    trigger: Annotated[Trigger, Field(strict=False)] = Trigger.CASE


class BackfillIn(Told):
    """An entry that could not be scanned (no network), told afterwards with the reason."""

    enterprise_id: Id
    path: Annotated[EntryPath, Field(strict=False)] = EntryPath.PLANNED
    visit_id: Id | None = None
    officer_ids: Ids = Field([])
    items: Ids = Field([])
    entered_at: Instant
    left_at: Instant
    reason: Words
    approval_no: Number | None = None
    trigger: Annotated[Trigger, Field(strict=False)] = Trigger.CASE


class TurnedBackIn(Told):
    """Officers did not get in: nobody was there, or the enterprise refused."""

    enterprise_id: Id
    visit_id: Id | None = None
    officer_ids: Ids = Field([])
    outcome: Literal["no_access", "turned_away"]
    reason: Words


class LeniencyIn(Strict):
    """Which of the four lists was applied, which entry of it, and yuan that were spared."""

    list: Annotated[LeniencyList, Field(strict=False)]
    code: Id | None = None
    yuan: Annotated[int, Field(ge=0, le=10**12)] | None = None


class ResultIn(Strict):
    """The result of one item."""

    item_id: Id
    result: Annotated[ItemResult, Field(strict=False)]
    due: Day | None = Field(None, description="of a rectification")
    case_no: Number | None = None
    leniency: LeniencyIn | None = None
    minutes: Annotated[int, Field(ge=1, le=1440)] | None = None
    note: Words | None = None


class ResultsIn(Told):
    """Results of items of an entry; what is told later of an item takes the place of what was told before."""

    results: Annotated[list[ResultIn], Field(min_length=1, max_length=100)]


class DepartureIn(Told):
    """The officers left."""


class EvidenceIn(Strict):
    """The address of a file that another system keeps."""

    event_id: EventId
    item_id: Id | None = None
    name: Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f]+$")]
    address: Annotated[str, Field(pattern=r"^https://[!-~]+$", max_length=1000)]
    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")] | None = None


class EvidenceOut(BaseModel):
    """A piece of evidence."""

    evidence_id: str
    item_id: str | None
    name: str
    address: str | None
    size: int | None
    sha256: str | None


class StoredEvidenceOut(EvidenceOut):
    """A piece of evidence, with who attached it and when."""

    at: str
    by: str


class EvidenceList(BaseModel):
    """The evidence of an entry."""

    items: list[StoredEvidenceOut]


class PapersIn(Told):
    """The approval of an entry that came before it."""

    approval_no: Number


class FaultOut(BaseModel):
    """What is in the way, and the lawful way."""

    code: str
    why: str
    way: str


class ScanOut(BaseModel):
    """The answer at the door."""

    allowed: bool
    entry_id: str | None
    again: bool = Field(description="the authority was inside already: officers joined its entry")
    enterprise_id: str
    enterprise: str
    scan_status: ScanStatus | None
    items: list[str]
    papers_due: str | None
    faults: list[FaultOut]


class ItemOut(BaseModel):
    """The result of an item."""

    item_id: str
    item_code: str | None
    result: ItemResult
    due: str | None
    case_no: str | None
    leniency_list: LeniencyList | None
    leniency_code: str | None
    leniency_amount: int | None
    minutes: int | None
    note: str | None
    recorded_at: str


class EntryOut(BaseModel):
    """One authority at one door."""

    entry_id: str
    enterprise_id: str
    street_id: str
    authority_id: str
    horizon_id: str | None
    schedule_id: str | None
    visit_id: str | None
    date: str
    path: EntryPath
    scan_status: ScanStatus
    state: EntryState
    entered_at: str
    scanned_at: str | None
    left_at: str | None
    officer_ids: list[str]
    item_ids: list[str]
    trigger: Trigger
    cap_exempt: bool
    approval_no: str | None
    papers_due: str | None
    reason: str | None
    flags: list[dict[str, Any]]


class EntryFull(EntryOut):
    """An entry with the results of its items."""

    results: list[ItemOut]


class EntryPage(BaseModel):
    """A page of entries."""

    items: list[EntryOut]
    next_cursor: str | None


class EventOut(BaseModel):
    """An event on record."""

    number: int
    event_id: str
    kind: EventKind
    received_at: str
    happened_at: str
    date: str
    enterprise_id: str
    street_id: str
    authority_id: str | None
    entry_id: str | None
    horizon_id: str | None
    visit_id: str | None
    data: dict[str, Any]
    by: str


class EventPage(BaseModel):
    """A page of the record."""

    items: list[EventOut]
    next_cursor: str | None


class TaskOut(BaseModel):
    """A visit that the caller's authority has to make."""

    visit_id: str
    enterprise_id: str
    enterprise: str
    street_id: str
    date: str
    start: str
    end: str
    item_ids: list[str]
    authority_ids: list[str]
    officer_ids: list[str] | None = Field(description="drawn for it; null where no lot was drawn")
    state: EntryState | None


class TaskList(BaseModel):
    """Visits of a date in order of time."""

    items: list[TaskOut]
