"""Figures that add up, whatever happened at the doors."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheduler.domain.fieldwork.entry import Entry, ItemOutcome
from scheduler.domain.fieldwork.kinds import EntryState, ItemResult, LeniencyList, ScanStatus
from scheduler.domain.plans import Trigger
from scheduler.supervision.analysis.figures import FIGURES, RATES, behind, by_group, rates, totals
from scheduler.supervision.analysis.marks import Dimension, Mark, Places, marks_of
from tests.scheduler.supervision.builders import D, entry

PLACES = Places(districts={"S1": "D1", "S2": "D2"}, industries={"E1": "food", "E2": ""})
PER_DOOR = {"doors", "joint_doors", "repeats", "door_minutes"}


def marks(*entries: Entry, by: Dimension = Dimension.CITY, first: int = D, last: int = D + 90) -> tuple[Mark, ...]:
    return marks_of(entries, first, last, by, PLACES)


def figures(*entries: Entry, **more: Any) -> dict[str, int]:
    return totals(marks(*entries, **more))


def test_two_authorities_of_one_visit_open_one_door() -> None:
    got = figures(entry(visit_id="V1"), entry(visit_id="V1", authority_id="A2"))
    assert (got["doors"], got["joint_doors"], got["entries"], got["person_visits"]) == (1, 1, 2, 4)


def test_the_minutes_of_a_door_are_the_union_of_its_intervals() -> None:
    first = entry(visit_id="V1", entered_min=540, left_min=600)
    inside = entry(visit_id="V1", authority_id="A2", entered_min=550, left_min=560)
    beyond = entry(visit_id="V1", authority_id="A3", entered_min=590, left_min=630)
    after = entry(visit_id="V1", authority_id="A4", entered_min=700, left_min=710)
    assert figures(first, inside, beyond, after)["door_minutes"] == 100


@pytest.mark.parametrize(("gap", "num"), [(60, 1), (61, 0)])
def test_a_door_repeats_another_up_to_sixty_days_before(gap: int, num: int) -> None:
    assert figures(entry(D), entry(D + gap))["repeats"] == num


def test_what_came_before_the_period_makes_a_repeat_and_is_not_counted() -> None:
    got = figures(entry(D - 60), entry(D))
    assert (got["doors"], got["repeats"]) == (1, 1)


def test_a_lead_neither_repeats_nor_is_repeated() -> None:
    assert figures(entry(D), entry(D + 1, trigger=Trigger.CASE), entry(D + 61))["repeats"] == 0


def test_the_joint_rate_divides_by_items_that_had_a_partner() -> None:
    joint = entry(visit_id="V1", item_ids=("X1", "X2")), entry(visit_id="V1", authority_id="A2")
    apart = entry(D + 30, authority_id="A3")
    alone = entry(enterprise_id="E2")
    rate = rates(figures(*joint, apart, alone))["joint_rate"]
    assert (rate.numerator, rate.denominator, rate.value) == (3, 4, 0.75)


def test_a_rate_of_nothing_is_no_number() -> None:
    assert rates(figures())["joint_rate"].value is None


def test_items_that_were_not_done_are_not_counted() -> None:
    left = ItemOutcome(item_id="X1", result=ItemResult.NOT_DONE)
    got = figures(entry(item_ids=("X1", "X2"), outcomes=(left,)))
    assert (got["items"], got["result_not_done"]) == (1, 1)


def test_an_entry_that_nobody_let_in_opens_no_door() -> None:
    got = figures(entry(state=EntryState.TURNED_AWAY, scan_status=ScanStatus.MISSING))
    assert (got["doors"], got["entries"], got["scan_missing"], got["turned_away"]) == (0, 0, 0, 1)


def test_only_what_is_selected_counts_but_the_rest_makes_it_joint() -> None:
    both = entry(visit_id="V1"), entry(visit_id="V1", authority_id="A2")
    got = totals(marks_of(both, D, D, Dimension.CITY, PLACES, lambda e: e.authority_id == "A2"))
    assert (got["doors"], got["joint_doors"], got["entries"]) == (1, 1, 1)


_OUTCOME = st.builds(
    ItemOutcome,
    item_id=st.just("X1"),
    result=st.sampled_from(ItemResult),
    leniency=st.none() | st.sampled_from(LeniencyList),
    leniency_yuan=st.none() | st.integers(0, 5000),
)


@st.composite
def _entries(draw: st.DrawFn) -> tuple[Entry, ...]:
    found = []
    for k in range(draw(st.integers(0, 14))):
        start = draw(st.integers(0, 1300))
        street = draw(st.sampled_from(["S1", "S2", "S3"]))
        found.append(
            entry(
                draw(st.integers(D - 70, D + 160)),
                entry_id=f"N{k:02d}",
                enterprise_id=f"E{street[1:]}",
                street_id=street,
                authority_id=draw(st.sampled_from(["A1", "A2", "A3"])),
                visit_id=draw(st.none() | st.just(f"V{street}")),
                state=draw(st.sampled_from(EntryState)),
                scan_status=draw(st.sampled_from(ScanStatus)),
                trigger=draw(st.sampled_from(Trigger)),
                entered_min=start,
                left_min=draw(st.none() | st.integers(start, 1439)),
                outcomes=tuple(draw(st.lists(_OUTCOME, max_size=1))),
            )
        )
    return tuple(found)


@given(_entries(), st.sampled_from(Dimension))
def test_the_parts_add_up_to_the_whole(entries: tuple[Entry, ...], by: Dimension) -> None:
    whole = figures(*entries)
    parts = by_group(marks(*entries, by=by)).values()
    for name in FIGURES:
        added = sum(p[name] for p in parts)
        if by is Dimension.AUTHORITY and name in PER_DOOR:
            assert added >= whole[name]  # every authority of a joint door counts it
        else:
            assert added == whole[name], name


@given(_entries(), st.integers(0, 89))
def test_periods_add_up_to_the_whole(entries: tuple[Entry, ...], cut: int) -> None:
    whole, early, late = figures(*entries), figures(*entries, last=D + cut), figures(*entries, first=D + cut + 1)
    assert whole == {name: early[name] + late[name] for name in FIGURES}


@given(_entries())
def test_no_share_is_above_one_and_every_figure_leads_back_to_its_entries(entries: tuple[Entry, ...]) -> None:
    some = marks(*entries)
    whole = totals(some)
    assert all(whole[a] <= whole[b] for a, b in RATES.values())
    for name, figure in FIGURES.items():
        ids = behind(some, name)
        assert sum(figure.of(m) for m in some if m.entry.entry_id in ids) == whole[name]
        assert all(a < b for a, b in pairwise(ids))


@given(_entries())
def test_the_order_of_the_record_changes_nothing(entries: tuple[Entry, ...]) -> None:
    assert marks(*entries) == marks(*reversed(entries))
