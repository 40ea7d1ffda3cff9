"""Faults of the command line in the language of the person."""

from __future__ import annotations

import re

from scheduler.texts import Lang, Text

_HINT = Text("{what}\n运行“{command} --help”查看用法。", "{what}\nTry '{command} --help'.")
_INVALID = Text("{name} 的值无效：{why}", "invalid value for {name}: {why}")
_BY_KIND = {
    "MissingParameter": Text("缺少 {name}", "missing {name}"),
    "NoSuchOption": Text("没有选项 {name}", "there is no option {name}"),
    "BadOptionUsage": Text("选项 {name} 缺少或多余取值", "option {name} lacks its value, or takes none"),
}
_REASONS = (
    (re.compile(r"valid integer"), Text("应为整数", "must be a whole number")),
    (re.compile(r"valid number|finite"), Text("应为数字", "must be a number")),
    (re.compile(r"greater than or equal to (?P<n>\S+)"), Text("应不小于 {n}", "must be at least {n}")),
    (re.compile(r"less than or equal to (?P<n>\S+)"), Text("应不大于 {n}", "must be at most {n}")),
    (re.compile(r"greater than (?P<n>\S+)"), Text("应大于 {n}", "must be more than {n}")),
    (re.compile(r"is not one of (?P<n>.+?)\.?$"), Text("应为 {n} 之一", "must be one of {n}")),
    (re.compile(r"Input should be (?P<n>'.+)$"), Text("应为 {n} 之一", "must be one of {n}")),
)
_NO_COMMAND = re.compile(r"No such command '?(?P<n>[^']*)'?")
_COMMAND = Text("没有命令 {n}", "there is no command {n}")
_MISSING_COMMAND = Text("缺少命令", "missing command")
_EXTRA = re.compile(r"unexpected extra argument\S* \((?P<n>.*)\)")
_TOO_MANY = Text("多余的参数：{n}", "too many arguments: {n}")


def usage_text(error: Exception, lang: Lang) -> str:
    """Return what is wrong with a command line and how to get help; texts of the parser not known here stay English."""
    context = getattr(error, "ctx", None)
    return _HINT.say(lang, what=_what(error, lang), command=context.command_path if context else "onevisit")


def _what(error: Exception, lang: Lang) -> str:
    message = str(getattr(error, "message", error))
    name = _name(error)
    kind = _BY_KIND.get(type(error).__name__)
    if kind is not None and name:
        return kind.say(lang, name=name)
    for pattern, text in ((_NO_COMMAND, _COMMAND), (_EXTRA, _TOO_MANY)):
        if found := pattern.search(message):
            return text.say(lang, **found.groupdict())
    if message == "Missing command.":
        return _MISSING_COMMAND.say(lang)
    return _INVALID.say(lang, name=name, why=_why(message, lang)) if name else message


def _why(message: str, lang: Lang) -> str:
    for pattern, text in _REASONS:
        if found := pattern.search(message):
            return text.say(lang, **found.groupdict())
    return message


def _name(error: Exception) -> str:
    option = getattr(error, "option_name", None)
    if option:
        return str(option)
    hint = getattr(error, "param_hint", None)
    param = getattr(error, "param", None)
    if hint is None and param is not None:
        names = list(param.opts) if param.param_type_name == "option" else [str(param.metavar or param.name.upper())]
        hint = " / ".join(names)
    return str(hint or "")
