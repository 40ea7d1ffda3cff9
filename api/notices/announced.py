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
    found = read_visits(connection.execute(query).mappings())
    ever = _ever_unannounced(connection, horizon_id, enterprise_ids)
    doubtful = {v.enterprise_id for v in found if not ever.isdisjoint(v.item_ids)}
    hidden = {i for i, rows in _rows_at(connection, horizon_id, doubtful).items() if _is_hidden(rows)}
    for visit in found:
        if hidden.isdisjoint(visit.item_ids):
            yield visit


def _knowing(horizon_id: str, today: str) -> Any:
    mine = and_(notices.c.horizon_id == horizon_id, notices.c.state == IN_FORCE, notices.c.date >= today)
    return select(notices.c.enterprise_id).where(mine)


def _ever_unannounced(connection: Connection, horizon_id: str, enterprise_ids: Sequence[str] | None) -> frozenset[str]:
    """Return the items that any plan ever said to be unannounced, at some enterprises or at all."""
    query = select(plan_items.c.item_id).where(
        plan_items.c.horizon_id == horizon_id, plan_items.c.notice == Notice.UNANNOUNCED.value
    )
    if enterprise_ids is not None:
        query = query.where(plan_items.c.enterprise_id.in_(enterprise_ids))
    return frozenset(connection.scalars(query))


def items_at(connection: Connection, horizon_id: str, enterprise_ids: Iterable[str]) -> dict[str, Mapping[Any, Any]]:
    """Return the items at some enterprises in a horizon, each as the plan says that was approved last."""
    return {i: _that_count(rows)[0] for i, rows in _rows_at(connection, horizon_id, enterprise_ids).items()}


def _rows_at(
    connection: Connection, horizon_id: str, enterprise_ids: Iterable[str]
) -> dict[str, list[Mapping[Any, Any]]]:
    """Return every row of the items at some enterprises, of each the one approved last at the end."""
    query = (
        select(*(plan_items.c[n] for n in _SAID), plans.c.approved_at)
        .join(plans, plans.c.plan_id == plan_items.c.plan_id)
        .where(plan_items.c.horizon_id == horizon_id)
        .order_by(plans.c.approved_at.nulls_first(), plan_items.c.plan_id)
    )
    ids = sorted(enterprise_ids)
    out: dict[str, list[Mapping[Any, Any]]] = defaultdict(list)
    for k in range(0, len(ids), _AT_ONCE):
        for row in connection.execute(query.where(plan_items.c.enterprise_id.in_(ids[k : k + _AT_ONCE]))).mappings():
            out[row["item_id"]].append(row)
    return out


def _is_hidden(rows: Sequence[Mapping[Any, Any]]) -> bool:
    return any(r["notice"] == Notice.UNANNOUNCED.value for r in _that_count(rows))


def _that_count(rows: Sequence[Mapping[Any, Any]]) -> list[Mapping[Any, Any]]:
    """Return the rows of an item that count: first the one approved last, then the live one."""
    approved = [r for r in rows if r["approved_at"] is not None][-1:]
    live = [r for r in rows if r["live"] and r not in approved]
    return [*approved, *live] or [rows[-1]]
