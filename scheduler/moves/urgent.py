"""An urgent case of today or tomorrow: a visit of its own, put among those that are published and stay as they are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from scheduler.alerts import DEFAULT_RULES, Alert, AlertRule, watch
from scheduler.domain.plans import PlanItem
from scheduler.domain.schedule import Score
from scheduler.encounters import encounters_of_history, encounters_of_schedule
from scheduler.moves.broken import broken_by
from scheduler.moves.change import Change, apply
from scheduler.moves.index import MoveIndex
from scheduler.moves.placing import Removal, change_of, cost_of, places_of
from scheduler.rules import Violation


@dataclass(frozen=True, slots=True, kw_only=True)
class UrgentPlace:
    """A way to serve the case; no visit that is arranged changes. `new_crews`: crews that go out for it alone."""

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
    place : the first date and shift that takes it, at least cost there; ``None`` when none does.
    refused : (day, shift, rules that it would break there) of every street shift before that one; without rules
        where its time does not fit into what is left of the shift.
    alerts : reminders about the enterprise that there are with the visit and were not without it.
    """

    place: UrgentPlace | None
    refused: tuple[tuple[int, str, tuple[Violation, ...]], ...]
    alerts: tuple[Alert, ...]


def place_urgent(
    index: MoveIndex, item: PlanItem, days: Sequence[int], now: int, rules: tuple[AlertRule, ...] = DEFAULT_RULES
) -> UrgentAnswer:
    """Return the first place of an urgent item, in a visit of its own (R06), while all other visits stay.

    Parameters
    ----------
    index : of a snapshot that has the item, and a schedule in which it is unserved.
    days : today, and the days after it that may serve the item, ascending.
    now : minutes after midnight of today; stops before it are past, and crews on their way go where they go.
    """
    refused: list[tuple[int, str, tuple[Violation, ...]]] = []
    for day in days:
        for shift in index.snapshot.calendar.shifts:
            today = day == days[0]
            if today and shift.end_min <= now:
                continue
            nobody = Removal(visit=None)
            places = places_of(index, [item], day, shift.shift_id, nobody, now if today else None)
            best = places.cheapest()
            if best is None:
                refused.append((day, shift.shift_id, ()))
                continue
            change = change_of(index, [item], day, shift.shift_id, best, nobody)
            broken = broken_by(index, change)
            if broken:
                refused.append((day, shift.shift_id, broken))
                continue
            place = UrgentPlace(
                day=day,
                shift_id=shift.shift_id,
                start=best.start,
                end=best.end,
                new_crews=best.new_crews,
                cost=cost_of(index, change),
                change=_served(index, item, change),
            )
            alerts = _new_alerts(index, item.enterprise_id, place.change, rules)
            return UrgentAnswer(place=place, refused=tuple(refused), alerts=alerts)
    return UrgentAnswer(place=None, refused=tuple(refused), alerts=())


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
