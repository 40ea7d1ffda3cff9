"""What stops an item that could be served alone: the enterprise's other visits, and crews that work elsewhere.

The plan's visits stay as they are here. An item could still have a new door of its own, or its authority could join
(with crews that it has left) a visit that is planned.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from scheduler.availability import Slots
from scheduler.domain.people import OFFICERS_PER_CREW
from scheduler.domain.plans import PlanItem
from scheduler.domain.schedule import JointVisit, Reason, ReasonCode, Relaxation, RelaxationKind
from scheduler.explain.alone import Allowed, gap_facts, hours_of
from scheduler.explain.facts import iso, reason, relaxation
from scheduler.explain.full_caps import cap_reasons, raised_cap
from scheduler.explain.full_streets import StreetUse, street_reasons
from scheduler.explain.relaxing import exempt_quiet, move_window, open_enterprise
from scheduler.explain.scene import FullCap, PlannedVisit, Scene


@dataclass(frozen=True, slots=True, kw_only=True)
class Joining:
    """An item joining a planned visit.

    Parameters
    ----------
    part : minutes of the authority's part with the item.
    fresh : crews that come beside those already there; all of them, when these could not stay long enough.
    officers : officers then on site.
    num_authorities : authorities that then take part.
    in_time : the part ends inside the shift and the opening hours.
    obstacles : rules other than the slot that stop it.
    """

    planned: PlannedVisit
    part: int
    fresh: int
    officers: int
    num_authorities: int
    in_time: bool
    obstacles: tuple[ReasonCode, ...]

    @property
    def day(self) -> int:
        """Return the day of the visit."""
        return self.planned.entry.visit.day

    def needs(self, limit: ReasonCode) -> int:
        """Return what the limit behind one of its obstacles would have to be."""
        needed = {ReasonCode.CROWD: self.officers, ReasonCode.AUTHORITIES: self.num_authorities}
        return needed.get(limit, self.part)


@dataclass(frozen=True, slots=True, kw_only=True)
class Chances:
    """Where an item could still go beside the plan's visits.

    Parameters
    ----------
    alone : slots that the item has when nothing else is planned.
    full : caps that the past and the plan have used up.
    capped : slots that those caps close for a new door.
    street : what the plan leaves of the limits of its street, which close slots for a new door too.
    joinings : one for every visit of the enterprise.
    """

    allowed: Allowed
    alone: Slots
    full: tuple[FullCap, ...]
    capped: Slots
    street: StreetUse
    joinings: tuple[Joining, ...]
    near: Slots

    def doors(self, slots: Slots) -> Slots:
        """Return those of the slots on which caps, the least gap and limits of the street allow a new door."""
        return slots & ~self.capped & ~self.near & ~self.street.closed

    def full_street(self) -> Slots:
        """Return the slots of its own that limits of the street close: those that caps leave, or all if they must."""
        left = self.alone & ~self.capped & ~self.near
        closed = left or (0 if self.alone & ~self.street.closed else self.alone)
        return closed & self.street.closed

    def joins(self, slots: Slots, *but: ReasonCode) -> list[Joining]:
        """Return the visits on these slots that the item could join, were it not for exactly these obstacles."""
        return [j for j in self.joinings if j.planned.slot & slots and j.obstacles == but and j.in_time]


def chances_of(scene: Scene, allowed: Allowed) -> Chances:
    """Return where an item could still go beside the plan's visits."""
    item = allowed.item
    visits = scene.visits.get(item.enterprise_id, [])
    full = tuple(scene.full_caps(item, visits))
    capped = 0
    for cap in full:
        capped |= cap.slots
    near = scene.availability.grid.all & ~_far(scene, item, scene.snapshot.policy.visit.min_gap_days)
    return Chances(
        allowed=allowed,
        alone=allowed.without(),
        full=full,
        capped=capped,
        street=scene.street_uses.get(allowed.enterprise.street_id, StreetUse()),
        joinings=tuple(_joining(scene, allowed, full, v, near) for v in visits),
        near=near,
    )


def _far(scene: Scene, item: PlanItem, gap: int) -> Slots:
    """R31: return the slots at least so many days from the planned visits of an item's enterprise that count."""
    if gap <= 0 or item.cap_exempt:
        return scene.availability.grid.all
    return scene.availability.far_from(_counted_days(scene, item), gap)


def _counted_days(scene: Scene, item: PlanItem) -> list[int]:
    return [v.entry.visit.day for v in scene.visits.get(item.enterprise_id, ()) if v.entry.counted]


