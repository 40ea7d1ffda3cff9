"""Errors of the domain; each carries a stable code. Input problems are collected and raised once."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from scheduler.domain.schedule import Schedule


class Severity(StrEnum):
    """An error stops the run, a warning does not."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One thing wrong with the input, placed so that a person finds it.

    Parameters
    ----------
    code : stable code, for example ``unknown_reference``.
    table : file or sheet, for example ``items``; ``case`` for case.toml.
    row : row in the file as a person counts it (the header is row 1); ``None`` for the whole table.
    column : column or key; ``None`` for the whole row.
    value : what was found, shortened; ``None`` when nothing was.
    expected : what was expected, (Chinese, English).
    hint : how to mend it, (Chinese, English).
    """

    severity: Severity
    code: str
    table: str
    row: int | None = None
    column: str | None = None
    value: str | None = None
    expected: tuple[str, str] = ("", "")
    hint: tuple[str, str] = ("", "")


class OnevisitError(Exception):
    """Base of the domain's errors; `code` is stable."""

    code = "onevisit"


class InvalidCase(OnevisitError):
    """The case has errors; `problems` holds every one of them, and the warnings."""

    code = "invalid_case"

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        self.problems = problems
        errors = sum(p.severity is Severity.ERROR for p in problems)
        super().__init__(f"the case has {errors} error(s)")


class InvalidSchedule(OnevisitError):
    """A schedule folder cannot be read; `problems` holds every place."""

    code = "invalid_schedule"

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        self.problems = problems
        super().__init__(f"the schedule folder has {len(problems)} problem(s)")


class InvalidFile(OnevisitError):
    """Another file than a case or a schedule cannot be read; `problems` holds every place."""

    code = "invalid_file"

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        self.problems = problems
        super().__init__(f"the file has {len(problems)} problem(s)")


class PinsNotKept(OnevisitError):
    """Pins of the case that no plan found could keep together, for want of crews or time; `text` is (zh, en)."""

    code = "pins_not_kept"

    def __init__(self, pins: tuple[str, ...]) -> None:
        self.pins = pins
        shown = ", ".join(pins[:10]) + (" …" if len(pins) > 10 else "")
        self.text = (
            f"以下固定日期无法同时满足（班组或时间不足），请放开其中一些：{shown}",
            f"these pins cannot all be kept (crews or time are short), release some of them: {shown}",
        )
        super().__init__(self.text[1])


class BrokenSchedule(OnevisitError):
    """A schedule made here violates its own rules or terms: a bug of ours, never of the input.

    `schedule` is kept, so that the shell can write it aside.
    """

    code = "broken_schedule"

    def __init__(self, message: str, schedule: Schedule | None = None) -> None:
        self.schedule = schedule
        super().__init__(message)
