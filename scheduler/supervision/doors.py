"""Doors that were opened: the entries of one visit together, with what older records tell."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from scheduler.domain.fieldwork.entry import Entry
from scheduler.domain.plans import PastInspection, Trigger
from scheduler.supervision.raised import Evidence


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """An inspection that took place and has no entry: of the history, or a visit that was told done without a scan.

    Parameters
    ----------
    ref : what shows it.
    """

    inspection: PastInspection
    ref: Evidence


@dataclass(frozen=True, slots=True, kw_only=True)
class Door:
    """One door opened once: joint entries count as one record.

    Parameters
    ----------
    key : the visit, or the date where there is none: tells the doors of an enterprise apart.
    day : the first day of its entries.
    authority_ids, triggers, counted_ids : sorted; `counted_ids` are the authorities whose visit counts against caps.
    """

    key: str
    day: int
    authority_ids: tuple[str, ...]
    triggers: tuple[Trigger, ...]
    counted_ids: tuple[str, ...]
    refs: tuple[Evidence, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Part:
    key: str
    day: int
    authority_id: str
    trigger: Trigger
    cap_exempt: bool
    ref: Evidence


def doors_of(entries: Iterable[Entry], past: Iterable[Past] = ()) -> tuple[Door, ...]:
    """Return the doors of one enterprise in order of time.

    Entries of one visit are one door, and so are those without a visit on one date, as caps count them
    (``caps.past_visits``). Where nobody was let in there is no door. A record of the past is the entry of its
    authority for the same visit or on the same date, where there is one.
    """
    inside = [e for e in entries if e.took_place]
    parts = [_of_entry(e) for e in inside]
    known = {(e.authority_id, told) for e in inside for told in (e.entry_id, e.visit_id, e.day)}
    for p in past:
        row = p.inspection
        if known.isdisjoint(((row.authority_id, row.visit_id or ""), (row.authority_id, row.day))):
            parts.append(_of_past(p))
    groups: dict[str, list[_Part]] = defaultdict(list)
    for part in parts:
        groups[part.key].append(part)
    return tuple(sorted((_door(k, g) for k, g in groups.items()), key=lambda d: (d.day, d.key)))


def _of_entry(entry: Entry) -> _Part:
    return _Part(
        key=_key(entry.visit_id, entry.day),
        day=entry.day,
        authority_id=entry.authority_id,
        trigger=entry.trigger,
        cap_exempt=entry.cap_exempt,
        ref=("entry", entry.entry_id),
    )


def _of_past(past: Past) -> _Part:
    row = past.inspection
    return _Part(
        key=_key(row.visit_id, row.day),
        day=row.day,
        authority_id=row.authority_id,
        trigger=row.trigger,
        cap_exempt=row.cap_exempt,
        ref=past.ref,
    )


def _key(visit_id: str | None, day: int) -> str:
    return f"visit {visit_id}" if visit_id else f"day {day}"


def _door(key: str, parts: Sequence[_Part]) -> Door:
    return Door(
        key=key,
        day=min(p.day for p in parts),
        authority_ids=tuple(sorted({p.authority_id for p in parts})),
        triggers=tuple(sorted({p.trigger for p in parts})),
        counted_ids=tuple(sorted({p.authority_id for p in parts if not p.cap_exempt})),
        refs=tuple(sorted({p.ref for p in parts})),
    )
