"""Streets at their limits: shifts that take no further visit, months that take no further joint day (R29, R30)."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from scheduler.availability import Availability, Slots
from scheduler.domain.calendar import Period, period_key
from scheduler.domain.schedule import JointVisit, Reason, ReasonCode
from scheduler.explain.facts import iso, isos, period_name, reason


@dataclass(frozen=True, slots=True, kw_only=True)
class StreetUse:
    """What a plan leaves of a street's limits; the two sets share no slot.

    Parameters
    ----------
    full : street shifts that hold as many visits as they may.
    spent : dates without a visit, in months with as many joint days as they may have.
    days : joint days, ascending.
    """

    full: Slots = 0
    spent: Slots = 0
    days: tuple[int, ...] = ()

    @property
    def closed(self) -> Slots:
        """Return the slots that take no new visit."""
        return self.full | self.spent


def street_uses(availability: Availability, visits: Iterable[JointVisit]) -> dict[str, StreetUse]:
    """Return what a plan's visits leave of the limits of every street that they are in."""
    limits, grid = availability.snapshot.policy.street, availability.grid
    if limits.max_visits is None and limits.max_days is None:
        return {}
    shift_idx = {s.shift_id: n for n, s in enumerate(availability.snapshot.calendar.shifts)}
    held: dict[str, Counter[tuple[int, str]]] = defaultdict(Counter)
    for v in visits:
        held[v.street_id][v.day, v.shift_id] += 1
    out = {}
    for street_id, counts in held.items():
        full = spent = 0
        for (day, shift_id), count in counts.items():
            if limits.max_visits is not None and count >= limits.max_visits:
                full |= grid.between(day, day) & availability.shift_slots(shift_idx[shift_id])
        days = sorted({day for day, _ in counts})
        for key, slots in availability.periods(Period.MONTH) if limits.max_days is not None else ():
            inside = [d for d in days if period_key(d, Period.MONTH) == key]
            if limits.max_days is not None and len(inside) >= limits.max_days:
                spent |= slots
                for day in inside:
                    spent &= ~grid.between(day, day)
        out[street_id] = StreetUse(full=full, spent=spent, days=tuple(days))
    return out


def street_reasons(availability: Availability, street_id: str, use: StreetUse, slots: Slots) -> list[Reason]:
    """Return the limits of a street that close some of the slots for a new visit."""
    limits, grid, out = availability.snapshot.policy.street, availability.grid, []
    if use.full & slots:
        days = grid.days_of(use.full & slots)
        facts = {"shifts": (use.full & slots).bit_count(), "first": iso(days[0]), "last": iso(days[-1])}
        out.append(reason(ReasonCode.STREET_SHIFT_FULL, street=street_id, limit=limits.max_visits, **facts))
    if use.spent & slots:
        months = sorted({period_key(d, Period.MONTH) for d in grid.days_of(use.spent & slots)})
        joint = isos(d for d in use.days if period_key(d, Period.MONTH) in months)
        names = ", ".join(period_name(Period.MONTH, key) for key in months)
        out.append(
            reason(ReasonCode.STREET_DAYS_USED, street=street_id, limit=limits.max_days, months=names, days=joint)
        )
    return out
