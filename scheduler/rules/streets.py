"""Rules over the streets of a schedule: R29 and R30."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from scheduler.domain.calendar import Period, period_key
from scheduler.ledger import Ledger
from scheduler.rules.rule import Fault, fault, on_day, rule
from scheduler.texts import Text


@rule(
    "R29",
    Text("街道班次入企上限", "visits of a street shift"),
    Text(
        "一个街道一个班次内的入企次数不超过上限。",
        "The visits of a street shift are at most the limit of the case, where there is one.",
    ),
)
def visits_of_street_shift(ledger: Ledger) -> Iterator[Fault]:
    """R29: visits in one street on one date and shift are at most `max_visits`, when there is a limit."""
    limit = ledger.snapshot.policy.street.max_visits
    if limit is None:
        return
    held: dict[tuple[str, int, str], list[str]] = defaultdict(list)
    for entry in ledger.visits:
        held[entry.visit.street_id, entry.visit.day, entry.visit.shift_id].append(entry.visit.visit_id)
    for (street_id, day, shift_id), visit_ids in sorted(held.items()):
        if len(visit_ids) > limit:
            yield fault(
                "街道{id}在{day} {shift}有{visits}次入企，上限{limit}次。",
                "Street {id} has {visits} visits on {day} {shift}, at most {limit} are allowed.",
                street_id,
                *visit_ids,
                day=on_day(day),
                shift=shift_id,
                visits=len(visit_ids),
                limit=limit,
            )


@rule(
    "R30",
    Text("街道联合检查日上限", "joint days of a street"),
    Text(
        "一个街道一个自然月内的联合检查日不超过上限。",
        "The joint days of a street in a calendar month are at most the limit of the case, where there is one.",
    ),
)
def joint_days_of_street(ledger: Ledger) -> Iterator[Fault]:
    """R30: dates with a visit in one street and calendar month are at most `max_days`, when there is a limit."""
    limit = ledger.snapshot.policy.street.max_days
    if limit is None:
        return
    held: dict[tuple[str, tuple[int, int]], set[int]] = defaultdict(set)
    for entry in ledger.visits:
        held[entry.visit.street_id, _month_of(entry.visit.day)].add(entry.visit.day)
    for (street_id, _), days in sorted(held.items()):
        if len(days) > limit:
            yield fault(
                "街道{id}在同一月内有{count}个联合检查日（{days}），上限{limit}个。",
                "Street {id} has {count} joint days in one month ({days}), at most {limit} are allowed.",
                street_id,
                count=len(days),
                days=", ".join(map(on_day, sorted(days))),
                limit=limit,
            )


def _month_of(day: int) -> tuple[int, int]:
    """Return the month of a day number; a number that is no day (R01 reports it) is a month by itself."""
    return period_key(day, Period.MONTH) if on_day(day) != str(day) else (0, day)
