"""The best dates and shifts for an enterprise's visit, each with its cost and the sentence why."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass

from scheduler.domain.plans import Notice, Pin, PlanItem
from scheduler.domain.schedule import JointVisit, Score
from scheduler.moves.broken import broken_by
from scheduler.moves.change import Change
from scheduler.moves.index import MoveIndex
from scheduler.moves.places import Placement
from scheduler.moves.placing import change_of, cost_of, places_of, removal_of
from scheduler.texts import Lang, Text

_JOINS = Text("与该街道同一班次的另外{count}次入企一起", "joins {count} other visits in the street shift")
_ALONE = Text("该街道该日没有其他入企，新增一个联合检查日", "a new joint day of the street")
_OTHER_SHIFT = Text("该街道该日另一班次有入企", "the street has visits in another shift of that date")
_NO_NEW = Text("不需新增班组", "no new crew")
_NEEDS = Text("需新增班组：{crews}", "needs more crews: {crews}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """A date, shift and start that an enterprise may be offered; every rule is kept.

    Parameters
    ----------
    cost : how much each term grows.
    others : other visits of the street shift; `same_day` says whether the street has another visit on that date.
    new_crews : (authority's name, crews) that come newly.
    change, pin : carry it out, and keep it there.
    """

    day: int
    shift_id: str
    start: int
    end: int
    cost: Score
    others: int
    same_day: bool
    new_crews: tuple[tuple[str, int], ...]
    change: Change
    pin: Pin

    def why(self, lang: Lang) -> str:
        """Return the sentence that says what the slot costs others."""
        crews = ("、" if lang == "zh" else ", ").join(f"{name} +{count}" for name, count in self.new_crews)
        where = _JOINS if self.others else _OTHER_SHIFT if self.same_day else _ALONE
        how = _NEEDS if self.new_crews else _NO_NEW
        return ("，" if lang == "zh" else ", ").join((where.say(lang, count=self.others), how.say(lang, crews=crews)))


def offer_slots(index: MoveIndex, visit_id: str, k: int, today: int, notice_days: int = 0) -> tuple[Slot, ...]:
    """Return the k best slots of a visit, those that cost least in the order of the terms, then the earliest.

    Only slots that serve all its items and keep every rule are offered, its present one among them.

    Parameters
    ----------
    visit_id : of a visit, or of an enterprise with one visit.
    k : at least 1.
    today : day number; slots are after it.
    notice_days : inspection dates that lie at least between today and an announced visit, from 0.

    Raises
    ------
    BadMove : no such visit.
    """
    visit = index.visit(visit_id)
    items = [index.items[i] for i in visit.item_ids]
    removal = removal_of(index, visit)
    found = []
    for day, shift_id in _open_slots(index, items, today, notice_days):
        placement = places_of(index, items, day, shift_id, removal).cheapest()
        if placement is None or placement.missing:
            continue
        change = change_of(index, items, day, shift_id, placement, removal)
        found.append((cost_of(index, change), day, shift_id, placement, change))
    order = {h: n for n, h in enumerate(index.shifts)}
    found.sort(key=lambda f: (tuple(f[0].as_dict().values()), f[1], order[f[2]]))
    out: list[Slot] = []
    for cost, day, shift_id, placement, change in found:
        if len(out) == k:
            break
        if not broken_by(index, change):
            out.append(_slot(index, visit, day, shift_id, placement, cost, change))
    return tuple(out)


def _open_slots(index: MoveIndex, items: list[PlanItem], today: int, notice_days: int) -> list[tuple[int, str]]:
    """R03, R04, R05: return the dates and shifts on which all items may be served, late enough for the notice."""
    availability = index.availability
    days = index.snapshot.calendar.days
    announced = any(i.notice is Notice.ANNOUNCED for i in items)
    first = bisect_right(days, today) + (notice_days if announced else 0)
    if first >= len(days):
        return []
    grid, enterprise = availability.grid, availability.enterprises[items[0].enterprise_id]
    slots = grid.between(days[first], days[-1]) & availability.open(enterprise)
    for item in items:
        slots &= availability.window(item) & availability.not_quiet(enterprise, item.trigger)
    shifts = tuple(index.shifts)
    return [(grid.day_of(n), shifts[n % grid.num_shifts]) for n in range(grid.num_slots) if slots >> n & 1]


def _slot(
    index: MoveIndex, visit: JointVisit, day: int, shift_id: str, placement: Placement, cost: Score, change: Change
) -> Slot:
    names = {a.authority_id: a.name for a in index.snapshot.authorities}
    others = [v for v in index.visits_of_street.get(visit.street_id, ()) if v.day == day and v != visit]
    return Slot(
        day=day,
        shift_id=shift_id,
        start=placement.start,
        end=placement.end,
        cost=cost,
        others=sum(v.shift_id == shift_id for v in others),
        same_day=bool(others),
        new_crews=tuple((names[p.authority_id], p.new_crews) for p in placement.parts if p.new_crews),
        change=change,
        pin=Pin(enterprise_id=visit.enterprise_id, day=day, shift_id=shift_id),
    )
