"""The questions by name, with what each takes."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from scheduler.domain.plans import Trigger
from scheduler.domain.policy import QuietScope


class _Question(BaseModel):
    """A question with the effort of each plan that its answer is made of."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_min_length=1)

    iterations: int = Field(100_000, ge=0, le=10_000_000_000)
    seed: int = Field(1, ge=0, lt=2**31)


class CrewsQuestion(_Question):
    """How many crews of which authority would serve everything, and what one more is worth."""

    question: Literal["crews"] = "crews"


class DaysQuestion(_Question):
    """How few joint days would do for the present demand."""

    question: Literal["days"] = "days"


class QuietQuestion(_Question):
    """How many quiet days a month cost nothing."""

    question: Literal["quiet"] = "quiet"
    scope: QuietScope = QuietScope.ALL
    target: str | None = None
    exempt_triggers: tuple[Trigger, ...] = ()


class ServeQuestion(_Question):
    """What the cheapest changes are that serve these items."""

    question: Literal["serve"] = "serve"
    item_ids: tuple[str, ...] = Field(min_length=1, max_length=200)


Question = Annotated[
    CrewsQuestion | DaysQuestion | QuietQuestion | ServeQuestion,
    Field(discriminator="question"),
]
