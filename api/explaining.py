"""What ``onevisit explain …`` does: read a case and a schedule, ask one question, and say the answer."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from api import answering
from api.answering import Said
from api.failures import DONE, FOUND_WRONG, CommandError
from api.reading import read_planned
from api.shell import Shell, write, write_json
from scheduler.answers.errors import BadQuestion
from scheduler.domain.schedule import Schedule
from scheduler.domain.snapshot import PlanningSnapshot
from scheduler.moves.errors import BadMove
from scheduler.texts import Text

_BROKEN = Text(
    "该排程违反{count}处规则，无法如实解答；请先用 onevisit check 查看（{first}）",
    "the schedule breaks rules in {count} places, so nothing true can be said of it; see onevisit check ({first})",
)


def item(shell: Shell, case: Path, folder: Path, item_id: str, iterations: int, seed: int) -> int:
    """Say why an item is not served; return the exit code, 1 when its cheapest relaxation is not confirmed."""
    snapshot, schedule = _read(case, folder)
    return _tell(shell, lambda: answering.item(snapshot, schedule, item_id, answering.limits_of(iterations, seed)))


def serve(shell: Shell, case: Path, folder: Path, item_id: str, iterations: int, seed: int) -> int:
    """Say what it would take to serve an item; return the exit code, 1 when nothing that was tried serves it."""
    snapshot, schedule = _read(case, folder)
    return _tell(shell, lambda: answering.serve(snapshot, schedule, item_id, answering.limits_of(iterations, seed)))


def day(shell: Shell, case: Path, folder: Path, visit: str, on: int) -> int:
    """Say why a visit is not on another date; return the exit code."""
    from scheduler.moves.index import MoveIndex

    index = MoveIndex(*_read(case, folder))
    return _tell(shell, lambda: answering.day(index, visit, on))


def hour(shell: Shell, case: Path, folder: Path, visit: str) -> int:
    """Say what keeps a visit from starting earlier; return the exit code."""
    from scheduler.moves.index import MoveIndex

    index = MoveIndex(*_read(case, folder))
    return _tell(shell, lambda: answering.hour(index, visit))


def crews(shell: Shell, case: Path, folder: Path, street: str, on: int, shift: str, authority: str) -> int:
    """Say why an authority needs so many crews in a street shift; return the exit code."""
    from scheduler.moves.index import MoveIndex

    index = MoveIndex(*_read(case, folder))
    return _tell(shell, lambda: answering.crews(index, street, on, shift, authority))


def _read(case: Path, folder: Path) -> tuple[PlanningSnapshot, Schedule]:
    """Return a case and its schedule.

    Raises
    ------
    CommandError : the schedule breaks a rule, so that nothing true could be said of it.
    """
    from scheduler.rules import check

    snapshot, [(schedule, _)] = read_planned(case, (folder,))
    broken = check(snapshot, schedule)
    if broken:
        raise CommandError(_BROKEN, count=len(broken), first=broken[0].sentence("en"))
    return snapshot, schedule


def _tell(shell: Shell, ask: Callable[[], Said]) -> int:
    """Ask, show the answer, and return the exit code; what cannot be asked is a fault of the command line."""
    try:
        answer = ask()(shell.lang)
    except (BadMove, BadQuestion) as error:
        raise CommandError(error.text, **error.facts) from error
    if shell.as_json:
        write_json(answer.as_dict())
    else:
        for text in answer.sentences:
            write(shell.out, text)
    return DONE if answer.ok else FOUND_WRONG
