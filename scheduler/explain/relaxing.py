"""The cheapest change that would let an item be served, nothing else being planned.

A change counts only when it alone gives the item a slot under the model. Which of several is cheapest follows from
the order of :class:`scheduler.domain.schedule.RelaxationKind`: what the authority itself may do (move the window),
what an approval may do (exempt from a quiet period, open on a closed date), what takes people (crews), what changes
the inspection (split it, other hours, longer shifts), and last what changes limits made to protect enterprises.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from scheduler.availability import Slots
from scheduler.caps import cap_covers
from scheduler.domain.calendar import Shift
from scheduler.domain.people import OFFICERS_PER_CREW
from scheduler.domain.schedule import ReasonCode, Relaxation, RelaxationKind
from scheduler.explain.alone import DAY_MIN, LIFTS, Allowed, blocking_rules, hours_of
from scheduler.explain.facts import clock, iso, relaxation
from scheduler.explain.full_caps import raised_cap
from scheduler.explain.scene import Scene

Change = Callable[[Scene, Allowed, Slots], Relaxation | None]


def relax_alone(scene: Scene, allowed: Allowed) -> Relaxation:
    """Return the cheapest single change that gives an item a slot, or all the rules to lift together."""
    for change in changes_alone(scene, allowed):
        return change
    codes = [code.value for code, _ in blocking_rules(allowed)]
    return relaxation(RelaxationKind.SEVERAL, codes=", ".join(codes))


def changes_alone(scene: Scene, allowed: Allowed) -> Iterator[Relaxation]:
    """Yield every single change that gives an item a slot, one of a kind, the cheapest first."""
    for kind in RelaxationKind:
        change = None
        if kind is RelaxationKind.SPLIT_ITEM:
            change = _split(scene, allowed)
        elif kind in LIFTS:
            slots = allowed.without(LIFTS[kind])
            change = _CHANGES[kind](scene, allowed, slots) if slots else None
        if change is not None:
            yield change


def nearest_day(scene: Scene, allowed: Allowed, slots: Slots) -> int:
    """Return the day of the slots that is nearest to the item's window, the earlier of two."""
    item = allowed.item
    days = scene.availability.grid.days_of(slots)
    return min(days, key=lambda d: (max(item.earliest - d, d - item.latest), d))


def move_window(scene: Scene, allowed: Allowed, slots: Slots) -> Relaxation:
    """Return the change of the window that takes in the nearest of the slots."""
    day = nearest_day(scene, allowed, slots)
    later = day > allowed.item.latest
    return relaxation(RelaxationKind.MOVE_WINDOW, day=iso(day), side="latest" if later else "earliest")


def exempt_quiet(scene: Scene, allowed: Allowed, slots: Slots) -> Relaxation:
    """Return the exemption from quiet periods on the first of the slots."""
    return relaxation(RelaxationKind.EXEMPT_QUIET, day=iso(scene.availability.grid.days_of(slots)[0]))


def open_enterprise(scene: Scene, allowed: Allowed, slots: Slots) -> Relaxation:
    """Return the opening of the enterprise on the first of the slots."""
    return relaxation(RelaxationKind.OPEN_ENTERPRISE, day=iso(scene.availability.grid.days_of(slots)[0]))


def _add_crew(scene: Scene, allowed: Allowed, slots: Slots) -> Relaxation:
    item = allowed.item
    slot = max(scene.bits(slots), key=lambda s: (scene.reach(item, s), -s))
    day, shift = scene.when(slot)
    return relaxation(
        RelaxationKind.ADD_CREW,
        authority=item.authority_id,
        street=allowed.enterprise.street_id,
        crews=item.crews - scene.reach(item, slot),
        day=iso(day),
        shift=shift,
    )


def _widen_hours(scene: Scene, allowed: Allowed, slots: Slots) -> Relaxation:
    opens, closes = hours_of(allowed.enterprise)
    starts = []
    for slot in scene.bits(slots):
        shift = scene.snapshot.calendar.shifts[slot % scene.availability.grid.num_shifts]
        # As near to the opening as the shift lets it: then the hours grow the least.
        start = min(max(opens, shift.start_min + allowed.leg), shift.end_min - allowed.leg - allowed.part)
        starts.append((max(0, opens - start) + max(0, start + allowed.part - closes), slot, start))
    _, _, start = min(starts)
    end = start + allowed.part
    return relaxation(RelaxationKind.WIDEN_HOURS, opens=clock(min(opens, start)), closes=clock(max(closes, end)))


