"""Compiled code is never older than the sources, whichever of them changed."""

from __future__ import annotations

import os

from numba import config

from solver.compiled import KEPT, fingerprint, folder_of


def test_a_change_in_any_source_or_setting_gives_another_folder(tmp_path):
    (tmp_path / "search.py").write_text("calls insertion")
    (tmp_path / "insertion.py").write_text("1")
    first = folder_of(tmp_path, "3")
    assert folder_of(tmp_path, "3") == first
    (tmp_path / "insertion.py").write_text("2")
    second = folder_of(tmp_path, "3")
    assert second != first
    assert folder_of(tmp_path, "1") != second


def test_only_the_newest_folders_of_older_sources_stay(tmp_path):
    folders = []
    for n in range(KEPT + 3):
        (tmp_path / "search.py").write_text(str(n))
        folder = folder_of(tmp_path)
        assert folder is not None
        folder.mkdir()
        os.utime(folder, (n, n))
        folders.append(folder)
    assert [f.exists() for f in folders] == [False, False] + [True] * (KEPT + 1)


def test_moving_text_between_sources_changes_the_fingerprint(tmp_path):
    a, b = tmp_path / "a.py", tmp_path / "b.py"
    a.write_text("xy")
    b.write_text("")
    one = fingerprint([a, b])
    a.write_text("x")
    b.write_text("y")
    assert fingerprint([b, a]) != one


def test_a_package_that_cannot_be_written_has_no_folder(tmp_path):
    (tmp_path / "__pycache__").write_text("a file, no folder")
    assert folder_of(tmp_path) is None


def test_the_search_keeps_its_code_in_such_a_folder():
    assert "compiled-" in config.CACHE_DIR
