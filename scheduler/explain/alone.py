"""What stops an item even if nothing else were planned: the slots that each rule allows it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from scheduler.availability import Slots
from scheduler.domain.people import OFFICERS_PER_CREW
from scheduler.domain.places import Enterprise
from scheduler.domain.plans import PlanItem
from scheduler.domain.policy import QuietPeriod
from scheduler.domain.schedule import Reason, ReasonCode, RelaxationKind
from scheduler.explain.facts import clock, iso, isos, reason
from scheduler.explain.full_caps import cap_reasons
from scheduler.explain.scene import FullCap, Scene
from scheduler.rules.visits import covers

DAY_MIN = 24 * 60

LIFTS = {
    RelaxationKind.MOVE_WINDOW: ReasonCode.WINDOW,
    RelaxationKind.EXEMPT_QUIET: ReasonCode.QUIET,
    RelaxationKind.OPEN_ENTERPRISE: ReasonCode.CLOSED,
    RelaxationKind.ADD_CREW: ReasonCode.NO_CREW,
    RelaxationKind.LENGTHEN_SHIFT: ReasonCode.SHIFT_TOO_SHORT,
    RelaxationKind.WIDEN_HOURS: ReasonCode.HOURS,
    RelaxationKind.LENGTHEN_VISIT: ReasonCode.VISIT_TOO_LONG,
    RelaxationKind.RAISE_CROWD: ReasonCode.CROWD,
    RelaxationKind.SHORTEN_GAP: ReasonCode.GAP,
    RelaxationKind.RAISE_CAP: ReasonCode.CAP,
}
"""The rule that a change lifts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowed:
    """For one item, the slots that each rule by itself allows it; a limit that it breaks everywhere allows none.

    Parameters
    ----------
    part : minutes of its part.
    leg : minutes between street office and enterprise.
    rooms : longest part in minutes by shift, between the legs and inside the opening hours.
    masks : slots by rule, in the order in which rules are asked. Of ``SHIFT_TOO_SHORT``, shifts that hold the part
        at any hour; of ``HOURS``, those that hold it inside the opening hours.
    everything : all slots.
    fit_hours : all slots when the opening hours by themselves hold the part, else none.
    full : the caps that the past has used up.
    """

    item: PlanItem
    enterprise: Enterprise
    part: int
    leg: int
    rooms: tuple[int, ...]
    masks: dict[ReasonCode, Slots]
    everything: Slots
    fit_hours: Slots
    full: tuple[FullCap, ...]

    def without(self, *lifted: ReasonCode) -> Slots:
        """Return the slots left when these rules are lifted, and only they; ``without()`` keeps them all."""
        slots = self.everything
        for code, mask in self.masks.items():
            if code in lifted:
                continue
            # Opening hours are asked inside the shifts, unless the shifts are what is lifted.
            slots &= self.fit_hours if code is ReasonCode.HOURS and ReasonCode.SHIFT_TOO_SHORT in lifted else mask
        return slots


def allowed_to(scene: Scene, item: PlanItem) -> Allowed:
    """Return the slots that each rule allows an item if nothing else were planned."""
    av, e = scene.availability, scene.enterprise_of(item)
    visit, everything = scene.snapshot.policy.visit, scene.availability.grid.all
    part, rooms = av.part_min(item.duration_min), av.room_min(e)
    full = tuple(scene.full_caps(item, ()))
    closed_by_caps = 0
    for cap in full:
        closed_by_caps |= cap.slots
    too_long = visit.max_visit_min is not None and part > visit.max_visit_min
    crowded = visit.max_officers is not None and OFFICERS_PER_CREW * item.crews > visit.max_officers
    opens, closes = hours_of(e)
    return Allowed(
        item=item,
        enterprise=e,
        part=part,
        leg=scene.leg(e),
        rooms=rooms,
        masks={
            ReasonCode.WINDOW: av.window(item),
            ReasonCode.CLOSED: av.open(e),
            ReasonCode.QUIET: av.not_quiet(e, item.trigger),
            ReasonCode.NO_CREW: av.crewed(item.authority_id, e.street_id, item.crews),
            ReasonCode.SHIFT_TOO_SHORT: av.fits(av.room_min(e, with_hours=False), part),
            ReasonCode.HOURS: av.fits(rooms, part),
            ReasonCode.VISIT_TOO_LONG: 0 if too_long else everything,
            ReasonCode.CROWD: 0 if crowded else everything,
            ReasonCode.CAP: everything & ~closed_by_caps,
            ReasonCode.GAP: av.far_from_past(item),
        },
        everything=everything,
        fit_hours=everything if closes - opens >= part else 0,
        full=full,
    )


