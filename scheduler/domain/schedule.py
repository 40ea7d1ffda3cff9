"""A joint schedule: visits, crew shifts with their stops, what is left out and why, and its score."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import astuple, dataclass
from enum import StrEnum

TERMS = ("unserved_weight", "doors", "crew_shifts", "joint_days", "travel_min")
"""The objective's tiers T01 to T05, each decided before the next unless a policy orders them otherwise."""


class ScheduleState(StrEnum):
    """Life of a schedule; only a draft may still change."""

    DRAFT = "draft"
    PUBLISHED = "published"
    SUPERSEDED = "superseded"


@dataclass(frozen=True, slots=True, kw_only=True)
class JointVisit:
    """One door opened once, in one street shift.

    Parameters
    ----------
    day : day number.
    start, end : minutes after midnight; from the first part's start to the last part's end.
    authority_ids, item_ids : sorted.
    """

    visit_id: str
    enterprise_id: str
    street_id: str
    day: int
    shift_id: str
    start: int
    end: int
    authority_ids: tuple[str, ...]
    item_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stop:
    """A crew's part at a visit; it may arrive before `start` and wait (minutes after midnight)."""

    visit_id: str
    arrive: int
    start: int
    leave: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CrewShift:
    """One crew's work in one street shift: from the street office, stop by stop, and back.

    Parameters
    ----------
    depart, back : minutes after midnight at which it leaves and returns to the office.
    travel_min : minutes travelled, first and last leg included.
    stops : in the order of the route, at least one.
    """

    crew_id: str
    authority_id: str
    street_id: str
    day: int
    shift_id: str
    depart: int
    back: int
    travel_min: int
    stops: tuple[Stop, ...]


class ReasonCode(StrEnum):
    """Why an item is not served."""

    WINDOW = "window"  # no inspection date between earliest and latest
    CLOSED = "closed"  # the enterprise is closed on every date left
    QUIET = "quiet"  # a quiet period covers every date left
    NO_CREW = "no_crew"  # no (or too few) crews of the authority for that area on any of its dates
    SHIFT_TOO_SHORT = "shift_too_short"  # travel and part do not fit into any shift
    HOURS = "hours"  # the part does not fit into the enterprise's opening hours in any shift
    VISIT_TOO_LONG = "visit_too_long"  # the part alone is longer than the longest visit
    CROWD = "crowd"  # its crews alone, or with the better ones, exceed the officers on site
    AUTHORITIES = "authorities"  # the enterprise's visit has as many authorities as it may
    CAP = "cap"  # a frequency cap is used up, by history or by the enterprise's planned visits
    GAP = "gap"  # too few days from another visit of the enterprise
    NOTICE = "notice"  # announced and unannounced items cannot share the one visit left
    PIN = "pin"  # the enterprise's pin keeps its visit off the item's dates
    STREET_SHIFT_FULL = "street_shift_full"  # street shifts hold as many visits as they may
    STREET_DAYS_USED = "street_days_used"  # the street has as many joint days in the month as it may have
    NO_WEIGHT = "no_weight"  # crews are left for it, but its priority weighs nothing, and no plan is better for it
    CAPACITY = "capacity"  # could be served alone, but crews went to heavier or earlier tiers


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """A typed reason with the figures that a sentence about it needs, as sorted (name, value) pairs."""

    code: ReasonCode
    facts: tuple[tuple[str, str], ...] = ()


class RelaxationKind(StrEnum):
    """A change that would let an item be served, cheapest first."""

    MOVE_WINDOW = "move_window"
    EXEMPT_QUIET = "exempt_quiet"
    OPEN_ENTERPRISE = "open_enterprise"
    ADD_CREW = "add_crew"
    SPLIT_ITEM = "split_item"
    WIDEN_HOURS = "widen_hours"
    LENGTHEN_SHIFT = "lengthen_shift"
    RAISE_SHIFT_VISITS = "raise_shift_visits"
    RAISE_STREET_DAYS = "raise_street_days"
    RAISE_CROWD = "raise_crowd"
    RAISE_AUTHORITIES = "raise_authorities"
    LENGTHEN_VISIT = "lengthen_visit"
    SHORTEN_GAP = "shorten_gap"
    RAISE_CAP = "raise_cap"
    REMOVE_PIN = "remove_pin"
    GIVE_WEIGHT = "give_weight"
    SEVERAL = "several"


@dataclass(frozen=True, slots=True, kw_only=True)
class Relaxation:
    """The cheapest change found for an unserved item, with its figures as sorted (name, value) pairs."""

    kind: RelaxationKind
    facts: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Unserved:
    """An item left out, with at least one reason."""

    item_id: str
    reasons: tuple[Reason, ...]
    relaxation: Relaxation | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """The five terms of a schedule (see :data:`TERMS`), recomputed without the solver."""

    unserved_weight: int
    doors: int
    crew_shifts: int
    joint_days: int
    travel_min: int

    def as_dict(self) -> dict[str, int]:
        """Return the terms by name, in tier order."""
        return {name: getattr(self, name) for name in TERMS}

    def in_order(self, tiers: Iterable[str]) -> tuple[int, ...]:
        """Return the terms in the order in which a policy decides them, to be compared in turn."""
        return tuple(getattr(self, name) for name in tiers)


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """A joint schedule. Tables are sorted by their ids, so equal plans are equal objects."""

    snapshot_digest: str
    visits: tuple[JointVisit, ...]
    crew_shifts: tuple[CrewShift, ...]
    unserved: tuple[Unserved, ...]
    state: ScheduleState = ScheduleState.DRAFT
    version: int = 0

    def digest(self) -> str:
        """Return the SHA-256 of visits and crew shifts as 64 hexadecimal digits, equal for equal plans of a case."""
        h = hashlib.sha256(self.snapshot_digest.encode())
        for row in (*map(astuple, self.visits), *map(astuple, self.crew_shifts)):
            h.update(json.dumps(row, ensure_ascii=False, separators=(",", ":")).encode())
        return h.hexdigest()


def visit_id_of(item_ids: Iterable[str]) -> str:
    """Return the content id of a visit: the same items give the same id."""
    text = "\x1f".join(sorted(item_ids))
    return "V" + hashlib.sha256(text.encode()).hexdigest()[:16]


def crew_id_of(authority_id: str, day: int, shift_id: str, visit_ids: Iterable[str], twin: int) -> str:
    """Return the content id of a crew shift; `twin` from 0 tells crews with the same route apart."""
    text = "\x1f".join((authority_id, str(day), shift_id, str(twin), *visit_ids))
    return "C" + hashlib.sha256(text.encode()).hexdigest()[:16]
