"""The best dates and shifts for an enterprise's visit, each with its cost and the sentence why."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

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
_LOSES = Text("不能办理：{items}", "loses {items}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """A date, shift and start that an enterprise may be offered; every rule is kept.

    Parameters
    ----------
    cost : how much each term grows.
    others : other visits of the street shift; `same_day` says whether the street has another visit on that date.
    new_crews : (authority's name, crews) that come newly.
    lost : items of the visit that cannot be served then; what becomes of them, ``carry_out`` says.
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
    lost: tuple[str, ...]
    change: Change
    pin: Pin

    def why(self, lang: Lang, lost: Sequence[str] | None = None) -> str:
        """Return the sentence that says what the slot costs others, and which items it cannot serve.

        `lost` are those of them that the reader may know of; all when ``None``.
        """
        lost = self.lost if lost is None else lost
        listing = "、" if lang == "zh" else ", "
        crews = listing.join(f"{name} +{count}" for name, count in self.new_crews)
        where = _JOINS if self.others else _OTHER_SHIFT if self.same_day else _ALONE
        how = _NEEDS if self.new_crews else _NO_NEW
        said = [where.say(lang, count=self.others), how.say(lang, crews=crews)]
        if lost:
            said.append(_LOSES.say(lang, items=listing.join(lost)))
        return ("，" if lang == "zh" else ", ").join(said)


class _Found(NamedTuple):
    """A slot that may be offered: where it stands among the others, and what it would do."""

    order: tuple[int, ...]
    day: int
    shift_id: str
    lost: tuple[str, ...]
    placement: Placement
    cost: Score
    change: Change


def offer_slots(
    index: MoveIndex, visit_id: str, k: int, today: int, notice_days: int = 0, *, release: bool = False
) -> tuple[Slot, ...]:
    """Return the k best slots of a visit: first those that serve all its items, then those that would lose some.

    Among each the cheapest in the order of the terms come first, then the earliest. Every rule is kept; the present
    slot is among them. What a slot loses is what may not be served then (R03 to R05), and the items of authorities
    that have too few crews then (R23).

    Parameters
    ----------
    visit_id : of a visit, or of an enterprise with one visit.
    k : at least 1.
    today : day number; slots are after it.
    notice_days : inspection dates that lie at least between today and an announced visit, from 0.
    release : let go the pins that hold the visit where it is.

    Raises
    ------
    BadMove : no such visit.
    """
    visit = index.visit(visit_id)
    if release:
        index = index.released(visit)
    items = [index.items[i] for i in visit.item_ids]
    out: list[Slot] = []
    for found in sorted(_possible(index, visit, items, today, notice_days), key=lambda f: f.order):
        if len(out) == k:
            break
        if not broken_by(index, found.change):
            out.append(_slot(index, visit, found))
    return tuple(out)


def _possible(
    index: MoveIndex, visit: JointVisit, items: list[PlanItem], today: int, notice_days: int
) -> Iterator[_Found]:
    """Yield the slots at which crews are free, with the most items that they take."""
    removal = removal_of(index, visit)
    order = {h: n for n, h in enumerate(index.shifts)}
    for day, shift_id, served in _open_slots(index, items, today, notice_days):
        placement = places_of(index, served, day, shift_id, removal).cheapest()
        if placement is not None and placement.missing:
            short = {p.authority_id for p in placement.parts if p.missing}
            served = [i for i in served if i.authority_id not in short]
            placement = places_of(index, served, day, shift_id, removal).cheapest() if served else None
        if placement is None or placement.missing:
            continue
        change = change_of(index, served, day, shift_id, placement, removal)
        cost = cost_of(index, change)
        kept = {i.item_id for i in served}
        lost = tuple(i for i in visit.item_ids if i not in kept)
        rank = (bool(lost), *cost.in_order(index.snapshot.policy.tiers), day, order[shift_id])
        yield _Found(rank, day, shift_id, lost, placement, cost, change)


def _open_slots(
    index: MoveIndex, items: list[PlanItem], today: int, notice_days: int
) -> Iterator[tuple[int, str, list[PlanItem]]]:
    """R03, R04, R05: yield the dates and shifts late enough for the notice, with the items that may be served then."""
    availability = index.availability
    days = index.snapshot.calendar.days
    announced = any(i.notice is Notice.ANNOUNCED for i in items)
    first = bisect_right(days, today) + (notice_days if announced else 0)
    if first >= len(days):
        return
    grid, enterprise = availability.grid, availability.enterprises[items[0].enterprise_id]
    slots = grid.between(days[first], days[-1]) & availability.open(enterprise)
    allowed = [slots & availability.window(i) & availability.not_quiet(enterprise, i.trigger) for i in items]
    shifts = tuple(index.shifts)
    for n in range(grid.num_slots):
        served = [i for i, mask in zip(items, allowed, strict=True) if mask >> n & 1]
        if served:
            yield grid.day_of(n), shifts[n % grid.num_shifts], served


def _slot(index: MoveIndex, visit: JointVisit, found: _Found) -> Slot:
    names = {a.authority_id: a.name for a in index.snapshot.authorities}
    day, shift_id, placement = found.day, found.shift_id, found.placement
    others = [v for v in index.visits_of_street.get(visit.street_id, ()) if v.day == day and v != visit]
    return Slot(
        day=day,
        shift_id=shift_id,
        start=placement.start,
        end=placement.end,
        cost=found.cost,
        others=sum(v.shift_id == shift_id for v in others),
        same_day=bool(others),
        new_crews=tuple((names[p.authority_id], p.new_crews) for p in placement.parts if p.new_crews),
        lost=found.lost,
        change=found.change,
        pin=Pin(enterprise_id=visit.enterprise_id, day=day, shift_id=shift_id),
    )
