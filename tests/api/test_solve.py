from __future__ import annotations

import json
import shutil
import signal
from pathlib import Path

import openpyxl
import pytest

from scheduler.domain.snapshot import PlanningSnapshot
from scheduler.errors import BrokenSchedule
from tests.api.conftest import SOON, Onevisit
from tests.builders import a_schedule
from tests.shared_data import shared

TABLES = ("visits.csv", "crew_shifts.csv", "stops.csv", "unserved.csv")


def test_solve_writes_every_output_and_says_what_it_reached(onevisit: Onevisit, case: Path, tmp_path: Path) -> None:
    said = onevisit("solve", case, "--out", tmp_path / "s", *SOON, "--format", "all")
    assert said.code == 0
    assert {p.name for p in (tmp_path / "s").iterdir()} == {
        *TABLES, "summary.json", "schedule.xlsx", "calendar", "daysheets",
    }  # fmt: skip
    assert "Doors opened" in said.out
    assert "Proven bound" in said.out
    assert "Each authority alone" in said.out
    assert "items are not served; reasons:" in said.out
    assert str(tmp_path / "s") in said.out
    assert "Simulated 200 times" in said.out
    assert "Searching for a schedule" in said.err


def test_solve_speaks_chinese(onevisit: Onevisit, case: Path, tmp_path: Path) -> None:
    said = onevisit("solve", case, "--out", tmp_path / "s", *SOON, "--format", "none", "--lang", "zh")
    assert said.code == 0
    assert "入企次数" in said.out
    assert "各部门单独检查" in said.out
    assert "排程搜索" in said.err


