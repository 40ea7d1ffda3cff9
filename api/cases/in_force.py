"""What is in force: of every street of a horizon, the greatest version that was published."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Select, func, select, tuple_

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
