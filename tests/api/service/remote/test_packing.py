"""Archives on the client's side: a schedule is unpacked whole, within its folder, or not at all."""

from __future__ import annotations

import stat
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from api.errors import Refusal
from api.failures import CommandError
from api.imports.archive import unpack as unpack_at_the_server
from api.remote.packing import BadArchive, packed_case, unpack


def _archive(path: Path, *entries: tuple[str | zipfile.ZipInfo, str]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as out:
        for name, content in entries:
            out.writestr(name, content)
    return path


def _link() -> zipfile.ZipInfo:
    info = zipfile.ZipInfo("visits.csv")
    info.external_attr = (stat.S_IFLNK | 0o777) << 16
    return info


def _damaged(path: Path, where: Callable[[int], int]) -> Path:
    """Return an archive with eight bytes turned over."""
    data = bytearray(_archive(path, ("visits.csv", "a,b\n" * 1000)).read_bytes())
    begin = where(len(data))
    data[begin : begin + 8] = bytes(b ^ 255 for b in data[begin : begin + 8])
    path.write_bytes(bytes(data))
    return path


def test_a_schedule_folder_is_unpacked_with_its_folders(tmp_path: Path) -> None:
    source = _archive(tmp_path / "a.zip", ("visits.csv", "v"), ("calendar/街道.ics", "c"), ("calendar/x/y.ics", "y"))
    names = unpack(source, tmp_path / "new")
    assert names == ["visits.csv", "calendar/街道.ics", "calendar/x/y.ics"]
    assert (tmp_path / "new" / "calendar" / "街道.ics").read_text("utf-8") == "c"


@pytest.mark.parametrize(
    "name", ["../visits.csv", "/etc/visits.csv", "a/../../b.csv", "..\\b.csv", "C:b.csv", "a\nb.csv", "\u202eb.csv"]
)
def test_a_path_that_leads_out_is_refused(tmp_path: Path, name: str) -> None:
    source = _archive(tmp_path / "a.zip", ("visits.csv", "v"), (name, "x"))
    with pytest.raises(BadArchive, match="leads out"):
        unpack(source, tmp_path / "new")
    assert [p.name for p in tmp_path.iterdir()] == ["a.zip"]


def test_links_empty_archives_and_two_files_of_one_name_are_refused(tmp_path: Path) -> None:
    with pytest.raises(BadArchive, match="a link"):
        unpack(_archive(tmp_path / "a.zip", (_link(), "/etc/passwd")), tmp_path / "a")
    with pytest.raises(BadArchive, match="empty"):
        unpack(_archive(tmp_path / "b.zip"), tmp_path / "b")
    with pytest.warns(UserWarning, match="Duplicate name"):
        twice = _archive(tmp_path / "c.zip", ("visits.csv", "v"), ("visits.csv", "w"))
    with pytest.raises(BadArchive, match="two files of one name"):
        unpack(twice, tmp_path / "c")


@pytest.mark.parametrize("where", [lambda n: 40, lambda n: n // 2, lambda n: n - 20], ids=["head", "middle", "end"])
def test_a_damaged_archive_is_refused_on_both_sides(tmp_path: Path, where: Callable[[int], int]) -> None:
    source = _damaged(tmp_path / "a.zip", where)
    with pytest.raises(BadArchive):
        unpack(source, tmp_path / "new")
    (tmp_path / "there").mkdir()
    with pytest.raises(Refusal, match="damaged"):
        unpack_at_the_server(source, tmp_path / "there")
    (tmp_path / "none.zip").write_bytes(b"")
    with pytest.raises(BadArchive):
        unpack(tmp_path / "none.zip", tmp_path / "newer")


def test_a_case_folder_is_packed_with_what_the_intake_reads_only(tmp_path: Path) -> None:
    for name in ("case.toml", "企业.CSV", "items.xlsx", ".hidden.csv", "~$items.xlsx", "notes.txt", "plan.pdf"):
        (tmp_path / name).write_text("x", "utf-8")
    (tmp_path / "more.csv").mkdir()
    with packed_case(tmp_path) as path:
        assert sorted(zipfile.ZipFile(path).namelist()) == ["case.toml", "items.xlsx", "企业.CSV"]
    assert not path.exists()


def test_a_folder_without_a_case_is_told_of(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("x", "utf-8")
    with pytest.raises(CommandError, match="holds no files of a case"), packed_case(tmp_path):
        pass
