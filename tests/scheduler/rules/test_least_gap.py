"""R31, the least gap: at its limit and just past it, in the checker, the plan and the explanation."""

from __future__ import annotations

import pytest

from scheduler.domain.plans import Notice, PastInspection
from scheduler.domain.policy import VisitRules
from scheduler.domain.schedule import ReasonCode, RelaxationKind
from scheduler.explain import explain
from scheduler.planning.pipeline import plan
from scheduler.rules import check
from solver.limits import Limits
from tests.builders import a_calendar, a_policy, a_schedule, a_snapshot, an_item, day

SHORT = Limits(time_s=None, iterations=300, workers=1)


def _snapshot(gap: int = 7, days: int = 19, history=(), **second):
    """Two items of E1 that can't share a date: one on the first day, one from then on."""
    items = [
        an_item("I1", "A1", "E1", earliest=day(0), latest=day(0)),
        an_item("I2", "A1", "E1", **({"earliest": day(1), "latest": day(days - 1)} | second)),
    ]
    policy = a_policy(VisitRules(min_gap_days=gap))
    return a_snapshot(items, calendar=a_calendar(days), policy=policy, history=history)


@pytest.mark.parametrize(("on", "codes"), [(7, []), (4, ["R31"])])
def test_visits_are_as_many_days_apart_as_the_gap(on, codes):
    """R31 at its limit, and broken when they are nearer."""
    snapshot = _snapshot()
    schedule = a_schedule(snapshot, [(["I1"], day(0), "AM"), (["I2"], day(on), "AM")])
    assert [v.code for v in check(snapshot, schedule)] == codes


def test_a_visit_that_is_exempt_from_caps_is_as_near_as_it_likes():
    snapshot = _snapshot(cap_exempt=True)
    schedule = a_schedule(snapshot, [(["I1"], day(0), "AM"), (["I2"], day(1), "AM")])
    assert check(snapshot, schedule) == ()


@pytest.mark.parametrize(("ago", "codes"), [(7, []), (6, ["R31"])])
def test_the_past_counts(ago, codes):
    past = (PastInspection(enterprise_id="E1", authority_id="A9", day=day(-ago)),)
    snapshot = _snapshot(history=past)
    assert [v.code for v in check(snapshot, a_schedule(snapshot, [(["I1"], day(0), "AM")]))] == codes
    assert [v.code for v in check(snapshot, a_schedule(snapshot))] == []


def test_a_plan_keeps_the_gap_and_serves_both():
    snapshot = _snapshot()
    schedule = plan(snapshot, SHORT, with_before=False).schedule
    assert check(snapshot, schedule) == ()
    assert len(schedule.visits) == 2
    assert max(v.day for v in schedule.visits) >= day(7)


@pytest.mark.parametrize("history", [(), (PastInspection(enterprise_id="E1", authority_id="A1", day=day(-1)),)])
def test_an_item_without_a_date_far_enough_says_so_and_how_much_shorter_the_gap_must_be(history):
    snapshot = _snapshot(gap=9, days=8, history=history, notice=Notice.UNANNOUNCED)
    schedule = plan(snapshot, SHORT, with_before=False).schedule
    assert check(snapshot, schedule) == ()
    for unserved in explain(snapshot, schedule.visits, schedule.crew_shifts):
        assert [r.code for r in unserved.reasons] == [ReasonCode.GAP]
        assert unserved.relaxation is not None
        assert unserved.relaxation.kind is RelaxationKind.SHORTEN_GAP
        to = int(dict(unserved.relaxation.facts)["to"])
        shorter = snapshot.replace(policy=a_policy(VisitRules(min_gap_days=to)))
        again = plan(shorter, SHORT, with_before=False).schedule
        assert unserved.item_id in {i for v in again.visits for i in v.item_ids}
        longer = snapshot.replace(policy=a_policy(VisitRules(min_gap_days=to + 1)))
        still = plan(longer, SHORT, with_before=False).schedule
        assert unserved.item_id in {u.item_id for u in still.unserved}
