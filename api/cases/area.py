"""Areas that are planned: a street, a district, or the city."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import Connection, select

from api.errors import Refusal
from api.store.schema import streets
from scheduler.domain.people import WHOLE_CITY


class Level(StrEnum):
    """How large an area is."""

    STREET = "street"
    DISTRICT = "district"
    CITY = "city"


@dataclass(frozen=True, slots=True, kw_only=True)
class Area:
    """An area with its streets.

    Parameters
    ----------
    area_id : of the street or the district; ``*`` for the city.
    """

    level: Level
    area_id: str
    street_ids: tuple[str, ...]


def find_area(connection: Connection, level: Level, area_id: str | None) -> Area:
    """Return an area.

    Raises
    ------
    Refusal : there is no such street or district, or the city has no streets.
    """
    query = select(streets.c.street_id).order_by(streets.c.street_id)
    if level is Level.CITY:
        area_id = WHOLE_CITY
    elif level is Level.STREET:
        query = query.where(streets.c.street_id == (area_id or ""))
    else:
        query = query.where(streets.c.district_id == (area_id or ""))
    found = tuple(connection.scalars(query).all())
    if not found:
        raise Refusal("not_found", what=f"{level.value} {area_id or ''}".strip())
    return Area(level=level, area_id=area_id or WHOLE_CITY, street_ids=found)
