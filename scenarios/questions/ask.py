"""Questions answered: plain values, and sentences in both languages."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from pydantic import BaseModel, ConfigDict

from scenarios.questions.asked import CrewsQuestion, DaysQuestion, Question, QuietQuestion, ServeQuestion
from scenarios.questions.crews import CrewsNeeded, crews_needed
from scenarios.questions.joint_days import FewestDays, fewest_joint_days
from scenarios.questions.quiet import BreakEven, quiet_break_even
from scenarios.questions.serve import ChangesNeeded, changes_needed
from scenarios.questions.trial import Effort
from scheduler.domain.snapshot import PlanningSnapshot
from scheduler.texts import Lang
from solver.limits import Watcher
from solver.parallel import Port


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
    effort = Effort(iterations=question.iterations, seed=question.seed)
    found = True
    match question:
        case CrewsQuestion():
            answer = crews_needed(base, effort, port=port, watch=watch)
            found = answer.complete
        case DaysQuestion():
            answer = fewest_joint_days(base, effort, port=port, watch=watch)
        case QuietQuestion():
            answer = quiet_break_even(
                base,
                effort,
                scope=question.scope,
                target=question.target,
                exempt_triggers=question.exempt_triggers,
                port=port,
                watch=watch,
            )
        case ServeQuestion():
            answer = changes_needed(base, question.item_ids, effort, watch=watch)
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
