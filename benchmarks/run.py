"""Solve the fixed instances with several seeds and append what was reached to a CSV: `python -m benchmarks.run`."""

from __future__ import annotations

import argparse
import csv
import os
import platform
import resource
import subprocess
import time
from importlib.metadata import version
from pathlib import Path

from api.parallel import open_port
from api.solving import MAX_ITEMS_BEFORE
from benchmarks.instances import HABITUAL, INSTANCES
from scenarios.generate.city import generate_city
from scheduler.domain.schedule import TERMS
from scheduler.intake.read import read_raw
from scheduler.planning.pipeline import plan
from solver.limits import Limits

RESULTS = Path(__file__).with_name("results.csv")
LIBRARIES = ("numpy", "numba", "ortools", "pandas")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--instances", nargs="*", default=list(HABITUAL), choices=list(INSTANCES))
    parser.add_argument("--seeds", type=int, nargs="*", default=[1, 2, 3])
    parser.add_argument("--time-limit", type=float, default=60.0)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--cluster", default=None, help="threads, local, or the address of a Dask scheduler")
    parser.add_argument("--out", type=Path, default=RESULTS)
    args = parser.parse_args()
    for name in args.instances:
        snapshot = read_raw(generate_city(INSTANCES[name])).snapshot
        for seed in args.seeds:
            limits = Limits(time_s=args.time_limit, seed=seed, workers=args.workers)
            began = time.perf_counter()
            with open_port(args.cluster, args.workers, len(snapshot.enterprises)) as port:
                outcome = plan(snapshot, limits, port=port, with_before=len(snapshot.items) <= MAX_ITEMS_BEFORE)
            row = {"instance": name, "seed": seed, "time_limit_s": args.time_limit, "workers": args.workers}
            row |= {f"{t}": outcome.score.as_dict()[t] for t in TERMS}
            row |= {f"bound_{t}": outcome.bounds[t] for t in TERMS}
            before = outcome.before_after
            row |= {
                "alone_doors": before.before.doors if before else "",
                "alone_crew_shifts": before.before.crew_shifts if before else "",
                "iterations": outcome.iterations,
                "wall_s": round(time.perf_counter() - began, 1),
                "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
            }
            write(args.out, row | circumstances())
            print(", ".join(f"{k}={v}" for k, v in row.items()), flush=True)


def circumstances() -> dict[str, object]:
    """Commit, machine and versions."""
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False)
    return {
        "commit": commit.stdout.strip(),
        "machine": f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores",
        "python": platform.python_version(),
    } | {name: version(name) for name in LIBRARIES}


def write(path: Path, row: dict[str, object]) -> None:
    """Append a row, with a header when the file is new."""
    new = not path.exists()
    with path.open("a", newline="", encoding="utf-8") as f:
        out = csv.DictWriter(f, fieldnames=list(row))
        if new:
            out.writeheader()
        out.writerow(row)


if __name__ == "__main__":
    main()
