"""Solve instances with several seeds and append what was reached to CSV files: `python -m benchmarks.run`."""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from api.solving import MAX_ITEMS_BEFORE
from benchmarks.instances import INSTANCES, CaseAt, cases_at, times_of
from benchmarks.record import HERE

RESULTS, TRACE = HERE / "results.csv", HERE / "trace.csv"


def main(arguments: Sequence[str] | None = None) -> None:
    """Run everything asked for; exit 1 when a run failed, after the others."""
    parser = _parser()
    args = parser.parse_args(arguments)
    missing = [str(p) for p in [*args.case, *(args.toronto or [])] if not p.exists()]
    if missing:
        parser.error(f"not there: {', '.join(missing)}")
    names = args.instances
    if names is None:
        names = [] if args.case or args.toronto else list(INSTANCES)
    failed: list[str] = []
    with tempfile.TemporaryDirectory() as temporary:
        for case in cases_at(names, args.case, args.toronto, Path(temporary)):
            failed += _runs(case, args)
    if failed:
        print("failed:", *failed, sep="\n  ", file=sys.stderr)
        sys.exit(1)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.run", description=__doc__)
    parser.add_argument(
        "--instances", nargs="*", choices=list(INSTANCES), metavar="NAME", help="all, unless other cases are named"
    )
    parser.add_argument("--case", nargs="*", type=Path, default=[], metavar="DIR", help="case folders on disk")
    parser.add_argument("--toronto", nargs=2, type=Path, metavar=("ENTERPRISES", "ITEMS"), help="open data, two CSVs")
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3])
    parser.add_argument("--time-limit", type=float, nargs="+", metavar="S", help="in the place of the instance's own")
    parser.add_argument("--iterations", type=int, help="of each worker, in the place of seconds")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--cluster", help="threads, local, or the address of a Dask scheduler")
    parser.add_argument(
        "--alone", choices=("shortest", "all", "none"), default="shortest", help="time limits also run alone"
    )
    parser.add_argument("--out", type=Path, default=RESULTS)
    parser.add_argument("--trace", type=Path, default=TRACE)
    return parser


def _runs(case: CaseAt, args: argparse.Namespace) -> list[str]:
    """Run one case with every time limit and seed, and return what failed."""
    times: Sequence[float | None] = args.time_limit or times_of(case.name)
    if args.iterations is not None:
        times = (None,)
    small = _num_items(case.folder) <= MAX_ITEMS_BEFORE
    failed: list[str] = []
    for k, seconds in enumerate(times):
        alone = small and (args.alone == "all" or (args.alone == "shortest" and k == 0))
        for seed in args.seeds:
            if subprocess.run(_command(case, args, seconds, seed, alone), check=False).returncode:
                failed.append(f"{case.name} ({case.source}), seed {seed}, {seconds or args.iterations}")
    return failed


def _command(case: CaseAt, args: argparse.Namespace, seconds: float | None, seed: int, alone: bool) -> list[str]:
    limit = ["--iterations", str(args.iterations)] if seconds is None else ["--time-limit", str(seconds)]
    return [
        *(sys.executable, "-m", "benchmarks.one", str(case.folder)),
        *("--name", case.name, "--source", case.source, "--seed", str(seed), "--workers", str(args.workers)),
        *limit,
        *(["--cluster", args.cluster] if args.cluster else []),
        *(["--alone"] if alone else []),
        *("--out", str(args.out), "--trace", str(args.trace)),
    ]


def _num_items(folder: Path) -> int:
    """Lines of items.csv or so: only to tell large cases from small ones."""
    path = folder / "items.csv"
    if not path.exists():
        return 0
    with path.open("rb") as f:
        return sum(1 for _ in f) - 1


if __name__ == "__main__":
    main()
