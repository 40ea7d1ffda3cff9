"""Of equal costs a street shift where the visit's authorities have crews already comes first."""

from __future__ import annotations

import numpy as np
import pytest

from solver.timetable.changes import remove_visit
from solver.timetable.insertion import insert_visit
from solver.timetable.problem import pack
from solver.timetable.run import WEIGHTS
from solver.timetable.state import make_state
from tests.builders import a_calendar, a_snapshot, an_item, day
from tests.solver.timetable.instances import problem_of

LONG = 100
"""Minutes of a part of which two do not fit into one crew's shift, so that every visit takes a crew of its own."""


@pytest.mark.parametrize("seed", range(1, 21))
@pytest.mark.parametrize("home", [0, 1])
def test_of_equal_costs_a_new_crew_joins_crews_of_its_authority(seed: int, home: int) -> None:
    """E1 of A1 and E2 of A2 have a date each; E3 of A1 costs one crew shift and no joint day on either."""
    dates = (day(home), day(1 - home))
    problem = problem_of(
        a_snapshot(
            (
                an_item("I1", "A1", "E1", duration_min=LONG, earliest=dates[0], latest=dates[0]),
                an_item("I2", "A2", "E2", duration_min=LONG, earliest=dates[1], latest=dates[1]),
                an_item("I3", "A1", "E3", duration_min=LONG, earliest=day(0), latest=day(1)),
            ),
            calendar=a_calendar(2),
        )
    )
    packed = pack(problem)
    state = make_state(packed, seed)
    street_shift = state.cells[state.at["visit_ss"] : state.at["visit_ss"] + problem.num_visits]
    of_enterprise = np.asarray(problem.visit_ent)
    first, second, third = (int(np.flatnonzero(of_enterprise == e)[0]) for e in range(3))
    for v in (first, second):
        assert insert_visit(packed, state, v, WEIGHTS, 0.0, 0.0)
    for _ in range(3):
        assert insert_visit(packed, state, third, WEIGHTS, 0.0, 0.0)
        assert street_shift[third] == street_shift[first]
        assert street_shift[third] != street_shift[second]
        remove_visit(packed, state, third)
