"""Hypothesis strategies: small snapshots with every kind of rule in them, and schedules for them, kept or broken."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from hypothesis import strategies as st

from scheduler.domain.calendar import Calendar, Period, Shift
from scheduler.domain.people import WHOLE_CITY, CrewPool
from scheduler.domain.places import Enterprise, Street
from scheduler.domain.plans import Notice, PastInspection, Pin, PlanItem, Trigger
from scheduler.domain.policy import (
    ANY,
    CapScope,
    FrequencyCap,
    Policy,
    QuietPeriod,
    QuietScope,
    StreetRules,
    TravelRules,
    VisitRules,
)
from scheduler.domain.schedule import TERMS, Schedule
from scheduler.domain.snapshot import PlanningSnapshot
from scheduler.rules import check
from tests.builders import (
    OFFICE,
    WEIGHTS,
    a_calendar,
    a_policy,
    a_schedule,
    a_snapshot,
    a_street,
    an_enterprise,
    an_item,
)

STARTS = tuple(date(*d).toordinal() for d in ((2026, 9, 29), (2026, 10, 12), (2026, 10, 30), (2026, 12, 30)))
"""First days: before a change of quarter, in the middle of a month, before a change of month and of year."""

NORMAL_WEIGHS_NOTHING = (("high", 10), ("mandatory", 1000), ("normal", 0))

FREE_RULES = ("R26", "R27", "R28")
"""Rules about what a schedule leaves out: a part of a schedule need not keep them."""

Draw = Any
Planned = tuple[list[str], int, str]
"""A visit for ``a_schedule``: item ids, day number, shift id."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SmallSizes:
    """Largest numbers in a small snapshot; the smallest are 1. `days` are natural days."""

    streets: int = 2
    enterprises: int = 4
    authorities: int = 3
    items: int = 6
    days: int = 6
    shifts: int = 2


@st.composite
def small_snapshots(draw: Draw, sizes: SmallSizes = SmallSizes(), *, pins: bool = True) -> PlanningSnapshot:
    """Draw a complete snapshot that intake accepts; its pins can be kept, all of them together."""
    calendar = draw(_calendars(sizes))
    streets = [
        a_street(f"S{n}", draw(st.sampled_from(("D1", "D2"))), lon=OFFICE[0] + 0.05 * n)
        for n in range(1, draw(st.integers(1, sizes.streets)) + 1)
    ]
    enterprises = [
        draw(_enterprises(f"E{n}", draw(st.sampled_from(streets)), calendar))
        for n in range(1, draw(st.integers(1, sizes.enterprises)) + 1)
    ]
    authorities = [f"A{n}" for n in range(1, draw(st.integers(1, sizes.authorities)) + 1)]
    items = [
        draw(_items(f"I{n}", authorities, enterprises, calendar))
        for n in range(1, draw(st.integers(1, sizes.items)) + 1)
    ]
    used = sorted({i.authority_id for i in items})
    areas = [WHOLE_CITY, *sorted({s.district_id for s in streets}), *(s.street_id for s in streets)]
    snapshot = a_snapshot(
        items,
        name="small",
        calendar=calendar,
        policy=draw(_policies(used, streets, enterprises, calendar)),
        streets=streets,
        enterprises=enterprises,
        crew_pools=draw(_pools(used, areas, calendar)),
        history=tuple(draw(st.lists(_past(used, enterprises, calendar), max_size=4))),
    )
    return draw(_pinned(snapshot)) if pins and draw(st.booleans()) else snapshot


@st.composite
def _calendars(draw: Draw, sizes: SmallSizes) -> Calendar:
    first = draw(st.sampled_from(STARTS))
    num_days = draw(st.integers(1, sizes.days))
    am = Shift(shift_id="AM", start_min=9 * 60, end_min=9 * 60 + draw(st.sampled_from((100, 180, 210))))
    pm = Shift(shift_id="PM", start_min=14 * 60, end_min=14 * 60 + draw(st.sampled_from((120, 210))))
    shifts = (am, pm)[: draw(st.integers(1, sizes.shifts))]
    span = range(first, first + num_days)
    closed = draw(st.sets(st.sampled_from(span), max_size=1)) if num_days > 2 else set()
    return a_calendar(num_days, shifts, first, closed)


@st.composite
def _enterprises(draw: Draw, enterprise_id: str, street: Street, calendar: Calendar) -> Enterprise:
    # Steps of 0.004 degrees are 1 or 2 minutes; step 0 is the street office itself, a leg of no minutes.
    east, north = draw(st.integers(-3, 4)), draw(st.integers(-2, 2))
    hours = draw(st.sampled_from(((None, None),) * 4 + ((9 * 60 + 20, None), (None, 11 * 60), (570, 930), (600, 660))))
    span = range(calendar.start, calendar.end + 1)
    return an_enterprise(
        enterprise_id,
        street.street_id,
        lon=round(street.lon + 0.004 * east, 6),
        lat=round(street.lat + 0.004 * north, 6),
        industry=draw(st.sampled_from((None, "hotel", "factory"))),
        credit_class=draw(st.sampled_from((None, "A", "D"))),
        closed_days=tuple(sorted(draw(st.sets(st.sampled_from(span), max_size=1)))),
        closed_weekdays=draw(st.sampled_from(((), (), (), (1,), (3, 5)))),
        open_from=hours[0],
        open_to=hours[1],
    )


