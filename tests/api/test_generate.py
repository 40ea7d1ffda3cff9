from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.api.conftest import SOON, Onevisit
from tests.shared_data import shared


def test_a_street_is_made_from_its_options(onevisit: Onevisit, tmp_path: Path) -> None:
    options = ("--enterprises", 5, "--seed", 7, "--place", "粤海", "--year", 2025, "--quarter", 2, "--ugly")
    said = onevisit("generate", "street", *options, "--crews", "plenty", "--out", tmp_path / "c")
    assert said.code == 0
    assert "5 enterprises, 1 streets" in said.out
    assert "粤海街道 2025Q2" in (tmp_path / "c" / "case.toml").read_text("utf-8")
    assert onevisit("validate", tmp_path / "c").code == 0


@pytest.mark.parametrize(("level", "streets"), [("district", 8), ("city", 74)])
def test_a_district_and_the_city_have_their_streets(
    onevisit: Onevisit, tmp_path: Path, level: str, streets: int
) -> None:
    said = onevisit("generate", level, "--enterprises", 1, "--out", tmp_path / "c", "--json")
    assert said.code == 0
    assert json.loads(said.out)["streets"] == streets


def test_the_same_seed_makes_the_same_case(onevisit: Onevisit, tmp_path: Path) -> None:
    for name in ("a", "b"):
        onevisit("generate", "street", "--enterprises", 6, "--seed", 3, "--out", tmp_path / name)
    for path in (tmp_path / "a").iterdir():
        assert path.read_bytes() == (tmp_path / "b" / path.name).read_bytes()


@pytest.mark.parametrize(("lang", "words"), [("zh", "没有名为"), ("en", "no street is called")])
def test_an_unknown_place_is_a_usage_fault(onevisit: Onevisit, tmp_path: Path, lang: str, words: str) -> None:
    said = onevisit("generate", "street", "--place", "Atlantis", "--out", tmp_path / "c", "--lang", lang)
    assert said.code == 2
    assert words in said.err
    assert list(tmp_path.iterdir()) == []


def test_a_folder_with_other_files_is_left_alone(onevisit: Onevisit, tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("years of work")
    said = onevisit("generate", "street", "--enterprises", 2, "--out", tmp_path)
    assert said.code == 1
    assert [p.name for p in tmp_path.iterdir()] == ["thesis.txt"]


def test_a_quarter_of_toronto_is_converted_and_called_derived(onevisit: Onevisit, tmp_path: Path) -> None:
    data = shared("data", "toronto_2017Q4")
    tables = data / "enterprises_2017Q4.csv", data / "plan_items_2017Q4.csv"
    said = onevisit("generate", "toronto", *tables, "--out", tmp_path / "c")
    assert said.code == 0
    assert "derived, not real" in said.out
    assert onevisit("validate", tmp_path / "c").code == 0


def test_tables_that_are_not_torontos_are_refused(onevisit: Onevisit, case: Path, tmp_path: Path) -> None:
    said = onevisit("generate", "toronto", case / "items.csv", case / "items.csv", "--out", tmp_path / "c")
    assert said.code == 1
    assert "items.csv lacks the columns" in said.err
    binary = tmp_path / "b.csv"
    binary.write_bytes(bytes(range(256)))
    assert onevisit("generate", "toronto", binary, binary, "--out", tmp_path / "c").code == 1
    assert onevisit("generate", "toronto", tmp_path / "no.csv", binary, "--out", tmp_path / "c").code == 1


def test_the_demo_leaves_case_schedule_and_papers_and_runs_again(onevisit: Onevisit, tmp_path: Path) -> None:
    out = tmp_path / "demo"
    for _ in range(2):
        said = onevisit("demo", "--out", out, "--enterprises", 6, *SOON)
        assert said.code == 0
        assert "Each authority alone" in said.out
    assert (out / "case" / "case.toml").is_file()
    assert (out / "schedule" / "schedule.xlsx").is_file()
    assert list((out / "schedule" / "calendar").rglob("*.ics"))
    assert list((out / "schedule" / "daysheets").rglob("*.pdf"))
    assert onevisit("check", out / "case", out / "schedule").code == 0
