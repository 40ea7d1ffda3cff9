"""What a department is told about its items at once: caps, merging, what can never be served, reminders."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection

from api.cases.service import snapshot_around
from scheduler.advice import CapLeft, ItemAdvice, Partner, advice_sentences, advise
from scheduler.domain.snapshot import PlanningSnapshot
from scheduler.texts import Lang


def advise_on(
    connection: Connection, horizon_id: str, items: Sequence[Mapping[str, Any]], lang: Lang
) -> tuple[PlanningSnapshot, list[dict[str, Any]]]:
    """Return the snapshot around some items, stored or about to be, and advice on each in their order."""
    enterprises = sorted({str(r["enterprise_id"]) for r in items})
    snapshot = snapshot_around(connection, horizon_id, enterprises, items)
    own = [str(r["item_id"]) for r in items]
    by_id = {a.item_id: a for a in advise(snapshot, frozenset(own))}
    return snapshot, [_wire(snapshot, by_id[i], lang) for i in own]


def _wire(snapshot: PlanningSnapshot, advice: ItemAdvice, lang: Lang) -> dict[str, Any]:
    return {
        "item_id": advice.item_id,
        "servable": not advice.unservable,
        "reasons": [r.code.value for r in advice.unservable],
        "caps": [_cap(c) for c in advice.caps],
        "merges_with": [_partner(p) for p in advice.merges_with],
        "kept_apart": [_partner(p) for p in advice.kept_apart],
        "sentences": advice_sentences(snapshot, advice, lang),
    }


def _cap(c: CapLeft) -> dict[str, Any]:
    return {
        "scope": c.cap.scope.value,
        "authority_id": c.authority_id,
        "period": c.label,
        "max": c.max,
        "used": c.used,
        "left": c.left,
    }


def _partner(p: Partner) -> dict[str, Any]:
    return {"authority_id": p.authority_id, "item_ids": list(p.item_ids)}
