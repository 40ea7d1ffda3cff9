"""From a snapshot to the outline's integers: periods, visits that could be, caps, the gap, crew minutes."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

import numpy as np
import numpy.typing as npt

from scheduler.availability import Availability, CapBook, Slots
from scheduler.domain.calendar import Period, period_key
from scheduler.domain.people import OFFICERS_PER_CREW, WHOLE_CITY
from scheduler.domain.places import Enterprise
from scheduler.domain.plans import Notice, PlanItem
from scheduler.errors import OnevisitError
from scheduler.texts import Text
from scheduler.travel import leg_matrix
from solver.outline.problem import MAX_PERIODS, OutlineProblem

TOO_MANY = Text(
    "计划期有{count}个{period}，粗排最多{most}个；请用更长的周期",
    "the horizon has {count} periods of a {period}, an outline takes at most {most}: choose longer ones",
)


class BadOutline(OnevisitError):
    """An outline that can't be made; `text` with `facts` says why."""

    code = "bad_outline"

    def __init__(self, text: Text, **facts: object) -> None:
        self.text, self.facts = text, facts
        super().__init__(text.say("en", **facts))


@dataclass(frozen=True, slots=True, kw_only=True)
class OutlinePeriod:
    """A calendar period, cut by the horizon.

    Parameters
    ----------
    key : year, and number in the year from 0.
    first, last : first and last inspection date, as day numbers.
    slots : those of its inspection dates.
    """

    key: tuple[int, int]
    first: int
    last: int
    slots: Slots


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowance:
    """How much of a crew's shift is work at enterprises, as far as an outline knows.

    Parameters
    ----------
    share : of all crew minutes of a period, from just above 0 to 1.
    legs : travel to each visit, as a multiple of the leg between neighbours in the street; from 0.
    """

    share: float
    legs: float


def periods_of(availability: Availability, period: Period) -> tuple[OutlinePeriod, ...]:
    """Return the periods that have inspection dates, in order of time.

    Raises
    ------
    BadOutline : there are more than :data:`solver.outline.problem.MAX_PERIODS`.
    """
    out = []
    days = availability.snapshot.calendar.days
    for key, run in groupby(days, key=lambda d: period_key(d, period)):
        inside = list(run)
        slots = availability.grid.between(inside[0], inside[-1])
        out.append(OutlinePeriod(key=key, first=inside[0], last=inside[-1], slots=slots))
    if len(out) > MAX_PERIODS:
        raise BadOutline(TOO_MANY, count=len(out), period=period.value, most=MAX_PERIODS)
    return tuple(out)


def build_outline(
    availability: Availability, periods: Sequence[OutlinePeriod], allowance: Allowance
) -> tuple[OutlineProblem, tuple[PlanItem, ...]]:
    """Return the outline's problem, and the items in its order."""
    return _Builder(availability, periods, allowance).build()


