"""Wire schemas of warnings and their rules."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field

from api.horizons.schemas import Strict, Version

Text2000 = Annotated[str, Field(min_length=1, max_length=2000)]
Date = Annotated[str, Field(pattern=r"^\d{4}-\d{2}-\d{2}$")]
Kind = Literal[
    "repeat", "repeat_district", "cap", "crowd", "unscanned", "backfill_due", "backfill_overdue", "off_plan",
    "unpublished", "complaints",
]  # fmt: skip
State = Literal[
    "open", "acknowledged", "explained", "resolved", "upheld", "correction", "talk", "report", "closed"
]  # fmt: skip
Severity = Literal["notice", "warning", "grave"]


class EvidenceOut(BaseModel):
    """What a warning stands on."""

    kind: str
    id: str


class ResolvedOut(EvidenceOut):
    """What a warning stands on, with its row of the record where the caller sees it."""

    record: dict[str, Any] | None


class WarningOut(BaseModel):
    """A warning."""

    warning_id: str
    rule_id: str
    kind: str
    severity: str
    state: str
    verdict: str | None
    date: str
    enterprise_id: str | None
    street_id: str | None
    district_id: str | None
    authority_ids: list[str]
    subject: str
    occasion: str
    facts: dict[str, str]
    evidence: list[EvidenceOut]
    sentence: str
    raised_at: str
    changed_at: str
    version: int


class WarningPage(BaseModel):
    """A page of warnings."""

    items: list[WarningOut]
    next_cursor: str | None


class StepOut(BaseModel):
    """What was done with a warning."""

    number: int
    warning_id: str
    at: str
    by: str
    action: str
    state: str
    text: str | None
    due: str | None
    reason: str | None


class SuggestionOut(BaseModel):
    """The step that the ladder suggests; a person decides."""

    step: str
    because_of: list[str]


class FullWarningOut(WarningOut):
    """A warning with all that was done with it, and its evidence led back to the record."""

    steps: list[StepOut]
    resolved: list[ResolvedOut]
    suggestion: SuggestionOut | None


class ExplanationIn(Strict):
    """Why it came to what is warned of."""

    text: Text2000


class StepIn(Strict):
    """A step: a correction has a date until which it is due; a rung passed over or gone back to has its reason."""

    action: Literal["acknowledge", "uphold", "correction", "talk", "report", "close"]
    text: Text2000
    due: Date | None = None
    reason: Text2000 | None = None


class SweepIn(Strict):
    """What to look at: what is new since the last time, or everything again."""

    full: bool = False


class SweptOut(BaseModel):
    """How much was looked at."""

    days: int
    enterprises: int
    authorities: int
    plans: int


class RuleIn(Strict):
    """A rule; what its kind needs of the thresholds says docs/warnings.md."""

    kind: Kind
    severity: Severity = "warning"
    days: int | None = Field(None, ge=1, le=366)
    count: int | None = Field(None, ge=1, le=100_000)
    share: float | None = Field(None, gt=0, le=10)
    officers: int | None = Field(None, ge=1, le=10_000)
    chance: float | None = Field(None, gt=0, le=1)
    scope: Literal["authority", "street"] | None = None
    exempt_triggers: list[Literal["routine", "campaign", "case", "follow_up"]] = Field([], max_length=4)
    since: Date | None = None
    active: bool = True


class RulePut(RuleIn):
    """A rule, as it was read or anew."""

    rule_id: Annotated[str, Field(max_length=100)] | None = None
    version: Version | None = None


class RuleOut(RuleIn):
    """A rule; one that nobody has set is of version 0."""

    rule_id: str
    version: int


class Rules(BaseModel):
    """Every rule."""

    items: list[RuleOut]
