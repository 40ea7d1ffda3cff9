"""Problems of a case for people (text, by table) and for programs (JSON)."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import Any

from scheduler.errors import Problem, Severity
from scheduler.intake.columns import ALL_TABLES
from scheduler.texts import Lang, Text

SHOWN_PER_CODE = 10
"""Problems of one code in one table that the text shows; the rest are counted."""

_TITLE = Text("发现 {errors} 个错误、{warnings} 个提醒。", "{errors} error(s), {warnings} warning(s).")
_CLEAN = Text("没有问题。", "No problems.")
_ERROR, _WARNING = Text("错误", "error"), Text("提醒", "warning")
_ROW, _COLUMN = Text("第 {row} 行", "row {row}"), Text("列 {column}", "column {column}")
_KEY, _WHOLE = Text("配置项 {column}", "key {column}"), Text("整个表", "whole table")
_FOUND, _EXPECTED = Text("内容“{value}”", "found {value!r}"), Text("应为：{expected}", "expected: {expected}")
_MORE = Text("…… 另有 {count} 处 {code}", "… and {count} more of {code}")
_BREAK = Text("；", "; ")


def render_text(problems: Sequence[Problem], lang: Lang) -> str:
    """Return the problems as lines grouped by table, errors and warnings marked, long lists cut with a count.

    Parameters
    ----------
    problems : as ``read_case`` gives them; a table's problems keep their order.
    """
    if not problems:
        return _CLEAN.say(lang)
    errors = sum(p.severity is Severity.ERROR for p in problems)
    lines = [_TITLE.say(lang, errors=errors, warnings=len(problems) - errors)]
    for table, rows in groupby(sorted(problems, key=_table_order), key=lambda p: p.table):
        lines += ["", _table_name(table, lang), *_table_lines(list(rows), lang)]
    return "\n".join(lines)


def as_json(problems: Sequence[Problem]) -> list[dict[str, Any]]:
    """Return every problem as plain values: severity, code, table, row, column, value, and texts by language."""
    return [
        {
            "severity": str(p.severity),
            "code": p.code,
            "table": p.table,
            "row": p.row,
            "column": p.column,
            "value": p.value,
            "expected": {"zh": p.expected[0], "en": p.expected[1]},
            "hint": {"zh": p.hint[0], "en": p.hint[1]},
        }
        for p in problems
    ]


def _table_order(p: Problem) -> tuple[int, str]:
    order = list(ALL_TABLES)
    return (order.index(p.table) if p.table in ALL_TABLES else -1), p.table


def _table_name(table: str, lang: Lang) -> str:
    if lang == "zh" and table in ALL_TABLES:
        return f"【{table} {ALL_TABLES[table].aliases[0]}】"
    return f"[{table}]"


def _table_lines(problems: list[Problem], lang: Lang) -> list[str]:
    lines: list[str] = []
    shown: dict[str, int] = {}
    for p in problems:
        shown[p.code] = shown.get(p.code, 0) + 1
        if shown[p.code] <= SHOWN_PER_CODE:
            lines.append("  " + problem_line(p, lang))
    for code, count in shown.items():
        if count > SHOWN_PER_CODE:
            lines.append("  " + _MORE.say(lang, count=count - SHOWN_PER_CODE, code=code))
    return lines


def problem_line(p: Problem, lang: Lang) -> str:
    """Return one problem as a line: severity, place, what was found, what was expected, how to mend it."""
    place = [_ROW.say(lang, row=p.row)] if p.row is not None else []
    if p.column is not None:
        place.append((_KEY if p.table == "case" else _COLUMN).say(lang, column=_column_name(p, lang)))
    mark = (_ERROR if p.severity is Severity.ERROR else _WARNING).say(lang)
    which = 0 if lang == "zh" else 1
    parts = [_FOUND.say(lang, value=p.value)] if p.value is not None else []
    if p.expected[which]:
        parts.append(_EXPECTED.say(lang, expected=p.expected[which]))
    if p.hint[which]:
        parts.append(p.hint[which])
    where = " ".join(place) or _WHOLE.say(lang)
    return f"{mark} {p.code} {where}: {_BREAK.say(lang).join(parts)}"


def _column_name(p: Problem, lang: Lang) -> str:
    column = str(p.column)
    if lang == "zh" and p.table in ALL_TABLES:
        alias = next((c.aliases[0] for c in ALL_TABLES[p.table].columns if c.name == column and c.aliases), None)
        return f"{column}（{alias}）" if alias else column
    return column
