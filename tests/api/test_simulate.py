"""``onevisit simulate``: what it shows, what programs get, and what it refuses."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from tests.api.conftest import Onevisit
from tests.api.test_check import change


def test_a_schedule_is_simulated(onevisit: Onevisit, case: Path, schedule: Path) -> None:
    said = onevisit("simulate", case, schedule, "--runs", "20")
    assert said.code == 0
    for words in ("20 runs", "Visits that start on time", "Minutes of overtime", "Authority", "Street", "09:00–09:59"):
        assert words in said.out
    assert "准时开始的入企" in onevisit("simulate", case, schedule, "--runs", "2", "--lang", "zh").out


def test_the_same_seed_repeats_and_another_does_not(onevisit: Onevisit, case: Path, schedule: Path) -> None:
    def found(seed: int) -> object:
        return json.loads(onevisit("simulate", case, schedule, "--runs", "5", "--seed", seed, "--json").out)

    assert found(3) == found(3)
    assert found(3) != found(4)


def test_without_randomness_everything_starts_as_planned(onevisit: Onevisit, case: Path, schedule: Path) -> None:
    said = onevisit(
        "simulate", case, schedule, "--durations", "fixed:1", "--travel", "fixed:1", "--runs", "2", "--json"
    )
    (found,) = json.loads(said.out)["schedules"]
    assert found["total"]["parts_on_time"]["mean"] == 1
    assert found["total"]["late_min"] == {"mean": 0, "error": 0, "p50": 0, "p95": 0}
    assert found["total"]["crew_wait_min"]["mean"] == found["planned_crew_wait_min"]
    assert sum(g["parts"] for g in found["by_hour"]) == found["total"]["parts"]


def test_every_parameter_of_the_model_is_taken(onevisit: Onevisit, case: Path, schedule: Path) -> None:
    wanted = {
        "durations": "lognormal:0.2", "travel": "triangular:0.8:1.0:1.6", "day_durations": "uniform:0.9:1.1",
        "day_travel": "uniform:0.8:1.4", "enterprise_late_chance": 0.1, "enterprise_late_min": 20.0,
        "no_show_chance": 0.05, "no_show_wait_min": 5.0, "on_time_min": 5.0, "departure": "latest",
    }  # fmt: skip
    options = [text for name, value in wanted.items() for text in (f"--{name.replace('_', '-')}", value)]
    (found,) = json.loads(onevisit("simulate", case, schedule, *options, "--runs", "3", "--json").out)["schedules"]
    assert found["model"] == wanted
    assert found["runs"] == 3


def test_schedules_are_compared_on_the_same_random_numbers(onevisit: Onevisit, case: Path, schedule: Path) -> None:
    args = ("simulate", case, schedule, "--against", schedule, "--runs", "4")
    (difference,) = json.loads(onevisit(*args, "--json").out)["differences"]
    assert difference["crew_shifts"] == 0
    assert difference["more_than_noise"] == []
    assert difference["figures"]["overtime_min"] == {"mean": 0, "error": 0, "p50": 0, "p95": 0}
    assert "same random numbers" in onevisit(*args).out


@pytest.mark.parametrize(
    ("option", "value", "zh", "en"),
    [
        ("--durations", "often", "--durations 应为", "--durations must be"),
        ("--day-travel", "uniform:2:1", "--day-travel 应为", "--day-travel must be"),
        ("--runs", "0", "应不小于 1", "must be at least 1"),
        ("--enterprise-late-chance", "2", "--enterprise-late-chance", "--enterprise-late-chance"),
    ],
)
def test_faults_of_usage(
    onevisit: Onevisit, case: Path, schedule: Path, option: str, value: str, zh: str, en: str
) -> None:
    for lang, words in (("zh", zh), ("en", en)):
        said = onevisit("simulate", case, schedule, option, value, "--lang", lang)
        assert (said.code, said.out) == (2, "")
        assert words in said.err


def test_a_schedule_that_breaks_rules_is_not_simulated(
    onevisit: Onevisit, case: Path, schedule: Path, tmp_path: Path
) -> None:
    copy = Path(shutil.copytree(schedule, tmp_path / "copy"))
    change(copy, "crew_shifts.csv", "travel_min", "999")
    said = onevisit("simulate", case, copy)
    assert said.code == 1
    assert "R22" in said.err
