"""The draw of targets: strata, ratios, exclusion, and that every set of a stratum is equally likely."""

from __future__ import annotations

from collections import Counter
from fractions import Fraction
from itertools import combinations

import pytest

from scheduler.domain.plans import PastInspection
from scheduler.draw.targets import ANY, Stratum, TargetPlan, draw_targets
from tests.builders import a_snapshot, an_enterprise, an_item, day
from tests.scheduler.draw.test_officers import SEEDS, assert_equally_likely, seed


def a_stratum(ratio: str, credit_class: str = ANY, industry: str = ANY) -> Stratum:
    return Stratum(credit_class=credit_class, industry=industry, ratio=Fraction(ratio))


def a_plan(*strata: Stratum, **changes) -> TargetPlan:
    fields = {"duration_min": 45, "earliest": day(0), "latest": day(4), "priority": "normal", "exclude_days": 0}
    return TargetPlan(draw_id="D7", authority_id="A1", strata=strata, **(fields | changes))


def _snapshot(count: int = 5, history=(), **more):
    enterprises = [an_enterprise(f"E{n}", **more) for n in range(1, count + 1)]
    return a_snapshot([an_item("I1", "A1", "E1")], enterprises=enterprises, history=history)


@pytest.mark.parametrize(("ratio", "drawn"), [("0.2", 1), ("0.21", 2), ("0.01", 1), ("1", 5)])
def test_the_ratio_of_a_stratum_is_rounded_up(ratio, drawn):
    found = draw_targets(_snapshot(), (), a_plan(a_stratum(ratio)), seed(1))
    assert len(found.items) == drawn
    assert {i.item_id for i in found.items} == {f"D7-{e}" for e in found.strata[0].targets}
    assert all(
        (i.authority_id, i.duration_min, i.earliest, i.latest) == ("A1", 45, day(0), day(4)) for i in found.items
    )


def test_an_enterprise_is_in_its_narrowest_stratum_only():
    rows = [("A", "hotel"), ("A", "shop"), ("D", "hotel"), (None, None)]
    enterprises = [an_enterprise(f"E{n}", credit_class=c, industry=i) for n, (c, i) in enumerate(rows, 1)]
    snapshot = a_snapshot([an_item("I1", "A1", "E1")], enterprises=enterprises)
    strata = (a_stratum("1"), a_stratum("1", "A"), a_stratum("1", ANY, "hotel"), a_stratum("1", "A", "hotel"))
    found = draw_targets(snapshot, (), a_plan(*strata), seed(1))
    assert [s.order for s in found.strata] == [("E4",), ("E2",), ("E3",), ("E1",)]


@pytest.mark.parametrize(("days", "left"), [(10, 5), (11, 4)])
def test_who_was_visited_lately_by_the_authority_is_not_drawn(days, left):
    past = (
        PastInspection(enterprise_id="E1", authority_id="A1", day=day(-10)),
        PastInspection(enterprise_id="E2", authority_id="A2", day=day(-1)),
    )
    found = draw_targets(_snapshot(history=past), (), a_plan(a_stratum("1"), exclude_days=days), seed(1))
    assert (len(found.items), found.strata[0].wanted, found.strata[0].short) == (left, 5, 5 - left)


def test_every_set_of_a_stratum_is_equally_likely():
    plan = a_plan(a_stratum("0.4"))
    found = Counter(tuple(sorted(draw_targets(_snapshot(), (), plan, seed(n)).strata[0].targets)) for n in range(SEEDS))
    assert set(found) == set(combinations(("E1", "E2", "E3", "E4", "E5"), 2))
    assert_equally_likely(found, 10)
