"""R32, riding together: at its limit and just past it; whole plans of caravans by both checkers."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from itertools import permutations, product

import numpy as np
import pytest

from scenarios.generate.city import generate_city
from scenarios.generate.spec import GenerateSpec
from scheduler.domain.plans import Pin
from scheduler.domain.policy import TravelRules, VisitRules
from scheduler.export.case import case_of_snapshot
from scheduler.intake.read import read_case
from scheduler.intake.tables import write_case
from scheduler.planning.pipeline import plan, plan_with_seeds
from scheduler.replan.warm import warm_start
from scheduler.rules import check
from scheduler.travel import leg_min
from solver.limits import Limits
from tests.builders import (
    AM,
    OFFICE,
    PM,
    a_calendar,
    a_policy,
    a_pool,
    a_schedule,
    a_snapshot,
    an_enterprise,
    an_item,
    day,
)
from tests.reference_check import reference_faults

RIDING = VisitRules(ride_together=True)


def _riding(snapshot):
    visit = replace(snapshot.policy.visit, ride_together=True)
    return snapshot.replace(policy=replace(snapshot.policy, visit=visit))


def _codes(snapshot, schedule) -> set[str]:
    return {v.code for v in check(snapshot, schedule)}


def _two(minutes: int, **parts):
    """A1 has a part at E1 and E2, A2 a longer one at E1 alone; E2 is beside E1."""
    items = (
        an_item("I1", "A1", "E1", duration_min=20),
        an_item("I2", "A2", "E1", duration_min=minutes),
        an_item("I3", "A1", "E2", duration_min=20),
    )
    return a_snapshot(items, policy=a_policy(visit=RIDING), **parts)


def _moved(schedule, by: int):
    """The second visit so many minutes later."""
    second = max(schedule.visits, key=lambda v: v.start)
    later = replace(second, start=second.start + by, end=second.end + by)

    def stop(s):
        same = s.visit_id == second.visit_id
        return replace(s, start=s.start + by, leave=s.leave + by) if same else s

    crews = []
    for c in schedule.crew_shifts:
        there = second.visit_id in {s.visit_id for s in c.stops}
        crews.append(replace(c, stops=tuple(map(stop, c.stops)), back=c.back + by * there))
    visits = tuple(later if v is second else v for v in schedule.visits)
    return replace(schedule, visits=visits, crew_shifts=tuple(crews))


def test_whoever_is_done_first_waits_for_the_others() -> None:
    """R32 at its limit: the next visit begins when the longest part of the one before is over; and just before it."""
    snapshot = _two(60)
    schedule = a_schedule(snapshot, [(["I1", "I2"], day(0), "AM"), (["I3"], day(0), "AM")])
    first, second = sorted(schedule.visits, key=lambda v: v.start)
    wait = first.end - second.start  # E2 is at the same place, so there is no leg
    assert wait > 0
    assert _codes(snapshot, schedule) == {"R32"}
    assert _codes(snapshot, _moved(schedule, wait - 1)) == {"R32"}
    assert _codes(snapshot, _moved(schedule, wait)) == set()
    assert _codes(snapshot.replace(policy=a_policy()), schedule) == set()


def test_crews_that_do_not_meet_need_not_ride_together() -> None:
    """R32 asks nothing of crews without a visit in common."""
    snapshot = a_snapshot((an_item("I1", "A1", "E1"), an_item("I2", "A2", "E2")), policy=a_policy(visit=RIDING))
    assert _codes(snapshot, a_schedule(snapshot, [(["I1"], day(0), "AM"), (["I2"], day(0), "AM")])) == set()


def test_all_are_back_by_the_end_of_the_shift() -> None:
    """R32: the way home counts for all, from where the caravan is last."""
    snapshot = _two(60, calendar=a_calendar(shifts=(replace(AM, end_min=AM.start_min + 8 + 70 + 30 + 8),)))
    base = a_schedule(snapshot, [(["I1", "I2"], day(0), "AM"), (["I3"], day(0), "AM")])
    first, second = sorted(base.visits, key=lambda v: v.start)
    schedule = _moved(base, first.end - second.start)
    assert _codes(snapshot, schedule) == set()
    short = snapshot.replace(calendar=a_calendar(shifts=(replace(AM, end_min=AM.start_min + 8 + 70 + 30 + 7),)))
    assert "R32" in _codes(short, schedule)


def test_an_authority_has_one_set_of_crews_in_a_caravan() -> None:
    """R32: a second crew of the same authority in one caravan is one too many."""
    items = (an_item("I1", "A1", "E1"), an_item("I2", "A2", "E1"), an_item("I3", "A1", "E2"), an_item("I4", "A2", "E2"))
    snapshot = a_snapshot(items, policy=a_policy(visit=RIDING))
    rides = [(["I1", "I2"], day(0), "AM"), (["I3", "I4"], day(0), "AM")]
    schedule = a_schedule(snapshot, rides)
    assert _codes(snapshot, schedule) == set()
    last = max(schedule.visits, key=lambda v: v.start).visit_id
    crew = next(c for c in schedule.crew_shifts if c.authority_id == "A1")
    there, gone = (tuple(s for s in crew.stops if (s.visit_id == last) is which) for which in (True, False))
    out_and_back = leg_min(snapshot.policy.travel, OFFICE, (114.01, 22.6))
    twins = (
        replace(crew, stops=gone, back=gone[-1].leave + out_and_back, travel_min=2 * out_and_back),
        replace(crew, crew_id="X", stops=there, back=there[-1].leave + out_and_back, travel_min=2 * out_and_back),
    )
    others = tuple(c for c in schedule.crew_shifts if c is not crew)
    assert _codes(snapshot, replace(schedule, crew_shifts=(*others, *twins))) == {"R32"}


def test_a_pin_does_not_let_crews_part() -> None:
    """R32 holds for pinned visits too."""
    pins = tuple(Pin(enterprise_id=e, day=day(0), shift_id="AM") for e in ("E1", "E2"))
    snapshot = _two(60, pins=pins)
    schedule = plan(snapshot, Limits(time_s=None, iterations=200, workers=1), with_before=False).schedule
    assert _codes(snapshot, schedule) == set()
    assert {v.day for v in schedule.visits} == {day(0)}


# --- plans -----------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def ugly(tmp_path_factory):
    """Thirty enterprises with caps, history, quiet periods, hours, crowds, exempt items and crews of up to three."""
    folder = tmp_path_factory.mktemp("ugly") / "case"
    write_case(generate_city(GenerateSpec(enterprises=30, seed=3, ugly=True)), folder)
    return _riding(read_case(folder).snapshot)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_caravans_keep_every_rule_of_an_ugly_case(ugly, seed) -> None:
    outcome = plan(ugly, Limits(time_s=None, iterations=400, seed=seed, workers=1), with_before=False)
    assert check(ugly, outcome.schedule) == ()
    assert reference_faults(ugly, outcome.schedule) == []
    assert len(outcome.schedule.visits) > 10


def test_a_case_of_caravans_reads_back_equal(ugly, tmp_path) -> None:
    write_case(case_of_snapshot(ugly), tmp_path / "case")
    again = read_case(tmp_path / "case")
    assert again.warnings == ()
    assert again.snapshot.digest() == ugly.digest()
    meeting = replace(ugly.policy.visit, ride_together=False)
    assert ugly.digest() != ugly.replace(policy=replace(ugly.policy, visit=meeting)).digest()


def test_the_search_repeats_and_two_workers_do_too(ugly) -> None:
    for workers in (1, 2):
        limits = Limits(time_s=None, iterations=300, workers=workers)
        one, other = (plan(ugly, limits, with_before=False).schedule for _ in range(2))
        assert one == other


def test_a_given_timetable_of_caravans_is_never_made_worse(ugly) -> None:
    limits = Limits(time_s=None, iterations=2000, workers=1)
    [before] = plan_with_seeds(ugly, limits, (1,), bounds=False)
    [after] = plan_with_seeds(
        ugly, limits, (9,), starters=[partial(warm_start, before.schedule)], fewer=1, bounds=False
    )
    terms = [list(o.score.as_dict().values()) for o in (before, after)]
    assert terms[1] <= terms[0]


def test_riding_together_never_takes_fewer_crews_than_meeting(ugly) -> None:
    limits = Limits(time_s=None, iterations=5000, workers=1)
    meeting = ugly.replace(policy=replace(ugly.policy, visit=replace(ugly.policy.visit, ride_together=False)))
    caravan, meet = (plan(s, limits, with_before=False).score for s in (ugly, meeting))
    assert caravan.unserved_weight >= meet.unserved_weight
    assert (caravan.unserved_weight, caravan.crew_shifts) > (meet.unserved_weight, meet.crew_shifts)


def _fewest_crews(snapshot, sets, minutes, slots) -> int:
    """Return the fewest crew shifts of caravans, by trying every grouping, order and shift; crews are single."""
    places = {e.enterprise_id: (e.lon, e.lat) for e in snapshot.enterprises}
    names = sorted(sets)
    travel = snapshot.policy.travel

    def fits(route, shift) -> bool:
        now, here = shift.start_min, OFFICE
        for e in route:
            now += leg_min(travel, here, places[e]) + minutes[e]
            here = places[e]
        return now + leg_min(travel, here, OFFICE) <= shift.end_min

    def possible(group) -> bool:
        return any(fits(r, s) for r in permutations(group) for s in slots)

    best = 10**9
    for labels in product(range(len(names)), repeat=len(names)):
        groups = [[n for n, k in zip(names, labels, strict=True) if k == g] for g in set(labels)]
        if all(possible(g) for g in groups):
            best = min(best, sum(len(set().union(*(sets[e] for e in g))) for g in groups))
    return best


@pytest.mark.parametrize("seed", range(6))
def test_few_enterprises_are_grouped_as_well_as_trying_everything(seed) -> None:
    rng = np.random.default_rng(seed)
    names = ["A1", "A2", "A3", "A4"]
    sets = {f"E{n}": set(rng.choice(names, size=int(rng.integers(1, 4)), replace=False)) for n in range(5)}
    minutes = {e: int(rng.integers(30, 90)) for e in sets}
    items = [
        an_item(f"{e}{a}", a, e, duration_min=minutes[e] - 10 - 7 * k)
        for e, who in sets.items()
        for k, a in enumerate(sorted(who))
    ]
    enterprises = [
        an_enterprise(e, lon=114.0 + float(rng.random()) / 50, lat=22.6 + float(rng.random()) / 50) for e in sets
    ]
    pools = [a_pool(a, crews=9) for a in ("A1", "A2", "A3", "A4")]
    snapshot = a_snapshot(
        items,
        enterprises=enterprises,
        calendar=a_calendar(1, shifts=(AM, PM)),
        crew_pools=[p for p in pools if any(p.authority_id in s for s in sets.values())],
        policy=a_policy(visit=RIDING, travel=TravelRules()),
    )
    found = plan(snapshot, Limits(time_s=None, iterations=3000, workers=1), with_before=False)
    assert found.score.unserved_weight == 0
    assert found.score.doors == 5
    assert found.score.crew_shifts == _fewest_crews(snapshot, sets, minutes, (AM, PM))
