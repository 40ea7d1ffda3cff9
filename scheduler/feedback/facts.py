"""What is known when proposals are made: findings, items that were left, leads, and the span that is planned."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from scheduler.domain.fieldwork.kinds import ItemResult
from scheduler.domain.plans import Notice, Trigger
from scheduler.feedback.rules import LeadSource


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """The horizon that is planned, as day numbers, both inside."""

    horizon_id: str
    start: int
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """The result of one item of an entry in which officers were inside.

    Parameters
    ----------
    told : when it was told, as text whose order is time order; a later one of the same item corrects it.
    planned_min : minutes that the item was planned with, where that is known.
    """

    entry_id: str
    item_id: str
    enterprise_id: str
    authority_id: str
    day: int
    result: ItemResult
    told: str
    item_code: str | None = None
    due: int | None = None
    planned_min: int | None = None
    legal_basis: str | None = None


def last_told(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Return the last result of every item of every entry, by id; in whatever order they came, and however often."""
    last: dict[tuple[str, str], Finding] = {}
    for finding in findings:
        key = finding.entry_id, finding.item_id
        if key not in last or _order(last[key]) < _order(finding):
            last[key] = finding
    return tuple(last[k] for k in sorted(last))


def _order(finding: Finding) -> tuple[str, str, int]:
    return finding.told, finding.result.value, finding.due or 0


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftItem:
    """An approved item of another horizon that was gone for, or found no place, and was not served since.

    Parameters
    ----------
    why : ``not_done``, ``no_access``, ``turned_away`` or ``unserved``.
    """

    horizon_id: str
    item_id: str
    enterprise_id: str
    authority_id: str
    day: int
    why: str
    duration_min: int | None
    priority: str
    trigger: Trigger = Trigger.ROUTINE
    crews: int = 1
    cap_exempt: bool = False
    notice: Notice = Notice.ANNOUNCED
    item_code: str | None = None
    legal_basis: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Lead:
    """Something that was told about an enterprise, never by an enterprise about its inspectors.

    Parameters
    ----------
    planned_min : estimate for the item code, where one is known.
    """

    lead_id: str
    enterprise_id: str
    authority_id: str
    source: LeadSource
    received: int
    reference_no: str | None = None
    item_code: str | None = None
    planned_min: int | None = None
