"""The planning snapshot: everything that a plan is made from, frozen and complete under reference."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, fields, is_dataclass, replace
from operator import attrgetter
from typing import Any

from scheduler.domain.added import is_silent
from scheduler.domain.calendar import Calendar
from scheduler.domain.people import Authority, CrewPool
from scheduler.domain.places import Enterprise, Street
from scheduler.domain.plans import PastInspection, Pin, PinKind, PlanItem
from scheduler.domain.policy import Policy


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanningSnapshot:
    """The instance. Build it with :func:`make_snapshot`, which sorts, so that input order does not matter.

    Every reference (authority, street, enterprise, area, shift) resolves; intake sees to it.
    """

    name: str
    calendar: Calendar
    policy: Policy
    streets: tuple[Street, ...]
    authorities: tuple[Authority, ...]
    enterprises: tuple[Enterprise, ...]
    crew_pools: tuple[CrewPool, ...]
    items: tuple[PlanItem, ...]
    history: tuple[PastInspection, ...] = ()
    pins: tuple[Pin, ...] = ()

    def digest(self) -> str:
        """Return the SHA-256 of the snapshot's content as 64 hexadecimal digits, equal for equal content."""
        h = hashlib.sha256()
        for f in fields(self):
            h.update(f"\n[{f.name}]\n".encode())
            value = getattr(self, f.name)
            for row in _plain_rows(value) if isinstance(value, tuple) else [_plain(value)]:
                h.update(json.dumps(row, ensure_ascii=False, separators=(",", ":")).encode())
                h.update(b"\n")
        return h.hexdigest()

    @property
    def all_weight(self) -> int:
        """Weight of all items together, served or not."""
        weights = dict(self.policy.priority_weights)
        return sum(weights[i.priority] for i in self.items)

    @property
    def fixed_pins(self) -> tuple[Pin, ...]:
        """Pins that every schedule keeps (R26); the others are preferred."""
        return tuple(p for p in self.pins if p.kind is PinKind.FIXED)

    def replace(self, **changes: Any) -> PlanningSnapshot:
        """Return a snapshot with some fields changed, sorted again."""
        return make_snapshot(replace(self, **changes))


def _plain(value: Any) -> Any:
    """Return a value as lists of plain ones; fields that were added later say their name, or nothing at all."""
    if is_dataclass(value) and not isinstance(value, type):
        out: list[Any] = []
        for f in fields(value):
            inner = getattr(value, f.name)
            if f.metadata.get("added"):
                out += [] if is_silent(f, inner) else [[f.name, _plain(inner)]]
            else:
                out.append(_plain(inner))
        return out
    if isinstance(value, tuple):
        return [_plain(v) for v in value]
    return value


def _plain_rows(rows: tuple[Any, ...]) -> Iterator[Any]:
    """Return the rows of one table, whose fields are plain values, faster than one by one."""
    if rows and any(f.metadata.get("added") for f in fields(rows[0])):
        yield from map(_plain, rows)
    elif rows:
        values = attrgetter(*(f.name for f in fields(rows[0])))
        yield from map(values, rows)


def make_snapshot(s: PlanningSnapshot) -> PlanningSnapshot:
    """Return the snapshot with every table in its canonical order."""
    return replace(
        s,
        streets=tuple(sorted(s.streets, key=lambda r: r.street_id)),
        authorities=tuple(sorted(s.authorities, key=lambda r: r.authority_id)),
        enterprises=tuple(sorted(s.enterprises, key=lambda r: r.enterprise_id)),
        crew_pools=tuple(sorted(s.crew_pools, key=_sort_key)),
        items=tuple(sorted(s.items, key=lambda r: r.item_id)),
        history=tuple(sorted(s.history, key=_sort_key)),
        pins=tuple(sorted(s.pins, key=_sort_key)),
        policy=replace(
            s.policy,
            caps=tuple(sorted(s.policy.caps, key=_sort_key)),
            quiet_periods=tuple(sorted(s.policy.quiet_periods, key=_sort_key)),
            priority_weights=tuple(sorted(s.policy.priority_weights)),
        ),
    )


def _sort_key(row: Any) -> str:
    return json.dumps(_plain(row), ensure_ascii=False)
