"""Results of items, and what a visit comes to."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from scheduler.domain.fieldwork.entry import Entry, ItemOutcome
from scheduler.domain.fieldwork.kinds import EntryPath, EntryState, ItemResult, LeniencyList, ScanStatus
from scheduler.domain.fieldwork.results import result_faults, visit_outcome

ENTRY = Entry(
    entry_id="N1",
    enterprise_id="E1",
    street_id="S1",
    authority_id="A1",
    day=740_000,
    path=EntryPath.PLANNED,
    scan_status=ScanStatus.SCANNED,
    state=EntryState.CLOSED,
    officer_ids=("P1", "P2"),
    item_ids=("I1", "I2"),
    entered_min=540,
    left_min=600,
)


def _columns(**said: object) -> list[str]:
    result = ItemOutcome(**{"item_id": "I1", "result": ItemResult.NOTHING_FOUND, **said})  # type: ignore[arg-type]
    return [f.column for f in result_faults(ENTRY, [result])]


def test_a_rectification_needs_a_date_no_earlier_than_the_visit_and_nothing_else_has_one() -> None:
    assert _columns(result=ItemResult.RECTIFICATION) == ["due"]
    assert _columns(result=ItemResult.RECTIFICATION, due=ENTRY.day - 1) == ["due"]
    assert _columns(result=ItemResult.RECTIFICATION, due=ENTRY.day) == []
    assert _columns(due=ENTRY.day) == ["due"]


def test_a_case_has_a_number_and_nothing_else_has() -> None:
    assert _columns(result=ItemResult.CASE_FILED) == ["case_no"]
    assert _columns(result=ItemResult.CASE_FILED, case_no="1") == []
    assert _columns(case_no="1") == ["case_no"]


def test_leniency_names_its_list_and_is_for_what_was_found() -> None:
    assert _columns(result=ItemResult.ADVICE, leniency_yuan=100) == ["leniency"]
    assert _columns(result=ItemResult.ADVICE, leniency=LeniencyList.NO_PENALTY, leniency_yuan=100) == []
    assert _columns(leniency=LeniencyList.NO_PENALTY) == ["leniency"]


def test_an_item_of_another_entry_is_refused() -> None:
    assert _columns(item_id="I9") == ["item_id"]


def test_a_visit_is_told_of_when_nobody_is_inside() -> None:
    assert visit_outcome([]) is None
    assert visit_outcome([ENTRY, replace(ENTRY, entry_id="N2", state=EntryState.OPEN)]) is None
    found = visit_outcome([ENTRY, replace(ENTRY, entry_id="N2", entered_min=530, left_min=590)])
    assert found is not None
    assert (found.outcome, found.minutes, found.left_item_ids) == ("done", 70, ())


def test_items_not_done_and_those_of_who_did_not_get_in_are_left() -> None:
    not_done = (ItemOutcome(item_id="I2", result=ItemResult.NOT_DONE),)
    shut = replace(ENTRY, entry_id="N2", state=EntryState.NO_ACCESS, item_ids=("I3",))
    found = visit_outcome([replace(ENTRY, outcomes=not_done), shut])
    assert found is not None
    assert (found.outcome, found.left_item_ids) == ("done", ("I2", "I3"))


def test_a_visit_that_nobody_got_into_was_refused_when_one_was_turned_away() -> None:
    shut = replace(ENTRY, state=EntryState.NO_ACCESS)
    away = replace(ENTRY, entry_id="N2", state=EntryState.TURNED_AWAY)
    assert [visit_outcome(x).outcome for x in ([shut], [shut, away])] == ["no_access", "refused"]  # type: ignore[union-attr]


@given(st.permutations([0, 1, 2]), st.lists(st.sampled_from(EntryState), min_size=3, max_size=3))
def test_the_order_of_entries_does_not_matter(order: list[int], states: list[EntryState]) -> None:
    found = [replace(ENTRY, entry_id=f"N{k}", state=s, item_ids=(f"I{k}",)) for k, s in enumerate(states)]
    assert visit_outcome(found) == visit_outcome([found[k] for k in order])