@st.composite
def _items(
    draw: Draw, item_id: str, authorities: list[str], enterprises: list[Enterprise], calendar: Calendar
) -> PlanItem:
    span = st.integers(calendar.start, calendar.end)
    window = sorted((draw(span), draw(span))) if draw(st.booleans()) else [calendar.start, calendar.end]
    return an_item(
        item_id,
        draw(st.sampled_from(authorities)),
        draw(st.sampled_from(enterprises)).enterprise_id,
        duration_min=draw(st.sampled_from((5, 20, 30, 45, 60, 90, 170))),
        earliest=window[0],
        latest=window[1],
        priority=draw(st.sampled_from(("normal", "high", "mandatory"))),
        trigger=draw(st.sampled_from(Trigger)),
        crews=draw(st.sampled_from((1, 1, 1, 2, 3))),
        cap_exempt=draw(st.sampled_from((False, False, False, True))),
        notice=draw(st.sampled_from((Notice.ANNOUNCED,) * 4 + (Notice.UNANNOUNCED,))),
    )


@st.composite
def _policies(
    draw: Draw, authorities: list[str], streets: list[Street], enterprises: list[Enterprise], calendar: Calendar
) -> Policy:
    visit = VisitRules(
        overhead_min=draw(st.sampled_from((0, 10))),
        start_together=draw(st.booleans()),
        stretch_min=draw(st.sampled_from((0, 0, 15))),
        max_officers=draw(st.sampled_from((None, None, 2, 4, 6))),
        max_visit_min=draw(st.sampled_from((None, None, 60, 100))),
        min_gap_days=draw(st.sampled_from((0, 0, 0, 2, 4))),
        max_authorities=draw(st.sampled_from((None, None, None, 1, 2))),
    )
    travel = TravelRules(buffer_min=draw(st.sampled_from((0, 0, 5))), stop_min=draw(st.sampled_from((0.0, 3.0))))
    limits = st.sampled_from((None, None, 1, 2))
    return a_policy(
        visit,
        travel,
        caps=tuple(draw(st.lists(_caps(authorities), max_size=3, unique=True))),
        quiet_periods=tuple(draw(st.lists(_quiet(streets, enterprises, calendar), max_size=2, unique=True))),
        street=StreetRules(max_days=draw(limits), max_visits=draw(limits)),
        tiers=(TERMS[0], *draw(st.sampled_from((TERMS[1:], TERMS[1:], TERMS[:0:-1])))),
        priority_weights=draw(st.sampled_from((WEIGHTS, WEIGHTS, WEIGHTS, NORMAL_WEIGHS_NOTHING))),
    )


def _caps(authorities: list[str]) -> st.SearchStrategy[FrequencyCap]:
    shared = {
        "period": st.sampled_from(Period),
        "max_visits": st.integers(1, 2),
        "credit_class": st.sampled_from((ANY, ANY, "A", "D")),
    }
    doors = st.builds(FrequencyCap, scope=st.just(CapScope.ENTERPRISE), **shared)
    authority = st.sampled_from([ANY, *authorities])
    return doors | st.builds(FrequencyCap, scope=st.just(CapScope.AUTHORITY), authority=authority, **shared)


@st.composite
def _quiet(draw: Draw, streets: list[Street], enterprises: list[Enterprise], calendar: Calendar) -> QuietPeriod:
    scope = draw(st.sampled_from(QuietScope))
    targets: dict[QuietScope, list[str]] = {
        QuietScope.STREET: [s.street_id for s in streets],
        QuietScope.ENTERPRISE: [e.enterprise_id for e in enterprises],
        QuietScope.INDUSTRY: ["hotel", "factory"],
        QuietScope.CREDIT_CLASS: ["A", "D"],
    }
    target = None if scope is QuietScope.ALL else draw(st.sampled_from(targets[scope]))
    exempt = tuple(sorted(draw(st.sets(st.sampled_from(Trigger), max_size=2))))
    if draw(st.booleans()):
        lo, hi = sorted((draw(st.integers(1, 31)), draw(st.integers(1, 31))))
        return QuietPeriod(scope=scope, target=target, month_from=lo, month_to=hi, exempt_triggers=exempt)
    first = draw(st.integers(calendar.start - 1, calendar.end))
    last = first + draw(st.integers(0, 2))
    return QuietPeriod(scope=scope, target=target, first_day=first, last_day=last, exempt_triggers=exempt)


