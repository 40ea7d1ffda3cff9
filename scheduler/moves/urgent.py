"""An urgent case of today or tomorrow: a visit of its own, put among those that are published and stay as they are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from scheduler.alerts import Alert, AlertKind, AlertRule, watch
from scheduler.domain.plans import PlanItem
from scheduler.domain.schedule import Score
from scheduler.encounters import encounters_of_history, encounters_of_schedule
from scheduler.moves.broken import broken_by
from scheduler.moves.change import Change, apply
from scheduler.moves.index import MoveIndex
from scheduler.moves.placing import Removal, change_of, cost_of, places_of
from scheduler.rules import Violation

REASONABLE = (AlertRule(rule_id="repeat_60", kind=AlertKind.REPEAT, days=60),)
"""Hainan reminds of a second visit within 60 natural days, save for those with a cause; whoever adds one for a cause
should know of the one before all the same."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UrgentPlace:
    """A way to serve the case; no visit that is arranged changes.

    Parameters
    ----------
    new_crews : crews that go out for it alone; where there are any, the case is a separate trip.
    """

    day: int
    shift_id: str
    start: int
    end: int
    new_crews: int
    cost: Score
    change: Change


@dataclass(frozen=True, slots=True, kw_only=True)
class UrgentAnswer:
    """What can be done for an urgent case.

    Parameters
    ----------
    place : the least disturbing date and shift that takes it; ``None`` when none does.
    refused : (day, shift, rules that it would break there) of every street shift that does not take it; without rules
        where its time does not fit into what is left of the shift.
    alerts : reminders about the enterprise that there are with the visit and were not without it.
    """

    place: UrgentPlace | None
    refused: tuple[tuple[int, str, tuple[Violation, ...]], ...]
    alerts: tuple[Alert, ...]


def place_urgent(
    index: MoveIndex, item: PlanItem, days: Sequence[int], now: int, rules: tuple[AlertRule, ...] = REASONABLE
) -> UrgentAnswer:
    """Return the least disturbing place of an urgent item, in a visit of its own (R06), while all other visits stay.

    A place that crews at work can take comes before one for which a crew goes out, then the earlier one.

    Parameters
    ----------
    index : of a snapshot that has the item, and a schedule in which it is unserved.
    days : today, and the days after it that may serve the item, ascending.
    now : minutes after midnight of today; stops before it are past, and crews on their way go where they go.
    rules : of reminders about the enterprise; unlike the usual ones they count inspections for a cause too.
    """
    refused: list[tuple[int, str, tuple[Violation, ...]]] = []
    found: list[UrgentPlace] = []
    for day in days:
        for shift in index.snapshot.calendar.shifts:
            at = now if day == days[0] else None
            if at is not None and shift.end_min <= at:
                continue
            place = _place(index, item, day, shift.shift_id, at)
            if isinstance(place, UrgentPlace):
                found.append(place)
            else:
                refused.append((day, shift.shift_id, place))
    if not found:
        return UrgentAnswer(place=None, refused=tuple(refused), alerts=())
    best = min(found, key=lambda p: p.new_crews)  # the first of equal ones is the earliest
    return UrgentAnswer(
        place=best, refused=tuple(refused), alerts=_new_alerts(index, item.enterprise_id, best.change, rules)
    )


def _place(
    index: MoveIndex, item: PlanItem, day: int, shift_id: str, now: int | None
) -> UrgentPlace | tuple[Violation, ...]:
    """Return the cheapest place in a street shift, or the rules that it breaks there, none where no time is left."""
    nobody = Removal(visit=None)
    best = places_of(index, [item], day, shift_id, nobody, now).cheapest()
    if best is None:
        return ()
    change = change_of(index, [item], day, shift_id, best, nobody)
    broken = broken_by(index, change)
    if broken:
        return broken
    return UrgentPlace(
        day=day,
        shift_id=shift_id,
        start=best.start,
        end=best.end,
        new_crews=best.new_crews,
        cost=cost_of(index, change),
        change=_served(index, item, change),
    )


def _served(index: MoveIndex, item: PlanItem, change: Change) -> Change:
    """R27: return the change with the item taken from the unserved ones."""
    return Change(
        new_visits=change.new_visits,
        old_crews=change.old_crews,
        new_crews=change.new_crews,
        old_unserved=tuple(u for u in index.schedule.unserved if u.item_id == item.item_id),
    )


def _new_alerts(
    index: MoveIndex, enterprise_id: str, change: Change, rules: tuple[AlertRule, ...]
) -> tuple[Alert, ...]:
    past = encounters_of_history(index.snapshot)

    def alerts(schedule_after: bool) -> tuple[Alert, ...]:
        schedule = apply(index.schedule, change) if schedule_after else index.schedule
        there = (*past, *encounters_of_schedule(index.snapshot, schedule))
        return watch(index.snapshot, rules, (e for e in there if e.enterprise_id == enterprise_id))

    before = set(alerts(schedule_after=False))
    return tuple(a for a in alerts(schedule_after=True) if a not in before)
