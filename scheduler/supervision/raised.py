"""A warning as it is raised: about whom, on what occasion, with what evidence."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from scheduler.supervision.rules import Severity, WarningRule

Evidence = tuple[str, str]
"""What it stands on: a kind (``entry``, ``visit``, ``record``, ``plan``, ``warning``) and an id."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RaisedWarning:
    """One warning of one rule.

    Parameters
    ----------
    subject : what it is about, for example ``enterprise:E1``; warnings of one subject are worked out together.
    occasion : tells the warnings of a rule about a subject apart, whatever else becomes known later.
    day : day number of the occasion.
    authority_ids : the authorities that answer for it, sorted; none where a street or a district does.
    evidence : sorted.
    form : names the sentence; ``facts`` fill it, as sorted (name, value) pairs.
    """

    rule: WarningRule
    subject: str
    occasion: str
    severity: Severity
    day: int
    form: str
    facts: tuple[tuple[str, str], ...]
    evidence: tuple[Evidence, ...]
    authority_ids: tuple[str, ...] = ()
    enterprise_id: str | None = None
    street_id: str | None = None
    district_id: str | None = None

    @property
    def warning_id(self) -> str:
        """The same for the same rule, subject and occasion: so it is raised once."""
        return warning_id(self.rule.rule_id, self.subject, self.occasion)


def warning_id(rule_id: str, subject: str, occasion: str) -> str:
    """Return the content id of a warning."""
    return "W" + hashlib.sha256("\0".join((rule_id, subject, occasion)).encode()).hexdigest()[:24]


def facts_of(facts: Mapping[str, object]) -> tuple[tuple[str, str], ...]:
    """Return figures as sorted text."""
    return tuple(sorted((k, str(v)) for k, v in facts.items()))


def in_view(warnings: Iterable[RaisedWarning]) -> tuple[RaisedWarning, ...]:
    """Return the warnings from the first day on that their rules look at, in a fixed order."""
    kept = (w for w in warnings if w.rule.since is None or w.day >= w.rule.since)
    return tuple(sorted(kept, key=lambda w: (w.subject, w.rule.rule_id, w.day, w.occasion)))
