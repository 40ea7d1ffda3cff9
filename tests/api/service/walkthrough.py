"""The commands of a page and what they answer: taken out of its code blocks, run in one shell, held against each other.

A block ``bash`` is run; a word after it names what it needs. A block ``console`` right after it is what it writes on
standard output; ``…`` in it stands for anything in a line, and alone in a line for any lines.
"""

from __future__ import annotations

import re
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

_BLOCK = re.compile(r"^```(\w+)([^\n]*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_HEAD = """set -euo pipefail
ended() { local found; found=$(jobs -p); [ -z "$found" ] || kill $found 2> /dev/null || true; wait; }
trap ended EXIT
"""


@dataclass(frozen=True, kw_only=True)
class Step:
    """Commands, what they need, and what they are said to answer (``None``: nothing is said)."""

    line: int
    needs: str
    commands: str
    answer: str | None


def steps_of(page: str) -> list[Step]:
    """Return the steps of a page in their order."""
    found: list[Step] = []
    end = 0
    for match in _BLOCK.finditer(page):
        language, words, text = match.groups()
        if language == "bash":
            line = page.count("\n", 0, match.start()) + 1
            found.append(Step(line=line, needs=words.strip(), commands=text, answer=None))
        elif language == "console":
            assert found, "an answer to nothing"
            assert not page[end : match.start()].strip(), "an answer stands right below its commands"
            last = found.pop()
            found.append(Step(line=last.line, needs=last.needs, commands=last.commands, answer=text))
        end = match.end()
    return found


def run_all(steps: list[Step], folder: Path, environ: Mapping[str, str], limit_s: float) -> list[str]:
    """Run the commands of every step in one shell, so that later ones see what earlier ones set; return the outputs.

    Raises
    ------
    AssertionError : a step failed; it says which, and what was written.
    """
    work, said = folder / "work", folder / "said"
    work.mkdir()
    said.mkdir()
    blocks = [f"{{\n{step.commands}}} > {said}/{n}.out 2> {said}/{n}.err\n" for n, step in enumerate(steps)]
    (folder / "script").write_text(_HEAD + "".join(blocks), "utf-8")
    done = subprocess.run(
        ["bash", folder / "script"],
        cwd=work,
        env=dict(environ),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=limit_s,
        check=False,
    )
    outputs = [_text(said / f"{n}.out") for n in range(len(steps)) if (said / f"{n}.out").exists()]
    if done.returncode:
        n = len(outputs) - 1
        logs = "".join(f"\n{path.name}: {_text(path)[-1500:]}" for path in sorted(work.glob("*.log")))
        errors = _text(said / f"{n}.err")
        raise AssertionError(f"line {steps[n].line}: {steps[n].commands}\n{outputs[n]}\n{errors}\n{done.stderr}{logs}")
    return outputs


def _text(path: Path) -> str:
    return path.read_text("utf-8", "replace")


def answers(output: str, said: str) -> bool:
    """Say whether an output is what a page says."""
    lines = [
        r"(?:[^\n]*\n)*?" if line.strip() == "…" else re.escape(line).replace("…", r"[^\n]*") + r"\n"
        for line in said.splitlines()
    ]
    return re.fullmatch("".join(lines), output) is not None
