"""Results of a run as tables on the terminal: terms with bounds, before and after, what is left out."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from rich import box
from rich.table import Table

from api.shell import Shell, path_text, printable, say, write
from scheduler.domain.schedule import TERMS, ReasonCode
from scheduler.export.before_after import before_after_header, before_after_note, before_after_rows
from scheduler.export.delay_rows import delay_sentence
from scheduler.export.summary import before_after_of
from scheduler.export.wording import REASONS, TERM_NAMES, status_text
from scheduler.texts import Lang, Text

_TITLE = Text(
    "{name}：{status}，搜索 {search:.1f} 秒，共 {wall:.1f} 秒，{tries:,} 次迭代{memory}",
    "{name}: {status}, search {search:.1f} s, {wall:.1f} s in all, {tries:,} iterations{memory}",
)
_REPLANNED = Text("{name}：{status}，共 {wall:.1f} 秒{memory}", "{name}: {status}, {wall:.1f} s in all{memory}")
_MEMORY = Text("，内存峰值 {mb:,.0f} MB", ", peak memory {mb:,.0f} MB")
_HEADER = (
    Text("指标（按优先次序）", "Term, in order of priority"),
    Text("结果", "Value"),
    Text("已证明的下界", "Proven bound"),
    Text("差距", "Gap"),
)
_ALL_SERVED = Text("全部 {items:,} 项均已安排。", "All {items:,} items are served.")
_LEFT_OUT = Text("{items:,} 项中有 {left:,} 项未安排；原因：", "{left:,} of {items:,} items are not served; reasons:")
_NO_BEFORE = Text("没有计算与各部门单独检查的对照。", "Today's practice was not worked out.")
_FILES = Text("文件在 {path}：", "Files in {path}:")
_SCHEDULE = Text("排程表 {names}", "schedule {names}")
_WORKBOOK = Text("工作簿 {names}", "workbook {names}")
_CALENDARS = Text("日历 {names}（{count} 个）", "calendars {names} ({count})")
_SHEETS = Text("每日检查单 {names}（{count} 个）", "day sheets {names} ({count})")


def show_results(shell: Shell, summary: Mapping[str, Any], out: Path) -> None:
    """Print what a run reached, what it could not, and where its files are."""
    show_summary(shell, summary)
    _show_files(shell, out)


def show_summary(shell: Shell, summary: Mapping[str, Any]) -> None:
    """Print what a run reached, and what it could not."""
    mb = summary["peak_mb"]
    about = {"name": summary["name"], "status": status_text(summary["status"], shell.lang), "wall": summary["wall_s"]}
    memory = "" if mb is None else _MEMORY.say(shell.lang, mb=mb)
    if "iterations" in summary:
        say(shell, _TITLE, **about, search=summary["search_s"], tries=summary["iterations"], memory=memory)
    else:
        say(shell, _REPLANNED, **about, memory=memory)
    shell.out.print(terms_table(summary["terms"], summary["bounds"], summary["gap"], shell.lang))
    _show_before_after(shell, summary)
    delay = delay_sentence(summary, shell.lang)
    if delay is not None:
        write(shell.out, delay)
    _show_unserved(shell, summary)


def terms_table(
    terms: Mapping[str, Any], bounds: Mapping[str, Any], gaps: Mapping[str, float | None], lang: Lang
) -> Table:
    """Return the terms with proven bounds and gaps, "–" where there is none."""
    table = Table(box=box.SIMPLE)
    for column, text in enumerate(_HEADER):
        table.add_column(text.say(lang), justify="right" if column else "left")
    for term in TERMS:
        bound, gap = bounds.get(term), gaps.get(term)
        table.add_row(
            TERM_NAMES[term].say(lang),
            f"{terms[term]:,}",
            "–" if bound is None else f"{bound:,}",
            "–" if gap is None else f"{100 * gap:.1f}%",
        )
    return table


def _show_before_after(shell: Shell, summary: Mapping[str, Any]) -> None:
    before_after = before_after_of(summary)
    if before_after is None:
        say(shell, _NO_BEFORE)
        return
    table = Table(box=box.SIMPLE)
    for column, name in enumerate(before_after_header(shell.lang)):
        table.add_column(name, justify="right" if column else "left")
    for row in before_after_rows(before_after, shell.lang):
        table.add_row(*row)
    shell.out.print(table)
    write(shell.out, before_after_note(before_after, shell.lang))


def _show_unserved(shell: Shell, summary: Mapping[str, Any]) -> None:
    items, left = summary["num_items"], summary["num_unserved"]
    if not left:
        say(shell, _ALL_SERVED, items=items)
        return
    say(shell, _LEFT_OUT, items=items, left=left)
    names = {code.value: text.say(shell.lang) for code, text in REASONS.items() if code in ReasonCode}
    for code, count in sorted(summary["unserved_reasons"].items(), key=lambda pair: (-pair[1], pair[0])):
        write(shell.out, f"  {count:6,}  {printable(names.get(code, code))}")


def _show_files(shell: Shell, out: Path) -> None:
    say(shell, _FILES, path=path_text(out.absolute()))
    for text, names, count in files_of(out):
        write(shell.out, "  " + text.say(shell.lang, names=names, count=count))


def files_of(out: Path) -> list[tuple[Text, str, int]]:
    """Return the kinds of files in an output folder, as (text, names, number of files)."""
    tables = ", ".join(path.name for path in sorted(out.glob("*.csv"))) + ", summary.json"
    kinds = [(_SCHEDULE, tables, 5)]
    kinds += [(_WORKBOOK, path.name, 1) for path in sorted(out.glob("*.xlsx"))]
    for text, name, ending in ((_CALENDARS, "calendar", "ics"), (_SHEETS, "daysheets", "pdf")):
        if count := sum(1 for _ in (out / name).rglob(f"*.{ending}")):
            kinds.append((text, f"{name}/", count))
    return kinds
