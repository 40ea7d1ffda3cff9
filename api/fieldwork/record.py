"""The record of all three sides: events are appended in the transaction of what they tell, never changed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import insert, select

from api.clock import day
from api.errors import Refusal
from api.store.fieldwork_tables import field_events
from api.store.schema import enterprises
from api.store.work import Work
from scheduler.domain.fieldwork.kinds import EventKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Happening:
    """Something that happened at an enterprise.

    Parameters
    ----------
    event_id : of the sender's choice, unique: the same event sent twice is stored once.
    happened_at : stored instant at which it happened, as the sender says; now when ``None``.
    data : plain JSON values of the kind of event.
    """

    event_id: str
    kind: EventKind
    enterprise_id: str
    happened_at: str | None = None
    authority_id: str | None = None
    entry_id: str | None = None
    horizon_id: str | None = None
    visit_id: str | None = None
    data: Mapping[str, Any] = field(default_factory=dict)


def append(work: Work, happening: Happening) -> None:
    """Append an event to the record and to the audit log, under the actor of the transaction.

    Raises
    ------
    Refusal : there is no such enterprise.
    """
    found = work.connection.execute(
        select(enterprises.c.street_id).where(enterprises.c.enterprise_id == happening.enterprise_id)
    ).one_or_none()
    if found is None:
        raise Refusal("not_found", what=f"enterprises/{happening.enterprise_id[:60]}")
    happened_at = happening.happened_at or work.at
    row = {
        "event_id": happening.event_id,
        "kind": happening.kind.value,
        "received_at": work.at,
        "happened_at": happened_at,
        "date": day(happened_at),
        "enterprise_id": happening.enterprise_id,
        "street_id": found.street_id,
        "authority_id": happening.authority_id,
        "entry_id": happening.entry_id,
        "horizon_id": happening.horizon_id,
        "visit_id": happening.visit_id,
        "data": dict(happening.data),
        "by": work.actor,
    }
    work.connection.execute(insert(field_events).values(**row))
    work.record(f"fieldwork.{happening.kind.value}", f"field_events/{happening.event_id}", after=row)
