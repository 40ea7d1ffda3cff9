"""The state of the search: undo is exact, and everything derived follows from the solution alone."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numba import njit

from scenarios.generate.city import generate_city
from scenarios.generate.spec import GenerateSpec, Level
from scheduler.intake.read import read_raw
from solver.timetable.changes import rebuild, remove_visit
from solver.timetable.insertion import COST_BITS, NOWHERE, insert_visit
from solver.timetable.problem import TimetableProblem, pack
from solver.timetable.run import WEIGHTS, first_order
from solver.timetable.search import anneal, construct
from solver.timetable.solution import evaluate, layout_of, placed_visits
from solver.timetable.spans import INFINITE, try_street_shift
from solver.timetable.state import LOG, NUM_TOTALS, make_state, restore, undo
from tests.solver.timetable.instances import problem_of
from tests.strategies import small_snapshots


def generated(ugly: bool) -> TimetableProblem:
    spec = GenerateSpec(level=Level.DISTRICT, places=("盐田区",), enterprises=25, seed=5, ugly=ugly)
    return problem_of(read_raw(generate_city(spec)).snapshot)


@pytest.fixture(scope="module", params=[False, True], ids=["plain", "ugly"])
def problem(request: pytest.FixtureRequest) -> TimetableProblem:
    return generated(request.param)


def started(p: TimetableProblem, seed: int = 1):
    packed = pack(p)
    state = make_state(packed, seed)
    best = state.cells[: state.at["essential"]].copy()
    totals = np.zeros(NUM_TOTALS, dtype=np.int64)
    construct(packed, state, first_order(p), WEIGHTS, best, totals)
    return packed, state, best, totals


@njit
def cost_in(p, st, e, mode, ss):
    return try_street_shift(p, st, e, mode, ss, st.cells[st.at.crew_cost], INFINITE)


def changed_at_random(p: TimetableProblem, packed, state, seed: int, steps: int) -> None:
    rng = np.random.default_rng(seed)
    for _ in range(steps):
        v = int(rng.integers(p.num_visits))
        if state.cells[state.at["visit_ss"] + v] >= 0:
            remove_visit(packed, state, v)
        else:
            insert_visit(packed, state, v, WEIGHTS, float(rng.choice([0.0, 0.3])), 0.5)


@pytest.mark.parametrize("seed", range(5))
def test_undo_takes_any_series_of_changes_back_to_the_letter(problem, seed):
    packed, state, _, _ = started(problem)
    cells = state.cells[: state.at["scratch"]].copy()
    totals = state.longs[:NUM_TOTALS].copy()
    state.longs[LOG] = 0
    changed_at_random(problem, packed, state, seed, 60)
    assert not np.array_equal(cells, state.cells[: state.at["scratch"]])
    undo(state)
    restore(state, totals)
    assert np.array_equal(cells, state.cells[: state.at["scratch"]])
    assert np.array_equal(totals, state.longs[:NUM_TOTALS])


def field(state, name: str, following: str):
    return state.cells[state.at[name] : state.at[following]]


FOLLOWING = {
    "bucket_crews": "bucket_fit",
    "bucket_fit": "free_crew",
    "over_street": "over_district",
    "over_district": "ss_visits",
    "ss_visits": "day_visits",
    "day_visits": "item_visit",
    "item_visit": "ent_weight",
    "ent_weight": "deficient",
    "month_days": "fits",
    "fits": "room_street",
    "room_street": "room_district",
    "room_district": "room_city",
    "room_city": "open",
    "open": "stamp",
}


@pytest.mark.parametrize("seed", range(5))
def test_everything_derived_is_what_a_rebuild_from_the_solution_gives(problem, seed):
    packed, state, _, _ = started(problem)
    changed_at_random(problem, packed, state, seed, 60)
    other = make_state(packed, 2)
    rebuild(packed, other, state.cells[: state.at["essential"]].copy())
    for name, following in FOLLOWING.items():
        assert np.array_equal(field(state, name, following), field(other, name, following)), name
    assert np.array_equal(state.longs[:NUM_TOTALS], other.longs[:NUM_TOTALS])


def test_totals_are_those_of_an_evaluation_that_knows_no_state(problem):
    packed, state, best, totals = started(problem)
    anneal(packed, state, WEIGHTS, 3000, 300.0, 10.0, best, totals)
    assert evaluate(problem, placed_visits(problem, layout_of(state, best))) == tuple(totals[:5])


@given(small_snapshots(), st.integers(0, 9))
def test_totals_stay_right_on_small_problems_of_every_kind(snapshot, seed):
    p = problem_of(snapshot)
    if p.num_visits == 0:
        return
    packed, state, best, totals = started(p, seed)
    anneal(packed, state, WEIGHTS, 60, 500.0, 10.0, best, totals)
    placed = placed_visits(p, layout_of(state, state.cells[: state.at["essential"]]))
    assert evaluate(p, placed) == tuple(state.longs[:5])


@pytest.mark.parametrize("seed", range(3))
def test_what_is_remembered_of_a_street_shift_is_never_more_than_it_costs(problem, seed):
    packed, state, best, totals = started(problem, seed)
    anneal(packed, state, WEIGHTS, 400, 300.0, 10.0, best, totals)
    at, slots, asked = state.at, problem.num_slots, 0
    for mode in range(len(problem.mode_weight)):
        row = int(packed.ints[packed.at["mode_row"] + mode])
        e = int(np.searchsorted(problem.ent_modes, mode, side="right")) - 1
        if row < 0:
            continue
        for slot in range(slots):
            ss = int(problem.ent_street[e]) * slots + slot
            remembered = int(state.cells[at["remembered"] + row * slots + slot])
            if remembered >> COST_BITS != state.cells[at["stamp"] + ss] or not remembered & NOWHERE:
                continue
            known, cost = remembered & NOWHERE, cost_in(packed, state, e, mode, ss)
            assert known <= cost if known < NOWHERE else cost == INFINITE
            asked += 1
    assert asked > 50
