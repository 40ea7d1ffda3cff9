"""A published schedule lives through some days, on the command line: what happens, what the street office does."""

from __future__ import annotations

import csv
import json
from datetime import date, timedelta
from pathlib import Path

from tests.api.conftest import Onevisit

Row = dict[str, str]


def rows_of(path: Path) -> list[Row]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def write_events(path: Path, *rows: Row) -> Path:
    names = list(dict.fromkeys(name for row in rows for name in row))
    with path.open("w", encoding="utf-8", newline="") as file:
        table = csv.DictWriter(file, names, restval="")
        table.writeheader()
        table.writerows(rows)
    return path


def dates_of(schedule: Path) -> list[str]:
    return sorted({v["date"] for v in rows_of(schedule / "visits.csv")})


def next_day(day: str) -> str:
    return (date.fromisoformat(day) + timedelta(days=1)).isoformat()


def test_a_street_lives_with_its_schedule(onevisit: Onevisit, case: Path, schedule: Path, tmp_path: Path) -> None:
    # --- The evening of the first joint day: one door stayed shut, one visit took longer ---------------------------
    first, second = dates_of(schedule)[:2]
    visits = rows_of(schedule / "visits.csv")
    due = [v for v in visits if v["date"] == first]
    happened = [{"event": "无人应门", "visit_id": due[0]["visit_id"]}]
    happened += [{"event": "done", "visit_id": v["visit_id"], "minutes": "200"} for v in due[1:2]]
    events = write_events(tmp_path / "day1.csv", *happened)
    said = onevisit("replan", case, schedule, events, "--today", next_day(first), "--out", tmp_path / "d1", "--json")
    assert said.code == 0, said.err
    found = json.loads(said.out)
    assert (found["not_done"], found["done"]) == (1, len(due) - 1)
    assert {c["cause"] for c in found["changes"] if c["kind"] in ("moved", "dropped")} <= {"no_access", "made_room"}
    assert onevisit("check", tmp_path / "d1/case", tmp_path / "d1/schedule").code == 0
    served = {i for v in rows_of(tmp_path / "d1/schedule/visits.csv") for i in v["item_ids"].split(";")}
    left = {u["item_id"] for u in rows_of(tmp_path / "d1/schedule/unserved.csv")}
    assert set(due[0]["item_ids"].split(";")) <= served | left

    # --- The morning of the second joint day: a typhoon, and a complaint that can't wait ----------------------------
    plan = tmp_path / "d1/schedule"
    second = min(d for d in dates_of(plan) if d > first)
    item = rows_of(case / "items.csv")[0]
    urgent = {"event": "urgent_case", "item_id": "12345-1", "duration_min": "30", "earliest": second}
    urgent |= {k: item[k] for k in ("authority_id", "enterprise_id")}
    urgent["latest"] = (date.fromisoformat(second) + timedelta(days=9)).isoformat()
    events = write_events(tmp_path / "day2.csv", {"event": "取消", "date": second}, urgent)
    options = "--today", second, "--freeze-days", "1", "--out", tmp_path / "d2"
    said = onevisit("replan", tmp_path / "d1/case", plan, events, *options)
    assert said.code == 0, said.err
    assert "its date or shift is cancelled" in said.out
    assert second not in dates_of(tmp_path / "d2/schedule")
    assert onevisit("check", tmp_path / "d2/case", tmp_path / "d2/schedule").code == 0
    changes = rows_of(tmp_path / "d2/changes.csv")
    assert {c["cause"] for c in changes if c["old_date"] == second} == {"cancelled"}
    assert any("12345-1" in v["item_ids"].split(";") for v in rows_of(tmp_path / "d2/schedule/visits.csv"))

    # --- The day after: nothing happened, so nothing changes ---------------------------------------------------------
    events = write_events(tmp_path / "day3.csv", {"event": "", "visit_id": ""})
    events.write_text("event,visit_id\n", "utf-8")
    options = "--today", next_day(second), "--out", tmp_path / "d3", "--json"
    said = onevisit("replan", tmp_path / "d2/case", tmp_path / "d2/schedule", events, *options)
    assert said.code == 0, said.err
    found = json.loads(said.out)
    assert (found["changes"], found["searched"], found["moved_published"]) == ([], False, 0)


def test_wrong_events_are_reported_together_and_nothing_is_written(
    onevisit: Onevisit, case: Path, schedule: Path, tmp_path: Path
) -> None:
    first = dates_of(schedule)[0]
    events = write_events(
        tmp_path / "events.csv",
        {"event": "no_access", "visit_id": "nobody"},
        {"event": "item_withdrawn", "item_id": "nothing"},
    )
    said = onevisit("replan", case, schedule, events, "--today", first, "--out", tmp_path / "new")
    assert said.code == 1
    assert "row 2 column event" in said.err
    assert "row 3 column event" in said.err
    events = write_events(tmp_path / "events.csv", {"event": "crew_missing", "date": "soon"}, {"event": "strike"})
    said = onevisit("replan", case, schedule, events, "--today", first, "--out", tmp_path / "new")
    assert [code for code in ("bad_date", "missing_value", "unknown_value") if code in said.err] == [
        "bad_date", "missing_value", "unknown_value",
    ]  # fmt: skip
    assert not (tmp_path / "new").exists()


def test_a_folder_with_other_files_is_left_alone(
    onevisit: Onevisit, case: Path, schedule: Path, tmp_path: Path
) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "diary.txt").write_text("mine", "utf-8")
    events = tmp_path / "events.csv"
    events.write_text("event\n", "utf-8")
    said = onevisit("replan", case, schedule, events, "--today", dates_of(schedule)[0], "--out", tmp_path / "mine")
    assert said.code == 1
    assert "diary.txt" in said.err
    assert (tmp_path / "mine" / "diary.txt").read_text("utf-8") == "mine"
