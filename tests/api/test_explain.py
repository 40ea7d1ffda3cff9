"""A street office asks about its plan over some days, on the command line and with real files."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest

from scheduler.export.case import case_of_snapshot
from scheduler.intake.tables import write_case
from tests.api.conftest import SOON, Onevisit
from tests.builders import AM, PM, a_calendar, a_pool, a_snapshot, an_item, day

Row = dict[str, str]


def rows_of(path: Path) -> list[Row]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Sixteen enterprises for the fire service, with one crew on one morning; the market office has crews daily."""
    fire = [an_item(f"F{n:02d}", "FIRE", f"E{n:02d}", duration_min=20) for n in range(16)]
    market = [an_item("M00", "MARKET", "E00"), an_item("M01", "MARKET", "E01")]
    folder = tmp_path_factory.mktemp("office") / "case"
    snapshot = a_snapshot(
        [*fire, *market],
        calendar=a_calendar(12, (AM, PM)),
        crew_pools=(a_pool("FIRE", "S1", 1, last_day=day(0), shift_id="AM"), a_pool("MARKET", "S1", 2)),
    )
    write_case(case_of_snapshot(snapshot), folder)
    return folder


def add_crews(case: Path, changes: list[dict[str, Any]]) -> None:
    """Write into crews.csv what an answer says, as a clerk would."""
    path = case / "crews.csv"
    rows = rows_of(path)
    for change in changes:
        f = change["facts"]
        rows.append(
            {
                "authority_id": f["authority"],
                "area_id": f["street"],
                "crews": f["crews"],
                "from": f["day"],
                "to": f["day"],
                "shift_id": f["shift"],
            }
        )
    names = list(dict.fromkeys(name for row in rows for name in row))
    with path.open("w", encoding="utf-8", newline="") as file:
        table = csv.DictWriter(file, names, restval="")
        table.writeheader()
        table.writerows(rows)


def test_an_office_asks_why_acts_on_the_answer_and_asks_again(onevisit: Onevisit, office: Path, tmp_path: Path) -> None:
    def solved(name: str) -> Path:
        out = tmp_path / name
        assert onevisit("solve", office, "--out", out, *SOON, "--format", "none", "--no-before").code == 0
        return out

    def asked(*args: object) -> dict[str, Any]:
        said = onevisit("explain", *args, "--json")
        assert said.code == 0, said.err
        return json.loads(said.out)

    # --- 2026-10-05, a week before: the plan is made, and most of the fire service's items are left out. ---
    plan = solved("monday")
    left = [r["item_id"] for r in rows_of(plan / "unserved.csv")]
    assert len(left) == 11

    # --- 2026-10-06: an enterprise asks why it is not on the list. ---
    why = asked("item", office, plan, left[0])
    assert [r["code"] for r in why["reasons"]] == ["capacity"]
    assert why["trials"][0]["confirmed"]
    assert why["trials"][0]["changes"][0]["kind"] == "add_crew"
    zh = onevisit("explain", "item", office, plan, left[0], "--lang", "zh")
    assert "已按此重新排程并通过全部规则检查" in zh.out

    # --- 2026-10-07: the office asks what it would take, and is offered a crew on two mornings of one weekday. ---
    ways = asked("serve", office, plan, left[0])
    two = [t for t in ways["trials"] if len(t["changes"]) == 2 and t["confirmed"]]
    best = max(two, key=lambda t: len(t["also_served"]))
    assert len(best["also_served"]) == 9
    said = onevisit("explain", "serve", office, plan, left[0], "--lang", "en")
    assert "It serves 9 other items too" in said.out

    # --- 2026-10-08: the fire service agrees; the crews are entered, and the plan made again. ---
    add_crews(office, best["changes"])
    assert onevisit("check", office, plan).code == 0
    again = solved("thursday")
    assert len(rows_of(again / "unserved.csv")) == 1
    assert onevisit("check", office, again).code == 0

    # --- 2026-10-09: a second enterprise asks for another day, an inspector for an earlier hour. ---
    visit = next(v for v in rows_of(again / "visits.csv") if "F02" in v["item_ids"].split(";"))
    other = asked("day", office, again, visit["visit_id"], "2026-10-14")
    assert other["verdict"] == "impossible"
    assert {v["code"] for s in other["shifts"] for v in s["violations"]} == {"R23"}
    stop = next(s for s in rows_of(again / "stops.csv") if s["seq"] == "2")
    hour = asked("hour", office, again, stop["visit_id"])
    assert len(hour["chain"]) >= 2
    assert all(link["violations"] for link in hour["chain"])

    # --- 2026-10-12: on the morning itself the leader asks whether so many crews are needed. ---
    need = asked("crews", office, again, "S1", visit["date"], visit["shift_id"], "FIRE")
    assert need["crews"] == 2
    assert need["proven"] == "any"


def test_what_nothing_answers_to_is_said_in_one_sentence(onevisit: Onevisit, case: Path, schedule: Path) -> None:
    said = onevisit("explain", "item", case, schedule, "nobody")
    assert (said.code, "no item nobody" in said.err) == (1, True)
    said = onevisit("explain", "hour", case, schedule, "nobody")
    assert (said.code, "no visit nobody" in said.err) == (1, True)
    said = onevisit("explain", "crews", case, schedule, "nowhere", "2026-10-20", "AM", "X")
    assert said.code == 1
    assert onevisit("explain", "day", case, schedule, "nobody", "soon").code == 2


def test_a_schedule_that_breaks_a_rule_is_not_explained(
    onevisit: Onevisit, case: Path, schedule: Path, tmp_path: Path
) -> None:
    bad = tmp_path / "bad"
    bad.mkdir()
    for path in schedule.iterdir():
        (bad / path.name).write_bytes(path.read_bytes())
    rows = rows_of(schedule / "stops.csv")
    lines = (bad / "stops.csv").read_text("utf-8").splitlines()
    lines[1] = lines[1].replace(rows[0]["leave"], "23:00")
    (bad / "stops.csv").write_text("\n".join(lines) + "\n", "utf-8")
    visit = rows_of(schedule / "visits.csv")[0]["visit_id"]
    said = onevisit("explain", "hour", case, bad, visit)
    assert (said.code, "breaks" in said.err) == (1, True)
