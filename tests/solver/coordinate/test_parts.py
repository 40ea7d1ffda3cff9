"""Parts and their joining: nothing is lost, nothing is added."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import given, settings

from scheduler.availability import Availability
from scheduler.domain.snapshot import PlanningSnapshot
from scheduler.planning.arrays import NO_LIMIT, TimetableIndex, build_problem, pools_of
from scheduler.planning.merge import merge_enterprises
from scheduler.planning.prepare import prepare
from solver.coordinate.joining import join_problems
from solver.coordinate.layout import crews_in_use, cut, paste
from solver.coordinate.parts import take_streets
from solver.limits import Limits
from solver.parallel import InProcess
from solver.timetable.problem import TimetableProblem
from solver.timetable.run import solve_timetable
from solver.timetable.solution import empty_layout, evaluate, placed_visits
from tests.solver.coordinate.cities import cities, two_districts, two_districts_problem
from tests.strategies import small_snapshots


def content(p: TimetableProblem, index: TimetableIndex) -> dict[str, Any]:
    """Return what a problem says of every enterprise, whatever the numbers."""
    out = {}
    for e, name in enumerate(index.enterprise_ids):
        street = int(p.ent_street[e])
        modes = []
        for m in range(p.ent_modes[e], p.ent_modes[e + 1]):
            parts = slice(p.mode_parts[m], p.mode_parts[m + 1])
            items = p.mode_item[p.mode_items[m] : p.mode_items[m + 1]]
            modes.append(
                (
                    int(p.mode_weight[m]),
                    p.mode_words[m].tolist(),
                    [index.authority_ids[a] for a in p.part_authority[parts]],
                    p.part_min[parts].tolist(),
                    p.part_node[parts].tolist(),
                    [index.item_ids[i] for i in items],
                )
            )
        base = int(p.street_legs[street]) + int(p.ent_place[e]) * int(p.street_places[street])
        near = [index.enterprise_ids[n] for n in p.neighbours[e] if n >= 0]
        visits = range(p.ent_visits[e], p.ent_visits[e + 1])
        nodes = [index.authority_ids[p.node_authority[n]] for v in visits
                 for n in range(p.visit_nodes[v], p.visit_nodes[v + 1])]  # fmt: skip
        caps = [
            (int(p.cap_who[c]), int(p.cap_kind[c]), [x for x in p.cap_left[c].tolist() if x != NO_LIMIT])
            for c in range(p.ent_caps[e], p.ent_caps[e + 1])
        ]
        out[name] = (index.street_ids[street], modes, int(p.legs[base]), near, nodes, caps, int(p.ent_best[e]))
    return out


def whole_of(snapshot: PlanningSnapshot) -> tuple[TimetableProblem, TimetableIndex]:
    availability = Availability(snapshot)
    return build_problem(availability, merge_enterprises(availability))


@settings(max_examples=60)
@given(small_snapshots())
def test_preparing_street_by_street_gives_the_problem_of_the_whole(snapshot):
    prepared = prepare(Availability(snapshot), InProcess(2))
    p, q = whole_of(snapshot)[0], prepared.problem
    assert content(q, prepared.index) == content(*whole_of(snapshot))
    for name in ("street_district", "crews_street", "crews_district", "crews_city", "slot_period", "street_places"):
        assert np.array_equal(getattr(p, name), getattr(q, name)), name
    assert [r.enterprise_id for r in prepared.reach] == list(prepared.index.enterprise_ids)


@settings(max_examples=60)
@given(cities())
def test_taking_every_street_and_joining_them_gives_the_whole_again(snapshot):
    prepared = prepare(Availability(snapshot), InProcess())
    p = prepared.problem
    parts = [take_streets(p, [s]) for s in range(p.num_streets)]
    # Joining wants the same authorities everywhere: a part has only its own.
    same = [
        q.problem._replace(
            num_authorities=p.num_authorities,
            part_authority=q.authorities[q.problem.part_authority].astype(np.int32),
            node_authority=q.authorities[q.problem.node_authority].astype(np.int32),
            cap_who=np.where(q.problem.cap_who < 0, -1, np.append(q.authorities, -1)[q.problem.cap_who]),
        )
        for q in parts
    ]
    joined = join_problems(same, no_limit=NO_LIMIT, **pools_of(Availability(snapshot)))
    for name, one, other in zip(p._fields, p, joined, strict=True):
        assert np.array_equal(one, other), name


def test_a_timetable_is_cut_and_pasted_without_loss():
    p = two_districts_problem()
    whole = empty_layout(p)
    for s in range(p.num_streets):
        part = take_streets(p, [s])
        found = solve_timetable(part.problem, Limits(time_s=None, iterations=20, workers=1))
        paste(whole, part, found.layout, p.num_slots)
        again = cut(whole, part, p.num_slots)
        assert placed_visits(part.problem, again) == list(found.visits)
        served, *rest = evaluate(part.problem, placed_visits(part.problem, again))
        assert (int(part.problem.ent_best.sum()) - served, *rest) == found.terms
    terms = evaluate(p, placed_visits(p, whole))
    assert terms[1] == int((whole.visit_ss >= 0).sum())
    assert terms[2] == int(crews_in_use(p, whole).sum())


def test_parts_together_take_no_more_memory_than_the_whole():
    p = two_districts_problem(40)

    def size(q: TimetableProblem) -> int:
        return sum(v.nbytes for v in q if isinstance(v, np.ndarray))

    parts = [take_streets(p, [s]).problem for s in range(p.num_streets)]
    assert sum(map(size, parts)) <= 1.1 * size(p)
    assert len(two_districts(40).streets) == p.num_streets
