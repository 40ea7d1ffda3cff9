"""What moves look up in a snapshot and a schedule, built once and never changed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from copy import copy
from dataclasses import dataclass, field

from scheduler.availability import Availability
from scheduler.capacity import CrewBalance, CrewTable
from scheduler.domain.calendar import Shift
from scheduler.domain.people import CrewPool
from scheduler.domain.plans import PastInspection, Pin, PlanItem
from scheduler.domain.schedule import CrewShift, JointVisit, Schedule
from scheduler.domain.snapshot import PlanningSnapshot
from scheduler.explain.facts import clock, iso
from scheduler.moves import errors
from scheduler.moves.errors import BadMove

StreetShift = tuple[str, int, str]
"""(street, day, shift)."""


@dataclass(slots=True)
class MoveIndex:
    """A snapshot and a schedule with the lookups of moves; neither changes while the index is in use.

    Lists are by street shift, by (day, shift), by (street, day) or by enterprise, in the order of the schedule.
    """

    snapshot: PlanningSnapshot
    schedule: Schedule
    availability: Availability = field(init=False)
    crews_at_work: CrewTable = field(init=False)
    shifts: dict[str, Shift] = field(init=False)
    items: dict[str, PlanItem] = field(init=False)
    visits: dict[str, JointVisit] = field(init=False)
    crew_ids: frozenset[str] = field(init=False)
    visits_of_enterprise: dict[str, list[JointVisit]] = field(init=False)
    visits_of_street: dict[str, list[JointVisit]] = field(init=False)
    visits_in: dict[StreetShift, list[JointVisit]] = field(init=False)
    crews_in: dict[StreetShift, list[CrewShift]] = field(init=False)
    crews_on: dict[tuple[int, str], list[CrewShift]] = field(init=False)
    pools: dict[str, list[CrewPool]] = field(init=False)
    pins: dict[str, list[Pin]] = field(init=False)
    history: dict[str, list[PastInspection]] = field(init=False)
    weights: dict[str, int] = field(init=False)

    def __post_init__(self) -> None:
        s = self.snapshot
        self.availability = Availability(s)
        self.crews_at_work = CrewTable(s)
        self.shifts = {h.shift_id: h for h in s.calendar.shifts}
        self.items = {i.item_id: i for i in s.items}
        self.weights = dict(s.policy.priority_weights)
        self.visits = {v.visit_id: v for v in self.schedule.visits}
        self.crew_ids = frozenset(c.crew_id for c in self.schedule.crew_shifts)
        self.visits_of_enterprise = defaultdict(list)
        self.visits_of_street, self.visits_in = defaultdict(list), defaultdict(list)
        for v in self.schedule.visits:
            self.visits_of_enterprise[v.enterprise_id].append(v)
            self.visits_of_street[v.street_id].append(v)
            self.visits_in[v.street_id, v.day, v.shift_id].append(v)
        self.crews_in, self.crews_on = defaultdict(list), defaultdict(list)
        for c in self.schedule.crew_shifts:
            self.crews_in[c.street_id, c.day, c.shift_id].append(c)
            self.crews_on[c.day, c.shift_id].append(c)
        self.pools, self.pins, self.history = defaultdict(list), defaultdict(list), defaultdict(list)
        for pool in s.crew_pools:
            self.pools[pool.authority_id].append(pool)
        for pin in s.pins:
            self.pins[pin.enterprise_id].append(pin)
        for past in s.history:
            self.history[past.enterprise_id].append(past)

    def visit(self, visit_id: str) -> JointVisit:
        """Return the visit of an id, or the one visit of the enterprise of that id.

        Raises
        ------
        BadMove : there is none, or the enterprise has several.
        """
        found = self.visits.get(visit_id)
        if found is not None:
            return found
        at_enterprise = self.visits_of_enterprise.get(visit_id, [])
        if len(at_enterprise) > 1:
            listed = ", ".join(f"{v.visit_id} ({iso(v.day)} {v.shift_id})" for v in at_enterprise)
            raise BadMove(errors.SEVERAL_VISITS, id=visit_id, found=listed)
        if not at_enterprise:
            known = visit_id in self.availability.enterprises
            raise BadMove(errors.NO_VISIT if known else errors.UNKNOWN_VISIT, id=visit_id)
        return at_enterprise[0]

    def items_kept(self, visit: JointVisit, without: Iterable[str]) -> list[PlanItem]:
        """Return the items of a visit but those that it is to lose.

        Raises
        ------
        BadMove : an item is not of the visit, or none would be left.
        """
        lost = set(without)
        for item_id in sorted(lost.difference(visit.item_ids)):
            raise BadMove(errors.NOT_OF_VISIT, id=item_id, visit=visit.visit_id)
        kept = [self.items[i] for i in visit.item_ids if i not in lost]
        if not kept:
            raise BadMove(errors.NOTHING_LEFT, visit=visit.visit_id)
        return kept

    def released(self, visit: JointVisit) -> MoveIndex:
        """Return the index without the pins that hold a visit where it is (R26), which may then leave."""
        pins = self.pins.get(visit.enterprise_id, [])
        left = [p for p in pins if not p.holds(visit.enterprise_id, visit.day, visit.shift_id)]
        if len(left) == len(pins):
            return self
        other = copy(self)
        other.pins = defaultdict(list, {**self.pins, visit.enterprise_id: left})
        return other

    def shift(self, day: int, shift_id: str, start: int | None = None) -> Shift:
        """Return a shift, when the day is in the horizon and the start in the shift.

        Raises
        ------
        BadMove : it is not so.
        """
        calendar = self.snapshot.calendar
        if not calendar.start <= day <= calendar.end:
            raise BadMove(errors.OUTSIDE_HORIZON, day=iso(day), first=iso(calendar.start), last=iso(calendar.end))
        shift = self.shifts.get(shift_id)
        if shift is None:
            raise BadMove(errors.UNKNOWN_SHIFT, id=shift_id, known=", ".join(self.shifts))
        if start is not None and not shift.start_min <= start < shift.end_min:
            raise BadMove(
                errors.START_OUTSIDE,
                start=clock(start),
                shift=shift_id,
                first=clock(shift.start_min),
                last=clock(shift.end_min),
            )
        return shift

    def spare(self, authority_id: str, where: StreetShift, crews: list[CrewShift], without: int) -> int:
        """R23: return how many more crews an authority could send when `without` of these of the street stay away.

        Parameters
        ----------
        crews : all crew shifts of the date and shift.
        """
        street_id, day, shift_id = where
        use: dict[tuple[str, int, str, str], int] = defaultdict(int)
        for c in crews:
            if c.authority_id == authority_id and c.street_id in self.availability.streets:
                use[authority_id, day, shift_id, c.street_id] += 1
        use[authority_id, day, shift_id, street_id] -= without
        return CrewBalance(self.crews_at_work, use).spare(authority_id, day, shift_id, street_id)
