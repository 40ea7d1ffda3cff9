"""Small problems of several streets and districts, for tests of coordination."""

from __future__ import annotations

from functools import cache
from typing import Any

from hypothesis import strategies as st

from scenarios.generate.city import generate_city
from scenarios.generate.spec import GenerateSpec, Level
from scheduler.domain.snapshot import PlanningSnapshot
from scheduler.intake.read import read_raw
from solver.timetable.problem import TimetableProblem
from tests.builders import AM, MONDAY, PM, a_calendar, a_pool, a_snapshot, a_street, an_enterprise, an_item
from tests.solver.timetable.instances import problem_of


@cache
def two_districts(enterprises: int = 12) -> PlanningSnapshot:
    """Return two districts whose specialists serve both, scarce crews everywhere."""
    spec = GenerateSpec(
        level=Level.DISTRICT, places=("光明区", "盐田区"), enterprises=enterprises, num_authorities=30, seed=4
    )
    return read_raw(generate_city(spec)).snapshot


@cache
def two_districts_problem(enterprises: int = 12) -> TimetableProblem:
    return problem_of(two_districts(enterprises))


@st.composite
def cities(draw: Any) -> PlanningSnapshot:
    """Draw up to four streets in two districts, with few items and with pools of every kind."""
    streets = [a_street(f"S{n}", draw(st.sampled_from(("D1", "D2")))) for n in range(draw(st.integers(1, 4)))]
    enterprises = [
        an_enterprise(f"E{n}", draw(st.sampled_from(streets)).street_id) for n in range(draw(st.integers(1, 5)))
    ]
    items = [
        an_item(
            f"I{n}",
            draw(st.sampled_from(("A1", "A2"))),
            draw(st.sampled_from(enterprises)).enterprise_id,
            earliest=MONDAY + draw(st.integers(0, 1)),
            latest=MONDAY + 1,
            crews=draw(st.sampled_from((1, 1, 2))),
        )
        for n in range(draw(st.integers(1, 6)))
    ]
    areas = ["*", "*", *sorted({s.district_id for s in streets}), *(s.street_id for s in streets)]
    pools = draw(
        st.lists(
            st.builds(
                a_pool,
                st.sampled_from(("A1", "A2")),
                st.sampled_from(areas),
                st.integers(0, 3),
                first_day=st.sampled_from((None, MONDAY + 1)),
            ),
            min_size=1,
            max_size=6,
        )
    )
    calendar = a_calendar(2, (AM, PM), MONDAY)
    return a_snapshot(items, calendar=calendar, streets=streets, enterprises=enterprises, crew_pools=tuple(pools))
