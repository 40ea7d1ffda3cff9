"""Disclosure (公示) and legal review (法制审核) of an entry (三项制度): what is due when, and what is held back.

DOMAIN.md names the three systems; the days until an entry is to be disclosed, and how many cases call for a legal
review, are our assumptions and therefore data (:class:`DisclosureRules`).
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from scheduler.domain.fieldwork.entry import Entry
from scheduler.domain.fieldwork.kinds import EntryState, ItemResult
from scheduler.errors import OnevisitError


class LegalReview(StrEnum):
    """How far the legal review (法制审核) of an entry has got."""

    NOT_NEEDED = "not_needed"
    REQUIRED = "required"
    PASSED = "passed"
    RETURNED = "returned"


class DisclosureState(StrEnum):
    """Where an entry stands in the queue of what is to be disclosed (公示)."""

    HELD = "held"  # waits for its legal review
    DUE = "due"
    OVERDUE = "overdue"
    DISCLOSED = "disclosed"
    WITHHELD = "withheld"  # not to be disclosed at all, for a reason that is on record


class BeyondCalendar(OnevisitError):
    """Working days that the calendar at hand does not reach."""

    code = "beyond_calendar"


@dataclass(frozen=True, slots=True, kw_only=True)
class DisclosureRules:
    """The rules, as data.

    Parameters
    ----------
    days, days_of_case : working days after the entry until it is to be disclosed, at least 1; the latter where a case
        was filed. Our assumption.
    review_cases : cases filed in one entry from which it goes to legal review, at least 1. Our assumption.
    """

    days: int = 7
    days_of_case: int = 20
    review_cases: int = 1


def cases(entry: Entry) -> int:
    """Return how many cases were filed in an entry."""
    return sum(o.result is ItemResult.CASE_FILED for o in entry.outcomes)


def due_day(entry: Entry, working_days: Sequence[int], rules: DisclosureRules) -> int | None:
    """Return the last day number on which an entry is disclosed in time; ``None`` for one that is not closed.

    Parameters
    ----------
    working_days : ascending day numbers.

    Raises
    ------
    BeyondCalendar : the working days end before.
    """
    if entry.state is not EntryState.CLOSED:
        return None
    after = rules.days_of_case if cases(entry) else rules.days
    place = bisect_right(working_days, entry.day) + after - 1
    if place >= len(working_days):
        raise BeyondCalendar(f"{after} working days after {entry.entry_id} are beyond the calendar")
    return working_days[place]


def legal_review(entry: Entry, opinion: LegalReview | None, rules: DisclosureRules) -> LegalReview:
    """Return how far the legal review of an entry has got.

    Parameters
    ----------
    opinion : PASSED or RETURNED as the reviewer said last, ``None`` when nobody has yet; it counts only where a review
        is needed.
    """
    if cases(entry) < rules.review_cases:
        return LegalReview.NOT_NEEDED
    return opinion if opinion in (LegalReview.PASSED, LegalReview.RETURNED) else LegalReview.REQUIRED


def disclosure_state(
    *, due: int, today: int, review: LegalReview, disclosed_on: int | None = None, withheld: str | None = None
) -> DisclosureState:
    """Return where a closed entry stands in the queue.

    What waits for its review is held and does not become overdue: it must not be disclosed, however late it is.

    Parameters
    ----------
    due, today, disclosed_on : day numbers.
    withheld : the reason; an empty one is none.
    """
    if disclosed_on is not None:
        return DisclosureState.DISCLOSED
    if withheld:
        return DisclosureState.WITHHELD
    if review in (LegalReview.REQUIRED, LegalReview.RETURNED):
        return DisclosureState.HELD
    return DisclosureState.OVERDUE if today > due else DisclosureState.DUE
