from __future__ import annotations

import csv
import json
from pathlib import Path

from tests.api.conftest import Onevisit


def a_visit(schedule: Path) -> dict[str, str]:
    with (schedule / "visits.csv").open(encoding="utf-8", newline="") as file:
        return next(csv.DictReader(file))


def test_the_slot_that_is_taken_makes_a_schedule_that_passes(
    onevisit: Onevisit, case: Path, schedule: Path, tmp_path: Path
) -> None:
    visit = a_visit(schedule)["visit_id"]
    said = onevisit("slots", case, schedule, visit, "-k", "2", "--choose", "1", "--out", tmp_path / "new", "--json")
    assert said.code == 0
    slot = json.loads(said.out)["slots"][0]
    assert slot["pin"]["date"] == slot["date"]
    assert onevisit("check", case, tmp_path / "new").code == 0


def test_a_move_tells_whether_it_is_allowed_and_writes_nothing_when_it_is_not(
    onevisit: Onevisit, case: Path, schedule: Path, tmp_path: Path
) -> None:
    visit = a_visit(schedule)
    options = "--date", visit["date"], "--shift", visit["shift_id"], "--out", tmp_path / "new", "--json"
    said = onevisit("move", case, schedule, visit["visit_id"], *options)
    assert said.code == 0
    assert onevisit("check", case, tmp_path / "new").code == 0
    early = onevisit("move", case, schedule, visit["visit_id"], *options[:4], "--start", "09:00",
                     "--out", tmp_path / "none", "--json")  # fmt: skip
    assert early.code == 1
    assert not json.loads(early.out)["ok"]
    assert not (tmp_path / "none").exists()


def test_an_unknown_visit_and_a_time_that_is_none_are_said_in_one_sentence(
    onevisit: Onevisit, case: Path, schedule: Path
) -> None:
    date = a_visit(schedule)["date"]
    said = onevisit("move", case, schedule, "nobody", "--date", date, "--shift", "AM")
    assert (said.code, "no visit nobody" in said.err) == (1, True)
    said = onevisit("move", case, schedule, "nobody", "--date", date, "--shift", "AM", "--start", "25:00")
    assert said.code == 2
