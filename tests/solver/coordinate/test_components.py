"""Components against brute reasoning: every use of crews that the pools allow street by street, or not."""

from __future__ import annotations

from itertools import product

import numpy as np
from hypothesis import given, settings

from solver.coordinate.components import components
from solver.timetable.problem import TimetableProblem
from tests.builders import a_pool, a_snapshot, a_street, an_enterprise, an_item
from tests.solver.coordinate.cities import cities
from tests.solver.timetable.instances import problem_of


def most_crews(p: TimetableProblem, a: int, street: int, slot: int) -> int:
    """Count the authority's nodes of the street whose enterprise has a mode with the authority in the slot."""
    count = 0
    for node in range(p.num_nodes):
        e = int(p.visit_ent[p.node_visit[node]])
        if int(p.node_authority[node]) != a or int(p.ent_street[e]) != street:
            continue
        count += any(
            int(p.mode_words[m, slot // 64]) >> slot % 64 & 1
            and a in p.part_authority[p.mode_parts[m] : p.mode_parts[m + 1]]
            for m in range(p.ent_modes[e], p.ent_modes[e + 1])
        )
    return count


def keeps_pools(p: TimetableProblem, a: int, slot: int, use: dict[int, int]) -> bool:
    """Serve streets from their own crews, then their district's, then the city's."""
    own = p.crews_street.reshape(p.num_authorities, p.num_streets, p.num_slots)[a, :, slot]
    district = p.crews_district.reshape(p.num_authorities, p.num_districts, p.num_slots)[a, :, slot]
    beyond = [0] * p.num_districts
    for s, crews in use.items():
        beyond[p.street_district[s]] += max(0, crews - int(own[s]))
    rest = sum(max(0, b - int(d)) for b, d in zip(beyond, district, strict=True))
    return rest <= int(p.crews_city.reshape(p.num_authorities, p.num_slots)[a, slot])


@settings(max_examples=150)
@given(cities())
def test_what_components_use_by_themselves_the_whole_can_use_together(snapshot):
    p = problem_of(snapshot)
    parts = components(p)
    assert sorted(s for c in parts for s in c.tolist()) == list(range(p.num_streets))
    for a, slot in product(range(p.num_authorities), range(p.num_slots)):
        most = [min(4, most_crews(p, a, s, slot)) for s in range(p.num_streets)]
        for uses in product(*(range(m + 1) for m in most)):
            each = all(keeps_pools(p, a, slot, {int(s): uses[s] for s in c}) for c in parts)
            assert each == keeps_pools(p, a, slot, dict(enumerate(uses)))


def streets_of(districts: list[str], pools: list[object]) -> list[list[int]]:
    streets = [a_street(f"S{n}", d) for n, d in enumerate(districts)]
    enterprises = [an_enterprise(f"E{n}", f"S{n}") for n in range(len(districts))]
    items = [an_item(f"I{n}", "A1", f"E{n}") for n in range(len(districts))]
    snapshot = a_snapshot(items, streets=streets, enterprises=enterprises, crew_pools=tuple(pools))
    return [c.tolist() for c in components(problem_of(snapshot))]


def test_a_city_pool_that_can_run_out_couples_all_streets():
    assert streets_of(["D1", "D1", "D2"], [a_pool(area="*", crews=2)]) == [[0, 1, 2]]


def test_a_city_pool_that_can_never_run_out_couples_nothing():
    assert streets_of(["D1", "D1", "D2"], [a_pool(area="*", crews=3)]) == [[0], [1], [2]]


def test_a_district_pool_couples_its_own_streets_only():
    assert streets_of(["D1", "D1", "D2"], [a_pool(area="D1", crews=1), a_pool(area="D2", crews=1)]) == [[0, 1], [2]]


def test_a_district_with_enough_of_its_own_stays_out_of_the_citys():
    pools = [a_pool(area="D1", crews=2), a_pool(area="*", crews=1)]
    assert streets_of(["D1", "D1", "D2", "D2"], pools) == [[0], [1], [2, 3]]


def test_streets_with_crews_of_their_own_are_independent():
    pools = [a_pool(area=f"S{n}", crews=1) for n in range(3)]
    assert streets_of(["D1", "D1", "D2"], pools) == [[0], [1], [2]]
    assert all(isinstance(c, list) for c in streets_of(["D1"], [a_pool()]))
    assert np.concatenate([np.array(c) for c in streets_of(["D1", "D2"], [a_pool()])]).tolist() == [0, 1]
