"""Classes and priorities out of findings: one step at a time, dated, and never for a complaint or a refusal."""

from __future__ import annotations

import pytest

from scheduler.domain.fieldwork.kinds import ItemResult
from scheduler.feedback.classes import classes, priorities, quarters_before
from scheduler.feedback.facts import Finding
from scheduler.feedback.rules import DEFAULT_RULES
from tests.scheduler.feedback.samples import day, finding

TODAY = day("2027-01-05")


def _filed(number: int, on: int) -> Finding:
    return finding(f"N{number}", result=ItemResult.CASE_FILED, day=on)


def _changes(
    found: list[Finding], letter: str | None = "B", since: dict[str, int] | None = None
) -> list[tuple[str | int | None, str | int | None]]:
    return [(p.old, p.new) for p in classes(found, {"E1": letter}, since or {}, DEFAULT_RULES, TODAY)]


def test_two_cases_filed_within_a_year_lower_a_class_by_one_and_one_does_not() -> None:
    inside = TODAY - 364
    assert _changes([_filed(1, inside), _filed(2, TODAY)]) == [("B", "C")]
    assert _changes([_filed(1, inside - 1), _filed(2, TODAY)]) == []
    assert _changes([_filed(1, TODAY)]) == []


def test_a_class_never_falls_below_the_last_or_rises_above_the_first() -> None:
    assert _changes([_filed(1, TODAY), _filed(2, TODAY)], "D") == []
    good = finding(result=ItemResult.NOTHING_FOUND, day=day("2026-02-01"))
    assert _changes([good], "A") == []
    assert _changes([good], None) == []


def test_findings_that_changed_a_class_already_do_not_change_it_again() -> None:
    bad = [_filed(1, TODAY - 20), _filed(2, TODAY - 10)]
    assert _changes(bad, "C", {"E1": TODAY - 10}) == []
    more = [*bad, _filed(3, TODAY - 1), _filed(4, TODAY)]
    assert _changes(more, "C", {"E1": TODAY - 10}) == [("C", "D")]


def test_four_whole_quarters_with_nothing_found_raise_a_class_by_one() -> None:
    assert quarters_before(TODAY, 4) == day("2026-01-01")
    good = finding("N1", result=ItemResult.NOTHING_FOUND, day=day("2026-02-01"))
    assert _changes([good], "C") == [("C", "B")]
    advice = finding("N2", result=ItemResult.ADVICE, day=day("2026-08-01"))
    assert _changes([good, advice], "C") == [("C", "B")]
    assert _changes([good, finding("N3", day=day("2026-08-01"))], "C") == []
    assert _changes([finding("N1", result=ItemResult.NOTHING_FOUND, day=day("2026-03-31"))], "C") == [("C", "B")]
    short = finding("N5", result=ItemResult.NOTHING_FOUND, day=day("2026-04-01"))
    assert _changes([short], "C") == [], "the record does not reach back to the first quarter"
    before = finding("N4", result=ItemResult.NOTHING_FOUND, day=day("2025-12-31"))
    assert _changes([before, short], "C") == [("C", "B")]
    assert _changes([before], "C") == [], "an enterprise that nobody looked at is not better for it"


def test_what_was_not_done_says_nothing_of_an_enterprise() -> None:
    assert _changes([finding(result=ItemResult.NOT_DONE, day=day("2026-06-01"))], "C") == []
    assert list(priorities([finding(result=ItemResult.NOT_DONE)], DEFAULT_RULES, TODAY)) == []


@pytest.mark.parametrize(("on", "expected"), [(TODAY - 364, ["high"]), (TODAY - 365, []), (TODAY + 1, [])])
def test_a_case_filed_raises_the_priority_of_its_authority_there_for_a_year(on: int, expected: list[str]) -> None:
    found = list(priorities([_filed(1, on)], DEFAULT_RULES, TODAY))
    assert [p.new for p in found] == expected
    assert all((p.authority_id, p.enterprise_id) == ("A1", "E1") for p in found)


def test_the_evidence_of_a_change_names_the_findings_and_new_findings_make_another_proposal() -> None:
    two = [_filed(1, TODAY - 2), _filed(2, TODAY - 1)]
    (first,) = classes(two, {"E1": "B"}, {}, DEFAULT_RULES, TODAY)
    (other,) = classes([*two, _filed(3, TODAY)], {"E1": "B"}, {}, DEFAULT_RULES, TODAY)
    assert first.evidence["findings"] == ["N1/X1", "N2/X1"]
    assert first.proposal_id != other.proposal_id
    assert first.authority_id is None
