"""Visits so far against the caps (本年度第几次): what a notice says of how often the enterprise was inspected."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from scheduler.caps import cap_covers, past_visits
from scheduler.domain.calendar import Period, period_key
from scheduler.domain.plans import PastInspection
from scheduler.domain.policy import FrequencyCap


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """Visits so far in the calendar period of a visit, that one itself not among them.

    Parameters
    ----------
    authority_id : the authority counted; ``None`` for doors of all together.
    most : visits that the cap allows; ``None`` where there is none for the period.
    """

    authority_id: str | None
    period: Period
    used: int
    most: int | None


def counts_of(
    past: Iterable[PastInspection],
    caps: Sequence[FrequencyCap],
    enterprise_id: str,
    credit_class: str | None,
    authority_ids: Sequence[str],
    day: int,
) -> tuple[Count, ...]:
    """Return the counts that a notice shows: of all authorities together, then of each that takes part.

    The year is always among them (国办发〔2024〕54号: the enterprise is told its frequency so far), then every period
    that has a cap; of two caps for one period the stricter.

    Parameters
    ----------
    past : inspections of the enterprise that have taken place, and none that are only planned.
    day : day number of the visit.
    """
    done = past_visits(p for p in past if p.enterprise_id == enterprise_id)
    days: dict[str | None, Sequence[int]] = {None: done.doors.get(enterprise_id, ())}
    for authority_id in authority_ids:
        days[authority_id] = done.by_authority.get((authority_id, enterprise_id), ())
    return tuple(c for who, on in days.items() for c in _of_one(who, on, caps, credit_class, day))


def _of_one(
    authority_id: str | None, days: Sequence[int], caps: Sequence[FrequencyCap], credit_class: str | None, day: int
) -> Iterator[Count]:
    most: dict[Period, int | None] = {Period.YEAR: None}
    for cap in caps:
        if cap_covers(cap, authority_id, credit_class):
            before = most.get(cap.period)
            most[cap.period] = cap.max_visits if before is None else min(before, cap.max_visits)
    for period in sorted(most, key=list(Period).index, reverse=True):
        used = sum(period_key(d, period) == period_key(day, period) for d in days)
        yield Count(authority_id=authority_id, period=period, used=used, most=most[period])
