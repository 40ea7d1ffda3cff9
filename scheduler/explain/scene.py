"""What explanations look at: a snapshot's availability, and a plan's visits, caps and crews left."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from scheduler.availability import Availability, Slots
from scheduler.capacity import CrewBalance, CrewTable, crew_use_of
from scheduler.caps import CapUse, PastVisits, cap_covers, past_visits
from scheduler.domain.calendar import Period, period_key
from scheduler.domain.places import Enterprise
from scheduler.domain.plans import PlanItem
from scheduler.domain.schedule import CrewShift, JointVisit, Schedule
from scheduler.domain.snapshot import PlanningSnapshot
from scheduler.explain.full_streets import StreetUse, street_uses
from scheduler.ledger import Ledger, VisitEntry, read_ledger
from scheduler.travel import leg_min


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedVisit:
    """A visit of the plan.

    Parameters
    ----------
    entry : the visit with the crews that come.
    slot : its slot as a set of one.
    slack : minutes by which an authority's crews could stay longer and still be in time for what they do next.
    """

    entry: VisitEntry
    slot: Slots
    slack: dict[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class FullCap:
    """A cap without a visit left in one period, and the slots that it closes."""

    use: CapUse
    slots: Slots


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """A snapshot and the visits of a plan; nothing in it changes but what is remembered of masks."""

    availability: Availability
    table: CrewTable
    balance: CrewBalance
    past: PastVisits
    visits: dict[str, list[PlannedVisit]]
    periods: dict[Period, list[tuple[tuple[int, int], Slots]]]
    pins: dict[str, Slots]
    street_uses: dict[str, StreetUse]

    @property
    def snapshot(self) -> PlanningSnapshot:
        """Return the snapshot."""
        return self.availability.snapshot

    def enterprise_of(self, item: PlanItem) -> Enterprise:
        """Return the item's enterprise."""
        return self.availability.enterprises[item.enterprise_id]

    def leg(self, enterprise: Enterprise) -> int:
        """Return the minutes between an enterprise and its street office."""
        street = self.availability.streets[enterprise.street_id]
        rules = self.snapshot.policy.travel
        return leg_min(rules, (street.lon, street.lat), (enterprise.lon, enterprise.lat))

    def bits(self, slots: Slots) -> Iterator[int]:
        """Yield the slots of a set, ascending."""
        while slots:
            low = slots & -slots
            yield low.bit_length() - 1
            slots ^= low

    def when(self, slot: int) -> tuple[int, str]:
        """Return the day number and the shift of a slot."""
        grid = self.availability.grid
        return grid.day_of(slot), self.snapshot.calendar.shifts[slot % grid.num_shifts].shift_id

    def spare(self, item: PlanItem, slot: int) -> int:
        """Return how many more crews of the item's authority could come to its street in a slot."""
        day, shift = self.when(slot)
        return self.balance.spare(item.authority_id, day, shift, self.enterprise_of(item).street_id)

    def reach(self, item: PlanItem, slot: int) -> int:
        """Return how many crews of the item's authority are at work for its street in a slot."""
        day, shift = self.when(slot)
        return self.table.reach(item.authority_id, self.enterprise_of(item).street_id, day, shift)

    def full_caps(self, item: PlanItem, visits: Iterable[PlannedVisit]) -> list[FullCap]:
        """Return the caps (R24, R25) that stop one more visit for the item; exempt items have none.

        Beside the past, the given visits of its enterprise count.
        """
        if item.cap_exempt:
            return []
        e, authority = self.enterprise_of(item), item.authority_id
        counted = [v for v in visits if v.entry.counted]
        doors = [v.entry.visit.day for v in counted]
        own = [v.entry.visit.day for v in counted if authority in v.entry.counted]
        old = self.past.doors.get(e.enterprise_id, ()), self.past.by_authority.get((authority, e.enterprise_id), ())
        out = []
        for cap in self.snapshot.policy.caps:
            for who, past, planned in ((None, old[0], doors), (authority, old[1], own)):
                if not cap_covers(cap, who, e.credit_class):
                    continue
                for key, slots in self.periods[cap.period]:
                    use = CapUse(
                        cap=cap,
                        enterprise_id=e.enterprise_id,
                        authority_id=who,
                        period=key,
                        past=tuple(sorted(d for d in past if period_key(d, cap.period) == key)),
                        planned=tuple(sorted(d for d in planned if period_key(d, cap.period) == key)),
                    )
                    if use.left == 0:
                        out.append(FullCap(use=use, slots=slots))
        return out


def set_scene(snapshot: PlanningSnapshot, visits: Iterable[JointVisit], crew_shifts: Iterable[CrewShift]) -> Scene:
    """Return the scene of a plan that keeps every rule about the visits it has."""
    availability, table = Availability(snapshot), CrewTable(snapshot)
    listed = tuple(crew_shifts)
    plan = Schedule(snapshot_digest="", visits=tuple(visits), crew_shifts=listed, unserved=())
    ledger = read_ledger(snapshot, plan)
    slack = _slack(ledger)
    shift_idx = {s.shift_id: n for n, s in enumerate(snapshot.calendar.shifts)}
    planned: dict[str, list[PlannedVisit]] = {}
    for entry in sorted(ledger.visits, key=lambda e: (e.visit.day, e.visit.start, e.visit.visit_id)):
        v = entry.visit
        slot = availability.grid.between(v.day, v.day) & availability.shift_slots(shift_idx[v.shift_id])
        row = PlannedVisit(entry=entry, slot=slot, slack=slack.get(v.visit_id, {}))
        planned.setdefault(v.enterprise_id, []).append(row)
    pins: dict[str, Slots] = {}
    for pin in snapshot.fixed_pins:
        pins[pin.enterprise_id] = pins.get(pin.enterprise_id, 0) | availability.pin_slots(pin)
    return Scene(
        availability=availability,
        table=table,
        balance=CrewBalance(table, crew_use_of(listed)),
        past=past_visits(snapshot.history),
        visits=planned,
        periods={p: availability.periods(p) for p in Period},
        pins=pins,
        street_uses=street_uses(availability, plan.visits),
    )


def _slack(ledger: Ledger) -> dict[str, dict[str, int]]:
    """Return by visit and authority the least slack of the crews that come."""
    out: dict[str, dict[str, int]] = {}
    for route in ledger.routes:
        if route.shift is None:
            continue
        # A later arrival at the next visit may use up all the waiting there, and the last leave that of the shift.
        waits = [after.stop.start - after.earliest for after in route.legs[1:]]
        waits.append(route.shift.end_min - route.back)
        for leg, wait in zip(route.legs, waits, strict=True):
            at_visit = out.setdefault(leg.stop.visit_id, {})
            authority = route.crew.authority_id
            at_visit[authority] = min(wait, at_visit.get(authority, wait))
    return out
