"""The comparison: metrics counted by hand, and marks that keep noise from being sold as effect."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from scenarios.compare import compare
from scenarios.comparison import Better, Mark
from scenarios.edits.edit import Edited
from scenarios.limits import StudyLimits
from scenarios.metrics import measures_of, weeks_of
from scenarios.run import Run, Study
from scenarios.scenario import Scenario, carry_out
from scheduler.domain.calendar import Period
from scheduler.domain.policy import CapScope, FrequencyCap
from scheduler.domain.schedule import TERMS
from scheduler.planning.outcome import PlanOutcome, PlanStatus
from scheduler.score import score
from tests.builders import a_policy, a_pool, a_schedule, a_snapshot, an_item, day

QUARTERLY = FrequencyCap(scope=CapScope.ENTERPRISE, period=Period.QUARTER, max_visits=1)


def _base():
    items = (
        an_item("I1", "A1", "E1", priority="high"),
        an_item("I2", "A2", "E1"),
        an_item("I3", "A1", "E2"),
        an_item("I4", "A2", "E3"),
        an_item("I5", "A3", "E1"),
    )
    pools = (a_pool("A1", crews=1), a_pool("A2", crews=2), a_pool("A3", crews=1))
    return a_snapshot(items, crew_pools=pools, policy=a_policy(caps=(QUARTERLY,)))


def _measures(base, edited, schedule):
    found = measures_of(base, edited, schedule, score(edited.snapshot, schedule))
    return {m.metric.name: m for m in found}


def test_metrics_are_counted_from_the_schedule() -> None:
    base = _base()
    schedule = a_schedule(base, [(["I1", "I2"], day(0), "AM"), (["I3"], day(1), "AM")])
    m = _measures(base, Edited(snapshot=base), schedule)
    values = {n: m[n].value for n in m}
    assert values["doors"] == 2
    assert m["served"].of == (3, 5)
    assert m["joint_rate"].of == (2, 2)  # I3 has no partner; I5, a partner of I1, is left out
    assert m["served:priority:high"].of == (1, 1)
    assert m["served:authority:A2"].of == (1, 2)
    assert values["person_visits"] == 6
    assert values["officers_per_visit"] == 3
    assert values["most_officers"] == 4
    assert values["enterprise_hours"] == pytest.approx(sum(v.end - v.start for v in schedule.visits) / 60)
    assert m["use:A1"].of == (2, 5)
    assert m["use"].of == (3, 20)
    assert values["unserved:capacity"] == 2
    assert values["alerts:repeat"] == values["over_cap"] == 0
    assert values["doors_per_100_items"] == pytest.approx(200 / 3)
    assert weeks_of(schedule) == {("S1", day(0)): 2}


def test_separate_visits_are_told_of_the_premises_that_they_are_to() -> None:
    base = _base()
    alone = carry_out(base, Scenario.model_validate({"name": "x", "edit": [{"kind": "no_merging"}]})).edited
    schedule = a_schedule(alone.snapshot, [(["I1"], day(0), "AM"), (["I2"], day(2), "AM"), (["I3"], day(1), "AM")])
    m = _measures(base, alone, schedule)
    assert m["joint_rate"].of == (0, 2)
    assert m["enterprises_visited"].value == 2
    assert m["visited_repeatedly"].value == 1
    assert m["over_cap"].value == 1
    assert m["alerts:repeat"].value == 1


def test_no_metric_is_better_for_more_doors_people_or_hours() -> None:
    base = _base()
    m = _measures(base, Edited(snapshot=base), a_schedule(base, [(["I1"], day(0), "AM")]))
    more = {n.split(":")[0] for n, x in m.items() if x.metric.better is Better.MORE}
    assert more == {"served", "joint_rate"}


def _run(
    name: str, base, values: list[dict[str, int]], bounds: dict[str, int | None], status=PlanStatus.FEASIBLE
) -> Run:
    schedule = a_schedule(base, [(["I1", "I2"], day(0), "AM")])
    terms = score(base, schedule)
    outcomes = tuple(
        PlanOutcome(
            schedule=schedule,
            score=replace(terms, **v),
            bounds={**dict.fromkeys(TERMS), **bounds},
            status=status,
            search_s=0.0,
            iterations=0,
            before_after=None,
        )
        for v in values
    )
    what_if = None if name == "base" else carry_out(base, Scenario.model_validate(SLOW))
    return Run(
        name=name, what_if=what_if, edited=Edited(snapshot=base), seeds=tuple(range(len(values))), outcomes=outcomes
    )


SLOW: dict[str, Any] = {"name": "other", "edit": [{"kind": "travel", "speed_kmh": 19}]}


def _mark(base_values, base_bound, values, bound, **more) -> Mark:
    base = _base()
    one = _run("base", base, [{"crew_shifts": v} for v in base_values], {"crew_shifts": base_bound})
    other = _run("other", base, [{"crew_shifts": v} for v in values], {"crew_shifts": bound}, **more)
    limits = StudyLimits(iterations=1, seeds=tuple(range(len(values))))
    table = compare(Study(base=base, limits=limits, first=(), runs=(one, other)), {})
    return table.cell("crew_shifts", "other").mark


@pytest.mark.parametrize(
    ("base_values", "base_bound", "values", "bound", "mark"),
    [
        ([100], 90, [111], 101, Mark.PROVEN),  # 11 more than the gap of the higher one, 10
        ([100], 90, [110], 100, Mark.NO_EVIDENCE),  # just the gap
        ([100], 90, [89], 80, Mark.PROVEN),  # the base is the higher one: its gap is 10
        ([100], 90, [90], 90, Mark.NO_EVIDENCE),
        ([100, 103], 90, [114, 114], 104, Mark.PROVEN),  # gap 10 and spread 3
        ([100, 104], 90, [114, 114], 104, Mark.NO_EVIDENCE),  # gap 10 and spread 4
        ([100, 100], 90, [114, 118], 104, Mark.NO_EVIDENCE),  # the greater of both spreads counts
        ([100], 90, [100], 95, Mark.EQUAL),
        ([100], 90, [150], None, Mark.NO_EVIDENCE),  # nothing is proven of the higher one
    ],
)
def test_a_term_differs_by_more_than_gap_and_spread_or_there_is_no_evidence(
    base_values, base_bound, values, bound, mark
) -> None:
    assert _mark(base_values, base_bound, values, bound) is mark


def test_a_search_that_was_stopped_proves_nothing() -> None:
    assert _mark([100], 90, [150], 149, status=PlanStatus.STOPPED) is Mark.NO_EVIDENCE


def test_the_best_run_is_shown_with_the_spread_of_all() -> None:
    base = _base()
    one = _run("base", base, [{"crew_shifts": v} for v in (7, 5, 6)], {"crew_shifts": 4})
    table = compare(Study(base=base, limits=StudyLimits(seeds=(0, 1, 2)), first=(), runs=(one,)), {"onevisit": "1"})
    cell = table.cell("crew_shifts", "base")
    assert (cell.value, cell.least, cell.greatest, cell.bound) == (5, 5, 7, 4)
    assert table.columns[0].seeds == (1, 0, 2)
    assert table.as_plain()["scenarios"][0]["cells"]["crew_shifts"]["greatest"] == 7


def test_metrics_without_bounds_are_measured_only_where_the_noise_is_known() -> None:
    base = _base()

    def study(*, seeds: int):
        few = a_schedule(base, [(["I1"], day(0), "AM")])
        one = _run("base", base, [{}] * seeds, {})
        outcomes = tuple(replace(o, schedule=few) for o in one.outcomes)
        other = Run(name="other", what_if=None, edited=one.edited, seeds=one.seeds, outcomes=outcomes)
        limits = StudyLimits(seeds=tuple(range(seeds)))
        return compare(Study(base=base, limits=limits, first=(), runs=(one, other)), {}).cell("person_visits", "other")

    assert study(seeds=2).mark is Mark.MEASURED
    assert study(seeds=1).mark is Mark.NO_EVIDENCE
