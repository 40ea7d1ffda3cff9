"""Which visits in force are announced: the one place that keeps unannounced ones from every notice."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, and_, or_, select

from api.cases.in_force import by_dates, counts
from api.schedules.rows import read_visits
from api.store.notices_tables import notices
from api.store.schema import plan_items, plans, publications, visits
from scheduler.domain.plans import Notice
from scheduler.domain.schedule import JointVisit

IN_FORCE = "in_force"
_AT_ONCE = 500
_SAID = ("item_id", "authority_id", "notice", "item_code", "legal_basis", "live")


def announced(
    connection: Connection, horizon_id: str, today: str, last_due: str, enterprise_ids: Sequence[str] | None = None
) -> Iterator[JointVisit]:
    """Yield announced visits in force from today on.

    A visit is announced when every item of it is, by the plan that is live and by the one that was approved last: in
    doubt the enterprise is told nothing.

    Parameters
    ----------
    last_due : date until which all are looked at; later ones at enterprises that know of a visit to come.
    enterprise_ids : all visits of these only.
    """
    published = by_dates(publications.c.horizon_id == horizon_id)
    query = select(visits).join(published, counts(published, visits)).where(visits.c.date >= today)
    if enterprise_ids is None:
        query = query.where(or_(visits.c.date <= last_due, visits.c.enterprise_id.in_(_knowing(horizon_id, today))))
    else:
        query = query.where(visits.c.enterprise_id.in_(enterprise_ids))
    hidden = _hidden(connection, horizon_id, enterprise_ids)
    for visit in read_visits(connection.execute(query).mappings()):
        if hidden.isdisjoint(visit.item_ids):
            yield visit


def _knowing(horizon_id: str, today: str) -> Any:
    mine = and_(notices.c.horizon_id == horizon_id, notices.c.state == IN_FORCE, notices.c.date >= today)
    return select(notices.c.enterprise_id).where(mine)


def _hidden(connection: Connection, horizon_id: str, enterprise_ids: Sequence[str] | None) -> frozenset[str]:
    """Return the items that no notice may speak of, of some enterprises or of all."""
    here = [] if enterprise_ids is None else [plan_items.c.enterprise_id.in_(enterprise_ids)]
    ever = (
        select(plan_items.c.item_id)
        .where(plan_items.c.horizon_id == horizon_id, plan_items.c.notice == Notice.UNANNOUNCED.value, *here)
        .distinct()
    )
    ids = sorted(connection.scalars(ever))
    out: set[str] = set()
    for k in range(0, len(ids), _AT_ONCE):
        for item_id, rows in _rows_of(connection, horizon_id, ids[k : k + _AT_ONCE]).items():
            if any(r["notice"] == Notice.UNANNOUNCED.value for r in _that_count(rows)):
                out.add(item_id)
    return frozenset(out)


def items_of(connection: Connection, horizon_id: str, item_ids: Iterable[str]) -> dict[str, Mapping[Any, Any]]:
    """Return what is known of some items of a horizon, as the plan says that is live or was approved last."""
    ids = sorted(set(item_ids))
    out: dict[str, Mapping[Any, Any]] = {}
    for k in range(0, len(ids), _AT_ONCE):
        found = _rows_of(connection, horizon_id, ids[k : k + _AT_ONCE])
        out |= {item_id: _that_count(rows)[0] for item_id, rows in found.items()}
    return out


def _rows_of(connection: Connection, horizon_id: str, ids: Sequence[str]) -> dict[str, list[Mapping[Any, Any]]]:
    """Return every row of some items, the one approved last at the end."""
    query = (
        select(*(plan_items.c[n] for n in _SAID), plans.c.approved_at)
        .join(plans, plans.c.plan_id == plan_items.c.plan_id)
        .where(plan_items.c.horizon_id == horizon_id, plan_items.c.item_id.in_(ids))
        .order_by(plans.c.approved_at.nulls_first(), plan_items.c.plan_id)
    )
    out: dict[str, list[Mapping[Any, Any]]] = defaultdict(list)
    for row in connection.execute(query).mappings():
        out[row["item_id"]].append(row)
    return out


def _that_count(rows: Sequence[Mapping[Any, Any]]) -> list[Mapping[Any, Any]]:
    """Return the rows of an item that count: first the one approved last, then the live one."""
    approved = [r for r in rows if r["approved_at"] is not None][-1:]
    live = [r for r in rows if r["live"] and r not in approved]
    return [*approved, *live] or [rows[-1]]
