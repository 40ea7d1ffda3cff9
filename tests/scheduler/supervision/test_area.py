"""Warnings about what adds up: repeats of a district, and complaints that chance does not explain."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheduler.supervision.area import (
    ComplaintCount,
    EntryCount,
    RepeatCase,
    complaint_clusters,
    poisson_tail,
    repeats_of_district,
)
from tests.scheduler.supervision.builders import D, rule


def _case(day: int, name: str = "E1") -> RepeatCase:
    return RepeatCase(warning_id=f"W{name}{day}", enterprise_id=name, day=day)


def test_the_third_repeat_of_a_district_within_the_window_is_warned_of() -> None:
    of = rule("repeat_district_3")
    assert not list(repeats_of_district(of, "D1", [_case(D), _case(D + 1, "E2")]))
    (found,) = repeats_of_district(of, "D1", [_case(D), _case(D + 1, "E2"), _case(D + 59, "E3")])
    assert (found.day, found.authority_ids, found.district_id) == (D + 59, (), "D1")
    assert not list(repeats_of_district(of, "D1", [_case(D), _case(D + 1, "E2"), _case(D + 60, "E3")]))


# --- complaints -----------------------------------------------------------------------------------------------------


def _filed(authority_id: str, count: int, day: int = D) -> ComplaintCount:
    return ComplaintCount(authority_id=authority_id, street_id="S1", kind="arbitrary", day=day, count=count)


def _entered(authority_id: str, count: int) -> EntryCount:
    return EntryCount(authority_id=authority_id, street_id="S1", count=count)


BY_AUTHORITY = rule("complaints_authority")


def _subjects(filed: list[ComplaintCount], entered: list[EntryCount], **warned: int) -> list[str]:
    known = {f"authority:{a}": day for a, day in warned.items()}
    return [w.subject for w in complaint_clusters(BY_AUTHORITY, filed, entered, D, known)]


def test_a_large_body_is_not_flagged_for_being_large_and_a_small_one_for_its_rate() -> None:
    filed = [_filed("LARGE", 40), _filed("SMALL", 6)]
    assert _subjects(filed, [_entered("LARGE", 4000), _entered("SMALL", 40)]) == ["authority:SMALL"]


def test_fewer_complaints_than_the_rule_names_are_never_a_cluster() -> None:
    entered = [_entered("A1", 1), _entered("A2", 10_000)]
    assert _subjects([_filed("A1", 2), _filed("A2", 5)], entered) == []
    assert _subjects([_filed("A1", 3), _filed("A2", 5)], entered) == ["authority:A1"]


def test_complaints_count_for_thirty_days_and_whose_authority_is_not_known_for_nobody() -> None:
    entered = [_entered("A1", 1), _entered("A2", 10_000)]
    assert _subjects([_filed("A1", 1, D - 29), _filed("A1", 2), _filed("A2", 9)], entered) == ["authority:A1"]
    assert _subjects([_filed("A1", 1, D - 30), _filed("A1", 2), _filed("A2", 9)], entered) == []
    assert _subjects([replace(_filed("", 9), authority_id=None)], entered) == []


def test_a_body_is_not_warned_of_again_within_the_window() -> None:
    filed, entered = [_filed("A1", 9), _filed("A2", 9)], [_entered("A1", 1), _entered("A2", 10_000)]
    assert _subjects(filed, entered, A1=D - 29) == []
    assert _subjects(filed, entered, A1=D - 30) == ["authority:A1"]


def test_without_any_entries_the_number_alone_decides() -> None:
    assert _subjects([_filed("A1", 3), _filed("A2", 2)], []) == ["authority:A1"]


@pytest.mark.parametrize(
    ("count", "expected", "probability"), [(0, 3.0, 1.0), (1, 1.0, 1 - math.exp(-1)), (3, 0.0, 0.0), (5, 2.0, 0.05265)]
)
def test_the_tail_of_a_poisson_is_what_tables_say(count: int, expected: float, probability: float) -> None:
    assert poisson_tail(count, expected) == pytest.approx(probability, rel=1e-3)


@given(st.integers(1, 60), st.floats(0.01, 80))
def test_the_tail_of_a_poisson_is_one_less_what_lies_before_it(count: int, expected: float) -> None:
    before = math.fsum(math.exp(k * math.log(expected) - expected - math.lgamma(k + 1)) for k in range(count))
    assert poisson_tail(count, expected) == pytest.approx(1 - before, rel=1e-6, abs=1e-9)
