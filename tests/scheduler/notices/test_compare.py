"""Every change is told once and nothing twice, whatever is published one after the other."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from scheduler.domain.schedule import JointVisit
from scheduler.notices.compare import Change, Step, Told, compare, digest_of
from tests.scheduler.notices.visits import MONDAY, visit


def _told(of: JointVisit, series: str = "s", sequence: int = 0) -> Told:
    return Told(series_id=series, sequence=sequence, visit=of)


def _steps(changes: Sequence[Change]) -> list[tuple[Step, int]]:
    return [(c.step, c.about.day) for c in changes]


def test_a_visit_is_new_once_it_is_due_and_not_a_day_before() -> None:
    there = visit(MONDAY)
    assert compare([], [there], MONDAY - 5, MONDAY - 1) == ()
    assert _steps(compare([], [there], MONDAY - 5, MONDAY)) == [(Step.NEW, MONDAY)]
    assert compare([_told(there)], [there], MONDAY - 5, MONDAY) == ()


def test_a_visit_moved_to_a_day_that_is_not_due_is_told_at_once() -> None:
    (change,) = compare([_told(visit(MONDAY))], [visit(MONDAY + 40)], MONDAY - 1, MONDAY)
    assert (change.step, change.about.day) == (Step.CHANGED, MONDAY + 40)
    assert change.told == _told(visit(MONDAY))


def test_another_hour_authority_or_item_is_a_change_of_the_same_series() -> None:
    was = visit(MONDAY, ("X1", "X2"))
    for now in (
        visit(MONDAY, ("X1", "X2"), start=545),
        visit(MONDAY, ("X1", "X2"), authority_ids=("A1", "A2")),
        visit(MONDAY, ("X1", "X2", "X3")),
        visit(MONDAY, ("X2",)),
    ):
        (change,) = compare([_told(was, "s7", 3)], [now], MONDAY - 1, MONDAY)
        assert change.step is Step.CHANGED
        assert change.told is not None
        assert change.told.series_id == "s7"


def test_what_is_not_in_force_any_more_is_withdrawn_and_what_is_past_is_left_alone() -> None:
    assert _steps(compare([_told(visit(MONDAY))], [], MONDAY, MONDAY + 3)) == [(Step.WITHDRAWN, MONDAY)]
    assert compare([_told(visit(MONDAY))], [], MONDAY + 1, MONDAY + 3) == ()
    assert compare([], [visit(MONDAY)], MONDAY + 1, MONDAY + 3) == ()


def test_a_visit_that_met_a_closed_door_is_told_anew_and_the_old_one_stays_as_it_was() -> None:
    again = compare([_told(visit(MONDAY))], [visit(MONDAY), visit(MONDAY + 1)], MONDAY + 1, MONDAY + 3)
    assert _steps(again) == [(Step.NEW, MONDAY + 1)]


def test_the_same_visit_today_and_again_tomorrow_is_told_as_two() -> None:
    today, tomorrow = visit(MONDAY), visit(MONDAY + 1)
    assert _steps(compare([_told(today)], [today, tomorrow], MONDAY, MONDAY + 3)) == [(Step.NEW, MONDAY + 1)]


def test_a_visit_split_in_two_is_one_change_and_one_new_visit() -> None:
    was = visit(MONDAY, ("X1", "X2", "X3"))
    changes = compare([_told(was)], [visit(MONDAY, ("X1",)), visit(MONDAY + 1, ("X2", "X3"))], MONDAY, MONDAY + 3)
    assert _steps(changes) == [(Step.CHANGED, MONDAY + 1), (Step.NEW, MONDAY)]  # most of its items went to the later


ITEMS = ("X1", "X2", "X3", "X4")


@st.composite
def publications(draw: st.DrawFn) -> list[tuple[int, list[JointVisit]]]:
    """Draw plans of an enterprise that come into force one after the other, each on a day no earlier than the last."""
    out, today = [], MONDAY
    for _ in range(draw(st.integers(1, 6))):
        today += draw(st.integers(0, 3))
        groups = draw(st.lists(st.integers(0, 4), min_size=len(ITEMS), max_size=len(ITEMS)))
        visits = [
            visit(
                MONDAY + draw(st.integers(0, 15)),
                tuple(i for i, g in zip(ITEMS, groups, strict=True) if g == group),
                start=draw(st.sampled_from((540, 550))),
            )
            for group in sorted(set(groups) - {4})  # items of group 4 are planned nowhere
        ]
        out.append((today, visits))
    return out


@given(publications(), st.integers(0, 5))
def test_after_any_publications_what_is_told_is_what_is_in_force(
    published: list[tuple[int, list[JointVisit]]], lead: int
) -> None:
    told: dict[str, Told] = {}
    said: set[tuple[str, int]] = set()
    for today, current in published:
        changes = compare(list(told.values()), current, today, today + lead)
        _check_against_brute_force(list(told.values()), current, today, today + lead, changes)
        for change in changes:
            _carry_out(told, said, change)
        assert compare(list(told.values()), current, today, today + lead) == ()  # nothing is told twice
        ahead = [digest_of(t.visit) for t in told.values() if t.visit.day >= today]
        to_come = [digest_of(v) for v in current if v.day >= today]
        due = [digest_of(v) for v in current if today <= v.day <= today + lead]
        assert len(set(ahead)) == len(ahead)
        assert set(due) <= set(ahead) <= set(to_come)


def _carry_out(told: dict[str, Told], said: set[tuple[str, int]], change: Change) -> None:
    if change.told is None:
        series, sequence = f"s{len(said)}", 0
    else:
        series, sequence = change.told.series_id, change.told.sequence + 1
        del told[series]
    assert (series, sequence) not in said
    said.add((series, sequence))
    if change.visit is not None:
        told[series] = Told(series_id=series, sequence=sequence, visit=change.visit)


def _check_against_brute_force(
    told: Sequence[Told], current: Sequence[JointVisit], today: int, last_due: int, changes: Sequence[Change]
) -> None:
    """Hold the changes against what must be told in any case, said without matching anything."""
    ahead = [t for t in told if t.visit.day >= today]
    to_come = [v for v in current if v.day >= today]
    same = {digest_of(t.visit) for t in ahead} & {digest_of(v) for v in to_come}
    spoken = {digest_of(c.about) for c in changes}
    assert not spoken & same, "what is as it was is not spoken of"
    for change in changes:
        if change.step is Step.WITHDRAWN:
            assert change.told in ahead
        if change.step is Step.NEW:
            assert change.visit is not None
            assert change.visit.day <= last_due
    of_series = [c.told.series_id for c in changes if c.told is not None]
    assert len(of_series) == len(set(of_series))
    gone = {t.series_id for t in ahead if digest_of(t.visit) not in same}
    assert set(of_series) == gone, "every visit that is not as it was told is spoken of once"
    items = {i for v in to_come for i in v.item_ids}
    for told_one in ahead:
        if items.isdisjoint(told_one.visit.item_ids):
            assert Change(told=told_one, visit=None) in changes
