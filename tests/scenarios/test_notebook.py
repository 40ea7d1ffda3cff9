"""What-if as a notebook uses it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from scenarios.generate.city import generate_city
from scenarios.generate.spec import GenerateSpec, Level
from scenarios.notebook import load, question, what_if
from scenarios.questions.asked import CrewsQuestion
from scenarios.scenario import BadScenarios, Scenario
from scheduler.export.case import case_of_snapshot
from scheduler.intake.tables import write_case
from scheduler.rules import check
from tests.builders import a_pool, a_snapshot, an_item

QUICK = {"iterations": 200, "seeds": (1, 2), "workers": 2}


@pytest.fixture(scope="module")
def case(tmp_path_factory) -> Path:
    items = tuple(an_item(f"I{n}{a}", a, f"E{n}") for n in range(6) for a in ("A1", "A2"))
    folder = tmp_path_factory.mktemp("case") / "case"
    snapshot = a_snapshot(items, crew_pools=(a_pool("A1", "S1", 1), a_pool("A2", "S1", 1)))
    write_case(case_of_snapshot(snapshot), folder)
    return folder


def test_a_case_and_scenarios_become_tables_and_a_report(case, tmp_path) -> None:
    slow = Scenario.model_validate({"name": "slow", "edit": [{"kind": "travel", "speed_kmh": 5}]})
    series = {"sensitivity": [{"name": "b", "edit": {"kind": "travel"}, "field": "buffer_min", "values": [5, 9]}]}
    found = what_if(
        case, ["today", slow, {"name": "j", "edit": [{"kind": "visit", "stretch_min": 9}]}, series], **QUICK
    )
    table = found.table()
    assert list(table.columns) == ["base", "today", "slow", "j", "b-5", "b-9"]
    assert table.loc["doors opened", "today"] == 12
    differences, marks = found.differences(), found.marks()
    assert differences.loc["doors opened", "today"] == 6
    assert marks.loc["doors opened", "today"] == "proven"
    assert pd.isna(differences["slow"]).equals(~marks["slow"].isin(["proven", "measured"]))
    assert len(found.table("zh", whole=True)) > len(table)
    assert check(found.case("slow"), found.schedule("slow")) == ()
    assert "<table" in found._repr_html_()
    assert found.report(tmp_path / "out").read_text("utf-8").startswith("<!")


def test_faults_are_raised_before_anything_is_run(case) -> None:
    with pytest.raises(BadScenarios):
        what_if(case, [{"name": "x", "edit": [{"kind": "crews", "authority": "A9", "change": 1}]}], **QUICK)


def test_questions_are_asked_of_a_case(case) -> None:
    answer = question(load(case), CrewsQuestion(iterations=100))
    assert answer.found
    assert answer.en


def test_the_page_s_notebook_runs(tmp_path, monkeypatch) -> None:
    root = Path(__file__).parents[2]
    text = (root / "docs" / "whatif.md").read_text("utf-8")
    code = text.split("```python\n")[1].split("```")[0]
    city = generate_city(GenerateSpec(level=Level.DISTRICT, places=("光明区",), enterprises=3))
    write_case(city, tmp_path / "guangming")
    (tmp_path / "docs").symlink_to(root / "docs")
    monkeypatch.chdir(tmp_path)
    said: dict[str, Any] = {}
    exec(compile(code, "docs/whatif.md", "exec"), said)
    assert said["doors"]["today"] > said["doors"]["two-doors"] >= said["doors"]["base"]
    assert said["crews"]
    assert said["visits"]
    assert said["page"].exists()
