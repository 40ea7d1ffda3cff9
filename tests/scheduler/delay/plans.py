"""Small checked schedules for the tests of delay."""

from __future__ import annotations

from functools import cache

from hypothesis import strategies as st

from scheduler.delay.distributions import Fixed, Lognormal, Triangular, Uniform
from scheduler.delay.model import DelayModel
from scheduler.domain.policy import TravelRules, VisitRules
from scheduler.domain.schedule import Schedule
from scheduler.domain.snapshot import PlanningSnapshot
from scheduler.planning.pipeline import plan
from scheduler.rules import check
from solver.limits import Limits
from tests.builders import AM, PM, a_calendar, a_policy, a_pool, a_snapshot, an_enterprise, an_item

DISTRIBUTIONS = (
    Fixed(factor=1.0),
    Fixed(factor=1.5),
    Uniform(lo=0.85, hi=1.25),
    Triangular(lo=0.7, mode=1.0, hi=1.9),
    Lognormal(sigma=0.3),
)


@cache
def planned(
    num: int, crews: int, together: bool, stretch: int, buffer: int, shift_seed: int
) -> tuple[PlanningSnapshot, Schedule]:
    """Return a small case in one street whose authorities send up to two crews, and its plan."""
    enterprises = [
        an_enterprise(f"E{n}", lon=114.0 + 0.004 * ((7 * n + shift_seed) % 5), lat=22.6 + 0.003 * (n % 4),
                      open_to=None if n % 3 else 17 * 60)
        for n in range(num)
    ]  # fmt: skip
    items = [
        an_item(f"I{n}-{a}", f"A{a}", f"E{n}", duration_min=15 + 5 * ((3 * n + 2 * a + shift_seed) % 4),
                crews=1 + ((n + a + shift_seed) % 3 == 0))
        for n in range(num)
        for a in range(3)
        if (n + a + shift_seed) % 4
    ]  # fmt: skip
    snapshot = a_snapshot(
        items,
        enterprises=enterprises,
        calendar=a_calendar(2, (AM, PM)),
        crew_pools=tuple(a_pool(f"A{a}", crews=crews) for a in range(3)),
        policy=a_policy(VisitRules(start_together=together, stretch_min=stretch), TravelRules(buffer_min=buffer)),
    )
    schedule = plan(snapshot, Limits(time_s=None, iterations=100, workers=1), with_before=False).schedule
    assert check(snapshot, schedule) == ()
    return snapshot, schedule


plans = st.builds(
    planned,
    num=st.sampled_from((3, 6, 9)),
    crews=st.just(3),
    together=st.booleans(),
    stretch=st.sampled_from((0, 30)),
    buffer=st.sampled_from((0, 5)),
    shift_seed=st.integers(0, 2),
)

models = st.builds(
    DelayModel,
    durations=st.sampled_from(DISTRIBUTIONS),
    travel=st.sampled_from(DISTRIBUTIONS),
    day_durations=st.sampled_from(DISTRIBUTIONS),
    day_travel=st.sampled_from(DISTRIBUTIONS),
    enterprise_late_chance=st.sampled_from((0.0, 0.3)),
    no_show_chance=st.sampled_from((0.0, 0.2)),
)
