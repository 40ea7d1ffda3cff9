"""Lists of the service as tables: plans, runs, schedules; who has not submitted yet; reminders."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from rich import box
from rich.console import JustifyMethod
from rich.table import Table

from api.failures import DONE
from api.remote.client import Remote
from api.shell import Shell, printable, say, write, write_json
from scheduler.texts import Text

Row = Mapping[str, Any]
Column = tuple[Text, Callable[[Row], object]]

_NONE = Text("没有。", "None.")
_PLAN = Text("计划", "Plan")
_STATE, _HORIZON, _ITEMS = Text("状态", "State"), Text("计划期", "Horizon"), Text("事项", "Items")
_AUTHORITY, _AREA, _RUN, _SCHEDULE = (
    Text("部门", "Authority"), Text("区域", "Area"), Text("运行", "Run"), Text("排程", "Schedule"),
)  # fmt: skip


def _of(name: str) -> Callable[[Row], object]:
    return lambda row: row.get(name)


def _at(name: str) -> Callable[[Row], object]:
    return lambda row: (row.get(name) or "")[:16].replace("T", " ")


def _horizon(row: Row) -> object:
    return row.get("horizon_id") or (row.get("request") or {}).get("horizon_id")


def _area(row: Row) -> object:
    return f"{row['level']} {row['area_id']}" if row.get("level") else (row.get("request") or {}).get("table") or "*"


_IDS = (_PLAN, _RUN, _SCHEDULE)
PLANS: Sequence[Column] = (
    (_PLAN, _of("plan_id")),
    (_AUTHORITY, _of("authority_id")),
    (_HORIZON, _of("horizon_id")),
    (Text("代码", "Code"), _of("code")),
    (Text("版", "Revision"), _of("revision")),
    (_STATE, _of("state")),
    (_ITEMS, _of("num_items")),
    (Text("批准文号", "Approval"), _of("approval_no")),
)
RUNS: Sequence[Column] = (
    (_RUN, _of("run_id")),
    (_HORIZON, _horizon),
    (_AREA, _area),
    (_STATE, _of("state")),
    (Text("提交（UTC）", "Asked (UTC)"), _at("created_at")),
    (_SCHEDULE, _of("schedule_id")),
)
SCHEDULES: Sequence[Column] = (
    (_SCHEDULE, _of("schedule_id")),
    (_HORIZON, _of("horizon_id")),
    (_AREA, _area),
    (_STATE, _of("state")),
    (Text("版本", "Version"), lambda row: row["version"] or ""),
    (Text("来源", "Origin"), _of("origin")),
    (Text("违规", "Violations"), _of("num_violations")),
    (Text("生成（UTC）", "Made (UTC)"), _at("created_at")),
)
_SERVING: Sequence[Column] = (
    (_AUTHORITY, _of("authority_id")),
    (Text("名称", "Name"), _of("name")),
    (Text("已提交", "Submitted"), lambda row: "✓" if row["submitted"] else "–"),
    (Text("待批准事项", "Items in draft"), _of("items_draft")),
    (Text("已批准事项", "Items approved"), _of("items_approved")),
)
_OPEN = Text(
    "计划期 {horizon_id} 的提交截止日期是 {closing_date}。", "Submission to {horizon_id} closes on {closing_date}."
)
_CLOSED = Text("计划期 {horizon_id} 已于 {closing_date} 截止。", "Submission to {horizon_id} closed on {closing_date}.")
_MISSING = Text("尚未提交：{who}", "Not submitted: {who}")
_UNAPPROVED = Text("已提交但未批准：{who}", "Submitted, not approved: {who}")
_ALL_THERE = Text("各部门均已提交并批准。", "All have submitted, and all of it is approved.")
_COUNT = Text("共 {count:,} 条提醒。", "{count:,} reminder(s).")


def list_rows(shell: Shell, remote: Remote, path: str, columns: Sequence[Column], **filters: Any) -> int:
    """Show every row of a list; return the exit code."""
    rows = list(remote.pages(path, **filters, limit=500))
    if shell.as_json:
        write_json({"ok": True, "items": rows})
    elif rows:
        shell.out.print(table_of(shell, columns, rows))
    else:
        say(shell, _NONE)
    return DONE


def table_of(shell: Shell, columns: Sequence[Column], rows: Sequence[Row]) -> Table:
    """Return rows as a table; numbers stand to the right, and ids stay in one piece."""
    table = Table(box=box.SIMPLE, padding=(0, 1, 0, 0))
    for title, value in columns:
        number = all(isinstance(value(row), int) for row in rows)
        justify: JustifyMethod = "right" if number else "left"
        table.add_column(title.say(shell.lang), justify=justify, overflow="fold", no_wrap=title in _IDS)
    for row in rows:
        table.add_row(*(printable(_cell(value(row))) for _, value in columns))
    return table


def _cell(value: object) -> str:
    return "" if value is None else f"{value:,}" if isinstance(value, int) else str(value)


def show_missing(shell: Shell, remote: Remote, horizon_id: str, street_id: str) -> int:
    """Show which authorities of a street have not submitted, or not approved; return the exit code."""
    found = remote.get("/plans/missing", horizon_id=horizon_id, street_id=street_id)
    if shell.as_json:
        write_json({"ok": True, **found})
        return DONE
    say(shell, _OPEN if found["open"] else _CLOSED, **found)
    shell.out.print(table_of(shell, _SERVING, found["authorities"]))
    names = {row["authority_id"]: row["name"] for row in found["authorities"]}
    for text, who in ((_MISSING, found["missing"]), (_UNAPPROVED, found["unapproved"])):
        if who:
            gap = "、" if shell.lang == "zh" else ", "
            write(shell.out, text.say(shell.lang, who=gap.join(names.get(a, a) for a in who)))
    if not found["missing"] and not found["unapproved"]:
        say(shell, _ALL_THERE)
    return DONE


def show_alerts(shell: Shell, remote: Remote, **filters: Any) -> int:
    """Show the reminders of a horizon, enterprise by enterprise; return the exit code."""
    rows = list(remote.pages("/alerts", **filters))
    if shell.as_json:
        write_json({"ok": True, "items": rows})
        return DONE
    for row in rows:
        write(shell.out, row["sentence"])
    say(shell, _COUNT, count=len(rows))
    return DONE
