"""Crews left after other streets' published schedules: counted anew slot by slot, and at the limits."""

from __future__ import annotations

from collections import Counter, defaultdict
from itertools import product

from hypothesis import given, settings
from hypothesis import strategies as st

from scheduler.capacity import CrewTable, CrewUse
from scheduler.committed import without_committed
from scheduler.domain.people import WHOLE_CITY, CrewPool
from scheduler.domain.snapshot import PlanningSnapshot
from tests.builders import AM, PM, a_calendar, a_pool, a_snapshot, a_street, an_enterprise, an_item, day
from tests.strategies import small_snapshots

STREETS = (a_street("S1", "D1"), a_street("S2", "D1"), a_street("S3", "D2"))


def city(*pools: CrewPool, **parts: object) -> PlanningSnapshot:
    """Return a case with streets S1 and S2 in D1, S3 in D2."""
    enterprises = (an_enterprise(),)
    return a_snapshot([an_item()], streets=STREETS, enterprises=enterprises, crew_pools=pools, **parts)


def areas_of(snapshot: PlanningSnapshot) -> list[str]:
    return sorted({s.street_id for s in snapshot.streets} | {s.district_id for s in snapshot.streets} | {WHOLE_CITY})


def crews_at_work(snapshot: PlanningSnapshot) -> dict[tuple[str, str, int, str], int]:
    """Count the crews of every authority, area, day and shift, those without any left out."""
    out: Counter[tuple[str, str, int, str]] = Counter()
    for pool, on, shift in product(snapshot.crew_pools, snapshot.calendar.days, snapshot.calendar.shifts):
        if pool.holds_on(on, shift.shift_id):
            out[pool.authority_id, pool.area_id, on, shift.shift_id] += pool.crews
    return dict(+out)


def counted_anew(snapshot: PlanningSnapshot, use: CrewUse) -> dict[tuple[str, str, int, str], int]:
    """Return the crews left, taken one crew shift after the other: street before district before city."""
    left = defaultdict(int, crews_at_work(snapshot))
    district_of = {s.street_id: s.district_id for s in snapshot.streets}
    for (authority, on, shift, street), crews in use.items():
        for _ in range(crews if street in district_of else 0):
            for area in (street, district_of[street], WHOLE_CITY):
                if left[authority, area, on, shift] > 0:
                    left[authority, area, on, shift] -= 1
                    break
    return {key: n for key, n in left.items() if n}


@st.composite
def uses(draw: st.DrawFn, snapshot: PlanningSnapshot) -> CrewUse:
    keys = st.tuples(
        st.sampled_from([a.authority_id for a in snapshot.authorities]),
        st.sampled_from([*snapshot.calendar.days, snapshot.calendar.end + 1]),
        st.sampled_from([s.shift_id for s in snapshot.calendar.shifts]),
        st.sampled_from([*(s.street_id for s in snapshot.streets), "elsewhere"]),
    )
    return draw(st.dictionaries(keys, st.integers(0, 4), max_size=8))


@settings(max_examples=300)
@given(st.data())
def test_what_is_left_is_what_taking_crew_by_crew_leaves(data):
    """R23"""
    snapshot = data.draw(small_snapshots(pins=False).filter(lambda s: bool(s.calendar.days)))
    use = data.draw(uses(snapshot))
    left = without_committed(snapshot, use)
    expected = counted_anew(snapshot, use)
    table, names = CrewTable(left), [a.authority_id for a in snapshot.authorities]
    for who, area, on in product(names, areas_of(snapshot), snapshot.calendar.days):
        for shift in snapshot.calendar.shifts:
            found = table.at_work(who, area, on, shift.shift_id)
            assert found == expected.get((who, area, on, shift.shift_id), 0)
    assert all(p.crews >= 0 for p in left.crew_pools)
    assert left.replace(crew_pools=snapshot.crew_pools) == snapshot


@settings(max_examples=200)
@given(st.data())
def test_a_plan_fits_what_is_left_just_when_both_fit_all_crews(data):
    """R23"""
    snapshot = data.draw(small_snapshots(pins=False).filter(lambda s: bool(s.calendar.days)))
    table = CrewTable(snapshot)
    use = {k: n for k, n in data.draw(uses(snapshot)).items() if k[1] in snapshot.calendar.days}
    own = {k: n for k, n in data.draw(uses(snapshot)).items() if k[1] in snapshot.calendar.days}
    if not table.shortfalls(use):
        both = Counter(use) + Counter(own)
        assert bool(CrewTable(without_committed(snapshot, use)).shortfalls(own)) == bool(table.shortfalls(both))


