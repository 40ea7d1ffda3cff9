"""Findings and what they propose for an enterprise: its credit class (信用等级) and the priority of its next items.

Only results of inspections count. That an enterprise complained, or let nobody in, is no input here: there is no
reprisal for a complaint and no punishment for a refusal.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date

from scheduler.feedback.facts import Finding, last_told
from scheduler.feedback.proposal import Proposal, ProposalKind, cause_id, iso
from scheduler.feedback.rules import SEVERITY, FeedbackRule, RuleKind, at_least, first_of
from scheduler.intake.columns import CREDIT_CLASSES
from scheduler.texts import Text

_LOWER = Text(
    "{days} 天内 {n} 项结果达到“{result}”：建议信用等级由 {old} 调为 {new}（须人工确认）。",
    "{n} results of {result} or worse within {days} days: class {old} to {new}, once a person confirms it.",
)
_RAISE = Text(
    "自 {since} 起 {count} 个季度检查 {n} 项均未发现问题：建议信用等级由 {old} 调为 {new}（须人工确认）。",
    "Nothing found in {n} results since {since} ({count} quarters): class {old} to {new}, once a person confirms it.",
)
_PRIORITY = Text(
    "{days} 天内 {n} 项结果达到“{result}”：建议本部门下次检查事项优先级为 {new}。",
    "{n} results of {result} or worse within {days} days: priority {new} for the authority's next items.",
)


def classes(
    findings: Iterable[Finding],
    now: Mapping[str, str | None],
    since: Mapping[str, int],
    rules: tuple[FeedbackRule, ...],
    today: int,
) -> Iterator[Proposal]:
    """Yield at most one change of class by one step for every enterprise.

    Parameters
    ----------
    now : present class by enterprise; without one nothing is proposed.
    since : day up to which findings are used up by an earlier change of class, by enterprise.
    """
    by_enterprise: dict[str, list[Finding]] = {}
    for f in last_told(findings):
        if f.day > since.get(f.enterprise_id, 0) and f.day <= today:
            by_enterprise.setdefault(f.enterprise_id, []).append(f)
    for enterprise_id, own in sorted(by_enterprise.items()):
        letter = now.get(enterprise_id)
        if letter not in CREDIT_CLASSES:
            continue
        found = _lower(enterprise_id, letter, own, rules, today)
        found = found or _raise(enterprise_id, letter, own, rules, today, since.get(enterprise_id, 0))
        if found is not None:
            yield found


def _lower(
    enterprise_id: str, letter: str, own: list[Finding], rules: tuple[FeedbackRule, ...], today: int
) -> Proposal | None:
    rule = first_of(rules, RuleKind.LOWER_CLASS)
    place = CREDIT_CLASSES.index(letter) + 1
    if rule is None or place >= len(CREDIT_CLASSES):
        return None
    assert rule.result is not None
    assert rule.count is not None
    assert rule.days is not None
    bad = [f for f in own if at_least(f.result, rule.result) and f.day > today - rule.days]
    if len(bad) < rule.count:
        return None
    facts = {"days": rule.days, "n": len(bad), "result": rule.result.value}
    return _change(
        enterprise_id, rule, _LOWER.filled(**facts, old=letter, new=CREDIT_CLASSES[place]), bad, letter, place
    )


def _raise(
    enterprise_id: str, letter: str, own: list[Finding], rules: tuple[FeedbackRule, ...], today: int, used: int
) -> Proposal | None:
    rule = first_of(rules, RuleKind.RAISE_CLASS)
    place = CREDIT_CLASSES.index(letter) - 1
    if rule is None or place < 0:
        return None
    assert rule.result is not None
    assert rule.count is not None
    first = quarters_before(today, rule.count)
    # A change of class must have stood for all the quarters, and the record must reach back to the first of them.
    if used >= first:
        return None
    results = [f for f in own if f.result in SEVERITY]
    within = [f for f in results if f.day >= first]
    known = used > 0 or any(f.day < quarters_before(today, rule.count - 1) for f in results)
    if not known or not within or any(at_least(f.result, rule.result) for f in within):
        return None
    facts = {"since": iso(first), "count": rule.count, "n": len(within), "old": letter, "new": CREDIT_CLASSES[place]}
    return _change(enterprise_id, rule, _RAISE.filled(**facts), within, letter, place)


def _change(
    enterprise_id: str, rule: FeedbackRule, sentence: Text, grounds: list[Finding], letter: str, place: int
) -> Proposal:
    refs = sorted(f"{f.entry_id}/{f.item_id}" for f in grounds)
    return Proposal(
        proposal_id=cause_id(ProposalKind.RISK, rule.rule_id, enterprise_id, letter, *refs),
        kind=ProposalKind.RISK,
        authority_id=None,
        enterprise_id=enterprise_id,
        rule_id=rule.rule_id,
        sentence=sentence,
        evidence={
            "findings": list[str](refs),
            "authority_ids": sorted({f.authority_id for f in grounds}),
            "last_day": iso(max(f.day for f in grounds)),
        },
        old=letter,
        new=CREDIT_CLASSES[place],
    )


def quarters_before(today: int, count: int) -> int:
    """Return the first day of so many whole calendar quarters, the last of which ended before a day."""
    on = date.fromordinal(today)
    month = on.year * 12 + (on.month - 1) // 3 * 3 - 3 * count
    return date(month // 12, month % 12 + 1, 1).toordinal()


def priorities(findings: Iterable[Finding], rules: tuple[FeedbackRule, ...], today: int) -> Iterator[Proposal]:
    """Yield a priority for the next items of an authority at an enterprise where it found what the rule asks for."""
    rule = first_of(rules, RuleKind.PRIORITY)
    if rule is None:
        return
    assert rule.result is not None
    assert rule.count is not None
    assert rule.days is not None
    grounds: dict[tuple[str, str], list[Finding]] = {}
    for f in last_told(findings):
        if at_least(f.result, rule.result) and today - rule.days < f.day <= today:
            grounds.setdefault((f.authority_id, f.enterprise_id), []).append(f)
    for (authority_id, enterprise_id), own in sorted(grounds.items()):
        if len(own) < rule.count:
            continue
        refs = sorted(f"{f.entry_id}/{f.item_id}" for f in own)
        facts = {"days": rule.days, "n": len(own), "result": rule.result.value, "new": rule.priority}
        yield Proposal(
            proposal_id=cause_id(ProposalKind.PRIORITY, authority_id, enterprise_id, rule.priority, *refs),
            kind=ProposalKind.PRIORITY,
            authority_id=authority_id,
            enterprise_id=enterprise_id,
            rule_id=rule.rule_id,
            sentence=_PRIORITY.filled(**facts),
            evidence={"findings": list[str](refs), "last_day": iso(max(f.day for f in own))},
            new=rule.priority,
        )
