"""What is in force: of every street of a horizon, the greatest version that was published, and each for its dates."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import ColumnElement, Select, Subquery, and_, func, or_, select, tuple_

from api.cases.area import Area
from api.store.schema import publications

_STREET = publications.c.horizon_id, publications.c.street_id


def newest(where: ColumnElement[bool]) -> Select[Any]:
    """Return the query of what is in force among some publications: horizon, street, version and schedule."""
    versions = select(*_STREET, func.max(publications.c.version)).where(where).group_by(*_STREET)
    columns = (*_STREET, publications.c.version)
    return select(*columns, publications.c.schedule_id).where(tuple_(*columns).in_(versions))


def in_force(horizon_id: str, area: Area | None = None) -> Select[Any]:
    """Return the query of what is in force in a horizon: street, version and schedule; of an area or all."""
    shown = publications.c.street_id, publications.c.version, publications.c.schedule_id
    found: Select[Any] = newest(publications.c.horizon_id == horizon_id).with_only_columns(*shown)
    return found if area is None else found.where(publications.c.street_id.in_(area.street_ids))


def by_dates(where: ColumnElement[bool]) -> Subquery:
    """Return some publications with the dates for which they count: from `from_date` on, before `until_date`.

    What a later version has taken the place of still counts for the dates before it.
    """
    first = publications.c.from_date
    later = func.min(first).over(partition_by=_STREET, order_by=publications.c.version, rows=(1, None))
    columns = (*_STREET, publications.c.version, publications.c.schedule_id, first)
    return select(*columns, later.label("until_date")).where(where).subquery()


def of_versions(horizon_id: str, versions: Mapping[str, int]) -> ColumnElement[bool]:
    """Return the condition of publications of a horizon that came no later than some versions, by street."""
    of_streets = (and_(publications.c.street_id == s, publications.c.version <= v) for s, v in versions.items())
    return and_(publications.c.horizon_id == horizon_id, or_(*of_streets))


def counts(published: Subquery, rows: Any) -> ColumnElement[bool]:
    """Return the condition that a visit or crew shift is of a publication and of a date for which that counts."""
    return and_(
        rows.c.schedule_id == published.c.schedule_id,
        rows.c.street_id == published.c.street_id,
        rows.c.date >= published.c.from_date,
        or_(published.c.until_date.is_(None), rows.c.date < published.c.until_date),
    )
