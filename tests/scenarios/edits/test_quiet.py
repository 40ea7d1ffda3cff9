"""Quiet periods put in, dropped and rotated from zone to zone."""

from __future__ import annotations

from collections import Counter

import pytest
from pydantic import ValidationError

from scenarios.edits.edit import Edited, EditFault
from scenarios.edits.quiet import DropQuiet, Quiet, RotateQuiet
from scheduler.domain.plans import Trigger
from scheduler.domain.policy import QuietScope
from tests.builders import a_snapshot, a_street, an_enterprise, an_item, day_of


def _quiet(edit, snapshot=None):
    return edit.apply(Edited(snapshot=snapshot or a_snapshot())).snapshot.policy.quiet_periods


def test_days_of_every_month_and_spans_are_rules() -> None:
    [monthly] = _quiet(Quiet(rule="monthly:1-25", exempt_triggers=("follow_up", "case")))
    assert (monthly.month_from, monthly.month_to) == (1, 25)
    assert monthly.exempt_triggers == (Trigger.CASE, Trigger.FOLLOW_UP)
    [span] = _quiet(Quiet(rule="2026-10-12..2026-10-13", scope="street", target="S1"))
    assert span.holds_on(day_of("2026-10-13"))
    assert not span.holds_on(day_of("2026-10-14"))


@pytest.mark.parametrize("rule", ["monthly:0-25", "monthly:20-3", "2026-10-13", "always"])
def test_what_is_no_rule_is_refused(rule) -> None:
    with pytest.raises(ValidationError):
        Quiet(rule=rule)


@pytest.mark.parametrize(
    "fields",
    [{"scope": "street"}, {"target": "S1"}, {"scope": "street", "target": "S9"}, {"scope": "industry", "target": "x"}],
)
def test_a_scope_needs_a_target_that_the_case_has(fields) -> None:
    with pytest.raises(EditFault):
        _quiet(Quiet(rule="monthly:1-5", **fields))


def test_dropping_takes_those_of_the_scope_and_says_when_there_are_none() -> None:
    s = a_snapshot()
    for rule, whom in (("monthly:1-5", {}), ("monthly:6-9", {"scope": "street", "target": "S1"})):
        s = Quiet(rule=rule, **whom).apply(Edited(snapshot=s)).snapshot
    [left] = _quiet(DropQuiet(scope="street"), s)
    assert left.scope is QuietScope.ALL
    assert _quiet(DropQuiet(), s) == ()
    with pytest.raises(EditFault):
        _quiet(DropQuiet(scope="industry"), s)


def test_rotation_leaves_each_zone_as_many_quiet_days_and_somebody_always_at_work() -> None:
    items = tuple(an_item(f"I{n}", enterprise=f"E{n}") for n in range(9))
    enterprises = tuple(an_enterprise(f"E{n}", lon=114.0 + n / 100) for n in range(9))
    periods = _quiet(RotateQuiet(days=20, zones=3), a_snapshot(items, enterprises=enterprises))
    quiet = Counter((q.target, d) for q in periods for d in range(q.month_from, min(q.month_to, 30) + 1))
    assert set(quiet.values()) == {1}
    assert set(Counter(t for t, _ in quiet).values()) == {20}
    at_work = {d: 9 - sum((f"E{n}", d) in quiet for n in range(9)) for d in range(1, 31)}
    assert set(at_work.values()) == {3}


def test_with_enough_streets_the_zones_are_streets() -> None:
    streets = tuple(a_street(f"S{n}") for n in range(4))
    enterprises = tuple(an_enterprise(f"E{n}", f"S{n}") for n in range(4))
    items = tuple(an_item(f"I{n}", enterprise=f"E{n}") for n in range(4))
    periods = _quiet(RotateQuiet(days=15, zones=2), a_snapshot(items, enterprises=enterprises, streets=streets))
    assert {(q.target, q.month_from, q.month_to) for q in periods} == {
        ("S0", 1, 15), ("S2", 1, 15), ("S1", 16, 31), ("S3", 16, 31),
    }  # fmt: skip


def test_there_are_not_more_zones_than_enterprises() -> None:
    with pytest.raises(EditFault):
        _quiet(RotateQuiet(days=5, zones=2))
