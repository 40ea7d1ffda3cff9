"""docs/api.md stays true: its commands run against real servers, and answer what the page says."""

from __future__ import annotations

import os
import re
import shutil
import socket
import sys
from pathlib import Path

import pytest

from api.errors import KINDS
from api.settings import Settings
from tests.api.service.databases import PostgresDatabases
from tests.api.service.processes import ENVIRON
from tests.api.service.walkthrough import Step, answers, run_all, steps_of

DOCS = Path(__file__).parents[3] / "docs"
PAGE = (DOCS / "api.md").read_text("utf-8")
STEPS = steps_of(PAGE)
LIMIT_S = 600.0
_PORTS = ("8000", "8001", "8002", "8786")
_POSTGRES = "postgresql://onevisit@127.0.0.1:5432/onevisit"


def _free_ports(count: int) -> list[int]:
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [s.getsockname()[1] for s in sockets]
    for s in sockets:
        s.close()
    return ports


def _needs(*programs: str) -> None:
    missing = [p for p in programs if shutil.which(p) is None]
    if missing and os.environ.get("CI") == "true":
        pytest.fail(f"not installed: {', '.join(missing)}")
    if missing:
        pytest.skip(f"not installed: {', '.join(missing)}")


def test_every_command_of_the_page_runs_and_answers_as_it_says(tmp_path: Path, request: pytest.FixtureRequest) -> None:
    _needs("bash", "curl", "jq")
    databases = PostgresDatabases(request.getfixturevalue("postgres"))
    database = databases.create()
    ports = dict(zip(_PORTS, map(str, _free_ports(len(_PORTS))), strict=True))

    def here(commands: str) -> str:
        commands = commands.replace(_POSTGRES, database)
        return re.sub(r"\b(" + "|".join(ports) + r")\b", lambda found: ports[found[1]], commands)

    steps = [Step(line=s.line, needs=s.needs, commands=here(s.commands), answer=s.answer) for s in STEPS]
    programs = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    environ = {**ENVIRON, "PATH": programs, "ONEVISIT_CLUSTER": "threads", "ONEVISIT_POLL_S": "0.1"}
    try:
        outputs = run_all(steps, tmp_path, environ, LIMIT_S)
    finally:
        databases.drop(database)
        databases.close()
    for step, output in zip(steps, outputs, strict=True):
        assert answers(output, step.answer or ""), f"docs/api.md, line {step.line}, now answers:\n{output}"


def test_the_page_names_every_setting() -> None:
    named = set(re.findall(r"`ONEVISIT_(\w+)`", PAGE))
    assert {name.upper() for name in Settings.model_fields} <= named
    for name, field in Settings.model_fields.items():
        if field.default not in (None, "", True, False):
            row = next(
                line for line in PAGE.splitlines() if line.startswith("|") and f"`ONEVISIT_{name.upper()}`" in line
            )
            default = f"{field.default:g}" if isinstance(field.default, float) else str(field.default)
            assert f"`{default}`" in row, name


def test_the_page_names_every_refusal_with_its_status() -> None:
    rows = [line for line in PAGE.splitlines() if re.match(r"\| [45]\d\d", line)]
    for code, kind in KINDS.items():
        if code in ("internal", "worker_lost", "method_not_allowed", "not_acceptable", "precondition_required"):
            continue
        assert any(str(kind.status) in row.split("|")[1] and f"`{code}`" in row for row in rows), code


def test_examples_of_deployment_are_there_and_named() -> None:
    for name in ("onevisit.service", "Containerfile"):
        assert f"deploy/{name}" in PAGE
        assert "onevisit" in (DOCS / "deploy" / name).read_text("utf-8")


@pytest.mark.parametrize(
    ("output", "said", "equal"),
    [
        ("a\n", "a\n", True),
        ("a\nb\n", "a\n", False),
        ("", "", True),
        ("id 12 x\n", "id … x\n", True),
        ("id 12 y\n", "id … x\n", False),
        ("a\n1\n2\nz\n", "a\n…\nz\n", True),
        ("a\nz\n", "a\n  …\nz\n", True),
        ("a\nz\n", "a\n…\ny\n", False),
        ("a.b\n", "a.b\n", True),
        ("acb\n", "a.b\n", False),
    ],
)
def test_answers_are_compared_by_lines(output: str, said: str, equal: bool) -> None:
    assert answers(output, said) is equal
