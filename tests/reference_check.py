"""The checker of the format contract, run on a snapshot and a schedule by way of real folders."""

from __future__ import annotations

import importlib.util
import tempfile
from functools import cache
from pathlib import Path
from types import ModuleType

from scheduler.domain.schedule import Schedule
from scheduler.domain.snapshot import PlanningSnapshot
from scheduler.export.case import case_of_snapshot
from scheduler.export.folder import write_schedule_folder
from scheduler.intake.tables import write_case
from scheduler.score import score
from tests.shared_data import shared


def reference_faults(snapshot: PlanningSnapshot, schedule: Schedule) -> list[str]:
    """Return what the reference checker says of a schedule whose summary holds our terms; empty when it accepts.

    A schedule that it cannot read through (an unknown shift, a visit without parts) is rejected too.
    """
    checker = _checker()
    with tempfile.TemporaryDirectory() as name:
        case, folder = Path(name) / "case", Path(name) / "schedule"
        write_case(case_of_snapshot(snapshot), case)
        write_schedule_folder(folder, snapshot, schedule, {"terms": score(snapshot, schedule).as_dict()}, "en")
        try:
            faults, _, _ = checker.check(checker.Case(case), folder)
        except (KeyError, ValueError) as e:
            return [f"stopped: {e!r}"]
    return list(faults)


@cache
def _checker() -> ModuleType:
    path = shared("check_schedule.py")
    spec = importlib.util.spec_from_file_location("reference_checker", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
