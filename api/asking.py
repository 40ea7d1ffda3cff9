"""What ``onevisit question …`` does: read a case, ask, and say the answer."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from api import machine
from api.console import display_of
from api.failures import DONE, FOUND_WRONG, CommandError, UsageFault
from api.interrupts import StopRequest, soft_interrupts
from api.parallel import open_port
from api.reading import read_planned
from api.shell import Shell, write, write_json
from scheduler.texts import Text
from solver.limits import Progress

if TYPE_CHECKING:
    from scenarios.questions.asked import Question, QuietQuestion

_FAULT = Text("{what}", "{what}")
_BAD = Text("{where} 的值有误：{why}", "{where}: {why}")


def quiet_question(
    scope: str, target: str | None, exempt: tuple[str, ...], iterations: int, seed: int
) -> QuietQuestion:
    """Return the question about quiet days.

    Raises
    ------
    UsageFault : a scope or a trigger that is none.
    """
    from pydantic import ValidationError

    from scenarios.questions.asked import QuietQuestion

    values = {"scope": scope, "target": target, "exempt_triggers": exempt, "iterations": iterations, "seed": seed}
    try:
        return QuietQuestion.model_validate(values)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        option = "--exempt" if first["loc"][0] == "exempt_triggers" else f"--{first['loc'][0]}"
        raise UsageFault(_BAD, where=option, why=first["msg"]) from error


def ask(shell: Shell, base: Path, question: Question, workers: int, cluster: str | None) -> int:
    """Ask, say the answer, and return the exit code, 1 when what was asked for was not found.

    Raises
    ------
    OnevisitError, OSError : the case cannot be read, or the question does not fit it.
    """
    from scenarios.edits.edit import EditFault
    from scenarios.questions.ask import ask as run
    from scheduler.answers.errors import BadQuestion

    snapshot, _ = read_planned(base, ())
    stop = StopRequest()
    display = display_of(shell, stop)

    def watch(progress: Progress) -> bool:
        display.stage("runs")
        return stop.asked

    machine.collect_less()
    try:
        with display, soft_interrupts(stop), open_port(cluster, workers, len(snapshot.enterprises)) as port:
            display.stage("load")
            answer = run(snapshot, question, port=port, watch=watch)
    except (EditFault, BadQuestion) as error:
        raise CommandError(_FAULT, what=error.text.say(shell.lang, **error.facts)) from error
    if stop.asked:
        raise KeyboardInterrupt  # searches that were cut short prove nothing
    if shell.as_json:
        write_json(
            {
                "question": answer.question,
                "found": answer.found,
                "sentences": answer.sentences(shell.lang),
                **answer.values,
            }
        )
    else:
        for sentence in answer.sentences(shell.lang):
            write(shell.out, sentence)
    return DONE if answer.found else FOUND_WRONG