@st.composite
def _pools(draw: Draw, authorities: list[str], areas: list[str], calendar: Calendar) -> tuple[CrewPool, ...]:
    limited = st.builds(
        CrewPool,
        authority_id=st.sampled_from(authorities),
        area_id=st.sampled_from(areas),
        crews=st.integers(0, 2),
        first_day=st.sampled_from((None, None, calendar.start + 1)),
        last_day=st.sampled_from((None, None, max(calendar.start + 1, calendar.end - 1))),
        weekdays=st.sampled_from(((), (), (), (2, 3, 4))),
        shift_id=st.sampled_from((None, None, *(s.shift_id for s in calendar.shifts))),
    )
    plain = st.builds(
        CrewPool, authority_id=st.sampled_from(authorities), area_id=st.sampled_from(areas), crews=st.integers(1, 3)
    )
    main = [CrewPool(authority_id=a, area_id=draw(st.sampled_from(areas)), crews=draw(st.integers(1, 3)))
            for a in authorities]  # fmt: skip
    more = draw(st.lists(limited | plain, max_size=3))
    return tuple(main if draw(st.integers(0, 4)) else main[:-1]) + tuple(more)


@st.composite
def _past(draw: Draw, authorities: list[str], enterprises: list[Enterprise], calendar: Calendar) -> PastInspection:
    on = calendar.start - draw(st.sampled_from((1, 2, 20, 40, 100, 200)))
    return PastInspection(
        enterprise_id=draw(st.sampled_from(enterprises)).enterprise_id,
        authority_id=draw(st.sampled_from(authorities)),
        day=on,
        visit_id=draw(st.sampled_from((None, None, f"H{on}"))),
        trigger=draw(st.sampled_from(Trigger)),
        cap_exempt=draw(st.sampled_from((False, False, False, True))),
    )


@st.composite
def _pinned(draw: Draw, snapshot: PlanningSnapshot) -> PlanningSnapshot:
    """Pin what can be kept: every pin comes from a visit of one item in a schedule that breaks no other rule."""
    kept: list[Planned] = []
    pins: list[Pin] = []
    for enterprise in snapshot.enterprises:
        own = [i.item_id for i in snapshot.items if i.enterprise_id == enterprise.enterprise_id]
        slots = [(d, h.shift_id) for d in snapshot.calendar.days for h in snapshot.calendar.shifts]
        visits = [([i], d, h) for i in own for d, h in slots if _keeps(snapshot, [*kept, ([i], d, h)])]
        if visits and draw(st.booleans()):
            kept.append(draw(st.sampled_from(visits)))
            _, day, shift = kept[-1]
            named = shift if draw(st.booleans()) else None
            pins.append(Pin(enterprise_id=enterprise.enterprise_id, day=day, shift_id=named))
    return snapshot.replace(pins=tuple(pins))


def _keeps(snapshot: PlanningSnapshot, visits: list[Planned]) -> bool:
    return all(v.code in FREE_RULES for v in check(snapshot, a_schedule(snapshot, visits)))


@st.composite
def schedules(draw: Draw, snapshot: PlanningSnapshot) -> Schedule:
    """Draw a schedule that serves items in random visits; it may break any rule that depends on when and with whom."""
    visits = []
    left = list(snapshot.items)
    while left and snapshot.calendar.days and draw(st.integers(0, 4)):
        first = draw(st.sampled_from(left))
        mates = [i for i in left if i.enterprise_id == first.enterprise_id and i is not first]
        chosen = [first, *(m for m in mates if draw(st.booleans()))]
        left = [i for i in left if i not in chosen]
        day = draw(st.sampled_from(snapshot.calendar.days))
        visits.append(([i.item_id for i in chosen], day, draw(st.sampled_from(snapshot.calendar.shifts)).shift_id))
    return a_schedule(snapshot, visits, share_crews=draw(st.booleans()))


@st.composite
def kept_schedules(draw: Draw, snapshot: PlanningSnapshot, *, share_crews: bool = True) -> Schedule:
    """Draw a schedule that keeps every rule, except that the snapshot's pins count as dropped.

    Without `share_crews` every visit has crews of its own.
    """
    free = snapshot.replace(pins=())
    kept: list[Planned] = []
    share = share_crews and draw(st.booleans())
    for item in snapshot.items:
        if not snapshot.calendar.days:
            break
        day = draw(st.sampled_from(snapshot.calendar.days))
        shift = draw(st.sampled_from(snapshot.calendar.shifts)).shift_id
        joined = [([*ids, item.item_id], d, h) if _same_enterprise(free, ids[0], item) else (ids, d, h)
                  for ids, d, h in kept]  # fmt: skip
        for attempt in ([*kept, ([item.item_id], day, shift)], joined):
            served = sum(len(ids) for ids, _, _ in attempt)
            if served == sum(len(ids) for ids, _, _ in kept) + 1 and not check(
                free, a_schedule(free, attempt, share_crews=share)
            ):
                kept = attempt
                break
    return replace(a_schedule(free, kept, share_crews=share), snapshot_digest=snapshot.digest())


def _same_enterprise(snapshot: PlanningSnapshot, item_id: str, item: PlanItem) -> bool:
    return any(i.item_id == item_id and i.enterprise_id == item.enterprise_id for i in snapshot.items)
