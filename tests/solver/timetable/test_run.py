"""Running the search: repeatable, anytime, stopped softly; any number of dates, shifts and authorities."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest

from scenarios.generate.city import generate_city
from scenarios.generate.spec import GenerateSpec, Level
from scheduler.domain.calendar import Calendar, CalendarKind, Shift
from scheduler.domain.people import Authority, CrewPool
from scheduler.domain.snapshot import PlanningSnapshot, make_snapshot
from scheduler.intake.read import read_raw
from scheduler.planning.pipeline import plan
from scheduler.rules import check
from solver.errors import SolverError
from solver.limits import Limits, Progress
from solver.timetable.parts import shared_out
from solver.timetable.run import solve_timetable
from solver.timetable.solution import evaluate
from tests.builders import a_policy, a_street, an_enterprise, an_item
from tests.solver.timetable.instances import problem_of


@pytest.fixture(scope="module")
def street() -> PlanningSnapshot:
    return read_raw(generate_city(GenerateSpec(enterprises=60, seed=2))).snapshot


def by_iterations(iterations: int, *, workers: int = 1, seed: int = 1) -> Limits:
    return Limits(time_s=None, iterations=iterations, seed=seed, workers=workers)


@pytest.mark.parametrize("workers", [1, 2])
def test_the_same_seed_and_iterations_give_the_same_visits(street, workers):
    p = problem_of(street)
    first = solve_timetable(p, by_iterations(3000, workers=workers))
    second = solve_timetable(p, by_iterations(3000, workers=workers))
    assert first.visits == second.visits
    assert first.terms == second.terms


def test_another_seed_gives_another_schedule(street):
    p = problem_of(street)
    assert solve_timetable(p, by_iterations(2000)).visits != solve_timetable(p, by_iterations(2000, seed=2)).visits


def test_the_best_is_never_worse_than_any_look_before(street):
    seen: list[tuple[int, ...]] = []

    def look(progress: Progress) -> bool:
        if progress.terms is not None:
            seen.append(progress.terms)
        return False

    result = solve_timetable(problem_of(street), by_iterations(5000), watch=look)
    assert len(seen) > 3
    assert seen == sorted(seen, reverse=True)
    assert result.terms == seen[-1]


def test_searching_is_better_than_the_first_plan(street):
    p = problem_of(street)
    assert solve_timetable(p, by_iterations(8000)).terms < solve_timetable(p, by_iterations(0)).terms


def test_a_watcher_stops_it_softly_with_the_best_so_far(street):
    looks = 0

    def after_three(progress: Progress) -> bool:
        nonlocal looks
        looks += 1
        return looks >= 3

    result = solve_timetable(problem_of(street), by_iterations(10**9), watch=after_three)
    assert result.stopped
    assert 0 < result.iterations < 10**6
    assert result.visits


def test_a_time_limit_ends_it(street):
    ticks = iter(range(10**6))
    result = solve_timetable(problem_of(street), Limits(time_s=30.0, workers=1), clock=lambda: float(next(ticks)))
    assert not result.stopped
    assert result.iterations > 0


def test_a_year_of_three_shifts_and_forty_authorities_is_planned():
    """No limit of 62 dates, 64 bits, 12 authorities or two shifts."""
    first = 739_617
    days = tuple(d for d in range(first, first + 365) if d % 7 not in (0, 6))
    shifts = tuple(Shift(shift_id=f"S{h}", start_min=480 + 200 * h, end_min=660 + 200 * h) for h in range(3))
    authorities = tuple(Authority(authority_id=f"A{k:02}", name=f"A{k:02}") for k in range(40))
    enterprises = tuple(an_enterprise(f"E{k}", lon=113.9 + k / 500) for k in range(12))
    items = tuple(
        an_item(f"I{k}-{a:02}", f"A{a:02}", f"E{k}", earliest=days[20 * k], latest=days[20 * k + 9])
        for k in range(12)
        for a in range(40)
        if (a + k) % 3 == 0
    )
    snapshot = make_snapshot(
        PlanningSnapshot(
            name="a year",
            calendar=Calendar(start=first, end=first + 364, kind=CalendarKind.WEEKDAYS, days=days, shifts=shifts),
            policy=a_policy(),
            streets=(a_street(),),
            authorities=authorities,
            enterprises=enterprises,
            crew_pools=tuple(CrewPool(authority_id=a.authority_id, area_id="*", crews=1) for a in authorities),
            items=items,
        )
    )
    outcome = plan(snapshot, by_iterations(200), with_before=False)
    assert check(snapshot, outcome.schedule) == ()
    assert outcome.score.unserved_weight == 0
    assert outcome.score.doors == 12


def test_a_given_timetable_is_continued_and_never_made_worse(street):
    p = problem_of(street)
    good = solve_timetable(p, by_iterations(3000))
    same = solve_timetable(p, by_iterations(0), start=good.visits)
    assert same.terms == good.terms
    assert solve_timetable(p, by_iterations(500, seed=5), start=good.visits).terms <= good.terms


def test_a_part_of_a_timetable_is_completed(street):
    p = problem_of(street)
    good = solve_timetable(p, by_iterations(1000))
    half = good.visits[: len(good.visits) // 2]
    kept = solve_timetable(p, by_iterations(0), start=half).visits
    assert len(kept) > len(half)
    assert {(v.enterprise, v.slot, v.items) for v in half} <= {(v.enterprise, v.slot, v.items) for v in kept}


def test_a_timetable_of_unknown_visits_is_refused(street):
    p = problem_of(street)
    visit = solve_timetable(p, by_iterations(0)).visits[0]
    with pytest.raises(SolverError):
        solve_timetable(p, by_iterations(0), start=(replace(visit, items=(-1,)),))


def test_r29_a_street_shift_has_no_more_visits_than_the_limit(street):
    p = problem_of(street)
    counted = Counter((v.street, v.slot) for v in solve_timetable(p, by_iterations(500)).visits)
    assert max(counted.values()) > 2
    limited = p._replace(max_shift_visits=2)
    start = solve_timetable(limited, by_iterations(0)).visits
    for visits in (start, solve_timetable(limited, by_iterations(2000)).visits):
        assert len(visits) > 50
        assert max(Counter((v.street, v.slot) for v in visits).values()) == 2


def test_r30_a_street_has_no_more_joint_days_in_a_month_than_the_limit(street):
    p = problem_of(street)
    limited = p._replace(max_street_days=3)
    for visits in (
        solve_timetable(limited, by_iterations(0)).visits,
        solve_timetable(limited, by_iterations(2000)).visits,
    ):
        days = {(v.street, int(p.slot_day[v.slot])) for v in visits}
        assert max(Counter((s, int(p.day_month[d])) for s, d in days).values()) == 3


def test_weights_beyond_32_bits_are_added_up_exactly(street):
    p = problem_of(street)
    heavy = p._replace(
        mode_weight=p.mode_weight.astype(np.int64) * 10**10, ent_best=p.ent_best.astype(np.int64) * 10**10
    )
    plain, large = solve_timetable(p, by_iterations(500)), solve_timetable(heavy, by_iterations(500))
    assert large.terms[0] == plain.terms[0] * 10**10


def test_legs_that_differ_by_direction_are_counted_each_its_way(street):
    p = problem_of(street)
    legs = p.legs + np.arange(len(p.legs), dtype=np.int16) % 7
    result = solve_timetable(p._replace(legs=legs), by_iterations(1000))
    assert evaluate(p._replace(legs=legs), list(result.visits))[1:] == result.terms[1:]


@pytest.mark.parametrize("workers", [2, 3])
def test_dates_shared_out_among_workers_give_one_timetable_that_keeps_every_rule(workers):
    spec = GenerateSpec(level=Level.DISTRICT, places=("盐田区",), enterprises=25, seed=5, ugly=True)
    snapshot = read_raw(generate_city(spec)).snapshot
    assert shared_out(problem_of(snapshot), workers, 1, 0) is not None
    outcome = plan(snapshot, by_iterations(1500, workers=workers), with_before=False)  # fails if a rule is broken
    assert outcome.score.unserved_weight < plan(snapshot, by_iterations(0), with_before=False).score.unserved_weight


def test_every_slot_is_one_workers_and_few_dates_are_not_shared_out(street):
    p = problem_of(street)
    slots = shared_out(p, 3, 1, 7)
    assert slots is not None
    bits = np.unpackbits(slots.view(np.uint8), axis=1, bitorder="little")
    assert (bits.sum(axis=0)[: p.num_slots] == 1).all()
    assert shared_out(p._replace(max_street_days=3), 3, 1, 7) is None


def test_r30_holds_with_two_workers_too(street):
    p = problem_of(street)._replace(max_street_days=3)
    days = {(v.street, int(p.slot_day[v.slot])) for v in solve_timetable(p, by_iterations(2000, workers=2)).visits}
    assert max(Counter((s, int(p.day_month[d])) for s, d in days).values()) == 3
