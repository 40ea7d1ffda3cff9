"""Rounds of groups: the pools are kept, nothing gets worse, and nothing depends on the port."""

from __future__ import annotations

import numpy as np
import pytest

from scheduler.planning.pipeline import plan
from scheduler.rules import check
from solver.coordinate import run
from solver.coordinate.components import components
from solver.coordinate.groups import draw_groups, shared_out, visits_by_street
from solver.coordinate.layout import crews_in_use, lost_weight
from solver.coordinate.run import solve_parts
from solver.coordinate.shares import share_pools
from solver.limits import Limits
from solver.parallel import InProcess
from solver.timetable.run import solve_timetable
from solver.timetable.solution import evaluate, placed_visits
from tests.reference_check import reference_faults
from tests.solver.coordinate.cities import two_districts, two_districts_problem

SHORT = Limits(time_s=None, iterations=1_500, workers=2)


@pytest.fixture
def in_rounds(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let even small problems be solved in rounds of small groups."""
    monkeypatch.setattr(run, "JOINT", 0)
    monkeypatch.setattr(run, "SMALLEST", 15)


@pytest.mark.usefixtures("in_rounds")
def test_a_plan_made_in_rounds_keeps_every_rule():
    snapshot = two_districts()
    outcome = plan(snapshot, SHORT, with_before=False, port=InProcess(2))
    assert check(snapshot, outcome.schedule) == ()
    assert reference_faults(snapshot, outcome.schedule) == []


@pytest.mark.usefixtures("in_rounds")
def test_threads_do_not_change_the_result():
    p = two_districts_problem()
    one, two = solve_parts(p, SHORT, InProcess(1)), solve_parts(p, SHORT, InProcess(3))
    assert one.visits == two.visits
    assert one.terms == two.terms
    served, *rest = evaluate(p, list(one.visits))
    assert one.terms == (int(p.ent_best.sum()) - served, *rest)
    assert solve_parts(p, Limits(time_s=None, iterations=1_500, seed=2), InProcess(1)).visits != one.visits


@pytest.mark.usefixtures("in_rounds")
def test_rounds_never_end_worse_than_the_first_timetable():
    p = two_districts_problem()
    seen: list[tuple[int, ...]] = []
    found = solve_parts(p, SHORT, InProcess(1), watch=lambda q: seen.append(q.terms or ()) or False)
    first = solve_timetable(p, Limits(time_s=None, iterations=0))
    assert found.terms < first.terms
    assert seen[-1] == found.terms


@pytest.mark.usefixtures("in_rounds")
def test_rounds_go_on_from_a_given_timetable_and_leave_it_as_it_was():
    p = two_districts_problem()
    start = solve_parts(p, SHORT, InProcess(1))
    visits, terms = tuple(placed_visits(p, start.layout)), start.terms
    stopped = solve_parts(p, SHORT, InProcess(1), start=start, watch=lambda q: True)
    again = solve_parts(p, SHORT, InProcess(1), start=start)
    assert again.terms <= stopped.terms <= terms
    assert tuple(placed_visits(p, start.layout)) == visits
    served, *rest = evaluate(p, list(again.visits))
    assert again.terms == (int(p.ent_best.sum()) - served, *rest)


@pytest.mark.usefixtures("in_rounds")
def test_a_watcher_stops_the_rounds_and_keeps_what_there_is():
    p = two_districts_problem()
    found = solve_parts(p, Limits(time_s=60.0), InProcess(2), watch=lambda q: q.iterations > 200)
    assert found.stopped
    assert found.elapsed_s < 30
    assert evaluate(p, list(found.visits))[1:] == found.terms[1:]


def test_independent_components_are_searched_apart(monkeypatch: pytest.MonkeyPatch):
    p = two_districts_problem()
    shared = p._replace(crews_city=np.full_like(p.crews_city, 1_000))
    assert len(components(shared)) == p.num_streets
    found = solve_parts(shared, SHORT, InProcess(2))
    assert evaluate(shared, list(found.visits))[1:] == found.terms[1:]


def test_shares_add_up_to_the_pools_and_hold_what_is_in_use():
    p = two_districts_problem()
    rng = np.random.default_rng(5)
    first = solve_timetable(p, Limits(time_s=None, iterations=300))
    use = crews_in_use(p, first.layout)
    assert int(use.sum()) == first.terms[2]
    assert int(lost_weight(p, first.layout).sum()) == first.terms[0]
    own = p.crews_street.reshape(p.num_authorities, p.num_streets, p.num_slots)
    for target in (15, 40, 100):
        groups = draw_groups(p, components(p), target, rng)
        shares = share_pools(p, use, groups, lost_weight(p, first.layout), rng)
        district = np.zeros((p.num_authorities, p.num_districts, p.num_slots), dtype=int)
        for streets, share in zip(groups, shares, strict=True):
            over = np.zeros_like(share.city, dtype=int)
            for d, crews in share.districts.items():
                district[:, d] += crews
                here = streets[p.street_district[streets] == d]
                over += np.maximum(0, np.maximum(0, use[:, here] - own[:, here]).sum(axis=1) - crews)
            assert (over <= share.city).all()
        assert (district <= p.crews_district.reshape(district.shape)).all()
        assert (sum(s.city for s in shares) <= p.crews_city.reshape(p.num_authorities, -1)).all()


def test_every_street_is_in_one_group_and_groups_keep_their_size():
    p, rng = two_districts_problem(), np.random.default_rng(1)
    sizes = visits_by_street(p)
    for target in (1, 30, 10_000):
        groups = draw_groups(p, components(p), target, rng)
        assert sorted(s for g in groups for s in g.tolist()) == np.flatnonzero(sizes).tolist()
        assert all(len(g) == 1 or sizes[g].sum() <= target for g in groups)


@pytest.mark.parametrize("width", [1, 2, 5])
def test_shared_out_seconds_end_on_time_and_leave_no_worker_idle(width):
    now, free = 0.0, [0.0] * width
    seconds = shared_out([8, 5, 5, 4, 3, 3, 2, 2, 1, 1], width, 60.0, lambda: now)
    while True:
        free.sort()
        now = free[0]
        try:
            free[0] += next(seconds)
        except StopIteration:
            break
    assert max(free) <= 60.1
    assert sum(free) >= 0.8 * 60 * width
