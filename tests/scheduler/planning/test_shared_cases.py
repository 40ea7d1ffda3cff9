"""The main job on the shared cases and on the real Toronto quarter, accepted by the independent checker."""

from __future__ import annotations

import pytest

from scenarios.generate.toronto import toronto_case
from scheduler.availability import Availability
from scheduler.domain.snapshot import PlanningSnapshot
from scheduler.intake.read import read_case, read_raw
from scheduler.planning.merge import merge_enterprises
from scheduler.planning.outcome import PlanOutcome
from scheduler.planning.pipeline import plan
from solver.limits import Limits
from tests.reference_check import reference_faults
from tests.shared_data import shared


def planned(snapshot: PlanningSnapshot, iterations: int) -> PlanOutcome:
    limits = Limits(time_s=None, iterations=iterations, workers=2)
    outcome = plan(snapshot, limits, with_before=False)
    assert reference_faults(snapshot, outcome.schedule) == []
    return outcome


def mandatory_lost(snapshot: PlanningSnapshot, outcome: PlanOutcome) -> int:
    """Return how much more mandatory weight is left out than every enterprise must lose by itself."""
    mandatory = dict(snapshot.policy.priority_weights)["mandatory"]
    must = sum(
        sum(i.weight == mandatory for i in m.problem.items)
        - sum(
            m.problem.items[k].weight == mandatory
            for items, _ in m.solution.visits
            for k in range(len(m.problem.items))
            if items >> k & 1
        )
        for m in merge_enterprises(Availability(snapshot))
    )
    servable = {i.item_id for m in merge_enterprises(Availability(snapshot)) for i in m.items}
    items = {i.item_id: i for i in snapshot.items}
    lost = sum(u.item_id in servable and items[u.item_id].priority == "mandatory" for u in outcome.schedule.unserved)
    return lost - must


@pytest.mark.parametrize(
    ("case", "iterations", "loss", "crew_shifts"),
    [
        ("street_100", 20_000, 3, 75),
        ("street_400", 20_000, 2, 450),
        ("district_8x400", 20_000, 30, 3_900),
        ("district_8x200_ugly", 20_000, 80, 2_250),
    ],
)
def test_a_shared_case_is_planned_and_accepted(case, iterations, loss, crew_shifts):
    snapshot = read_case(shared("data", "cases", case)).snapshot
    outcome = planned(snapshot, iterations)
    bound = outcome.bounds["unserved_weight"]
    assert bound is not None
    assert bound <= outcome.score.unserved_weight <= bound + loss
    assert outcome.score.crew_shifts <= crew_shifts
    assert mandatory_lost(snapshot, outcome) <= 0


def test_the_real_toronto_quarter_is_planned_and_accepted():
    raw = toronto_case(
        shared("data", "toronto_2017Q4", "enterprises_2017Q4.csv"),
        shared("data", "toronto_2017Q4", "plan_items_2017Q4.csv"),
    )
    snapshot = read_raw(raw).snapshot
    outcome = planned(snapshot, 10_000)
    assert outcome.score.unserved_weight == outcome.bounds["unserved_weight"]
    assert outcome.score.doors == outcome.bounds["doors"] == 3288
