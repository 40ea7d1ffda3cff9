"""The questions by name, with what each takes, and their answers as plain values and sentences."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from scenarios.questions.crews import CrewsNeeded, crews_needed
from scenarios.questions.joint_days import FewestDays, fewest_joint_days
from scenarios.questions.quiet import BreakEven, quiet_break_even
from scenarios.questions.serve import ChangesNeeded, changes_needed
from scenarios.questions.trial import Effort
from scheduler.domain.plans import Trigger
from scheduler.domain.policy import QuietScope
from scheduler.domain.snapshot import PlanningSnapshot
from scheduler.texts import Lang
from solver.limits import Watcher
from solver.parallel import Port


class _Question(BaseModel):
    """A question with the effort of each plan that its answer is made of."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_min_length=1)

    iterations: int = Field(100_000, ge=0, le=10_000_000_000)
    seed: int = Field(1, ge=0, lt=2**31)

    @property
    def effort(self) -> Effort:
        """The effort of each plan."""
        return Effort(iterations=self.iterations, seed=self.seed)


class CrewsQuestion(_Question):
    """How many crews of which authority would serve everything, and what is one more worth?"""

    question: Literal["crews"] = "crews"


class DaysQuestion(_Question):
    """How few joint days would do for the present demand?"""

    question: Literal["days"] = "days"


class QuietQuestion(_Question):
    """How many quiet days a month cost nothing?"""

    question: Literal["quiet"] = "quiet"
    scope: QuietScope = QuietScope.ALL
    target: str | None = None
    exempt_triggers: tuple[Trigger, ...] = ()


class ServeQuestion(_Question):
    """What are the cheapest changes that serve these items?"""

    question: Literal["serve"] = "serve"
    item_ids: tuple[str, ...] = Field(min_length=1, max_length=200)


Question = Annotated[
    CrewsQuestion | DaysQuestion | QuietQuestion | ServeQuestion,
    Field(discriminator="question"),
]


class Answer(BaseModel):
    """An answer: plain values, and sentences in both languages.

    Parameters
    ----------
    found : whether what was asked for was found; when not, the values say how far it went.
    """

    model_config = ConfigDict(frozen=True)

    question: str
    found: bool
    values: dict[str, Any]
    zh: list[str]
    en: list[str]

    def sentences(self, lang: Lang) -> list[str]:
        """Return the answer in words."""
        return self.zh if lang == "zh" else self.en


def ask(
    base: PlanningSnapshot, question: Question, *, port: Port | None = None, watch: Watcher | None = None
) -> Answer:
    """Return the answer to a question about a case.

    Raises
    ------
    EditFault, BadQuestion : it names what the case does not have.
    PinsNotKept : the case cannot be planned.
    """
    answer: CrewsNeeded | FewestDays | BreakEven | ChangesNeeded
    found = True
    match question:
        case CrewsQuestion():
            answer = crews_needed(base, question.effort, port=port, watch=watch)
            found = answer.complete
        case DaysQuestion():
            answer = fewest_joint_days(base, question.effort, port=port, watch=watch)
        case QuietQuestion():
            answer = quiet_break_even(
                base,
                question.effort,
                scope=question.scope,
                target=question.target,
                exempt_triggers=question.exempt_triggers,
                port=port,
                watch=watch,
            )
        case ServeQuestion():
            answer = changes_needed(base, question.item_ids, question.effort, watch=watch)
            found = not answer.left
    return Answer(
        question=question.question,
        found=found,
        values=_plain(asdict(answer)),
        zh=answer.sentences("zh"),
        en=answer.sentences("en"),
    )


def _plain(value: Any) -> Any:
    """Return values as JSON has them: tuples as lists."""
    if isinstance(value, dict):
        return {k: _plain(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(v) for v in value]
    return value
