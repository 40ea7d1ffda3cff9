"""The fixed instances, by name; each is generated, so that anybody has the same ones."""

from __future__ import annotations

from scenarios.generate.spec import CrewSupply, GenerateSpec, Level

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

HABITUAL = tuple(name for name in INSTANCES if name not in ("street_1500", "district_11x1500", "city_74x1500"))
"""What `make bench` runs; the larger ones want minutes of search and are named on the command line."""