def _joining(scene: Scene, a: Allowed, full: tuple[FullCap, ...], planned: PlannedVisit, near: Slots) -> Joining:
    item, rules, entry = a.item, scene.snapshot.policy.visit, planned.entry
    authority = item.authority_id
    part = entry.parts.get(authority, rules.overhead_min) + item.duration_min
    crews = max(entry.crews.get(authority, 0), item.crews)
    officers = OFFICERS_PER_CREW * (sum(entry.crews.values()) - entry.crews.get(authority, 0) + crews)
    obstacles = []
    if any(other.notice is not item.notice for other in entry.items):
        obstacles.append(ReasonCode.NOTICE)
    if rules.max_officers is not None and officers > rules.max_officers:
        obstacles.append(ReasonCode.CROWD)
    num_authorities = len(entry.parts.keys() | {authority})
    if rules.max_authorities is not None and num_authorities > rules.max_authorities:  # R33
        obstacles.append(ReasonCode.AUTHORITIES)
    if rules.max_visit_min is not None and part > rules.max_visit_min:
        obstacles.append(ReasonCode.VISIT_TOO_LONG)
    if not item.cap_exempt and any(c.slots & planned.slot and _counts_anew(c, entry.counted) for c in full):
        obstacles.append(ReasonCode.CAP)
    if not entry.counted and planned.slot & near:
        obstacles.append(ReasonCode.GAP)
    stays = _may_stay(scene, a, planned, part)
    there = entry.crews.get(authority, 0)
    return Joining(
        planned=planned,
        part=part,
        fresh=crews - there if stays else crews,
        officers=officers,
        num_authorities=num_authorities,
        in_time=stays or entry.visit.start + part <= _latest_end(scene, a, entry.visit),
        obstacles=tuple(obstacles),
    )


def _latest_end(scene: Scene, a: Allowed, visit: JointVisit) -> int:
    shift = next(s for s in scene.snapshot.calendar.shifts if s.shift_id == visit.shift_id)
    return min(shift.end_min - a.leg, hours_of(a.enterprise)[1])


def _may_stay(scene: Scene, a: Allowed, planned: PlannedVisit, part: int) -> bool:
    """Say whether the authority's crews at a visit could stay until a longer part is done, all else as it is."""
    entry, rules, authority = planned.entry, scene.snapshot.policy.visit, a.item.authority_id
    if planned.slack.get(authority, -1) < a.item.duration_min:
        return False
    start = min(stop.start for crew, stop in entry.stops if crew.authority_id == authority)
    end = max(entry.visit.end, start + part)
    length = end - entry.visit.start
    if rules.max_visit_min is not None and length > rules.max_visit_min:
        return False
    in_stretch = length <= max(entry.longest_part, part) + rules.stretch_min
    return in_stretch and end <= _latest_end(scene, a, entry.visit)


def _counts_anew(cap: FullCap, counted: frozenset[str]) -> bool:
    """Say whether an item that counts would use the cap once more by joining a visit."""
    who = cap.use.authority_id
    return not counted if who is None else who not in counted


def reasons_planned(scene: Scene, chances: Chances) -> list[Reason]:
    """Return why an item that could be served alone is not; always at least one reason."""
    out: list[Reason] = []
    doors, joins = chances.doors(chances.alone), chances.joins(chances.alone)
    if not doors:
        full = chances.full_street()
        out += cap_reasons(scene, chances.full, chances.alone)
        if chances.alone & chances.near:
            item = chances.allowed.item
            out.append(reason(ReasonCode.GAP, **gap_facts(scene, item, _counted_days(scene, item))))
        out += street_reasons(scene.availability, chances.allowed.enterprise.street_id, chances.street, full)
        out += [r for j in chances.joinings for r in _obstacle_reasons(scene, chances, j)]
        if full and not joins and not _with_spare(scene, chances, full):
            out.append(_capacity(scene, chances, full, []))
    if doors or joins:
        out.append(_capacity(scene, chances, doors, joins))
    return list(dict.fromkeys(out))


