"""Caps without a visit left: who used them, and when."""

from __future__ import annotations

from collections.abc import Iterable

from scheduler.availability import Slots
from scheduler.domain.calendar import Period
from scheduler.domain.policy import FrequencyCap
from scheduler.domain.schedule import Reason, ReasonCode, Relaxation, RelaxationKind
from scheduler.explain.facts import iso, isos, period_name, reason, relaxation
from scheduler.explain.scene import FullCap, Scene


def cap_reasons(scene: Scene, full: Iterable[FullCap], slots: Slots) -> list[Reason]:
    """Return one reason for every cap that closes some of the slots, with the visits that used it."""
    by_cap: dict[tuple[FrequencyCap, str | None], list[FullCap]] = {}
    for cap in full:
        if cap.slots & slots:
            by_cap.setdefault((cap.use.cap, cap.use.authority_id), []).append(cap)
    return [
        reason(
            ReasonCode.CAP,
            scope=cap.scope.value,
            authority=authority or "",
            period=cap.period.value,
            periods=", ".join(period_name(cap.period, f.use.period) for f in rows),
            limit=cap.max_visits,
            past=isos(sorted(d for f in rows for d in f.use.past)),
            planned=", ".join(v for f in rows for v in _planned(scene, f)),
        )
        for (cap, authority), rows in by_cap.items()
    ]


def _planned(scene: Scene, full: FullCap) -> list[str]:
    """Return the plan's visits that count for a cap as dates with their authorities."""
    counted = (
        v.entry
        for v in scene.visits.get(full.use.enterprise_id, ())
        if v.slot & full.slots and v.entry.counted and full.use.authority_id in (None, *v.entry.counted)
    )
    days = set(full.use.planned)
    return [f"{iso(e.visit.day)} ({'+'.join(e.visit.authority_ids)})" for e in counted if e.visit.day in days]


def raised_cap(full: Iterable[FullCap], slots: Slots) -> tuple[Relaxation, Slots] | None:
    """Return the one cap to raise that opens some of the slots, with the slots it opens; ``None`` if two must be.

    The least rise comes first; then the shorter period.
    """
    rows = list(full)
    best: tuple[int, int, Relaxation, Slots] | None = None
    for row in rows:
        opened = slots & row.slots
        for other in rows:
            if (other.use.cap, other.use.authority_id) != (row.use.cap, row.use.authority_id):
                opened &= ~other.slots
        if not opened:
            continue
        u = row.use
        to = len(u.past) + len(u.planned) + 1
        change = relaxation(
            RelaxationKind.RAISE_CAP,
            scope=u.cap.scope.value,
            authority=u.authority_id or "",
            period=u.cap.period.value,
            limit=u.cap.max_visits,
            to=to,
        )
        rank = to - u.cap.max_visits, list(Period).index(u.cap.period)
        if best is None or rank < best[:2]:
            best = (*rank, change, opened)
    return None if best is None else best[2:]
