"""Streets and the enterprises in them; coordinates are WGS-84 decimal degrees."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Street:
    """A subdistrict (街道); its place is the street office, where crews start and end."""

    street_id: str
    name: str
    district_id: str
    lon: float
    lat: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Enterprise:
    """An inspected enterprise at one place.

    Parameters
    ----------
    usci : unified social credit code of 18 characters (统一社会信用代码), when given.
    credit_class : A to D, when given.
    closed_days : day numbers without visits, ascending.
    closed_weekdays : weekdays without visits, 1 is Monday to 7, ascending.
    open_from, open_to : minutes after midnight between which its visits lie, when given.
    """

    enterprise_id: str
    name: str
    street_id: str
    lon: float
    lat: float
    usci: str | None = None
    industry: str | None = None
    credit_class: str | None = None
    closed_days: tuple[int, ...] = ()
    closed_weekdays: tuple[int, ...] = ()
    open_from: int | None = None
    open_to: int | None = None
