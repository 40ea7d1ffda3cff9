"""What planning hands to the shell: a checked schedule with its score, proven bounds and burden."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from scheduler.burden import BeforeAfter
from scheduler.domain.schedule import Schedule, Score


class PlanStatus(StrEnum):
    """``optimal`` only when every tier is proven; ``stopped`` when a person stopped the search early."""

    OPTIMAL = "optimal"
    FEASIBLE = "feasible"
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanOutcome:
    """A schedule that passed every rule, and what is known of its quality.

    Parameters
    ----------
    bounds : proven lower bound by term, ``None`` where none; a bound holds for the earlier tiers as achieved.
    search_s : seconds of the joint search, without compilation.
    iterations : iterations of all workers.
    before_after : today's practice against the plan; ``None`` when it was not asked for.
    """

    schedule: Schedule
    score: Score
    bounds: Mapping[str, int | None]
    status: PlanStatus
    search_s: float
    iterations: int
    before_after: BeforeAfter | None

    def gap(self, term: str) -> float | None:
        """Return (value - bound) / bound of a term, 0 when both are 0, ``None`` without a positive bound."""
        value, bound = self.score.as_dict()[term], self.bounds.get(term)
        if bound is None:
            return None
        if bound == 0:
            return 0.0 if value == 0 else None
        return (value - bound) / bound
