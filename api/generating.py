"""``onevisit generate`` and ``onevisit demo``: cases made from a seed, or from a real quarter of Toronto."""

from __future__ import annotations

import csv
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from api.failures import DONE, CommandError, UsageFault
from api.folders import require_writable
from api.shell import Shell, path_text, say, write_json
from scheduler.texts import Text

if TYPE_CHECKING:
    from api.solving import SolveRequest
    from scenarios.generate.spec import GenerateSpec
    from scenarios.generate.toronto import ConversionReport
    from scheduler.intake.tables import RawCase

_FOREIGN = Text(
    "{path} 已存在，且不是只含案例文件的文件夹；请换一个文件夹",
    "{path} exists and is not a folder of case files only; choose another",
)
_MADE = Text(
    "案例已写入 {path}：{items:,} 项，{enterprises:,} 家企业，{streets:,} 个街道，{authorities:,} 个部门。",
    "The case is in {path}: {items:,} items, {enterprises:,} enterprises, {streets:,} streets, "
    "{authorities:,} authorities.",
)
_DERIVED = Text(
    "注意：检查时长、时限、班组和优先级是推算的，不是真实数据（见 docs/toronto.md）。"
    "去掉无位置的建筑 {buildings:,} 处、事项 {items:,} 项，缩短过长的事项 {shortened:,} 项。"
    "当时实际分别上门 {visits:,} 次。",
    "Note: durations, windows, crews and priorities are derived, not real (see docs/toronto.md). Dropped {buildings:,} "
    "buildings without a place and {items:,} items, shortened {shortened:,} long items. In reality there were "
    "{visits:,} separate visits.",
)
_NO_TABLE = Text("不是 UTF-8 的 CSV 表：{why}", "not a CSV table in UTF-8: {why}")
_BAD_SPEC = Text("{zh}", "{en}")
_DEMO_CASE = Text(
    "演示：一个街道的 {enterprises:,} 家企业（合成数据，种子 {seed}），求解 {seconds:g} 秒。",
    "Demo: a street of {enterprises:,} enterprises (synthetic, seed {seed}), {seconds:g} s of search.",
)
_NEXT = Text(
    "接下来可以试：onevisit show {schedule} --case {case}，或 onevisit check {case} {schedule}",
    "Next: onevisit show {schedule} --case {case}, or onevisit check {case} {schedule}",
)


def generate(shell: Shell, out: Path, spec: Callable[[], GenerateSpec]) -> int:
    """Write a synthetic case; `spec` is called here, so that its faults are told as those of the command line.

    Raises
    ------
    UsageFault : the parameters cannot be met.
    CommandError, OSError : the folder is not one that may be replaced, or cannot be written.
    """
    from scenarios.generate.city import generate_city
    from scenarios.generate.spec import GenerateError

    require_writable(out)
    try:
        raw = generate_city(spec())
    except GenerateError as error:
        raise UsageFault(_BAD_SPEC, zh=error.say("zh"), en=error.say("en")) from error
    _write(shell, raw, out)
    return DONE


def generate_year(shell: Shell, case: Path, out: Path, seed: int) -> int:
    """Write the case of a year in which the items of a quarter come several times; return the exit code.

    Raises
    ------
    CommandError, OSError, InvalidCase : the case cannot be read, or the folder not written.
    """
    from api.reading import read_planned
    from scenarios.generate.years import year_of
    from scheduler.export.case import case_of_snapshot

    require_writable(out)
    snapshot, _ = read_planned(case, ())
    _write(shell, case_of_snapshot(year_of(snapshot, seed)), out)
    return DONE


def convert_toronto(shell: Shell, enterprises: Path, items: Path, out: Path) -> int:
    """Write the case of a quarter of Toronto and say what is derived in it.

    Raises
    ------
    GenerateError : the tables are not those of such a quarter.
    CommandError, OSError : a file cannot be read, or the folder not written.
    """
    from scenarios.generate.spec import GenerateError
    from scenarios.generate.toronto import convert_toronto as convert

    require_writable(out)
    try:
        raw, report = convert(enterprises, items)
    except (ValueError, csv.Error) as error:
        raise GenerateError(_NO_TABLE, why=error) from error
    _write(shell, raw, out, report)
    return DONE


def _write(shell: Shell, raw: RawCase, out: Path, report: ConversionReport | None = None) -> None:
    from scheduler.intake.tables import write_case

    try:
        write_case(raw, out)
    except FileExistsError as error:
        raise CommandError(_FOREIGN, path=path_text(out)) from error
    counts = {name: len(raw.tables[name]) for name in ("items", "enterprises", "streets", "authorities")}
    if shell.as_json:
        write_json({"out": str(out.absolute()), **counts})
        return
    say(shell, _MADE, path=path_text(out), **counts)
    if report is not None:
        say(
            shell,
            _DERIVED,
            buildings=len(report.dropped_enterprises),
            items=len(report.dropped_items),
            shortened=len(report.shortened_items),
            visits=report.real_visits,
        )


def demo(shell: Shell, out: Path, spec: GenerateSpec, request: SolveRequest) -> int:
    """Generate a street into ``OUT/case``, solve it into ``OUT/schedule`` and show both; return the exit code."""
    from api.solving import solve
    from scheduler.export.bundle import check_output_folder

    case, schedule = out / "case", out / "schedule"
    require_writable(schedule)
    check_output_folder(schedule)
    seconds = request.limits.time_s or 0.0
    say(shell, _DEMO_CASE, enterprises=spec.enterprises, seed=spec.seed, seconds=seconds)
    quiet = replace(shell, as_json=False, out=shell.err) if shell.as_json else shell
    generate(quiet, case, lambda: spec)
    code = solve(shell, replace(request, sources=(case,), out=schedule))
    say(shell, _NEXT, case=path_text(case), schedule=path_text(schedule))
    return code
