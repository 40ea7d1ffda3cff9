"""Warnings about one enterprise: every rule at its limit and just past it, with its exemptions."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from scheduler.domain.calendar import Period
from scheduler.domain.fieldwork.kinds import EntryState
from scheduler.domain.plans import Trigger
from scheduler.domain.policy import CapScope, FrequencyCap
from scheduler.supervision.at_door import CapsOfTime, caps_used, crowds, repeats
from scheduler.supervision.raised import RaisedWarning
from scheduler.supervision.rules import Severity, WarningKind, WarningRule
from tests.scheduler.supervision.builders import D, enterprise, entry, past, rule

YEAR = date(2026, 1, 1).toordinal(), date(2026, 12, 31).toordinal()


def _facts(warning: RaisedWarning) -> dict[str, str]:
    return dict(warning.facts)


# --- again too soon -------------------------------------------------------------------------------------------------


def test_a_second_door_on_the_sixtieth_day_is_warned_of_and_on_the_day_after_it_is_not() -> None:
    (found,) = repeats(rule("repeat_60"), enterprise(entry(D), entry(D + 59, authority_id="A2")))
    assert (found.day, found.authority_ids, _facts(found)["gap"]) == (D + 59, ("A2",), "59")
    assert not list(repeats(rule("repeat_60"), enterprise(entry(D), entry(D + 60))))


@pytest.mark.parametrize("trigger", [Trigger.CASE, Trigger.FOLLOW_UP])
def test_leads_are_passed_over_as_the_first_and_as_the_second(trigger: Trigger) -> None:
    lead = entry(D + 10, trigger=trigger)
    assert not list(repeats(rule("repeat_60"), enterprise(entry(D), lead)))
    assert not list(repeats(rule("repeat_60"), enterprise(lead, entry(D + 20))))


def test_a_lead_between_two_doors_does_not_part_them() -> None:
    at = enterprise(entry(D), entry(D + 10, trigger=Trigger.CASE), entry(D + 20))
    (found,) = repeats(rule("repeat_60"), at)
    assert _facts(found)["gap"] == "20"


def test_joint_entries_of_one_visit_are_one_door() -> None:
    joint = {"visit_id": "V1", "horizon_id": "H"}
    at = enterprise(entry(D, **joint), entry(D, authority_id="A2", **joint))
    assert not list(repeats(rule("repeat_60"), at))


def test_a_door_that_stayed_closed_is_none() -> None:
    shut = [entry(D + 5, state=s) for s in (EntryState.NO_ACCESS, EntryState.TURNED_AWAY)]
    assert not list(repeats(rule("repeat_60"), enterprise(entry(D), *shut)))


def test_a_record_of_the_past_is_a_door_unless_an_entry_tells_of_it() -> None:
    told = entry(D, authority_id="A1")
    assert not list(repeats(rule("repeat_60"), enterprise(told, past=(past(D),))))
    (found,) = repeats(rule("repeat_60"), enterprise(told, past=(past(D - 30, "A3"),)))
    assert ("record", f"A3/{D - 30}") in found.evidence


def test_a_visit_that_becomes_known_between_two_others_changes_the_evidence_and_not_the_warning() -> None:
    first, last = entry(D), entry(D + 30)
    (before,) = repeats(rule("repeat_60"), enterprise(first, last))
    after = {w.warning_id: w for w in repeats(rule("repeat_60"), enterprise(first, last, entry(D + 10)))}
    assert len(after) == 2
    assert _facts(after[before.warning_id])["gap"] == "20"


# --- caps -----------------------------------------------------------------------------------------------------------


def _cap(max_visits: int, scope: CapScope = CapScope.AUTHORITY) -> CapsOfTime:
    cap = FrequencyCap(scope=scope, period=Period.YEAR, max_visits=max_visits)
    return CapsOfTime(start=YEAR[0], end=YEAR[1], caps=(cap,))


SHARES = (rule("cap_80"), rule("cap_100"))


def test_eighty_per_cent_is_reached_by_the_fourth_of_five_and_not_by_the_third() -> None:
    days = [D + n for n in range(4)]
    assert not list(caps_used(SHARES, enterprise(*map(entry, days[:3]), caps=(_cap(5),))))
    (found,) = caps_used(SHARES, enterprise(*map(entry, days), caps=(_cap(5),)))
    assert (found.rule.rule_id, found.day, _facts(found)["used"]) == ("cap_80", D + 3, "4")


def test_the_whole_cap_is_warned_of_once_and_gravely_when_it_is_exceeded() -> None:
    full = enterprise(entry(D), entry(D + 1), caps=(_cap(2),))
    (at_limit,) = caps_used(SHARES, full)
    assert (at_limit.rule.rule_id, at_limit.severity) == ("cap_100", Severity.WARNING)
    (beyond,) = caps_used(SHARES, enterprise(entry(D), entry(D + 1), entry(D + 2), caps=(_cap(2),)))
    assert (beyond.warning_id, beyond.severity) == (at_limit.warning_id, Severity.GRAVE)
    assert len(beyond.evidence) == 3


def test_exempt_entries_and_those_of_another_authority_or_period_do_not_count() -> None:
    others = (entry(D + 1, cap_exempt=True), entry(D + 2, authority_id="A2"), entry(YEAR[0] - 1))
    assert not list(caps_used((rule("cap_100"),), enterprise(entry(D), *others, caps=(_cap(2),))))


def test_doors_of_all_authorities_count_together_and_a_joint_one_once() -> None:
    cap, joint = _cap(2, CapScope.ENTERPRISE), {"visit_id": "V1", "horizon_id": "H"}
    one_door = [entry(D, authority_id=a, **joint) for a in ("A1", "A2", "A3")]
    assert not list(caps_used((rule("cap_100"),), enterprise(*one_door, caps=(cap,))))
    (found,) = caps_used((rule("cap_100"),), enterprise(*one_door, entry(D + 1, authority_id="A4"), caps=(cap,)))
    assert found.authority_ids == ("A4",)


def test_one_cap_that_two_horizons_state_is_warned_of_once() -> None:
    halves = [replace(_cap(1), start=YEAR[0], end=YEAR[0] + 180), replace(_cap(1), start=YEAR[0] + 181)]
    (found,) = caps_used(SHARES, enterprise(entry(YEAR[0] + 10), entry(D), caps=tuple(halves)))
    assert _facts(found)["used"] == "2"


# --- too many at once -----------------------------------------------------------------------------------------------


def _officers(number: int, start: int = 0) -> tuple[str, ...]:
    return tuple(f"P{n}" for n in range(start, start + number))


def test_ten_officers_are_no_crowd_and_eleven_are() -> None:
    ten = (entry(officer_ids=_officers(5)), entry(authority_id="A2", officer_ids=_officers(5, 5)))
    assert not list(crowds(rule("crowd_10"), enterprise(*ten)))
    (found,) = crowds(rule("crowd_10"), enterprise(*ten, entry(authority_id="A3", officer_ids=("P99",))))
    assert (_facts(found)["officers"], found.authority_ids) == ("11", ("A1", "A2", "A3"))


def test_who_leaves_as_others_enter_is_not_there_at_once() -> None:
    first = entry(officer_ids=_officers(6), entered_min=540, left_min=600)
    second = entry(officer_ids=_officers(6, 6), entered_min=600, left_min=660)
    assert not list(crowds(rule("crowd_10"), enterprise(first, second)))
    assert list(crowds(rule("crowd_10"), enterprise(first, replace(second, entered_min=599))))


def test_who_has_not_left_is_still_inside_and_an_officer_of_two_entries_is_one() -> None:
    inside = entry(officer_ids=_officers(6), state=EntryState.OPEN, left_min=None)
    later = entry(officer_ids=_officers(6, 6), entered_min=1000, left_min=1010)
    assert list(crowds(rule("crowd_10"), enterprise(inside, later)))
    assert not list(crowds(rule("crowd_10"), enterprise(inside, replace(later, officer_ids=_officers(6)))))


def test_a_rule_without_its_threshold_is_none() -> None:
    with pytest.raises(ValueError, match="officers"):
        WarningRule(rule_id="x", kind=WarningKind.CROWD)