def _lengthen_shift(scene: Scene, allowed: Allowed, slots: Slots) -> Relaxation | None:
    """Return the shift to lengthen, first at its end, then at its start, as far as the opening hours make use of it."""
    shifts = scene.snapshot.calendar.shifts
    for h in sorted({s % len(shifts) for s in scene.bits(slots)}, key=lambda h: (-allowed.rooms[h], h)):
        starts, ends = shift_to_hold(shifts[h], allowed.part, allowed.leg, hours_of(allowed.enterprise))
        after = shifts[h - 1].end_min if h > 0 else 0
        before = shifts[h + 1].start_min if h + 1 < len(shifts) else DAY_MIN
        if after <= starts and ends <= before:  # shifts of a date do not overlap
            name = shifts[h].shift_id
            return relaxation(RelaxationKind.LENGTHEN_SHIFT, shift=name, starts=clock(starts), ends=clock(ends))
    return None


def shift_to_hold(shift: Shift, part: int, leg: int, hours: tuple[int, int]) -> tuple[int, int]:
    """Return start and end of a shift lengthened, first at its end, to hold a part between two legs inside the hours.

    They may lie outside the day, where nothing inside it holds the part.
    """
    opens, closes = hours
    lo, hi = max(shift.start_min + leg, opens), min(shift.end_min - leg, closes)
    late = max(hi, min(closes, lo + part))
    early = min(lo, late - part)
    return min(shift.start_min, early - leg), max(shift.end_min, late + leg)


def _lengthen_visit(scene: Scene, allowed: Allowed, slots: Slots) -> Relaxation:
    return relaxation(RelaxationKind.LENGTHEN_VISIT, limit=scene.snapshot.policy.visit.max_visit_min, to=allowed.part)


def _raise_crowd(scene: Scene, allowed: Allowed, slots: Slots) -> Relaxation:
    limit = scene.snapshot.policy.visit.max_officers
    return relaxation(RelaxationKind.RAISE_CROWD, limit=limit, to=OFFICERS_PER_CREW * allowed.item.crews)


def _shorten_gap(scene: Scene, allowed: Allowed, slots: Slots) -> Relaxation | None:
    gap, days = scene.snapshot.policy.visit.min_gap_days, scene.past.doors.get(allowed.enterprise.enterprise_id, ())
    to = next((g for g in range(gap - 1, -1, -1) if slots & scene.availability.far_from(days, g)), None)
    return None if to is None else relaxation(RelaxationKind.SHORTEN_GAP, limit=gap, to=to)


def _raise_cap(scene: Scene, allowed: Allowed, slots: Slots) -> Relaxation | None:
    raised = raised_cap(allowed.full, slots)
    return None if raised is None else raised[0]


def _split(scene: Scene, allowed: Allowed) -> Relaxation | None:
    """Return the split into pieces that fit, each with a visit of its own; only where no cap or gap counts them."""
    visit, item, e = scene.snapshot.policy.visit, allowed.item, allowed.enterprise
    caps = scene.snapshot.policy.caps
    counted = any(cap_covers(c, who, e.credit_class) for c in caps for who in (None, item.authority_id))
    if not item.cap_exempt and (counted or visit.min_gap_days > 0):
        return None
    slots = allowed.without(ReasonCode.SHIFT_TOO_SHORT, ReasonCode.HOURS, ReasonCode.VISIT_TOO_LONG)
    shifts = {s % scene.availability.grid.num_shifts for s in scene.bits(slots)}
    longest = max((allowed.rooms[h] for h in shifts), default=0)
    if visit.max_visit_min is not None:
        longest = min(longest, visit.max_visit_min)
    piece = longest - visit.overhead_min
    if piece < 1 or piece >= item.duration_min:
        return None
    pieces = -(-item.duration_min // piece)
    return relaxation(RelaxationKind.SPLIT_ITEM, pieces=pieces, minutes=-(-item.duration_min // pieces))


_CHANGES: dict[RelaxationKind, Change] = {
    RelaxationKind.MOVE_WINDOW: move_window,
    RelaxationKind.EXEMPT_QUIET: exempt_quiet,
    RelaxationKind.OPEN_ENTERPRISE: open_enterprise,
    RelaxationKind.ADD_CREW: _add_crew,
    RelaxationKind.WIDEN_HOURS: _widen_hours,
    RelaxationKind.LENGTHEN_SHIFT: _lengthen_shift,
    RelaxationKind.LENGTHEN_VISIT: _lengthen_visit,
    RelaxationKind.RAISE_CROWD: _raise_crowd,
    RelaxationKind.SHORTEN_GAP: _shorten_gap,
    RelaxationKind.RAISE_CAP: _raise_cap,
}
