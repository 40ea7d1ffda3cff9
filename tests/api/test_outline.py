"""A year on the command line: outlined, the near quarter planned and carried out, and on."""

from __future__ import annotations

import csv
import json
from datetime import date
from pathlib import Path

import pytest

from scheduler.intake.columns import OutcomeName
from tests.api.conftest import Onevisit


@pytest.fixture(scope="module")
def year(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A year of a street of 12 enterprises."""
    from api.cli import main

    folder = tmp_path_factory.mktemp("year")
    quarter, out = folder / "quarter", folder / "year"
    assert main(["generate", "street", "--enterprises", "12", "--seed", "2", "--out", str(quarter)]) == 0
    assert main(["generate", "year", str(quarter), "--out", str(out), "--seed", "5"]) == 0
    return out


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def test_a_year_is_outlined_and_rolls_on(onevisit: Onevisit, year: Path, tmp_path: Path) -> None:
    # --- December: the year is outlined, and its first quarter planned in detail -----------------------------------
    first, plan = tmp_path / "r1", tmp_path / "p1"
    said = onevisit("outline", year, "--out", first)
    assert said.code == 0, said.err
    assert "of the crews' minutes" in said.out
    items = rows_of(year / "items.csv")
    outlined = rows_of(first / "outline.csv")
    assert {r["item_id"] for r in outlined} == {r["item_id"] for r in items}
    assert all((r["period"] == "") == (r["why_none"] != "") for r in outlined)
    near = {r["item_id"] for r in rows_of(first / "near" / "items.csv")}
    [quarter] = {r["period"] for r in outlined if r["item_id"] in near}
    assert quarter.endswith("Q1")
    assert onevisit("solve", first / "near", "--iterations", 2000, "--out", plan, "--format", "none").code == 0
    assert onevisit("check", first / "near", plan).code == 0

    # --- April: one door had stayed shut; the rest of the year is outlined anew -------------------------------------
    visits = rows_of(plan / "visits.csv")
    shut = max(visits, key=lambda v: v["date"])
    start = date(int(shut["date"][:4]), 4, 1).isoformat()
    events = tmp_path / "events.csv"
    events.write_text(f"event,visit_id\n{OutcomeName.NO_ACCESS.value},{shut['visit_id']}\n", "utf-8")
    second = tmp_path / "r2"
    said = onevisit("outline", year, "--plan", plan, "--events", events, "--today", start, "--out", second, "--json")
    assert said.code == 0, said.err
    figures = json.loads(said.out)
    assert [p["period"][-2:] for p in figures["periods"]] == ["Q2", "Q3", "Q4"]
    rest = {r["item_id"] for r in rows_of(second / "rest" / "items.csv")}
    done = {i for v in visits if v["visit_id"] != shut["visit_id"] for i in v["item_ids"].split(";")}
    assert rest == {r["item_id"] for r in items} - done
    assert set(shut["item_ids"].split(";")) <= rest, "what failed came back"
    history = rows_of(second / "rest" / "history.csv")
    assert {h["visit_id"] for h in history} == {v["visit_id"] for v in visits if v["visit_id"] != shut["visit_id"]}

    # --- the second quarter is planned, and the outline of July goes on from the rest --------------------------------
    plan2 = tmp_path / "p2"
    assert onevisit("solve", second / "near", "--iterations", 2000, "--out", plan2, "--format", "none").code == 0
    july = f"{start[:4]}-07-01"
    said = onevisit("outline", second / "rest", "--plan", plan2, "--today", july, "--out", tmp_path / "r3", "--json")
    assert [p["period"][-2:] for p in json.loads(said.out)["periods"]] == ["Q3", "Q4"]


def test_what_cannot_be_outlined_is_told_and_nothing_written(onevisit: Onevisit, year: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    said = onevisit("outline", year, "--by", "month", "--out", out)
    assert (said.code, "12 periods of a month" in said.err) == (1, True)
    said = onevisit("outline", year, "--today", "2027-04-01", "--out", out)
    assert (said.code, "go together" in said.err) == (1, True)
    assert not out.exists()
    out.mkdir()
    (out / "mine.txt").write_text("x", "utf-8")
    said = onevisit("outline", year, "--out", out)
    assert (said.code, "mine.txt" in said.err) == (1, True)
    assert [p.name for p in out.iterdir()] == ["mine.txt"]
