"""Inspecting bodies: departments of each district, bodies of streets, and scarce specialists of the whole city."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt

from scenarios.generate.spec import GenerateError, GenerateSpec, Level
from scenarios.generate.streets import StreetFact, read_rows
from scheduler.domain.people import WHOLE_CITY
from scheduler.texts import Text

CITY_BODIES = 434
"""Enforcement bodies on Shenzhen's two platforms: what the city has unless told otherwise."""

_MIN_DEPARTMENTS = 3
_COUNT = Text(
    "num_authorities 应在 {low} 到 {high} 之间，现为 {value}",
    "num_authorities must be {low} to {high} here, not {value}",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Department:
    """A kind of district body; `use_low` to `use_high` is the share of its crews' time when crews are scarce."""

    code: str
    district_body: str
    street_body: str
    use_low: float
    use_high: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Specialist:
    """A city-level body that takes a share of one department's items in some industries."""

    code: str
    name: str
    department: str
    industries: tuple[str, ...]
    share: float
    legal_basis: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Body:
    """An authority of the case: who it is, where it works, and which department's items it takes."""

    authority_id: str
    name: str
    level: str
    area_id: str
    department: Department
    specialist: Specialist | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Organisation:
    """The bodies of a case and who is in charge of what.

    Parameters
    ----------
    departments : the kinds of district body in use, most important first.
    district_body : index of the body of (street, department), -1 where there is none; shape (streets, departments).
    street_body : the same for bodies of the street itself.
    specialists : indices of the bodies that are city specialists.
    """

    bodies: tuple[Body, ...]
    departments: tuple[Department, ...]
    district_body: npt.NDArray[np.int64]
    street_body: npt.NDArray[np.int64]
    specialists: tuple[int, ...]


@cache
def all_departments() -> tuple[Department, ...]:
    """Return the twelve kinds of district body, the one with the most items first."""
    return tuple(
        Department(
            code=r["department"],
            district_body=r["district_body"],
            street_body=r["street_body"],
            use_low=float(r["use_low"]),
            use_high=float(r["use_high"]),
        )
        for r in read_rows("departments.csv")
    )


@cache
def all_specialists() -> tuple[Specialist, ...]:
    """Return the eighteen city-level specialists."""
    return tuple(
        Specialist(
            code=r["specialist"],
            name=r["name"],
            department=r["department"],
            industries=tuple(r["industries"].split(";")),
            share=float(r["share"]),
            legal_basis=r["legal_basis"],
        )
        for r in read_rows("specialists.csv")
    )


def organisation(spec: GenerateSpec, streets: Sequence[StreetFact]) -> Organisation:
    """Return the bodies of the streets' districts, then specialists, then bodies of streets, up to the number asked.

    Raises
    ------
    GenerateError : fewer than three bodies a district, or more than there are.
    """
    districts = list(dict.fromkeys(s.district_code for s in streets))
    departments, specialists = all_departments(), all_specialists()
    local = [(d, s) for d in departments if d.street_body for s in range(len(streets))]
    low = _MIN_DEPARTMENTS * len(districts)
    high = len(departments) * len(districts) + len(specialists) + len(local)
    usual = CITY_BODIES if spec.level is Level.CITY else len(departments) * len(districts)
    number = usual if spec.num_authorities is None else spec.num_authorities
    if not low <= number <= high:
        raise GenerateError(_COUNT, low=low, high=high, value=number)

    per_district = min(len(departments), -(-number // len(districts)))
    fewer = per_district * len(districts) - number  # so many districts, the last ones, do without the last department
    bodies: list[Body] = []
    district_body = np.full((len(streets), per_district), -1, dtype=np.int64)
    street_body = np.full((len(streets), per_district), -1, dtype=np.int64)
    for k, code in enumerate(districts):
        members = [i for i, s in enumerate(streets) if s.district_code == code]
        count = per_district - (k >= len(districts) - fewer)
        for d in range(count):
            district_body[members, d] = len(bodies)
            bodies.append(_district_body(streets[members[0]], departments[d]))
    left = number - len(bodies)
    special = range(len(bodies), len(bodies) + min(left, len(specialists)))
    bodies += [_specialist_body(s) for s in specialists[: len(special)]]
    for department, i in local[: left - len(special)]:
        street_body[i, departments.index(department)] = len(bodies)
        bodies.append(_street_body(streets[i], department))
    return Organisation(
        bodies=tuple(bodies),
        departments=departments[:per_district],
        district_body=district_body,
        street_body=street_body,
        specialists=tuple(special),
    )


def _district_body(s: StreetFact, d: Department) -> Body:
    return Body(
        authority_id=f"{s.district_code}-{d.code}",
        name=s.district + d.district_body,
        level="district",
        area_id=s.district_code,
        department=d,
    )


def _street_body(s: StreetFact, d: Department) -> Body:
    return Body(
        authority_id=f"{s.street_code}-{d.code}",
        name=s.street + d.street_body,
        level="street",
        area_id=s.street_code,
        department=d,
    )


def _specialist_body(s: Specialist) -> Body:
    department = next(d for d in all_departments() if d.code == s.department)
    return Body(
        authority_id=f"4403-{s.code}",
        name=s.name,
        level="city",
        area_id=WHOLE_CITY,
        department=department,
        specialist=s,
    )
