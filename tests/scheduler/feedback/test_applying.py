"""Taken changes applied to a table of items."""

from __future__ import annotations

from typing import Any

from scheduler.feedback.applying import apply
from scheduler.feedback.proposal import Proposal, ProposalKind
from scheduler.texts import Text

WEIGHTS = {"mandatory": 1000.0, "high": 10.0, "normal": 1.0}


def _change(kind: ProposalKind, **more: Any) -> Proposal:
    values = {"authority_id": "A1", "enterprise_id": None, "rule_id": "r", "sentence": Text("", ""), "evidence": {}}
    return Proposal(proposal_id=f"P-{kind.value}", kind=kind, **{**values, **more})


def _row(**more: Any) -> dict[str, Any]:
    row = {"item_id": "X1", "authority_id": "A1", "enterprise_id": "E1", "item_code": "a"}
    return {**row, "duration_min": 30, "priority": "normal", **more}


LONGER = _change(ProposalKind.DURATION, item_code="a", old=30, new=50)
FIRST = _change(ProposalKind.PRIORITY, enterprise_id="E1", new="high")


def test_minutes_and_priority_change_and_every_change_is_told() -> None:
    rows, changed = apply([_row()], [LONGER, FIRST], WEIGHTS)
    assert (rows[0]["duration_min"], rows[0]["priority"]) == (50, "high")
    assert [(c.column, c.old, c.new) for c in changed] == [("duration_min", 30, 50), ("priority", "normal", "high")]


def test_what_others_decided_is_left_alone() -> None:
    kept = [
        _row(duration_min=31),
        _row(authority_id="A2"),
        _row(item_code="b", enterprise_id="E2"),
    ]
    rows, changed = apply(kept, [LONGER], WEIGHTS)
    assert (rows, changed) == (kept, [])


def test_a_priority_is_never_lowered_and_never_one_that_the_horizon_does_not_know() -> None:
    assert apply([_row(priority="mandatory")], [FIRST], WEIGHTS)[1] == []
    assert apply([_row()], [FIRST], {"mandatory": 10, "normal": 1})[1] == []


def test_applied_twice_is_applied_once() -> None:
    once, _ = apply([_row()], [LONGER, FIRST], WEIGHTS)
    assert apply(once, [LONGER, FIRST], WEIGHTS) == (once, [])
