"""Items for the next plan: follow-ups of rectifications, items that were left, cases out of leads."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from scheduler.domain.fieldwork.kinds import ItemResult
from scheduler.domain.plans import PlanItem, Trigger
from scheduler.feedback.facts import Finding, Lead, LeftItem, Span, last_told
from scheduler.feedback.proposal import Proposal, ProposalKind, cause_id, iso
from scheduler.feedback.rules import FeedbackRule, RuleKind, first_of
from scheduler.texts import Text

_FOLLOW_UP = Text(
    "{day} 检查发现问题，责令 {due} 前整改：建议 {earliest} 至 {latest} 安排整改复查（不计频次）。",
    "On {day} a rectification until {due} was ordered: a follow-up from {earliest} to {latest}, outside the caps.",
)
_RETURN = Text(
    "事项 {item}（{horizon}）{day} {why}：建议列入本计划期。",
    "Item {item} of {horizon}: {why} on {day}; proposed again for this horizon.",
)
_WHY = {
    "not_done": Text("未能查完", "not got round to"),
    "no_access": Text("无人应门", "nobody there"),
    "turned_away": Text("未能入企", "not let in"),
    "unserved": Text("未能排入", "found no place in the schedule"),
}
_CASE = Text(
    "{received} 收到线索（{source} {reference}）：建议 {latest} 前安排个案检查（不计频次）。",
    "A lead of {received} ({source} {reference}): a case inspection until {latest}, outside the caps.",
)


def window(earliest: int, latest: int, span: Span) -> tuple[int, int] | None:
    """Return dates within a span; what is overdue keeps its length from the first day on; ``None`` if it is later."""
    if earliest > span.end:
        return None
    length = latest - earliest
    first = max(earliest, span.start)
    return first, min(max(latest, first + (length if latest < span.start else 0)), span.end)


def follow_ups(findings: Iterable[Finding], rules: tuple[FeedbackRule, ...], span: Span) -> Iterator[Proposal]:
    """Yield one proposal for every rectification with a due date, as last told.

    A corrected due date moves it; a result that is no rectification any more withdraws it.
    """
    rule = first_of(rules, RuleKind.FOLLOW_UP)
    if rule is None:
        return
    assert rule.days is not None
    assert rule.minutes is not None
    assert rule.priority is not None
    for f in last_told(findings):
        if f.result is not ItemResult.RECTIFICATION or f.due is None:
            continue
        dates = window(f.due, f.due + rule.days, span)
        if dates is None:
            continue
        item_id = cause_id(ProposalKind.FOLLOW_UP, f.entry_id, f.item_id)
        item = PlanItem(
            item_id=item_id,
            authority_id=f.authority_id,
            enterprise_id=f.enterprise_id,
            duration_min=f.planned_min or rule.minutes,
            earliest=dates[0],
            latest=dates[1],
            priority=rule.priority,
            trigger=Trigger.FOLLOW_UP,
            cap_exempt=True,
            item_code=f.item_code,
            legal_basis=f.legal_basis,
        )
        facts = {"day": iso(f.day), "due": iso(f.due), "earliest": iso(dates[0]), "latest": iso(dates[1])}
        evidence = {"entry_id": f.entry_id, "item_id": f.item_id, "day": iso(f.day), "due": iso(f.due)}
        yield _proposal(item, ProposalKind.FOLLOW_UP, rule, _FOLLOW_UP.filled(**facts), evidence)


def returns(left: Iterable[LeftItem], rules: tuple[FeedbackRule, ...], span: Span) -> Iterator[Proposal]:
    """Yield a proposal for every item of another horizon that was left; the horizon's own come back by re-planning."""
    rule = first_of(rules, RuleKind.RETURN)
    if rule is None:
        return
    assert rule.minutes is not None
    last: dict[tuple[str, str], LeftItem] = {}
    for one in sorted(left, key=lambda x: (x.day, x.why)):
        last[one.horizon_id, one.item_id] = one
    for key in sorted(last):
        x = last[key]
        if x.horizon_id == span.horizon_id or x.day > span.end:
            continue
        item = PlanItem(
            item_id=cause_id(ProposalKind.RETURN, x.horizon_id, x.item_id),
            authority_id=x.authority_id,
            enterprise_id=x.enterprise_id,
            duration_min=x.duration_min or rule.minutes,
            earliest=max(span.start, x.day + 1),
            latest=span.end,
            priority=x.priority,
            trigger=x.trigger,
            crews=x.crews,
            cap_exempt=x.cap_exempt,
            notice=x.notice,
            item_code=x.item_code,
            legal_basis=x.legal_basis,
        )
        if item.earliest > item.latest:
            continue
        sentence = _RETURN.filled(item=x.item_id, horizon=x.horizon_id, day=iso(x.day), why=_WHY[x.why])
        evidence = {"horizon_id": x.horizon_id, "item_id": x.item_id, "day": iso(x.day), "why": x.why}
        yield _proposal(item, ProposalKind.RETURN, rule, sentence, evidence)


def cases(leads: Iterable[Lead], rules: tuple[FeedbackRule, ...], span: Span) -> Iterator[Proposal]:
    """Yield a proposal for every lead, with the deadline of its source's rule."""
    for lead in sorted(leads, key=lambda x: x.lead_id):
        rule = first_of(rules, RuleKind.CASE, lead.source)
        if rule is None:
            continue
        assert rule.days is not None
        assert rule.minutes is not None
        assert rule.priority is not None
        dates = window(lead.received, lead.received + rule.days, span)
        if dates is None:
            continue
        item = PlanItem(
            item_id=cause_id(ProposalKind.CASE, lead.lead_id),
            authority_id=lead.authority_id,
            enterprise_id=lead.enterprise_id,
            duration_min=lead.planned_min or rule.minutes,
            earliest=dates[0],
            latest=dates[1],
            priority=rule.priority,
            trigger=Trigger.CASE,
            cap_exempt=True,
            item_code=lead.item_code,
        )
        said = {"received": iso(lead.received), "source": lead.source.value, "reference": lead.reference_no or "-"}
        evidence = {"lead_id": lead.lead_id, "reference_no": lead.reference_no, "received": iso(lead.received)}
        sentence = _CASE.filled(**said, latest=iso(dates[1]))
        yield _proposal(item, ProposalKind.CASE, rule, sentence, {**evidence, "source": lead.source.value})


def _proposal(
    item: PlanItem, kind: ProposalKind, rule: FeedbackRule, sentence: Text, evidence: Mapping[str, str | None]
) -> Proposal:
    return Proposal(
        proposal_id=item.item_id,
        kind=kind,
        authority_id=item.authority_id,
        enterprise_id=item.enterprise_id,
        rule_id=rule.rule_id,
        sentence=sentence,
        evidence=evidence,
        item=item,
        item_code=item.item_code,
    )
