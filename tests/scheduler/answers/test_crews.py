"""How many crews are needed at least: against brute force over every way to share visits between crews."""

from __future__ import annotations

from itertools import permutations, product

import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st

from scheduler.answers.crews import (
    Part,
    Street,
    least_at_any_times,
    least_at_these_times,
    least_by_minutes,
    why_crews,
)
from scheduler.answers.errors import BadQuestion
from scheduler.answers.one_shift import least_by_prices
from scheduler.answers.spoken import crews_sentences
from scheduler.domain.calendar import Shift
from scheduler.moves.index import MoveIndex
from tests.builders import a_pool, a_schedule, a_snapshot, an_item, day
from tests.strategies import kept_schedules, small_snapshots

OFFICE = (0.0, 0.0)


@st.composite
def streets(draw):
    """Draw up to four parts with places on a line, and their street; legs keep the triangle inequality."""
    length = draw(st.sampled_from((60, 90, 120)))
    parts = []
    for n in range(draw(st.integers(1, 4))):
        minutes = draw(st.sampled_from((10, 25, 40)))
        opens = draw(st.sampled_from((0, 0, 20)))
        place = (float(draw(st.integers(0, 3))) + 0.1 * n, 0.0)
        reach = round(abs(place[0]) * 5)
        lo, hi = max(reach, opens), length - reach - minutes
        start = draw(st.integers(lo, max(lo, hi)))
        parts.append(
            Part(
                visit_id=f"V{n}",
                start=start,
                minutes=minutes,
                crews=draw(st.sampled_from((1, 1, 2))),
                place=place,
                opens=opens,
                closes=length,
            )
        )
    places = [OFFICE, *(p.place for p in parts)]
    legs = {(a, b): round(abs(a[0] - b[0]) * 5) for a in places for b in places}
    shift = Shift(shift_id="AM", start_min=0, end_min=length)
    return tuple(parts), Street(office=OFFICE, shift=shift, legs=legs, buffer=draw(st.sampled_from((0, 5))))


def one_crew_can(parts, street, *, fixed):
    """Try every order in which one crew could do the parts."""
    for order in permutations(parts):
        clock, here, buffer = street.shift.start_min, street.office, 0
        for p in order:
            clock += street.legs[here, p.place] + buffer
            if fixed and clock > p.start:
                break
            clock = (p.start if fixed else max(clock, p.opens)) + p.minutes
            if clock > p.closes:
                break
            here, buffer = p.place, street.buffer
        else:
            if clock + street.legs[here, street.office] <= street.shift.end_min:
                return True
    return False


def brute_force(parts, street, *, fixed):
    """Try every set of crews for every part; None where a crew cannot do a part alone."""
    total = sum(p.crews for p in parts)
    for count in range(1, total + 1):
        for coming in product(*([c for c in range(1 << count) if c.bit_count() == p.crews] for p in parts)):
            mine = ([p for p, c in zip(parts, coming, strict=True) if c >> k & 1] for k in range(count))
            if all(one_crew_can(m, street, fixed=fixed) for m in mine):
                return count
    return None


@settings(max_examples=120, deadline=None)
@given(streets())
def test_the_least_crews_at_any_times_are_those_of_exhaustive_search(drawn):
    parts, street = drawn
    best = brute_force(parts, street, fixed=False)
    if best is None:
        event("not possible")
        return
    assert least_at_any_times(parts, street) == best
    assert least_by_minutes(parts, street) <= best


@settings(max_examples=120, deadline=None)
@given(streets())
def test_the_least_crews_at_the_same_times_are_those_of_exhaustive_search(drawn):
    parts, street = drawn
    best = brute_force(parts, street, fixed=True)
    if best is not None:
        assert least_at_these_times(parts, street) == best


@settings(max_examples=80, deadline=None)
@given(st.data())
def test_no_bound_is_above_the_crews_of_a_schedule_that_keeps_every_rule(data):
    snapshot = data.draw(small_snapshots(pins=False))
    schedule = data.draw(kept_schedules(snapshot).filter(lambda s: s.crew_shifts))
    crew = data.draw(st.sampled_from(schedule.crew_shifts))
    found = why_crews(MoveIndex(snapshot, schedule), crew.street_id, crew.day, crew.shift_id, crew.authority_id)
    event(found.proven)
    assert found.at_once <= found.fixed_times <= found.crews
    assert found.by_minutes <= found.free_times <= found.fixed_times
    for lang in ("en", "zh"):
        said = " ".join(crews_sentences(found, snapshot, lang))
        assert "{" not in said
        assert ("Proven" in said or "已证明" in said) == (found.proven != "nothing")
    if found.found is not None:
        assert found.at_any_times <= found.found < found.crews


def visits_at(starts_together: bool):
    items = [an_item("I1", "A1", "E1", duration_min=50), an_item("I2", "A1", "E2", duration_min=50)]
    snapshot = a_snapshot(items, crew_pools=(a_pool("A1", crews=2),))
    visits = [(["I1"], day(0), "AM"), (["I2"], day(0), "AM")]
    return snapshot, MoveIndex(snapshot, a_schedule(snapshot, visits, share_crews=not starts_together))


def test_two_crews_where_one_would_do_are_called_not_proven():
    snapshot, index = visits_at(starts_together=True)
    found = why_crews(index, "S1", day(0), "AM", "A1")
    assert (found.crews, found.at_once, found.free_times) == (2, 2, 1)
    assert found.proven == "same"
    assert found.found == 1
    assert "1 crews would do" in " ".join(crews_sentences(found, snapshot, "en"))


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_the_bound_by_prices_is_never_above_that_of_the_exact_search(data):
    snapshot = data.draw(small_snapshots(pins=False))
    schedule = data.draw(kept_schedules(snapshot).filter(lambda s: s.crew_shifts))
    c = data.draw(st.sampled_from(schedule.crew_shifts))
    index = MoveIndex(snapshot, schedule)
    exact = why_crews(index, c.street_id, c.day, c.shift_id, c.authority_id).free_times
    assert least_by_prices(index, (c.street_id, c.day, c.shift_id), c.authority_id) <= exact


def test_one_crew_is_proven_to_be_the_least():
    _, index = visits_at(starts_together=False)
    found = why_crews(index, "S1", day(0), "AM", "A1")
    assert (found.crews, found.proven) == (1, "any")


def test_a_street_shift_without_crews_of_the_authority_is_no_question():
    _, index = visits_at(starts_together=False)
    with pytest.raises(BadQuestion, match="has no crews in S1"):
        why_crews(index, "S1", day(1), "AM", "A1")
    with pytest.raises(BadQuestion, match="no street S9"):
        why_crews(index, "S9", day(0), "AM", "A1")
    with pytest.raises(BadQuestion, match="no authority A9"):
        why_crews(index, "S1", day(0), "AM", "A9")
