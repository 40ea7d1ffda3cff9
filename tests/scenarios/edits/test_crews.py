"""Crews more, fewer and elsewhere, counted date by date and shift by shift."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from scenarios.edits.crews import Crews, MoveCrews, at_work
from scenarios.edits.edit import Edited, EditFault
from tests.builders import AM, PM, a_calendar, a_pool, a_snapshot, a_street, an_enterprise, an_item, day

TWO_SHIFTS = a_calendar(shifts=(AM, PM))


def _case(*pools, **parts):
    fields = {"calendar": TWO_SHIFTS, "crew_pools": pools or (a_pool("A1", "S1", 2),)}
    return a_snapshot((an_item(), an_item("I2", "A2")), **(fields | parts))


def _after(snapshot, **fields):
    return Crews(**fields).apply(Edited(snapshot=snapshot)).snapshot


def test_one_crew_more_is_there_on_every_date_and_shift() -> None:
    s = _case()
    assert set(at_work(_after(s, authority="A1", change=1), "A1", "S1").values()) == {3}


def test_a_change_holds_for_its_dates_shift_and_weekdays_only() -> None:
    s = _case()
    after = at_work(_after(s, authority="A1", change=2, dates="2026-10-12..2026-10-13", shift="AM"), "A1", "S1")
    assert {at for at, n in after.items() if n == 4} == {(day(0), "AM"), (day(1), "AM")}
    assert {n for at, n in after.items() if at not in {(day(0), "AM"), (day(1), "AM")}} == {2}
    mondays = at_work(_after(s, authority="A1", change=1, weekdays=(1,)), "A1", "S1")
    assert {at for at, n in mondays.items() if n == 3} == {(day(0), "AM"), (day(0), "PM")}


def test_no_date_gets_less_than_no_crew() -> None:
    s = _case(a_pool("A1", "S1", 1), a_pool("A1", "S1", 2, first_day=day(3)))
    after = at_work(_after(s, authority="A1", change=-2), "A1", "S1")
    assert [after[day(n), "AM"] for n in range(5)] == [0, 0, 0, 1, 1]


def test_so_many_crews_replace_what_was_there() -> None:
    s = _case(a_pool("A1", "S1", 1), a_pool("A1", "S1", 2, weekdays=(2,)))
    assert set(at_work(_after(s, authority="A1", to=5), "A1", "S1").values()) == {5}


def test_a_star_is_every_authority_with_crews_and_other_areas_stay() -> None:
    s = _case(a_pool("A1", "S1", 2), a_pool("A2", "D1", 1), a_pool("A2", "*", 1))
    after = _after(s, authority="*", area="D1", change=1)
    assert set(at_work(after, "A2", "D1").values()) == {2}
    assert at_work(after, "A1", "S1") == at_work(s, "A1", "S1")
    assert at_work(after, "A2", "*") == at_work(s, "A2", "*")


def test_an_authority_without_crews_gets_its_first_in_an_area_only_when_that_is_named() -> None:
    s = _case(a_pool("A1", "S1", 2))
    assert set(at_work(_after(s, authority="A2", area="S1", change=1), "A2", "S1").values()) == {1}
    with pytest.raises(EditFault):
        _after(s, authority="A2", change=1)


@pytest.mark.parametrize("fields", [{"authority": "A9", "change": 1}, {"authority": "A1", "area": "S9", "change": 1}])
def test_names_that_the_case_does_not_have_are_named(fields) -> None:
    with pytest.raises(EditFault, match=r"A9|S9"):
        _after(_case(), **fields)


@pytest.mark.parametrize("fields", [{}, {"change": 1, "to": 2}, {"change": 1, "weekdays": (8,)}, {"to": -1}])
def test_crews_need_one_of_change_and_to_and_real_weekdays(fields) -> None:
    with pytest.raises(ValidationError):
        Crews(authority="A1", **fields)


def test_crews_that_move_are_missing_where_they_were() -> None:
    enterprises = (an_enterprise("E1", "S1"), an_enterprise("E2", "S2"))
    s = _case(a_pool("A1", "S1", 2), streets=(a_street("S1"), a_street("S2")), enterprises=enterprises)
    edit = MoveCrews(authority="A1", from_area="S1", to_area="S2", crews=3, shift="PM")
    after = edit.apply(Edited(snapshot=s)).snapshot
    here, there = at_work(after, "A1", "S1"), at_work(after, "A1", "S2")
    assert {here[day(0), "AM"], there[day(0), "PM"]} == {2}  # no more move than there are
    assert {here[day(0), "PM"], there[day(0), "AM"]} == {0}


def test_crews_do_not_move_to_where_they_are() -> None:
    with pytest.raises(EditFault):
        MoveCrews(authority="A1", from_area="S1", to_area="S1").apply(Edited(snapshot=_case()))