class _Builder:
    def __init__(self, availability: Availability, periods: Sequence[OutlinePeriod], allowance: Allowance) -> None:
        self.availability, self.periods, self.allowance = availability, periods, allowance
        self.snapshot = availability.snapshot
        self.pools: dict[tuple[str, str], int] = {}
        self.sources: dict[tuple[str, str], int] = {}
        self.source_pools: list[tuple[int, int, int]] = []
        self.legs = self._legs()

    def build(self) -> tuple[OutlineProblem, tuple[PlanItem, ...]]:
        s = self.snapshot
        by_enterprise: dict[str, list[PlanItem]] = defaultdict(list)
        for i in s.items:
            by_enterprise[i.enterprise_id].append(i)
        capacity = self._capacity()
        book, overhead = CapBook(self.availability), s.policy.visit.overhead_min
        weights = dict(s.policy.priority_weights)
        order: list[PlanItem] = []
        ents, groups = _Rows(), _Rows()
        ent_caps, gcaps = _Caps(), _Caps()
        sources, fixed = [], []
        options = _Options(self.availability)
        for enterprise_id in sorted(by_enterprise):
            enterprise = self.availability.enterprises[enterprise_id]
            mine = sorted(by_enterprise[enterprise_id], key=lambda i: (i.authority_id, i.item_id))
            authorities = tuple(dict.fromkeys(i.authority_id for i in mine))
            rows = book.rows(enterprise, authorities)
            here = self._open_periods(enterprise)
            ent_caps.add(here, [r.left for r in rows if r.authority_id is None])
            for authority_id, run in groupby(mine, key=lambda i: i.authority_id):
                items = list(run)
                gcaps.add(here, [r.left for r in rows if r.authority_id == authority_id])
                sources.append(self._source(authority_id, enterprise.street_id))
                fixed.append(self._fixed(items, enterprise.street_id, overhead))
                order += items
                groups.end(len(order))
            ents.end(len(sources))
            options.add(enterprise, self._slots_by_period(mine), mine)
        problem = OutlineProblem(
            num_periods=len(self.periods),
            sets=self._sets_with_gap(),
            ent_groups=ents.array,
            ent_caps=ent_caps.rows.array,
            cap_set=_ints(ent_caps.sets),
            cap_left=_ints(ent_caps.left),
            ent_options=options.rows.array,
            option_period=_ints(options.periods),
            option_items=options.ends.array,
            option_item=_ints(options.items),
            group_items=groups.array,
            group_caps=gcaps.rows.array,
            gcap_set=_ints(gcaps.sets),
            gcap_left=_ints(gcaps.left),
            group_source=_ints(sources),
            group_fixed=np.array(fixed, dtype=np.int64),
            item_weight=np.array([weights[i.priority] for i in order], dtype=np.int64),
            item_minutes=np.array([i.duration_min * i.crews for i in order], dtype=np.int64),
            item_exempt=np.array([i.cap_exempt for i in order], dtype=np.bool_),
            source_pools=np.array(self.source_pools, dtype=np.int32).reshape(-1, 3),
            capacity=capacity,
        )
        return problem, tuple(order)

    def _slots_by_period(self, items: Sequence[PlanItem]) -> list[list[Slots]]:
        """Return for every period the slots of each item."""
        alone = [self.availability.alone(i) for i in items]
        return [[slots & p.slots for slots in alone] for p in self.periods]

    def _open_periods(self, enterprise: Enterprise) -> list[Slots]:
        opened = self.availability.open(enterprise)
        return [p.slots & opened for p in self.periods]

    def _capacity(self) -> npt.NDArray[np.float64]:
        """Return the crew minutes of every pool in every period, and number the pools."""
        shifts = self.snapshot.calendar.shifts
        length = [h.length_min for h in shifts]
        rows = []
        for key in sorted({(p.authority_id, p.area_id) for p in self.snapshot.crew_pools}):
            self.pools[key] = len(self.pools)
            crews = np.array(self.availability.crews_in(*key) or [], dtype=np.int64).reshape(-1, len(shifts))
            a_day = crews @ np.array(length, dtype=np.int64)
            rows.append([self.allowance.share * float(a_day[lo:hi].sum()) for lo, hi in self._date_ranges()])
        return np.array(rows, dtype=np.float64).reshape(-1, len(self.periods))

    def _date_ranges(self) -> Iterator[tuple[int, int]]:
        days = self.snapshot.calendar.days
        for p in self.periods:
            yield bisect_left(days, p.first), bisect_right(days, p.last)

    def _source(self, authority_id: str, street_id: str) -> int:
        key = authority_id, street_id
        if key not in self.sources:
            self.sources[key] = len(self.sources)
            areas = dict.fromkeys((street_id, self.availability.streets[street_id].district_id, WHOLE_CITY))
            found = [self.pools[authority_id, a] for a in areas if (authority_id, a) in self.pools]
            first, second, third, *_ = (*found, -1, -1, -1)
            self.source_pools.append((first, second, third))
        return self.sources[key]

    def _fixed(self, items: Sequence[PlanItem], street_id: str, overhead: int) -> int:
        """Return the crew minutes of a visit before any item: overhead and an allowance for the way."""
        return round(max(i.crews for i in items) * (overhead + self.allowance.legs * self.legs[street_id]))

    def _legs(self) -> dict[str, float]:
        """Return the mean leg from an enterprise to its nearest neighbour, by street."""
        places: dict[str, list[tuple[float, float]]] = defaultdict(list)
        for e in self.snapshot.enterprises:
            places[e.street_id].append((e.lon, e.lat))
        out = {s.street_id: 0.0 for s in self.snapshot.streets}
        for street_id, found in places.items():
            if len(found) > 1 and self.allowance.legs:
                legs = leg_matrix(self.snapshot.policy.travel, np.array(found)).astype(np.int32)
                np.fill_diagonal(legs, 1 << 20)
                out[street_id] = float(legs.min(axis=1).mean())
        return out

    def _sets_with_gap(self) -> npt.NDArray[np.bool_]:
        """R31: say for every set of periods whether visits in all of them can lie far enough apart."""
        gap, days = self.snapshot.policy.visit.min_gap_days, self.snapshot.calendar.days
        out = np.ones(1 << len(self.periods), dtype=np.bool_)
        for chosen in range(len(out) if gap > 0 else 0):
            day = None
            for k, p in enumerate(self.periods):
                if chosen >> k & 1:
                    first = p.first if day is None else max(p.first, day + gap)
                    at = bisect_left(days, first)
                    if at == len(days) or days[at] > p.last:
                        out[chosen] = False
                        break
                    day = days[at]
        return out


def _ints(values: Sequence[int]) -> npt.NDArray[np.int32]:
    return np.array(values, dtype=np.int32)


class _Rows:
    """Ends of consecutive runs."""

    def __init__(self) -> None:
        self._ends = [0]

    def end(self, at: int) -> None:
        self._ends.append(at)

    @property
    def array(self) -> npt.NDArray[np.int32]:
        return _ints(self._ends)


MOST_OPTIONS = 6
"""Visits of an enterprise in one period among which the outline chooses, the heaviest."""


