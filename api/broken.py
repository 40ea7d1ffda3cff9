"""A schedule that fails our own check: what is known of it is put beside the output, for whoever mends the bug."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path

from api.failures import CommandError
from api.machine import versions
from api.shell import path_text
from scheduler.domain.schedule import Schedule
from scheduler.domain.snapshot import PlanningSnapshot
from scheduler.errors import BrokenSchedule
from scheduler.texts import Lang, Text
from solver.limits import Limits

_KEPT = Text(
    "程序算出的排程没有通过自己的检查。这是本软件的缺陷，不是您的数据的问题；没有写入输出。\n{why}\n"
    "供分析的文件在 {path}，请随缺陷报告附上。",
    "the schedule found does not pass our own check. This is a bug of ours, not of your data; no output was "
    "written.\n{why}\nFiles for analysis are in {path}; please add them to a report.",
)
_NOT_KEPT = Text(
    "程序算出的排程没有通过自己的检查。这是本软件的缺陷，不是您的数据的问题；没有写入输出。\n{why}\n"
    "供分析的文件也未能写入 {path}。",
    "the schedule found does not pass our own check. This is a bug of ours, not of your data; no output was "
    "written.\n{why}\nFiles for analysis could not be written to {path} either.",
)


class BrokenRun(CommandError):
    """A run ended with a schedule that fails our own check."""

    code = BrokenSchedule.code


def keep_aside(
    out: Path,
    error: BrokenSchedule,
    sources: tuple[Path, ...],
    snapshot: PlanningSnapshot,
    limits: Limits,
    *,
    lang: Lang,
    stamp: datetime,
) -> BrokenRun:
    """Write what repeats and shows the fault into ``OUT.broken-TIME``, and return the error that tells of it."""
    folder = out.absolute().parent / f"{out.absolute().name}.broken-{stamp:%Y%m%d-%H%M%S}"
    report = {
        "error": str(error),
        "case": [str(source.absolute()) for source in sources],
        "case_digest": snapshot.digest(),
        "limits": {
            "time_s": limits.time_s,
            "iterations": limits.iterations,
            "seed": limits.seed,
            "workers": limits.workers,
        },
        "versions": versions(),
        "time": stamp.isoformat(),
    }
    text = _KEPT
    try:
        folder.mkdir(parents=True)
        (folder / "report.json").write_text(json.dumps(report, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
        schedule = getattr(error, "schedule", None)
        if isinstance(schedule, Schedule):
            from scheduler.export.folder import write_schedule_folder

            write_schedule_folder(folder / "schedule", snapshot, schedule, {}, lang)
    except OSError:
        text = _NOT_KEPT
    return BrokenRun(text, why=error, path=path_text(folder))
