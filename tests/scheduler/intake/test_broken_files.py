"""Broken files: wrong encodings, cut, damaged or missing files give a report that names the file, never a traceback."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pytest

from scheduler.errors import Problem, Severity
from scheduler.intake.columns import TABLES
from scheduler.intake.read import read_case
from tests.scheduler.intake.small_case import csv_text, problems_of, tables, write_folder

NAMES = list(TABLES)
REQUIRED = [t.name for t in TABLES.values() if t.required]


def _codes(problems: Iterable[Problem], table: str) -> set[tuple[str, int | None]]:
    return {(p.code, p.row) for p in problems if p.table == table}


@pytest.mark.parametrize("name", REQUIRED)
def test_a_missing_file_is_named(name: str, tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "case")
    (folder / f"{name}.csv").unlink()
    assert ("missing_file", None) in _codes(problems_of(folder), name)


def test_a_missing_configuration_is_named(tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "case")
    (folder / "case.toml").unlink()
    assert ("missing_file", None) in _codes(problems_of(folder), "case")


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("content", [b"", b"\n\n", b",,,\n", b"\xef\xbb\xbf"])
def test_an_empty_file_is_named(name: str, content: bytes, tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "case")
    (folder / f"{name}.csv").write_bytes(content)
    assert ("empty_file", None) in _codes(problems_of(folder), name)


@pytest.mark.parametrize("name", NAMES)
def test_bytes_of_no_encoding_are_placed(name: str, tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "case")
    path = folder / f"{name}.csv"
    lines = path.read_bytes().split(b"\n")
    lines[1] = b"\xff\xfe\xff" + lines[1]
    path.write_bytes(b"\n".join(lines))
    assert ("wrong_encoding", 2) in _codes(problems_of(folder), name)


@pytest.mark.parametrize("name", NAMES)
def test_utf16_is_refused(name: str, tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "case")
    (folder / f"{name}.csv").write_bytes(csv_text(tables()[name]).encode("utf-16"))
    assert ("wrong_encoding", None) in _codes(problems_of(folder), name)


@pytest.mark.parametrize("name", NAMES)
def test_nul_bytes_are_placed(name: str, tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "case")
    path = folder / f"{name}.csv"
    path.write_bytes(path.read_bytes() + b"\0\0\0")
    rows = len(next(iter(tables()[name].values())))
    assert ("nul_byte", rows + 2) in _codes(problems_of(folder), name)


@pytest.mark.parametrize("name", NAMES)
def test_an_open_quote_is_placed(name: str, tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "case")
    path = folder / f"{name}.csv"
    lines = path.read_text(encoding="utf-8").splitlines()
    lines[2] = '"' + lines[2]
    path.write_text("\n".join(lines), encoding="utf-8")
    assert ("bad_csv", 3) in _codes(problems_of(folder), name)


@pytest.mark.parametrize("name", NAMES)
def test_a_row_with_too_many_cells_is_placed(name: str, tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "case")
    path = folder / f"{name}.csv"
    lines = path.read_text(encoding="utf-8").splitlines()
    lines[1] += ",one,more"
    path.write_text("\n".join(lines), encoding="utf-8")
    assert ("ragged_row", 2) in _codes(problems_of(folder), name)


@pytest.mark.parametrize("name", NAMES)
def test_a_file_cut_within_its_last_row_is_placed(name: str, tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "case")
    path = folder / f"{name}.csv"
    lines = path.read_text(encoding="utf-8").splitlines()
    lines[-1] = lines[-1].split(",")[0]
    path.write_text("\n".join(lines), encoding="utf-8")
    assert ("ragged_row", len(lines)) in _codes(problems_of(folder), name)


def test_a_file_cut_within_a_character_is_not_taken_for_another_encoding(tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "case")
    path = folder / "enterprises.csv"
    data = path.read_bytes()
    path.write_bytes(data[: data.rindex("号".encode()) + 2])
    assert ("wrong_encoding", 4) in _codes(problems_of(folder), "enterprises")


def test_a_damaged_byte_in_utf8_is_not_taken_for_another_encoding(tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "case")
    path = folder / "enterprises.csv"
    data = bytearray(path.read_bytes())
    data[data.rindex("号".encode())] = 0xFF - 1
    path.write_bytes(bytes(data))
    assert ("wrong_encoding", 4) in _codes(problems_of(folder), "enterprises")


def test_cells_separated_by_tabs_are_named(tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "case")
    path = folder / "items.csv"
    path.write_text(path.read_text(encoding="utf-8").replace(",", "\t"), encoding="utf-8")
    assert ("wrong_delimiter", 1) in _codes(problems_of(folder), "items")


@pytest.mark.parametrize("name", REQUIRED)
def test_a_table_with_a_header_only_is_a_warning(name: str, tmp_path: Path) -> None:
    case = tables()
    case[name] = {c: [] for c in case[name]}
    if name == "items":
        del case["pins"]
    folder = write_folder(tmp_path / "case", case)
    if name == "items":
        warnings = read_case(folder).warnings
    else:
        warnings = problems_of(folder)
    found = [p for p in warnings if (p.code, p.table) == ("empty_table", name)]
    assert [p.severity for p in found] == [Severity.WARNING]


@pytest.mark.parametrize("name", ["items", "case"])
def test_a_table_that_comes_twice_is_named(name: str, tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "case")
    if name == "case":
        (folder / "other.toml").write_text("x = 1")
    else:
        (folder / "事项.csv").write_bytes((folder / "items.csv").read_bytes())
    assert ("duplicate_table", None) in _codes(problems_of(folder), name)


def test_an_unknown_table_is_a_warning(tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "case")
    (folder / "notes.csv").write_text("a,b\n1,2\n")
    assert [(p.code, p.table) for p in read_case(folder).warnings] == [("unknown_file", "notes.csv")]


def test_other_files_in_the_folder_are_left_alone(tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "case")
    (folder / "README.md").write_text("hello")
    (folder / "~$items.xlsx").write_bytes(b"lock")
    (folder / ".items.csv").write_bytes(b"\0")
    assert read_case(folder).warnings == ()


@pytest.mark.parametrize("name", ["nowhere", "nowhere.csv", "nowhere.xlsx", "case.toml"])
def test_a_path_that_does_not_exist_is_named(name: str, tmp_path: Path) -> None:
    problems = problems_of(tmp_path / name)
    assert "unreadable_file" in {p.code for p in problems} or "missing_file" in {p.code for p in problems}
    assert any(p.value == name for p in problems)


def test_an_empty_folder_lacks_everything(tmp_path: Path) -> None:
    problems = problems_of(tmp_path)
    assert [(p.code, p.table) for p in problems if p.table == "case"] == [("missing_file", "case")]
    assert {p.table for p in problems} == {"case", *REQUIRED}


def test_no_files_at_all_lack_everything() -> None:
    assert {p.table for p in problems_of([])} == {"case", *REQUIRED}


@pytest.mark.parametrize(
    ("content", "row"),
    [
        (b"[horizon\nstart = 1", 1),
        (b"a = 1\na = 2\n", 2),
        (b"a = 2026-02-30\n", None),
        (b"\xff\xff\n", None),
        (b"a = " + b"[" * 5000, None),
        (b"a = " + b"9" * 6000, None),
    ],
)
def test_a_configuration_that_is_no_toml_is_named(content: bytes, row: int | None, tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "case")
    (folder / "case.toml").write_bytes(content)
    found = [p for p in problems_of(folder) if p.table == "case"]
    assert found[0].code in ("bad_toml", "wrong_encoding")
    assert row is None or found[0].row == row