def _obstacle_reasons(scene: Scene, chances: Chances, j: Joining) -> list[Reason]:
    a, rules, on = chances.allowed, scene.snapshot.policy.visit, iso(j.day)
    if not j.planned.slot & chances.alone:
        pinned = j.planned.slot & scene.pins.get(a.item.enterprise_id, 0)
        return [reason(ReasonCode.PIN, on=on)] if pinned else []
    who = "+".join(j.planned.entry.visit.authority_ids)
    out = []
    for code in j.obstacles:
        if code is ReasonCode.NOTICE:
            out.append(reason(code, on=on, authorities=who, notice=a.item.notice.value))
        elif code is ReasonCode.CROWD:
            out.append(reason(code, on=on, authorities=who, officers=j.officers, limit=rules.max_officers))
        elif code is ReasonCode.AUTHORITIES:
            limit = rules.max_authorities
            out.append(reason(code, on=on, authorities=who, count=j.num_authorities, limit=limit))
        elif code is ReasonCode.VISIT_TOO_LONG:
            out.append(reason(code, on=on, part=j.part, limit=rules.max_visit_min))
    if not j.obstacles and not j.in_time:
        out.append(reason(ReasonCode.SHIFT_TOO_SHORT, on=on, part=j.part, shift=j.planned.entry.visit.shift_id))
    return out


def _free(scene: Scene, chances: Chances, doors: Slots, joins: list[Joining]) -> tuple[int, str] | None:
    """Return the first slot with crews left for a new door, or of a visit with crews left to join it."""
    item = chances.allowed.item
    slots = [s for s in scene.bits(doors) if scene.spare(item, s) >= item.crews]
    slots += [s for j in joins for s in scene.bits(j.planned.slot) if scene.spare(item, s) >= j.fresh]
    return scene.when(min(slots)) if slots else None


def _weight(scene: Scene, item: PlanItem) -> int:
    return dict(scene.snapshot.policy.priority_weights)[item.priority]


def _capacity(scene: Scene, chances: Chances, doors: Slots, joins: list[Joining]) -> Reason:
    item = chances.allowed.item
    slots = doors
    for j in joins:
        slots |= j.planned.slot
    listed = list(scene.bits(slots))
    at_work = sum(scene.reach(item, s) for s in listed)
    spare = sum(scene.spare(item, s) for s in listed)
    days = scene.availability.grid.days_of(slots)
    free = _free(scene, chances, doors, joins)
    if free is not None and _weight(scene, item) == 0:
        when = {"free_day": iso(free[0]), "free_shift": free[1]}
        return reason(ReasonCode.NO_WEIGHT, authority=item.authority_id, priority=item.priority, **when)
    return reason(
        ReasonCode.CAPACITY,
        authority=item.authority_id,
        street=chances.allowed.enterprise.street_id,
        slots=len(listed),
        first=iso(days[0]),
        last=iso(days[-1]),
        at_work=at_work,
        used=at_work - spare,
        needed=item.crews,
        **({} if free is None else {"free_day": iso(free[0]), "free_shift": free[1]}),
    )


def relax_planned(scene: Scene, chances: Chances) -> Relaxation | None:
    """Return the cheapest change that lets an item be served beside the plan's visits.

    ``None`` when nothing need change: there are crews left for it, and the search ended before it saw so.
    """
    doors, joins = chances.doors(chances.alone), chances.joins(chances.alone)
    a = chances.allowed
    if _free(scene, chances, doors, joins) is not None:
        nothing = _weight(scene, a.item) == 0
        return relaxation(RelaxationKind.GIVE_WEIGHT, priority=a.item.priority) if nothing else None
    for change in changes_planned(scene, chances):
        return change
    return relaxation(RelaxationKind.SEVERAL, codes=", ".join(_codes(scene, chances)))


def changes_planned(scene: Scene, chances: Chances) -> Iterator[Relaxation]:
    """Yield every single change that lets an item be served beside the plan's visits, one of a kind, cheapest first."""
    a = chances.allowed
    doors, joins = chances.doors(chances.alone), chances.joins(chances.alone)
    for code, change in (
        (ReasonCode.WINDOW, move_window),
        (ReasonCode.QUIET, exempt_quiet),
        (ReasonCode.CLOSED, open_enterprise),
    ):
        slots = _roomy(scene, chances, a.without(code) & ~chances.alone)
        if slots:
            yield change(scene, a, slots)
    for found in (
        _add_crews(scene, chances, doors, joins),
        _raise_street_limit(scene, chances),
        _wider_limits(scene, chances),
        _shorten_gap(scene, chances),
        _raise_cap(scene, chances),
        _remove_pin(scene, chances),
    ):
        if found is not None:
            yield found


