"""Taken proposals applied to a table of items: new minutes and priorities, with a list of what was changed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from scheduler.feedback.proposal import Proposal, ProposalKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Applied:
    """One cell that was changed, and the proposal that changed it."""

    item_id: str
    column: str
    old: str | int
    new: str | int
    proposal_id: str


def apply(
    items: Sequence[Mapping[str, Any]], taken: Iterable[Proposal], weights: Mapping[str, float]
) -> tuple[list[dict[str, Any]], list[Applied]]:
    """Return the items corrected, and what was changed.

    Minutes change only where the item still has those that the proposal was made against; a priority is only ever
    raised, and only to one that the horizon knows.

    Parameters
    ----------
    items : rows with item_id, authority_id, enterprise_id, item_code, duration_min and priority.
    weights : of the horizon's priorities.
    """
    minutes: dict[tuple[str | None, str | None], Proposal] = {}
    priority: dict[tuple[str | None, str | None], Proposal] = {}
    for p in taken:
        if p.kind is ProposalKind.DURATION:
            minutes[p.authority_id, p.item_code] = p
        elif p.kind is ProposalKind.PRIORITY:
            priority[p.authority_id, p.enterprise_id] = p
    out: list[dict[str, Any]] = []
    changed: list[Applied] = []
    for row in items:
        new = dict(row)
        measured = minutes.get((row["authority_id"], row.get("item_code")))
        if measured is not None and row["duration_min"] == measured.old:
            new["duration_min"] = measured.new
            changed.append(_applied(row, "duration_min", measured))
        raised = priority.get((row["authority_id"], row["enterprise_id"]))
        if raised is not None and weights.get(str(raised.new), 0) > weights.get(str(row["priority"]), 0):
            new["priority"] = raised.new
            changed.append(_applied(row, "priority", raised))
        out.append(new)
    return out, changed


def _applied(row: Mapping[str, Any], column: str, p: Proposal) -> Applied:
    assert p.new is not None
    return Applied(item_id=row["item_id"], column=column, old=row[column], new=p.new, proposal_id=p.proposal_id)
