"""Frequency caps: what the past and a plan count against them, enterprise by enterprise."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from scheduler.domain.calendar import period_key
from scheduler.domain.plans import PastInspection
from scheduler.domain.policy import ANY, CapScope, FrequencyCap


@dataclass(frozen=True, slots=True, kw_only=True)
class PastVisits:
    """Days of inspections already done that count against caps.

    Parameters
    ----------
    doors : days of the doors opened, by enterprise.
    by_authority : days of visits, by (authority, enterprise).
    """

    doors: Mapping[str, Sequence[int]]
    by_authority: Mapping[tuple[str, str], Sequence[int]]


@dataclass(frozen=True, slots=True, kw_only=True)
class CapUse:
    """How far one cap is used at one enterprise in one period.

    Parameters
    ----------
    authority_id : the authority counted; ``None`` for doors of all authorities together.
    period : (year, number of the period in the year from 0), as ``period_key`` gives it.
    past, planned : days of the past and of the plan that count, ascending.
    """

    cap: FrequencyCap
    enterprise_id: str
    authority_id: str | None
    period: tuple[int, int]
    past: tuple[int, ...]
    planned: tuple[int, ...]

    @property
    def left(self) -> int:
        """Return the visits still allowed, 0 when used up or exceeded."""
        return max(0, self.cap.max_visits - len(self.past) - len(self.planned))

    @property
    def broken(self) -> bool:
        """Say whether the plan adds a visit that the cap does not allow; the past alone never breaks it."""
        return bool(self.planned) and len(self.past) + len(self.planned) > self.cap.max_visits


def past_visits(history: Iterable[PastInspection]) -> PastVisits:
    """Return the doors and visits of the past that caps count.

    Exempt rows do not count. Rows with one visit id, or without one but with the same enterprise and day, are one
    door, on the day of the first of them; an authority counts once at a door.
    """
    doors: dict[str, list[int]] = defaultdict(list)
    by_authority: dict[tuple[str, str], list[int]] = defaultdict(list)
    seen: set[tuple[str, str | int]] = set()
    seen_authority: set[tuple[str, str | int, str]] = set()
    for row in history:
        if row.cap_exempt:
            continue
        door = (row.enterprise_id, row.visit_id or row.day)
        if door not in seen:
            seen.add(door)
            doors[row.enterprise_id].append(row.day)
        if (*door, row.authority_id) not in seen_authority:
            seen_authority.add((*door, row.authority_id))
            by_authority[row.authority_id, row.enterprise_id].append(row.day)
    return PastVisits(doors=doors, by_authority=by_authority)


def cap_covers(cap: FrequencyCap, authority_id: str | None, credit_class: str | None) -> bool:
    """Say whether a cap counts this authority (``None``: doors) at an enterprise of this class."""
    if (cap.scope is CapScope.ENTERPRISE) != (authority_id is None):
        return False
    if cap.scope is CapScope.AUTHORITY and cap.authority not in (ANY, authority_id):
        return False
    return cap.credit_class in (ANY, credit_class)


def cap_uses(
    caps: Iterable[FrequencyCap],
    enterprise_id: str,
    credit_class: str | None,
    authority_id: str | None,
    past: Sequence[int],
    planned: Sequence[int],
) -> Iterator[CapUse]:
    """Yield the use of every cap that covers an authority (or the doors) of an enterprise, by period with a day.

    `authority_id` is ``None`` for doors; `past` and `planned` are the days that count, of this authority (or of the
    doors) at this enterprise.
    """
    for cap in caps:
        if not cap_covers(cap, authority_id, credit_class):
            continue
        new: dict[tuple[int, int], list[int]] = defaultdict(list)
        old: dict[tuple[int, int], list[int]] = defaultdict(list)
        for day in planned:
            new[period_key(day, cap.period)].append(day)
        for day in past:
            old[period_key(day, cap.period)].append(day)
        for period in sorted(new.keys() | old.keys()):
            yield CapUse(
                cap=cap,
                enterprise_id=enterprise_id,
                authority_id=authority_id,
                period=period,
                past=tuple(sorted(old[period])),
                planned=tuple(sorted(new[period])),
            )
