"""Policy: visit rules, travel, frequency caps, quiet periods and priorities, all of them data."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from scheduler.domain.added import ADDED
from scheduler.domain.calendar import Period
from scheduler.domain.plans import Trigger
from scheduler.domain.schedule import TERMS

ANY = "*"
"""Matches every authority or every credit class in a cap."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitRules:
    """How a joint visit runs.

    Parameters
    ----------
    overhead_min : minutes added to every authority's part (greeting, code, closing talk), at least 0.
    start_together : all parts begin with the visit.
    ride_together : crews that meet ride together all shift, a caravan (R32).
    stretch_min : how much longer than its longest part a visit may last, at least 0.
    max_officers : most officers on site (a crew counts two); no limit when ``None``.
    max_visit_min : longest visit in minutes; no limit when ``None``.
    min_gap_days : least days from one visit that counts against caps to the next at an enterprise, from 0.
    max_authorities : most authorities that take part in one visit, at least 1; no limit when ``None``.
    """

    overhead_min: int = 10
    start_together: bool = False
    stretch_min: int = 0
    max_officers: int | None = None
    max_visit_min: int | None = None
    min_gap_days: int = field(default=0, metadata=ADDED)
    ride_together: bool = field(default=False, metadata=ADDED)
    max_authorities: int | None = field(default=None, metadata=ADDED)


@dataclass(frozen=True, slots=True, kw_only=True)
class TravelRules:
    """How long a leg takes: see ``scheduler.travel``.

    Parameters
    ----------
    speed_kmh : speed, greater than 0.
    detour : road length over great-circle length, at least 1.
    stop_min : parking and walking, in every leg that moves, at least 0.
    buffer_min : slack between two visits of a crew, at least 0.
    """

    speed_kmh: float = 20.0
    detour: float = 1.3
    stop_min: float = 3.0
    buffer_min: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class StreetRules:
    """How much joint inspection a street takes; the visits of the schedule count, those of the past do not.

    Parameters
    ----------
    max_days : most joint days of a street in a calendar month, at least 1; no limit when ``None``.
    max_visits : most visits of one street shift, at least 1; no limit when ``None``.
    """

    max_days: int | None = None
    max_visits: int | None = None


class CapScope(StrEnum):
    """What a frequency cap counts at one enterprise: doors by all authorities, or one authority's visits."""

    ENTERPRISE = "enterprise"
    AUTHORITY = "authority"


@dataclass(frozen=True, slots=True, kw_only=True)
class FrequencyCap:
    """At most `max_visits` visits at one enterprise in a calendar period (年度频次上限).

    Parameters
    ----------
    authority : an authority, or ``*``: each authority on its own. Only with scope authority.
    credit_class : the class of enterprises it holds for, or ``*``.
    """

    scope: CapScope
    period: Period
    max_visits: int
    authority: str = ANY
    credit_class: str = ANY


class QuietScope(StrEnum):
    """Whom a quiet period covers."""

    ALL = "all"
    STREET = "street"
    ENTERPRISE = "enterprise"
    INDUSTRY = "industry"
    CREDIT_CLASS = "credit_class"


@dataclass(frozen=True, slots=True, kw_only=True)
class QuietPeriod:
    """Days without visits (企业安静期, 宁静生产日), either a span of days or days of every month.

    Parameters
    ----------
    target : the street, enterprise, industry or class; ``None`` for scope all.
    first_day, last_day : day numbers, both inside, for a span.
    month_from, month_to : days of the month, both inside, for a monthly rule.
    exempt_triggers : items with these triggers are not stopped.
    """

    scope: QuietScope
    target: str | None = None
    first_day: int | None = None
    last_day: int | None = None
    month_from: int | None = None
    month_to: int | None = None
    exempt_triggers: tuple[Trigger, ...] = ()

    def holds_on(self, day: int) -> bool:
        """Say whether the day lies in the quiet period."""
        if self.first_day is not None and self.last_day is not None:
            return self.first_day <= day <= self.last_day
        if self.month_from is not None and self.month_to is not None:
            return self.month_from <= date.fromordinal(day).day <= self.month_to
        return False


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """Everything a case decides by rule.

    Parameters
    ----------
    priority_weights : (name, weight of one unserved item), sorted.
    tiers : the terms in the order in which they are decided: each of :data:`scheduler.domain.schedule.TERMS` once,
        unserved weight first.
    """

    visit: VisitRules
    travel: TravelRules
    priority_weights: tuple[tuple[str, int], ...]
    caps: tuple[FrequencyCap, ...] = ()
    quiet_periods: tuple[QuietPeriod, ...] = ()
    street: StreetRules = field(default=StreetRules(), metadata=ADDED)
    tiers: tuple[str, ...] = field(default=TERMS, metadata=ADDED)
