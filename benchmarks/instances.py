"""The fixed instances by name, how long each is searched, and cases from elsewhere."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from scenarios.generate.city import generate_city
from scenarios.generate.spec import CrewSupply, GenerateSpec, Level
from scenarios.generate.toronto import toronto_case
from scheduler.intake.tables import write_case

INSTANCES: dict[str, GenerateSpec] = {
    "street_100": GenerateSpec(enterprises=100, seed=11),
    "street_400": GenerateSpec(enterprises=400, seed=12),
    "street_400_plenty": GenerateSpec(enterprises=400, seed=12, crews=CrewSupply.PLENTY),
    "street_400_ugly": GenerateSpec(enterprises=400, seed=12, ugly=True),
    "street_1500": GenerateSpec(enterprises=1500, seed=13),
    "district_8x400": GenerateSpec(level=Level.DISTRICT, enterprises=400, seed=14),
    "district_11x1500": GenerateSpec(level=Level.DISTRICT, places=("龙岗区",), enterprises=1500, seed=15),
    "city_74x1500": GenerateSpec(level=Level.CITY, enterprises=1500, seed=1),
}
"""Generated, so that anybody has the same ones."""

TORONTO = "toronto_quarter"

MINUTE, LONG, CITY = 60.0, 600.0, 420.0
TIMES: dict[str, tuple[float, ...]] = {
    "street_400": (MINUTE, LONG),
    "street_1500": (MINUTE, LONG),
    "district_8x400": (120.0,),
    "district_11x1500": (LONG,),
    "city_74x1500": (CITY,),
}
"""Seconds that an instance is searched, each in runs of its own; a case folder of the same name as well.

The city's ten minutes are those from its tables to a checked schedule; reading, merging and checking take the rest.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseAt:
    """A case on disk.

    Parameters
    ----------
    source : ``generated``, ``folder`` or ``open data``: cases of the same name from elsewhere are others.
    """

    name: str
    source: str
    folder: Path


def times_of(name: str) -> tuple[float, ...]:
    """Seconds that an instance or case is searched unless told otherwise."""
    return TIMES.get(name, (MINUTE,))


def cases_at(
    names: Sequence[str], folders: Sequence[Path], toronto: Sequence[Path] | None, temporary: Path
) -> Iterator[CaseAt]:
    """Yield the cases one after the other; generated ones are written below `temporary` when their turn comes."""
    for name in names:
        write_case(generate_city(INSTANCES[name]), temporary / name)
        yield CaseAt(name=name, source="generated", folder=temporary / name)
    for folder in folders:
        yield CaseAt(name=folder.resolve().name, source="folder", folder=folder)
    if toronto:
        enterprises_csv, items_csv = toronto
        write_case(toronto_case(enterprises_csv, items_csv), temporary / TORONTO)
        yield CaseAt(name=TORONTO, source="open data", folder=temporary / TORONTO)
