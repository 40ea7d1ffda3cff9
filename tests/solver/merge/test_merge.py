"""The exact merge against brute force, its modes, and enterprises of the largest size."""

from __future__ import annotations

import random
from itertools import combinations, pairwise
from typing import Any

import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st

from solver.merge.model import solve_by_cp_sat
from solver.merge.modes import modes_of
from solver.merge.problem import MergeCap, MergeItem, MergeProblem, MergeSolution, slot_classes
from solver.merge.search import _enumerate, solve_merge
from tests.brute_force import may_share, merge_by_doors


def an_item(weight: int = 1, authority: int = 0, slots: int = 1, **changes: Any) -> MergeItem:
    fields: dict[str, Any] = {"duration": 10, "crews": 1, "exempt": False, "notice": 0}
    return MergeItem(weight=weight, authority=authority, slots=slots, **(fields | changes))


def a_problem(*items: MergeItem, **changes: Any) -> MergeProblem:
    fields: dict[str, Any] = {"caps": (), "overhead": 10, "rooms": ((100, (1 << 64) - 1),)}
    return MergeProblem(items=items, **(fields | changes))


@st.composite
def problems(draw: Any, max_items: int = 4, max_slots: int = 4) -> MergeProblem:
    num_slots = draw(st.integers(1, max_slots))
    every = (1 << num_slots) - 1
    first_shift = 0b0101_0101 & every
    items = tuple(
        MergeItem(
            weight=draw(st.sampled_from((0, 1, 3, 10, 1000))),
            authority=draw(st.integers(0, 2)),
            duration=draw(st.sampled_from((10, 30, 50))),
            crews=draw(st.integers(1, 3)),
            exempt=draw(st.sampled_from((False, False, False, True))),
            notice=draw(st.sampled_from((0, 0, 0, 1))),
            slots=draw(st.integers(0, every)),
        )
        for _ in range(draw(st.integers(1, max_items)))
    )
    return MergeProblem(
        items=items,
        caps=tuple(draw(_caps(every)) for _ in range(draw(st.integers(0, 3)))),
        overhead=10,
        rooms=((draw(st.sampled_from((20, 70, 150))), first_shift), (150, every & ~first_shift)),
        max_part=draw(st.sampled_from((None, None, 60))),
        max_crews=draw(st.sampled_from((None, None, 1, 3, 4))),
        max_authorities=draw(st.sampled_from((None, None, 1, 2))),
    )


@st.composite
def _caps(draw: Any, every: int) -> MergeCap:
    """Draw a cap with up to three periods, one after the other."""
    cuts = sorted(draw(st.lists(st.integers(0, every.bit_length()), min_size=2, max_size=2)))
    bounds = [0, *cuts, every.bit_length()]
    left = tuple(((((1 << hi) - 1) & ~((1 << lo) - 1)) & every, draw(st.integers(0, 2))) for lo, hi in pairwise(bounds))
    return MergeCap(authority=draw(st.sampled_from((None, 0, 1, 2))), left=left)


def assert_valid(problem: MergeProblem, solution: MergeSolution) -> None:
    """The plan of a solution keeps every rule and has the weight and the doors that it claims."""
    items = [[i for i in range(len(problem.items)) if mask >> i & 1] for mask, _ in solution.visits]
    assert len({i for own in items for i in own}) == sum(len(own) for own in items)
    assert sum(problem.items[i].weight for own in items for i in own) == solution.found
    assert solution.found <= solution.weight
    if solution.found == solution.weight:
        assert len(solution.visits) >= solution.doors
    for own, (_, slots) in zip(items, solution.visits, strict=True):
        assert slots
        for slot in range(slots.bit_length()):
            assert not slots >> slot & 1 or may_share(problem, tuple(own), slot)
    for cap in problem.caps:
        for period, left in cap.left:
            counted = sum(
                any(not problem.items[i].exempt and cap.authority in (None, problem.items[i].authority) for i in own)
                for own, (_, slots) in zip(items, solution.visits, strict=True)
                if slots & ~period == 0
            )
            assert counted <= left


@settings(max_examples=200)
@given(problems())
def test_merge_equals_brute_force_for_every_number_of_doors(problem):
    expected = merge_by_doors(problem)
    found = solve_merge(problem)
    event(f"{len(expected) - 1} doors")
    assert _upper(found, len(expected)) == expected
    assert (found.found, len(found.visits)) == (found.weight, found.doors)
    assert_valid(problem, found)


@settings(max_examples=80)
@given(problems(max_items=5))
def test_enumeration_and_cp_sat_agree_with_brute_force(problem):
    expected = merge_by_doors(problem)
    classes = slot_classes(problem)
    servable = 0
    for cls in classes:
        servable |= cls.items
    for found in (_enumerate(problem, classes, servable), solve_by_cp_sat(problem, classes)):
        assert found.weight_by_doors == expected
        assert_valid(problem, found)


