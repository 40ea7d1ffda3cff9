"""Whether events fit the schedule and its case: every fault of every event, found before anything changes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from scheduler.domain.people import WHOLE_CITY
from scheduler.domain.plans import PlanItem
from scheduler.domain.schedule import Schedule
from scheduler.domain.snapshot import PlanningSnapshot
from scheduler.explain.facts import iso
from scheduler.replan import events as e
from scheduler.replan.events import Event, EventFault
from scheduler.texts import Text

_Said = tuple[Text, dict[str, object]]


def faults_of(
    snapshot: PlanningSnapshot, published: Schedule, events: Sequence[Event], today: int
) -> tuple[EventFault, ...]:
    """Return every reason why these events cannot be, in their order."""
    judge = _Judge(snapshot, published, today)
    found = [
        EventFault(position=k, text=text, facts=tuple((n, str(v)) for n, v in facts.items()))
        for k, event in enumerate(events)
        for text, facts in judge.faults(event)
    ]
    if not any(day >= today for day in snapshot.calendar.days):
        found.append(EventFault(position=None, text=e.NOTHING_LEFT, facts=(("today", iso(today)),)))
    return tuple(found)


class _Judge:
    def __init__(self, snapshot: PlanningSnapshot, published: Schedule, today: int) -> None:
        self.today = today
        self.visits = {v.visit_id: v for v in published.visits}
        self.seen: set[str] = set()
        self.items = {i.item_id for i in snapshot.items}
        self.enterprises = {r.enterprise_id for r in snapshot.enterprises}
        self.authorities = {a.authority_id for a in snapshot.authorities}
        self.areas = {WHOLE_CITY, *(s.street_id for s in snapshot.streets), *(s.district_id for s in snapshot.streets)}
        self.shifts = {h.shift_id for h in snapshot.calendar.shifts}
        self.priorities = dict(snapshot.policy.priority_weights)

    def faults(self, event: Event) -> Iterator[_Said]:
        match event:
            case e.VisitDone() | e.NoAccess() | e.Refused():
                yield from self._outcome(event)
            case e.EnterpriseClosed():
                yield from self._known(event.enterprise_id, self.enterprises, e.UNKNOWN_ENTERPRISE)
                yield from _span(event.first_day, event.last_day)
            case e.CrewMissing():
                yield from self._known(event.authority_id, self.authorities, e.UNKNOWN_AUTHORITY)
                yield from self._where(event.area_id, event.shift_id)
                yield from _positive("crews", event.crews)
            case e.ShiftCancelled():
                yield from self._where(event.area_id, event.shift_id)
                if event.shift_id is not None and event.area_id != WHOLE_CITY:
                    yield e.ONE_SHIFT_OF_AN_AREA, {}
            case e.ItemAdded():
                yield from self._new(event.item)
            case e.ItemWithdrawn():
                yield from self._known(event.item_id, self.items, e.UNKNOWN_ITEM)
            case e.CapChanged():
                if event.cap.authority != "*":
                    yield from self._known(event.cap.authority, self.authorities, e.UNKNOWN_AUTHORITY)
                if event.cap.max_visits < 0:
                    yield e.NOT_POSITIVE, {"name": "max_visits", "value": event.cap.max_visits}

    def _outcome(self, event: e.Outcome) -> Iterator[_Said]:
        visit = self.visits.get(event.visit_id)
        if visit is None:
            yield e.UNKNOWN_VISIT, {"id": event.visit_id}
            return
        if visit.day > self.today:
            yield e.NOT_YET, {"id": event.visit_id, "day": iso(visit.day), "today": iso(self.today)}
        if event.visit_id in self.seen:
            yield e.TWO_OUTCOMES, {"id": event.visit_id}
        self.seen.add(event.visit_id)
        if isinstance(event, e.VisitDone):
            for item_id in event.left_item_ids:
                if item_id not in visit.item_ids:
                    yield e.NOT_OF_VISIT, {"id": event.visit_id, "item": item_id}
            if event.minutes is not None:
                yield from _positive("minutes", event.minutes)

    def _new(self, item: PlanItem) -> Iterator[_Said]:
        if item.item_id in self.items:
            yield e.KNOWN_ITEM, {"id": item.item_id}
        self.items.add(item.item_id)
        yield from self._known(item.enterprise_id, self.enterprises, e.UNKNOWN_ENTERPRISE)
        yield from self._known(item.authority_id, self.authorities, e.UNKNOWN_AUTHORITY)
        yield from self._known(item.priority, self.priorities, e.UNKNOWN_PRIORITY)
        yield from _span(item.earliest, item.latest)
        yield from _positive("duration_min", item.duration_min)
        yield from _positive("crews", item.crews)

    def _where(self, area_id: str, shift_id: str | None) -> Iterator[_Said]:
        yield from self._known(area_id, self.areas, e.UNKNOWN_AREA)
        if shift_id is not None:
            yield from self._known(shift_id, self.shifts, e.UNKNOWN_SHIFT)

    @staticmethod
    def _known(name: str, known: object, text: Text) -> Iterator[_Said]:
        if name not in known:  # type: ignore[operator]
            yield text, {"id": name}


def _span(first: int, last: int) -> Iterator[_Said]:
    if first > last:
        yield e.WRONG_SPAN, {"first": iso(first), "last": iso(last)}


def _positive(name: str, value: int) -> Iterator[_Said]:
    if value < 1:
        yield e.NOT_POSITIVE, {"name": name, "value": value}
