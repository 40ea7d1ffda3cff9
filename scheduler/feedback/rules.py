"""Rules by which what happened becomes proposals: data, each with its source or called our assumption."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from scheduler.domain.fieldwork.kinds import ItemResult


class RuleKind(StrEnum):
    """What a rule makes proposals of."""

    FOLLOW_UP = "follow_up"  # 整改复查
    RETURN = "return"  # not got round to, nobody there, turned away
    CASE = "case"  # 线索转个案
    LOWER_CLASS = "lower_class"
    RAISE_CLASS = "raise_class"
    PRIORITY = "priority"
    DURATION = "duration"


class LeadSource(StrEnum):
    """Where a lead comes from; complaints of enterprises about inspectors are none and have no value here."""

    HOTLINE = "12345"  # complaints of the public about an enterprise
    REFERRAL = "referral"  # 转办交办
    DATA = "data"  # 数据监测
    MEDIA = "media"
    SUPERIOR = "superior"  # 上级交办


MAX_QUARTERS = 10
"""That may be looked back for a class: results are read for three years."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedbackRule:
    """A rule; which numbers it needs is said by its kind (:data:`NEEDS`).

    Parameters
    ----------
    days : window in natural days: after the due date, until the deadline of a case, or back in time.
    count : findings, quarters or measured entries that are needed, at least 1.
    share : margin by which a measured duration must differ from the estimate, from 0 to 1.
    strength : weight of the estimate, in measured entries.
    minutes : planned for an item of which no estimate is known.
    result : that is counted; with a worse one counted too.
    lead : the source that a case rule is for.
    priority : that the items get.
    basis : document that the rule rests on, or what is assumed.
    assumed : it is our assumption; no document says the number.
    """

    rule_id: str
    kind: RuleKind
    basis: str
    assumed: bool = True
    days: int | None = None
    count: int | None = None
    share: float | None = None
    strength: int | None = None
    minutes: int | None = None
    result: ItemResult | None = None
    lead: LeadSource | None = None
    priority: str | None = None
    active: bool = True

    def __post_init__(self) -> None:
        """Refuse a rule that lacks what its kind needs, or looks back too far.

        Raises
        ------
        ValueError : it does.
        """
        for name in NEEDS[self.kind]:
            if getattr(self, name) is None:
                raise ValueError(f"a rule of kind {self.kind} needs {name}")
        if self.kind is RuleKind.RAISE_CLASS and (self.count or 0) > MAX_QUARTERS:
            raise ValueError(f"a rule of kind {self.kind} counts at most {MAX_QUARTERS} quarters")


NEEDS = {
    RuleKind.FOLLOW_UP: ("days", "minutes", "priority"),
    RuleKind.RETURN: ("minutes",),
    RuleKind.CASE: ("lead", "days", "minutes", "priority"),
    RuleKind.LOWER_CLASS: ("result", "count", "days"),
    RuleKind.RAISE_CLASS: ("result", "count"),
    RuleKind.PRIORITY: ("result", "count", "days", "priority"),
    RuleKind.DURATION: ("count", "share", "strength"),
}
"""Fields that a rule of a kind must have."""

SEVERITY = {
    ItemResult.NOTHING_FOUND: 0,
    ItemResult.ADVICE: 1,
    ItemResult.RECTIFICATION: 2,
    ItemResult.CASE_FILED: 3,
}
"""Results in order; an item that was not done says nothing."""


def at_least(result: ItemResult, threshold: ItemResult) -> bool:
    """Say whether a result is as bad as another, or worse; what was not done is not."""
    return result in SEVERITY and SEVERITY[result] >= SEVERITY[threshold]


_CASE = "国办发〔2024〕54号: leads may exceed caps; the deadline is our assumption [BK]"


def _case(lead: LeadSource, days: int) -> FeedbackRule:
    return FeedbackRule(
        rule_id=f"case_{lead.value}",
        kind=RuleKind.CASE,
        lead=lead,
        days=days,
        minutes=60,
        priority="high",
        basis=_CASE,
    )


DEFAULT_RULES: tuple[FeedbackRule, ...] = (
    _case(LeadSource.HOTLINE, 15),
    _case(LeadSource.DATA, 30),
    _case(LeadSource.MEDIA, 10),
    _case(LeadSource.REFERRAL, 20),
    _case(LeadSource.SUPERIOR, 10),
    FeedbackRule(
        rule_id="duration",
        kind=RuleKind.DURATION,
        count=8,
        share=0.1,
        strength=5,
        basis="durations are assumptions (DOMAIN 4.6); measured ones correct them [calc]",
    ),
    FeedbackRule(
        rule_id="follow_up",
        kind=RuleKind.FOLLOW_UP,
        days=10,
        minutes=30,
        priority="high",
        basis="整改复查 is exempt from caps in local lists (S25, S26); the days are our assumption [BK]",
    ),
    FeedbackRule(
        rule_id="lower_class",
        kind=RuleKind.LOWER_CLASS,
        result=ItemResult.CASE_FILED,
        count=2,
        days=365,
        basis="A/B/C/D classes drive frequency (S39); two cases filed in a year is our assumption [BK]",
    ),
    FeedbackRule(
        rule_id="priority",
        kind=RuleKind.PRIORITY,
        result=ItemResult.CASE_FILED,
        count=1,
        days=365,
        priority="high",
        basis="risk decides who is inspected first (S39); one case filed in a year is our assumption [BK]",
    ),
    FeedbackRule(
        rule_id="raise_class",
        kind=RuleKind.RAISE_CLASS,
        result=ItemResult.RECTIFICATION,
        count=4,
        basis="A/B/C/D classes drive frequency (S39); four quarters with nothing found is our assumption [BK]",
    ),
    FeedbackRule(
        rule_id="return",
        kind=RuleKind.RETURN,
        minutes=30,
        basis="an approved item that was not served is still approved business; proposing it again is ours [BK]",
    ),
)
"""Rules until somebody changes them, by id."""


def first_of(rules: tuple[FeedbackRule, ...], kind: RuleKind, lead: LeadSource | None = None) -> FeedbackRule | None:
    """Return the active rule of a kind (and of a lead's source), the first by id; ``None`` when there is none."""
    found = [r for r in rules if r.kind is kind and r.active and (lead is None or r.lead is lead)]
    return min(found, key=lambda r: r.rule_id, default=None)
