"""What every single entry adds to the figures, so that any figure is a sum and every sum leads back to its entries."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from scheduler.alerts import LEADS
from scheduler.domain.fieldwork.entry import Entry
from scheduler.domain.fieldwork.kinds import ItemResult

REPEAT_DAYS = 60
"""A door that opens within so many days of another of the enterprise is a repeat, as the warning `repeat_60` has it."""

PARTNER_DAYS = 60
"""An item had a partner where another authority was inside the enterprise within so many days; our assumption."""

_DAY_MIN = 1440
NOT_KNOWN = "-"
"""The group of what has no industry or district on record."""


class Dimension(StrEnum):
    """By what figures are told apart."""

    CITY = "city"
    STREET = "street"
    DISTRICT = "district"
    INDUSTRY = "industry"
    AUTHORITY = "authority"
    WEEK = "week"  # ISO week of the door


@dataclass(frozen=True, slots=True, kw_only=True)
class Places:
    """District of every street and industry of every enterprise, where they are known."""

    districts: Mapping[str, str]
    industries: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """What one entry adds to the figures of its group.

    Parameters
    ----------
    opens_door : it is the first of its door in the group, which counts the door.
    is_inside : officers were inside; nothing else is true of an entry where they were not.
    is_joint : another authority was inside at the same door.
    had_partner : another authority was inside the enterprise within :data:`PARTNER_DAYS`; never of leads alone.
    is_repeat : it counts a door that repeats an earlier one.
    done_items : items that were carried out.
    door_minutes : minutes that the door was not yet open by earlier entries of the group; ``None`` where not known.
    """

    entry: Entry
    group: str
    opens_door: bool = False
    is_inside: bool = False
    is_joint: bool = False
    had_partner: bool = False
    is_repeat: bool = False
    done_items: int = 0
    door_minutes: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Door:
    day: int
    entries: tuple[Entry, ...]
    is_lead: bool

    @property
    def is_joint(self) -> bool:
        return len({e.authority_id for e in self.entries}) > 1


def marks_of(
    entries: Iterable[Entry],
    first: int,
    last: int,
    dimension: Dimension,
    places: Places,
    selected: Callable[[Entry], bool] = lambda _: True,
) -> tuple[Mark, ...]:
    """Return what the selected entries of a period add, in order of entry id.

    Parameters
    ----------
    entries : also those up to 60 days before and after, and of all authorities: they say what is joint or a repeat.
    first, last : day numbers, both inside; a door is of the day on which it was first opened.
    selected : which entries count; the others only say what is joint or a repeat.
    """
    marks: list[Mark] = []
    by_enterprise: dict[str, list[Entry]] = defaultdict(list)
    for entry in entries:
        if entry.took_place:
            by_enterprise[entry.enterprise_id].append(entry)
        elif first <= entry.day <= last and selected(entry):
            marks.append(Mark(entry=entry, group=_group(dimension, entry, entry, places)))
    for own in by_enterprise.values():
        doors = _doors(own)
        repeats = _repeats(doors)
        days = _days_of_authorities(own)
        for k, door in enumerate(doors):
            if first <= door.day <= last:
                marks += _of_door(door, repeats[k], days, dimension, places, selected)
    return tuple(sorted(marks, key=lambda m: m.entry.entry_id))


def _doors(entries: Sequence[Entry]) -> list[_Door]:
    groups: dict[tuple[str | None, str | int], list[Entry]] = defaultdict(list)
    for e in entries:
        groups[(e.horizon_id, e.visit_id) if e.visit_id else (None, e.day)].append(e)
    doors = []
    for group in groups.values():
        ordered = tuple(sorted(group, key=lambda e: (e.day, e.entered_min or 0, e.entry_id)))
        is_lead = all(e.trigger in LEADS for e in ordered)
        doors.append(_Door(day=ordered[0].day, entries=ordered, is_lead=is_lead))
    return sorted(doors, key=lambda d: (d.day, d.entries[0].entered_min or 0, d.entries[0].entry_id))


def _repeats(doors: Sequence[_Door]) -> list[bool]:
    found, before = [], None
    for door in doors:
        found.append(not door.is_lead and before is not None and door.day - before <= REPEAT_DAYS)
        before = before if door.is_lead else door.day
    return found


def _days_of_authorities(entries: Sequence[Entry]) -> dict[str, list[int]]:
    days: dict[str, set[int]] = defaultdict(set)
    for e in entries:
        if e.trigger not in LEADS:
            days[e.authority_id].add(e.day)
    return {a: sorted(some) for a, some in days.items()}


def _of_door(
    door: _Door,
    is_repeat: bool,
    days: Mapping[str, Sequence[int]],
    dimension: Dimension,
    places: Places,
    selected: Callable[[Entry], bool],
) -> list[Mark]:
    marks: list[Mark] = []
    until: dict[str, int] = {}
    is_joint = door.is_joint
    for entry in door.entries:
        if not selected(entry):
            continue
        group = _group(dimension, entry, door.entries[0], places)
        opens = group not in until
        minutes, until[group] = _added_minutes(entry, until.get(group, 0))
        marks.append(
            Mark(
                entry=entry,
                group=group,
                opens_door=opens,
                is_inside=True,
                is_joint=is_joint,
                had_partner=is_joint or _had_partner(entry, days),
                is_repeat=opens and is_repeat,
                done_items=_done_items(entry),
                door_minutes=minutes,
            )
        )
    return marks


def _added_minutes(entry: Entry, until: int) -> tuple[int | None, int]:
    """Return the minutes that an entry adds to a union of intervals that goes until a minute, and its new end.

    Entries come in order of their start, so that what is open before the last end was counted already.
    """
    if entry.entered_min is None or entry.left_min is None:
        return None, until
    start, end = entry.day * _DAY_MIN + entry.entered_min, entry.day * _DAY_MIN + entry.left_min
    return max(0, end - max(start, until)), max(end, until)


def _had_partner(entry: Entry, days: Mapping[str, Sequence[int]]) -> bool:
    if entry.trigger in LEADS:
        return False
    for authority_id, some in days.items():
        lo = bisect_left(some, entry.day - PARTNER_DAYS)
        if authority_id != entry.authority_id and lo < bisect_right(some, entry.day + PARTNER_DAYS):
            return True
    return False


def _done_items(entry: Entry) -> int:
    left = {o.item_id for o in entry.outcomes if o.result is ItemResult.NOT_DONE}
    return sum(i not in left for i in entry.item_ids)


def _group(dimension: Dimension, entry: Entry, opening: Entry, places: Places) -> str:
    """Return the group of an entry; but for authorities, all entries of a door are in the group of the first."""
    if dimension is Dimension.AUTHORITY:
        return entry.authority_id
    if dimension is Dimension.STREET:
        return opening.street_id
    if dimension is Dimension.DISTRICT:
        return places.districts.get(opening.street_id, NOT_KNOWN)
    if dimension is Dimension.INDUSTRY:
        return places.industries.get(opening.enterprise_id) or NOT_KNOWN
    if dimension is Dimension.WEEK:
        year, week, _ = date.fromordinal(opening.day).isocalendar()
        return f"{year}-W{week:02d}"
    return "*"
