"""``onevisit whatif``: a case and scenarios in, a comparison with evidence out; and stored scenarios run again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from rich import box
from rich.table import Table

from api import clock, machine
from api.console import display_of
from api.failures import DONE, FOUND_WRONG, CommandError
from api.folders import require_there, require_writable
from api.interrupts import StopRequest, soft_interrupts
from api.parallel import open_port
from api.reading import read_planned
from api.shell import Shell, say, write_json
from scheduler.texts import Lang, Text

if TYPE_CHECKING:
    from scenarios.comparison import Comparison
    from scenarios.limits import StudyLimits
    from scenarios.run import Study, StudyProgress
    from scenarios.scenario import Scenario, WhatIf
    from scenarios.stored import StoredScenario
    from scheduler.domain.snapshot import PlanningSnapshot

SHOWN = ("unserved_weight", "doors", "crew_shifts", "joint_days", "joint_rate", "person_visits", "enterprise_hours")
"""Metrics that are shown on the terminal; the report has all of them."""

_SCENARIO = Text("方案", "Scenario")
_NOTHING_ASKED = Text("请给出方案文件、--library 或 --repeat", "give files of scenarios, --library or --repeat")
_NO_REPORT = Text("请用 --report 指定报告文件夹", "say with --report where the report goes")
_MARKS = Text(
    "标记：! 已证明的差异　~ 超过各种子波动，未证明　? 无证据表明有差异",
    "marks: ! proven  ~ beyond the spread of seeds, not proven  ? no evidence",
)
_WRITTEN = Text(
    "报告已写入 {out}：report.html、comparison.xlsx、charts", "Written to {out}: report.html, comparison.xlsx, charts"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class WhatIfRequest:
    """What to compare.

    Parameters
    ----------
    files : of scenarios, TOML or JSON.
    library : names of ready scenarios.
    repeat : stored scenarios to run again with their own limits.
    report : folder of the report; ``None`` only for repetitions.
    """

    base: Path
    files: tuple[Path, ...]
    library: tuple[str, ...]
    repeat: tuple[Path, ...]
    report: Path | None
    limits: StudyLimits
    workers: int
    cluster: str | None
    with_plans: bool
    lang: Lang


def whatif(shell: Shell, request: WhatIfRequest) -> int:
    """Carry out, run, compare, write and show; return the exit code.

    Raises
    ------
    OnevisitError, OSError : the case, a scenario or the output is wrong; nothing was written then.
    KeyboardInterrupt : a person gave the runs up; nothing was written.
    """
    if not (request.files or request.library or request.repeat):
        raise CommandError(_NOTHING_ASKED)
    require_there((*request.files, *request.repeat))
    if request.repeat:
        return _repeat(shell, request)
    from scenarios.compare import compare
    from scenarios.folder import check_study_folder, write_study
    from scenarios.scenario import carry_out_all

    if request.report is None:
        raise CommandError(_NO_REPORT)
    require_writable(request.report)
    check_study_folder(request.report)
    snapshot, _ = read_planned(request.base, ())
    what_ifs = carry_out_all(snapshot, _scenarios(snapshot, request))
    study = _run(shell, request, snapshot, what_ifs, request.limits)
    versions = machine.versions()
    comparison = compare(study, versions)
    write_study(
        request.report,
        study,
        comparison,
        versions,
        lang=request.lang,
        stamp=clock.stamp(),
        with_plans=request.with_plans,
    )
    if shell.as_json:
        write_json({**comparison.as_plain(), "out": str(request.report.absolute())})
        return DONE
    _show(shell, comparison)
    say(shell, _WRITTEN, out=request.report)
    return DONE


def list_library(shell: Shell, base: Path) -> int:
    """Show the ready scenarios, and which of them fit a case; return the exit code."""
    from scenarios.library import LIBRARY

    snapshot, _ = read_planned(base, ())
    rows = [(e, len(e.make(snapshot))) for e in LIBRARY.values()]
    if shell.as_json:
        write_json({e.name: {"scenarios": n, "about": e.about.say(shell.lang)} for e, n in rows})
        return DONE
    table = Table(box=box.SIMPLE)
    for text in (_SCENARIO, Text("内容", "About"), Text("方案数", "Scenarios")):
        table.add_column(text.say(shell.lang))
    for entry, n in rows:
        table.add_row(entry.name, entry.about.say(shell.lang), str(n) if n else entry.needs.say(shell.lang))
    shell.out.print(table)
    return DONE


def _scenarios(snapshot: PlanningSnapshot, request: WhatIfRequest) -> Sequence[Scenario]:
    from scenarios.study_file import NamedFile, StudyFile, read_files, unfold

    files = list(read_files(NamedFile(name=str(p), data=p.read_bytes()) for p in request.files))
    if request.library:
        files.append(StudyFile(library=request.library))
    return unfold(snapshot, files)


def _run(
    shell: Shell,
    request: WhatIfRequest,
    snapshot: PlanningSnapshot,
    what_ifs: Sequence[WhatIf],
    limits: StudyLimits,
) -> Study:
    from scenarios.run import run_study

    stop = StopRequest()
    display = display_of(shell, stop)

    def watch(progress: StudyProgress) -> bool:
        display.told("runs", progress.done, progress.total)
        return stop.asked

    machine.collect_less()
    with display, soft_interrupts(stop), open_port(request.cluster, request.workers, len(snapshot.enterprises)) as port:
        display.stage("load")
        return run_study(snapshot, what_ifs, limits, port=port, watch=watch)


def _repeat(shell: Shell, request: WhatIfRequest) -> int:
    """Run stored scenarios again with their own limits, and say whether all is as it was."""
    from scenarios.scenario import carry_out
    from scenarios.stored import repetition_of, require_base, store
    from scenarios.study_file import NamedFile, read_stored

    stored: list[StoredScenario] = [read_stored(NamedFile(name=str(p), data=p.read_bytes())) for p in request.repeat]
    snapshot, _ = read_planned(request.base, ())
    for old in stored:
        require_base(old, snapshot)
    found = []
    for old in stored:
        what_ifs = () if old.scenario is None else (carry_out(snapshot, old.scenario),)
        study = _run(shell, request, snapshot, what_ifs, old.limits)
        found.append(repetition_of(old, store(study, study.runs[-1], machine.versions())))
    if shell.as_json:
        write_json([{**r.model_dump(mode="json"), "identical": r.identical} for r in found])
    for repetition in found:
        say(shell, Text("{what}", "{what}"), what=repetition.sentence(shell.lang))
    return DONE if all(r.identical for r in found) else FOUND_WRONG


_SIGNS = {"proven": "!", "measured": "~", "no_evidence": "?", "equal": "", "base": ""}


def _show(shell: Shell, comparison: Comparison) -> None:
    table = Table(box=box.SIMPLE)
    metrics = [m for m in comparison.metrics if m.name in SHOWN]
    metrics.sort(key=lambda m: SHOWN.index(m.name))
    table.add_column(_SCENARIO.say(shell.lang))
    for metric in metrics:
        table.add_column(metric.label.say(shell.lang), justify="right")
    for column in comparison.columns:
        cells = []
        for m in metrics:
            c = comparison.cell(m.name, column.name)
            scale = 100 if m.unit.en == "%" else 1
            text = "–" if c.value is None else f"{c.value * scale:,.{m.decimals}f}{'%' if scale > 1 else ''}"
            if c.difference is not None and abs(c.difference) > 0:
                text += f" ({c.difference * scale:+,.{m.decimals}f}{_SIGNS[c.mark.value]})"
            cells.append(text)
        table.add_row(column.name, *cells)
    shell.out.print(table)
    say(shell, _MARKS)
