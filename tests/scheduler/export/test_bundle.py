from __future__ import annotations

import json
from pathlib import Path

import pytest

from scheduler.export import bundle
from scheduler.export.bundle import OUTPUT_FORMATS, OutputFailed, OutputRefused, beside, write_outputs
from scheduler.export.folder import read_schedule_folder
from scheduler.export.summary import make_summary
from tests.scheduler.export.sample import STAMP, sample_outcome, sample_schedule, sample_snapshot

SNAPSHOT = sample_snapshot()
SCHEDULE = sample_schedule(SNAPSHOT)
SUMMARY = make_summary(SNAPSHOT, sample_outcome(SNAPSHOT), wall_s=2.0, peak_mb=None, seed=7, versions={})


def write(out: Path, *formats: str) -> None:
    write_outputs(out, SNAPSHOT, SCHEDULE, SUMMARY, formats=frozenset(formats), lang="zh", stamp=STAMP)


def names(folder: Path) -> set[str]:
    return {p.name for p in folder.iterdir()}


def test_everything_asked_for_is_written_and_nothing_else(tmp_path: Path) -> None:
    out = tmp_path / "deep" / "out"
    write(out)
    assert names(out) == {"visits.csv", "crew_shifts.csv", "stops.csv", "unserved.csv", "summary.json"}
    write(out, *OUTPUT_FORMATS)
    assert {"schedule.xlsx", "calendar", "daysheets"} < names(out)
    assert read_schedule_folder(SNAPSHOT, out)[0] == SCHEDULE
    assert names(out.parent) == {"out"}


@pytest.mark.parametrize("failing", ["write_workbook", "write_calendars", "write_day_sheets"])
@pytest.mark.parametrize("error", [RuntimeError("broken"), KeyboardInterrupt()])
def test_a_failure_half_way_leaves_what_was_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, failing: str, error: BaseException
) -> None:
    def fail(*args: object, **more: object) -> None:
        raise error

    monkeypatch.setattr(bundle, failing, fail)
    out = tmp_path / "out"
    with pytest.raises(type(error)):
        write(out, *OUTPUT_FORMATS)
    assert names(tmp_path) == set()
    write(out)
    before = {p.name: p.read_bytes() for p in out.iterdir()}
    with pytest.raises(type(error)):
        write(out, *OUTPUT_FORMATS)
    assert {p.name: p.read_bytes() for p in out.iterdir()} == before
    assert names(tmp_path) == {"out"}


def test_an_interrupt_between_the_two_renames_brings_the_old_folder_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "out"
    write(out)
    rename = Path.rename

    def interrupted(self: Path, target: Path) -> Path:
        if self.name == "new":
            raise KeyboardInterrupt
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", interrupted)
    with pytest.raises(KeyboardInterrupt):
        write(out, "xlsx")
    assert "schedule.xlsx" not in names(out)
    assert "visits.csv" in names(out)


def test_a_full_disk_is_told_with_a_code(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*args: object, **more: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(bundle, "write_workbook", full)
    with pytest.raises(OutputFailed) as caught:
        write(tmp_path / "out", "xlsx")
    assert caught.value.code == "output_failed"
    assert "No space left" in caught.value.text[0]
    assert names(tmp_path) == set()


def test_a_folder_of_somebody_else_is_never_replaced(tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    (other / "thesis.doc").write_text("precious")
    with pytest.raises(OutputRefused):
        write(other)
    (other / "summary.json").write_text(json.dumps({"terms": {}}))
    with pytest.raises(OutputRefused):
        write(other)
    (tmp_path / "file").write_text("x")
    with pytest.raises(OutputRefused) as caught:
        write(tmp_path / "file")
    assert caught.value.code == "output_refused"
    assert (other / "thesis.doc").read_text() == "precious"


def test_our_folder_with_files_of_others_is_kept(tmp_path: Path) -> None:
    write(tmp_path / "out")
    (tmp_path / "out" / "minutes of the meeting.txt").write_text("precious")
    with pytest.raises(OutputRefused, match="minutes of the meeting"):
        write(tmp_path / "out")
    assert (tmp_path / "out" / "minutes of the meeting.txt").exists()


def test_an_empty_folder_is_taken(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / ".DS_Store").write_text("")
    write(tmp_path / "out")
    assert "visits.csv" in names(tmp_path / "out")


def test_an_unknown_format_is_refused(tmp_path: Path) -> None:
    with pytest.raises(OutputRefused, match="docx"):
        write(tmp_path / "out", "docx")


def test_nothing_is_left_beside_the_output(tmp_path: Path) -> None:
    def give_up_half_way() -> None:
        with beside(tmp_path / "deep" / "plan") as aside:
            (aside / "half").write_text("x", "utf-8")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        give_up_half_way()
    assert list((tmp_path / "deep").iterdir()) == []
