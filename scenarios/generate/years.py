"""A year out of a quarter: its items come one to three times, in windows of a year, half a year or a quarter."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

import numpy as np

from scheduler.domain.calendar import Calendar, CalendarKind, Period
from scheduler.domain.plans import PlanItem
from scheduler.domain.policy import ANY, CapScope, FrequencyCap
from scheduler.domain.snapshot import PlanningSnapshot


@dataclass(frozen=True, slots=True, kw_only=True)
class YearRates:
    """How a year is drawn; assumptions of ours.

    Parameters
    ----------
    whole, half : shares of items that may be served in the whole year, or in one half of it; the others in a quarter.
    most : an item comes from once to so many times, equally likely.
    min_gap_days : between visits of an enterprise.
    """

    whole: float = 0.4
    half: float = 0.3
    most: int = 3
    min_gap_days: int = 60


def year_of(snapshot: PlanningSnapshot, seed: int, rates: YearRates = YearRates()) -> PlanningSnapshot:
    """Return a case of the calendar year after a quarter's, with its streets, enterprises and crews.

    One visit of an enterprise a quarter, and no authority at it more than twice a year.
    """
    rng = np.random.default_rng(seed)
    year = date.fromordinal(snapshot.calendar.end).year + 1
    calendar = _weekdays(year, snapshot.calendar)
    items = [again for item in snapshot.items for again in _drawn(item, year, rates, rng)]
    policy = replace(
        snapshot.policy,
        caps=(
            FrequencyCap(scope=CapScope.ENTERPRISE, period=Period.QUARTER, max_visits=1),
            FrequencyCap(scope=CapScope.AUTHORITY, authority=ANY, period=Period.YEAR, max_visits=2),
        ),
        visit=replace(snapshot.policy.visit, min_gap_days=rates.min_gap_days),
        street=replace(snapshot.policy.street, max_days=None),
    )
    return snapshot.replace(
        name=f"{snapshot.name} {year}",
        calendar=calendar,
        policy=policy,
        items=tuple(items),
        history=(),
        pins=(),
        crew_pools=tuple(replace(p, first_day=None, last_day=None) for p in snapshot.crew_pools),
    )


def _weekdays(year: int, like: Calendar) -> Calendar:
    first, last = date(year, 1, 1).toordinal(), date(year, 12, 31).toordinal()
    days = tuple(d for d in range(first, last + 1) if date.fromordinal(d).isoweekday() <= 5)
    return Calendar(start=first, end=last, kind=CalendarKind.WEEKDAYS, days=days, shifts=like.shifts)


def _drawn(item: PlanItem, year: int, rates: YearRates, rng: np.random.Generator) -> list[PlanItem]:
    out = []
    for n in range(int(rng.integers(1, rates.most + 1))):
        kind = rng.random()
        months = 12 if kind < rates.whole else 6 if kind < rates.whole + rates.half else 3
        first = 1 + months * int(rng.integers(12 // months))
        ends = date(year + (first + months > 12), (first + months - 1) % 12 + 1, 1).toordinal() - 1
        begins = date(year, first, 1).toordinal()
        out.append(replace(item, item_id=f"{item.item_id}-{n}", earliest=begins, latest=ends))
    return out
