"""Availability: on which slots (date and shift) each rule lets an item be served.

A set of slots is a Python ``int`` used as a bit set: bit ``day_idx * num_shifts + shift_idx``. One mask for every
rule, so that the planner intersects them and an explanation can lift them one at a time.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from scheduler.caps import past_visits
from scheduler.domain.calendar import Calendar, Period, period_key
from scheduler.domain.people import OFFICERS_PER_CREW, WHOLE_CITY
from scheduler.domain.places import Enterprise, Street
from scheduler.domain.plans import Pin, PlanItem, Trigger
from scheduler.domain.policy import QuietScope
from scheduler.domain.snapshot import PlanningSnapshot
from scheduler.travel import leg_min

Slots = int
"""A set of slots as bits."""


@dataclass(frozen=True, slots=True)
class SlotGrid:
    """R01: the slots of a calendar: every inspection date by every shift, dates first."""

    calendar: Calendar

    @property
    def num_shifts(self) -> int:
        """Shifts of a date."""
        return len(self.calendar.shifts)

    @property
    def num_slots(self) -> int:
        """Slots of the horizon."""
        return len(self.calendar.days) * self.num_shifts

    @property
    def all(self) -> Slots:
        """Every slot."""
        return (1 << self.num_slots) - 1

    def between(self, first_day: int, last_day: int) -> Slots:
        """Return the slots of the inspection dates from first to last day, both inside."""
        days = self.calendar.days
        lo, hi = bisect_left(days, first_day), bisect_right(days, last_day)
        if hi <= lo:
            return 0
        return ((1 << (hi - lo) * self.num_shifts) - 1) << lo * self.num_shifts

    def of_shift(self, shift_idx: int) -> Slots:
        """Return the slots of one shift on every date."""
        mask = 0
        for slot in range(shift_idx, self.num_slots, self.num_shifts):
            mask |= 1 << slot
        return mask

    def day_of(self, slot: int) -> int:
        """Return the day number of a slot."""
        return self.calendar.days[slot // self.num_shifts]

    def days_of(self, slots: Slots) -> list[int]:
        """Return the day numbers with at least one slot of the set, ascending."""
        one_day = (1 << self.num_shifts) - 1
        return [d for i, d in enumerate(self.calendar.days) if slots >> i * self.num_shifts & one_day]


@dataclass(slots=True)
class Availability:
    """Masks of one snapshot, worked out when first asked for and then kept.

    The rules are those of ``docs/model.md``; each method names the one that it answers for.
    """

    snapshot: PlanningSnapshot
    grid: SlotGrid = field(init=False)
    streets: dict[str, Street] = field(init=False)
    enterprises: dict[str, Enterprise] = field(init=False)
    _crew_counts: dict[tuple[str, str], list[int]] = field(init=False, default_factory=dict)
    _crew_masks: dict[tuple[str, str, int], Slots] = field(init=False, default_factory=dict)
    _quiet: dict[tuple[str, Trigger], Slots] = field(init=False, default_factory=dict)
    _weekday: dict[int, Slots] = field(init=False, default_factory=dict)
    _shift_masks: list[Slots] = field(init=False)
    _quiet_by: dict[tuple[QuietScope, str | None], list[tuple[Slots, tuple[Trigger, ...]]]] = field(init=False)
    _past_doors: Mapping[str, Sequence[int]] | None = field(init=False, default=None)

    def __post_init__(self) -> None:
        s = self.snapshot
        self.grid = SlotGrid(s.calendar)
        self.streets = {r.street_id: r for r in s.streets}
        self.enterprises = {r.enterprise_id: r for r in s.enterprises}
        self._shift_masks = [self.grid.of_shift(h) for h in range(self.grid.num_shifts)]
        one_day = (1 << self.grid.num_shifts) - 1
        for i, day in enumerate(s.calendar.days):
            weekday = date.fromordinal(day).isoweekday()
            self._weekday[weekday] = self._weekday.get(weekday, 0) | one_day << i * self.grid.num_shifts
        self._quiet_by = {}
        for q in s.policy.quiet_periods:
            mask = 0
            for i, day in enumerate(s.calendar.days):
                if q.holds_on(day):
                    mask |= one_day << i * self.grid.num_shifts
            self._quiet_by.setdefault((q.scope, q.target), []).append((mask, q.exempt_triggers))
        self._add_pools()

    def _add_pools(self) -> None:
        shifts, days = self.snapshot.calendar.shifts, self.snapshot.calendar.days
        for pool in self.snapshot.crew_pools:
            counts = self._crew_counts.setdefault((pool.authority_id, pool.area_id), [0] * self.grid.num_slots)
            slot = 0
            for day in days:
                for shift in shifts:
                    if pool.holds_on(day, shift.shift_id):
                        counts[slot] += pool.crews
                    slot += 1

    def crews_in(self, authority_id: str, area_id: str) -> list[int] | None:
        """Return the crews of an authority's pool of one area by slot, ``None`` without such a pool."""
        return self._crew_counts.get((authority_id, area_id))

    def window(self, item: PlanItem) -> Slots:
        """R03: slots between the item's earliest and latest date."""
        return self.grid.between(item.earliest, item.latest)

    def open(self, enterprise: Enterprise) -> Slots:
        """R04: slots of dates on which the enterprise is not closed."""
        shut = 0
        for weekday in enterprise.closed_weekdays:
            shut |= self._weekday.get(weekday, 0)
        for day in enterprise.closed_days:
            shut |= self.grid.between(day, day)
        return self.grid.all & ~shut

    def not_quiet(self, enterprise: Enterprise, trigger: Trigger) -> Slots:
        """R05: slots outside the quiet periods that stop this trigger at the enterprise."""
        key = enterprise.enterprise_id, trigger
        if key in self._quiet:
            return self._quiet[key]
        quiet = 0
        if self._quiet_by:
            for scope, target in (
                (QuietScope.ALL, None),
                (QuietScope.STREET, enterprise.street_id),
                (QuietScope.ENTERPRISE, enterprise.enterprise_id),
                (QuietScope.INDUSTRY, enterprise.industry),
                (QuietScope.CREDIT_CLASS, enterprise.credit_class),
            ):
                if target is None and scope is not QuietScope.ALL:
                    continue
                for mask, exempt in self._quiet_by.get((scope, target), ()):
                    if trigger not in exempt:
                        quiet |= mask
        self._quiet[key] = self.grid.all & ~quiet
        return self._quiet[key]

    def crewed(self, authority_id: str, street_id: str, crews: int) -> Slots:
        """Slots on which the pools that serve the street hold so many crews of the authority."""
        key = authority_id, street_id, crews
        if key not in self._crew_masks:
            areas = street_id, self.streets[street_id].district_id, WHOLE_CITY
            pools = [c for a in dict.fromkeys(areas) if (c := self.crews_in(authority_id, a)) is not None]
            mask = 0
            for slot in range(self.grid.num_slots) if pools else ():
                if sum(c[slot] for c in pools) >= crews:
                    mask |= 1 << slot
            self._crew_masks[key] = mask
        return self._crew_masks[key]

    def room_min(self, enterprise: Enterprise, *, with_hours: bool = True) -> tuple[int, ...]:
        """Return for every shift the longest part in minutes that fits between the legs (and opening hours)."""
        street = self.streets[enterprise.street_id]
        leg = leg_min(self.snapshot.policy.travel, (street.lon, street.lat), (enterprise.lon, enterprise.lat))
        rooms = []
        for shift in self.snapshot.calendar.shifts:
            lo, hi = shift.start_min + leg, shift.end_min - leg
            if with_hours and enterprise.open_from is not None:
                lo = max(lo, enterprise.open_from)
            if with_hours and enterprise.open_to is not None:
                hi = min(hi, enterprise.open_to)
            rooms.append(hi - lo)
        return tuple(rooms)

    def fits(self, rooms: tuple[int, ...], part_min: int) -> Slots:
        """Slots of the shifts whose room (see :meth:`room_min`) holds a part."""
        mask = 0
        for room, shift_mask in zip(rooms, self._shift_masks, strict=True):
            if room >= part_min:
                mask |= shift_mask
        return mask

    def shift_slots(self, shift_idx: int) -> Slots:
        """Slots of one shift on every date."""
        return self._shift_masks[shift_idx]

    def pin_slots(self, pin: Pin) -> Slots:
        """Slots that keep a pin (R26)."""
        slots = self.grid.between(pin.day, pin.day)
        if pin.shift_id is not None:
            names = [s.shift_id for s in self.snapshot.calendar.shifts]
            slots &= self._shift_masks[names.index(pin.shift_id)]
        return slots

    def pinned_slots(self) -> dict[str, list[Slots]]:
        """Return by enterprise the sets of slots that each want a visit (R26).

        A pin on a date is kept by the visit of a pin on a shift of that date, so only the narrower of them stands.
        """
        pins: dict[str, list[Slots]] = {}
        for pin in self.snapshot.fixed_pins:
            pins.setdefault(pin.enterprise_id, []).append(self.pin_slots(pin))
        narrow: dict[str, list[Slots]] = {}
        for enterprise_id, sets in pins.items():
            distinct = sorted(set(sets))
            narrow[enterprise_id] = [s for s in distinct if not any(o != s and o & ~s == 0 for o in distinct)]
        return narrow

    def part_min(self, duration_min: int) -> int:
        """Return the minutes of a part with so many minutes of items."""
        return self.snapshot.policy.visit.overhead_min + duration_min

    def alone_on_site(self, item: PlanItem) -> bool:
        """Say whether the item alone keeps the limits of officers on site and of the visit's length."""
        visit = self.snapshot.policy.visit
        if visit.max_officers is not None and OFFICERS_PER_CREW * item.crews > visit.max_officers:
            return False
        return visit.max_visit_min is None or self.part_min(item.duration_min) <= visit.max_visit_min

    def far_from_past(self, item: PlanItem) -> Slots:
        """R31: slots far enough from past visits of the enterprise for an item that counts."""
        gap = self.snapshot.policy.visit.min_gap_days
        if gap <= 0 or item.cap_exempt:
            return self.grid.all
        if self._past_doors is None:
            self._past_doors = past_visits(self.snapshot.history).doors
        return self.far_from(self._past_doors.get(item.enterprise_id, ()), gap)

    def far_from(self, days: Iterable[int], gap: int) -> Slots:
        """Return the slots of dates at least so many days from all of these."""
        near = 0
        for day in days:
            near |= self.grid.between(day - gap + 1, day + gap - 1)
        return self.grid.all & ~near

    def alone(self, item: PlanItem) -> Slots:
        """Slots on which the item could be served if nothing else were planned (frequency caps aside)."""
        if not self.alone_on_site(item):
            return 0
        e = self.enterprises[item.enterprise_id]
        slots = self.window(item)
        if slots:
            slots &= self.open(e) & self.not_quiet(e, item.trigger) & self.far_from_past(item)
        if slots:
            slots &= self.crewed(item.authority_id, e.street_id, item.crews)
        if slots:
            slots &= self.fits(self.room_min(e), self.part_min(item.duration_min))
        return slots

    def periods(self, period: Period) -> list[tuple[tuple[int, int], Slots]]:
        """Return the calendar periods that the horizon touches with their slots, in order of time."""
        out: dict[tuple[int, int], Slots] = {}
        one_day = (1 << self.grid.num_shifts) - 1
        for i, day in enumerate(self.snapshot.calendar.days):
            key = period_key(day, period)
            out[key] = out.get(key, 0) | one_day << i * self.grid.num_shifts
        return sorted(out.items())


