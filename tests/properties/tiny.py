"""Snapshots so small that every plan can be tried: short shifts, few items, all times multiples of five minutes."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from scheduler.domain.calendar import Period, Shift
from scheduler.domain.people import WHOLE_CITY, CrewPool
from scheduler.domain.places import Enterprise, Street
from scheduler.domain.plans import Notice, PastInspection, Pin, PlanItem
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
from scheduler.domain.snapshot import PlanningSnapshot
from tests.builders import MONDAY, a_calendar, a_policy, a_snapshot, a_street, an_enterprise, an_item

Draw = Any
FIVE_MIN = 4.95 / 111.195
"""Degrees of latitude that a crew covers in five minutes of :data:`ON_THE_HOUR`, a hair less, for rounding up."""

ON_THE_HOUR = {"speed_kmh": 60.0, "detour": 1.0, "stop_min": 0.0}


@st.composite
def tiny_snapshots(draw: Draw, *, pins: bool = False) -> PlanningSnapshot:
    """Draw a case with at most 3 enterprises, 5 items, 3 authorities, 2 dates and 2 shifts of at most an hour.

    Its streets run north from their office, so that every leg takes a multiple of five minutes.
    """
    am = Shift(shift_id="AM", start_min=540, end_min=540 + draw(st.sampled_from((35, 45, 60))))
    pm = Shift(shift_id="PM", start_min=840, end_min=840 + draw(st.sampled_from((40, 60))))
    shifts = (am, pm) if draw(st.integers(0, 2)) == 0 else (am,)
    calendar = a_calendar(draw(st.integers(1, 2)), shifts, MONDAY)
    streets = [
        a_street(f"S{n}", draw(st.sampled_from(("D1", "D2"))), lon=114.0 + n, lat=22.0)
        for n in range(1, draw(st.sampled_from((1, 1, 2))) + 1)
    ]
    enterprises = [
        draw(_enterprises(f"E{n}", draw(st.sampled_from(streets)))) for n in range(1, draw(st.integers(1, 3)) + 1)
    ]
    authorities = [f"A{n}" for n in range(1, draw(st.integers(1, 3)) + 1)]
    items = [
        draw(_items(f"I{n}", authorities, enterprises, calendar.end)) for n in range(1, draw(st.integers(1, 5)) + 1)
    ]
    used = sorted({i.authority_id for i in items})
    areas = [WHOLE_CITY, *sorted({s.district_id for s in streets}), *(s.street_id for s in streets)]
    pools = [CrewPool(authority_id=a, area_id=draw(st.sampled_from(areas)), crews=draw(st.integers(1, 2)))
             for a in used]  # fmt: skip
    more = draw(st.lists(_more_crews(used, areas), max_size=2))
    history = draw(st.lists(_past(used, enterprises), max_size=2))
    snapshot = a_snapshot(
        items,
        name="tiny",
        calendar=calendar,
        policy=draw(_policies(used)),
        streets=streets,
        enterprises=enterprises,
        crew_pools=(*pools, *more),
        history=tuple(history),
    )
    return draw(_pinned(snapshot)) if pins else snapshot


@st.composite
def _enterprises(draw: Draw, enterprise_id: str, street: Street) -> Enterprise:
    hours = draw(st.sampled_from(((None, None),) * 4 + ((550, None), (None, 580))))
    return an_enterprise(
        enterprise_id,
        street.street_id,
        lon=street.lon,
        lat=round(street.lat + FIVE_MIN * draw(st.integers(-1, 3)), 9),
        closed_weekdays=draw(st.sampled_from(((), (), (), (1,)))),
        open_from=hours[0],
        open_to=hours[1],
    )


@st.composite
def _items(draw: Draw, item_id: str, authorities: list[str], enterprises: list[Enterprise], end: int) -> PlanItem:
    return an_item(
        item_id,
        draw(st.sampled_from(authorities)),
        draw(st.sampled_from(enterprises)).enterprise_id,
        duration_min=draw(st.sampled_from((5, 10, 15, 20, 30))),
        earliest=draw(st.sampled_from((MONDAY, MONDAY, end))),
        latest=draw(st.sampled_from((MONDAY, end, end))),
        priority=draw(st.sampled_from(("normal", "normal", "high", "mandatory"))),
        crews=draw(st.sampled_from((1, 1, 1, 2))),
        cap_exempt=draw(st.sampled_from((False, False, False, True))),
        notice=draw(st.sampled_from((Notice.ANNOUNCED,) * 4 + (Notice.UNANNOUNCED,))),
    )


@st.composite
def _policies(draw: Draw, authorities: list[str]) -> Policy:
    caps = st.builds(
        FrequencyCap,
        scope=st.sampled_from(CapScope),
        period=st.sampled_from((Period.MONTH, Period.YEAR)),
        max_visits=st.integers(1, 2),
        authority=st.sampled_from([ANY, *authorities]),
    ).map(_without_authority)
    return a_policy(
        VisitRules(
            overhead_min=draw(st.sampled_from((0, 5))),
            start_together=draw(st.booleans()),
            stretch_min=draw(st.sampled_from((0, 0, 10))),
            max_officers=draw(st.sampled_from((None, None, 4))),
            max_visit_min=draw(st.sampled_from((None, None, 25))),
            min_gap_days=draw(st.sampled_from((0, 0, 2))),
            max_authorities=draw(st.sampled_from((None, None, 1))),
        ),
        TravelRules(**ON_THE_HOUR, buffer_min=draw(st.sampled_from((0, 0, 5)))),
        caps=tuple(draw(st.lists(caps, max_size=2, unique=True))),
        quiet_periods=tuple(draw(st.lists(st.just(_QUIET_TUESDAY), max_size=1))),
        street=StreetRules(max_days=draw(_LIMITS), max_visits=draw(_LIMITS)),
    )


def _without_authority(cap: FrequencyCap) -> FrequencyCap:
    if cap.scope is CapScope.AUTHORITY:
        return cap
    return FrequencyCap(scope=cap.scope, period=cap.period, max_visits=cap.max_visits)


_LIMITS = st.sampled_from((None, None, 1, 2))

_QUIET_TUESDAY = QuietPeriod(
    scope=QuietScope.STREET, target="S1", first_day=MONDAY + 1, last_day=MONDAY + 1, exempt_triggers=()
)


def _more_crews(authorities: list[str], areas: list[str]) -> st.SearchStrategy[CrewPool]:
    return st.builds(
        CrewPool,
        authority_id=st.sampled_from(authorities),
        area_id=st.sampled_from(areas),
        crews=st.integers(0, 2),
        first_day=st.sampled_from((None, MONDAY + 1)),
        shift_id=st.sampled_from((None, "AM")),
    )


def _past(authorities: list[str], enterprises: list[Enterprise]) -> st.SearchStrategy[PastInspection]:
    return st.builds(
        PastInspection,
        enterprise_id=st.sampled_from([e.enterprise_id for e in enterprises]),
        authority_id=st.sampled_from(authorities),
        day=st.sampled_from((MONDAY - 3, MONDAY - 40)),
        cap_exempt=st.sampled_from((False, False, True)),
    )


@st.composite
def _pinned(draw: Draw, snapshot: PlanningSnapshot) -> PlanningSnapshot:
    """Pin one or two enterprises somewhere; whether the pins can be kept is not asked."""
    one = st.builds(
        Pin,
        enterprise_id=st.sampled_from(sorted({i.enterprise_id for i in snapshot.items})),
        day=st.sampled_from(snapshot.calendar.days),
        shift_id=st.sampled_from((None, *(s.shift_id for s in snapshot.calendar.shifts))),
    )
    return snapshot.replace(pins=tuple(draw(st.lists(one, min_size=1, max_size=2))))