def _codes(scene: Scene, chances: Chances) -> list[str]:
    return list(dict.fromkeys(r.code.value for r in reasons_planned(scene, chances)))


def _roomy(scene: Scene, chances: Chances, slots: Slots) -> Slots:
    """Return those of the slots on which crews are left for a new door, or for joining a visit there."""
    item, out = chances.allowed.item, _with_spare(scene, chances, chances.doors(slots))
    for j in chances.joins(slots):
        out |= j.planned.slot if min(scene.spare(item, s) for s in scene.bits(j.planned.slot)) >= j.fresh else 0
    return out


def _with_spare(scene: Scene, chances: Chances, slots: Slots) -> Slots:
    """Return those of the slots on which crews are left for a door of its own."""
    item, out = chances.allowed.item, 0
    for s in scene.bits(slots):
        out |= (1 << s) if scene.spare(item, s) >= item.crews else 0
    return out


def _add_crews(scene: Scene, chances: Chances, doors: Slots, joins: list[Joining]) -> Relaxation | None:
    """Return the fewest crews to add on the earliest slot that would then hold the item."""
    item = chances.allowed.item
    lacking = [(item.crews - scene.spare(item, s), s) for s in scene.bits(doors)]
    lacking += [(j.fresh - scene.spare(item, s), s) for j in joins for s in scene.bits(j.planned.slot)]
    if not lacking:
        return None
    crews, slot = min(lacking)
    day, shift = scene.when(slot)
    street = chances.allowed.enterprise.street_id
    return relaxation(
        RelaxationKind.ADD_CREW, authority=item.authority_id, street=street, crews=crews, day=iso(day), shift=shift
    )


def _raise_street_limit(scene: Scene, chances: Chances) -> Relaxation | None:
    """Return the limit of the street to raise by one, where crews are left then; visits of a shift before days."""
    limits, left = scene.snapshot.policy.street, chances.alone & ~chances.capped & ~chances.near
    for slots, kind, limit in (
        (chances.street.full, RelaxationKind.RAISE_SHIFT_VISITS, limits.max_visits),
        (chances.street.spent, RelaxationKind.RAISE_STREET_DAYS, limits.max_days),
    ):
        if limit is not None and _with_spare(scene, chances, left & slots):
            return relaxation(kind, limit=limit, to=limit + 1)
    return None


def _wider_limits(scene: Scene, chances: Chances) -> Relaxation | None:
    """Return the higher limit of officers on site, of authorities, or of length that lets the item join a visit."""
    rules, item = scene.snapshot.policy.visit, chances.allowed.item
    for code, kind, limit in (
        (ReasonCode.CROWD, RelaxationKind.RAISE_CROWD, rules.max_officers),
        (ReasonCode.AUTHORITIES, RelaxationKind.RAISE_AUTHORITIES, rules.max_authorities),
        (ReasonCode.VISIT_TOO_LONG, RelaxationKind.LENGTHEN_VISIT, rules.max_visit_min),
    ):
        to = [
            j.needs(code)
            for j in chances.joins(chances.alone, code)
            if all(scene.spare(item, s) >= j.fresh for s in scene.bits(j.planned.slot))
        ]
        if to:
            return relaxation(kind, limit=limit, to=min(to))
    return None


def _shorten_gap(scene: Scene, chances: Chances) -> Relaxation | None:
    """Return the greatest gap below that of the case that opens a slot with crews left."""
    item, gap = chances.allowed.item, scene.snapshot.policy.visit.min_gap_days
    slots = _with_spare(scene, chances, chances.alone & chances.near & ~chances.capped & ~chances.street.closed)
    to = next((g for g in range(gap - 1, -1, -1) if slots & _far(scene, item, g)), None)
    return None if to is None else relaxation(RelaxationKind.SHORTEN_GAP, limit=gap, to=to)


def _raise_cap(scene: Scene, chances: Chances) -> Relaxation | None:
    """Return the one cap to raise; on slots with crews left, when there are any."""
    slots = chances.alone & ~chances.near & ~chances.street.closed
    raised = raised_cap(chances.full, _with_spare(scene, chances, slots)) or raised_cap(chances.full, slots)
    return None if raised is None else raised[0]


def _remove_pin(scene: Scene, chances: Chances) -> Relaxation | None:
    for j in chances.joinings:
        for r in _obstacle_reasons(scene, chances, j):
            if r.code is ReasonCode.PIN:
                return relaxation(RelaxationKind.REMOVE_PIN, day=iso(j.day))
    return None
