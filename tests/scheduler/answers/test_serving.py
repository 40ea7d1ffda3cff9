"""What answers claim about unserved items is true: every change is carried out and its schedule judged by the rules."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st

from scheduler.answers.applying import relaxed_case
from scheduler.answers.errors import BadQuestion
from scheduler.answers.serving import sentences_of, what_would_it_take, why_not_served
from scheduler.answers.trials import Way
from scheduler.domain.calendar import Period
from scheduler.domain.policy import CapScope, FrequencyCap, QuietPeriod, QuietScope, VisitRules
from scheduler.domain.schedule import ReasonCode, RelaxationKind
from scheduler.errors import PinsNotKept
from scheduler.explain import explain
from scheduler.planning.pipeline import plan
from scheduler.rules import check
from scheduler.rules.visits import covers
from scheduler.score import score
from solver.limits import Limits
from tests.builders import AM, PM, a_calendar, a_policy, a_pool, a_schedule, a_snapshot, an_enterprise, an_item, day
from tests.reference_check import reference_faults
from tests.strategies import kept_schedules, small_snapshots

FEW = Limits(time_s=None, iterations=200, workers=1)


def explained(snapshot, schedule):
    return replace(schedule, unserved=explain(snapshot, schedule.visits, schedule.crew_shifts))


@st.composite
def questions(draw):
    """Draw a kept schedule that leaves something out, and one of these items."""
    snapshot = draw(small_snapshots(pins=False))
    schedule = draw(kept_schedules(snapshot).filter(lambda s: s.unserved))
    return snapshot, explained(snapshot, schedule), draw(st.sampled_from(schedule.unserved)).item_id


def assert_true(snapshot, schedule, item, trial):
    """Carry the changes out again, and judge the schedule by the rules, by the independent checker and by its terms."""
    case, ids = snapshot, (item.item_id,)
    for change in trial.changes:
        relaxed = relaxed_case(case, item, change)
        case, ids = relaxed.snapshot, relaxed.item_ids
    assert case == trial.snapshot
    assert check(case, trial.schedule) == ()
    assert reference_faults(case, trial.schedule) == []
    served = {i for v in trial.schedule.visits for i in v.item_ids}
    before = {i for v in schedule.visits for i in v.item_ids}
    assert served.issuperset(ids)
    assert served.issuperset(trial.also_served)
    assert not before & set(trial.also_served)
    assert set(trial.no_longer_served) == before - served
    assert trial.visit in trial.schedule.visits
    was, now = score(snapshot, schedule).as_dict(), score(case, trial.schedule).as_dict()
    assert dict(trial.terms) == {name: now[name] - was[name] for name in was}


@settings(max_examples=60, deadline=None)
@given(questions())
def test_every_relaxation_that_is_called_confirmed_serves_the_item_when_it_is_carried_out(drawn):
    snapshot, schedule, item_id = drawn
    item = next(i for i in snapshot.items if i.item_id == item_id)
    found = what_would_it_take(snapshot, schedule, item_id, FEW)
    for trial in found.trials:
        event(f"{trial.changes[0].kind.value} {trial.confirmed}")
        if trial.confirmed:
            assert_true(snapshot, schedule, item, trial)
        else:
            assert trial.schedule is None
    confirmed = [t.confirmed for t in found.trials]
    assert confirmed == sorted(confirmed, reverse=True)
    assert (found.free is None) or not found.trials


@settings(max_examples=60, deadline=None)
@given(questions())
def test_the_cheapest_relaxation_of_the_explanation_is_confirmed_or_said_to_be_not(drawn):
    snapshot, schedule, item_id = drawn
    item = next(i for i in snapshot.items if i.item_id == item_id)
    found = why_not_served(snapshot, schedule, item_id, FEW)
    assert found.unserved.reasons
    said = " ".join(sentences_of(found, snapshot, "en"))
    assert "{" not in said + " ".join(sentences_of(found, snapshot, "zh"))
    if found.trial is None:
        assert "Nothing needs to change" in said
        return
    event(f"{found.trial.changes[0].kind.value} {found.trial.confirmed}")
    if found.trial.confirmed:
        assert_true(snapshot, schedule, item, found.trial)
    assert ("not confirmed" in said) == (not found.trial.confirmed)


def fire_case():
    """Sixteen enterprises wait for the fire service, which has one crew on Monday only; the others go on Tuesdays."""
    items = [an_item(f"I{n:02d}", "FIRE", f"E{n:02d}", duration_min=20) for n in range(16)]
    snapshot = a_snapshot(items, calendar=a_calendar(12, (AM,)), crew_pools=(a_pool("FIRE", "S1", 1, last_day=day(0)),))
    schedule = a_schedule(snapshot, [([f"I{n:02d}"], day(0), "AM") for n in range(5)])
    assert check(snapshot, explained(snapshot, schedule)) == ()
    return snapshot, explained(snapshot, schedule)


def test_one_more_crew_on_two_dates_of_a_weekday_is_said_with_all_the_items_that_it_serves():
    snapshot, schedule = fire_case()
    found = what_would_it_take(snapshot, schedule, "I09", Limits(time_s=None, iterations=2000, workers=1))
    two = [t for t in found.trials if len(t.changes) == 2]
    assert two
    assert two[0].confirmed
    # A morning of 180 minutes less two legs of 8 takes five parts of 30 minutes at one address.
    assert len(two[0].also_served) == 9
    assert any("on 2 Mondays" in s or "on 2 Tuesdays" in s for s in sentences_of(found, snapshot, "en"))
    assert any("2个周" in s for s in sentences_of(found, snapshot, "zh"))


def test_an_item_with_a_free_crew_is_said_to_need_no_change():
    snapshot = a_snapshot([an_item("I1"), an_item("I2", "A1", "E2")])
    schedule = explained(snapshot, a_schedule(snapshot, [(["I1"], day(0), "AM")]))
    found = why_not_served(snapshot, schedule, "I2", FEW)
    assert found.free is not None
    assert found.trial is None
    assert not found.by_search


def test_an_item_that_is_served_or_unknown_is_no_question():
    snapshot = a_snapshot([an_item("I1")])
    schedule = a_schedule(snapshot, [(["I1"], day(0), "AM")])
    with pytest.raises(BadQuestion, match="I1 is served"):
        why_not_served(snapshot, schedule, "I1", FEW)
    with pytest.raises(BadQuestion, match="no item I9"):
        why_not_served(snapshot, schedule, "I9", FEW)


def test_every_blocking_rule_is_named_and_all_of_them_are_lifted_together_to_confirm_it():
    quiet = QuietPeriod(scope=QuietScope.ALL, first_day=day(0), last_day=day(4))
    snapshot = a_snapshot(
        [an_item("I1"), an_item("I2", "A1", "E2")],
        enterprises=(an_enterprise("E1"), an_enterprise("E2", closed_weekdays=(1, 2, 3, 4, 5))),
        policy=a_policy(quiet_periods=(quiet,)),
        crew_pools=(a_pool("A1", crews=0),),
    )
    schedule = explained(snapshot, a_schedule(snapshot, []))
    found = why_not_served(snapshot, schedule, "I2", FEW)
    assert {r.code for r in found.unserved.reasons} == {ReasonCode.CLOSED, ReasonCode.QUIET, ReasonCode.NO_CREW}
    assert found.trial is not None
    assert found.trial.changes[0].kind is RelaxationKind.SEVERAL
    assert found.trial.way is Way.PUT_IN
    assert found.trial.also_served == ()  # the quiet period holds for the other enterprise
    assert_true(snapshot, schedule, an_item("I2", "A1", "E2"), found.trial)


def test_a_part_that_no_day_can_hold_is_not_called_served():
    snapshot = a_snapshot(
        [an_item("I1", duration_min=1000, latest=day(-5))], policy=a_policy(VisitRules(max_visit_min=60))
    )
    schedule = explained(snapshot, a_schedule(snapshot, []))
    found = why_not_served(snapshot, schedule, "I1", FEW)
    assert found.trial.changes[0].kind is RelaxationKind.SEVERAL
    assert not found.trial.confirmed
    assert "not confirmed" in " ".join(sentences_of(found, snapshot, "en"))


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_answers_are_true_of_solved_plans_with_pins(data):
    snapshot = data.draw(small_snapshots())
    try:
        schedule = plan(snapshot, FEW, with_before=False).schedule
    except PinsNotKept:
        return
    for u in schedule.unserved:
        found = what_would_it_take(snapshot, schedule, u.item_id, FEW)
        item = next(i for i in snapshot.items if i.item_id == u.item_id)
        for trial in found.trials:
            if trial.confirmed:
                event(trial.changes[0].kind.value)
                assert_true(snapshot, schedule, item, trial)


def test_a_quiet_period_is_lifted_for_one_enterprise_on_one_date_only():
    quiet = QuietPeriod(scope=QuietScope.ALL, first_day=day(0), last_day=day(4))
    items = [an_item("I1"), an_item("I2", "A1", "E2")]
    snapshot = a_snapshot(items, policy=a_policy(quiet_periods=(quiet,)))
    schedule = explained(snapshot, a_schedule(snapshot, []))
    trial = why_not_served(snapshot, schedule, "I1", FEW).trial
    assert trial.changes[0].kind is RelaxationKind.EXEMPT_QUIET
    assert trial.confirmed
    assert trial.also_served == ()
    free = [
        (e.enterprise_id, d)
        for e in snapshot.enterprises
        for d in snapshot.calendar.days
        if not any(covers(q, e) and q.holds_on(d) for q in trial.snapshot.policy.quiet_periods)
    ]
    assert free == [("E1", day(0))]


def test_a_raised_cap_serves_all_who_waited_for_it():
    cap = FrequencyCap(scope=CapScope.ENTERPRISE, period=Period.YEAR, max_visits=1)
    items = [an_item(f"{e}{n}", "A1", e, latest=day(n), earliest=day(n)) for e in ("E1", "E2") for n in (0, 1)]
    snapshot = a_snapshot(items, calendar=a_calendar(5, (AM, PM)), policy=a_policy(caps=(cap,)))
    schedule = explained(snapshot, a_schedule(snapshot, [(["E10"], day(0), "AM"), (["E20"], day(0), "AM")]))
    trial = why_not_served(snapshot, schedule, "E11", FEW).trial
    kinds = [t.changes[0].kind for t in what_would_it_take(snapshot, schedule, "E11", FEW).trials if t.confirmed]
    assert RelaxationKind.RAISE_CAP in kinds
    assert trial.way is Way.PUT_IN
