"""A case and schedules of it, read for the commands that look at both."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from api.folders import require_there
from scheduler.domain.schedule import Schedule
from scheduler.domain.snapshot import PlanningSnapshot


class Planned(NamedTuple):
    """A schedule folder as it was read: the schedule and its summary."""

    schedule: Schedule
    summary: dict[str, Any]


def read_planned(case: Path, folders: Sequence[Path]) -> tuple[PlanningSnapshot, list[Planned]]:
    """Return a case and schedules of it.

    Raises
    ------
    FileNotFoundError : one of them is not there.
    InvalidCase, InvalidSchedule : one of them cannot be read.
    """
    # Imported here: tables are read by few commands, and what reads them takes long to load.
    from scheduler.export.folder import read_schedule_folder
    from scheduler.intake.read import read_case

    require_there((case, *folders))
    snapshot = read_case(case).snapshot
    return snapshot, [Planned(*read_schedule_folder(snapshot, folder)) for folder in folders]
