"""What may be done with a warning in which state; sentences of every kind in both languages."""

from __future__ import annotations

import pytest

from scheduler.supervision.ladder import (
    RUNGS,
    UNDECIDED,
    Action,
    StepFault,
    Taken,
    Verdict,
    WarningState,
    suggested,
    take,
)

S = WarningState


def test_the_ladder_is_climbed_rung_by_rung() -> None:
    state = S.EXPLAINED
    for action, after in zip((Action.UPHOLD, Action.CORRECTION, Action.TALK, Action.REPORT), RUNGS, strict=True):
        assert take(state, action, has_due=True) == Taken(state=after, verdict=None)
        state = after


@pytest.mark.parametrize(
    ("state", "action"),
    [(S.UPHELD, Action.TALK), (S.UPHELD, Action.REPORT), (S.CORRECTION, Action.REPORT), (S.REPORT, Action.TALK)],
)
def test_a_rung_passed_over_or_gone_back_to_needs_its_reason(state: S, action: Action) -> None:
    assert take(state, action) is StepFault.NEEDS_REASON
    assert isinstance(take(state, action, has_reason=True), Taken)


def test_a_correction_needs_its_date() -> None:
    assert take(S.UPHELD, Action.CORRECTION) is StepFault.NEEDS_DUE
    assert take(S.REPORT, Action.CORRECTION, has_due=True) is StepFault.NEEDS_REASON


@pytest.mark.parametrize("action", [Action.CORRECTION, Action.TALK, Action.REPORT])
@pytest.mark.parametrize("state", [*UNDECIDED, S.RESOLVED, S.CLOSED])
def test_nobody_climbs_before_the_warning_is_upheld(state: S, action: Action) -> None:
    assert take(state, action, has_due=True, has_reason=True) is StepFault.WRONG_STATE


def test_a_closed_warning_is_closed_and_what_it_came_to_follows_from_where_it_was() -> None:
    assert take(S.EXPLAINED, Action.CLOSE) == Taken(state=S.CLOSED, verdict=Verdict.ACCEPTED)
    assert take(S.TALK, Action.CLOSE) == Taken(state=S.CLOSED, verdict=Verdict.UPHELD)
    for action in Action:
        assert take(S.CLOSED, action, has_due=True, has_reason=True) is StepFault.WRONG_STATE


def test_a_decided_warning_is_not_explained_or_upheld_again() -> None:
    for state in RUNGS:
        assert take(state, Action.EXPLAIN) is take(state, Action.UPHOLD) is StepFault.WRONG_STATE


def test_the_next_rung_after_the_highest_of_the_year_is_suggested_and_no_more_than_there_are() -> None:
    assert suggested([]) is suggested([S.UPHELD]) is S.CORRECTION
    assert suggested([S.CORRECTION, S.UPHELD]) is S.TALK
    assert suggested([S.TALK]) is suggested([S.REPORT]) is S.REPORT
