"""What-if on the command line: compared, reported, run again, and asked about."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from tests.api.conftest import Onevisit

QUICK = ("--iterations", "60", "--seeds", "1,2", "--workers", "1")

STUDY = """
library = ["today"]
[[scenario]]
name = "less-crowd"
title = { zh = "少去人", en = "fewer people" }
[[scenario.edit]]
kind = "visit"
max_officers = 4
[[sensitivity]]
name = "buffer"
edit = { kind = "travel" }
field = "buffer_min"
values = [0, 9]
"""


@pytest.fixture
def study(tmp_path: Path) -> Path:
    path = tmp_path / "study.toml"
    path.write_text(STUDY, "utf-8")
    return path


def test_scenarios_are_compared_reported_checked_and_run_again(
    onevisit: Onevisit, case: Path, study: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    said = onevisit("whatif", case, study, "--report", out, "--plans", *QUICK)
    assert said.code == 0, said.err
    for name in ("base", "today", "less-crowd", "buffer-9"):
        assert name in said.out
        plan = out / "plans" / name
        assert onevisit("check", plan / "case", plan / "schedule").code == 0
    assert {p.name for p in out.iterdir()} == {
        "report.html", "comparison.xlsx", "comparison.csv", "charts", "scenarios", "plans",
    }  # fmt: skip
    page = (out / "report.html").read_text("utf-8")
    assert "少去人" in page
    assert "fewer people" in page
    with (out / "comparison.csv").open(encoding="utf-8", newline="") as file:
        rows = {(r["metric"], r["scenario"]): r for r in csv.DictReader(file)}
    assert float(rows["joint_rate", "today"]["value"]) == 0
    stored = out / "scenarios" / "today.json"
    said = onevisit("whatif", case, "--repeat", stored, "--repeat", out / "scenarios" / "base.json", "--json")
    assert said.code == 0, said.err
    assert [r["identical"] for r in json.loads(said.out)] == [True, True]


def test_json_holds_the_whole_table(onevisit: Onevisit, case: Path, tmp_path: Path) -> None:
    said = onevisit("whatif", case, "--library", "today", "--report", tmp_path / "out", *QUICK, "--json")
    table = json.loads(said.out)
    base, today = table["scenarios"]
    assert base["name"] == "base"
    assert today["cells"]["doors"]["difference"] == today["cells"]["doors"]["value"] - base["cells"]["doors"]["value"]
    assert {m["name"] for m in table["metrics"]} == set(base["cells"])


def test_a_stored_scenario_that_was_changed_does_not_repeat(onevisit: Onevisit, case: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    onevisit("whatif", case, "--library", "today", "--report", out, *QUICK)
    stored = json.loads((out / "scenarios" / "today.json").read_text("utf-8"))
    stored["runs"][0]["terms"]["doors"] += 1
    path = tmp_path / "changed.json"
    path.write_text(json.dumps(stored), "utf-8")
    said = onevisit("whatif", case, "--repeat", path)
    assert said.code == 1
    assert "doors" in said.out
    stored["base_digest"] = "0" * 64
    path.write_text(json.dumps(stored), "utf-8")
    said = onevisit("whatif", case, "--repeat", path)
    assert said.code == 1
    assert "digest" in said.err


def test_every_fault_is_told_and_nothing_is_written(onevisit: Onevisit, case: Path, tmp_path: Path) -> None:
    out, bad = tmp_path / "out", tmp_path / "bad.toml"
    bad.write_text('name = "x"\n[[edit]]\nkind = "travel"\nspeed_kmh = -1\n[[edit]]\nkind = "nope"\n', "utf-8")
    said = onevisit("whatif", case, bad, "--report", out, *QUICK)
    assert said.code == 1
    assert "edit[1].speed_kmh" in said.err
    assert "edit[2]" in said.err
    bad.write_text('name = "x"\n[[edit]]\nkind = "crews"\nauthority = "NOBODY"\nchange = 1\n', "utf-8")
    said = onevisit("whatif", case, bad, "--report", out, *QUICK, "--json")
    assert said.code == 1
    assert json.loads(said.out)["problems"][0]["code"] == "bad_scenario"
    assert "NOBODY" in said.out
    assert not out.exists()


def test_a_folder_with_other_things_is_left_alone(onevisit: Onevisit, case: Path, tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    said = onevisit("whatif", case, "--library", "today", "--report", tmp_path, *QUICK)
    assert said.code == 1
    assert [p.name for p in tmp_path.iterdir()] == ["mine.txt"]


@pytest.mark.parametrize(
    "options",
    [(), ("--library", "today"), ("--library", "today", "--report", "x", "--seeds", "1,1"), ("nowhere.toml",)],
)
def test_what_is_missing_or_wrong_is_said(onevisit: Onevisit, case: Path, options: tuple[str, ...]) -> None:
    said = onevisit("whatif", case, *options)
    assert said.code in (1, 2)
    assert said.err


def test_the_library_is_listed_with_what_does_not_fit(onevisit: Onevisit, case: Path) -> None:
    said = onevisit("whatif", case, "--list")
    assert said.code == 0
    assert "streets-merged" in said.out
    assert "it needs two streets" in said.out


def test_questions_are_answered_in_words_and_figures(onevisit: Onevisit, case: Path) -> None:
    said = onevisit("question", "quiet", case, "--iterations", "60", "--exempt", "case")
    assert said.code == 0, said.err
    assert "quiet" in said.out
    said = onevisit("question", "crews", case, "--iterations", "60", "--json")
    assert {"unserved", "lost", "more", "worth"} <= set(json.loads(said.out))
    item = (case / "items.csv").read_text("utf-8-sig").splitlines()[1].split(",")[0]
    assert item in onevisit("question", "serve", case, "--item", item, "--iterations", "60").out
    assert onevisit("question", "serve", case, "--item", "NOBODY").code == 1
    assert onevisit("question", "quiet", case, "--scope", "moon").code == 2
    assert onevisit("question", "quiet", case, "--scope", "street", "--target", "NOWHERE").code == 1


def test_the_fewest_joint_days_are_told_with_what_they_cost(onevisit: Onevisit, case: Path) -> None:
    said = onevisit("question", "days", case, "--iterations", "60", "--json")
    assert said.code == 0, said.err
    found = json.loads(said.out)
    assert found["bound"] <= found["fewest"]
