"""The command as a process of its own: signals, pipes, start."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.api.conftest import Onevisit

ENVIRON = {**os.environ, "LANG": "en_US.UTF-8", "LC_ALL": ""}


def test_the_first_interrupt_stops_and_keeps_the_best(onevisit: Onevisit, case: Path, tmp_path: Path) -> None:
    out = tmp_path / "s"
    command = [sys.executable, "-m", "api", "solve", str(case), "--out", str(out), "--time-limit", "120"]
    with subprocess.Popen([*command, "--format", "none"], stderr=subprocess.PIPE, text=True, env=ENVIRON) as process:
        assert process.stderr is not None
        for line in process.stderr:
            if "Searching" in line:
                process.send_signal(signal.SIGINT)
                break
        _, err = process.communicate()
    assert process.returncode == 0
    assert "Traceback" not in err
    assert json.loads((out / "summary.json").read_text("utf-8"))["status"] == "stopped"
    assert onevisit("check", case, out).code == 0


@pytest.mark.parametrize("words", [("show", "{schedule}"), ("validate", "{schedule}/none", "--json")])
def test_a_reader_that_leaves_early_causes_no_traceback(schedule: Path, words: tuple[str, ...]) -> None:
    command = [sys.executable, "-m", "api", *(w.format(schedule=schedule) for w in words)]
    read_end, write_end = os.pipe()
    os.close(read_end)
    try:
        done = subprocess.run(command, stdout=write_end, stderr=subprocess.PIPE, text=True, env=ENVIRON, check=False)
    finally:
        os.close(write_end)
    assert "Traceback" not in done.stderr
    assert "Exception" not in done.stderr


def test_the_command_line_loads_nothing_heavy() -> None:
    code = (
        "import sys, api.cli; print([m for m in ('numba', 'pandas', 'ortools', 'numpy', 'typst') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=ENVIRON)
    assert done.stdout.strip() == "[]"
