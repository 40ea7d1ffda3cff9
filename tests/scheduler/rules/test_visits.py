"""Rules of a visit hold at their limits and are broken just past them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from scheduler.domain.plans import Notice, Pin, Trigger
from scheduler.domain.policy import QuietPeriod, QuietScope, VisitRules
from scheduler.domain.schedule import Schedule
from scheduler.domain.snapshot import PlanningSnapshot
from tests.builders import (
    a_calendar,
    a_policy,
    a_schedule,
    a_snapshot,
    a_street,
    an_enterprise,
    an_item,
    day,
    with_crew,
    with_visit,
)
from tests.scheduler.rules.samples import ONE, crew_of, moved, two_authorities, two_doors


def test_a_plain_schedule_keeps_every_rule(judge):
    assert judge(*two_doors()) == set()
    assert judge(*two_authorities()) == set()


def test_an_empty_schedule_keeps_every_rule(judge):
    snapshot = a_snapshot([an_item("I1"), an_item("I2")])
    assert judge(snapshot, a_schedule(snapshot)) == set()


def test_r01_a_visit_on_a_date_without_inspections_is_reported(judge):
    snapshot = a_snapshot([an_item()], calendar=a_calendar(8, closed=[day(1)]))
    assert judge(snapshot, a_schedule(snapshot, [(["I1"], day(0), "AM")])) == set()
    assert judge(snapshot, a_schedule(snapshot, [(["I1"], day(1), "AM")])) == {"R01"}
    assert judge(snapshot, a_schedule(snapshot, [(["I1"], day(5), "AM")])) == {"R01"}  # a Saturday
    assert judge(snapshot, a_schedule(snapshot, [(["I1"], day(8), "AM")])) == {"R01"}  # past the horizon


def test_r01_a_visit_in_an_unknown_shift_is_reported(judge):
    snapshot = a_snapshot([an_item()])
    schedule = a_schedule(snapshot, ONE)
    assert "R01" in judge(snapshot, with_visit(schedule, schedule.visits[0].visit_id, shift_id="NIGHT"))


def test_r01_a_pin_on_a_closed_date_cannot_be_kept_without_being_reported(judge):
    snapshot = a_snapshot([an_item()], calendar=a_calendar(5, closed=[day(1)]))
    snapshot = snapshot.replace(pins=(Pin(enterprise_id="E1", day=day(1)),))
    assert judge(snapshot, a_schedule(snapshot, [(["I1"], day(1), "AM")])) == {"R01"}
    assert judge(snapshot, a_schedule(snapshot, [(["I1"], day(0), "AM")])) == {"R26"}


def test_r02_an_item_served_twice_is_reported(judge):
    snapshot = a_snapshot([an_item("I1"), an_item("I2")])
    schedule = a_schedule(snapshot, [(["I1"], day(0), "AM"), (["I1", "I2"], day(1), "AM")])
    assert judge(snapshot, schedule) == {"R02"}


def test_r02_an_item_of_another_enterprise_is_reported(judge):
    snapshot = a_snapshot([an_item("I1"), an_item("I2", enterprise="E2")])
    schedule = a_schedule(snapshot, [(["I1"], day(0), "AM"), (["I2"], day(1), "AM")])
    swapped = with_visit(schedule, schedule.visits[0].visit_id, item_ids=schedule.visits[1].item_ids)
    swapped = with_visit(swapped, schedule.visits[1].visit_id, item_ids=schedule.visits[0].item_ids)
    assert judge(snapshot, swapped) == {"R02"}


def test_r02_unknown_items_and_enterprises_and_empty_visits_are_reported(judge):
    snapshot = a_snapshot([an_item("I1")])
    schedule = a_schedule(snapshot, ONE)
    visit_id = schedule.visits[0].visit_id
    assert "R02" in judge(snapshot, with_visit(schedule, visit_id, item_ids=("I1", "I9")))
    assert "R02" in judge(snapshot, with_visit(schedule, visit_id, item_ids=()))
    assert "R02" in judge(snapshot, with_visit(schedule, visit_id, enterprise_id="E9"))
    assert "R02" in judge(snapshot, replace(schedule, visits=schedule.visits * 2))


@pytest.mark.parametrize(("on", "codes"), [(0, {"R03"}), (1, set()), (2, set()), (3, {"R03"})])
def test_r03_an_item_is_served_inside_its_window_only(judge, on, codes):
    snapshot = a_snapshot([an_item(earliest=day(1), latest=day(2))])
    assert judge(snapshot, a_schedule(snapshot, [(["I1"], day(on), "AM")])) == codes


def test_r03_a_pin_outside_the_window_is_reported_either_way(judge):
    snapshot = a_snapshot([an_item(earliest=day(1), latest=day(2))], pins=(Pin(enterprise_id="E1", day=day(3)),))
    assert judge(snapshot, a_schedule(snapshot, [(["I1"], day(3), "AM")])) == {"R03"}
    assert judge(snapshot, a_schedule(snapshot, [(["I1"], day(2), "AM")])) == {"R26"}


@pytest.mark.parametrize("closure", [{"closed_days": (day(2),)}, {"closed_weekdays": (3,)}])
def test_r04_a_closed_day_is_never_used(judge, closure):
    snapshot = a_snapshot([an_item()], enterprises=[an_enterprise(**closure)])
    codes = [judge(snapshot, a_schedule(snapshot, [(["I1"], day(n), "AM")])) for n in (1, 2, 3)]
    assert codes == [set(), {"R04"}, set()]


def test_r04_a_pin_on_a_closed_day_is_reported_either_way(judge):
    closed = an_enterprise(closed_days=(day(2),))
    snapshot = a_snapshot([an_item()], enterprises=[closed], pins=(Pin(enterprise_id="E1", day=day(2)),))
    assert judge(snapshot, a_schedule(snapshot, [(["I1"], day(2), "AM")])) == {"R04"}
    assert judge(snapshot, a_schedule(snapshot)) == {"R26"}


QUIET_SCOPES = [
    (QuietScope.ALL, None),
    (QuietScope.STREET, "S1"),
    (QuietScope.ENTERPRISE, "E1"),
    (QuietScope.INDUSTRY, "hotel"),
    (QuietScope.CREDIT_CLASS, "A"),
]


@pytest.mark.parametrize(("scope", "target"), QUIET_SCOPES)
@pytest.mark.parametrize(
    "when", [{"first_day": day(1), "last_day": day(2)}, {"month_from": 13, "month_to": 14}], ids=["span", "monthly"]
)
def test_r05_a_quiet_period_stops_from_its_first_to_its_last_day(judge, scope, target, when):
    quiet = QuietPeriod(scope=scope, target=target, **when)
    enterprise = an_enterprise(industry="hotel", credit_class="A")
    snapshot = a_snapshot([an_item()], enterprises=[enterprise], policy=a_policy(quiet_periods=(quiet,)))
    codes = [judge(snapshot, a_schedule(snapshot, [(["I1"], day(n), "AM")])) for n in (0, 1, 2, 3)]
    assert codes == [set(), {"R05"}, {"R05"}, set()]


@pytest.mark.parametrize(("scope", "target"), QUIET_SCOPES[1:])
def test_r05_a_quiet_period_of_others_stops_nobody(judge, scope, target):
    quiet = QuietPeriod(scope=scope, target=target, first_day=day(0), last_day=day(4))
    other = an_enterprise(street="S2", enterprise_id="E2")
    snapshot = a_snapshot([an_item(enterprise="E2")], enterprises=[other, an_enterprise(credit_class="A")],
                          policy=a_policy(quiet_periods=(quiet,)))  # fmt: skip
    assert judge(snapshot, a_schedule(snapshot, ONE)) == set()


def test_r05_exempt_triggers_enter_in_a_quiet_period_and_others_do_not(judge):
    quiet = QuietPeriod(scope=QuietScope.ALL, first_day=day(0), last_day=day(4), exempt_triggers=(Trigger.CASE,))
    items = [an_item("I1", trigger=Trigger.CASE), an_item("I2")]
    snapshot = a_snapshot(items, policy=a_policy(quiet_periods=(quiet,)), pins=(Pin(enterprise_id="E1", day=day(0)),))
    assert judge(snapshot, a_schedule(snapshot, ONE)) == set()
    assert judge(snapshot, a_schedule(snapshot, [(["I1", "I2"], day(0), "AM")])) == {"R05"}


def test_r06_announced_and_unannounced_items_never_share_a_visit(judge):
    items = [an_item("I1"), an_item("I2", notice=Notice.UNANNOUNCED), an_item("I3", notice=Notice.UNANNOUNCED)]
    snapshot = a_snapshot(items)
    apart = a_schedule(snapshot, [(["I1"], day(0), "AM"), (["I2", "I3"], day(1), "AM")])
    assert judge(snapshot, apart) == set()
    assert judge(snapshot, a_schedule(snapshot, [(["I1", "I2"], day(0), "AM")])) == {"R06"}


@pytest.mark.parametrize("listed", [("A1",), ("A1", "A2", "A3"), ()])
def test_r07_the_authorities_of_a_visit_are_those_of_its_items(judge, listed):
    snapshot, schedule = two_authorities()
    assert judge(snapshot, with_visit(schedule, schedule.visits[0].visit_id, authority_ids=listed)) == {"R07"}


def late_part(stretch: int, by: int) -> tuple[PlanningSnapshot, Schedule]:
    """A2's part of 20 minutes begins `by` minutes after A1's of 40, and the visit ends with the later one."""
    snapshot, schedule = two_authorities(stretch_min=stretch)
    schedule = moved(schedule, crew_of(schedule, "A2"), by)
    visit = schedule.visits[0]
    return snapshot, with_visit(schedule, visit.visit_id, end=max(visit.end, visit.start + by + 20))


@pytest.mark.parametrize(("by", "codes"), [(20, set()), (35, set()), (36, {"R08"})])
def test_r08_a_visit_lasts_its_longest_part_and_at_most_the_stretch_longer(judge, by, codes):
    assert judge(*late_part(15, by)) == codes


def test_r08_a_visit_is_not_shorter_than_its_longest_part(judge):
    snapshot, schedule = two_authorities()
    visit = schedule.visits[0]
    assert "R08" in judge(snapshot, with_visit(schedule, visit.visit_id, end=visit.end - 1))


@pytest.mark.parametrize(
    ("hours", "codes"),
    [((548, 588), set()), ((549, None), {"R09"}), ((None, 587), {"R09"}), ((None, 588), set()), ((None, None), set())],
)
def test_r09_a_visit_lies_inside_the_opening_hours(judge, hours, codes):
    open_all_day = a_snapshot([an_item()])
    schedule = a_schedule(open_all_day, ONE)  # from 9:08 to 9:48
    enterprise = an_enterprise(open_from=hours[0], open_to=hours[1])
    snapshot = a_snapshot([an_item()], enterprises=[enterprise], pins=(Pin(enterprise_id="E1", day=day(0)),))
    assert judge(snapshot, schedule) == codes


@pytest.mark.parametrize(("limit", "codes"), [(40, set()), (39, {"R10"}), (None, set())])
def test_r10_a_visit_is_no_longer_than_the_longest_visit(judge, limit, codes):
    assert judge(*two_authorities(max_visit_min=limit)) == codes


@pytest.mark.parametrize(("limit", "codes"), [(6, set()), (5, {"R11"}), (None, set())])
def test_r11_every_crew_on_site_counts_two_officers(judge, limit, codes):
    items = [an_item("I1", "A1", crews=2), an_item("I2", "A1"), an_item("I3", "A2")]
    snapshot = a_snapshot(items, policy=a_policy(VisitRules(max_officers=limit)))
    assert judge(snapshot, a_schedule(snapshot, [(["I1", "I2", "I3"], day(0), "AM")])) == codes


def test_r12_a_visit_in_another_street_than_its_enterprise_is_reported(judge):
    snapshot = a_snapshot([an_item()], streets=[a_street("S1"), a_street("S2")])
    schedule = a_schedule(snapshot, ONE)
    schedule = with_visit(schedule, schedule.visits[0].visit_id, street_id="S2")
    schedule = with_crew(schedule, schedule.crew_shifts[0].crew_id, street_id="S2")
    assert judge(snapshot, schedule) == {"R12"}
