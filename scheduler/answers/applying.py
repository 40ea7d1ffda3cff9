"""A relaxation carried out: the case after it, changed as little as the relaxation says."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date

from scheduler.answers.lifting import everybody_but, lifted
from scheduler.caps import cap_covers
from scheduler.domain.calendar import Period
from scheduler.domain.people import CrewPool
from scheduler.domain.places import Enterprise
from scheduler.domain.plans import PinKind, PlanItem
from scheduler.domain.policy import Policy, QuietPeriod, QuietScope
from scheduler.domain.schedule import Relaxation, RelaxationKind
from scheduler.domain.snapshot import PlanningSnapshot
from scheduler.rules.visits import covers

Facts = Mapping[str, str]

TARGETS = (
    RelaxationKind.MOVE_WINDOW,
    RelaxationKind.SPLIT_ITEM,
)
"""Changes of the item itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RelaxedCase:
    """A case after a relaxation; `item_ids` are those that stand for the item (its pieces where it was split)."""

    snapshot: PlanningSnapshot
    item_ids: tuple[str, ...]


def relaxed_case(snapshot: PlanningSnapshot, item: PlanItem, change: Relaxation) -> RelaxedCase | None:
    """Return the case with a relaxation carried out; ``None`` for several at once that cannot all be lifted.

    Only the item, its enterprise, or the named crews change, save where the relaxation itself names a limit of the
    whole case: shifts, officers on site, longest visit, visits and days of a street, caps and weights.
    """
    facts = dict(change.facts)
    ids: tuple[str, ...] = (item.item_id,)
    kind = change.kind
    if kind is RelaxationKind.SEVERAL:
        several = lifted(snapshot, item, tuple(facts["codes"].split(", ")))
        return None if several is None else RelaxedCase(snapshot=several, item_ids=ids)
    if kind in TARGETS:
        new = _items(item, kind, facts)
        ids = tuple(i.item_id for i in new)
        after = snapshot.replace(items=(*(i for i in snapshot.items if i != item), *new))
    elif kind in (RelaxationKind.OPEN_ENTERPRISE, RelaxationKind.WIDEN_HOURS):
        old = _enterprise_of(snapshot, item)
        opened = _opened(snapshot, old, kind, facts)
        after = snapshot.replace(enterprises=tuple(opened if e is old else e for e in snapshot.enterprises))
    elif kind is RelaxationKind.ADD_CREW:
        after = snapshot.replace(crew_pools=(*snapshot.crew_pools, _crews(facts)))
    elif kind is RelaxationKind.LENGTHEN_SHIFT:
        after = _longer_shift(snapshot, facts)
    elif kind is RelaxationKind.REMOVE_PIN:
        after = _without_pin(snapshot, item, _day(facts))
    else:
        after = snapshot.replace(policy=_policy(snapshot, item, kind, facts))
    return RelaxedCase(snapshot=after, item_ids=ids)


def _day(facts: Facts) -> int:
    return date.fromisoformat(facts["day"]).toordinal()


def _minute(text: str) -> int:
    hours, minutes = text.split(":")
    return int(hours) * 60 + int(minutes)


def _enterprise_of(snapshot: PlanningSnapshot, item: PlanItem) -> Enterprise:
    return next(e for e in snapshot.enterprises if e.enterprise_id == item.enterprise_id)


def _items(item: PlanItem, kind: RelaxationKind, facts: Facts) -> tuple[PlanItem, ...]:
    if kind is RelaxationKind.MOVE_WINDOW:
        on = _day(facts)
        return (replace(item, earliest=min(item.earliest, on), latest=max(item.latest, on)),)
    pieces, longest = int(facts["pieces"]), int(facts["minutes"])
    return tuple(
        replace(
            item,
            item_id=f"{item.item_id}#{n + 1}",
            duration_min=min(longest, item.duration_min - n * longest),
        )
        for n in range(pieces)
        if item.duration_min > n * longest
    )


def _opened(snapshot: PlanningSnapshot, e: Enterprise, kind: RelaxationKind, facts: Facts) -> Enterprise:
    if kind is RelaxationKind.WIDEN_HOURS:
        return replace(e, open_from=_minute(facts["opens"]), open_to=_minute(facts["closes"]))
    on = _day(facts)
    weekday = date.fromordinal(on).isoweekday()
    closed = set(e.closed_days)
    if weekday in e.closed_weekdays:  # the other dates of that weekday stay closed
        closed |= {d for d in snapshot.calendar.days if date.fromordinal(d).isoweekday() == weekday}
    return replace(
        e,
        closed_days=tuple(sorted(closed - {on})),
        closed_weekdays=tuple(w for w in e.closed_weekdays if w != weekday),
    )


