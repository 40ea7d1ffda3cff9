"""Items out of what happened: follow-ups, items that were left, cases."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scheduler.domain.fieldwork.kinds import ItemResult
from scheduler.domain.plans import Notice, PlanItem, Trigger
from scheduler.feedback.facts import Finding, Lead
from scheduler.feedback.items import cases, follow_ups, returns
from scheduler.feedback.proposal import Proposal
from scheduler.feedback.rules import DEFAULT_RULES, LeadSource, RuleKind
from tests.scheduler.feedback.samples import SPAN, day, finding, left


def _item(proposal: Proposal) -> PlanItem:
    assert proposal.item is not None
    return proposal.item


def test_a_rectification_makes_one_follow_up_in_the_days_after_it_is_due() -> None:
    (found,) = follow_ups([finding()], DEFAULT_RULES, SPAN)
    item = _item(found)
    assert (item.authority_id, item.enterprise_id, item.item_code) == ("A1", "E1", "A1-01")
    assert (item.trigger, item.cap_exempt, item.priority, item.duration_min) == (Trigger.FOLLOW_UP, True, "high", 40)
    assert (item.earliest, item.latest) == (day("2027-01-10"), day("2027-01-20"))
    assert "2027-01-10" in found.sentence.zh
    assert "2027-01-10" in found.sentence.en


def test_a_follow_up_due_on_the_last_day_is_of_the_horizon_and_one_due_after_it_is_not() -> None:
    assert len(list(follow_ups([finding(due=SPAN.end)], DEFAULT_RULES, SPAN))) == 1
    assert list(follow_ups([finding(due=SPAN.end + 1)], DEFAULT_RULES, SPAN)) == []


def test_an_overdue_follow_up_gets_its_days_from_the_first_day_on() -> None:
    (found,) = follow_ups([finding(due=day("2026-12-15"))], DEFAULT_RULES, SPAN)
    assert (_item(found).earliest, _item(found).latest) == (SPAN.start, SPAN.start + 10)


def test_a_corrected_date_moves_a_follow_up_and_a_corrected_result_withdraws_it() -> None:
    later = finding(due=day("2027-02-01"), told="2026-12-02T03:00:00Z")
    (moved,) = follow_ups([finding(), later], DEFAULT_RULES, SPAN)
    (first,) = follow_ups([finding()], DEFAULT_RULES, SPAN)
    assert moved.proposal_id == first.proposal_id
    assert _item(moved).earliest == day("2027-02-01")
    nothing = finding(result=ItemResult.NOTHING_FOUND, told="2026-12-03T03:00:00Z")
    assert list(follow_ups([nothing, finding(), later], DEFAULT_RULES, SPAN)) == []


TOLD = st.builds(
    lambda e, i, result, due, told: finding(f"N{e}", f"X{i}", result=result, due=SPAN.start + due, told=f"{told:02d}"),
    st.integers(1, 2),
    st.integers(1, 2),
    st.sampled_from((ItemResult.RECTIFICATION, ItemResult.NOTHING_FOUND, ItemResult.CASE_FILED)),
    st.integers(0, 60),
    st.integers(0, 9),
)


@settings(max_examples=150, deadline=None)
@given(told=st.lists(TOLD, max_size=8), data=st.data())
def test_in_whatever_order_and_however_often_results_come_the_follow_ups_are_the_same_and_each_is_there_once(
    told: list[Finding], data: st.DataObject
) -> None:
    again = data.draw(st.permutations(told + told[:3]))
    found = list(follow_ups(told, DEFAULT_RULES, SPAN))
    assert list(follow_ups(again, DEFAULT_RULES, SPAN)) == found
    ids = [p.proposal_id for p in found]
    assert len(set(ids)) == len(ids)
    last: dict[tuple[str, str], Finding] = {}
    for f in sorted(told, key=lambda f: (f.told, f.result.value, f.due or 0)):
        last[f.entry_id, f.item_id] = f
    assert len(found) == sum(f.result is ItemResult.RECTIFICATION for f in last.values())


def test_what_another_horizon_left_is_proposed_once_as_it_was_approved() -> None:
    twice = [left(), left(why="not_done", day=day("2026-12-20"), notice=Notice.UNANNOUNCED)]
    (found,) = returns(twice, DEFAULT_RULES, SPAN)
    item = _item(found)
    assert (item.notice, item.trigger, item.cap_exempt) == (Notice.UNANNOUNCED, Trigger.ROUTINE, False)
    assert (item.earliest, item.latest) == (SPAN.start, SPAN.end)
    assert found.evidence["why"] == "not_done"


def test_what_the_horizon_itself_left_comes_back_by_replanning_and_is_not_proposed() -> None:
    assert list(returns([left(horizon_id=SPAN.horizon_id)], DEFAULT_RULES, SPAN)) == []


def _lead(**more: object) -> Lead:
    values = {"lead_id": "L1", "enterprise_id": "E1", "authority_id": "A1", "source": LeadSource.HOTLINE}
    return Lead(**{**values, "received": day("2027-02-01"), **more})  # type: ignore[arg-type]


def test_a_lead_becomes_a_case_outside_the_caps_until_the_deadline_of_its_source() -> None:
    for source, days in ((LeadSource.HOTLINE, 15), (LeadSource.MEDIA, 10), (LeadSource.DATA, 30)):
        (found,) = cases([_lead(source=source)], DEFAULT_RULES, SPAN)
        item = _item(found)
        assert (item.trigger, item.cap_exempt) == (Trigger.CASE, True)
        assert (item.earliest, item.latest) == (day("2027-02-01"), day("2027-02-01") + days)


def test_there_is_no_source_of_leads_for_what_an_enterprise_says_of_its_inspectors() -> None:
    assert {s.value for s in LeadSource} == {"12345", "referral", "data", "media", "superior"}


def test_a_rule_that_is_switched_off_proposes_nothing() -> None:
    off = tuple(replace(r, active=False) for r in DEFAULT_RULES)
    assert not [*follow_ups([finding()], off, SPAN), *returns([left()], off, SPAN), *cases([_lead()], off, SPAN)]


def test_every_default_rule_says_what_it_rests_on_and_calls_its_numbers_assumed() -> None:
    assert {r.kind for r in DEFAULT_RULES} == set(RuleKind)
    assert all(r.basis and r.assumed for r in DEFAULT_RULES)


def test_a_rule_that_lacks_a_number_or_looks_back_too_far_is_none() -> None:
    by_id = {r.rule_id: r for r in DEFAULT_RULES}
    with pytest.raises(ValueError, match="needs days"):
        replace(by_id["follow_up"], days=None)
    assert replace(by_id["raise_class"], count=10)
    with pytest.raises(ValueError, match="at most 10"):
        replace(by_id["raise_class"], count=11)
