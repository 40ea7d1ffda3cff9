"""Case files are drawn by a lot that can be repeated, and judged by what the record says and nothing else."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheduler.domain.fieldwork.entry import Entry, ItemOutcome
from scheduler.domain.fieldwork.kinds import EntryPath, EntryState, ItemResult, LeniencyList, ScanStatus
from scheduler.review import (
    CHECKLIST,
    Answer,
    BadSample,
    allotted,
    automatic,
    draw_files,
    is_true,
    sample_record,
    scored,
    summaries,
    wilson,
)

SEED = bytes(range(32))
VALID = {"P1": 200, "P2": 200}
GOOD = Entry(
    entry_id="N1",
    enterprise_id="E1",
    street_id="S1",
    authority_id="A1",
    day=100,
    path=EntryPath.PLANNED,
    scan_status=ScanStatus.SCANNED,
    state=EntryState.CLOSED,
    officer_ids=("P1", "P2"),
    item_ids=("I1",),
    outcomes=(ItemOutcome(item_id="I1", result=ItemResult.NOTHING_FOUND),),
)


def _files(authority_id: str, number: int) -> list[Entry]:
    return [replace(GOOD, entry_id=f"{authority_id}-{n}", authority_id=authority_id) for n in range(number)]


@given(sizes=st.dictionaries(st.sampled_from("ABCDE"), st.integers(0, 50)), size=st.integers(5, 80))
def test_every_authority_has_a_file_and_none_more_than_it_has(sizes: dict[str, int], size: int) -> None:
    out = allotted(sizes, size)
    assert set(out) == {a for a, n in sizes.items() if n}
    assert all(1 <= n <= sizes[a] for a, n in out.items())
    assert sum(out.values()) == min(size, sum(sizes.values()))


def test_a_body_with_a_hundred_times_the_entries_has_ten_times_the_files() -> None:
    assert allotted({"A1": 10_000, "A2": 100}, 22) == {"A1": 20, "A2": 2}
    with pytest.raises(BadSample):
        allotted({"A1": 1, "A2": 1}, 1)


def test_only_closed_entries_are_drawn() -> None:
    turned_away = replace(GOOD, entry_id="N2", state=EntryState.TURNED_AWAY)
    assert draw_files([GOOD, turned_away], 9, SEED) == ("N1",)


def test_a_sample_can_be_drawn_again_until_the_frame_or_the_record_changes() -> None:
    entries = _files("A1", 30) + _files("A2", 3)
    told = sample_record(entries, 8, SEED, "2026Q4")
    assert len(told["entry_ids"]) == 8
    assert is_true(told, entries[::-1])
    assert not is_true(told, entries[1:])
    assert not is_true({**told, "seed": "00" * 32}, entries)
    assert not is_true({**told, "entry_ids": told["entry_ids"][1:]}, entries)


def test_a_file_in_order_fails_nothing_and_leaves_to_the_reviewer_what_no_record_says() -> None:
    answers = automatic(GOOD, VALID)
    assert set(answers) == {q.code for q in CHECKLIST}
    score = scored(answers)
    assert (score.failed, score.unanswered) == ((), ("identity_shown",))
    assert score.points == score.of > 0
    told = scored({**answers, "identity_shown": Answer.NO})
    assert (told.failed, told.of - told.points, told.unanswered) == (("identity_shown",), 1, ())


@pytest.mark.parametrize(
    ("entry", "failed"),
    [
        (replace(GOOD, path=EntryPath.OFF_PLAN), "approved"),
        (replace(GOOD, scan_status=ScanStatus.MISSING), "scanned"),
        (replace(GOOD, scan_status=ScanStatus.LATE), "scanned"),
        (replace(GOOD, officer_ids=("P1",)), "two_officers"),
        (replace(GOOD, officer_ids=("P1", "P9")), "certified"),
        (replace(GOOD, day=201), "certified"),
        (replace(GOOD, item_ids=("I1", "I2")), "every_result"),
        (
            replace(GOOD, outcomes=(*GOOD.outcomes, ItemOutcome(item_id="I9", result=ItemResult.ADVICE))),
            "only_listed",
        ),
        (
            replace(GOOD, outcomes=(ItemOutcome(item_id="I1", result=ItemResult.RECTIFICATION),)),
            "rectification_dated",
        ),
        (replace(GOOD, outcomes=(ItemOutcome(item_id="I1", result=ItemResult.CASE_FILED),)), "case_numbered"),
        (
            replace(
                GOOD,
                outcomes=(ItemOutcome(item_id="I1", result=ItemResult.ADVICE, leniency=LeniencyList.NO_PENALTY),),
            ),
            "leniency_cited",
        ),
    ],
)
def test_every_fault_that_the_record_shows_is_found_alone(entry: Entry, failed: str) -> None:
    assert scored(automatic(entry, VALID)).failed == (failed,)


def test_an_emergency_with_a_scan_before_leaving_is_no_fault() -> None:
    late = replace(GOOD, path=EntryPath.EMERGENCY, scan_status=ScanStatus.LATE)
    assert scored(automatic(late, VALID)).failed == ()
    assert scored(automatic(replace(late, scan_status=ScanStatus.MISSING), VALID)).failed == ("scanned",)


def test_authorities_come_in_order_of_their_ids_with_an_interval() -> None:
    bad = scored(automatic(replace(GOOD, scan_status=ScanStatus.MISSING), VALID))
    good = scored(automatic(GOOD, VALID))
    found = summaries({"N1": bad, "N2": good, "N3": good}, {"N1": "A2", "N2": "A2", "N3": "A1"})
    assert [(s.authority_id, s.files, s.faulty, s.faults) for s in found] == [
        ("A1", 1, 0, {}),
        ("A2", 2, 1, {"scanned": 1}),
    ]
    assert all(s.low <= s.faulty / s.files <= s.high for s in found)


def test_the_interval_is_wilsons() -> None:
    assert wilson(1, 10) == pytest.approx((0.0179, 0.4042), abs=1e-4)
    assert wilson(0, 5) == pytest.approx((0.0, 0.4345), abs=1e-4)