def test_the_locale_chooses_the_language(
    onevisit: Onevisit, case: Path, schedule: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    assert "没有违反任何规则" in onevisit("check", case, schedule).out


def test_json_is_the_summary_and_nothing_else(onevisit: Onevisit, case: Path, tmp_path: Path) -> None:
    said = onevisit("solve", case, "--out", tmp_path / "s", *SOON, "--format", "none", "--json")
    found = json.loads(said.out)
    written = json.loads((tmp_path / "s" / "summary.json").read_text("utf-8"))
    assert said.code == 0
    assert found["terms"] == written["terms"]
    assert found["out"] == str(tmp_path / "s")
    assert written["wall_s"] > 0
    assert written["delay"]["runs"] == 200
    assert 0 < written["delay"]["total"]["parts_on_time"]["mean"] <= 1
    assert written["peak_mb"] > 10
    assert {"python", "numpy", "numba", "ortools", "pandas"} <= set(written["versions"])


def test_the_reference_checker_accepts_the_schedule(case: Path, schedule: Path) -> None:
    from tests.reference_check import _checker

    shared("check_schedule.py")
    checker = _checker()
    faults, terms, summary = checker.check(checker.Case(case), schedule)
    assert faults == []
    assert terms == summary["terms"]


def test_same_seed_and_iterations_give_the_same_tables(onevisit: Onevisit, case: Path, tmp_path: Path) -> None:
    for name in ("a", "b"):
        said = onevisit("solve", case, "--out", tmp_path / name, *SOON, "--seed", 5, "--format", "none", "--no-before")
        assert said.code == 0
    for table in TABLES:
        assert (tmp_path / "a" / table).read_bytes() == (tmp_path / "b" / table).read_bytes()


def test_without_before_nothing_is_compared(onevisit: Onevisit, case: Path, tmp_path: Path) -> None:
    said = onevisit("solve", case, "--out", tmp_path / "s", *SOON, "--format", "none", "--no-before")
    assert said.code == 0
    assert "Today's practice was not worked out" in said.out
    assert json.loads((tmp_path / "s" / "summary.json").read_text("utf-8"))["before_after"] is None


def test_the_files_of_a_case_may_be_named_one_by_one(onevisit: Onevisit, case: Path, tmp_path: Path) -> None:
    files = sorted(case.iterdir())
    said = onevisit("solve", *files, "--out", tmp_path / "s", *SOON, "--format", "none", "--no-before")
    assert said.code == 0


def test_warnings_of_the_case_are_shown(onevisit: Onevisit, case: Path, tmp_path: Path) -> None:
    odd = tmp_path / "odd"
    shutil.copytree(case, odd)
    streets = (odd / "streets.csv").read_text("utf-8").splitlines()
    (odd / "streets.csv").write_text("\n".join([streets[0] + ",colour", *(s + ",red" for s in streets[1:])]), "utf-8")
    said = onevisit("solve", odd, "--out", tmp_path / "s", *SOON, "--format", "none", "--no-before")
    assert said.code == 0
    assert "unknown_column" in said.err
    assert "colour" in said.err


def test_a_broken_case_leaves_no_output_folder(onevisit: Onevisit, broken_case: Path, tmp_path: Path) -> None:
    said = onevisit("solve", broken_case, "--out", tmp_path / "s", *SOON)
    assert said.code == 1
    assert "row 2" in said.err
    assert "NOBODY" in said.err
    assert sorted(p.name for p in tmp_path.iterdir()) == ["broken"]


def test_a_broken_case_is_told_to_programs(onevisit: Onevisit, broken_case: Path, tmp_path: Path) -> None:
    said = onevisit("solve", broken_case, "--out", tmp_path / "s", *SOON, "--json")
    found = json.loads(said.out)
    assert said.code == 1
    assert found["error"]["code"] == "invalid_case"
    assert {(p["table"], p["row"]) for p in found["problems"]} >= {("items", 2), ("items", 3)}


def test_a_foreign_output_folder_is_refused_before_the_case_is_read(
    onevisit: Onevisit, broken_case: Path, tmp_path: Path
) -> None:
    foreign = tmp_path / "foreign"
    foreign.mkdir()
    (foreign / "thesis.txt").write_text("years of work")
    said = onevisit("solve", broken_case, "--out", foreign)
    assert said.code == 1
    assert "foreign" in said.err
    assert "NOBODY" not in said.err
    assert (foreign / "thesis.txt").read_text() == "years of work"
    assert "请换一个文件夹" in onevisit("solve", broken_case, "--out", foreign, "--lang", "zh").err


def test_a_schedule_made_here_is_replaced(onevisit: Onevisit, case: Path, schedule: Path, tmp_path: Path) -> None:
    shutil.copytree(schedule, tmp_path / "s")
    (tmp_path / "s" / "visits.csv").write_text("old")
    said = onevisit("solve", case, "--out", tmp_path / "s", *SOON, "--format", "none", "--no-before")
    assert said.code == 0
    assert (tmp_path / "s" / "visits.csv").read_text("utf-8") != "old"


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_an_output_below_a_file_is_refused(onevisit: Onevisit, case: Path, tmp_path: Path, lang: str) -> None:
    (tmp_path / "file").write_text("")
    said = onevisit("solve", case, "--out", tmp_path / "file" / "s", "--lang", lang)
    assert said.code == 1
    assert {"zh": "不是文件夹", "en": "Not a directory"}[lang] in said.err


def test_a_case_that_is_not_there_is_one_sentence(onevisit: Onevisit, tmp_path: Path) -> None:
    said = onevisit("solve", tmp_path / "nothing", "--out", tmp_path / "s", "--lang", "zh")
    assert said.code == 1
    assert said.err.strip() == f"错误：{tmp_path / 'nothing'}：文件或文件夹不存在"


def test_a_full_disk_is_told_in_the_language(
    onevisit: Onevisit, case: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*args: object, **kwargs: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("scheduler.export.bundle.write_schedule_folder", full)
    said = onevisit("solve", case, "--out", tmp_path / "s", *SOON, "--format", "none", "--no-before", "--lang", "zh")
    assert said.code == 1
    assert "磁盘空间不足" in said.err
    assert list(tmp_path.iterdir()) == []


def test_a_second_interrupt_gives_up_and_leaves_the_output_as_it_was(
    onevisit: Onevisit, case: Path, schedule: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*args: object, **kwargs: object) -> None:
        signal.raise_signal(signal.SIGINT)
        signal.raise_signal(signal.SIGINT)

    monkeypatch.setattr("scheduler.planning.pipeline.plan", interrupted)
    shutil.copytree(schedule, tmp_path / "s")
    before = {p.name: p.read_bytes() for p in (tmp_path / "s").iterdir()}
    handler = signal.getsignal(signal.SIGINT)
    said = onevisit("solve", case, "--out", tmp_path / "s", *SOON)
    assert said.code == 130
    assert "Given up" in said.err
    assert {p.name: p.read_bytes() for p in (tmp_path / "s").iterdir()} == before
    assert signal.getsignal(signal.SIGINT) is handler


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_schedule_that_fails_our_check_is_kept_aside_as_our_bug(
    onevisit: Onevisit, case: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lang: str
) -> None:
    def broken(snapshot: PlanningSnapshot, *args: object, **kwargs: object) -> None:
        error = BrokenSchedule("1 violation(s): R01 made up")
        error.schedule = a_schedule(snapshot)  # type: ignore[attr-defined]
        raise error

    monkeypatch.setattr("scheduler.planning.pipeline.plan", broken)
    said = onevisit("solve", case, "--out", tmp_path / "s", *SOON, "--lang", lang)
    assert said.code == 1
    assert {"zh": "本软件的缺陷", "en": "a bug of ours"}[lang] in said.err
    assert not (tmp_path / "s").exists()
    (aside,) = tmp_path.glob("s.broken-*")
    report = json.loads((aside / "report.json").read_text("utf-8"))
    assert report["error"] == "1 violation(s): R01 made up"
    assert report["case"] == [str(case)]
    assert report["limits"]["iterations"] == 60
    assert (aside / "schedule" / "unserved.csv").is_file()


def test_an_unforeseen_fault_is_no_traceback(
    onevisit: Onevisit, case: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def surprising(*args: object, **kwargs: object) -> None:
        raise KeyError("surprise")

    monkeypatch.setattr("scheduler.planning.pipeline.plan", surprising)
    said = onevisit("solve", case, "--out", tmp_path / "s", *SOON)
    assert said.code == 1
    assert "a bug of ours" in said.err
    assert "surprise" in said.err


@pytest.mark.parametrize(
    ("asked", "header"), [((), "企业"), (("--lang", "zh"), "企业"), (("--lang", "en"), "Enterprise")]
)
def test_documents_are_chinese_unless_a_language_is_asked_for(
    onevisit: Onevisit, case: Path, tmp_path: Path, asked: tuple[str, ...], header: str
) -> None:
    """The locale of the terminal chooses the messages, not what a street office sends on."""
    said = onevisit("solve", case, "--out", tmp_path / "out", *SOON, "--format", "xlsx", "--no-before", *asked)
    assert said.code == 0
    book = openpyxl.load_workbook(tmp_path / "out" / "schedule.xlsx", read_only=True)
    cells = {str(c.value) for sheet in book for row in sheet.iter_rows(max_row=3) for c in row}
    assert any(header in cell for cell in cells)
    assert any("企业" in name for name in book.sheetnames) == (header == "企业")
