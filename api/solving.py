"""``onevisit solve``: a case in, a checked schedule with its outputs out."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from api import clock, machine
from api.broken import keep_aside
from api.console import Display, display_of
from api.failures import DONE
from api.folders import require_there, require_writable
from api.interrupts import StopRequest, soft_interrupts
from api.shell import Shell, say, write, write_json
from scheduler.domain.snapshot import PlanningSnapshot
from scheduler.errors import BrokenSchedule
from scheduler.texts import Lang, Text
from solver.limits import Limits, Progress

if TYPE_CHECKING:
    from scheduler.planning.outcome import PlanOutcome

MAX_ITEMS_BEFORE = 50_000
"""Up to so many items today's practice is worked out unless told otherwise: it is two more searches, each with an
enterprise of its own for every authority, and the legs between them (a city of 340,000 items would need 6 GB)."""

_STOPPED = Text("已按要求提前停止；以下是目前最好的结果。", "Stopped as asked; this is the best so far.")


@dataclass(frozen=True, slots=True, kw_only=True)
class SolveRequest:
    """What to solve, for how long, and what to write.

    Parameters
    ----------
    sources : a case folder, a workbook, or the files of one case.
    formats : outputs besides the schedule folder, of ``scheduler.export.bundle.OUTPUT_FORMATS``.
    with_before : also work out today's practice; ``None`` leaves it out of cases too large for it.
    cluster : where parts run, see :func:`api.parallel.open_port`.
    timezone : IANA name of the zone of the plan's clock times, for calendars.
    lang : language of what is written (workbook, calendars, sheets, explanations), whatever the messages' is.
    """

    sources: tuple[Path, ...]
    out: Path
    limits: Limits
    formats: frozenset[str]
    with_before: bool | None
    cluster: str | None
    timezone: str
    lang: Lang


def solve(shell: Shell, request: SolveRequest) -> int:
    """Solve, check, write and show; return the exit code.

    Raises
    ------
    OnevisitError, OSError : the case, the output or the run itself is wrong; nothing was written then.
    KeyboardInterrupt : a person gave the run up; nothing was written.
    """
    from scheduler.export.bundle import check_output_folder

    require_there(request.sources)
    require_writable(request.out)
    check_output_folder(request.out)
    stop = StopRequest()
    with display_of(shell, stop, limits=request.limits) as display:
        snapshot = _read(shell, request, display)
        machine.collect_less()
        with soft_interrupts(stop):
            summary = _run(shell, request, snapshot, display, stop)
    if shell.as_json:
        write_json({**summary, "out": str(request.out.absolute())})
        return DONE
    from api.results import show_results

    if summary["status"] == "stopped":
        say(shell, _STOPPED)
    show_results(shell, summary, request.out)
    return DONE


def _read(shell: Shell, request: SolveRequest, display: Display) -> PlanningSnapshot:
    display.stage("read")
    from scheduler.intake.read import read_case
    from scheduler.intake.report import render_text

    sources = request.sources
    read = read_case(sources[0] if len(sources) == 1 else sources)
    if read.warnings:
        write(shell.err, render_text(read.warnings, shell.lang) + "\n")
    return read.snapshot


def _run(
    shell: Shell, request: SolveRequest, snapshot: PlanningSnapshot, display: Display, stop: StopRequest
) -> dict[str, Any]:
    """Plan and write; return the summary."""
    outcome = _plan(shell, request, snapshot, display, stop)
    from scheduler.export.bundle import write_outputs
    from scheduler.export.delay_rows import delay_summary
    from scheduler.export.summary import make_summary

    summary = make_summary(
        snapshot,
        outcome,
        wall_s=clock.running_s(),
        peak_mb=machine.peak_mb(),
        seed=request.limits.seed,
        versions=machine.versions(),
        delay=delay_summary(snapshot, outcome.schedule, request.limits.seed),
    )
    display.stage("folder")
    write_outputs(
        request.out,
        snapshot,
        outcome.schedule,
        summary,
        formats=request.formats,
        lang=request.lang,
        stamp=clock.stamp(),
        timezone=request.timezone,
        told=display.told,
    )
    return summary


def _plan(
    shell: Shell, request: SolveRequest, snapshot: PlanningSnapshot, display: Display, stop: StopRequest
) -> PlanOutcome:
    display.stage("load")
    from api.parallel import open_port
    from scheduler.planning.before import SHARE
    from scheduler.planning.pipeline import plan

    display.before_share = 2 * SHARE  # the joint plan's items, and all items
    cut_short: set[str] = set()
    with_before = request.with_before
    if with_before is None:
        with_before = len(snapshot.items) <= MAX_ITEMS_BEFORE

    def watch(progress: Progress) -> bool:
        display.look(progress)
        if stop.asked:
            cut_short.add(progress.stage)
        return stop.asked

    try:
        with open_port(request.cluster, request.limits.workers, len(snapshot.enterprises)) as port:
            outcome = plan(snapshot, request.limits, watch=watch, with_before=with_before, port=port)
    except BrokenSchedule as error:
        raise keep_aside(
            request.out, error, request.sources, snapshot, request.limits, lang=shell.lang, stamp=clock.stamp()
        ) from error
    if "before" in cut_short:
        # Today's practice was cut short: compared with it, the joint plan would look better than it is.
        outcome = replace(outcome, before_after=None)
    return outcome
