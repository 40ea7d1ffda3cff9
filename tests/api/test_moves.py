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


def test_an_urgent_case_is_put_in_and_the_case_and_schedule_pass(
    onevisit: Onevisit, case: Path, schedule: Path, tmp_path: Path
) -> None:
    # --- 09:05 on a joint day: 12345 passes on a complaint about an enterprise of the street
    visit = a_visit(schedule)
    authority = visit["authority_ids"].split(";")[0]
    about = "--authority", authority, "--enterprise", visit["enterprise_id"], "--duration-min", "20"
    options = *about, "--today", visit["date"], "--now", "09:05", "--item-id", "12345-77", "--json"
    said = onevisit("urgent", case, schedule, *options, "--out", tmp_path / "new")
    assert said.code == 0, said.err
    found = json.loads(said.out)
    assert found["separate"] is (found["place"]["new_crews"] > 0)
    assert found["alerts"], "the enterprise has a visit within 60 days"
    assert onevisit("check", tmp_path / "new/case", tmp_path / "new/schedule").code == 0
    before = (schedule / "visits.csv").read_text("utf-8").splitlines()
    after = (tmp_path / "new/schedule/visits.csv").read_text("utf-8").splitlines()
    assert set(before) < set(after)
    assert len(after) == len(before) + 1
    # --- 23:00 with a deadline today: no time is left, and it says so
    options = *about, "--today", visit["date"], "--now", "23:00", "--deadline", visit["date"]
    late = onevisit("urgent", case, schedule, *options, "--out", tmp_path / "late")
    assert late.code == 1
    assert not (tmp_path / "late").exists()


def test_an_urgent_case_at_an_unknown_enterprise_is_refused(onevisit: Onevisit, case: Path, schedule: Path) -> None:
    options = "--authority", "X", "--enterprise", "nobody", "--duration-min", "20", "--today", "2026-10-12"
    said = onevisit("urgent", case, schedule, *options)
    assert (said.code, "no enterprise nobody" in said.err) == (1, True)
