"""Exhaustive search for tiny cases: what the exact merge and the whole plan are measured against.

Nothing here uses the solver, the planner's availability masks or its caps; legs, pools and caps are read from the
domain and counted anew. Times are tried on a grid of :func:`time_step` minutes: all times of a plan are bound by
differences, all of them multiples of the step, so where a plan exists one on the grid does too.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import pairwise, product
from math import gcd

from scheduler.caps import cap_uses, past_visits
from scheduler.domain.calendar import Shift
from scheduler.domain.places import Enterprise, Street
from scheduler.domain.plans import PlanItem
from scheduler.domain.schedule import TERMS
from scheduler.domain.snapshot import PlanningSnapshot
from scheduler.travel import leg_min
from solver.merge.problem import MergeItem, MergeProblem

# --- merge of one enterprise ---------------------------------------------------------------------------------------


def merge_by_doors(problem: MergeProblem) -> tuple[int, ...]:
    """Return the greatest served weight with at most k visits, up to the fewest that reach the greatest at all."""
    slots = [s for s in range(64) if any(mask >> s & 1 for _, mask in problem.rooms)]
    best = [0] * (len(problem.items) + 1)

    def extend(i: int, doors: tuple[tuple[int, tuple[int, ...]], ...]) -> None:
        if i == len(problem.items):
            if _caps_hold(problem, doors):
                weight = sum(problem.items[j].weight for _, items in doors for j in items)
                best[len(doors)] = max(best[len(doors)], weight)
            return
        extend(i + 1, doors)
        for n, (slot, items) in enumerate(doors):
            if may_share(problem, (*items, i), slot):
                extend(i + 1, (*doors[:n], (slot, (*items, i)), *doors[n + 1 :]))
        for slot in slots:
            if may_share(problem, (i,), slot):
                extend(i + 1, (*doors, (slot, (i,))))

    extend(0, ())
    table = [max(best[: k + 1]) for k in range(len(best))]
    return tuple(table[: table.index(table[-1]) + 1])


def may_share(problem: MergeProblem, items: tuple[int, ...], slot: int) -> bool:
    """Say whether items may share a visit on a slot, caps aside."""
    rows = [problem.items[i] for i in items]
    room = next(room for room, mask in problem.rooms if mask >> slot & 1)
    longest = room if problem.max_part is None else min(room, problem.max_part)
    by_authority: dict[int, list[MergeItem]] = {}
    for row in rows:
        by_authority.setdefault(row.authority, []).append(row)
    crews = sum(max(r.crews for r in own) for own in by_authority.values())
    return (
        all(r.slots >> slot & 1 for r in rows)
        and len({r.notice for r in rows}) == 1
        and all(problem.overhead + sum(r.duration for r in own) <= longest for own in by_authority.values())
        and (problem.max_crews is None or crews <= problem.max_crews)
        and (problem.max_authorities is None or len(by_authority) <= problem.max_authorities)
    )


def _caps_hold(problem: MergeProblem, doors: tuple[tuple[int, tuple[int, ...]], ...]) -> bool:
    for cap in problem.caps:
        for mask, left in cap.left:
            counted = sum(
                any(not problem.items[i].exempt and cap.authority in (None, problem.items[i].authority) for i in items)
                for slot, items in doors
                if mask >> slot & 1
            )
            if counted > left:
                return False
    return True


# --- the whole plan ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Optimum:
    """The best terms of any plan in tier order."""

    unserved_weight: int
    doors: int
    crew_shifts: int
    joint_days: int
    travel_min: int

    @property
    def terms(self) -> tuple[int, int, int, int, int]:
        """Return the five terms."""
        return self.unserved_weight, self.doors, self.crew_shifts, self.joint_days, self.travel_min


@dataclass(frozen=True, slots=True, order=True)
class Door:
    """A visit without its times: enterprise, day, index of the shift, items by id."""

    enterprise_id: str
    day: int
    shift_idx: int
    item_ids: tuple[str, ...]


Crews = tuple[tuple[str, int], ...]
"""(authority, crew shifts) of one street shift, sorted."""

Call = tuple[str, int, int, int, int]
"""Enterprise, minutes, crews, first and last start of one authority's part at a visit."""


