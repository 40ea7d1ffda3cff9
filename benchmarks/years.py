"""A year planned three ways: ``python -m benchmarks.years YEAR [--seconds S] [--seed N]``.

All at once in S seconds of search; quarter by quarter by an outline, and quarter by quarter by greed, each of the four
in S / 4 seconds. What went out is checked by every rule against the case of the whole year.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from time import perf_counter

from scenarios.year import by_greed, by_outline, roll_through
from scheduler.domain.calendar import Period
from scheduler.domain.schedule import Schedule
from scheduler.domain.snapshot import PlanningSnapshot
from scheduler.intake.read import read_case
from scheduler.outline.outline import make_outline
from scheduler.planning.pipeline import plan
from scheduler.rules import check
from scheduler.score import score
from solver.limits import Limits
from solver.warmup import warm_up


def main(argv: Sequence[str] | None = None) -> int:
    """Print a line for each way."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("case", type=Path)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only-rolling", action="store_true", help="the whole year is too large for one search")
    args = parser.parse_args(argv)
    snapshot = read_case(args.case).snapshot
    print(f"{snapshot.name}: {len(snapshot.items)} items, {len(snapshot.enterprises)} enterprises")
    warm_up()
    make_outline(snapshot)
    began = perf_counter()
    first = make_outline(snapshot)
    print(f"outline: {perf_counter() - began:.2f} s, weight unserved {first.unserved}, doors {first.doors}")
    limits = Limits(time_s=args.seconds / 4, seed=args.seed, workers=2)
    for name, nearest in (("outline", by_outline), ("greed", by_greed)):
        rolled = roll_through(snapshot, Period.QUARTER, nearest, limits, perf_counter)
        _print(name, snapshot, rolled.schedule, rolled.seconds)
    if not args.only_rolling:
        began = perf_counter()
        outcome = plan(snapshot, Limits(time_s=args.seconds, seed=args.seed, workers=2))
        _print("all at once", snapshot, outcome.schedule, perf_counter() - began)
        weight, doors = outcome.bounds["unserved_weight"], outcome.bounds["doors"]
        print(f"proven: weight unserved at least {weight}, then doors {doors}")
    return 0


def _print(name: str, snapshot: PlanningSnapshot, schedule: Schedule, seconds: float) -> None:
    broken = check(snapshot, schedule)
    terms = ", ".join(f"{k} {v}" for k, v in score(snapshot, schedule).as_dict().items())
    left = f"{len(schedule.unserved)} items unserved, {len(broken)} rules broken"
    print(f"{name}: {seconds:.0f} s, {terms}, {left}", flush=True)
    for violation in broken[:5]:
        print(f"  {violation.sentence('en')}")


if __name__ == "__main__":
    raise SystemExit(main())
