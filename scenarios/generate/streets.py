"""The 74 streets of Shenzhen: real names, codes and communities; their places are synthetic."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from importlib import resources

from scenarios.generate.spec import DEFAULT_PLACE, GenerateError, GenerateSpec, Level
from scheduler.texts import Text

_UNKNOWN = Text(
    "没有名为“{place}”的{kind}；可用：{known}",
    "no {kind_en} is called {place!r}; known: {known}",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class StreetFact:
    """A street with its district, its communities (社区, a proxy of size) and the synthetic place of its office."""

    street_code: str
    district_code: str
    district: str
    street: str
    communities: int
    lon: float
    lat: float

    @property
    def region(self) -> str:
        """Return the six-digit administrative code, under which the street is registered."""
        return self.street_code[:6]


def read_rows(name: str) -> list[dict[str, str]]:
    """Return the rows of a table that comes with this package."""
    text = resources.files("scenarios.generate").joinpath(name).read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))


@cache
def all_streets() -> tuple[StreetFact, ...]:
    """Return the 74 streets by code."""
    return tuple(
        StreetFact(
            street_code=r["street_code"],
            district_code=r["district_code"],
            district=r["district"],
            street=r["street"],
            communities=int(r["communities"]),
            lon=float(r["lon"]),
            lat=float(r["lat"]),
        )
        for r in read_rows("streets.csv")
    )


def _names_street(place: str, s: StreetFact) -> bool:
    return place in (s.street_code, s.street, s.street.removesuffix("街道"))


def _names_district(place: str, s: StreetFact) -> bool:
    return place in (s.district_code, s.district, s.district.removesuffix("新区"), s.district.removesuffix("区"))


def chosen_streets(spec: GenerateSpec) -> tuple[StreetFact, ...]:
    """Return the streets that a spec covers, by code, each once.

    Raises
    ------
    GenerateError : a place that is no street or district of the table.
    """
    if spec.level is Level.CITY:
        return all_streets()
    by_street = spec.level is Level.STREET
    names = _names_street if by_street else _names_district
    chosen: set[str] = set()
    for place in spec.places or DEFAULT_PLACE[spec.level]:
        found = {s.street_code for s in all_streets() if names(place, s)}
        if not found:
            known = dict.fromkeys(s.street if by_street else s.district for s in all_streets())
            kind = ("街道", "street") if by_street else ("区", "district")
            raise GenerateError(_UNKNOWN, place=place, kind=kind[0], kind_en=kind[1], known="、".join(known))
        chosen |= found
    return tuple(s for s in all_streets() if s.street_code in chosen)


def enterprises_per_street(spec: GenerateSpec, streets: tuple[StreetFact, ...]) -> tuple[int, ...]:
    """Return how many enterprises each street gets; a total is shared by communities, largest remainders first."""
    if spec.total_enterprises is None:
        return (spec.enterprises,) * len(streets)
    spare = max(0, spec.total_enterprises - len(streets))
    all_communities = sum(s.communities for s in streets)
    counts = [1 + spare * s.communities // all_communities for s in streets]
    left = len(streets) + spare - sum(counts)
    by_remainder = sorted(range(len(streets)), key=lambda i: (-(spare * streets[i].communities % all_communities), i))
    for i in by_remainder[:left]:
        counts[i] += 1
    return tuple(counts)
