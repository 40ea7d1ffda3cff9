from __future__ import annotations

import csv
import shutil
from pathlib import Path

import pytest

from tests.api.conftest import Onevisit


@pytest.fixture
def visits(schedule: Path) -> list[dict[str, str]]:
    with (schedule / "visits.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_the_folder_alone_shows_every_visit_by_its_ids(
    onevisit: Onevisit, schedule: Path, visits: list[dict[str, str]]
) -> None:
    said = onevisit("show", schedule)
    assert said.code == 0
    for visit in visits:
        assert visit["enterprise_id"] in said.out
        assert f"{visit['start']}–{visit['end']}" in said.out
    assert f"{len(visits)} visits" in said.out
    assert "Crew 1" in said.out


def test_with_the_case_names_are_shown(onevisit: Onevisit, schedule: Path, case: Path) -> None:
    said = onevisit("show", schedule, "--case", case, "--lang", "zh")
    assert "马田街道" in said.out
    assert "第1组" in said.out
    assert "E000001" not in said.out


def test_a_date_chooses_its_visits(onevisit: Onevisit, schedule: Path, visits: list[dict[str, str]]) -> None:
    date = visits[0]["date"]
    said = onevisit("show", schedule, "--date", date)
    chosen = [v for v in visits if v["date"] == date]
    assert 0 < len(chosen) < len(visits)
    assert f"{len(chosen)} of {len(visits)} visits match" in said.out
    assert all(f"{v['start']}–{v['end']}" in said.out for v in chosen)


def test_an_enterprise_and_an_authority_choose_their_visits(
    onevisit: Onevisit, schedule: Path, visits: list[dict[str, str]]
) -> None:
    enterprise = visits[0]["enterprise_id"]
    said = onevisit("show", schedule, "--enterprise", enterprise)
    num = sum(v["enterprise_id"] == enterprise for v in visits)
    assert f"{num} of {len(visits)} visits match" in said.out
    authority = visits[0]["authority_ids"].split(";")[0]
    said = onevisit("show", schedule, "--authority", authority)
    num = sum(authority in v["authority_ids"].split(";") for v in visits)
    assert f"{num} of {len(visits)} visits match" in said.out


def test_part_of_a_name_chooses_a_street(onevisit: Onevisit, schedule: Path, case: Path) -> None:
    assert "match" in onevisit("show", schedule, "--case", case, "--street", "马田").out
    assert "No visit matches" in onevisit("show", schedule, "--case", case, "--street", "elsewhere").out


def test_a_date_that_is_none_is_a_usage_fault(onevisit: Onevisit, schedule: Path) -> None:
    said = onevisit("show", schedule, "--date", "someday")
    assert said.code == 2
    assert "someday" in said.err


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_no_folder_is_one_sentence(onevisit: Onevisit, tmp_path: Path, lang: str) -> None:
    said = onevisit("show", tmp_path / "none", "--lang", lang)
    assert said.code == 1
    assert len(said.err.splitlines()) == 1


def test_names_cannot_steer_the_terminal(onevisit: Onevisit, schedule: Path, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(schedule, tmp_path / "copy"))
    text = (folder / "visits.csv").read_text("utf-8")
    (folder / "visits.csv").write_text(text.replace("E000001", "[red]\x1b[31mE1"), "utf-8")
    said = onevisit("show", folder)
    assert said.code == 0
    assert "\x1b" not in said.out
    assert "[red]" in said.out
