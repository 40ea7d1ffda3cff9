from __future__ import annotations

import csv
import json
import shutil
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook

from tests.api.conftest import SOON, Onevisit, Said


def a_visit(schedule: Path) -> dict[str, str]:
    with (schedule / "visits.csv").open(encoding="utf-8", newline="") as file:
        return next(csv.DictReader(file))


def pins_of(case: Path) -> list[dict[str, str]]:
    path = case / "pins.csv"
    if not path.exists():
        return []
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture
def own_case(case: Path, tmp_path: Path) -> Path:
    """A copy of the case, to write pins into."""
    return Path(shutil.copytree(case, tmp_path / "own"))


def a_free_visit(case: Path, schedule: Path) -> dict[str, str]:
    """Return a visit of an enterprise without a pin that has no other."""
    with (schedule / "visits.csv").open(encoding="utf-8", newline="") as file:
        visits = list(csv.DictReader(file))
    pinned = {p["enterprise_id"] for p in pins_of(case)}
    counts = Counter(v["enterprise_id"] for v in visits)
    return next(v for v in visits if v["enterprise_id"] not in pinned and counts[v["enterprise_id"]] == 1)


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


def slots_of(said: Said) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(said.out)["slots"]
    return found


def test_the_slot_that_is_taken_is_pinned_in_the_case_once_and_kept_by_the_next_solve(
    onevisit: Onevisit, own_case: Path, schedule: Path, tmp_path: Path
) -> None:
    enterprise = a_free_visit(own_case, schedule)["enterprise_id"]
    before = pins_of(own_case)
    command = (
        "slots",
        own_case,
        schedule,
        a_free_visit(own_case, schedule)["visit_id"],
        "-k",
        "3",
        "--json",
        "--choose",
        "3",
    )
    slot = slots_of(onevisit(*command, "--out", tmp_path / "new"))[2]
    assert slot["lost_item_ids"] == []
    pin = {"enterprise_id": enterprise, "date": slot["date"], "shift_id": slot["shift_id"]}
    assert [p for p in pins_of(own_case) if p not in before] == [pin]
    checked = onevisit("check", own_case, tmp_path / "new", "--json")
    assert checked.code == 0
    assert json.loads(checked.out)["same_case"]
    assert onevisit("solve", own_case, "--out", tmp_path / "again", *SOON, "--format", "none").code == 0
    again = onevisit("slots", own_case, tmp_path / "again", enterprise, "-k", "50", "--json")
    assert [(s["date"], s["shift_id"]) for s in slots_of(again)] == [(slot["date"], slot["shift_id"])]


def test_a_pin_that_is_let_go_gives_its_place_to_the_next(
    onevisit: Onevisit, own_case: Path, schedule: Path, tmp_path: Path
) -> None:
    visit = a_free_visit(own_case, schedule)["visit_id"]
    before = len(pins_of(own_case))
    for number, options in enumerate((("--choose", "2"), ("--choose", "1", "--release-pin"))):
        source = schedule if not number else tmp_path / "new0"
        said = onevisit("slots", own_case, source, visit, *options, "--out", tmp_path / f"new{number}")
        assert said.code == 0
        assert "Pinned in" in said.out
        assert len(pins_of(own_case)) == before + 1
        assert onevisit("check", own_case, tmp_path / f"new{number}").code == 0


def test_a_case_in_a_workbook_has_its_pin_shown(
    onevisit: Onevisit, own_case: Path, schedule: Path, tmp_path: Path
) -> None:
    book = Workbook()
    book.active.title = "pins"
    book.active.append(["enterprise_id", "date", "shift_id"])
    for pin in pins_of(own_case):
        book.active.append(list(pin.values()))
    (own_case / "pins.csv").unlink(missing_ok=True)
    book.save(own_case / "settled.xlsx")
    visit = a_free_visit(own_case, schedule)["visit_id"]
    said = onevisit("slots", own_case, schedule, visit, "--choose", "2", "--out", tmp_path / "new")
    assert said.code == 0
    assert "Keep this pin in the case's table of pins" in said.out
    assert not (own_case / "pins.csv").exists()


def test_a_week_of_a_street_office_on_the_command_line(
    onevisit: Onevisit, own_case: Path, schedule: Path, tmp_path: Path
) -> None:
    visit = a_free_visit(own_case, schedule)
    enterprise = visit["enterprise_id"]

    # --- Monday: an enterprise asks for another day, and takes the second of three slots
    options = ("-k", "3", "--choose", "2", "--out", tmp_path / "monday", "--json")
    slot = slots_of(onevisit("slots", own_case, schedule, enterprise, *options))[1]

    # --- Tuesday: a clerk drags the visit back; its pin stands against it, and nothing is written
    back = ("--date", visit["date"], "--shift", visit["shift_id"])
    same = (slot["date"], slot["shift_id"]) == (visit["date"], visit["shift_id"])
    said = onevisit("move", own_case, tmp_path / "monday", enterprise, *back, "--out", tmp_path / "tuesday", "--json")
    assert [v["code"] for v in json.loads(said.out)["violations"]] == ([] if same else ["R26"])
    assert (tmp_path / "tuesday").exists() == same

    # --- Wednesday: how does the schedule fare when visits take longer
    fares = onevisit("simulate", own_case, tmp_path / "monday", "--runs", "10", "--json")
    assert json.loads(fares.out)["schedules"][0]["total"]["visits"] > 0
    assert json.loads((tmp_path / "monday" / "summary.json").read_text("utf-8"))["delay"]["total"]

    # --- Friday: the enterprise changes its mind; the new pin takes the place of the old one, and all rules are kept
    pins = len(pins_of(own_case))
    options = ("--release-pin", "-k", "3", "--choose", "3", "--out", tmp_path / "friday")
    assert onevisit("slots", own_case, tmp_path / "monday", enterprise, *options).code == 0
    assert len(pins_of(own_case)) == pins
    assert onevisit("check", own_case, tmp_path / "friday").code == 0
