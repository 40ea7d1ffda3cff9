from __future__ import annotations

import contextlib
import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from scheduler.domain.schedule import Reason, ReasonCode, Relaxation, RelaxationKind, Schedule, ScheduleState, Unserved
from scheduler.errors import InvalidSchedule, Problem
from scheduler.export.before_after import before_after_rows, change_text
from scheduler.export.folder import read_schedule_folder, write_schedule_folder
from scheduler.export.summary import before_after_of, make_summary
from tests.scheduler.export.sample import sample_outcome, sample_schedule, sample_snapshot
from tests.shared_data import shared

SNAPSHOT = sample_snapshot()
SCHEDULE = sample_schedule(SNAPSHOT)
OUTCOME = sample_outcome(SNAPSHOT)
SUMMARY = make_summary(SNAPSHOT, OUTCOME, wall_s=2.0, peak_mb=100.0, seed=7, versions={"onevisit": "0.1.0"})


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_schedule_folder(tmp_path / "s", SNAPSHOT, SCHEDULE, SUMMARY, "zh")
    return tmp_path / "s"


def change(path: Path, old: str, new: str) -> None:
    text = path.read_bytes().decode()
    assert old in text
    path.write_bytes(text.replace(old, new, 1).encode())


def problems(folder: Path) -> tuple[Problem, ...]:
    with pytest.raises(InvalidSchedule) as caught:
        read_schedule_folder(SNAPSHOT, folder)
    return caught.value.problems


@pytest.mark.parametrize("state", list(ScheduleState))
def test_schedule_read_back_equals_the_one_written(tmp_path: Path, state: ScheduleState) -> None:
    schedule = replace(SCHEDULE, state=state)
    write_schedule_folder(tmp_path, SNAPSHOT, schedule, SUMMARY, "en")
    read, summary = read_schedule_folder(SNAPSHOT, tmp_path)
    assert read == schedule
    assert summary["terms"] == OUTCOME.score.as_dict()
    assert before_after_of(summary) == OUTCOME.before_after


def test_summary_has_everything_that_the_contract_names(folder: Path) -> None:
    summary = json.loads((folder / "summary.json").read_text("utf-8"))
    for name in ("terms", "bounds", "gap", "status", "wall_s", "peak_mb", "seed", "versions", "case_digest"):
        assert name in summary
    assert summary["gap"]["crew_shifts"] == 0.25
    assert summary["gap"]["joint_days"] is None
    assert summary["case_digest"] == SNAPSHOT.digest()
    assert summary["unserved_reasons"] == {"capacity": 1, "notice": 1, "shift_too_short": 1}


def test_equal_schedules_give_equal_bytes(folder: Path, tmp_path: Path) -> None:
    write_schedule_folder(tmp_path / "again", SNAPSHOT, SCHEDULE, SUMMARY, "zh")
    for path in folder.iterdir():
        assert path.read_bytes() == (tmp_path / "again" / path.name).read_bytes()


@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030"])
def test_other_encodings_are_read(folder: Path, encoding: str) -> None:
    for path in folder.iterdir():
        path.write_bytes(path.read_bytes().decode().encode(encoding))
    assert read_schedule_folder(SNAPSHOT, folder)[0] == SCHEDULE


def test_extra_columns_blank_rows_and_excel_dates_are_read(folder: Path) -> None:
    lines = (folder / "visits.csv").read_text("utf-8").splitlines()
    lines = [
        lines[0].upper() + ",note",
        *(f"{line.replace('2026-10-12', '2026/10/12')},hello" for line in lines[1:]),
        "",
        ",,,",
    ]
    (folder / "visits.csv").write_text("\n".join(lines), "utf-8")
    assert read_schedule_folder(SNAPSHOT, folder)[0] == SCHEDULE


def test_summary_of_another_writer_needs_no_digest(folder: Path) -> None:
    (folder / "summary.json").write_text(json.dumps({"terms": OUTCOME.score.as_dict()}), "utf-8")
    read, _ = read_schedule_folder(SNAPSHOT, folder)
    assert read == replace(SCHEDULE, version=0)


def test_figures_that_are_no_json_are_read_as_absent(folder: Path, tmp_path: Path) -> None:
    change(folder / "summary.json", '"wall_s": 2.0', '"wall_s": Infinity')
    read, summary = read_schedule_folder(SNAPSHOT, folder)
    assert summary["wall_s"] is None
    write_schedule_folder(tmp_path / "again", SNAPSHOT, read, summary, "zh")


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31", "2026-2-30", "12/10/2026", "46000", "２０２６-10-12"])
def test_what_is_no_date_of_our_time_is_told(folder: Path, day: str) -> None:
    change(folder / "visits.csv", "2026-10-12", day)
    assert [(p.code, p.column, p.value) for p in problems(folder)] == [("bad_date", "date", day)]


def test_unknown_ids_are_kept_for_the_rules_to_judge(folder: Path) -> None:
    change(folder / "visits.csv", "E2", "E999")
    read, _ = read_schedule_folder(SNAPSHOT, folder)
    assert "E999" in {v.enterprise_id for v in read.visits}


