"""A re-plan as a folder: the case from today on, the draft for it, and every change with its reason."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from scheduler.domain.schedule import TERMS, JointVisit, Schedule
from scheduler.domain.snapshot import PlanningSnapshot
from scheduler.explain.facts import clock, iso
from scheduler.export.bundle import require_ours, write_outputs, written_whole
from scheduler.export.case import case_of_snapshot
from scheduler.export.summary import tiers_of
from scheduler.intake.tables import write_case
from scheduler.replan.changes import VisitChange
from scheduler.replan.replan import ReplanOutcome
from scheduler.texts import Lang

REPLANNED = ("case", "schedule", "changes.csv")
"""What such a folder holds: a case folder, a schedule folder, and the table of changes."""

_COLUMNS = (
    *("kind", "enterprise_id", "old_visit_id", "old_date", "old_shift_id", "old_start"),
    *("new_visit_id", "new_date", "new_shift_id", "new_start", "cause", "sentence"),
)


def write_case_and_schedule(
    new: Path, snapshot: PlanningSnapshot, schedule: Schedule, figures: Mapping[str, Any], lang: Lang, stamp: datetime
) -> None:
    """Write a case folder and the folder of a draft for it into a folder that is there."""
    case, plan = REPLANNED[:2]
    summary = {
        **figures,
        "bounds": dict.fromkeys(TERMS),
        "gap": dict.fromkeys(TERMS),
        "status": "feasible",
        "case_digest": snapshot.digest(),
        **tiers_of(snapshot),
    }
    write_case(case_of_snapshot(snapshot), new / case)
    write_outputs(new / plan, snapshot, schedule, summary, formats=frozenset(), lang=lang, stamp=stamp)


def check_replanned_folder(out: Path) -> None:
    """Say whether a re-plan may be written to a folder: it is absent, empty or holds one; call it before long work.

    Raises
    ------
    OutputRefused : it is a file, or holds what is not ours.
    """
    require_ours(out, REPLANNED)


def write_replanned(
    out: Path, outcome: ReplanOutcome, figures: Mapping[str, Any], *, lang: Lang, stamp: datetime
) -> None:
    """Write the folder; it appears whole, or stays as it was.

    Parameters
    ----------
    figures : go into the draft's summary.json.

    Raises
    ------
    OutputRefused : the folder holds what is not ours.
    OutputFailed : the system did not let it be written.
    """
    out = out.resolve()
    check_replanned_folder(out)
    with written_whole(out) as new:
        write_case_and_schedule(new, outcome.snapshot, outcome.schedule, figures, lang, stamp)
        _write_changes(new / REPLANNED[2], outcome.difference.changes, lang)


def _write_changes(path: Path, changes: tuple[VisitChange, ...], lang: Lang) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file, lineterminator="\n")
        rows.writerow(_COLUMNS)
        for c in changes:
            rows.writerow(
                (c.kind.value, c.enterprise_id, *_cells(c.old), *_cells(c.new), c.cause.value, c.sentence(lang))
            )


def _cells(visit: JointVisit | None) -> tuple[str, str, str, str]:
    if visit is None:
        return "", "", "", ""
    return visit.visit_id, iso(visit.day), visit.shift_id, clock(visit.start)
