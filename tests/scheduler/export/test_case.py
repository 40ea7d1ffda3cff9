"""A snapshot written as a case is read as the same snapshot, and so are its stored values."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings

from scenarios.generate.city import generate_city
from scenarios.generate.spec import GenerateSpec, Level
from scheduler.domain.snapshot import PlanningSnapshot
from scheduler.export.case import case_of_snapshot, config_of_snapshot, plain_tables
from scheduler.intake.build import build_snapshot
from scheduler.intake.config import read_config
from scheduler.intake.read import read_case, read_raw
from scheduler.intake.rows import typed_of_plain
from scheduler.intake.tables import write_case
from tests.shared_data import shared
from tests.strategies import small_snapshots


@settings(max_examples=60, deadline=None)
@given(small_snapshots())
def test_a_small_snapshot_reads_back_from_its_case(snapshot: PlanningSnapshot) -> None:
    again = read_raw(case_of_snapshot(snapshot)).snapshot
    assert again == snapshot
    assert again.digest() == snapshot.digest()


SPECS = [
    GenerateSpec(enterprises=25, ugly=True, seed=3),
    GenerateSpec(level=Level.DISTRICT, places=("盐田区",), enterprises=15, seed=5, ugly=True),
    GenerateSpec(enterprises=25, max_days=3, max_visits=4, seed=7),
]


@pytest.fixture(params=SPECS, ids=["street", "district", "limits"], scope="module")
def snapshot(request: pytest.FixtureRequest) -> PlanningSnapshot:
    return read_raw(generate_city(request.param)).snapshot


def test_a_case_of_a_snapshot_is_read_as_that_snapshot(snapshot: PlanningSnapshot, tmp_path: Path) -> None:
    assert read_raw(case_of_snapshot(snapshot)).snapshot == snapshot
    write_case(case_of_snapshot(snapshot), tmp_path / "case")
    again = read_case(tmp_path / "case").snapshot
    assert again == snapshot
    assert again.digest() == snapshot.digest()


def test_stored_values_become_the_snapshot_without_being_checked_again(snapshot: PlanningSnapshot) -> None:
    config, problems = read_config(config_of_snapshot(snapshot))
    assert not problems
    typed = {name: typed_of_plain(name, columns) for name, columns in plain_tables(snapshot).items()}
    assert build_snapshot(typed, config) == snapshot


@pytest.mark.parametrize("name", ["district_8x200_ugly", "street_100", "toronto_2017Q4_derived"])
def test_a_shared_case_comes_back_equal(name: str) -> None:
    snapshot = read_case(shared("data", "cases", name)).snapshot
    again = read_raw(case_of_snapshot(snapshot)).snapshot
    assert again == snapshot
    assert again.digest() == snapshot.digest()
