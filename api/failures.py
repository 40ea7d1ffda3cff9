"""What goes wrong, as an exit code and a sentence in the language of the person; never a traceback for their input."""

from __future__ import annotations

import errno
from dataclasses import dataclass

from scheduler.errors import InvalidCase, InvalidFile, InvalidSchedule, OnevisitError, PinsNotKept, Problem
from scheduler.texts import Lang, Text
from solver.errors import SolverError

DONE, FOUND_WRONG, USAGE, GIVEN_UP = 0, 1, 2, 130
"""Exit codes; the last is the custom for a program that Ctrl-C ended."""

_SOLVER = Text("案例超出求解器的范围：{why}", "the case is beyond what the solver takes: {why}")
_SYSTEM = Text("{path}：{why}", "{path}: {why}")
_SYSTEM_NO_PATH = Text("系统错误：{why}", "the system reports: {why}")
_UNFORESEEN = Text(
    "程序内部错误（{kind}：{why}），这是本软件的缺陷。设置环境变量 ONEVISIT_DEBUG=1 再运行可看到详情。",
    "internal error ({kind}: {why}); this is a bug of ours. Run again with ONEVISIT_DEBUG=1 to see where.",
)
_MEMORY = Text("内存不足", "out of memory")
_SYSTEM_ZH = {
    errno.EACCES: "没有权限",
    errno.EPERM: "不允许此操作",
    errno.ENOENT: "文件或文件夹不存在",
    errno.ENOTDIR: "不是文件夹",
    errno.EISDIR: "是文件夹，不是文件",
    errno.EEXIST: "已经存在",
    errno.ENOSPC: "磁盘空间不足",
    errno.EROFS: "只读文件系统",
    errno.ENAMETOOLONG: "名称过长",
    errno.EIO: "读写错误",
    errno.EDQUOT: "超出磁盘配额",
    errno.ELOOP: "符号链接层数过多",
}


class CommandError(OnevisitError):
    """A command that cannot be carried out; `text` with its `facts` says why, `exit_code` ends the program."""

    code = "refused"
    exit_code = FOUND_WRONG

    def __init__(self, text: Text, **facts: object) -> None:
        self.text = text
        self.facts = facts
        super().__init__(text.say("en", **facts))


class UsageFault(CommandError):
    """The command line itself is wrong."""

    code = "usage"
    exit_code = USAGE


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """How a command ends badly: exit code, stable code of the error, a sentence, and the problems of the input."""

    exit_code: int
    code: str
    message: str
    problems: tuple[Problem, ...] = ()


def failure_of(error: Exception, lang: Lang) -> Failure:
    """Return what to say of an error and how to exit."""
    problems: tuple[Problem, ...] = ()
    exit_code = FOUND_WRONG
    match error:
        case InvalidCase() | InvalidSchedule() | InvalidFile():
            from scheduler.intake.report import render_text

            problems, message = error.problems, render_text(error.problems, lang)
        case CommandError():
            exit_code, message = error.exit_code, error.text.say(lang, **error.facts)
        case PinsNotKept():
            message = error.text[0 if lang == "zh" else 1]
        case SolverError():
            message = _SOLVER.say(lang, why=error)
        case OSError():
            message = system_text(error, lang)
        case MemoryError():
            message = _MEMORY.say(lang)
        case _:
            message = _other(error, lang)
    code = error.code if isinstance(error, OnevisitError) else type(error).__name__
    return Failure(exit_code=exit_code, code=code, message=message, problems=problems)


def system_text(error: OSError, lang: Lang) -> str:
    """Return what the system says of a file, in a language."""
    why = _reason(error, lang)
    path = error.filename2 or error.filename
    return (_SYSTEM_NO_PATH if path is None else _SYSTEM).say(lang, path=path, why=why)


def _reason(error: OSError, lang: Lang) -> str:
    why = error.strerror or str(error) or type(error).__name__
    return _SYSTEM_ZH.get(error.errno or 0, why) if lang == "zh" else why


def _other(error: Exception, lang: Lang) -> str:
    # Imported here: outputs and generators are loaded only by the commands that use them.
    from scenarios.generate.spec import GenerateError
    from scenarios.stored import OtherBase
    from scheduler.export.bundle import OutputFailed, OutputRefused

    if isinstance(error, GenerateError):
        return error.say(lang)
    if isinstance(error, OtherBase):
        return error.text.say(lang, **error.facts)
    if isinstance(error, OutputRefused | OutputFailed):
        text, cause = error.text[0 if lang == "zh" else 1], error.__cause__
        if isinstance(cause, OSError) and cause.strerror:
            return text.replace(cause.strerror, _reason(cause, lang))
        return text
    return _UNFORESEEN.say(lang, kind=type(error).__name__, why=error)
