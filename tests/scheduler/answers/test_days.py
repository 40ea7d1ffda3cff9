"""Why not another day: the rules or the cost there, and an honest answer where nothing speaks against it."""

from __future__ import annotations

import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st

from scheduler.answers.days import sentences_of, why_this_day
from scheduler.moves.change import apply
from scheduler.moves.errors import BadMove
from scheduler.moves.index import MoveIndex
from scheduler.rules import check
from scheduler.score import score
from tests.builders import AM, PM, a_calendar, a_schedule, a_snapshot, an_enterprise, an_item, day
from tests.strategies import kept_schedules, small_snapshots


@settings(max_examples=80, deadline=None)
@given(st.data())
def test_the_verdict_on_a_day_is_that_of_rules_and_score_after_the_move(data):
    snapshot = data.draw(small_snapshots(pins=False))
    schedule = data.draw(kept_schedules(snapshot).filter(lambda s: s.visits))
    visit = data.draw(st.sampled_from(schedule.visits))
    on = data.draw(st.sampled_from(snapshot.calendar.days))
    found = why_this_day(MoveIndex(snapshot, schedule), visit.visit_id, on)
    was = score(snapshot, schedule).as_dict()
    grown = []
    for move in found.checks:
        after = apply(schedule, move.change)
        assert move.allowed == (not check(snapshot, after))
        if move.allowed:
            now = score(snapshot, after).as_dict()
            grown.append(tuple(now[k] - was[k] for k in was))
    zero = (0,) * 5
    best = min(grown, default=None)
    expected = "impossible" if best is None else "worse" if best > zero else "better" if best < zero else "equal"
    assert found.verdict == expected
    event(expected)
    for lang in ("en", "zh"):
        assert "{" not in " ".join(sentences_of(found, lang))


def two_days(**parts):
    items = [an_item("I1", "A1", "E1"), an_item("I2", "A1", "E2")]
    snapshot = a_snapshot(items, calendar=a_calendar(5, (AM, PM)), **parts)
    return MoveIndex(snapshot, a_schedule(snapshot, [(["I1"], day(0), "AM"), (["I2"], day(1), "AM")]))


def test_a_day_that_is_just_as_good_is_called_so():
    found = why_this_day(two_days(), "E1", day(2))
    assert found.verdict == "equal"
    assert "just as good" in " ".join(sentences_of(found, "en"))
    assert "同样好" in " ".join(sentences_of(found, "zh"))


def test_a_day_that_is_better_is_called_so_with_what_it_saves():
    found = why_this_day(two_days(), "E1", day(1))
    assert found.verdict == "better"
    assert "-1 crew shifts, -1 joint days" in " ".join(sentences_of(found, "en"))


def test_a_closed_day_is_impossible_and_names_the_rule():
    enterprises = (an_enterprise("E1", closed_days=(day(2),)), an_enterprise("E2"))
    found = why_this_day(two_days(enterprises=enterprises), "E1", day(2))
    assert found.verdict == "impossible"
    assert {v.code for c in found.checks for v in c.broken} == {"R04"}


def test_the_day_that_the_visit_is_on_is_said_to_be_it():
    found = why_this_day(two_days(), "E1", day(0))
    assert [c.shift_id for c in found.checks] == ["PM"]
    assert "already" in sentences_of(found, "en")[0]


def test_a_day_outside_the_horizon_is_no_question():
    with pytest.raises(BadMove, match="outside the horizon"):
        why_this_day(two_days(), "E1", day(40))
