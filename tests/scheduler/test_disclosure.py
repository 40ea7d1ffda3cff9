"""An entry is disclosed in so many working days, unless its legal review or a reason holds it back."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from scheduler.disclosure import (
    BeyondCalendar,
    DisclosureRules,
    DisclosureState,
    LegalReview,
    disclosure_state,
    due_day,
    legal_review,
)
from scheduler.domain.fieldwork.entry import Entry, ItemOutcome
from scheduler.domain.fieldwork.kinds import EntryPath, EntryState, ItemResult, ScanStatus

FRIDAY = date(2026, 10, 16).toordinal()
WORKING = [d for d in range(FRIDAY - 30, FRIDAY + 60) if date.fromordinal(d).weekday() < 5]
RULES = DisclosureRules()
PLAIN = Entry(
    entry_id="N1",
    enterprise_id="E1",
    street_id="S1",
    authority_id="A1",
    day=FRIDAY,
    path=EntryPath.PLANNED,
    scan_status=ScanStatus.SCANNED,
    state=EntryState.CLOSED,
    officer_ids=("P1", "P2"),
    item_ids=("I1",),
    outcomes=(ItemOutcome(item_id="I1", result=ItemResult.ADVICE),),
)
CASE = replace(PLAIN, outcomes=(ItemOutcome(item_id="I1", result=ItemResult.CASE_FILED, case_no="1"),))


def test_days_are_working_days_after_the_entry() -> None:
    assert due_day(PLAIN, WORKING, RULES) == date(2026, 10, 27).toordinal()
    assert due_day(replace(PLAIN, day=FRIDAY + 1), WORKING, RULES) == date(2026, 10, 27).toordinal()
    assert due_day(CASE, WORKING, RULES) == date(2026, 11, 13).toordinal()
    assert due_day(PLAIN, WORKING, DisclosureRules(days=1)) == date(2026, 10, 19).toordinal()


def test_only_closed_entries_are_due_and_a_short_calendar_is_told() -> None:
    assert due_day(replace(PLAIN, state=EntryState.NO_ACCESS), WORKING, RULES) is None
    with pytest.raises(BeyondCalendar):
        due_day(PLAIN, [d for d in WORKING if d < FRIDAY + 5], RULES)


def test_a_case_needs_a_legal_review_from_the_number_that_the_rules_say() -> None:
    assert legal_review(PLAIN, LegalReview.RETURNED, RULES) is LegalReview.NOT_NEEDED
    assert legal_review(CASE, None, RULES) is LegalReview.REQUIRED
    assert legal_review(CASE, LegalReview.NOT_NEEDED, RULES) is LegalReview.REQUIRED
    assert legal_review(CASE, LegalReview.PASSED, RULES) is LegalReview.PASSED
    assert legal_review(CASE, None, DisclosureRules(review_cases=2)) is LegalReview.NOT_NEEDED


@pytest.mark.parametrize(
    ("review", "today", "expected"),
    [
        (LegalReview.NOT_NEEDED, 10, DisclosureState.DUE),
        (LegalReview.NOT_NEEDED, 11, DisclosureState.OVERDUE),
        (LegalReview.PASSED, 11, DisclosureState.OVERDUE),
        (LegalReview.REQUIRED, 11, DisclosureState.HELD),
        (LegalReview.RETURNED, 9, DisclosureState.HELD),
    ],
)
def test_what_waits_for_its_review_is_held_however_late_it_is(
    review: LegalReview, today: int, expected: DisclosureState
) -> None:
    assert disclosure_state(due=10, today=today, review=review) is expected


def test_a_reason_withholds_and_an_empty_one_does_not() -> None:
    ask: dict[str, Any] = {"due": 10, "today": 11, "review": LegalReview.NOT_NEEDED}
    assert disclosure_state(**ask, withheld="国家秘密") is DisclosureState.WITHHELD
    assert disclosure_state(**ask, withheld="") is DisclosureState.OVERDUE
    assert disclosure_state(**ask, disclosed_on=12) is DisclosureState.DISCLOSED
