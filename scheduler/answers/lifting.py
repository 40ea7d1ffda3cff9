"""Several rules lifted at once for one item, where no single change serves it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from scheduler.caps import cap_covers
from scheduler.domain.people import CrewPool
from scheduler.domain.places import Enterprise
from scheduler.domain.plans import Notice, PlanItem
from scheduler.domain.policy import QuietPeriod, QuietScope
from scheduler.domain.schedule import ReasonCode
from scheduler.domain.snapshot import PlanningSnapshot
from scheduler.explain.alone import DAY_MIN, hours_of
from scheduler.explain.relaxing import shift_to_hold
from scheduler.rules.visits import covers
from scheduler.travel import leg_min

Lift = Callable[[PlanningSnapshot, PlanItem, Enterprise], PlanningSnapshot]


def lifted(snapshot: PlanningSnapshot, item: PlanItem, codes: tuple[str, ...]) -> PlanningSnapshot | None:
    """Return the case with these rules lifted; ``None`` when one of them is none that can be lifted.

    Window, closures, quiet periods, hours and pins are lifted for the item's enterprise alone, on every date; crews
    are added on every date; the longest shift is lengthened, other limits of the whole case are taken away.
    """
    for code in codes:
        lift = _LIFTS.get(ReasonCode(code))
        if lift is None:
            return None
        now = next(i for i in snapshot.items if i.item_id == item.item_id)
        here = next(e for e in snapshot.enterprises if e.enterprise_id == item.enterprise_id)
        snapshot = lift(snapshot, now, here)
    return snapshot


def _window(s: PlanningSnapshot, item: PlanItem, here: Enterprise) -> PlanningSnapshot:
    wide = replace(item, earliest=min(item.earliest, s.calendar.start), latest=max(item.latest, s.calendar.end))
    return s.replace(items=tuple(wide if i == item else i for i in s.items))


def _closures(s: PlanningSnapshot, item: PlanItem, here: Enterprise) -> PlanningSnapshot:
    return _with_enterprise(s, here, replace(here, closed_days=(), closed_weekdays=()))


def _hours(s: PlanningSnapshot, item: PlanItem, here: Enterprise) -> PlanningSnapshot:
    return _with_enterprise(s, here, replace(here, open_from=None, open_to=None))


def _with_enterprise(s: PlanningSnapshot, old: Enterprise, new: Enterprise) -> PlanningSnapshot:
    return s.replace(enterprises=tuple(new if e == old else e for e in s.enterprises))


def _quiet(s: PlanningSnapshot, item: PlanItem, here: Enterprise) -> PlanningSnapshot:
    kept: list[QuietPeriod] = []
    for quiet in s.policy.quiet_periods:
        if covers(quiet, here) and item.trigger not in quiet.exempt_triggers:
            kept += everybody_but(s, quiet, here)
        else:
            kept.append(quiet)
    return s.replace(policy=replace(s.policy, quiet_periods=tuple(kept)))


def everybody_but(s: PlanningSnapshot, quiet: QuietPeriod, here: Enterprise) -> list[QuietPeriod]:
    """Return a quiet period as one for every enterprise that it covers, but one."""
    return [
        replace(quiet, scope=QuietScope.ENTERPRISE, target=e.enterprise_id)
        for e in s.enterprises
        if e.enterprise_id != here.enterprise_id and covers(quiet, e)
    ]


def _crews(s: PlanningSnapshot, item: PlanItem, here: Enterprise) -> PlanningSnapshot:
    more = CrewPool(authority_id=item.authority_id, area_id=here.street_id, crews=item.crews)
    return s.replace(crew_pools=(*s.crew_pools, more))


def _caps(s: PlanningSnapshot, item: PlanItem, here: Enterprise) -> PlanningSnapshot:
    kept = tuple(
        c for c in s.policy.caps if not any(cap_covers(c, who, here.credit_class) for who in (None, item.authority_id))
    )
    return s.replace(policy=replace(s.policy, caps=kept))


def _shifts(s: PlanningSnapshot, item: PlanItem, here: Enterprise) -> PlanningSnapshot:
    """Let the longest shift be as long as the item's part and two legs ask for, inside the day."""
    street = next(r for r in s.streets if r.street_id == here.street_id)
    leg = leg_min(s.policy.travel, (street.lon, street.lat), (here.lon, here.lat))
    part = s.policy.visit.overhead_min + item.duration_min
    longest = max(s.calendar.shifts, key=lambda h: h.length_min)
    starts, ends = shift_to_hold(longest, part, leg, hours_of(here))
    longer = replace(longest, start_min=max(0, starts), end_min=min(DAY_MIN, ends))
    shifts = tuple(longer if h == longest else h for h in s.calendar.shifts)
    return s.replace(calendar=replace(s.calendar, shifts=shifts))


def _notice(s: PlanningSnapshot, item: PlanItem, here: Enterprise) -> PlanningSnapshot:
    other = Notice.ANNOUNCED if item.notice is Notice.UNANNOUNCED else Notice.UNANNOUNCED
    return s.replace(items=tuple(replace(i, notice=other) if i == item else i for i in s.items))


def _length(s: PlanningSnapshot, item: PlanItem, here: Enterprise) -> PlanningSnapshot:
    return s.replace(policy=replace(s.policy, visit=replace(s.policy.visit, max_visit_min=None)))


def _crowd(s: PlanningSnapshot, item: PlanItem, here: Enterprise) -> PlanningSnapshot:
    return s.replace(policy=replace(s.policy, visit=replace(s.policy.visit, max_officers=None)))


def _authorities(s: PlanningSnapshot, item: PlanItem, here: Enterprise) -> PlanningSnapshot:
    return s.replace(policy=replace(s.policy, visit=replace(s.policy.visit, max_authorities=None)))


def _gap(s: PlanningSnapshot, item: PlanItem, here: Enterprise) -> PlanningSnapshot:
    return s.replace(policy=replace(s.policy, visit=replace(s.policy.visit, min_gap_days=0)))


def _pins(s: PlanningSnapshot, item: PlanItem, here: Enterprise) -> PlanningSnapshot:
    return s.replace(pins=tuple(p for p in s.pins if p.enterprise_id != here.enterprise_id))


def _street(s: PlanningSnapshot, item: PlanItem, here: Enterprise) -> PlanningSnapshot:
    return s.replace(policy=replace(s.policy, street=replace(s.policy.street, max_days=None, max_visits=None)))


_LIFTS: Mapping[ReasonCode, Lift] = {
    ReasonCode.WINDOW: _window,
    ReasonCode.CLOSED: _closures,
    ReasonCode.QUIET: _quiet,
    ReasonCode.NO_CREW: _crews,
    ReasonCode.CAPACITY: _crews,
    ReasonCode.SHIFT_TOO_SHORT: _shifts,
    ReasonCode.HOURS: _hours,
    ReasonCode.NOTICE: _notice,
    ReasonCode.VISIT_TOO_LONG: _length,
    ReasonCode.CROWD: _crowd,
    ReasonCode.AUTHORITIES: _authorities,
    ReasonCode.CAP: _caps,
    ReasonCode.GAP: _gap,
    ReasonCode.PIN: _pins,
    ReasonCode.STREET_SHIFT_FULL: _street,
    ReasonCode.STREET_DAYS_USED: _street,
}
