"""Crews to add on a few dates: those that the unserved items of a street could use best, found before they are tried.

What is counted here only orders the offers; how many items they serve is known when they have been tried out.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date

from scheduler.domain.plans import PlanItem
from scheduler.domain.schedule import ReasonCode, Relaxation, RelaxationKind, Schedule
from scheduler.explain.alone import allowed_to
from scheduler.explain.facts import iso, relaxation
from scheduler.explain.planned import chances_of
from scheduler.explain.scene import Scene

MOST_DATES = 2
"""Dates of one weekday on which an offer adds a crew, at most."""

OFFERS = 2
"""Offers for each number of dates."""


def crew_offers(scene: Scene, schedule: Schedule, item: PlanItem) -> list[tuple[Relaxation, ...]]:
    """Return crews of the item's authority to add for its street, on one date or on several of one weekday.

    Every offer could serve the item on one of its dates; those that other unserved items of the authority in the
    street could use most come first.
    """
    wanted = _wanted(scene, schedule, item)
    mine = {slot: crews for slot, crews, _ in _slots_for(scene, item)}
    out: list[tuple[Relaxation, ...]] = []
    for count in range(1, MOST_DATES + 1):
        sets = _sets(scene, wanted, mine, count)
        for slots in sets[:OFFERS]:
            crews = max(1, min(mine[s] for s in slots if s in mine))
            out.append(tuple(_add(scene, item, s, crews) for s in slots))
    return out


def _add(scene: Scene, item: PlanItem, slot: int, crews: int) -> Relaxation:
    day, shift = scene.when(slot)
    street = scene.enterprise_of(item).street_id
    facts = {"authority": item.authority_id, "street": street, "crews": crews, "day": iso(day), "shift": shift}
    return relaxation(RelaxationKind.ADD_CREW, **facts)


def _wanted(scene: Scene, schedule: Schedule, item: PlanItem) -> dict[int, list[tuple[str, int]]]:
    """Return by slot the unserved items of the street that one more crew would let in, each with minutes."""
    street, served = scene.enterprise_of(item).street_id, {i for v in schedule.visits for i in v.item_ids}
    out: dict[int, list[tuple[str, int]]] = defaultdict(list)
    for other in scene.snapshot.items:
        if other.authority_id != item.authority_id or other.item_id in served:
            continue
        if scene.enterprise_of(other).street_id != street:
            continue
        for slot, crews, minutes in _slots_for(scene, other):
            if crews <= 1 or other == item:
                out[slot].append((other.item_id, minutes))
    return out


def _slots_for(scene: Scene, item: PlanItem) -> Iterator[tuple[int, int, int]]:
    """Yield (slot, crews lacking there, minutes with one leg) wherever only crews keep an item out."""
    a = allowed_to(scene, item)
    chances = chances_of(scene, a)
    minutes = a.part + a.leg
    slots = a.without(ReasonCode.NO_CREW)
    found: dict[int, int] = {s: max(0, item.crews - scene.spare(item, s)) for s in scene.bits(chances.doors(slots))}
    for j in chances.joins(slots):
        for s in scene.bits(j.planned.slot):
            found[s] = min(found.get(s, j.fresh), max(0, j.fresh - scene.spare(item, s)))
    for slot in sorted(found):
        yield slot, found[slot], minutes


def _filled(scene: Scene, wanted: Sequence[tuple[str, int]], slot: int, but: Collection[str] = ()) -> frozenset[str]:
    """Return the items, but for some, that one crew's shift holds by their minutes, the shortest first."""
    shift = scene.snapshot.calendar.shifts[slot % scene.availability.grid.num_shifts]
    left, out = shift.length_min, []
    for item_id, minutes in sorted(wanted, key=lambda w: (w[1], w[0])):
        if item_id in but:
            continue
        if minutes > left:
            break
        left -= minutes
        out.append(item_id)
    return frozenset(out)


def _sets(
    scene: Scene, wanted: Mapping[int, Sequence[tuple[str, int]]], mine: Mapping[int, int], count: int
) -> list[tuple[int, ...]]:
    """Return sets of slots of one weekday and shift, one of the item's own in each, the most useful set first."""
    groups: dict[tuple[int, int], list[int]] = defaultdict(list)
    for slot in sorted(wanted):
        day, _ = scene.when(slot)
        groups[date.fromordinal(day).isoweekday(), slot % scene.availability.grid.num_shifts].append(slot)
    found: list[tuple[int, tuple[int, ...]]] = []
    for slots in groups.values():
        own = [s for s in slots if s in mine]
        if not own or len(slots) < count:
            continue
        chosen = [max(own, key=lambda s: (len(_filled(scene, wanted[s], s)), -mine[s], -s))]
        covered = set(_filled(scene, wanted[chosen[0]], chosen[0]))
        while len(chosen) < count:
            rooms = {s: _filled(scene, wanted[s], s, covered) for s in slots if s not in chosen}
            more = max(rooms, key=lambda s: (len(rooms[s]), -s))
            chosen.append(more)
            covered |= rooms[more]
        found.append((len(covered), tuple(sorted(chosen))))
    return [slots for _, slots in sorted(found, key=lambda f: (-f[0], f[1]))]