def _crews(facts: Facts) -> CrewPool:
    return CrewPool(
        authority_id=facts["authority"],
        area_id=facts["street"],
        crews=int(facts["crews"]),
        first_day=_day(facts),
        last_day=_day(facts),
        shift_id=facts["shift"],
    )


def _longer_shift(snapshot: PlanningSnapshot, facts: Facts) -> PlanningSnapshot:
    starts, ends = _minute(facts["starts"]), _minute(facts["ends"])
    shifts = tuple(
        replace(s, start_min=starts, end_min=ends) if s.shift_id == facts["shift"] else s
        for s in snapshot.calendar.shifts
    )
    return snapshot.replace(calendar=replace(snapshot.calendar, shifts=shifts))


def _without_pin(snapshot: PlanningSnapshot, item: PlanItem, on: int) -> PlanningSnapshot:
    def meant(enterprise_id: str, day: int, kind: PinKind) -> bool:
        return enterprise_id == item.enterprise_id and day == on and kind is PinKind.FIXED

    return snapshot.replace(pins=tuple(p for p in snapshot.pins if not meant(p.enterprise_id, p.day, p.kind)))


def _policy(snapshot: PlanningSnapshot, item: PlanItem, kind: RelaxationKind, facts: Facts) -> Policy:
    policy = snapshot.policy
    match kind:
        case RelaxationKind.EXEMPT_QUIET:
            return replace(policy, quiet_periods=tuple(_exempted(snapshot, item, _day(facts))))
        case RelaxationKind.RAISE_SHIFT_VISITS:
            return replace(policy, street=replace(policy.street, max_visits=int(facts["to"])))
        case RelaxationKind.RAISE_STREET_DAYS:
            return replace(policy, street=replace(policy.street, max_days=int(facts["to"])))
        case RelaxationKind.RAISE_CROWD:
            return replace(policy, visit=replace(policy.visit, max_officers=int(facts["to"])))
        case RelaxationKind.RAISE_AUTHORITIES:
            return replace(policy, visit=replace(policy.visit, max_authorities=int(facts["to"])))
        case RelaxationKind.LENGTHEN_VISIT:
            return replace(policy, visit=replace(policy.visit, max_visit_min=int(facts["to"])))
        case RelaxationKind.SHORTEN_GAP:
            return replace(policy, visit=replace(policy.visit, min_gap_days=int(facts["to"])))
        case RelaxationKind.GIVE_WEIGHT:
            weights = dict(policy.priority_weights) | {facts["priority"]: 1}
            return replace(policy, priority_weights=tuple(sorted(weights.items())))
        case RelaxationKind.RAISE_CAP:
            return _higher_cap(policy, _enterprise_of(snapshot, item), facts)
        case _:
            raise ValueError(f"{kind} changes no policy")


def _higher_cap(policy: Policy, enterprise: Enterprise, facts: Facts) -> Policy:
    who, to = facts["authority"] or None, int(facts["to"])
    return replace(
        policy,
        caps=tuple(
            replace(c, max_visits=max(c.max_visits, to))
            if cap_covers(c, who, enterprise.credit_class)
            and c.scope.value == facts["scope"]
            and c.period is Period(facts["period"])
            else c
            for c in policy.caps
        ),
    )


def _exempted(snapshot: PlanningSnapshot, item: PlanItem, on: int) -> Iterable[QuietPeriod]:
    """Yield the quiet periods with the item's enterprise let out of them on one day; all others keep theirs."""
    here = _enterprise_of(snapshot, item)
    for quiet in snapshot.policy.quiet_periods:
        if not covers(quiet, here) or not quiet.holds_on(on) or item.trigger in quiet.exempt_triggers:
            yield quiet
            continue
        yield from everybody_but(snapshot, quiet, here)
        days = [d for d in snapshot.calendar.days if d != on and quiet.holds_on(d)]
        for day in days:
            yield QuietPeriod(
                scope=QuietScope.ENTERPRISE,
                target=here.enterprise_id,
                first_day=day,
                last_day=day,
                exempt_triggers=quiet.exempt_triggers,
            )
