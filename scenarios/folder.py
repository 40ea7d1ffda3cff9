"""A study as a folder: the report, and every scenario in its stored form, with its case and schedule when asked for."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from scenarios.comparison import Comparison
from scenarios.report.folder import CHARTS, PAGE, TABLE, WORKBOOK, write_report
from scenarios.run import Run, Study
from scenarios.stored import store
from scheduler.export.bundle import require_ours, written_whole
from scheduler.export.case import case_of_snapshot
from scheduler.export.folder import write_schedule_folder
from scheduler.export.summary import make_summary
from scheduler.intake.tables import write_case
from scheduler.texts import Lang

STORED = "scenarios"
_REPORT = (CHARTS, PAGE, TABLE, WORKBOOK)
PLANS = "plans"


def check_study_folder(out: Path) -> None:
    """Say whether a study may be written to a folder: it is absent, empty or holds one; call it before long work.

    Raises
    ------
    OutputRefused : it is a file, or holds what is not ours.
    """
    require_ours(out, (*_REPORT, STORED), optional=(PLANS,))


def write_study(
    out: Path,
    study: Study,
    comparison: Comparison,
    versions: Mapping[str, str],
    *,
    lang: Lang,
    stamp: datetime,
    with_plans: bool,
) -> None:
    """Write the folder; it appears whole, or stays as it was.

    Parameters
    ----------
    with_plans : also the case and the schedule of every scenario, of its best run, as ``onevisit check`` reads them.

    Raises
    ------
    OutputRefused : the folder holds what is not ours.
    OutputFailed : the system did not let it be written.
    """
    out = out.resolve()
    check_study_folder(out)
    with written_whole(out) as new:
        write_report(new, comparison, lang, stamp)
        (new / STORED).mkdir()
        for run in study.runs:
            text = json.dumps(store(study, run, versions).as_json(), ensure_ascii=False, indent=1) + "\n"
            (new / STORED / f"{run.name}.json").write_text(text, "utf-8")
            if with_plans and run.outcomes:
                _write_plan(new / PLANS / run.name, run, versions, lang)


def _write_plan(folder: Path, run: Run, versions: Mapping[str, str], lang: Lang) -> None:
    snapshot, outcome = run.edited.snapshot, run.outcomes[run.best]
    write_case(case_of_snapshot(snapshot), folder / "case")
    summary = make_summary(
        snapshot,
        outcome,
        wall_s=outcome.search_s,
        peak_mb=None,
        seed=run.seeds[run.best],
        versions=versions,
        delay=None,
    )
    write_schedule_folder(folder / "schedule", snapshot, outcome.schedule, summary, lang)