@settings(max_examples=80)
@given(problems(max_items=5), st.sampled_from((1e-9, 1e-5, 1e-4, 1e-3)))
def test_cp_sat_stopped_early_bounds_what_brute_force_serves_with_every_number_of_doors(problem, max_work):
    expected = merge_by_doors(problem)
    found = solve_by_cp_sat(problem, slot_classes(problem), max_work)
    assert_valid(problem, found)
    bounds = found.weight_by_doors
    event("exact" if bounds == expected else "bounded")
    assert all(bounds[min(k, found.doors)] >= weight for k, weight in enumerate(expected))
    assert list(bounds) == sorted(bounds)
    assert bounds.index(bounds[-1]) == found.doors


def _upper(found: MergeSolution, length: int) -> tuple[int, ...]:
    """Return the weights by doors, the last repeated."""
    assert len(found.weight_by_doors) == length
    return found.weight_by_doors


def test_a_further_visit_may_gain_only_with_another_one():
    """Two visits serve no more than one, three serve more: the search must not stop at the second."""
    problem = a_problem(
        an_item(3, 0, 0b001),
        an_item(3, 1, 0b001),
        an_item(3, 2, 0b001, notice=1),
        an_item(3, 0, 0b010),
        an_item(3, 1, 0b100),
        caps=(
            MergeCap(authority=None, left=((0b001, 1), (0b110, 9))),
            MergeCap(authority=0, left=((0b111, 1),)),
            MergeCap(authority=1, left=((0b111, 1),)),
        ),
        rooms=((100, 0b111),),
    )
    assert merge_by_doors(problem) == (0, 6, 6, 9)
    assert solve_merge(problem).weight_by_doors == (0, 6, 6, 9)
    by_cp_sat = solve_by_cp_sat(problem, slot_classes(problem))
    assert by_cp_sat.weight_by_doors == (0, 6, 6, 9)
    assert_valid(problem, by_cp_sat)


@settings(max_examples=150)
@given(problems(max_items=6, max_slots=6))
def test_modes_of_few_items_are_exactly_the_allowed_sets_with_their_slots(problem):
    """Allowed means: items may share a visit there, and history has left room under every cap of that period."""
    expected = {}
    for n in range(1, len(problem.items) + 1):
        for items in combinations(range(len(problem.items)), n):
            slots = 0
            for slot in range(6):
                if any(mask >> slot & 1 for _, mask in problem.rooms) and may_share(problem, items, slot):
                    slots |= int(_cap_left(problem, items, slot)) << slot
            if slots:
                expected[sum(1 << i for i in items)] = slots
    modes = modes_of(problem)
    assert {m.items: m.slots for m in modes} == expected
    assert len(modes) == len(expected)
    assert [m.weight for m in modes] == sorted((m.weight for m in modes), reverse=True)
    for m in modes:
        assert m.weight == sum(x.weight for i, x in enumerate(problem.items) if m.items >> i & 1)


def _cap_left(problem: MergeProblem, items: tuple[int, ...], slot: int) -> bool:
    return all(
        left >= 1 or not any(not problem.items[i].exempt and c.authority in (None, problem.items[i].authority)
                             for i in items)
        for c in problem.caps
        for period, left in c.left
        if period >> slot & 1
    )  # fmt: skip


