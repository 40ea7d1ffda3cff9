"""``onevisit simulate``: how a schedule fares when durations and travel are random."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from rich import box
from rich.table import Table

from api.failures import DONE, CommandError, UsageFault
from api.reading import read_planned
from api.shell import Shell, path_text, printable, say, write_json
from scheduler.delay.distributions import Distribution, distribution_of
from scheduler.delay.figures import DelayComparison, DelayReport
from scheduler.delay.model import DelayModel
from scheduler.delay.simulate import compare
from scheduler.domain.schedule import Schedule
from scheduler.domain.snapshot import PlanningSnapshot
from scheduler.export.delay_rows import (
    FIGURE_NAMES,
    comparison_values,
    delay_header,
    delay_rows,
    report_values,
    split_header,
    split_rows,
)
from scheduler.texts import Text

_DISTRIBUTION = Text(
    "{option} 应为 uniform:LO:HI、triangular:LO:MODE:HI、lognormal:SIGMA 或 fixed:FACTOR（数不小于 0），现为 {value}",
    "{option} must be uniform:LO:HI, triangular:LO:MODE:HI, lognormal:SIGMA or fixed:FACTOR, with numbers of at "
    "least 0 in order, not {value}",
)
_BROKEN = Text(
    "{path} 违反规则 {count:,} 处（{code}），不能模拟；请用 onevisit check 查看。",
    "{path} breaks {count:,} rule(s) ({code}) and cannot be simulated; see onevisit check.",
)
_TITLE = Text(
    "{path}：{visits:,} 次入企，{parts:,} 方检查，{crews:,} 个班组班次，模拟 {runs:,} 次；"
    "按计划班组本来就等候 {wait:,.0f} 分钟。晚开始不超过 {minutes:g} 分钟为准时。",
    "{path}: {visits:,} visits, {parts:,} parts, {crews:,} crew shifts, {runs:,} runs; as planned crews wait "
    "{wait:,.0f} minutes anyway. A start at most {minutes:g} minutes late is on time.",
)
_DIFFERENCE = Text(
    "{path} 减去 {base}，同一随机数；班组班次 {crews:+,}：",
    "{path} less {base}, same random numbers; {crews:+,} crew shifts:",
)
_NOISE = Text("小于两倍标准误，不算差别：{names}。", "Less than two standard errors, so no difference: {names}.")
_AUTHORITY = Text("部门", "Authority")
_STREET = Text("街道", "Street")
_HOUR = Text("计划开始时段", "Planned start")


def distribution(option: str, text: str) -> Distribution:
    """Return the distribution that an option names.

    Raises
    ------
    UsageFault : it names none.
    """
    try:
        return distribution_of(text)
    except ValueError as error:
        raise UsageFault(_DISTRIBUTION, option=option, value=repr(text)) from error


def simulate(shell: Shell, case: Path, folders: Sequence[Path], model: DelayModel, *, seed: int, runs: int) -> int:
    """Show how schedules of a case fare, and how all differ from the first; return the exit code.

    Raises
    ------
    InvalidCase, InvalidSchedule : one of them cannot be read.
    CommandError : a schedule breaks the rules, so that nobody could carry it out.
    """
    snapshot, planned = read_planned(case, folders)
    schedules = [(path_text(f), _sound(snapshot, f, p.schedule)) for f, p in zip(folders, planned, strict=True)]
    comparison = compare(snapshot, schedules, model, seed=seed, runs=runs)
    if shell.as_json:
        named = zip(comparison.names, comparison.reports, strict=True)
        reports = [{"schedule": name} | report_values(report) for name, report in named]
        write_json({"ok": True, "schedules": reports, "differences": comparison_values(comparison)})
        return DONE
    for name, report in zip(comparison.names, comparison.reports, strict=True):
        _show_report(shell, snapshot, name, report)
    _show_differences(shell, comparison)
    return DONE


def _sound(snapshot: PlanningSnapshot, folder: Path, schedule: Schedule) -> Schedule:
    from scheduler.rules import check

    violations = check(snapshot, schedule)
    if violations:
        codes = ", ".join(sorted({v.code for v in violations}))
        raise CommandError(_BROKEN, path=path_text(folder), count=len(violations), code=codes)
    return schedule


def _show_report(shell: Shell, snapshot: PlanningSnapshot, name: str, report: DelayReport) -> None:
    total = report.total
    say(
        shell,
        _TITLE,
        path=name,
        visits=total.visits,
        parts=total.parts,
        crews=total.crew_shifts,
        runs=report.runs,
        wait=report.planned_crew_wait_min,
        minutes=report.model.on_time_min,
    )
    _show_table(shell, delay_header(shell.lang), delay_rows(total.figures, shell.lang))
    authorities = {a.authority_id: a.name for a in snapshot.authorities}
    streets = {s.street_id: s.name for s in snapshot.streets}
    splits = (
        (_AUTHORITY, [(authorities.get(g.name, g.name), g) for g in report.by_authority]),
        (_STREET, [(streets.get(g.name, g.name), g) for g in report.by_street]),
        (_HOUR, [(f"{g.name}:00–{g.name}:59", g) for g in report.by_hour]),
    )
    for text, groups in splits:
        _show_table(shell, split_header(text, shell.lang), split_rows(groups))


def _show_differences(shell: Shell, comparison: DelayComparison) -> None:
    for d in comparison.differences:
        say(shell, _DIFFERENCE, path=d.name, base=comparison.names[0], crews=d.crew_shifts)
        _show_table(shell, delay_header(shell.lang), delay_rows(d.figures, shell.lang, signed=True))
        found = [(name, getattr(d.figures, name)) for name in FIGURE_NAMES]
        noise = [FIGURE_NAMES[n][0].say(shell.lang) for n, e in found if e is not None and e.mean and not e.is_effect]
        if noise:
            say(shell, _NOISE, names=("、" if shell.lang == "zh" else "; ").join(noise))


def _show_table(shell: Shell, header: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    table = Table(box=box.SIMPLE)
    for column, name in enumerate(header):
        table.add_column(name, justify="right" if column else "left")
    for row in rows:
        table.add_row(*(printable(cell) for cell in row))
    shell.out.print(table)
