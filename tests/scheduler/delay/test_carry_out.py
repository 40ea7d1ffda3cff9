"""The network against a slow, obvious simulator, and what must hold whatever the numbers are."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scheduler.delay.carry_out import carry_out
from scheduler.delay.distributions import Fixed, Uniform
from scheduler.delay.draws import Stream, chances, keys_of, run_keys
from scheduler.delay.model import AS_PLANNED, DelayModel, Departure
from scheduler.delay.network import network_of
from scheduler.domain.schedule import Schedule, visit_id_of
from scheduler.planning.pipeline import plan
from solver.limits import Limits
from tests.builders import a_schedule, a_snapshot, an_enterprise, an_item, day, with_crew
from tests.scheduler.delay.plans import DISTRIBUTIONS, models, planned, plans
from tests.scheduler.delay.slow import carry_out_slowly
from tests.strategies import small_snapshots

RUN = run_keys(7, range(1))


def part_names(snapshot, schedule):
    """The names of parts in the order of the network: visit by visit, authorities by id."""
    coming = defaultdict(set)
    for crew in schedule.crew_shifts:
        for stop in crew.stops:
            coming[stop.visit_id].add(crew.authority_id)
    return [(v.visit_id, a) for v in schedule.visits for a in sorted(coming[v.visit_id])]


def check_against_slow(snapshot, schedule, model):
    visits = {v.visit_id: v for v in schedule.visits}
    owner = {i.item_id: i.authority_id for i in snapshot.items}

    def drawn(stream, *name):
        return chances(keys_of([name]), RUN, stream)

    def of_day(distribution, stream, visit_id):
        return float(distribution.quantile(drawn(stream, "day", str(visits[visit_id].day)))[0, 0])

    def work(visit_id, a):
        return (a, *sorted(i for i in visits[visit_id].item_ids if owner[i] == a))

    def part_factor(visit_id, a):
        own = float(model.durations.quantile(drawn(Stream.PART, *work(visit_id, a)))[0, 0])
        return own * of_day(model.day_durations, Stream.DAY_PARTS, visit_id)

    def leg_factor(crew, visit_id):
        to = visit_id or crew.stops[-1].visit_id
        there = [c.crew_id for c in schedule.crew_shifts
                 if c.authority_id == crew.authority_id and any(s.visit_id == to for s in c.stops)]  # fmt: skip
        name = (*work(to, crew.authority_id), str(sorted(there).index(crew.crew_id)), *(() if visit_id else ("home",)))
        own = float(model.travel.quantile(drawn(Stream.LEG, *name))[0, 0])
        return own * of_day(model.day_travel, Stream.DAY_LEGS, to)

    def ready(visit):
        late = float(drawn(Stream.LATE, visit_id_of(visit.item_ids))[0, 0]) < model.enterprise_late_chance
        return visit.start + (model.enterprise_late_min if late else 0)

    def opened(visit):
        return float(drawn(Stream.NO_SHOW, visit_id_of(visit.item_ids))[0, 0]) >= model.no_show_chance

    done, arrive, back = carry_out_slowly(
        snapshot, schedule, part_factor, leg_factor, ready, opened, model.no_show_wait_min
    )
    times = carry_out(network_of(snapshot, schedule, model.departure), model, RUN)
    crews = sorted(schedule.crew_shifts, key=lambda c: c.crew_id)
    order = part_names(snapshot, schedule)
    assert len(done) == len(order)
    assert times.start[:, 0] == pytest.approx([done[p][0] for p in order], abs=1e-9)
    assert times.leave[:, 0] == pytest.approx([done[p][1] for p in order], abs=1e-9)
    assert times.back[:, 0] == pytest.approx([back[c.crew_id] for c in crews], abs=1e-9)
    assert times.arrive[:, 0] == pytest.approx(
        [arrive[c.crew_id, s.visit_id] for c in crews for s in c.stops], abs=1e-9
    )


@settings(max_examples=100, deadline=None)
@given(plans, models)
def test_a_plan_of_one_street_runs_as_the_slow_simulator_says(planned_case, model):
    check_against_slow(*planned_case, model)


@settings(max_examples=50, deadline=None)
@given(small_snapshots(pins=False), models)
def test_any_small_plan_runs_as_the_slow_simulator_says(snapshot, model):
    schedule = plan(snapshot, Limits(time_s=None, iterations=100, workers=1), with_before=False).schedule
    check_against_slow(snapshot, schedule, model)


def test_the_family_of_plans_has_crews_that_wait_for_each_other():
    snapshot, schedule = planned(9, 3, True, 0, 0, 1)
    network = network_of(snapshot, schedule, Departure.PLANNED)
    assert len(network.levels) > 2
    assert np.bincount(network.stops.part).max() == 2
    assert np.bincount(network.parts.group).max() == 3


@settings(max_examples=50, deadline=None)
@given(plans, st.sampled_from(Departure))
def test_factors_of_one_give_exactly_the_planned_times(planned_case, departure):
    snapshot, schedule = planned_case
    network = network_of(snapshot, schedule, departure)
    times = carry_out(network, AS_PLANNED, run_keys(1, range(2)))
    stops = {(s.visit_id, c.authority_id): s for c in schedule.crew_shifts for s in c.stops}
    due = [stops[p] for p in part_names(snapshot, schedule)]
    for run in range(2):
        assert times.start[:, run].tolist() == [s.start for s in due]
        assert times.leave[:, run].tolist() == [s.leave for s in due]
        assert times.back[:, run].tolist() == [c.back for c in sorted(schedule.crew_shifts, key=lambda c: c.crew_id)]


def larger(distribution):
    match distribution:
        case Uniform():
            return Uniform(lo=distribution.lo + 0.1, hi=distribution.hi + 0.3)
        case _:
            return Fixed(factor=5.0)  # above whatever the others yield here, save in the far tail


@settings(max_examples=100, deadline=None)
@given(plans, models)
def test_larger_factors_never_make_anything_earlier(planned_case, model):
    snapshot, schedule = planned_case
    network = network_of(snapshot, schedule, Departure.PLANNED)
    runs = run_keys(3, range(20))
    before = carry_out(network, model, runs)
    names = ("durations", "travel", "day_durations", "day_travel")
    slower = replace(
        model,
        **{name: larger(getattr(model, name)) for name in names},
        enterprise_late_min=model.enterprise_late_min + 5,
    )
    after = carry_out(network, slower, runs)
    for name in ("start", "leave", "arrive", "back"):
        assert (getattr(after, name) >= getattr(before, name) - 1e-9).all()


def with_slack(network_case, extra: int) -> Schedule:
    """The same routes with so many more minutes before every stop but the first: each level of them starts later."""
    snapshot, schedule = network_case
    network = network_of(snapshot, schedule, Departure.PLANNED)
    later = {}
    names = part_names(snapshot, schedule)
    for depth, level in enumerate(network.levels):
        later |= {names[p]: depth * extra for p in level.parts}

    def moved(crew, stop):
        by = later[stop.visit_id, crew.authority_id]
        return replace(stop, start=stop.start + by, leave=stop.leave + by)

    crews = tuple(replace(c, stops=tuple(moved(c, s) for s in c.stops)) for c in schedule.crew_shifts)
    visits = tuple(
        replace(v, start=min(s.start for c in crews for s in c.stops if s.visit_id == v.visit_id))
        for v in schedule.visits
    )
    return replace(schedule, crew_shifts=crews, visits=visits)


@settings(max_examples=50, deadline=None)
@given(plans, models, st.integers(1, 15))
def test_more_buffer_on_the_same_routes_never_makes_anything_later_than_planned(planned_case, model, extra):
    """Enterprises are ready in time: with slack, a part may move less than the announced start of its visit."""
    snapshot, schedule = planned_case
    model = replace(model, enterprise_late_chance=0.0)
    relaxed = with_slack(planned_case, extra)
    runs = run_keys(5, range(20))
    networks = [network_of(snapshot, s, Departure.PLANNED) for s in (schedule, relaxed)]
    late = [carry_out(n, model, runs).start - n.parts.start[:, None] for n in networks]
    assert (late[1] <= late[0] + 1e-9).all()


@settings(max_examples=40, deadline=None)
@given(plans, st.sampled_from(DISTRIBUTIONS))
def test_what_other_streets_and_dates_do_changes_no_draw(planned_case, distribution):
    """One date of the schedule alone runs as it does beside the other."""
    snapshot, schedule = planned_case
    model = DelayModel(durations=distribution, travel=distribution, day_travel=distribution)
    first = schedule.visits[0].day
    alone = replace(
        schedule,
        visits=tuple(v for v in schedule.visits if v.day == first),
        crew_shifts=tuple(c for c in schedule.crew_shifts if c.day == first),
    )
    times = [carry_out(network_of(snapshot, s, Departure.PLANNED), model, run_keys(2, range(5)))
             for s in (schedule, alone)]  # fmt: skip
    crews = sorted(schedule.crew_shifts, key=lambda c: c.crew_id)
    kept = [n for n, c in enumerate(crews) if c.day == first]
    assert np.array_equal(times[0].back[kept], times[1].back)


def test_a_crew_that_may_leave_late_leaves_just_in_time():
    snapshot = a_snapshot([an_item()], enterprises=[an_enterprise(open_from=10 * 60)])
    schedule = a_schedule(snapshot, [(["I1"], day(0), "AM")])
    arrivals = [carry_out(network_of(snapshot, schedule, d), AS_PLANNED, RUN).arrive[0, 0] for d in Departure]
    assert arrivals == [9 * 60 + 8, 10 * 60]


def test_a_schedule_that_names_unknown_visits_is_refused():
    snapshot = a_snapshot()
    schedule = a_schedule(snapshot, [(["I1"], day(0), "AM")])
    crew = schedule.crew_shifts[0]
    lost = with_crew(schedule, crew.crew_id, stops=(replace(crew.stops[0], visit_id="V?"),))
    with pytest.raises(ValueError, match="unknown visit"):
        network_of(snapshot, lost, Departure.PLANNED)
    empty = with_crew(schedule, crew.crew_id, stops=())
    with pytest.raises(ValueError, match="no stop"):
        network_of(snapshot, empty, Departure.PLANNED)


def test_crews_that_wait_in_a_circle_are_refused():
    items = [an_item("I1", crews=2), an_item("I2", enterprise="E2", crews=2)]
    snapshot = a_snapshot(items)
    schedule = a_schedule(snapshot, [(["I1"], day(0), "AM"), (["I2"], day(0), "AM")])
    one = schedule.crew_shifts[0]
    crossed = with_crew(schedule, one.crew_id, stops=one.stops[::-1])
    with pytest.raises(ValueError, match="circle"):
        network_of(snapshot, crossed, Departure.PLANNED)
