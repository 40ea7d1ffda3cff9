"""The catalogue of input problems: for every code its severity, what was expected and how to mend it.

Codes are stable; texts may change. ``docs/intake.md`` lists them and a test holds the two together.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from scheduler.errors import Problem, Severity
from scheduler.texts import Text

CASE = "case"
"""Table of problems in case.toml."""

MAX_TOLD = 20_000
"""Of one fault in a column the first so many rows are told: no report is as long as a file without end."""
_SHOWN = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """What is said of a code; texts have ``{named}`` places."""

    severity: Severity
    expected: Text
    hint: Text


def _stop(expected: tuple[str, str], hint: tuple[str, str] = ("", "")) -> Entry:
    return Entry(severity=Severity.ERROR, expected=Text(*expected), hint=Text(*hint))


def _warn(expected: tuple[str, str], hint: tuple[str, str] = ("", "")) -> Entry:
    return Entry(severity=Severity.WARNING, expected=Text(*expected), hint=Text(*hint))


_FILES: Mapping[str, Entry] = {
    "missing_file": _stop(("应有此表", "this table"), ("请补上该文件或工作表", "add the file or sheet")),
    "unreadable_file": _stop(("可读取的文件", "a file that can be read"), ("{detail}", "{detail}")),
    "empty_file": _stop(
        ("首行为列名的表", "a table whose first row is a header"), ("文件或工作表是空的", "it is empty")
    ),
    "duplicate_table": _stop(
        ("每个表只出现一次", "every table once"), ("另见 {other}，请只保留一个", "it is also in {other}; keep one")
    ),
    "unknown_file": _warn(
        ("已知的表名", "a known table"), ("已忽略；表名见 docs/intake.md", "ignored; see docs/intake.md")
    ),
    "wrong_encoding": _stop(
        ("UTF-8 或 GB18030 编码", "UTF-8 or GB18030 text"),
        ("请另存为“CSV UTF-8”；文件也可能被截断", "save it as CSV UTF-8; or the file was cut short"),
    ),
    "nul_byte": _stop(
        ("文本", "text"), ("文件含空字节，可能已损坏或不是文本", "it holds NUL bytes: damaged, or no text")
    ),
    "bad_csv": _stop(
        ("符合 RFC 4180 的行", "a row by RFC 4180"),
        ("{detail}；请检查引号是否成对", "{detail}; look for an open quote"),
    ),
    "ragged_row": _stop(
        ("{columns} 列", "{columns} cells"),
        ("本行列数不符；含逗号的内容须加引号，文件也可能被截断", "quote cells with commas; or the file was cut short"),
    ),
    "wrong_delimiter": _stop(("以逗号分隔", "cells separated by commas"), ("请以逗号分隔另存", "save it with commas")),
    "bad_workbook": _stop(("未损坏的 .xlsx 工作簿", "a sound .xlsx workbook"), ("{detail}", "{detail}")),
    "too_large": _stop(
        ("不超过 {limit}", "at most {limit}"), ("文件过大或异常，已拒绝读取", "refused: too large or crafted")
    ),
    "merged_cells": _stop(
        ("未合并的单元格", "no merged cells"), ("请取消合并并逐格填写", "unmerge and fill every cell")
    ),
    "formula_without_value": _stop(
        ("公式的计算结果", "the value of the formula"),
        ("请用表格软件打开并保存，或粘贴为数值", "open and save it in a spreadsheet, or paste values"),
    ),
    "error_value": _stop(("数值或文字", "a value"), ("公式出错，请更正", "the formula gives an error; mend it")),
    "digits_lost": _stop(
        ("文本格式的编号", "an identifier stored as text"),
        (
            "Excel 数字只有 15 位有效，请设为文本后重新录入",
            "Excel numbers keep 15 digits; format as text and enter again",
        ),
    ),
    "bad_toml": _stop(("有效的 TOML", "valid TOML"), ("{detail}", "{detail}")),
}

_COLUMNS: Mapping[str, Entry] = {
    "missing_column": _stop(("应有此列", "this column"), ("也可写作：{aliases}", "also accepted: {aliases}")),
    "duplicate_column": _stop(
        ("每列只出现一次", "every column once"), ("{other} 也是此列", "{other} means this column too")
    ),
    "unknown_field": _stop(("已知的字段", "a known field"), ("可用字段：{known}", "known fields: {known}")),
    "formula_text": _stop(
        ("不以 = + - @ 开头的文字", "text that does not begin with = + - @"),
        ("电子表格会把它当作公式", "a spreadsheet would take it for a formula"),
    ),
    "wrong_json_type": _stop(("{kind}", "{kind_en}"), ("", "")),
    "unknown_column": _warn(
        ("已知的列名", "a known column"), ("已忽略；列名见 docs/intake.md", "ignored; see docs/intake.md")
    ),
    "empty_table": _warn(("至少一行", "at least one row"), ("表中只有列名", "it has a header only")),
    "missing_value": _stop(("必填", "a value"), ("此列不可为空", "this column must not be empty")),
    "bad_number": _stop(("数字", "a number"), ("请填写普通数字，如 113.95", "write a plain number such as 113.95")),
    "bad_whole_number": _stop(
        ("整数", "a whole number"), ("请填写整数，不带单位", "write a whole number without a unit")
    ),
    "bad_date": _stop(("日期 YYYY-MM-DD", "a date YYYY-MM-DD"), ("如 2026-10-08", "such as 2026-10-08")),
    "bad_clock": _stop(("时间 HH:MM", "a time HH:MM"), ("如 09:00，最晚 24:00", "such as 09:00, at most 24:00")),
    "bad_weekday": _stop(("1 至 7，1 为周一", "1 to 7, 1 is Monday"), ("多个用分号分隔", "separate several by ;")),
    "bad_flag": _stop(("0 或 1", "0 or 1"), ("也可写 是/否", "yes and no are accepted too")),
    "bad_id": _stop(
        ("不含分号、换行及不可见字符的编号", "an identifier without ; line breaks or invisible characters"),
        ("请清除这些字符；“*”为保留字", "remove them; * is reserved"),
    ),
    "bad_usci": _stop(
        ("校验码正确的 18 位统一社会信用代码", "a unified social credit code of 18 characters with its check digit"),
        ("请对照营业执照核对；不知道可留空", "compare with the business licence; leave it empty if unknown"),
    ),
    "bad_rule": _stop(
        ("YYYY-MM-DD..YYYY-MM-DD 或 monthly:1-25", "YYYY-MM-DD..YYYY-MM-DD or monthly:1-25"),
        ("起始不得晚于结束，日为 1 至 31", "first not after last, days 1 to 31"),
    ),
    "too_long": _stop(
        ("不超过规定长度的文字", "a text that is not too long"),
        ("编号最多 200 字，其他最多 2000 字", "identifiers have at most 200 characters, other texts 2,000"),
    ),
    "out_of_range": _stop(("{low} 至 {high}", "{low} to {high}"), ("{detail}", "{detail_en}")),
    "unknown_value": _stop(("{values} 之一", "one of {values}"), ("", "")),
    "duplicate_id": _stop(("唯一的编号", "a unique identifier"), ("与第 {first} 行重复", "the same as row {first}")),
}

_CROSS: Mapping[str, Entry] = {
    "unknown_reference": _stop(
        ("{where} 表中的编号", "an identifier in {where}"), ("请更正或补录", "correct it or add it there")
    ),
    "history_not_used": _warn(
        ("enterprises 表中的企业", "an enterprise in enterprises"),
        ("该企业不在本案中，此行不计入频次", "the enterprise is not in this case; the row does not count"),
    ),
    "history_after_horizon": _warn(
        ("不晚于计划期末 {end}", "not after the horizon's end {end}"),
        ("已完成的检查不应在将来", "done inspections lie in the past"),
    ),
    "visit_on_two_dates": _stop(
        ("同一企业同一 visit_id 只有一个日期", "one date for a visit_id at an enterprise"),
        ("第 {first} 行日期为 {other}", "row {first} says {other}"),
    ),
    "visit_has_a_date": _stop(
        ("同一企业同一 visit_id 只有一个日期", "one date for a visit_id at an enterprise"),
        ("另一行日期为 {other}", "another row says {other}"),
    ),
    "window_reversed": _stop(
        ("不早于 earliest {earliest}", "not before earliest {earliest}"), ("请交换或更正", "swap or correct")
    ),
    "window_outside": _warn(
        ("与计划期 {start} 至 {end} 有交集", "dates within the horizon {start} to {end}"),
        ("该事项将列为未安排", "the item will be left unserved"),
    ),
    "no_date_in_window": _warn(
        ("窗口内至少一个检查日", "an inspection date between earliest and latest"),
        ("该事项将列为未安排", "the item will be left unserved"),
    ),
    "no_shift_fits": _warn(
        ("不超过 {room} 分钟（含开场 {overhead} 分钟前）", "at most {room} minutes (before {overhead} of overhead)"),
        (
            "扣除路程、营业时间和入企时长上限后没有班次容得下，将列为未安排",
            "no shift holds it after travel, hours and the longest visit",
        ),
    ),
    "too_many_officers": _warn(
        ("不超过 {limit} 名检查人员", "at most {limit} officers on site"),
        ("该事项将列为未安排", "the item will be left unserved"),
    ),
    "no_crews": _warn(
        ("{authority} 在街道 {street} 有检查组", "crews of {authority} that serve street {street}"),
        ("{items} 个事项将列为未安排", "{items} item(s) will be left unserved"),
    ),
    "id_in_other_plan": _stop(
        ("本计划期内其他计划未用过的编号", "an id that no other plan of the horizon uses"),
        ("可在编号前加部门编号，如 {example}", "put the authority's id before it, as in {example}"),
    ),
    "not_listed": _stop(
        ("清单内的检查事项：{detail}", "an item of the published lists: {detail_en}"),
        ("清单之外不得检查", "what is not on the lists must not be inspected"),
    ),
    "remote_item": _stop(
        ("须入企的事项；此项可非现场检查", "an item that needs a visit; this one can be checked from afar"),
        ("仅个案检查和整改复查可入企", "only cases and follow-ups of it may be planned on site"),
    ),
    "other_authority": _stop(
        ("提交部门 {authority}", "the submitting authority {authority}"),
        ("部门只能提交自己的事项", "an authority submits items of its own only"),
    ),
    "certificate_reversed": _stop(("不早于 valid_from {first}", "not before valid_from {first}"), ("", "")),
    "duplicate_row": _warn(("不重复的行", "a row of its own"), ("与第 {first} 行相同", "the same as row {first}")),
    "duplicate_usci": _warn(
        ("每个信用代码一家企业", "one enterprise for a credit code"),
        (
            "与第 {first} 行相同；同一企业的多个场所可以忽略",
            "the same as row {first}; fine for several places of one enterprise",
        ),
    ),
    "hours_reversed": _stop(("晚于 open_from {open_from}", "after open_from {open_from}"), ("", "")),
    "dates_reversed": _stop(("不早于 from {first}", "not before from {first}"), ("", "")),
    "ambiguous_area": _stop(
        ("街道或区，不可同名", "a street or a district, not both"),
        ("既是街道编号又是区编号，请改名", "it names a street and a district; rename one"),
    ),
    "far_from_street": _warn(
        ("距街道办不超过 {limit} 公里", "within {limit} km of its street office"),
        ("相距 {km} 公里，请核对坐标与坐标系", "it is {km} km away; check coordinates and datum"),
    ),
    "missing_target": _stop(
        ("{scope} 的编号或名称", "the {scope} that it covers"),
        ("范围为 all 时才可留空", "it may be empty for scope all only"),
    ),
    "unused_target": _warn(
        ("企业表中出现的值", "a value that occurs in enterprises"), ("此规则不影响任何企业", "it touches nobody")
    ),
    "pin_outside_calendar": _stop(
        ("检查日", "an inspection date"), ("该日不在日历中", "the calendar has no inspections that day")
    ),
    "pin_without_item": _stop(
        ("该企业当日可查的事项", "an item of the enterprise whose window holds the date"),
        ("请改期或取消固定", "move or drop the pin"),
    ),
    "pin_closed": _stop(
        ("该企业当日可入企", "a date on which the enterprise may be visited"),
        ("当日停业或处于安静期", "it is closed or in a quiet period"),
    ),
    "pin_not_possible": _stop(
        ("当日（班次）能够完成的事项", "an item that can be done on that date and shift"),
        ("没有检查组、班次过短或人数超限", "no crews, too short a shift, or too many officers"),
    ),
    "pin_breaks_cap": _stop(
        ("频次上限内的固定安排", "pins within the frequency caps"),
        ("该企业的固定安排与历史检查超出频次上限", "its pins and history exceed a frequency cap"),
    ),
    "bad_event": _stop(
        ("与排程和案例相符的事件", "an event that fits the schedule and its case"), ("{detail}", "{detail_en}")
    ),
    "pin_breaks_gap": _stop(
        ("与前一次入企至少相隔 {gap} 天", "at least {gap} days after the pin before"),
        ("该企业的固定安排相隔太近", "the enterprise's pins are too near one another"),
    ),
    "pin_breaks_street_limit": _stop(
        ("街道上限内的固定安排", "pins within the limits of a street"),
        ("街道 {street} 的固定安排超出 {key} = {limit}", "the pins in street {street} exceed {key} = {limit}"),
    ),
}

_CONFIG: Mapping[str, Entry] = {
    "missing_key": _stop(("应有此项", "this key"), ("", "")),
    "unknown_key": _warn(("已知的配置项", "a known key"), ("已忽略，请检查拼写", "ignored; check its spelling")),
    "ignored_key": _warn(("仅用于 {where}", "used only with {where}"), ("已忽略", "ignored")),
    "wrong_type": _stop(("{kind}", "{kind_en}"), ("", "")),
    "unknown_year": _stop(
        ("已公布工作日安排的年份（{known}）", "a year whose working days are known ({known})"),
        (
            "{year} 年尚无调休安排，请导入或改用 weekdays",
            "make-up days of {year} are not known; import them or use weekdays",
        ),
    ),
    "horizon_reversed": _stop(("不早于 start {start}", "not before start {start}"), ("", "")),
    "date_outside_horizon": _warn(
        ("计划期内的日期", "a date within the horizon"), ("该日期不起作用", "it has no effect")
    ),
    "no_inspection_dates": _warn(
        ("至少一个检查日", "at least one inspection date"), ("全部事项将列为未安排", "all items will be left unserved")
    ),
    "bad_tiers": _stop(
        ("五个指标各一次（{names}），{first} 在最前", "each of the five terms once ({names}), {first} first"),
        ("未办事项的权重总是最先", "nothing is worth leaving an inspection out"),
    ),
    "shift_reversed": _stop(("晚于 start {start}", "after start {start}"), ("", "")),
    "shift_overlap": _stop(
        ("不早于上一班次结束 {end}", "not before the end {end} of the shift before"),
        ("班次须按时间排列且不重叠", "order shifts by time"),
    ),
}

CATALOGUE: Mapping[str, Entry] = {**_FILES, **_COLUMNS, **_CROSS, **_CONFIG}
"""Every code of an input problem."""


def problem(
    code: str,
    table: str,
    row: int | None = None,
    column: str | None = None,
    value: object = None,
    **facts: object,
) -> Problem:
    """Return a problem of the catalogue with its texts filled from facts; a long value is shortened."""
    entry = CATALOGUE[code]
    return Problem(
        severity=entry.severity,
        code=code,
        table=table,
        row=row,
        column=column,
        value=None if value is None else _short(value),
        expected=(entry.expected.say("zh", **facts), entry.expected.say("en", **facts)),
        hint=(entry.hint.say("zh", **facts), entry.hint.say("en", **facts)),
    )


def _short(value: object) -> str:
    if isinstance(value, int) and value.bit_length() > 1000:
        return "…"  # Python refuses to write very long numbers
    text = str(value)
    shown = "".join(c if c.isprintable() else "�" for c in text[: _SHOWN + 1])
    return shown if len(shown) <= _SHOWN else shown[:_SHOWN] + "…"
