"""A year at once: in which quarter an enterprise is visited, who rides along, and how the year rolls on."""

from __future__ import annotations

from collections import Counter
from datetime import date

import pytest

from scheduler.domain.calendar import Calendar, CalendarKind, Period, Shift, period_key
from scheduler.domain.policy import ANY, CapScope, FrequencyCap, VisitRules
from scheduler.planning.pipeline import plan
from scheduler.replan.replan import replan
from scheduler.rules import check
from solver.limits import Limits
from tests.builders import a_policy, a_pool, a_snapshot, an_enterprise, an_item
from tests.reference_check import reference_faults

SHORT = Limits(time_s=None, iterations=1500, workers=1)
FIRST, LAST = date(2028, 1, 1).toordinal(), date(2028, 12, 31).toordinal()
CAPS = (
    FrequencyCap(scope=CapScope.ENTERPRISE, period=Period.QUARTER, max_visits=1),
    FrequencyCap(scope=CapScope.AUTHORITY, authority=ANY, period=Period.YEAR, max_visits=2),
)


def a_year(authorities: int = 5, shifts: int = 2, enterprises: int = 6, rounds: int = 2):
    """A leap year of weekdays: an authority comes to its enterprises once in each of so many parts of the year.

    Up to five authorities come to every enterprise, of more each to one of them.
    """
    named = tuple(Shift(shift_id=f"H{n}", start_min=480 + 150 * n, end_min=480 + 150 * n + 140) for n in range(shifts))
    days = tuple(d for d in range(FIRST, LAST + 1) if date.fromordinal(d).isoweekday() <= 5)
    calendar = Calendar(start=FIRST, end=LAST, kind=CalendarKind.WEEKDAYS, days=days, shifts=named)
    items = [
        an_item(
            f"I{e}-{a}-{k}",
            f"A{a:03d}",
            f"E{e}",
            earliest=FIRST + k * 366 // rounds,
            latest=FIRST + (k + 1) * 366 // rounds - 1,
            duration_min=20,
        )
        for e in range(enterprises)
        for a in range(authorities)
        if authorities <= 5 or a % enterprises == e
        for k in range(rounds)
    ]
    return a_snapshot(
        items,
        calendar=calendar,
        policy=a_policy(VisitRules(min_gap_days=60), caps=CAPS),
        enterprises=[an_enterprise(f"E{e}") for e in range(enterprises)],
        crew_pools=tuple(a_pool(f"A{a:03d}", crews=1) for a in range(authorities)),
    )


@pytest.mark.parametrize(
    ("authorities", "shifts", "enterprises"),
    [(5, 2, 6), (3, 4, 3), (70, 1, 20)],
    ids=["plain", "shifts", "authorities"],
)
def test_a_year_with_one_visit_a_quarter_yearly_caps_and_a_gap_keeps_every_rule(authorities, shifts, enterprises):
    snapshot = a_year(authorities, shifts, enterprises)
    schedule = plan(snapshot, SHORT, with_before=False).schedule
    assert check(snapshot, schedule) == ()
    assert reference_faults(snapshot, schedule) == []
    quarters = Counter((v.enterprise_id, period_key(v.day, Period.QUARTER)) for v in schedule.visits)
    assert set(quarters.values()) == {1}
    assert not schedule.unserved, "twice an authority fits into two joint visits of the year"
    assert len(schedule.visits) == 2 * enterprises


def test_a_third_round_of_the_year_is_left_out_by_the_yearly_cap():
    snapshot = a_year(enterprises=2, rounds=3)
    schedule = plan(snapshot, SHORT, with_before=False).schedule
    assert check(snapshot, schedule) == ()
    assert len(schedule.unserved) == 2 * 5
    assert {r.code.value for u in schedule.unserved for r in u.reasons} == {"cap"}


def test_a_year_rolls_on_quarter_by_quarter_and_serves_what_it_planned():
    snapshot = a_year(enterprises=4)
    plan_now, case = plan(snapshot, SHORT, with_before=False).schedule, snapshot
    served: Counter[str] = Counter()
    # --- 1 April, 1 July and 1 October: the quarter before is done, the year is planned on from there ---------------
    for month in (4, 7, 10):
        today = date(2028, month, 1).toordinal()
        outcome = replan(case, plan_now, [], today, limits=SHORT)
        served.update(i for v in outcome.carried.done for i in v.item_ids)
        assert check(outcome.snapshot, outcome.schedule) == ()
        assert outcome.snapshot.calendar.start == today
        case, plan_now = outcome.snapshot, outcome.schedule
    # --- 31 December: what is left of the plan is done ----------------------------------------------------------------
    served.update(i for v in plan_now.visits for i in v.item_ids)
    assert served == Counter(i.item_id for i in snapshot.items)