def large(seed: int, num_items: int, num_slots: int, **changes: Any) -> MergeProblem:
    """Return an enterprise with 11 authorities, two shifts a date, quarters of caps, some of them used by history."""
    r = random.Random(seed)
    every = (1 << num_slots) - 1
    am = sum(1 << s for s in range(0, num_slots, 2))
    quarter = -(-num_slots // 4)
    quarters = [((1 << quarter) - 1) << q * quarter & every for q in range(4)]
    items = []
    for _ in range(num_items):
        lo, hi = sorted(r.sample(range(num_slots), 2))
        window = ((1 << hi + 1) - 1) & ~((1 << lo) - 1)
        items.append(
            an_item(
                r.choice((1, 10, 1000)),
                r.randrange(11),
                r.choice((every, window)),
                duration=r.choice((20, 30, 45)),
                crews=r.choice((1, 1, 2)),
                exempt=r.random() < 0.1,
                notice=int(r.random() < 0.1),
            )
        )
    caps = [MergeCap(authority=None, left=tuple((q, 1) for q in quarters))]
    caps += [MergeCap(authority=a, left=((every, r.randint(0, 2)),)) for a in range(11)]
    fields: dict[str, Any] = {
        "caps": tuple(caps), "rooms": ((160, am), (190, every & ~am)), "max_part": 120, "max_crews": 10,
    }  # fmt: skip
    return a_problem(*items, **(fields | changes))


@pytest.mark.parametrize(("seed", "num_items"), [(1, 20), (2, 30), (3, 40)])
def test_large_enterprises_are_merged(seed, num_items):
    problem = large(seed, num_items, 600)
    found = solve_merge(problem)
    assert_valid(problem, found)
    assert list(found.weight_by_doors) == sorted(found.weight_by_doors)
    assert 1 <= found.doors <= 4 + sum(i.exempt for i in problem.items)


def test_a_large_enterprise_without_caps_loses_nothing():
    problem = large(4, 40, 600, caps=())
    found = solve_merge(problem)
    assert found.weight == sum(i.weight for i in problem.items if i.slots)
    assert_valid(problem, found)


def test_a_large_enterprise_has_modes_that_serve_most_of_it():
    """Its modes are allowed, distinct, each item is in one, and one mode is as heavy as the best single visit."""
    for seed in range(5, 8):
        problem = large(seed, 25, 120)
        modes = modes_of(problem)
        assert len({m.items for m in modes}) == len(modes)
        for m in modes:
            items = tuple(i for i in range(25) if m.items >> i & 1)
            assert m.slots
            for slot in range(m.slots.bit_length()):
                assert not m.slots >> slot & 1 or (may_share(problem, items, slot) and _cap_left(problem, items, slot))
        alone = {i for i in range(25) if any(_alone(problem, i, s) for s in range(120))}
        assert {i for m in modes for i in range(25) if m.items >> i & 1} == alone
        assert modes[0].weight >= 0.9 * solve_merge(problem).weight_by_doors[1]


def _alone(problem: MergeProblem, i: int, slot: int) -> bool:
    return may_share(problem, (i,), slot) and _cap_left(problem, (i,), slot)


def test_more_than_64_items_and_slots_work():
    """Each of a few items has a slot of its own far beyond the 64th; one visit in the last slots serves the others."""
    alone = [an_item(1, i, 1 << 100 + i) for i in range(4)]
    together = [an_item(2, 4 + i % 40, 1 << 99 | 1 << 700) for i in range(62)]
    problem = a_problem(*alone, *together, rooms=((100, (1 << 800) - 1),))
    found = solve_merge(problem)
    assert found.weight_by_doors == (0, 124, 125, 126, 127, 128)
    assert_valid(problem, found)
    assert any(m.weight == 124 and m.slots == 1 << 99 | 1 << 700 for m in modes_of(problem))


def test_nothing_servable_gives_no_visit():
    problem = a_problem(an_item(5, slots=0), an_item(7, slots=1, duration=95))
    assert solve_merge(problem) == MergeSolution(weight_by_doors=(0,), visits=(), found=0)
    assert modes_of(problem) == []


def test_items_without_weight_open_no_door():
    problem = a_problem(an_item(0), an_item(0, 1))
    assert solve_merge(problem).doors == 0


def test_visits_of_an_optimal_merge_are_modes_however_large():
    for seed in range(5, 8):
        problem = large(seed, 25, 600)
        visits = [items for items, _ in solve_merge(problem).visits]
        modes = modes_of(problem, visits)
        assert {m.items for m in modes} >= set(visits)
        assert len(modes) == len({m.items for m in modes}) < 5000


def test_authorities_that_history_has_used_up_do_not_hide_modes_of_the_others():
    items = [an_item(1, a, duration=10) for a in range(8)]
    used_up = tuple(MergeCap(authority=a, left=(((1 << 64) - 1, 0),)) for a in range(4))
    problem = a_problem(*items, caps=used_up)
    assert modes_of(problem)[0].items == 0b1111_0000


def test_a_shift_too_short_for_all_items_still_has_a_joint_mode():
    long_slots, short_slots = 0b01, 0b10
    items = [an_item(10, 0, 0b11, duration=30, crews=1) for _ in range(4)]
    items += [an_item(1, 1 + a, 0b11) for a in range(4)]
    problem = a_problem(*items, rooms=((200, long_slots), (80, short_slots)))
    modes = modes_of(problem)
    assert modes[0].slots == long_slots
    assert max(m.weight for m in modes if m.slots & short_slots) == 2 * 10 + 4


def test_sixty_items_under_a_tight_crowd_limit_end_with_a_plan_and_a_bound_not_far_above():
    """Work is counted, not seconds: the answer is the same on every machine, and again."""
    problem = large(1, 60, 600, max_crews=3)
    found = solve_merge(problem)
    assert_valid(problem, found)
    assert found.found >= 0.75 * found.weight
    assert solve_merge(problem) == found