def test_reasons_of_another_writer_are_not_lost(folder: Path, tmp_path: Path) -> None:
    header = "item_id,reasons,explanation,cheapest_relaxation"
    lines = (header, "I08,not_enough_time;cap,太长了,加一个班组", "I09,window,,add_crew")
    (folder / "unserved.csv").write_text("\n".join(lines), "utf-8")
    read, summary = read_schedule_folder(SNAPSHOT, folder)
    assert read.unserved[0] == Unserved(
        item_id="I08",
        reasons=(
            Reason(code=ReasonCode.CAPACITY, facts=(("stated_code", "not_enough_time"), ("stated_text", "太长了"))),
            Reason(code=ReasonCode.CAP),
        ),
        relaxation=Relaxation(kind=RelaxationKind.SEVERAL, facts=(("stated_text", "加一个班组"),)),
    )
    assert read.unserved[1].relaxation == Relaxation(kind=RelaxationKind.ADD_CREW)
    write_schedule_folder(tmp_path / "again", SNAPSHOT, read, summary, "zh")
    assert "I08,not_enough_time;cap,太长了,加一个班组," in (tmp_path / "again" / "unserved.csv").read_text("utf-8")
    assert read_schedule_folder(SNAPSHOT, tmp_path / "again")[0] == read


def test_every_problem_is_told_at_once_with_its_place(folder: Path) -> None:
    visits = (folder / "visits.csv").read_text("utf-8").splitlines()
    cells = visits[2].split(",")
    cells[3], cells[5] = "2026-13-01", "9 am"
    (folder / "visits.csv").write_text("\n".join([*visits[:2], ",".join(cells), *visits[3:], visits[1]]), "utf-8")
    change(folder / "stops.csv", ",1,", ",one,")
    (folder / "summary.json").write_text('{"terms": {"doors": "many"}, "bounds": {"doors": NaN}}', "utf-8")
    found = {(p.code, p.table, p.row, p.column, p.value) for p in problems(folder)}
    assert ("bad_date", "visits", 3, "date", "2026-13-01") in found
    assert ("bad_time", "visits", 3, "start", "9 am") in found
    assert ("duplicate", "visits", 6, "visit_id", visits[1].split(",")[0]) in found
    assert ("bad_number", "stops", 2, "seq", "one") in found
    assert ("bad_number", "summary", None, "terms.doors", '"many"') in found
    assert ("bad_number", "summary", None, "bounds.doors", "NaN") in found
    assert all(p.expected[0] and p.expected[1] for p in problems(folder))


@pytest.mark.parametrize("table", ["visits", "crew_shifts", "stops", "unserved"])
def test_each_missing_column_is_named(folder: Path, table: str) -> None:
    path = folder / f"{table}.csv"
    lines = [line.split(",") for line in path.read_text("utf-8").splitlines()]
    for position, name in enumerate(lines[0]):
        if name == "facts":
            continue
        path.write_text("\n".join(",".join(c for k, c in enumerate(line) if k != position) for line in lines), "utf-8")
        assert any(p.code == "missing_column" and p.table == table and p.column == name for p in problems(folder))


@pytest.mark.parametrize("name", ["visits.csv", "crew_shifts.csv", "stops.csv", "unserved.csv", "summary.json"])
@pytest.mark.parametrize(
    "content", [None, b"", b"\xff\xfe\x00\x01", b"PK\x03\x04\x00\x00", b'a,"b', b"[1]", b"[" * 9999]
)
def test_broken_files_are_problems_and_never_tracebacks(folder: Path, name: str, content: bytes | None) -> None:
    path = folder / name
    path.unlink()
    if content is not None:
        path.write_bytes(content)
    assert path.stem in {p.table for p in problems(folder)}


@pytest.mark.parametrize("name", ["visits.csv", "crew_shifts.csv", "stops.csv", "unserved.csv", "summary.json"])
def test_a_file_cut_off_anywhere_is_read_or_reported(folder: Path, name: str) -> None:
    whole = (folder / name).read_bytes()
    for length in range(0, len(whole), 7):
        (folder / name).write_bytes(whole[:length])
        with contextlib.suppress(InvalidSchedule):
            assert isinstance(read_schedule_folder(SNAPSHOT, folder)[0], Schedule)


def test_crews_without_stops_and_stops_without_crews_are_told(folder: Path) -> None:
    change(folder / "stops.csv", SCHEDULE.crew_shifts[0].crew_id, "C-nobody")
    assert {"unknown_reference"} <= {p.code for p in problems(folder)} <= {"unknown_reference", "no_stop"}


def test_an_absent_folder_is_a_problem(tmp_path: Path) -> None:
    assert problems(tmp_path / "absent")[0].code == "missing_folder"


def test_change_is_told_in_per_cent() -> None:
    assert change_text(200, 90) == "−55.0%"
    assert change_text(0, 5) == "–"
    assert change_text(4, 5) == "+25.0%"
    assert OUTCOME.before_after is not None
    rows = before_after_rows(OUTCOME.before_after, "zh")
    assert rows[0] == ("入企次数（次）", "7", "4", "−42.9%")
    assert [row[0] for row in before_after_rows(OUTCOME.before_after, "en")][-1] == "Items served"


def test_shared_checker_reads_our_folder(folder: Path) -> None:
    home = shared("check_schedule.py").parent
    code = """
import sys; from pathlib import Path
sys.path.insert(0, sys.argv[1])
import check_schedule
folder = Path(sys.argv[2])
print(*sorted(check_schedule.mins(r["start"]) for r in check_schedule.rows(folder / "visits.csv")))
"""
    command = [sys.executable, "-B", "-c", code, str(home), str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout.split() == [str(start) for start in sorted(v.start for v in SCHEDULE.visits)]