class _Options:
    """Visits that could be: for each period the greatest sets of items with a slot in common."""

    def __init__(self, availability: Availability) -> None:
        policy = availability.snapshot.policy
        self.availability, self.visit, self.weights = availability, policy.visit, dict(policy.priority_weights)
        self.rows, self.ends, self.periods, self.items = _Rows(), _Rows(), list[int](), list[int]()
        self.first = 0

    def add(self, enterprise: Enterprise, by_period: Sequence[Sequence[Slots]], items: Sequence[PlanItem]) -> None:
        """Add the visits of the next enterprise, whose items come next."""
        first = self.first
        worth = [self.weights[i.priority] for i in items]
        rooms = self.availability.room_min(enterprise)
        for period, slots in enumerate(by_period):
            found = {s for pair in _together(slots, items) for s in self._fitting(*pair, rooms, items, worth)} - {()}
            ranked = sorted(found, key=lambda s: (-sum(worth[k] for k in s), s))
            for chosen in ranked[:MOST_OPTIONS]:
                self.periods.append(period)
                self.items += [first + k for k in chosen]
                self.ends.end(len(self.items))
        self.rows.end(len(self.periods))
        self.first += len(items)

    def _fitting(
        self,
        slots: Slots,
        together: Iterable[int],
        rooms: Sequence[int],
        items: Sequence[PlanItem],
        worth: Sequence[int],
    ) -> Iterator[tuple[int, ...]]:
        """R08, R10, R11, R33: yield what of such a set one visit holds, the heaviest first, then what that left out.

        Every authority's part must fit the shift and the length of a visit, all crews and authorities its limits.
        """
        longest = max(room for h, room in enumerate(rooms) if slots & self.availability.shift_slots(h))
        if self.visit.max_visit_min is not None:
            longest = min(longest, self.visit.max_visit_min)
        by_authority: dict[str, list[int]] = defaultdict(list)
        for k in sorted(together, key=lambda k: (-worth[k], k)):
            by_authority[items[k].authority_id].append(k)
        heavy = {a: _within(mine, items, longest - self.visit.overhead_min) for a, mine in by_authority.items()}
        rest = {a: [k for k in mine if k not in heavy[a]] for a, mine in by_authority.items()}
        yield self._within_crowd(heavy, items, worth)
        if any(rest.values()):
            second = {a: _within(rest[a] + heavy[a], items, longest - self.visit.overhead_min) for a in by_authority}
            yield self._within_crowd(second, items, worth)

    def _within_crowd(
        self, by_authority: Mapping[str, Sequence[int]], items: Sequence[PlanItem], worth: Sequence[int]
    ) -> tuple[int, ...]:
        """R11, R33: return the heaviest authorities' items that may be on site together."""
        left = None if self.visit.max_officers is None else self.visit.max_officers // OFFICERS_PER_CREW
        seats = self.visit.max_authorities
        kept = list[int]()
        for _, mine in sorted(by_authority.items(), key=lambda p: (-sum(worth[k] for k in p[1]), p[0])):
            crews = max((items[k].crews for k in mine), default=0)
            if crews and seats != 0 and (left is None or crews <= left):
                seats = None if seats is None else seats - 1
                left = None if left is None else left - crews
                kept += mine
        return tuple(sorted(kept))


def _within(mine: Sequence[int], items: Sequence[PlanItem], minutes: int) -> list[int]:
    """Return the items, the first ones first, that so many minutes hold together."""
    kept = []
    for k in mine:
        if items[k].duration_min <= minutes:
            kept.append(k)
            minutes -= items[k].duration_min
    return kept


def _together(slots: Sequence[Slots], items: Sequence[PlanItem]) -> Iterator[tuple[Slots, frozenset[int]]]:
    """Yield sets of items with common slots that no other such set holds, with the slots; notices never share one."""
    for notice in Notice:
        mine: dict[Slots, list[int]] = defaultdict(list)
        for k, item in enumerate(items):
            if slots[k] and item.notice is notice:
                mine[slots[k]].append(k)
        classes: dict[Slots, frozenset[int]] = {}  # disjoint slots, with the items that they allow
        for mask, numbers in mine.items():
            fresh, split = mask, dict[Slots, frozenset[int]]()
            for part, there in classes.items():
                if inside := part & mask:
                    split[inside] = there.union(numbers)
                    fresh &= ~inside
                if outside := part & ~mask:
                    split[outside] = there
            if fresh:
                split[fresh] = frozenset(numbers)
            classes = split
        where: dict[frozenset[int], Slots] = defaultdict(int)
        for part, there in classes.items():
            where[there] |= part
        for there, part in where.items():
            if not any(there < other for other in where):
                yield part, there


class _Caps:
    """Caps as sets of periods, for one owner after the other."""

    def __init__(self) -> None:
        self.rows, self.sets, self.left = _Rows(), list[int](), list[int]()

    def add(self, opened: Sequence[Slots], caps: Sequence[Sequence[tuple[Slots, int]]]) -> None:
        """Add the caps of the next owner: a period counts where all its open slots lie within what the cap counts."""
        for row in caps:
            for slots, left in row:
                inside = sum(1 << k for k, mine in enumerate(opened) if mine and mine & ~slots == 0)
                if inside.bit_count() > left:
                    self.sets.append(inside)
                    self.left.append(left)
        self.rows.end(len(self.sets))
