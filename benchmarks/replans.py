"""A district lived through day by day: ``python -m benchmarks.replans CASE SCHEDULE [--seed S] [--days N]``.

Each morning random events (``scenarios/generate/events.py``) are re-planned, and the same case is planned from scratch
with as many iterations. At the end what was served stands against a plan made with hindsight.
"""

from __future__ import annotations

import argparse
import statistics
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from time import perf_counter

from scenarios.generate.events import EventRates
from scenarios.quarter import Morning, live_through
from scheduler.availability import Availability
from scheduler.domain.plans import PinKind
from scheduler.export.folder import read_schedule_folder
from scheduler.intake.read import read_case
from scheduler.planning.prepare import prepare
from scheduler.planning.timetable import search_timetable, timetable_of
from scheduler.replan.replan import ITERATIONS, moved_published
from solver.limits import Limits
from solver.parallel import InProcess
from solver.warmup import warm_up


def main(argv: Sequence[str] | None = None) -> int:
    """Print one line a morning, then the figures of all of them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("case", type=Path)
    parser.add_argument("schedule", type=Path)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--freeze-days", type=int, default=1)
    parser.add_argument("--iterations", type=int, default=ITERATIONS)
    parser.add_argument("--hindsight", type=float, default=60.0, help="seconds of the plan with hindsight")
    args = parser.parse_args(argv)
    snapshot = read_case(args.case).snapshot
    published, _ = read_schedule_folder(snapshot, args.schedule)
    limits = Limits(time_s=None, iterations=args.iterations, seed=args.seed, workers=1)
    port = InProcess(2)
    warm_up()
    rows: list[tuple[float, int, int, int, int, int]] = []

    def told(morning: Morning) -> None:
        outcome = morning.outcome
        availability = Availability(_without_pins(outcome.snapshot))
        prepared = prepare(availability, port)
        anew = timetable_of(availability, prepared, search_timetable(availability, prepared, limits, None, port=port))
        row = (
            morning.seconds,
            len(outcome.carried.ahead),
            outcome.moved_published,
            outcome.difference.counts["retimed"],
            moved_published(outcome.carried.ahead, anew.visits),
            anew.terms[0] - outcome.score.unserved_weight,
        )
        rows.append(row)
        print(
            f"{len(rows):3} events {len(morning.events):3}  {row[0]:.2f} s  ahead {row[1]:5}  moved {row[2]:4}  "
            f"retimed {row[3]:4}  from scratch moved {row[4]:5}, unserved {row[5]:+} weight",
            flush=True,
        )

    lived = live_through(
        snapshot,
        published,
        EventRates(),
        args.seed,
        limits,
        freeze_days=args.freeze_days,
        clock=perf_counter,
        told=told,
    )
    seconds = sorted(r[0] for r in rows)
    print(f"{len(rows)} mornings: p50 {statistics.median(seconds):.2f} s, longest {seconds[-1]:.2f} s")
    ahead, moved, retimed, scratch = (sum(r[k] for r in rows) for k in (1, 2, 3, 4))
    print(
        f"published visits ahead {ahead}: moved {moved} ({moved / ahead:.2%}), "
        f"retimed {retimed} ({retimed / ahead:.2%}); "
        f"from scratch moved {scratch} ({scratch / ahead:.2%})"
    )
    _hindsight(lived.hindsight, lived.served, replace(limits, iterations=None, time_s=args.hindsight), port)
    return 0


def _without_pins(snapshot):  # type: ignore[no-untyped-def]
    return snapshot.replace(pins=tuple(p for p in snapshot.pins if p.kind is PinKind.FIXED))


def _hindsight(snapshot, served, limits, port) -> None:  # type: ignore[no-untyped-def]
    weights = dict(snapshot.policy.priority_weights)
    all_weight = snapshot.all_weight
    done = sum(weights[i.priority] for i in snapshot.items if i.item_id in served)
    availability = Availability(snapshot)
    prepared = prepare(availability, port)
    found = timetable_of(availability, prepared, search_timetable(availability, prepared, limits, None, port=port))
    best = all_weight - found.terms[0]
    planned = {i for v in found.visits for i in v.item_ids}
    lost = [i for i in snapshot.items if i.item_id in planned and i.item_id not in served]
    for priority, weight in sorted(weights.items(), key=lambda w: -w[1]):
        mine = [i for i in lost if i.priority == priority]
        new = sum(i.item_id[0] in "NU" for i in mine)
        print(
            f"served with hindsight only: {len(mine)} {priority} (weight {weight} each), {new} of them added on the way"
        )
    print(
        f"served weight {done:,} of {all_weight:,}; with hindsight {best:,} "
        f"({limits.time_s:.0f} s): {done / best - 1:+.3%}"
    )


if __name__ == "__main__":
    raise SystemExit(main())
