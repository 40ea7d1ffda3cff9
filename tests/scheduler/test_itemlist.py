"""The published lists: who may carry out what, where and when."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheduler.itemlist import Body, BodyKind, Delegation, Holding, ItemList, ListedItem, Reason

DELEGATED = Delegation(item_code="I1", from_authority="A", street_id="S1", to_authority="B", first_day=20, last_day=30)


def _lists(delegations: tuple[Delegation, ...] = (DELEGATED,)) -> ItemList:
    return ItemList.of(
        bodies=(
            Body(authority_id="A", announced=1),
            Body(authority_id="B", announced=1),
            Body(authority_id="N", announced=None),
            Body(authority_id="E", announced=1, kind=BodyKind.ENTRUSTED),
        ),
        items=(ListedItem(code="I1", published=10, withdrawn=40), ListedItem(code="I2", published=None)),
        holdings=(Holding(authority_id="A", item_code="I1"), Holding(authority_id="A", item_code="I2")),
        delegations=delegations,
    )


@pytest.mark.parametrize(
    ("authority", "code", "street", "day", "reason"),
    [
        ("A", None, "S1", 15, Reason.NO_CODE),
        ("A", "I9", "S1", 15, Reason.UNKNOWN_ITEM),
        ("A", "I2", "S1", 15, Reason.NOT_PUBLISHED),
        ("N", "I1", "S1", 15, Reason.BODY_NOT_LISTED),
        ("X", "I1", "S1", 15, Reason.BODY_NOT_LISTED),
        ("E", "I1", "S1", 15, Reason.ACTS_FOR_NOBODY),
        ("A", "I1", "S1", 9, Reason.NOT_PUBLISHED),
        ("A", "I1", "S1", 10, None),
        ("A", "I1", "S1", 19, None),
        ("A", "I1", "S1", 20, Reason.DELEGATED),
        ("A", "I1", "S1", 30, Reason.DELEGATED),
        ("A", "I1", "S1", 31, None),
        ("A", "I1", "S2", 20, None),
        ("B", "I1", "S1", 19, Reason.DELEGATION_NOT_IN_FORCE),
        ("B", "I1", "S1", 20, None),
        ("B", "I1", "S1", 30, None),
        ("B", "I1", "S1", 31, Reason.DELEGATION_NOT_IN_FORCE),
        ("B", "I1", "S2", 20, Reason.NOT_OF_AUTHORITY),
        ("A", "I1", "S1", 39, None),
        ("A", "I1", "S1", 40, Reason.WITHDRAWN),
    ],
)
def test_an_item_is_judged_on_the_day_before_the_day_of_and_the_day_after(
    authority: str, code: str | None, street: str, day: int, reason: Reason | None
) -> None:
    found = _lists().fault(authority, code, street, day)
    assert (found and found.reason) == reason


def test_a_window_that_meets_a_delegation_says_which_days_are_good() -> None:
    found = _lists().faults_between("A", "I1", "S1", 15, 45)
    assert found is not None
    assert (found.reason, found.day, found.delegation) == (Reason.DELEGATED, 20, DELEGATED)
    assert found.good == ((15, 19), (31, 39))
    assert _lists().faults_between("A", "I1", "S1", 10, 19) is None


@given(st.integers(1, 50), st.integers(0, 50), st.sampled_from("ABNE"), st.integers(5, 45), st.integers(0, 20))
def test_a_window_is_judged_as_each_of_its_days_is(
    earliest: int, length: int, authority: str, first: int, span: int
) -> None:
    more = Delegation(
        item_code="I1", from_authority="A", street_id="S1", to_authority="B", first_day=first, last_day=first + span
    )
    lists, days = _lists((DELEGATED, more)), range(earliest, earliest + length + 1)
    by_day = {d: lists.fault(authority, "I1", "S1", d) for d in days}
    found = lists.faults_between(authority, "I1", "S1", days[0], days[-1])
    good = {d for d, fault in by_day.items() if fault is None}
    assert (found is None) == (len(good) == len(days))
    if found is not None:
        assert {d for a, b in found.good for d in range(a, b + 1)} == good
        assert found.day == min(d for d in days if d not in good)