@dataclass(frozen=True, slots=True, kw_only=True)
class CapRow:
    """A frequency cap at one enterprise: what is left of it in each period after history.

    Parameters
    ----------
    authority_id : whose visits it counts; ``None`` for doors by all authorities together.
    left : (slots of the period, visits left) for every period of the horizon.
    """

    authority_id: str | None
    period: Period
    left: tuple[tuple[Slots, int], ...]


@dataclass(slots=True)
class CapBook:
    """What history leaves of every frequency cap, by enterprise."""

    availability: Availability
    _doors: dict[str, list[int]] = field(init=False, default_factory=dict)
    _visits: dict[tuple[str, str], list[int]] = field(init=False, default_factory=dict)
    _periods: dict[Period, list[tuple[tuple[int, int], Slots]]] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        s = self.availability.snapshot
        self._periods = {p: self.availability.periods(p) for p in Period}
        seen: set[object] = set()
        for h in s.history:
            if h.cap_exempt:
                continue
            door = h.enterprise_id, h.visit_id or h.day
            if door not in seen:
                seen.add(door)
                self._doors.setdefault(h.enterprise_id, []).append(h.day)
            if (door, h.authority_id) not in seen:
                seen.add((door, h.authority_id))
                self._visits.setdefault((h.authority_id, h.enterprise_id), []).append(h.day)

    def history_days(self, enterprise_id: str, authority_id: str | None) -> tuple[int, ...]:
        """Return the days in history that count, of doors or of one authority's visits, ascending."""
        if authority_id is None:
            return tuple(sorted(self._doors.get(enterprise_id, ())))
        return tuple(sorted(self._visits.get((authority_id, enterprise_id), ())))

    def rows(self, enterprise: Enterprise, authority_ids: tuple[str, ...]) -> list[CapRow]:
        """Return the caps that hold at the enterprise for its doors and for these authorities."""
        out = []
        for cap in self.availability.snapshot.policy.caps:
            if cap.credit_class not in ("*", enterprise.credit_class):
                continue
            who: tuple[str | None, ...] = (None,)
            if cap.scope == "authority":
                who = tuple(a for a in authority_ids if cap.authority in ("*", a))
            for authority_id in who:
                done: dict[tuple[int, int], int] = {}
                for day in self.history_days(enterprise.enterprise_id, authority_id):
                    key = period_key(day, cap.period)
                    done[key] = done.get(key, 0) + 1
                left = tuple((m, max(0, cap.max_visits - done.get(k, 0))) for k, m in self._periods[cap.period])
                out.append(CapRow(authority_id=authority_id, period=cap.period, left=left))
        return out
