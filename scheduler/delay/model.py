"""What is random when a schedule is carried out, and how crews behave: all of it parameters."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from enum import StrEnum

from scheduler.delay.distributions import Distribution, Fixed, Uniform


class Departure(StrEnum):
    """When crews leave the office."""

    PLANNED = "planned"  # as the schedule says, no later than the planned leg to the first part needs
    LATEST = "latest"  # just in time for the first part, by the planned leg


@dataclass(frozen=True, slots=True, kw_only=True)
class DelayModel:
    """Random durations and travel, and enterprises that are late or do not open.

    The factors of a part (its overhead included) and of a leg are independent of each other and are multiplied by the
    common factor of their date, so that delays of one date may go together. The default, 0.85 to
    1.25 at random, is an assumption: there are no records of real visits yet.

    Parameters
    ----------
    durations, travel : factor of every part, of every leg.
    day_durations, day_travel : factor common to all parts, all legs of a date (weather, traffic).
    enterprise_late_chance, enterprise_late_min : chance that an enterprise is ready only so many minutes after the
        announced start.
    no_show_chance, no_show_wait_min : chance that nobody opens, and how long each authority's crews then wait, from
        the start of their part, before they go on.
    departure : when crews leave the office.
    on_time_min : a start at most so many minutes after the planned one is on time.

    Raises
    ------
    ValueError : a chance outside 0 to 1, or minutes below 0.
    """

    durations: Distribution = field(default_factory=lambda: Uniform(lo=0.85, hi=1.25))
    travel: Distribution = field(default_factory=lambda: Uniform(lo=0.85, hi=1.25))
    day_durations: Distribution = field(default_factory=Fixed)
    day_travel: Distribution = field(default_factory=Fixed)
    enterprise_late_chance: float = 0.0
    enterprise_late_min: float = 15.0
    no_show_chance: float = 0.0
    no_show_wait_min: float = 10.0
    departure: Departure = Departure.PLANNED
    on_time_min: float = 10.0

    def __post_init__(self) -> None:
        if not all(0 <= chance <= 1 for chance in (self.enterprise_late_chance, self.no_show_chance)):
            raise ValueError("a chance must be from 0 to 1")
        if not all(0 <= m < math.inf for m in (self.enterprise_late_min, self.no_show_wait_min, self.on_time_min)):
            raise ValueError("minutes must be at least 0")


AS_PLANNED = DelayModel(durations=Fixed(), travel=Fixed())
"""Everything takes as long as planned."""
