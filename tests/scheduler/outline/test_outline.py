"""An outline keeps windows, caps, the gap and crews' minutes as far as periods tell, and serves much within them."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import replace
from datetime import date
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scheduler.availability import Availability, CapBook
from scheduler.domain.calendar import Calendar, CalendarKind, Period, Shift
from scheduler.domain.people import OFFICERS_PER_CREW
from scheduler.domain.plans import Notice, PlanItem
from scheduler.domain.policy import ANY, CapScope, FrequencyCap, VisitRules
from scheduler.domain.snapshot import PlanningSnapshot
from scheduler.ledger import parts_of
from scheduler.outline.build import Allowance, BadOutline
from scheduler.outline.near import near_case
from scheduler.outline.outline import Outline, make_outline
from tests.builders import a_policy, a_pool, a_snapshot, an_enterprise, an_item
from tests.strategies import Draw

YEAR = date(2028, 1, 1).toordinal(), date(2028, 12, 31).toordinal()
SHIFTS = Shift(shift_id="AM", start_min=540, end_min=720), Shift(shift_id="PM", start_min=840, end_min=1050)
ONE_A_QUARTER = FrequencyCap(scope=CapScope.ENTERPRISE, period=Period.QUARTER, max_visits=1)
FREE = Allowance(share=1.0, legs=0.0)


def a_long_calendar(first: int, last: int, shifts: tuple[Shift, ...] = SHIFTS) -> Calendar:
    days = tuple(d for d in range(first, last + 1) if date.fromordinal(d).isoweekday() <= 5)
    return Calendar(start=first, end=last, kind=CalendarKind.WEEKDAYS, days=days, shifts=shifts)


@st.composite
def long_snapshots(draw: Draw, enterprises: int = 3, items: int = 7) -> PlanningSnapshot:
    """A year or half of one: items in windows of any length, crews on some weekdays, caps, a gap, a crowd."""
    first = YEAR[0]
    last = draw(st.sampled_from((YEAR[1], first + 181)))
    authorities = ["A1", "A2", "A3"]

    def an_any_item(n: int) -> PlanItem:
        earliest = draw(st.integers(first, last))
        return an_item(
            f"I{n}",
            draw(st.sampled_from(authorities)),
            f"E{draw(st.integers(1, enterprises))}",
            duration_min=draw(st.sampled_from((20, 60, 100))),
            earliest=earliest,
            latest=draw(st.integers(earliest, last)),
            priority=draw(st.sampled_from(("mandatory", "high", "normal"))),
            cap_exempt=draw(st.integers(0, 9)) == 0,
            notice=draw(st.sampled_from((Notice.ANNOUNCED, Notice.ANNOUNCED, Notice.UNANNOUNCED))),
        )

    pools = []
    for a in authorities:
        weekdays = draw(st.sets(st.integers(1, 5), min_size=1, max_size=3))
        pools.append(
            a_pool(
                a, draw(st.sampled_from(("*", "D1", "S1"))), draw(st.integers(1, 2)), weekdays=tuple(sorted(weekdays))
            )
        )
    caps = [ONE_A_QUARTER]
    if draw(st.booleans()):
        most = draw(st.integers(0, 2))
        caps.append(FrequencyCap(scope=CapScope.AUTHORITY, authority=ANY, period=Period.YEAR, max_visits=most))
    visit = VisitRules(
        overhead_min=10,
        min_gap_days=draw(st.sampled_from((0, 60, 120))),
        max_officers=draw(st.sampled_from((None, 4))),
        max_authorities=draw(st.sampled_from((None, 1))),
    )
    return a_snapshot(
        [an_any_item(n) for n in range(draw(st.integers(1, items)))],
        calendar=a_long_calendar(first, last),
        policy=replace(a_policy(visit=visit), caps=tuple(caps)),
        enterprises=[an_enterprise(f"E{n}") for n in range(1, enterprises + 1)],
        crew_pools=tuple(pools),
    )


def visits_of(snapshot: PlanningSnapshot, outline: Outline) -> dict[tuple[str, int], list[PlanItem]]:
    """The items of every enterprise and period."""
    out: dict[tuple[str, int], list[PlanItem]] = defaultdict(list)
    for item in snapshot.items:
        if item.item_id in outline.period_of:
            out[item.enterprise_id, outline.period_of[item.item_id]].append(item)
    return out


def is_one_visit(availability: Availability, outline: Outline, period: int, items: list[PlanItem]) -> bool:
    """Whether one visit in a period could serve all of these items."""
    policy, enterprise = availability.snapshot.policy, availability.enterprises[items[0].enterprise_id]
    slots = outline.periods[period].slots
    for item in items:
        slots &= availability.alone(item)
    minutes, crews = parts_of(items, policy.visit.overhead_min)
    slots &= availability.fits(availability.room_min(enterprise), max(minutes.values()))
    crowd = policy.visit.max_officers
    quiet = crowd is None or sum(crews.values()) * OFFICERS_PER_CREW <= crowd
    few = policy.visit.max_authorities is None or len(crews) <= policy.visit.max_authorities
    return bool(slots) and quiet and few and len({i.notice for i in items}) == 1


def keeps_caps(
    availability: Availability, outline: Outline, enterprise_id: str, by_period: dict[int, list[PlanItem]]
) -> bool:
    enterprise = availability.enterprises[enterprise_id]
    counted = {p: {i.authority_id for i in items if not i.cap_exempt} for p, items in by_period.items()}
    authorities = tuple(sorted(set().union(*counted.values()))) if counted else ()
    for row in CapBook(availability).rows(enterprise, authorities):
        for slots, left in row.left:
            inside = [p for p in counted if outline.periods[p].slots & ~slots == 0]
            if row.authority_id is None:
                used = sum(bool(counted[p]) for p in inside)
            else:
                used = sum(row.authority_id in counted[p] for p in inside)
            if used > left:
                return False
    return True


def keeps_gap(snapshot: PlanningSnapshot, outline: Outline, periods: list[int]) -> bool:
    gap, day = snapshot.policy.visit.min_gap_days, None
    for p in sorted(periods):
        first = outline.periods[p].first if day is None or not gap else max(outline.periods[p].first, day + gap)
        inside = [d for d in snapshot.calendar.days if first <= d <= outline.periods[p].last]
        if not inside:
            return False
        day = inside[0]
    return True


@settings(max_examples=150, deadline=None)
@given(long_snapshots())
def test_every_outline_keeps_what_periods_can_tell(snapshot: PlanningSnapshot) -> None:
    outline = make_outline(snapshot)
    availability = Availability(snapshot)
    found = visits_of(snapshot, outline)
    assert outline.doors == len(found)
    weights = dict(snapshot.policy.priority_weights)
    served = sum(weights[i.priority] for items in found.values() for i in items)
    assert outline.unserved == snapshot.all_weight - served
    for (_, period), items in found.items():
        assert is_one_visit(availability, outline, period, items)
    for enterprise_id in {e for e, _ in found}:
        mine = {p: items for (e, p), items in found.items() if e == enterprise_id}
        assert keeps_caps(availability, outline, enterprise_id, mine)
        assert keeps_gap(snapshot, outline, [p for p, items in mine.items() if not all(i.cap_exempt for i in items)])
    assert all(load.asked <= load.there + 1 for load in outline.loads)
    assert not outline.impossible & outline.period_of.keys()
    assert make_outline(snapshot) == outline, "it repeats"


@settings(max_examples=80, deadline=None)
@given(long_snapshots(enterprises=1, items=6))
def test_of_one_enterprise_with_crews_to_spare_nothing_better_exists(snapshot: PlanningSnapshot) -> None:
    kept = tuple(replace(i, cap_exempt=False) for i in snapshot.items)
    snapshot = snapshot.replace(items=kept, crew_pools=tuple(replace(p, crews=9) for p in snapshot.crew_pools))
    outline = make_outline(snapshot, Period.HALF_YEAR, FREE)
    availability = Availability(snapshot)
    weights = dict(snapshot.policy.priority_weights)
    best = (snapshot.all_weight, 0)
    for chosen in product(range(-1, len(outline.periods)), repeat=len(snapshot.items)):
        by_period: dict[int, list[PlanItem]] = defaultdict(list)
        for item, period in zip(snapshot.items, chosen, strict=True):
            if period >= 0:
                by_period[period].append(item)
        if (
            all(is_one_visit(availability, outline, p, items) for p, items in by_period.items())
            and keeps_caps(availability, outline, "E1", by_period)
            and keeps_gap(snapshot, outline, list(by_period))
        ):
            left = snapshot.all_weight - sum(weights[i.priority] for v in by_period.values() for i in v)
            best = min(best, (left, len(by_period)))
    assert (outline.unserved, outline.doors) == best


@settings(max_examples=40, deadline=None)
@given(long_snapshots())
def test_the_near_case_has_the_dates_and_items_of_its_period(snapshot: PlanningSnapshot) -> None:
    outline = make_outline(snapshot)
    near = near_case(snapshot, outline)
    first = outline.periods[0]
    assert near.calendar.days == tuple(d for d in snapshot.calendar.days if d <= first.last)
    assert {i.item_id for i in near.items} == {i for i, p in outline.period_of.items() if p == 0}
    assert all(i.latest <= near.calendar.end for i in near.items)
    assert not make_outline(near).impossible


def test_scarce_crews_take_what_weighs_most_and_the_load_is_even() -> None:
    items = [
        an_item(
            f"I{n}",
            "A1",
            f"E{n}",
            duration_min=100,
            priority="high" if n % 8 == 0 else "normal",
            earliest=YEAR[0],
            latest=YEAR[1],
        )
        for n in range(400)
    ]
    snapshot = a_snapshot(
        items,
        calendar=a_long_calendar(*YEAR),
        policy=replace(a_policy(), caps=(ONE_A_QUARTER,)),
        enterprises=[an_enterprise(f"E{n}") for n in range(400)],
        crew_pools=(a_pool("A1", "*", 1, weekdays=(2,), shift_id="AM"),),
    )
    outline = make_outline(snapshot, allowance=FREE)
    left = Counter(i.priority for i in items if i.item_id not in outline.period_of)
    assert left["normal"] > 0
    assert left["high"] == 0
    shares = [load.asked / load.there for load in outline.loads]
    assert min(shares) > 0.9


def test_months_of_a_year_are_too_many_and_halves_are_not() -> None:
    snapshot = a_snapshot([an_item(earliest=YEAR[0], latest=YEAR[1])], calendar=a_long_calendar(*YEAR))
    with pytest.raises(BadOutline, match="12 periods of a month"):
        make_outline(snapshot, Period.MONTH)
    assert len(make_outline(snapshot, Period.HALF_YEAR).periods) == 2


def test_nothing_is_assumed_of_dates_authorities_or_shifts() -> None:
    shifts = tuple(Shift(shift_id=f"H{n}", start_min=480 + 150 * n, end_min=620 + 150 * n) for n in range(4))
    items = [
        an_item(
            f"I{a}-{k}",
            f"A{a:03d}",
            f"E{a % 6}",
            duration_min=20,
            earliest=YEAR[0] + 183 * k,
            latest=YEAR[0] + 182 + 183 * k,
        )
        for a in range(70)
        for k in range(2)
    ]
    snapshot = a_snapshot(
        items,
        calendar=a_long_calendar(*YEAR, shifts),
        policy=replace(a_policy(visit=VisitRules(overhead_min=10, min_gap_days=60)), caps=(ONE_A_QUARTER,)),
        enterprises=[an_enterprise(f"E{n}") for n in range(6)],
        crew_pools=tuple(a_pool(f"A{a:03d}", "*", 1) for a in range(70)),
    )
    outline = make_outline(snapshot)
    assert outline.unserved == 0
    assert outline.doors == 12, "each enterprise twice, everybody rides along"
