"""Studies run: each schedule sound by both checkers, equal effort, equal bytes, failures told and not hidden."""

from __future__ import annotations

import pytest

from api.parallel import open_port
from scenarios.compare import compare
from scenarios.comparison import Mark
from scenarios.limits import StudyLimits
from scenarios.run import run_study
from scenarios.scenario import Scenario, carry_out_all
from scenarios.stored import OtherBase, repetition_of, require_base, store
from scheduler.domain.calendar import Period
from scheduler.domain.plans import Pin
from scheduler.domain.policy import CapScope, FrequencyCap
from scheduler.rules import check
from solver.parallel import InProcess
from tests.builders import a_policy, a_pool, a_snapshot, an_enterprise, an_item, day
from tests.reference_check import reference_faults

LIMITS = StudyLimits(iterations=600, seeds=(1, 2))
QUARTERLY = FrequencyCap(scope=CapScope.ENTERPRISE, period=Period.QUARTER, max_visits=1)
EDITS = {
    "alone": {"kind": "no_merging"},
    "left": {"kind": "leave_scheme", "authority": "A2"},
    "fewer": {"kind": "crews", "authority": "A1", "to": 1},
    "shut": {"kind": "dates", "close": ["2026-10-12..2026-10-14"]},
    "slow": {"kind": "travel", "speed_kmh": 10},
}


@pytest.fixture(scope="module")
def base():
    items = [
        an_item(f"I{n}{a}", a, f"E{n}", priority="high" if n % 3 else "normal") for n in range(12) for a in ("A1", "A2")
    ]
    items.append(an_item("I0C", "A3", "E0", duration_min=70))
    enterprises = tuple(an_enterprise(f"E{n}", lon=114.0 + n / 300, lat=22.6 + (n % 3) / 200) for n in range(12))
    pools = tuple(a_pool(a, crews=2) for a in ("A1", "A2", "A3"))
    return a_snapshot(items, enterprises=enterprises, crew_pools=pools, policy=a_policy(caps=(QUARTERLY,)))


def _what_ifs(base, edits=EDITS):
    return carry_out_all(base, [Scenario.model_validate({"name": n, "edit": [e]}) for n, e in edits.items()])


@pytest.fixture(scope="module")
def study(base):
    return run_study(base, _what_ifs(base), LIMITS)


def test_every_schedule_of_every_seed_passes_both_checkers(study) -> None:
    for run in study.runs:
        assert len(run.outcomes) == 2
        for outcome in run.outcomes:
            assert check(run.edited.snapshot, outcome.schedule) == ()
            assert reference_faults(run.edited.snapshot, outcome.schedule) == []


def test_the_base_comes_first_and_goes_on_from_its_first_schedules(study) -> None:
    assert [r.name for r in study.runs] == ["base", *EDITS]
    for first, outcome in zip(study.first, study.runs[0].outcomes, strict=True):
        assert outcome.score.unserved_weight <= sum(
            dict(study.base.policy.priority_weights)[i.priority]
            for i in study.base.items
            if i.item_id not in {j for v in first.visits for j in v.item_ids}
        )


def test_a_study_repeats_bit_for_bit_whatever_runs_it(base, study) -> None:
    again = run_study(base, _what_ifs(base), LIMITS, port=InProcess(2))
    with open_port("local", 2, 1) as port:
        processes = run_study(base, _what_ifs(base), LIMITS, port=port)
    for other in (again, processes):
        for a, b in zip(study.runs, other.runs, strict=True):
            assert [o.schedule for o in a.outcomes] == [o.schedule for o in b.outcomes]
            assert [o.bounds for o in a.outcomes] == [o.bounds for o in b.outcomes]


def test_the_stored_form_rebuilds_and_repeats_a_scenario(base, study) -> None:
    for run in study.runs:
        stored = store(study, run, {"onevisit": "1"})
        again = type(stored).model_validate(stored.as_json())
        require_base(again, base)
        what_ifs = () if again.scenario is None else carry_out_all(base, [again.scenario])
        new = run_study(base, what_ifs, again.limits)
        found = repetition_of(again, store(new, new.runs[-1], {"onevisit": "2"}))
        assert found.identical
        assert found.versions == (("onevisit", "1", "2"),)


def test_a_repetition_names_what_differs_and_another_base_is_refused(base, study) -> None:
    stored = store(study, study.runs[1], {})
    changed = stored.runs[0].model_copy(update={"terms": {**stored.runs[0].terms, "doors": 99}})
    found = repetition_of(stored.model_copy(update={"runs": (changed, stored.runs[1])}), stored)
    assert [d[0] for d in found.differences] == ["seed 1 doors"]
    assert "99" in found.sentence("en")
    with pytest.raises(OtherBase):
        require_base(stored, base.replace(name="another"))


def test_without_merging_only_doors_of_one_authority_are_opened(study) -> None:
    run = next(r for r in study.runs if r.name == "alone")
    for outcome in run.outcomes:
        assert all(len(v.authority_ids) == 1 for v in outcome.schedule.visits)


def test_pins_that_cannot_be_kept_fail_their_scenario_and_no_other(base) -> None:
    pinned = base.replace(pins=(Pin(enterprise_id="E1", day=day(0), shift_id="AM"),))
    study = run_study(pinned, _what_ifs(pinned, {"shut": EDITS["shut"], "slow": EDITS["slow"]}), LIMITS)
    shut, slow = study.runs[1:]
    assert shut.failure is not None
    assert shut.outcomes == ()
    assert slow.failure is None
    table = compare(study, {})
    assert table.cell("doors", "shut").value is None
    assert any("E1" in n.zh for n in table.columns[1].notes)


def test_a_study_that_is_stopped_is_no_evidence(base) -> None:
    study = run_study(
        base, _what_ifs(base, {"fewer": EDITS["fewer"]}), StudyLimits(iterations=10**8), watch=lambda p: True
    )
    table = compare(study, {})
    marks = {table.cell(m.name, "fewer").mark for m in table.metrics if m.name != "items_planned"}
    assert marks <= {Mark.NO_EVIDENCE, Mark.EQUAL, Mark.BASE}


def test_progress_counts_to_the_whole(base) -> None:
    seen = []
    few = LIMITS.model_copy(update={"iterations": 50})
    run_study(base, _what_ifs(base), few, watch=lambda p: seen.append((p.done, p.total)) or False)
    assert {total for _, total in seen} == {2 + 1 + len(EDITS)}
    assert [d for d, _ in seen] == sorted(d for d, _ in seen)


def test_cold_starts_are_taken_when_asked_for(base, study) -> None:
    cold = run_study(base, _what_ifs(base), LIMITS.model_copy(update={"warm": False}))
    for a, b in zip(study.runs, cold.runs, strict=True):
        assert a.outcomes[0].score.unserved_weight == b.outcomes[0].score.unserved_weight
    assert cold.runs[0].outcomes[0].score == study.runs[0].outcomes[0].score  # the base goes on from itself
