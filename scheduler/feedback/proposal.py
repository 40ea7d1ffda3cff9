"""A proposal: what the next plan might do otherwise, with its evidence and a sentence; a person decides."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from scheduler.domain.plans import PlanItem
from scheduler.texts import Text

Fact = str | int | float | None | list[str]


class ProposalKind(StrEnum):
    """What is proposed."""

    FOLLOW_UP = "follow_up"
    RETURN = "return"
    CASE = "case"
    PRIORITY = "priority"
    DURATION = "duration"
    RISK = "risk"


ITEMS = frozenset({ProposalKind.FOLLOW_UP, ProposalKind.RETURN, ProposalKind.CASE})
"""Kinds that plan an item."""
PREFIXES = {
    ProposalKind.FOLLOW_UP: "FU",
    ProposalKind.RETURN: "RT",
    ProposalKind.CASE: "CA",
    ProposalKind.PRIORITY: "PR",
    ProposalKind.DURATION: "DU",
    ProposalKind.RISK: "RK",
}
"""With what the ids of a kind begin."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """A proposal; its id is that of its cause, so that the same cause is never proposed twice.

    Parameters
    ----------
    authority_id : whose plan it is for; ``None`` for a class, which is no authority's own.
    item : that is to be planned; of follow_up, return and case.
    old, new : what changes: a class, minutes, or a priority (whose old value differs by item).
    evidence : facts that it rests on, as plain JSON.
    """

    proposal_id: str
    kind: ProposalKind
    authority_id: str | None
    enterprise_id: str | None
    rule_id: str
    sentence: Text
    evidence: Mapping[str, Fact] = field(hash=False)
    item: PlanItem | None = None
    item_code: str | None = None
    old: str | int | None = None
    new: str | int | None = None


def cause_id(kind: ProposalKind, *parts: object) -> str:
    """Return an id made of what a proposal rests on: the prefix of its kind and 16 hexadecimal digits."""
    text = "\x1f".join(str(p) for p in parts)
    return f"{PREFIXES[kind]}-{hashlib.sha256(text.encode()).hexdigest()[:16]}"


def iso(day: int) -> str:
    """Return a day number as ISO text."""
    return date.fromordinal(day).isoformat()


def kind_of(proposal_id: str) -> ProposalKind | None:
    """Return the kind that an id is of, ``None`` when it is none of ours."""
    return next((kind for kind, prefix in PREFIXES.items() if proposal_id.startswith(f"{prefix}-")), None)
