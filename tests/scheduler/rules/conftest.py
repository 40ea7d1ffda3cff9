from __future__ import annotations

import pytest

from scheduler.domain.schedule import Schedule
from scheduler.domain.snapshot import PlanningSnapshot
from scheduler.rules import check
from tests.reference_check import reference_faults
from tests.scheduler.rules.samples import Judge


@pytest.fixture(params=["our rules", "our rules and the reference checker"])
def judge(request: pytest.FixtureRequest) -> Judge:
    """Return the codes of broken rules; with the reference checker, both must agree on accept or reject."""

    def ours(snapshot: PlanningSnapshot, schedule: Schedule) -> set[str]:
        return {v.code for v in check(snapshot, schedule)}

    def both(snapshot: PlanningSnapshot, schedule: Schedule) -> set[str]:
        codes, faults = ours(snapshot, schedule), reference_faults(snapshot, schedule)
        assert bool(codes) == bool(faults), (codes, faults)
        return codes

    return ours if request.param == "our rules" else both
