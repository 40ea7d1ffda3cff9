"""How long moves take on a schedule: ``python -m benchmarks.moves CASE SCHEDULE [--visits N] [--seed S]``."""

from __future__ import annotations

import argparse
import random
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from time import perf_counter

from scheduler.export.folder import read_schedule_folder
from scheduler.intake.read import read_case
from scheduler.moves.check import check_move
from scheduler.moves.index import MoveIndex
from scheduler.moves.slots import offer_slots


def main(argv: Sequence[str] | None = None) -> int:
    """Print the milliseconds of building the index, of moves and of slots, over random visits."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("case", type=Path)
    parser.add_argument("schedule", type=Path)
    parser.add_argument("--visits", type=int, default=500)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args(argv)
    snapshot = read_case(args.case).snapshot
    schedule, _ = read_schedule_folder(snapshot, args.schedule)
    began = perf_counter()
    index = MoveIndex(snapshot, schedule)
    print(f"index: {1000 * (perf_counter() - began):.0f} ms")
    rng = random.Random(args.seed)
    visits = [rng.choice(schedule.visits) for _ in range(args.visits)]
    asked = []
    for v in visits:
        day, shift = rng.choice(snapshot.calendar.days), rng.choice(snapshot.calendar.shifts)
        asked.append((v.visit_id, day, shift.shift_id, shift.start_min + rng.randrange(shift.length_min)))
    check_move(index, *asked[0])
    _tell("check_move with a start", [_timed(partial(check_move, index, *a)) for a in asked])
    _tell("check_move without one", [_timed(partial(check_move, index, *a[:3])) for a in asked])
    today = snapshot.calendar.start - 1
    _tell("offer_slots, k = 5", [_timed(partial(offer_slots, index, v.visit_id, 5, today)) for v in visits])
    return 0


def _timed(work: Callable[[], object]) -> float:
    began = perf_counter()
    work()
    return 1000 * (perf_counter() - began)


def _tell(what: str, ms: list[float]) -> None:
    ms.sort()
    p50, p95 = ms[len(ms) // 2], ms[int(0.95 * (len(ms) - 1))]
    print(f"{what}: p50 {p50:.1f} ms, p95 {p95:.1f} ms, longest {ms[-1]:.1f} ms, {len(ms)} visits")


if __name__ == "__main__":
    raise SystemExit(main())
