"""Generated and converted cases pass the same intake as anybody's."""

from __future__ import annotations

from pathlib import Path

import pytest

from scenarios.generate.city import generate_city
from scenarios.generate.spec import CrewSupply, GenerateSpec, Level
from scenarios.generate.toronto import toronto_case
from scheduler.intake.read import read_case, read_raw
from scheduler.intake.tables import write_case
from tests.shared_data import shared

SPECS = {
    "street": GenerateSpec(),
    "plenty": GenerateSpec(crews=CrewSupply.PLENTY),
    "one enterprise": GenerateSpec(enterprises=1),
    "weekdays": GenerateSpec(year=2031, quarter=2, enterprises=50),
    "streets of two districts": GenerateSpec(places=("马田", "粤海"), enterprises=50, ugly=True),
    "ugly district": GenerateSpec(level=Level.DISTRICT, enterprises=100, ugly=True, stretch_min=15),
    "ugly first quarter": GenerateSpec(quarter=1, enterprises=100, ugly=True),
    "few bodies": GenerateSpec(level=Level.DISTRICT, places=("光明", "坪山"), enterprises=30, num_authorities=7),
    "city": GenerateSpec(level=Level.CITY, enterprises=20),
}


@pytest.mark.parametrize("name", SPECS)
def test_generated_case_is_read_without_errors_or_warnings(name: str) -> None:
    raw = generate_city(SPECS[name])
    read = read_raw(raw)
    assert read.warnings == ()
    assert len(read.snapshot.items) == len(raw.tables["items"])
    assert read.snapshot.digest() == read_raw(generate_city(SPECS[name])).snapshot.digest()


def test_case_folder_on_disk_is_the_same_case(tmp_path: Path) -> None:
    raw = generate_city(GenerateSpec(enterprises=60, ugly=True))
    write_case(raw, tmp_path / "case")
    assert read_case(tmp_path / "case").snapshot.digest() == read_raw(raw).snapshot.digest()


def test_toronto_is_read_without_errors_or_warnings() -> None:
    folder = shared("data", "toronto_2017Q4")
    read = read_raw(toronto_case(folder / "enterprises_2017Q4.csv", folder / "plan_items_2017Q4.csv"))
    assert read.warnings == ()
    assert len(read.snapshot.items) == 4063
    assert len(read.snapshot.calendar.days) == 62
