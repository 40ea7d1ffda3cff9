"""What every run of a study may use."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field, field_validator

GOING_ON = 0.5
"""Iterations of the second stage, as a share of those of the first."""


class StudyLimits(BaseModel):
    """What every run of a study may use; with iterations, equal input gives equal results bit for bit.

    Parameters
    ----------
    iterations : of the search for the base's first schedule; see the module for what follows.
    seeds : of repeated runs, at least one; their spread tells noise from effect.
    bounds : prove lower bounds; without them no difference is proven.
    warm : scenarios near the base go on from its schedule.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    iterations: int = Field(200_000, ge=0, le=10_000_000_000)
    seeds: tuple[int, ...] = (1, 2, 3)
    bounds: bool = True
    warm: bool = True

    @field_validator("seeds")
    @classmethod
    def _different(cls, value: tuple[int, ...]) -> tuple[int, ...]:
        if not value or len(set(value)) != len(value) or any(not 0 <= s < 2**31 for s in value):
            raise ValueError("one seed at least, each once, 0 to 2147483647")
        return value
