"""Who accompanies which joint day: nobody with an interest, as evenly as can be, by a lot that anybody may repeat."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import combinations, product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scheduler.invited.assign import Assigned, BadReplacement, assign, is_true, record, replacement
from scheduler.invited.roster import Accompanied, Invited, JointDay, may_serve

SEED = bytes(range(32))


def person(number: int, **more: object) -> Invited:
    values = {"invited_id": f"V{number}", "name": "n", "unit": "u", "active_from": 1, "active_to": 99, **more}
    return Invited(**values)  # type: ignore[arg-type]


def joint(day: int, street: str = "S1", authorities: Sequence[str] = (), enterprises: Sequence[str] = ()) -> JointDay:
    return JointDay(street_id=street, day=day, authority_ids=tuple(authorities), enterprise_ids=tuple(enterprises))


@st.composite
def worlds(draw: st.DrawFn) -> tuple[list[Invited], list[JointDay], list[Accompanied]]:
    names = st.lists(st.sampled_from(["A1", "A2"]), unique=True, max_size=2).map(tuple)
    away = st.lists(st.tuples(st.integers(1, 3), st.integers(1, 3)), max_size=1).map(tuple)
    people = [person(n, authority_ids=draw(names), away=draw(away)) for n in range(draw(st.integers(1, 3)))]
    keys = draw(st.lists(st.tuples(st.integers(1, 3), st.sampled_from(["S1", "S2"])), unique=True, max_size=4))
    days = [joint(day, street, draw(names)) for day, street in keys]
    earlier = [
        Accompanied(invited_id=f"V{n}", street_id="S1", authority_ids=("A1",))
        for n in draw(st.lists(st.integers(0, 2), max_size=3))
    ]
    return people, days, earlier


def _loads(people: Sequence[Invited], earlier: Sequence[Accompanied], ids: Sequence[str]) -> list[int]:
    counted = Counter(a.invited_id for a in earlier) + Counter(ids)
    return sorted((counted[p.invited_id] for p in people), reverse=True)


def _best(
    people: Sequence[Invited], days: Sequence[JointDay], earlier: Sequence[Accompanied], each: int
) -> tuple[int, list[int]]:
    """Try every assignment: most places filled, then the loads that are least from the greatest down."""
    choices = [
        [c for n in range(each + 1) for c in combinations([p.invited_id for p in people if may_serve(p, d)], n)]
        for d in days
    ]
    found = []
    for teams in product(*choices):
        taken = [(d.day, i) for d, team in zip(days, teams, strict=True) for i in team]
        if len(taken) == len(set(taken)):
            found.append((-len(taken), _loads(people, earlier, [i for _, i in taken])))
    filled, loads = min(found)
    return -filled, loads


@settings(max_examples=60, deadline=None)
@given(world=worlds(), each=st.integers(1, 2), seed=st.binary(min_size=32, max_size=32))
def test_as_many_places_are_filled_and_loads_are_as_even_as_brute_force_finds(
    world: tuple[list[Invited], list[JointDay], list[Accompanied]], each: int, seed: bytes
) -> None:
    people, days, earlier = world
    drawn = assign(people, days, earlier, seed, each=each)
    ids = [i for a in drawn for i in a.invited_ids]
    assert (len(ids), _loads(people, earlier, ids)) == _best(people, days, earlier, each)
    assert sum(a.missing for a in drawn) == each * len(days) - len(ids)
    by_id = {p.invited_id: p for p in people}
    of = {(d.day, d.street_id): d for d in days}
    assert all(may_serve(by_id[i], of[a.day, a.street_id]) for a in drawn for i in a.invited_ids)
    assert max(Counter((a.day, i) for a in drawn for i in a.invited_ids).values(), default=1) == 1
    assert assign(people[::-1], days[::-1], earlier[::-1], seed, each=each) == drawn


def test_an_interest_in_one_enterprise_or_the_own_unit_keeps_a_person_from_the_whole_street() -> None:
    day = joint(5, authorities=["A1"], enterprises=["E1"])
    assert not may_serve(person(1, enterprise_ids=("E1",)), day)
    assert not may_serve(person(1, authority_ids=("A1",)), day)
    assert not may_serve(person(1, away=((5, 5),)), day)
    assert not may_serve(person(1, active_to=4), day)
    assert may_serve(person(1, authority_ids=("A2",), away=((6, 9),)), day)


def test_people_go_where_they_have_not_been() -> None:
    earlier = [Accompanied(invited_id=f"V{n}", street_id=f"S{n}", authority_ids=()) for n in (1, 2)]
    for n in range(20):
        drawn = assign([person(1), person(2)], [joint(1, "S1"), joint(1, "S2")], earlier, bytes([n]) * 32)
        assert [a.invited_ids for a in drawn] == [("V2",), ("V1",)]


def test_the_lot_decides_among_those_who_are_alike() -> None:
    people = [person(n) for n in range(3)]
    first = Counter(assign(people, [joint(1)], [], n.to_bytes(32, "big"))[0].invited_ids for n in range(300))
    assert len(first) == 3
    assert min(first.values()) > 60


def test_a_record_is_true_until_anything_in_it_or_under_it_changes() -> None:
    people, days = [person(n) for n in range(3)], [joint(d) for d in (1, 2)]
    told = record(people, days, [], SEED, "2026Q4")
    assert is_true(told, people, days, [])
    assert not is_true(told, people[:2], days, [])
    swapped = {**told, "assigned": [[d, s, ["V9"]] for d, s, _ in told["assigned"]]}
    assert not is_true(swapped, people, days, [])
    assert not is_true({**told, "seed": "00" * 32}, people, days, [])


def test_whoever_cancels_is_replaced_by_a_free_person_with_the_least_load() -> None:
    people = [person(n) for n in range(1, 5)]
    assigned = [
        Assigned(street_id="S1", day=1, invited_ids=("V1",), missing=0),
        Assigned(street_id="S2", day=1, invited_ids=("V2",), missing=0),
        Assigned(street_id="S1", day=2, invited_ids=("V3",), missing=0),
    ]
    assert replacement(people, joint(1), assigned, "V1", [], SEED) == "V4"
    assert replacement(people[:2], joint(1), assigned, "V1", [], SEED) is None
    with pytest.raises(BadReplacement):
        replacement(people, joint(1), assigned, "V2", [], SEED)
