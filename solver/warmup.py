"""Compilation ahead of the first proof and search; the compiled code is cached on disk for the next start."""

from __future__ import annotations

import numpy as np

from solver.bound.ascent import raise_prices
from solver.bound.capacity import WeightWork, most_weight
from solver.limits import Limits
from solver.timetable.problem import TimetableProblem
from solver.timetable.run import solve_timetable


def warm_up() -> None:
    """Compile search and bounds by solving a problem of one visit (seconds the first time, then a fraction of one)."""
    problem = _one_visit()
    solve_timetable(problem, Limits(time_s=None, iterations=1, workers=2))
    raise_prices(problem, stop_min=0.0, looks=200)
    most_weight(WeightWork(problem=problem, evaluations=1), lambda progress: False)


def _one_visit() -> TimetableProblem:
    def ints(*values: int) -> np.ndarray[tuple[int], np.dtype[np.int32]]:
        return np.array(values, dtype=np.int32)

    one_word = np.ones((1, 1), dtype=np.uint64)
    return TimetableProblem(
        num_authorities=1, num_streets=1, num_districts=1, num_slots=1, num_days=1, tiers=ints(0, 1, 2, 3, 4),
        together=0, caravan=0, stretch=0, buffer=0, max_part=0, min_gap=0, max_street_days=0, max_shift_visits=0,
        slot_lo=ints(0), slot_hi=ints(100), slot_day=ints(0), slot_date=ints(0), day_month=ints(0),
        street_district=ints(0), street_places=ints(2), street_legs=ints(0), legs=np.zeros(4, dtype=np.int16),
        ent_street=ints(0), ent_place=ints(1), ent_from=ints(0), ent_to=ints(100),
        ent_visits=ints(0, 1), ent_modes=ints(0, 1), ent_caps=ints(0, 0), ent_items=ints(0, 1), ent_best=ints(1),
        visit_ent=ints(0), visit_nodes=ints(0, 1), visit_pinned=ints(0), visit_words=one_word,
        visit_fixed=ints(0), home_words=np.zeros((1, 1), dtype=np.uint64), node_home=ints(-1),
        mode_weight=ints(1), mode_longest=ints(10), mode_parts=ints(0, 1), mode_items=ints(0, 1),
        mode_merged=ints(0),
        mode_words=one_word,
        part_authority=ints(0), part_node=ints(0), part_min=ints(10), part_crews=ints(1), part_counted=ints(1),
        mode_item=ints(0), node_visit=ints(0), node_authority=ints(0),
        cap_who=ints(), cap_kind=ints(), cap_left=np.zeros((0, 1), dtype=np.int32),
        slot_period=np.zeros((1, 1), dtype=np.int32),
        crews_street=ints(1), crews_district=ints(0), crews_city=ints(0),
        neighbours=np.full((1, 1), -1, dtype=np.int32), auth_nodes=ints(0, 1), auth_node=ints(0),
    )  # fmt: skip