def best_plan(snapshot: PlanningSnapshot) -> Optimum | None:
    """Return the best terms of any plan that keeps every rule; ``None`` when the pins cannot be kept together."""
    search = _Search(snapshot)
    tiers = [TERMS.index(name) for name in snapshot.policy.tiers]
    best: Optimum | None = None
    for loss, doors in sorted(search.sets_of_doors(), key=lambda found: (found[0], len(found[1]), found[1])):
        worse = best is not None and tiers[1] == 1 and len(doors) > best.doors
        if best is not None and (loss > best.unserved_weight or worse):
            break
        cost = search.crews_and_travel(doors)
        if cost is None:
            continue
        days = len({(search.enterprises[d.enterprise_id].street_id, d.day) for d in doors})
        found = Optimum(
            unserved_weight=loss, doors=len(doors), crew_shifts=cost[0], joint_days=days, travel_min=cost[1]
        )
        if best is None or [found.terms[t] for t in tiers] < [best.terms[t] for t in tiers]:
            best = found
    return best


def time_step(snapshot: PlanningSnapshot) -> int:
    """Return the greatest common divisor of all times, durations and legs, counted from the first shift's start."""
    visit, calendar = snapshot.policy.visit, snapshot.calendar
    origin = calendar.shifts[0].start_min
    times = [t - origin for s in calendar.shifts for t in (s.start_min, s.end_min)]
    for e in snapshot.enterprises:
        times += [t - origin for t in (e.open_from, e.open_to) if t is not None]
    times += [visit.overhead_min, visit.stretch_min, visit.max_visit_min or 0, snapshot.policy.travel.buffer_min]
    times += [i.duration_min for i in snapshot.items]
    for street in snapshot.streets:
        own = [e for e in snapshot.enterprises if e.street_id == street.street_id]
        places = [(r.lon, r.lat) for r in (street, *own)]
        times += [leg_min(snapshot.policy.travel, a, b) for a in places for b in places]
    return gcd(*times)


