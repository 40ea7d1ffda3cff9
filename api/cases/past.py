"""Visits that caps count beside those of a horizon: the past on record, and what other horizons have carried out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, or_, select, true

from api.cases.in_force import by_dates, counts
from api.store.schema import history, outcomes, plan_items, publications, visits
from scheduler.domain.plans import Notice
from scheduler.intake.columns import TABLES, OutcomeName

NAMES = TABLES["history"].column_names


def past_of(
    connection: Connection,
    horizon_id: str | None,
    within: Any,
    until: str | None = None,
    *,
    known_on: str | None = None,
) -> dict[str, list[Any]]:
    """Return the columns of ``history`` of some enterprises for a horizon, or for none, so that all are others.

    A visit that another horizon has in force counts like one on record, unless the record has its id, or a visit of
    the enterprise on its date: then it is that one.

    Parameters
    ----------
    within : ids of the enterprises, or the query of them.
    until : last date that counts, ``None`` for all.
    known_on : only what the enterprise knows on this date to have taken place: an unannounced visit once it is
        recorded as done, an announced one of an earlier date also without a record.
    """
    query = select(*(history.c[n] for n in NAMES)).where(history.c.enterprise_id.in_(within))
    if until is not None:
        query = query.where(history.c.date <= until)
    rows = [tuple(r) for r in connection.execute(query).all()]
    recorded = {(r[0], r[2]) for r in rows}
    ids = {r[3] for r in rows if r[3]}
    for row in _published(connection, horizon_id, within, until, known_on):
        if (row[0], row[2]) not in recorded and row[3] not in ids:
            rows.append(row)
    columns = zip(*rows, strict=True) if rows else ((),) * len(NAMES)
    return dict(zip(NAMES, map(list, columns), strict=True))


def _published(
    connection: Connection, horizon_id: str | None, within: Any, until: str | None, known_on: str | None
) -> Iterator[tuple[Any, ...]]:
    """Yield a row of ``history`` for every authority of the visits that other horizons have in force.

    Visits that met a closed door, and authorities that did not get round to any of their items, do not count.
    """
    others = true() if horizon_id is None else publications.c.horizon_id != horizon_id
    published = by_dates(others)
    query = (
        select(published.c.horizon_id, visits.c.enterprise_id, visits.c.date, visits.c.visit_id)
        .add_columns(visits.c.authority_ids, visits.c.item_ids, outcomes.c.left_items, outcomes.c.outcome)
        .join(visits, counts(published, visits))
        .outerjoin(outcomes, outcome_of(published.c.horizon_id, visits))
        .where(visits.c.enterprise_id.in_(within), took_place())
        .order_by(visits.c.enterprise_id, visits.c.date, visits.c.visit_id)
    )
    if until is not None:
        query = query.where(visits.c.date <= until)
    found = connection.execute(query).all()
    items = _items(connection, {r.horizon_id for r in found}, plan_items.c.enterprise_id.in_(within))
    for r in found:
        left = set((r.left_items or "").split(";"))
        asked = [(i, items.get((r.horizon_id, i))) for i in r.item_ids.split(";")]
        if known_on is not None and r.outcome is None and not _is_known(r.date, [i for _, i in asked], known_on):
            continue
        away = {i.authority_id for _, i in asked if i is not None}
        away -= {i.authority_id for k, i in asked if i is not None and k not in left}
        served = [i for k, i in asked if i is not None and k not in left]
        for authority_id in r.authority_ids.split(";"):
            if authority_id in away:
                continue
            own = [i for i in served if i.authority_id == authority_id]
            exempt = bool(own) and all(i.cap_exempt for i in own)
            trigger = own[0].trigger if own else None
            yield r.enterprise_id, authority_id, r.date, r.visit_id, trigger, exempt


def _is_known(date: str, asked: Sequence[Any], known_on: str) -> bool:
    """Say whether an enterprise takes a visit without a record for one that took place."""
    announced = all(i is not None and i.notice != Notice.UNANNOUNCED.value for i in asked)
    return announced and date < known_on


def outcome_of(horizon_id: Any, rows: Any) -> ColumnElement[bool]:
    """Return the condition that an outcome is that of a visit of a horizon."""
    return and_(
        outcomes.c.horizon_id == horizon_id, outcomes.c.visit_id == rows.c.visit_id, outcomes.c.date == rows.c.date
    )


def took_place() -> ColumnElement[bool]:
    """Return the condition, beside an outer join of outcomes, that a visit took place or is still to come."""
    return or_(outcomes.c.outcome.is_(None), outcomes.c.outcome == OutcomeName.DONE.value)


def _items(connection: Connection, horizon_ids: set[str], within: ColumnElement[bool]) -> Mapping[tuple[str, str], Any]:
    """Return what is known of the items of some horizons, of those with one id the one that was live last."""
    if not horizon_ids:
        return {}
    names = ("horizon_id", "item_id", "authority_id", "trigger", "cap_exempt", "notice")
    query = select(*(plan_items.c[n] for n in names)).where(plan_items.c.horizon_id.in_(sorted(horizon_ids)), within)
    return {(r.horizon_id, r.item_id): r for r in connection.execute(query.order_by(plan_items.c.live))}
