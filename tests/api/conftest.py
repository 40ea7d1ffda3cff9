"""A command line in this process, and one tiny case solved once for all tests that only look at it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from api.cli import main
from scenarios.generate.city import generate_city
from scenarios.generate.spec import GenerateSpec
from scheduler.intake.tables import write_case

SOON = ("--iterations", "60", "--workers", "1")
"""Limits of a solve that takes a moment and repeats."""


@dataclass(frozen=True)
class Said:
    code: int
    out: str
    err: str


Onevisit = Callable[..., Said]


@pytest.fixture(autouse=True)
def _english(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("LC_ALL", "LC_MESSAGES", "COLUMNS", "ONEVISIT_DEBUG"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LANG", "en_US.UTF-8")


@pytest.fixture
def onevisit(capsys: pytest.CaptureFixture[str]) -> Onevisit:
    def run(*args: object) -> Said:
        capsys.readouterr()
        code = main([str(a) for a in args])
        said = capsys.readouterr()
        assert "Traceback" not in said.out + said.err
        return Said(code, said.out, said.err)

    return run


@pytest.fixture(scope="session")
def case(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("cases") / "case"
    write_case(generate_city(GenerateSpec(enterprises=12, ugly=True)), folder)
    return folder


@pytest.fixture(scope="session")
def schedule(case: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("schedules") / "schedule"
    assert main(["solve", str(case), "--out", str(folder), *SOON, "--format", "none", "--lang", "en"]) == 0
    return folder


@pytest.fixture
def broken_case(tmp_path: Path, case: Path) -> Path:
    """A case in which one item has no duration and another an unknown enterprise."""
    folder = tmp_path / "broken"
    folder.mkdir()
    for path in case.iterdir():
        (folder / path.name).write_bytes(path.read_bytes())
    header, first, second, *rest = (folder / "items.csv").read_text("utf-8").splitlines()
    cells = [dict(zip(header.split(","), row.split(","), strict=True)) for row in (first, second)]
    cells[0]["duration_min"], cells[1]["enterprise_id"] = "soon", "NOBODY"
    lines = [header, *(",".join(c.values()) for c in cells), *rest]
    (folder / "items.csv").write_text("\n".join(lines) + "\n", "utf-8")
    return folder
