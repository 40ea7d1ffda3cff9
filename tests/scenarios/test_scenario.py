"""A scenario carried out: what each edit touched, nothing that touches nothing, no two that change the same."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from scenarios.scenario import BadScenarios, Scenario, carry_out, carry_out_all
from scheduler.diff import compare_snapshots
from scheduler.domain.plans import Trigger
from tests.builders import AM, PM, a_calendar, a_pool, a_snapshot, an_item


@pytest.fixture
def base():
    items = (an_item("I1", "A1"), an_item("I2", "A2"), an_item("I3", "A1", "E2", trigger=Trigger.CASE))
    pools = (a_pool("A1", "S1", 2), a_pool("A2", "S1", 1))
    return a_snapshot(items, calendar=a_calendar(7, shifts=(AM, PM)), crew_pools=pools)


def _scenario(*edits, name="x"):
    return Scenario.model_validate({"name": name, "edit": edits})


def _faults(base, *edits):
    with pytest.raises(BadScenarios) as caught:
        carry_out(base, _scenario(*edits))
    return caught.value.faults


def _touched(base, edit):
    [applied] = carry_out(base, _scenario(edit)).applied
    return {k: n for k, n in applied.touched.counts().items() if n}


def test_every_edit_says_what_it_touched(base) -> None:
    assert _touched(base, {"kind": "crews", "authority": "A1", "change": 1, "shift": "AM"}) == {"crew_shifts": 5}
    assert _touched(base, {"kind": "dates", "close": ["2026-10-12..2026-10-13"]}) == {"dates": 2}
    assert _touched(base, {"kind": "durations", "items": {"authority": "A1"}, "factor": 2}) == {"items": 2}
    assert _touched(base, {"kind": "travel", "speed_kmh": 30, "buffer_min": 5}) == {"rules": 2}
    assert _touched(base, {"kind": "no_merging"}) == {"items": 3, "enterprises": 5}
    assert _touched(base, {"kind": "shift_hours", "shift": "PM", "end": "18:00"}) == {"rules": 1}
    sentence = carry_out(base, _scenario({"kind": "drop_items", "items": {"trigger": "case"}})).applied[0].sentence()
    assert "1" in sentence.zh
    assert "items: 1" in sentence.en


def test_the_base_stays_as_it_is_and_the_difference_is_kept(base) -> None:
    before = base.digest()
    done = carry_out(base, _scenario({"kind": "weights", "weights": {"high": 11}}))
    assert base.digest() == before
    assert done.difference == compare_snapshots(base, done.snapshot)
    assert [t.table.value for t in done.difference.tables] == ["policy"]


@pytest.mark.parametrize(
    "edit",
    [
        {"kind": "travel", "speed_kmh": 20},
        {"kind": "crews", "authority": "A1", "to": 2},
        {"kind": "dates", "close": ["2026-10-17"]},
        {"kind": "durations", "factor": 1.0},
        {"kind": "priority", "items": {"authority": "A1"}, "to": "normal"},
        {"kind": "drop_items", "items": {"authority": "A2", "trigger": "case"}},
    ],
)
def test_an_edit_that_touches_nothing_is_a_fault(base, edit) -> None:
    [fault] = _faults(base, edit)
    assert (fault.edit, "touches nothing" in fault.sentence("en")) == (1, True)
    assert "没有改变" in fault.sentence("zh")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"kind": "travel", "speed_kmh": 30}, {"kind": "travel", "speed_kmh": 40, "buffer_min": 5}),
        ({"kind": "dates", "close": ["2026-10-12"]}, {"kind": "dates", "open": ["2026-10-12"]}),
        ({"kind": "crews", "authority": "A1", "change": 1}, {"kind": "crews", "authority": "*", "change": 1}),
        (
            {"kind": "durations", "items": {"trigger": "case"}, "factor": 2},
            {"kind": "durations", "items": {"authority": "A1"}, "factor": 3},
        ),
        (
            {"kind": "shift_hours", "shift": "AM", "end": "12:30"},
            {"kind": "shift_hours", "shift": "AM", "end": "13:00"},
        ),
    ],
)
def test_two_edits_that_change_the_same_conflict(base, one, other) -> None:
    [fault] = _faults(base, one, other)
    assert fault.edit == 2
    assert "conflicts with edit 1" in fault.sentence("en")
    assert "冲突" in fault.sentence("zh")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"kind": "travel", "speed_kmh": 30}, {"kind": "travel", "buffer_min": 5}),
        ({"kind": "dates", "close": ["2026-10-12"]}, {"kind": "dates", "close": ["2026-10-13"]}),
        (
            {"kind": "crews", "authority": "A1", "change": 1, "shift": "AM"},
            {"kind": "crews", "authority": "A1", "change": -1, "shift": "PM"},
        ),
        (
            {"kind": "durations", "items": {"authority": "A1"}, "factor": 2},
            {"kind": "priority", "items": {"authority": "A1"}, "to": "high"},
        ),
    ],
)
def test_edits_beside_each_other_go_together(base, one, other) -> None:
    assert len(carry_out(base, _scenario(one, other)).applied) == 2


def test_every_fault_of_every_scenario_is_told_at_once(base) -> None:
    bad = _scenario(
        {"kind": "crews", "authority": "A9", "change": 1},
        {"kind": "travel", "speed_kmh": 20},
        {"kind": "travel", "speed_kmh": 25},
        name="bad",
    )
    good = _scenario({"kind": "travel", "speed_kmh": 25}, name="good")
    with pytest.raises(BadScenarios) as caught:
        carry_out_all(base, (bad, good, good))
    assert [(f.scenario, f.edit) for f in caught.value.faults] == [("bad", 1), ("bad", 2), ("good", 0)]
    assert [p.column for p in caught.value.problems] == ["edit[1]", "edit[2]", None]


@pytest.mark.parametrize("name", ["base", "", "a/b", "../x", "-x", "x" * 81, "a b"])
def test_a_name_is_plain_and_not_the_base_s(name) -> None:
    with pytest.raises(ValidationError):
        _scenario({"kind": "no_merging"}, name=name)


def test_a_scenario_needs_an_edit_and_has_a_title_of_its_own_or_that_of_its_edits() -> None:
    with pytest.raises(ValidationError):
        _scenario()
    assert "30" in _scenario({"kind": "travel", "speed_kmh": 30}).heading().zh
    titled = {"name": "t", "title": {"zh": "快", "en": "fast"}, "edit": [{"kind": "travel", "speed_kmh": 30}]}
    assert Scenario.model_validate(titled).heading().en == "fast"


def test_a_scenario_survives_its_json(base) -> None:
    edits = (
        {"kind": "crews", "authority": "A1", "change": 1, "dates": "2026-10-12", "weekdays": [1, 2]},
        {"kind": "quiet", "rule": "monthly:1-3", "exempt_triggers": ["case"]},
        {"kind": "demand", "items": {"trigger": "case"}, "factor": 2, "seed": 4},
    )
    one = _scenario(*edits)
    again = Scenario.model_validate_json(one.model_dump_json(by_alias=True))
    assert again == one
    assert carry_out(base, again).snapshot == carry_out(base, one).snapshot


def test_braces_in_names_are_no_places_to_fill(base) -> None:
    [fault] = _faults(base, {"kind": "crews", "authority": "{x}", "change": 1})
    assert "{x}" in fault.sentence("en")
    titled = {"name": "t", "title": {"zh": "{一}", "en": "{0}"}, "edit": [{"kind": "travel", "speed_kmh": 30}]}
    assert carry_out(base, Scenario.model_validate(titled)).scenario.heading().say("en") == "{0}"