@settings(max_examples=60)
@given(st.data())
def test_equal_input_gives_equal_output_in_whatever_order_the_use_comes(data):
    snapshot = data.draw(small_snapshots(pins=False).filter(lambda s: bool(s.calendar.days)))
    use = data.draw(uses(snapshot))
    turned = dict(reversed(use.items()))
    assert without_committed(snapshot, use).digest() == without_committed(snapshot, turned).digest()


def test_nothing_taken_leaves_the_snapshot_as_it_is():
    snapshot = city(a_pool())
    assert without_committed(snapshot, {}) is snapshot
    assert without_committed(snapshot, {("A1", day(0), "AM", "S1"): 0}) is snapshot


def test_a_streets_own_crews_go_before_the_districts_and_those_before_the_citys():
    pools = (a_pool("A1", "S1", 1), a_pool("A1", "D1", 1), a_pool("A1", "*", 1))
    for crews, left in enumerate(((1, 1, 1), (0, 1, 1), (0, 0, 1), (0, 0, 0), (0, 0, 0))):
        table = CrewTable(without_committed(city(*pools), {("A1", day(0), "AM", "S1"): crews}))
        assert tuple(table.at_work("A1", area, day(0), "AM") for area in ("S1", "D1", "*")) == left


def test_two_streets_of_a_district_share_its_crews_before_they_ask_the_city():
    snapshot = city(a_pool("A1", "D1", 3), a_pool("A1", "D2", 2), a_pool("A1", "*", 5))
    use = {("A1", day(0), "AM", "S1"): 2, ("A1", day(0), "AM", "S2"): 2, ("A1", day(0), "AM", "S3"): 3}
    table = CrewTable(without_committed(snapshot, use))
    assert [table.at_work("A1", area, day(0), "AM") for area in ("D1", "D2", "*")] == [0, 0, 3]


def test_another_streets_own_crews_are_never_touched():
    snapshot = city(a_pool("A1", "S2", 5))
    assert without_committed(snapshot, {("A1", day(0), "AM", "S1"): 3}) is snapshot


def test_pools_of_areas_that_lose_nothing_stay_as_they_are():
    kept = (a_pool("A2", "*", 3, weekdays=(1, 2)), a_pool("A1", "D2", 2, first_day=day(1)))
    snapshot = city(a_pool("A1", "*", 4), *kept)
    left = without_committed(snapshot, {("A1", day(0), "AM", "S1"): 1})
    assert set(kept) < set(left.crew_pools)


def test_streets_days_and_shifts_that_are_not_known_take_nothing():
    snapshot = city(a_pool())
    use = {("A1", day(0), "AM", "S9"): 1, ("A1", day(5), "AM", "S1"): 1, ("A1", day(0), "PM", "S1"): 1}
    assert without_committed(snapshot, use) is snapshot


def test_one_crew_shift_cuts_a_pool_into_the_dates_before_at_and_after():
    snapshot = city(a_pool(crews=4), calendar=a_calendar(12, (AM, PM)))
    left = without_committed(snapshot, {("A1", day(2), "AM", "S1"): 1})
    rows = [(p.first_day, p.last_day, p.shift_id, p.crews) for p in left.crew_pools]
    assert sorted(rows, key=str) == sorted(
        [
            (day(0), day(1), "AM", 4),
            (day(2), day(2), "AM", 3),
            (day(3), day(11), "AM", 4),
            (day(0), day(11), "PM", 4),
        ],
        key=str,
    )


def test_equal_shifts_share_a_row_and_a_run_goes_on_over_the_weekend():
    snapshot = city(a_pool(crews=2), calendar=a_calendar(12, (AM, PM)))
    use = {("A1", on, shift, "S1"): 1 for on in snapshot.calendar.days for shift in ("AM", "PM")}
    (row,) = without_committed(snapshot, use).crew_pools
    assert row == a_pool(crews=1, first_day=day(0), last_day=day(11))


def test_an_area_without_a_crew_left_has_no_row():
    snapshot = city(a_pool(crews=1))
    use = {("A1", on, "AM", "S1"): 7 for on in snapshot.calendar.days}
    assert without_committed(snapshot, use).crew_pools == ()


def test_a_district_that_is_named_like_its_street_gives_its_crews_once():
    snapshot = a_snapshot([an_item()], streets=[a_street("S1", "S1")], crew_pools=[a_pool("A1", "S1", 2)])
    table = CrewTable(without_committed(snapshot, {("A1", day(0), "AM", "S1"): 3}))
    assert table.at_work("A1", "S1", day(0), "AM") == 0
