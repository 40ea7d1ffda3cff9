from __future__ import annotations

import csv
import json
import shutil
from pathlib import Path

import pytest

from tests.api.conftest import Onevisit


def change(folder: Path, table: str, column: str, value: str) -> None:
    """Write another value into a column of a table's first row."""
    with (folder / table).open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    rows[0][column] = value
    with (folder / table).open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


def restate(folder: Path, part: str, term: str, value: float) -> None:
    summary = json.loads((folder / "summary.json").read_text("utf-8"))
    summary[part][term] = value
    (folder / "summary.json").write_text(json.dumps(summary), "utf-8")


@pytest.fixture
def copy(schedule: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(schedule, tmp_path / "copy"))


def test_a_good_schedule_passes(onevisit: Onevisit, case: Path, schedule: Path) -> None:
    said = onevisit("check", case, schedule)
    assert said.code == 0
    assert "No rule is broken" in said.out
    assert "Crew shifts" in said.out


@pytest.mark.parametrize(("lang", "words"), [("zh", "违反规则"), ("en", "violation(s)")])
def test_a_violation_has_its_code_and_a_sentence(
    onevisit: Onevisit, case: Path, copy: Path, lang: str, words: str
) -> None:
    change(copy, "visits.csv", "date", "2026-10-03")  # a holiday
    said = onevisit("check", case, copy, "--lang", lang)
    assert said.code == 1
    assert "R01" in said.out
    assert words in said.out


def test_json_holds_every_violation(onevisit: Onevisit, case: Path, copy: Path) -> None:
    change(copy, "crew_shifts.csv", "travel_min", "999")
    said = onevisit("check", case, copy, "--json")
    found = json.loads(said.out)
    assert said.code == 1
    assert found["ok"] is False
    assert [v["code"] for v in found["violations"]] == ["R22"]
    assert "999" in found["violations"][0]["sentence"]
    assert found["terms"] == found["stated_terms"]
    assert found["same_case"] is True


def test_json_of_a_good_schedule(onevisit: Onevisit, case: Path, schedule: Path) -> None:
    found = json.loads(onevisit("check", case, schedule, "--json").out)
    assert (found["ok"], found["violations"], found["differences"]) == (True, [], [])


def test_terms_that_the_summary_states_wrongly_fail(onevisit: Onevisit, case: Path, copy: Path) -> None:
    restate(copy, "terms", "doors", 1)
    said = onevisit("check", case, copy)
    assert said.code == 1
    assert "the summary states doors 1" in said.out


def test_a_bound_above_its_term_fails(onevisit: Onevisit, case: Path, copy: Path) -> None:
    restate(copy, "bounds", "travel_min", 10**6)
    said = onevisit("check", case, copy, "--lang", "zh")
    assert said.code == 1
    assert "下界 1000000 高于其值" in said.out


def test_a_schedule_of_another_state_of_the_case_is_noted(onevisit: Onevisit, case: Path, copy: Path) -> None:
    summary = json.loads((copy / "summary.json").read_text("utf-8"))
    (copy / "summary.json").write_text(json.dumps(summary | {"case_digest": "0" * 64}), "utf-8")
    said = onevisit("check", case, copy)
    assert said.code == 0
    assert "another version" in said.err


def test_a_schedule_of_strangers_is_judged_not_crashed_on(onevisit: Onevisit, case: Path, copy: Path) -> None:
    change(copy, "visits.csv", "enterprise_id", "NOBODY")
    change(copy, "visits.csv", "item_ids", "NOTHING")
    change(copy, "visits.csv", "shift_id", "NIGHT")
    change(copy, "crew_shifts.csv", "authority_id", "STRANGER")
    said = onevisit("check", case, copy)
    assert said.code == 1
    assert "NOBODY" in said.out


def test_a_schedule_that_cannot_be_read_is_told_with_its_places(onevisit: Onevisit, case: Path, copy: Path) -> None:
    change(copy, "visits.csv", "start", "early")
    (copy / "stops.csv").unlink()
    said = onevisit("check", case, copy)
    assert said.code == 1
    assert "row 2 column start" in said.err
    assert "stops.csv" in said.err
    found = json.loads(onevisit("check", case, copy, "--json").out)
    assert found["error"]["code"] == "invalid_schedule"
    assert {"visits", "stops"} <= {p["table"] for p in found["problems"]}


def test_a_valid_case_is_called_usable(onevisit: Onevisit, case: Path) -> None:
    said = onevisit("validate", case)
    assert said.code == 0
    assert "12 enterprises" in said.out
    found = json.loads(onevisit("validate", case, "--json").out)
    assert (found["ok"], found["enterprises"]) == (True, 12)


@pytest.mark.parametrize(("lang", "words"), [("zh", "第 2 行"), ("en", "row 2")])
def test_every_problem_of_a_case_is_reported(onevisit: Onevisit, broken_case: Path, lang: str, words: str) -> None:
    said = onevisit("validate", broken_case, "--lang", lang)
    assert said.code == 1
    assert words in said.err
    assert "NOBODY" in said.err
    found = json.loads(onevisit("validate", broken_case, "--json").out)
    assert {"unknown_reference"} <= {p["code"] for p in found["problems"]}
