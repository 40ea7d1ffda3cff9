"""Encounters of officers with an enterprise: planned, scheduled or recorded, in one form for what counts them."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from scheduler.domain.people import OFFICERS_PER_CREW
from scheduler.domain.plans import Notice, PastInspection, PlanItem, Trigger
from scheduler.domain.schedule import JointVisit, Schedule
from scheduler.domain.snapshot import PlanningSnapshot
from scheduler.explain.facts import iso


class Source(StrEnum):
    """What is known of an encounter: that it is wanted, that it is arranged, or that it took place."""

    PLANNED_ITEM = "planned_item"
    SCHEDULED_VISIT = "scheduled_visit"
    RECORDED_VISIT = "recorded_visit"


@dataclass(frozen=True, slots=True, kw_only=True)
class Encounter:
    """Officers at an enterprise on one day.

    Parameters
    ----------
    first_day, last_day : first and last day on which it may be, equal when the date is fixed.
    authority_ids, triggers : sorted; no triggers when they are not known.
    counted_ids : the authorities whose visit counts against caps; none when all is exempt.
    officers : officers on site at once; of a recorded visit two for each authority, as though all were there at once.
    ref : item or visit id; of a record without a visit id ``enterprise/date``.
    item_ids : the items that it serves, where they are known.
    notice : ``None`` when it is not known.
    """

    enterprise_id: str
    first_day: int
    last_day: int
    authority_ids: tuple[str, ...]
    triggers: tuple[Trigger, ...]
    counted_ids: tuple[str, ...]
    officers: int
    source: Source
    ref: str
    item_ids: tuple[str, ...] = ()
    notice: Notice | None = None

    @property
    def cap_exempt(self) -> bool:
        """Say whether it does not count against any cap."""
        return not self.counted_ids

    @property
    def is_fixed(self) -> bool:
        """Say whether it is a visit with a date, and no plan item."""
        return self.source is not Source.PLANNED_ITEM

    def may_join(self, visit: Encounter) -> bool:
        """Say whether this plan item may become part of a scheduled visit of its enterprise."""
        return (
            visit.source is Source.SCHEDULED_VISIT
            and self.first_day <= visit.first_day <= self.last_day
            and (visit.notice is None or self.notice is None or visit.notice is self.notice)
        )


def encounters_of_items(snapshot: PlanningSnapshot) -> tuple[Encounter, ...]:
    """Return an encounter for every plan item with an inspection date in its window, from the first to the last."""
    days = snapshot.calendar.days
    out = []
    for item in snapshot.items:
        lo, hi = bisect_left(days, item.earliest), bisect_right(days, item.latest)
        if lo < hi:
            who = (item.authority_id,)
            out.append(
                Encounter(
                    enterprise_id=item.enterprise_id,
                    first_day=days[lo],
                    last_day=days[hi - 1],
                    authority_ids=who,
                    triggers=(item.trigger,),
                    counted_ids=() if item.cap_exempt else who,
                    officers=OFFICERS_PER_CREW * item.crews,
                    source=Source.PLANNED_ITEM,
                    ref=item.item_id,
                    item_ids=(item.item_id,),
                    notice=item.notice,
                )
            )
    return tuple(out)


def encounters_of_schedule(snapshot: PlanningSnapshot, schedule: Schedule) -> tuple[Encounter, ...]:
    """Return an encounter for every visit; an authority of whose items the snapshot knows none counts against caps."""
    items = {i.item_id: i for i in snapshot.items}
    stays: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for crew in schedule.crew_shifts:
        for stop in crew.stops:
            stays[stop.visit_id].append((stop.start, stop.leave))
    return tuple(_of_visit(v, items, stays.get(v.visit_id, ())) for v in schedule.visits)


def _of_visit(visit: JointVisit, items: Mapping[str, PlanItem], stays: Iterable[tuple[int, int]]) -> Encounter:
    known = [items[i] for i in visit.item_ids if i in items]
    crews: dict[str, int] = dict.fromkeys(visit.authority_ids, 1)
    counted: dict[str, bool] = {}
    for item in known:
        a = item.authority_id
        crews[a] = max(crews.get(a, 1), item.crews)
        counted[a] = counted.get(a, False) or not item.cap_exempt
    at_once = _most_at_once(stays) or sum(crews.values())
    return Encounter(
        enterprise_id=visit.enterprise_id,
        first_day=visit.day,
        last_day=visit.day,
        authority_ids=visit.authority_ids,
        triggers=tuple(sorted({i.trigger for i in known})),
        counted_ids=tuple(a for a in visit.authority_ids if counted.get(a, True)),
        officers=OFFICERS_PER_CREW * at_once,
        source=Source.SCHEDULED_VISIT,
        ref=visit.visit_id,
        item_ids=visit.item_ids,
        notice=known[0].notice if known else None,
    )


def _most_at_once(stays: Iterable[tuple[int, int]]) -> int:
    """Return the most parts that go on in one minute; one that ends when another begins does not meet it."""
    most = now = 0
    for _, change in sorted([(start, 1) for start, _ in stays] + [(leave, -1) for _, leave in stays]):
        now += change
        most = max(most, now)
    return most


def encounters_of_history(snapshot: PlanningSnapshot) -> tuple[Encounter, ...]:
    """Return an encounter for every door of the past, told apart as caps do (``caps.past_visits``)."""
    doors: dict[tuple[str, str | int], list[PastInspection]] = defaultdict(list)
    for row in snapshot.history:
        doors[row.enterprise_id, row.visit_id or row.day].append(row)
    out = []
    for (enterprise_id, _), rows in doors.items():
        first = next((r for r in rows if not r.cap_exempt), rows[0])
        authorities = tuple(sorted({r.authority_id for r in rows}))
        out.append(
            Encounter(
                enterprise_id=enterprise_id,
                first_day=first.day,
                last_day=first.day,
                authority_ids=authorities,
                triggers=tuple(sorted({r.trigger for r in rows})),
                counted_ids=tuple(sorted({r.authority_id for r in rows if not r.cap_exempt})),
                officers=OFFICERS_PER_CREW * len(authorities),
                source=Source.RECORDED_VISIT,
                ref=first.visit_id or f"{enterprise_id}/{iso(first.day)}",
            )
        )
    return tuple(out)
