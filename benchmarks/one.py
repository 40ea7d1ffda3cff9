"""One run of one case, in a process of its own so that its memory is its own: called by `benchmarks.run`."""

from __future__ import annotations

import argparse
import time
from collections.abc import Sequence
from pathlib import Path

from api.machine import collect_less
from api.parallel import open_port
from benchmarks.memory import PeakMemory
from benchmarks.record import circumstances, mandatory_unserved, write, write_all
from benchmarks.trace import Trace
from scheduler.domain.schedule import TERMS
from scheduler.domain.snapshot import PlanningSnapshot
from scheduler.intake.read import read_case
from scheduler.planning.before import burden_alone, served_items
from scheduler.planning.outcome import PlanOutcome
from scheduler.planning.pipeline import plan
from solver.limits import Limits, Progress
from solver.warmup import warm_up


def main(arguments: Sequence[str] | None = None) -> None:
    """Read, plan, and append a row and a curve."""
    args = _parser().parse_args(arguments)
    limits = Limits(time_s=args.time_limit, iterations=args.iterations, seed=args.seed, workers=args.workers)
    warm_up()  # compiled code is loaded before any clock runs
    collect_less()
    began = time.perf_counter()
    with PeakMemory() as memory:
        snapshot = read_case(args.folder).snapshot
        read_s = time.perf_counter() - began
        outcome, trace = _planned(snapshot, limits, args.cluster)
        wall_s = time.perf_counter() - began
    row = _key(args) | {
        "enterprises": len(snapshot.enterprises),
        "items": len(snapshot.items),
        "all_weight": snapshot.all_weight,
        **_reached(snapshot, outcome),
        "first_full_s": "" if trace.first_full_s is None else round(trace.first_full_s, 2),
        "search_s": round(outcome.search_s, 1),
        "read_s": round(read_s, 1),
        "wall_s": round(wall_s, 1),
        "peak_mb": memory.mb,
    }
    row |= _alone(snapshot, outcome, limits, args.cluster) if args.alone else dict.fromkeys(ALONE, "")
    facts = circumstances()
    write(args.out, row | facts)
    write_all(args.trace, [_key(args) | {"commit": facts["commit"]} | p for p in trace.points])
    print(", ".join(f"{k}={v}" for k, v in row.items() if v != ""), flush=True)


ALONE = ("alone_time_s", "alone_items", "alone_doors", "alone_crew_shifts")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.one", description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--name", required=True)
    parser.add_argument("--source", required=True)
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--time-limit", type=float)
    parser.add_argument("--iterations", type=int)
    parser.add_argument("--workers", type=int, required=True)
    parser.add_argument("--cluster")
    parser.add_argument("--alone", action="store_true", help="also every authority alone, with the same limits")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--trace", type=Path, required=True)
    return parser


def _key(args: argparse.Namespace) -> dict[str, object]:
    return {
        "instance": args.name,
        "source": args.source,
        "seed": args.seed,
        "time_limit_s": "" if args.time_limit is None else args.time_limit,
        "iteration_limit": "" if args.iterations is None else args.iterations,
        "workers": args.workers,
        "cluster": args.cluster or "",
    }


def _planned(snapshot: PlanningSnapshot, limits: Limits, cluster: str | None) -> tuple[PlanOutcome, Trace]:
    with open_port(cluster, limits.workers, len(snapshot.enterprises)) as port:
        trace = Trace(snapshot.all_weight, limits.time_s)
        ended: list[float] = []

        def watch(progress: Progress) -> bool:
            if progress.stage == "explain" and not ended:
                ended.append(trace.now)
            return trace(progress)

        outcome = plan(snapshot, limits, watch=watch, with_before=False, port=port)
    terms, bounds = outcome.score.as_dict(), outcome.bounds
    end = ended[0] if ended else trace.now
    trace.finish(end, outcome.iterations, tuple(terms[t] for t in TERMS), tuple(bounds[t] for t in TERMS))
    return outcome, trace


def _reached(snapshot: PlanningSnapshot, outcome: PlanOutcome) -> dict[str, object]:
    terms, gap = outcome.score.as_dict(), outcome.gap("crew_shifts")
    return {
        **{t: terms[t] for t in TERMS},
        **{f"bound_{t}": "" if outcome.bounds[t] is None else outcome.bounds[t] for t in TERMS},
        "gap_crew_shifts": "" if gap is None else round(gap, 4),
        "status": outcome.status.value,
        "items_served": sum(len(v.item_ids) for v in outcome.schedule.visits),
        "mandatory_unserved": mandatory_unserved(snapshot, outcome.schedule),
        "iterations": outcome.iterations,
    }


def _alone(snapshot: PlanningSnapshot, outcome: PlanOutcome, limits: Limits, cluster: str | None) -> dict[str, object]:
    """Every authority alone on the items that the joint schedule serves, by the same search with the full limits."""
    same = served_items(snapshot, outcome.schedule)
    with open_port(cluster, limits.workers, len(snapshot.enterprises)) as port:
        alone = burden_alone(same, limits, port=port, share=1.0)
    found = (limits.time_s or "", alone.items_served, alone.doors, alone.crew_shifts)
    return dict(zip(ALONE, found, strict=True))


if __name__ == "__main__":
    main()
