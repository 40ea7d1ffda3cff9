"""Plan items that departments submit, and inspections already done."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from scheduler.domain.added import ADDED


class Trigger(StrEnum):
    """Why an inspection takes place (日常, 专项, 个案, 整改复查)."""

    ROUTINE = "routine"
    CAMPAIGN = "campaign"
    CASE = "case"
    FOLLOW_UP = "follow_up"


class Notice(StrEnum):
    """Whether the enterprise is told beforehand; the two kinds never share a visit."""

    ANNOUNCED = "announced"
    UNANNOUNCED = "unannounced"


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanItem:
    """One inspection that one authority plans at one enterprise; served at most once.

    Parameters
    ----------
    duration_min : minutes on site without the visit's overhead, at least 1.
    earliest, latest : first and last day number on which it may be served, both inside.
    priority : a name of the policy's priority weights.
    crews : crews (of two officers) needed together, at least 1.
    cap_exempt : neither counted nor stopped by frequency caps.
    """

    item_id: str
    authority_id: str
    enterprise_id: str
    duration_min: int
    earliest: int
    latest: int
    priority: str
    trigger: Trigger = Trigger.ROUTINE
    crews: int = 1
    cap_exempt: bool = False
    notice: Notice = Notice.ANNOUNCED
    item_code: str | None = None
    legal_basis: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PastInspection:
    """An inspection already done; counts against caps unless exempt.

    Rows with one `visit_id`, or without one but with the same enterprise and day, are one door.
    """

    enterprise_id: str
    authority_id: str
    day: int
    visit_id: str | None = None
    trigger: Trigger = Trigger.ROUTINE
    cap_exempt: bool = False


class PinKind(StrEnum):
    """Whether a pin is kept at any price (R26), or gives way where more weight is served elsewhere."""

    FIXED = "fixed"
    PREFERRED = "preferred"


@dataclass(frozen=True, slots=True, kw_only=True)
class Pin:
    """A visit of the enterprise stays on this day (and in this shift, when given)."""

    enterprise_id: str
    day: int
    shift_id: str | None = None
    kind: PinKind = field(default=PinKind.FIXED, metadata=ADDED)

    def holds(self, enterprise_id: str, day: int, shift_id: str) -> bool:
        """R26: say whether a visit of an enterprise on a day and in a shift is what this asks for."""
        return (self.enterprise_id, self.day) == (enterprise_id, day) and self.shift_id in (None, shift_id)