@dataclass(slots=True)
class _Search:
    snapshot: PlanningSnapshot
    enterprises: dict[str, Enterprise] = field(init=False)
    streets: dict[str, Street] = field(init=False)
    items: dict[str, PlanItem] = field(init=False)
    step: int = field(init=False)
    _known: dict[tuple[str, int, tuple[tuple[str, tuple[str, ...]], ...]], dict[Crews, int]] = field(
        init=False, default_factory=dict
    )

    _rounds_known: dict[tuple[str, str, tuple[Call, ...]], dict[int, int]] = field(init=False, default_factory=dict)

    _legs: dict[tuple[str, str], int] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        s = self.snapshot
        self.enterprises = {e.enterprise_id: e for e in s.enterprises}
        self.streets = {r.street_id: r for r in s.streets}
        self.items = {i.item_id: i for i in s.items}
        self.step = time_step(s)

    # doors

    def sets_of_doors(self) -> list[tuple[int, tuple[Door, ...]]]:
        """Return (weight left out, doors) of every choice of visits that keep caps, pins, limits of streets."""
        weights = dict(self.snapshot.policy.priority_weights)
        everything = sum(weights[i.priority] for i in self.snapshot.items)
        choices = []
        for enterprise_id in sorted({i.enterprise_id for i in self.snapshot.items}):
            own = [i for i in self.snapshot.items if i.enterprise_id == enterprise_id]
            found = {tuple(sorted(c)) for c in self._doors_of(self.enterprises[enterprise_id], own)}
            choices.append([c for c in sorted(found) if self._caps_hold(enterprise_id, c)])
        out = []
        for choice in product(*choices):
            doors = tuple(d for c in choice for d in c)
            if self._pins_hold(doors) and self._streets_hold(doors):
                served = sum(weights[self.items[i].priority] for d in doors for i in d.item_ids)
                out.append((everything - served, doors))
        return out

    def _doors_of(self, e: Enterprise, items: list[PlanItem]) -> Iterator[tuple[Door, ...]]:
        if not items:
            yield ()
            return
        item, calendar = items[0], self.snapshot.calendar
        for doors in self._doors_of(e, items[1:]):
            yield doors
            for n, d in enumerate(doors):
                joined = Door(d.enterprise_id, d.day, d.shift_idx, tuple(sorted((*d.item_ids, item.item_id))))
                if self._may_be_on(item, e, d.day) and self._may_share(joined):
                    yield (*doors[:n], joined, *doors[n + 1 :])
            for day in calendar.days:
                for h in range(len(calendar.shifts)):
                    alone = Door(e.enterprise_id, day, h, (item.item_id,))
                    if self._may_be_on(item, e, day) and self._may_share(alone):
                        yield (*doors, alone)

    def _may_be_on(self, item: PlanItem, e: Enterprise, day: int) -> bool:
        if not item.earliest <= day <= item.latest or day in e.closed_days:
            return False
        if (day - 1) % 7 + 1 in e.closed_weekdays:  # day 1 of the ordinals is a Monday
            return False
        of_scope = {
            "all": None,
            "street": e.street_id,
            "enterprise": e.enterprise_id,
            "industry": e.industry,
            "credit_class": e.credit_class,
        }
        return not any(
            q.holds_on(day)
            and item.trigger not in q.exempt_triggers
            and (q.scope == "all" or (q.target is not None and q.target == of_scope[q.scope]))
            for q in self.snapshot.policy.quiet_periods
        )

    def parts(self, item_ids: tuple[str, ...]) -> dict[str, tuple[int, int]]:
        """Return (minutes, crews) by authority."""
        out: dict[str, tuple[int, int]] = {}
        for i in item_ids:
            item = self.items[i]
            minutes, crews = out.get(item.authority_id, (self.snapshot.policy.visit.overhead_min, 0))
            out[item.authority_id] = minutes + item.duration_min, max(crews, item.crews)
        return out

    def _may_share(self, door: Door) -> bool:
        visit, parts = self.snapshot.policy.visit, self.parts(door.item_ids)
        crews = sum(n for _, n in parts.values())
        return (
            len({self.items[i].notice for i in door.item_ids}) == 1
            and (visit.max_officers is None or 2 * crews <= visit.max_officers)
            and (visit.max_authorities is None or len(parts) <= visit.max_authorities)
            and (visit.max_visit_min is None or max(m for m, _ in parts.values()) <= visit.max_visit_min)
        )

    def _caps_hold(self, enterprise_id: str, doors: tuple[Door, ...]) -> bool:
        past = past_visits(self.snapshot.history)
        counted = [(d.day, {self.items[i].authority_id for i in d.item_ids if not self.items[i].cap_exempt})
                   for d in doors]  # fmt: skip
        planned: dict[str | None, list[int]] = {None: [day for day, who in counted if who]}
        for day, who in counted:
            for a in who:
                planned.setdefault(a, []).append(day)
        for a, days in planned.items():
            old = past.doors.get(enterprise_id, ()) if a is None else past.by_authority.get((a, enterprise_id), ())
            credit = self.enterprises[enterprise_id].credit_class
            if any(u.broken for u in cap_uses(self.snapshot.policy.caps, enterprise_id, credit, a, old, days)):
                return False
        return self._gap_holds(past.doors.get(enterprise_id, ()), planned[None])

    def _gap_holds(self, past: Sequence[int], planned: Sequence[int]) -> bool:
        gap = self.snapshot.policy.visit.min_gap_days
        rows = sorted([*((d, False) for d in past), *((d, True) for d in planned)])
        return all(other - one >= gap or not (a or b) for (one, a), (other, b) in pairwise(rows))

    def _pins_hold(self, doors: tuple[Door, ...]) -> bool:
        shifts = self.snapshot.calendar.shifts
        return all(
            any(
                d.enterprise_id == p.enterprise_id
                and d.day == p.day
                and p.shift_id in (None, shifts[d.shift_idx].shift_id)
                for d in doors
            )
            for p in self.snapshot.pins
        )

    def _streets_hold(self, doors: tuple[Door, ...]) -> bool:
        limits = self.snapshot.policy.street
        visits: dict[tuple[str, int, int], int] = {}
        days: dict[tuple[str, str], set[int]] = {}
        for d in doors:
            street_id = self.enterprises[d.enterprise_id].street_id
            visits[street_id, d.day, d.shift_idx] = visits.get((street_id, d.day, d.shift_idx), 0) + 1
            days.setdefault((street_id, date.fromordinal(d.day).strftime("%Y-%m")), set()).add(d.day)
        return (limits.max_visits is None or max(visits.values(), default=0) <= limits.max_visits) and (
            limits.max_days is None or max(map(len, days.values()), default=0) <= limits.max_days
        )

    # crews and times

    def crews_and_travel(self, doors: tuple[Door, ...]) -> tuple[int, int] | None:
        """Return the fewest crew shifts and the least travel with them; ``None`` when crews do not suffice."""
        total_crews, total_travel = 0, 0
        for day, h in sorted({(d.day, d.shift_idx) for d in doors}):
            here: dict[str, list[tuple[str, tuple[str, ...]]]] = {}
            for d in doors:
                if (d.day, d.shift_idx) == (day, h):
                    street_id = self.enterprises[d.enterprise_id].street_id
                    here.setdefault(street_id, []).append((d.enterprise_id, d.item_ids))
            ways = [[(s, *way) for way in self._ways(s, h, tuple(v)).items()] for s, v in sorted(here.items())]
            costs = [
                (sum(n for _, crews, _ in choice for _, n in crews), sum(travel for _, _, travel in choice))
                for choice in product(*ways)
                if self._pools_suffice(day, h, {s: dict(crews) for s, crews, _ in choice})
            ]
            if not costs:
                return None
            crews, travel = min(costs)
            total_crews, total_travel = total_crews + crews, total_travel + travel
        return total_crews, total_travel

    def _pools_suffice(self, day: int, h: int, use: dict[str, dict[str, int]]) -> bool:
        """A street's own crews first, then its district's, then the city's."""
        shift_id = self.snapshot.calendar.shifts[h].shift_id

        def pool(authority: str, area: str) -> int:
            return sum(
                p.crews
                for p in self.snapshot.crew_pools
                if (p.authority_id, p.area_id) == (authority, area) and p.holds_on(day, shift_id)
            )

        for a in {a for crews in use.values() for a in crews}:
            asked: dict[str, int] = {}
            for s, crews in use.items():
                district = self.streets[s].district_id
                asked[district] = asked.get(district, 0) + max(0, crews.get(a, 0) - pool(a, s))
            if sum(max(0, n - pool(a, d)) for d, n in asked.items()) > pool(a, "*"):
                return False
        return True

    def _ways(self, street_id: str, h: int, visits: tuple[tuple[str, tuple[str, ...]], ...]) -> dict[Crews, int]:
        """Return the least travel by crew shifts of the authorities, over all times of the visits' windows."""
        key = street_id, h, visits
        if key not in self._known:
            shift = self.snapshot.calendar.shifts[h]
            out: dict[Crews, int] = {}
            for begins in product(*(self._windows(shift, e, ids) for e, ids in visits)):
                for crews, travel in self._crews_at(street_id, shift, visits, begins):
                    out[crews] = min(out.get(crews, travel), travel)
            self._known[key] = out
        return self._known[key]

    def _windows(self, shift: Shift, enterprise_id: str, item_ids: tuple[str, ...]) -> list[tuple[int, int]]:
        """Return the (begin, end) between which all parts lie, at most as long as a visit may last.

        The part of an only authority needs no such window: it lies anywhere in the shift and the opening hours.
        """
        e, visit = self.enterprises[enterprise_id], self.snapshot.policy.visit
        parts = self.parts(item_ids)
        longest = max(m for m, _ in parts.values())
        length = longest + visit.stretch_min
        if visit.max_visit_min is not None:
            length = min(length, visit.max_visit_min)
        lo = shift.start_min if e.open_from is None else max(shift.start_min, e.open_from)
        hi = shift.end_min if e.open_to is None else min(shift.end_min, e.open_to)
        if lo + longest > hi:
            return []
        if len(parts) == 1:
            return [(lo, hi)]
        last = hi - longest if visit.start_together else max(lo, hi - length)
        return [(t, min(hi, t + length)) for t in range(lo, last + 1, self.step)]

    def _crews_at(
        self,
        street_id: str,
        shift: Shift,
        visits: tuple[tuple[str, tuple[str, ...]], ...],
        begins: tuple[tuple[int, int], ...],
    ) -> Iterator[tuple[Crews, int]]:
        """Yield (crew shifts, travel) for given windows; the authorities do not touch each other."""
        calls: dict[str, list[Call]] = {}
        for (enterprise_id, item_ids), (lo, hi) in zip(visits, begins, strict=True):
            for a, (minutes, crews) in self.parts(item_ids).items():
                fixed = self.snapshot.policy.visit.start_together and len(self.parts(item_ids)) > 1
                last = lo if fixed else hi - minutes
                calls.setdefault(a, []).append((enterprise_id, minutes, crews, lo, last))
        options = []
        for a in sorted(calls):
            found = self._rounds(street_id, shift, tuple(calls[a]))
            options.append([(a, crews, travel) for crews, travel in found.items()])
        for choice in product(*options):
            yield tuple((a, n) for a, n, _ in choice), sum(t for _, _, t in choice)

    def _rounds(self, street_id: str, shift: Shift, calls: tuple[Call, ...]) -> dict[int, int]:
        """Return the least travel by number of crews of one authority, over all starts that its calls leave."""
        key = street_id, shift.shift_id, calls
        if key not in self._rounds_known:
            found: dict[int, int] = {}
            for starts in product(*(range(first, last + 1, self.step) for _, _, _, first, last in calls)):
                stops = sorted((t, t + c[1], c[0]) for t, c in zip(starts, calls, strict=True) for _ in range(c[2]))
                for crews, travel in self._routes(street_id, shift, stops).items():
                    found[crews] = min(found.get(crews, travel), travel)
            self._rounds_known[key] = {
                n: t for n, t in found.items() if not any(m < n and u <= t for m, u in found.items())
            }
        return self._rounds_known[key]

    def _routes(self, street_id: str, shift: Shift, stops: list[tuple[int, int, str]]) -> dict[int, int]:
        """Return the least travel by number of crews that make these stops (start, leave, enterprise) in order."""
        buffer = self.snapshot.policy.travel.buffer_min
        out: dict[int, int] = {}

        def extend(k: int, crews: tuple[tuple[int, str], ...], travel: int) -> None:
            if k == len(stops):
                home = sum(self._leg(e, street_id) for _, e in crews)
                if all(t + self._leg(e, street_id) <= shift.end_min for t, e in crews):
                    out[len(crews)] = min(out.get(len(crews), travel + home), travel + home)
                return
            start, leave, e = stops[k]
            for n, (free, here) in enumerate(crews):
                leg = self._leg(here, e)
                if free + leg + buffer <= start:
                    extend(k + 1, (*crews[:n], (leave, e), *crews[n + 1 :]), travel + leg)
            leg = self._leg(street_id, e)
            if shift.start_min + leg <= start:
                extend(k + 1, (*crews, (leave, e)), travel + leg)

        extend(0, (), 0)
        return out

    def _leg(self, a: str, b: str) -> int:
        if (a, b) not in self._legs:
            here, there = (self.enterprises.get(n) or self.streets[n] for n in (a, b))
            self._legs[a, b] = leg_min(self.snapshot.policy.travel, (here.lon, here.lat), (there.lon, there.lat))
        return self._legs[a, b]
