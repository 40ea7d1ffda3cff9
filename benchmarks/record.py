"""Rows of CSV files, and the circumstances under which they came about."""

from __future__ import annotations

import csv
import os
import platform
import subprocess
from collections.abc import Mapping, Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from scheduler.domain.schedule import Schedule
from scheduler.domain.snapshot import PlanningSnapshot

HERE = Path(__file__).parent
LIBRARIES = ("numpy", "numba", "ortools", "highspy", "networkx", "pandas", "distributed")


def circumstances() -> dict[str, object]:
    """Commit (with a + when the code was changed since), machine and versions."""
    commit = _git("rev-parse", "--short", "HEAD")
    changed = _git("status", "--porcelain", "--untracked-files=no", "--", "*.py", "*.toml")
    facts: dict[str, object] = {
        "commit": commit + ("+" if changed else ""),
        "machine": f"{platform.system()} {platform.machine()}, {_processor()}{os.cpu_count()} cores",
        "python": platform.python_version(),
    }
    return facts | {name: _version(name) for name in LIBRARIES}


def mandatory_unserved(snapshot: PlanningSnapshot, schedule: Schedule) -> int:
    """Return how many items of priority `mandatory` a schedule leaves out."""
    served = {i for v in schedule.visits for i in v.item_ids}
    return sum(i.priority == "mandatory" and i.item_id not in served for i in snapshot.items)


def read_rows(path: Path) -> list[dict[str, str]]:
    """Return the rows of a CSV, none when there is no such file."""
    if not path.exists():
        return []
    with path.open(newline="", encoding="utf-8") as f:
        return [{k: v or "" for k, v in row.items()} for row in csv.DictReader(f)]


def write(path: Path, row: Mapping[str, object]) -> None:
    """Append a row; see :func:`write_all`."""
    write_all(path, [row])


def write_all(path: Path, rows: Sequence[Mapping[str, object]]) -> None:
    """Append rows of equal columns; where the file has other columns it gets these too, empty in its earlier rows."""
    if not rows:
        return
    columns = list(rows[0])
    header: list[str] = []
    if path.exists():
        with path.open(newline="", encoding="utf-8") as f:
            header = next(csv.reader(f), [])
    if header and set(columns) <= set(header):
        with path.open("a", newline="", encoding="utf-8") as f:
            csv.DictWriter(f, fieldnames=header, restval="").writerows(rows)
        return
    earlier = read_rows(path)
    with path.open("w", newline="", encoding="utf-8") as f:
        out = csv.DictWriter(f, fieldnames=[*header, *(c for c in columns if c not in header)], restval="")
        out.writeheader()
        out.writerows(earlier)
        out.writerows(rows)


def _git(*arguments: str) -> str:
    said = subprocess.run(["git", *arguments], cwd=HERE.parent, capture_output=True, text=True, check=False)
    return said.stdout.strip()


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return ""
    names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return f"{names[0]}, " if names else ""


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return ""
