"""The fixed instances, by name; each is generated, so that anybody has the same ones."""

from __future__ import annotations

from scenarios.generate.spec import CrewSupply, GenerateSpec, Level

INSTANCES: dict[str, GenerateSpec] = {
    "street_100": GenerateSpec(enterprises=100, seed=11),
    "street_400": GenerateSpec(enterprises=400, seed=12),
    "street_400_plenty": GenerateSpec(enterprises=400, seed=12, crews=CrewSupply.PLENTY),
    "street_400_ugly": GenerateSpec(enterprises=400, seed=12, ugly=True),
    "district_8x400": GenerateSpec(level=Level.DISTRICT, enterprises=400, seed=14),
}
