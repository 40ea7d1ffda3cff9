from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[3]


def test_the_worked_example_prints_what_its_page_says(tmp_path: Path) -> None:
    page = (ROOT / "docs" / "report.md").read_text("utf-8")
    code, printed = re.findall(r"```(?:python)?\n(.*?)```", page, re.DOTALL)
    command = [sys.executable, "-c", f"import sys; sys.path.insert(0, {str(ROOT)!r})\n{code}"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True)
    assert done.stdout == printed
    assert done.stderr == ""
    assert all((tmp_path / line).stat().st_size for line in printed.split())