def hours_of(enterprise: Enterprise) -> tuple[int, int]:
    """Return the opening hours of an enterprise; the whole day when none are given."""
    return enterprise.open_from or 0, DAY_MIN if enterprise.open_to is None else enterprise.open_to


def blocking_rules(allowed: Allowed) -> list[tuple[ReasonCode, Slots]]:
    """Return the rules that leave an item no slot, each with the slots that were left when it was asked.

    Rules are asked in the order of ``Allowed.masks``. A rule that leaves nothing is noted and then passed over, so
    that lifting all the noted rules, and only them, gives the item a slot.
    """
    left = allowed.everything
    if not left:
        return [(ReasonCode.WINDOW, 0)]  # a horizon without an inspection date
    noted: list[tuple[ReasonCode, Slots]] = []
    for code, mask in allowed.masks.items():
        if code is ReasonCode.HOURS and ReasonCode.SHIFT_TOO_SHORT in (c for c, _ in noted):
            mask = allowed.fit_hours
        if left & mask:
            left &= mask
        else:
            noted.append((code, left))
    return noted


def reasons_alone(scene: Scene, allowed: Allowed) -> list[Reason]:
    """Return why an item could not be served even if nothing else were planned; empty when it could."""
    out: list[Reason] = []
    for code, left in blocking_rules(allowed):
        if code is ReasonCode.CAP:
            out += cap_reasons(scene, allowed.full, left)
        else:
            out.append(reason(code, **_facts(scene, allowed, code, left)))
    return out


def _facts(scene: Scene, a: Allowed, code: ReasonCode, left: Slots) -> dict[str, object]:
    item, e, visit = a.item, a.enterprise, scene.snapshot.policy.visit
    days = scene.availability.grid.days_of(left)
    dates: dict[str, object] = {"days": len(days)}
    if days:
        dates |= {"first": iso(days[0]), "last": iso(days[-1])}
    if code is ReasonCode.WINDOW:
        return {"first": iso(item.earliest), "last": iso(item.latest)}
    if code is ReasonCode.QUIET:
        return dates | {"periods": "; ".join(_quiet_rules(scene, a, days)), "trigger": item.trigger.value}
    if code is ReasonCode.NO_CREW:
        most = max((scene.reach(item, s) for s in scene.bits(left)), default=0)
        who = {"authority": item.authority_id, "street": e.street_id, "needed": item.crews, "most": most}
        return dates | who
    if code is ReasonCode.SHIFT_TOO_SHORT:
        longest = max((s.length_min for s in scene.snapshot.calendar.shifts), default=0)
        return {"part": a.part, "travel": 2 * a.leg, "shift": longest}
    if code is ReasonCode.HOURS:
        opens, closes = hours_of(e)
        return {"part": a.part, "opens": clock(opens), "closes": clock(closes), "room": max(0, *a.rooms)}
    if code is ReasonCode.GAP:
        return gap_facts(scene, item, scene.past.doors.get(e.enterprise_id, ()))
    if code is ReasonCode.VISIT_TOO_LONG:
        return {"part": a.part, "limit": visit.max_visit_min}
    if code is ReasonCode.CROWD:
        return {"officers": OFFICERS_PER_CREW * item.crews, "limit": visit.max_officers}
    return dates


def gap_facts(scene: Scene, item: PlanItem, days: Iterable[int]) -> dict[str, object]:
    """R31: return the least gap, and the visits to which it counts."""
    return {"gap": scene.snapshot.policy.visit.min_gap_days, "others": isos(sorted(set(days)))}


def _quiet_rules(scene: Scene, a: Allowed, days: list[int]) -> list[str]:
    """Return the rules of the quiet periods that hold on the days, as the case writes them."""
    stopping = (
        q
        for q in scene.snapshot.policy.quiet_periods
        if covers(q, a.enterprise) and a.item.trigger not in q.exempt_triggers and any(map(q.holds_on, days))
    )
    return list(dict.fromkeys(map(quiet_rule, stopping)))


def quiet_rule(quiet: QuietPeriod) -> str:
    """Return a quiet period's rule as the case writes it."""
    if quiet.first_day is not None and quiet.last_day is not None:
        return f"{iso(quiet.first_day)}..{iso(quiet.last_day)}"
    return f"monthly:{quiet.month_from}-{quiet.month_to}"
