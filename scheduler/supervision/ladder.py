"""What becomes of a warning: explained, upheld, and then the ladder 限期整改, 约谈, 报告政府; a person decides.

Missing and false scans are put right by a date, then the head is called in for a talk, then the government is told
(深府规〔2025〕6号 as reported; DOMAIN.md, 1.2). The same ladder for the other kinds is our assumption.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class WarningState(StrEnum):
    """How far a warning has got."""

    OPEN = "open"
    ACKNOWLEDGED = "acknowledged"
    EXPLAINED = "explained"  # the body that answers for it has said why
    RESOLVED = "resolved"  # what became known later explains it, without anybody's doing
    UPHELD = "upheld"
    CORRECTION = "correction"  # 限期整改
    TALK = "talk"  # 约谈
    REPORT = "report"  # 报告政府
    CLOSED = "closed"


class Action(StrEnum):
    """What a person does with a warning."""

    ACKNOWLEDGE = "acknowledge"
    EXPLAIN = "explain"
    UPHOLD = "uphold"
    CORRECTION = "correction"
    TALK = "talk"
    REPORT = "report"
    CLOSE = "close"


class Verdict(StrEnum):
    """What a closed warning came to."""

    ACCEPTED = "accepted"  # the explanation was accepted, or there was nothing in it
    UPHELD = "upheld"


UNDECIDED = (WarningState.OPEN, WarningState.ACKNOWLEDGED, WarningState.EXPLAINED)
"""States in which nobody has decided yet: what becomes known later may still resolve the warning."""

RUNGS = (WarningState.UPHELD, WarningState.CORRECTION, WarningState.TALK, WarningState.REPORT)
"""The ladder from its foot; only the last three are steps."""

_RESULT = {
    Action.ACKNOWLEDGE: WarningState.ACKNOWLEDGED,
    Action.EXPLAIN: WarningState.EXPLAINED,
    Action.UPHOLD: WarningState.UPHELD,
    Action.CORRECTION: WarningState.CORRECTION,
    Action.TALK: WarningState.TALK,
    Action.REPORT: WarningState.REPORT,
    Action.CLOSE: WarningState.CLOSED,
}
_FROM = {
    Action.ACKNOWLEDGE: (WarningState.OPEN,),
    Action.EXPLAIN: UNDECIDED,
    Action.UPHOLD: UNDECIDED,
    Action.CORRECTION: RUNGS,
    Action.TALK: RUNGS,
    Action.REPORT: RUNGS,
    Action.CLOSE: (*UNDECIDED, WarningState.RESOLVED, *RUNGS),
}


class StepFault(StrEnum):
    """Why a step cannot be taken."""

    WRONG_STATE = "wrong_state"
    NEEDS_DUE = "needs_due"  # a correction has a date
    NEEDS_REASON = "needs_reason"  # a rung is passed over, or gone back to


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """What a step leads to."""

    state: WarningState
    verdict: Verdict | None


def take(state: WarningState, action: Action, *, has_due: bool = False, has_reason: bool = False) -> Taken | StepFault:
    """Return what an action leads to in a state, or why it cannot be taken.

    The rungs are climbed one by one: whoever passes one over or goes back to a lower one says why.
    """
    if state not in _FROM[action] or (_RESULT[action] is state and action is not Action.EXPLAIN):
        return StepFault.WRONG_STATE
    after = _RESULT[action]
    if action is Action.CLOSE:
        return Taken(state=after, verdict=Verdict.UPHELD if state in RUNGS else Verdict.ACCEPTED)
    if action is Action.CORRECTION and not has_due:
        return StepFault.NEEDS_DUE
    if after in RUNGS[1:] and RUNGS.index(after) != RUNGS.index(state) + 1 and not has_reason:
        return StepFault.NEEDS_REASON
    return Taken(state=after, verdict=None)


def suggested(rungs: Iterable[WarningState]) -> WarningState:
    """Return the step that the ladder suggests for an upheld warning; it is suggested only.

    Parameters
    ----------
    rungs : the highest rung of each other warning of the body that was upheld in the year before.
    """
    highest = max((RUNGS.index(r) for r in rungs), default=0)
    return RUNGS[min(highest + 1, len(RUNGS) - 1)]
