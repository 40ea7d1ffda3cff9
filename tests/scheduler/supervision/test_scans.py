"""Missing scans, back-fills, papers and campaigns: every rule at its limit and just past it."""

from __future__ import annotations

from scheduler.domain.fieldwork.kinds import EntryPath, EntryState, ScanStatus
from scheduler.supervision.scans import (
    ToldOutcome,
    backfill_due,
    backfill_overdue,
    missing_of_entries,
    missing_of_parts,
    off_plan,
    unpublished,
    unscanned,
)
from tests.scheduler.supervision.builders import D, enterprise, entry, missing, part, rule

OF_VISIT = {"horizon_id": "H", "visit_id": "V1"}


def test_a_planned_part_is_missing_from_the_day_after_its_own() -> None:
    assert not list(missing_of_parts([part()], (), {}, D))
    assert [m.ref for m in missing_of_parts([part()], (), {}, D + 1)] == [("visit", "H/V1/A1")]


def test_an_entry_of_the_authority_for_the_visit_explains_it_also_late_or_back_filled() -> None:
    for status in ScanStatus:
        assert not list(missing_of_parts([part()], [entry(scan_status=status, **OF_VISIT)], {}, D + 1))
    shut = entry(state=EntryState.NO_ACCESS, **OF_VISIT)
    assert not list(missing_of_parts([part()], [shut], {}, D + 1))
    assert list(missing_of_parts([part()], [entry(authority_id="A2", **OF_VISIT)], {}, D + 1))
    assert list(missing_of_parts([part()], [entry(horizon_id="H", visit_id="V2")], {}, D + 1))


def test_an_outcome_explains_only_that_the_authority_did_not_inspect() -> None:
    def left(told: ToldOutcome) -> int:
        return len(list(missing_of_parts([part()], (), {("H", "V1", D): told}, D + 1)))

    assert left(ToldOutcome(took_place=False)) == 0
    assert left(ToldOutcome(took_place=True, left_items=("X1", "Y1"))) == 0
    assert left(ToldOutcome(took_place=True)) == 1
    assert left(ToldOutcome(took_place=True, left_items=("Y1",))) == 1


def test_an_entry_without_a_scan_is_missing_until_it_has_a_reason() -> None:
    bare = entry(scan_status=ScanStatus.MISSING)
    assert [m.ref for m in missing_of_entries([bare])] == [("entry", bare.entry_id)]
    explained = entry(scan_status=ScanStatus.MISSING, reason="停电")
    assert not list(missing_of_entries([explained, entry(scan_status=ScanStatus.LATE)]))


def test_one_missing_scan_is_not_warned_of_and_two_within_ninety_days_are() -> None:
    assert not list(unscanned(rule("unscanned_2"), "A1", [missing(D)]))
    (found,) = unscanned(rule("unscanned_2"), "A1", [missing(D), missing(D + 89)])
    assert (found.day, found.authority_ids, len(found.evidence)) == (D + 89, ("A1",), 2)
    assert not list(unscanned(rule("unscanned_2"), "A1", [missing(D), missing(D + 90)]))


def test_missing_scans_of_one_day_are_one_warning_and_an_excused_one_does_not_count() -> None:
    two = [missing(D, ref="H/V1/A1"), missing(D, ref="H/V2/A1")]
    assert len(list(unscanned(rule("unscanned_2"), "A1", two))) == 1
    assert not list(unscanned(rule("unscanned_2"), "A1", two, {two[0].ref}))


def test_a_back_fill_is_reminded_of_on_the_seventh_day_and_overdue_after_the_tenth() -> None:
    at, known = enterprise(), [missing(D)]
    assert not list(backfill_due(rule("backfill_7"), at, known, D + 6))
    assert len(list(backfill_due(rule("backfill_7"), at, known, D + 7))) == 1
    assert not list(backfill_overdue(rule("backfill_10"), at, known, D + 10))
    (found,) = backfill_overdue(rule("backfill_10"), at, known, D + 11)
    assert (found.authority_ids, found.enterprise_id) == (("A1",), "E1")


def test_papers_are_late_from_the_day_after_they_were_due() -> None:
    bare = entry(path=EntryPath.OFF_PLAN, papers_due=D + 3)
    assert not list(off_plan(rule("off_plan"), enterprise(bare), D + 3))
    (found,) = off_plan(rule("off_plan"), enterprise(bare), D + 4)
    assert found.evidence == (("entry", bare.entry_id),)


def test_only_entries_that_needed_papers_and_took_place_are_asked_for_them() -> None:
    fine = (
        entry(),
        entry(path=EntryPath.OFF_PLAN, approval_no="批1"),
        entry(path=EntryPath.EMERGENCY, state=EntryState.TURNED_AWAY),
    )
    assert not list(off_plan(rule("off_plan"), enterprise(*fine), D + 99))
    assert list(off_plan(rule("off_plan"), enterprise(entry(path=EntryPath.EMERGENCY)), D + 1))


def test_a_campaign_is_unpublished_after_more_than_thirty_days() -> None:
    assert not list(unpublished(rule("unpublished_30"), "L1", "A1", D, D + 30))
    (found,) = unpublished(rule("unpublished_30"), "L1", "A1", D, D + 31)
    assert (found.subject, found.authority_ids) == ("plan:L1", ("A1",))
