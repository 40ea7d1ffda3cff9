"""An entry: one authority at one door, from the scan to the results of its items."""

from __future__ import annotations

from dataclasses import dataclass

from scheduler.domain.fieldwork.kinds import EntryPath, EntryState, ItemResult, LeniencyList, ScanStatus
from scheduler.domain.plans import Trigger


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemOutcome:
    """The result of one item of an entry.

    Parameters
    ----------
    due : day number until which a rectification is to be done; of RECTIFICATION only.
    case_no : of CASE_FILED.
    leniency, leniency_code, leniency_yuan : the list that was applied, its entry, and yuan that were spared.
    minutes : how long the item took, where it was measured.
    """

    item_id: str
    result: ItemResult
    item_code: str | None = None
    due: int | None = None
    case_no: str | None = None
    leniency: LeniencyList | None = None
    leniency_code: str | None = None
    leniency_yuan: int | None = None
    minutes: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One authority at one door.

    Parameters
    ----------
    day : day number in China of `entered_min`.
    entered_min, left_min : minutes after midnight; `left_min` is ``None`` while it is open.
    visit_id : the published visit that it is part of; ``None`` off plan.
    officer_ids : certified officers on site, sorted.
    approval_no : of the head's approval, ``None`` while papers are still to come.
    papers_due : day number until which they are due, where they come after the entry.
    """

    entry_id: str
    enterprise_id: str
    street_id: str
    authority_id: str
    day: int
    path: EntryPath
    scan_status: ScanStatus
    state: EntryState
    officer_ids: tuple[str, ...]
    item_ids: tuple[str, ...]
    trigger: Trigger = Trigger.ROUTINE
    cap_exempt: bool = False
    horizon_id: str | None = None
    visit_id: str | None = None
    entered_min: int | None = None
    left_min: int | None = None
    approval_no: str | None = None
    papers_due: int | None = None
    reason: str | None = None
    outcomes: tuple[ItemOutcome, ...] = ()

    @property
    def took_place(self) -> bool:
        """Say whether officers were inside."""
        return self.state in (EntryState.OPEN, EntryState.CLOSED)

    @property
    def minutes(self) -> int | None:
        """Minutes inside, ``None`` where they are not known."""
        if self.entered_min is None or self.left_min is None:
            return None
        return max(0, self.left_min - self.entered_min)
