"""The visits that are coming to an enterprise: of published schedules in force, announced ones only."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import Connection, select

from api.access.caller import Caller
from api.cases.in_force import by_dates, counts
from api.errors import Refusal
from api.store.enterprise_tables import chosen_slots
from api.store.schema import authorities, enterprises, horizons, plan_items, publications, visits
from scheduler.domain.plans import Notice

Row = Mapping[Any, Any]


def own_enterprise(caller: Caller) -> str:
    """Return the enterprise of a caller.

    Raises
    ------
    Refusal : its account has none.
    """
    if caller.enterprise_id is None:
        raise Refusal("not_found", what="enterprise")
    return caller.enterprise_id


def coming(connection: Connection, enterprise_id: str, today: str) -> list[dict[str, Any]]:
    """Return the announced visits of today and later, the next first.

    Parameters
    ----------
    today : date in China.
    """
    ahead = select(horizons.c.horizon_id).where(horizons.c.end >= today)
    street = select(enterprises.c.street_id).where(enterprises.c.enterprise_id == enterprise_id)
    published = by_dates(publications.c.horizon_id.in_(ahead) & publications.c.street_id.in_(street))
    query = (
        select(visits, published.c.horizon_id)
        .join(published, counts(published, visits))
        .where(visits.c.enterprise_id == enterprise_id, visits.c.date >= today)
        .order_by(visits.c.date, visits.c.start, visits.c.visit_id)
    )
    found = connection.execute(query).mappings().all()
    names = names_of(connection, (a for v in found for a in v["authority_ids"].split(";")))
    out = []
    for visit in found:
        items = announced_items(connection, visit["horizon_id"], visit["item_ids"].split(";"))
        if items is not None:
            out.append(_wire(visit, items, names, _chosen(connection, visit)))
    return out


def coming_visit(connection: Connection, enterprise_id: str, today: str, visit_id: str) -> dict[str, Any]:
    """Return one of :func:`coming`.

    Raises
    ------
    Refusal : there is none with that id; one that is not announced is like one that does not exist.
    """
    for visit in coming(connection, enterprise_id, today):
        if visit["visit_id"] == visit_id:
            return visit
    raise Refusal("not_found", what="visit")


def announced_items(connection: Connection, horizon_id: str, item_ids: list[str]) -> list[Row] | None:
    """Return the items of a visit as they were planned; ``None`` unless every one is known and was ever announced.

    An item that is said to be unannounced in any version of its plan is so: what is in doubt stays secret.
    """
    query = select(plan_items).where(plan_items.c.horizon_id == horizon_id, plan_items.c.item_id.in_(item_ids))
    newest: dict[str, Row] = {}
    for row in connection.execute(query.order_by(plan_items.c.live, plan_items.c.plan_id)).mappings():
        if row["notice"] not in (None, Notice.ANNOUNCED):
            return None
        newest[row["item_id"]] = row
    return [newest[i] for i in item_ids] if newest.keys() == set(item_ids) else None


def names_of(connection: Connection, authority_ids: Iterable[str]) -> dict[str, str]:
    """Return the names of authorities."""
    query = select(authorities.c.authority_id, authorities.c.name)
    query = query.where(authorities.c.authority_id.in_(sorted(set(authority_ids))))
    return {r.authority_id: r.name for r in connection.execute(query)}


def _chosen(connection: Connection, visit: Row) -> dict[str, str] | None:
    keys = ("enterprise_id", "horizon_id", "visit_id")
    query = select(chosen_slots.c.date, chosen_slots.c.shift_id).where(*(chosen_slots.c[k] == visit[k] for k in keys))
    found = connection.execute(query).mappings().one_or_none()
    return None if found is None else dict(found)


def _wire(visit: Row, items: list[Row], names: Mapping[str, str], chosen: dict[str, str] | None) -> dict[str, Any]:
    shown = ("visit_id", "horizon_id", "date", "shift_id", "start", "end")
    return {
        **{k: visit[k] for k in shown},
        "authorities": [{"authority_id": a, "name": names.get(a, a)} for a in visit["authority_ids"].split(";")],
        "items": [{k: i[k] for k in ("item_id", "authority_id", "item_code", "legal_basis")} for i in items],
        "chosen": chosen,
    }
