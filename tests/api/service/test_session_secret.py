"""The secret that signs sessions, when the settings give none."""

from __future__ import annotations

import stat
from multiprocessing import get_context
from pathlib import Path

import pytest

from api.access.secret import kept_secret


def _draw(folder: Path) -> str:
    return kept_secret(folder)


def test_processes_of_one_data_folder_share_a_secret_that_nobody_else_reads(tmp_path: Path) -> None:
    folder = tmp_path / "new" / "data"
    with get_context("spawn").Pool(2) as pool:
        found = set(pool.map(_draw, [folder] * 8, chunksize=1))
    assert len(found) == 1
    assert len(found.pop()) >= 32
    assert [p.name for p in folder.iterdir()] == ["session.secret"]
    assert stat.S_IMODE((folder / "session.secret").stat().st_mode) == 0o600


def test_a_file_that_holds_no_secret_is_not_used(tmp_path: Path) -> None:
    (tmp_path / "session.secret").write_text("")
    with pytest.raises(ValueError, match="holds no secret"):
        kept_secret(tmp_path)
