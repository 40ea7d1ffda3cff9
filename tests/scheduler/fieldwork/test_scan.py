"""The answer at the door: each thing that is in the way, at its limit and just past it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheduler.domain.fieldwork.kinds import EntryPath, ScanStatus
from scheduler.domain.fieldwork.scan import (
    BACKFILL_DAYS,
    Denial,
    Door,
    OfficerAtDoor,
    PlannedPart,
    Request,
    fault_lines,
    faults_of,
    papers_due,
    status_of,
)
from scheduler.texts import Text

TODAY = 740_000
PART = PlannedPart(visit_id="V1", item_ids=("I1", "I2"), approved=("I1", "I2"))
DOOR = Door(day=TODAY, part=PART)


def _officer(officer_id: str, **more: object) -> OfficerAtDoor:
    known = {"authority_id": "A1", "valid_from": TODAY - 100, "valid_to": TODAY + 100}
    return OfficerAtDoor(officer_id=officer_id, **{**known, **more})  # type: ignore[arg-type]


TWO = (_officer("P1"), _officer("P2"))
ASKED = Request(authority_id="A1", path=EntryPath.PLANNED, officers=TWO)


def _codes(request: Request, door: Door = DOOR) -> list[Denial]:
    return [f.code for f in faults_of(request, door)]


def test_officers_of_a_published_visit_may_enter() -> None:
    assert _codes(ASKED) == []
    assert _codes(replace(ASKED, items=("I2",))) == []


def test_one_officer_is_too_few_and_two_of_whom_one_is_of_another_authority_too() -> None:
    assert _codes(replace(ASKED, officers=TWO[:1])) == [Denial.TOO_FEW_OFFICERS]
    assert _codes(replace(ASKED, officers=())) == [Denial.TOO_FEW_OFFICERS]
    mixed = (TWO[0], _officer("P3", authority_id="A2"))
    assert _codes(replace(ASKED, officers=mixed)) == [Denial.TOO_FEW_OFFICERS, Denial.OTHER_AUTHORITY]
    twice = (TWO[0], TWO[0])
    assert _codes(replace(ASKED, officers=twice)) == [Denial.TOO_FEW_OFFICERS]


@pytest.mark.parametrize(("first", "last", "good"), [(0, 0, True), (1, 9, False), (-9, -1, False), (-1, 1, True)])
def test_a_certificate_holds_from_its_first_to_its_last_day(first: int, last: int, good: bool) -> None:
    officers = (TWO[0], _officer("P2", valid_from=TODAY + first, valid_to=TODAY + last))
    assert _codes(replace(ASKED, officers=officers)) == ([] if good else [Denial.CERTIFICATE])


def test_who_was_not_drawn_is_recused_or_away_does_not_enter() -> None:
    drawn = replace(DOOR, part=replace(PART, drawn=("P1", "P9")))
    assert _codes(ASKED, drawn) == [Denial.NOT_DRAWN]
    assert _codes(ASKED, replace(DOOR, part=replace(PART, drawn=("P1", "P2")))) == []
    assert _codes(replace(ASKED, officers=(TWO[0], _officer("P2", recused=True)))) == [Denial.RECUSED]
    assert _codes(replace(ASKED, officers=(TWO[0], _officer("P2", absent=True)))) == [Denial.ABSENT]
    unknown = OfficerAtDoor(officer_id="P7", known=False)
    assert _codes(replace(ASKED, officers=(*TWO, unknown))) == [Denial.UNKNOWN_OFFICER]


def test_without_a_visit_today_nobody_enters_and_the_right_dates_are_told() -> None:
    assert _codes(ASKED, Door(day=TODAY)) == [Denial.NO_VISIT]
    (fault,) = faults_of(ASKED, Door(day=TODAY, other_days=(TODAY + 1,)))
    assert fault.code is Denial.OTHER_DATE
    assert "2027-01-20" in fault.why.en or "20" in fault.why.en
    assert _codes(ASKED, Door(day=TODAY, part=replace(PART, ended=True))) == [Denial.HAS_ENDED]


def test_items_must_be_of_the_plan_approved_and_listed() -> None:
    assert _codes(replace(ASKED, items=("I3",))) == [Denial.NOT_OF_PLAN]
    assert _codes(ASKED, replace(DOOR, part=replace(PART, approved=("I1",)))) == [Denial.NOT_APPROVED]
    assert _codes(replace(ASKED, items=("I1",)), replace(DOOR, part=replace(PART, approved=("I1",)))) == []
    unlisted = replace(DOOR, unlisted=(("I2", Text("已废止", "withdrawn")),))
    (fault,) = faults_of(ASKED, unlisted)
    assert (fault.code, fault.why) == (
        Denial.NOT_LISTED,
        Text("事项 I2：已废止", "item I2: withdrawn"),
    )


def test_off_plan_takes_an_approval_and_an_emergency_a_reason() -> None:
    off = replace(ASKED, path=EntryPath.OFF_PLAN, items=("SC-01",))
    assert _codes(off, Door(day=TODAY)) == [Denial.NO_APPROVAL_NO]
    assert _codes(replace(off, approval_no="1"), Door(day=TODAY)) == []
    assert _codes(replace(off, approval_no="1", items=()), Door(day=TODAY)) == [Denial.NO_ITEMS]
    urgent = replace(off, path=EntryPath.EMERGENCY)
    assert _codes(urgent, Door(day=TODAY)) == [Denial.NO_REASON]
    assert _codes(replace(urgent, reason="泄漏"), Door(day=TODAY)) == []


def test_everything_is_told_at_once_in_both_languages_with_the_lawful_way() -> None:
    wrong = replace(ASKED, officers=(_officer("P1", valid_to=TODAY - 1, recused=True),))
    faults = faults_of(wrong, Door(day=TODAY))
    assert [f.code for f in faults] == [
        Denial.NO_VISIT,
        Denial.TOO_FEW_OFFICERS,
        Denial.CERTIFICATE,
        Denial.RECUSED,
    ]
    for lang in ("zh", "en"):
        lines = fault_lines(faults, lang)  # type: ignore[arg-type]
        assert all(line["why"] and line["way"] and "{" not in line["why"] + line["way"] for line in lines)


@given(st.lists(st.sampled_from(["recused", "absent"]), max_size=2), st.booleans(), st.booleans())
def test_a_fault_more_never_lets_in(wrong: list[str], has_part: bool, listed: bool) -> None:
    door = Door(day=TODAY, part=PART if has_part else None)
    officers = (TWO[0], _officer("P2", **dict.fromkeys(wrong, True)))
    worse = door if listed else replace(door, unlisted=(("I1", Text("x", "x")),))
    few = set(_codes(ASKED, door))
    assert few <= set(_codes(replace(ASKED, officers=officers), worse))


def test_a_back_fill_counts_up_to_the_tenth_natural_day() -> None:
    def told_after(days: int) -> ScanStatus:
        return status_of(TODAY, TODAY + days, is_inside=False, is_backfill=True)

    assert told_after(0) is told_after(BACKFILL_DAYS) is ScanStatus.BACKFILLED
    assert told_after(BACKFILL_DAYS + 1) is ScanStatus.MISSING
    assert status_of(TODAY, TODAY, is_inside=True, is_backfill=False) is ScanStatus.LATE
    assert status_of(TODAY, TODAY, is_inside=False, is_backfill=False) is ScanStatus.SCANNED


def test_papers_are_due_after_two_working_days() -> None:
    assert papers_due(TODAY, lambda _: True) == TODAY + 2
    weekend = {TODAY + 1, TODAY + 2}
    assert papers_due(TODAY, lambda day: day not in weekend) == TODAY + 4
