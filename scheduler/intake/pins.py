"""Contradictory pins: those that no plan could keep, each placed at its row."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from scheduler.availability import Availability, CapBook, Slots
from scheduler.domain.calendar import Period, period_key
from scheduler.domain.plans import PlanItem
from scheduler.domain.snapshot import PlanningSnapshot
from scheduler.errors import Problem
from scheduler.intake.config import ConfigRead
from scheduler.intake.references import Tables
from scheduler.intake.typed import TypedTable, positions


@dataclass(frozen=True, slots=True, kw_only=True)
class _Demand:
    """A visit that a pin asks for: its row, street and slots, and the items that the visit could serve."""

    position: int
    street_id: str
    slots: Slots
    items: tuple[PlanItem, ...]


def check_pin_dates(tables: Tables, config: ConfigRead | None) -> list[Problem]:
    """Return the pins on dates without inspections."""
    calendar = config.calendar if config else None
    if calendar is None:
        return []
    found: list[Problem] = []
    for name in ("pins", "preferred_pins"):
        pins = tables.get(name)
        if pins is not None and pins.has("date"):
            days = pins["date"]
            wrong = ~np.isnan(days) & ~np.isin(days, np.array(calendar.days, dtype=np.float64))
            found += [pins.problem("pin_outside_calendar", i, "date") for i in positions(wrong)]
    return found


def check_pins(pins: TypedTable, snapshot: PlanningSnapshot) -> list[Problem]:
    """Return the fixed pins that no plan could keep: no item for them, closed or quiet, too few crews, caps used up,
    streets full.

    Parameters
    ----------
    pins : the table from which the snapshot's pins come, without errors.
    """
    pinned = set(pins["enterprise_id"])
    own = [i for i in snapshot.items if i.enterprise_id in pinned]
    few = replace(snapshot, items=tuple(own))
    availability = Availability(few)
    caps = CapBook(availability)
    items: dict[str, list[PlanItem]] = defaultdict(list)
    for item in own:
        items[item.enterprise_id].append(item)
    rows: dict[str, list[int]] = defaultdict(list)
    for i, enterprise_id in enumerate(pins["enterprise_id"]):
        rows[enterprise_id].append(i)
    found: list[Problem] = []
    everywhere: list[_Demand] = []
    for enterprise_id, of_enterprise in rows.items():
        demands = []
        street_id = availability.enterprises[enterprise_id].street_id
        for position, slots in _visits_asked(pins, of_enterprise, availability):
            faults, served = _items_for(slots, items[enterprise_id], availability)
            if faults:
                found.append(pins.problem(faults, position, "date"))
            else:
                demands.append(_Demand(position=position, street_id=street_id, slots=slots, items=served))
        found += _too_few_items(pins, demands)
        found += _caps_broken(pins, demands, enterprise_id, availability, caps)
        found += _too_near(pins, demands, availability)
        everywhere += demands
    found += _full_streets(pins, everywhere, availability)
    return found


def _visits_asked(
    pins: TypedTable, of_enterprise: Sequence[int], availability: Availability
) -> Iterable[tuple[int, Slots]]:
    """Return (row, slots) for every visit asked for: a pin without a shift is kept by one of its date with one."""
    shifts = [s.shift_id for s in availability.snapshot.calendar.shifts]
    asked: dict[tuple[int, str], int] = {}
    for i in of_enterprise:
        shift = pins["shift_id"][i] if pins.has("shift_id") else ""
        asked.setdefault((int(pins["date"][i]), shift), i)
    with_shift = {day for day, shift in asked if shift}
    for (day, shift), i in asked.items():
        slots = availability.grid.between(day, day)
        if shift:
            yield i, slots & availability.grid.of_shift(shifts.index(shift))
        elif day not in with_shift:
            yield i, slots


def _items_for(
    slots: Slots, items: Sequence[PlanItem], availability: Availability
) -> tuple[str | None, tuple[PlanItem, ...]]:
    """Return (code, no items) when nothing can be served in the slots, else (None, the items)."""
    in_window = [i for i in items if availability.window(i) & slots]
    if not in_window:
        return "pin_without_item", ()
    enterprise = availability.enterprises[in_window[0].enterprise_id]
    opened = availability.open(enterprise) & slots
    awake = [i for i in in_window if opened & availability.not_quiet(enterprise, i.trigger)]
    if not awake:
        return "pin_closed", ()
    possible = tuple(i for i in awake if availability.alone(i) & slots)
    return ("pin_not_possible", ()) if not possible else (None, possible)


def _too_few_items(pins: TypedTable, demands: Sequence[_Demand]) -> Iterable[Problem]:
    """Report the visits left without an item when every visit takes one of its own (bipartite matching)."""
    taken: dict[str, int] = {}

    def find(visit: int, tried: set[str]) -> bool:
        for item in demands[visit].items:
            if item.item_id in tried:
                continue
            tried.add(item.item_id)
            holder = taken.get(item.item_id)
            if holder is None or find(holder, tried):
                taken[item.item_id] = visit
                return True
        return False

    for visit, demand in enumerate(demands):
        if not find(visit, set()):
            yield pins.problem("pin_without_item", demand.position, "date")


def _caps_broken(
    pins: TypedTable,
    demands: Sequence[_Demand],
    enterprise_id: str,
    availability: Availability,
    caps: CapBook,
) -> Iterable[Problem]:
    """Report the visits beyond a cap on doors, and those whose items all are of authorities with a cap used up."""
    enterprise = availability.enterprises[enterprise_id]
    counted = [d for d in demands if not any(i.cap_exempt for i in d.items)]
    if not counted:
        return
    authorities = tuple(sorted({i.authority_id for d in counted for i in d.items}))
    broken: set[int] = set()
    used_up: Mapping[int, set[str]] = {d.position: set() for d in counted}
    for row in caps.rows(enterprise, authorities):
        for period, left in row.left:
            inside = [d for d in counted if d.slots & period]
            if row.authority_id is None:
                broken.update(d.position for d in inside[left:])
            elif left == 0:
                for d in inside:
                    used_up[d.position].add(row.authority_id)
    for d in counted:
        if d.position in broken or {i.authority_id for i in d.items} <= used_up[d.position]:
            yield pins.problem("pin_breaks_cap", d.position, "date")


def _too_near(pins: TypedTable, demands: Sequence[_Demand], availability: Availability) -> Iterable[Problem]:
    """R31: report the visits fewer days after another pinned one than the least gap, where all their items count."""
    gap, grid = availability.snapshot.policy.visit.min_gap_days, availability.grid
    counted = [d for d in demands if not any(i.cap_exempt for i in d.items)]
    last: int | None = None
    for d in sorted(counted, key=lambda d: grid.days_of(d.slots)[0]):
        day = grid.days_of(d.slots)[0]
        if last is not None and day - last < gap:
            yield pins.problem("pin_breaks_gap", d.position, "date", gap=gap)
        else:
            last = day


def _full_streets(pins: TypedTable, demands: Sequence[_Demand], availability: Availability) -> Iterable[Problem]:
    """Report the visits beyond the limits of their street: of a shift, of all shifts of a date, of a month's dates."""
    limits, grid = availability.snapshot.policy.street, availability.grid
    beyond: dict[int, tuple[_Demand, str, int]] = {}
    if limits.max_visits is not None:
        in_slots: dict[tuple[str, Slots], list[_Demand]] = defaultdict(list)
        for d in demands:
            day = grid.days_of(d.slots)[0]
            for slots in {d.slots, grid.between(day, day)}:
                in_slots[d.street_id, slots].append(d)
        for (_, slots), here in in_slots.items():
            late = here[limits.max_visits * slots.bit_count() :]
            beyond |= {d.position: (d, "max_visits", limits.max_visits) for d in late}
    if limits.max_days is not None:
        by_month: dict[tuple[str, tuple[int, int]], list[_Demand]] = defaultdict(list)
        for d in demands:
            by_month[d.street_id, period_key(grid.days_of(d.slots)[0], Period.MONTH)].append(d)
        for here in by_month.values():
            days = sorted({grid.days_of(d.slots)[0] for d in here})[: limits.max_days]
            late = [d for d in here if grid.days_of(d.slots)[0] not in days]
            beyond |= {d.position: (d, "max_days", limits.max_days) for d in late}
    for position, (d, key, limit) in sorted(beyond.items()):
        yield pins.problem("pin_breaks_street_limit", position, "date", street=d.street_id, key=key, limit=limit)
