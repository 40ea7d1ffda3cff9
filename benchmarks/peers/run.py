"""Give onevisit and its peers the same case, seconds and cores in one run: `python -m benchmarks.peers`."""

from __future__ import annotations

import argparse
import importlib.util
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from benchmarks.instances import INSTANCES
from benchmarks.peers.answer import Budget, Peer, PeerAnswer, schedule_of
from benchmarks.peers.caravan import caravan, warm_up
from benchmarks.peers.cpsat import cpsat
from benchmarks.peers.first_fit import first_fit
from benchmarks.peers.jobs import CannotExpress, build_case
from benchmarks.peers.ortools_caravan import ortools_caravan
from benchmarks.peers.ortools_equal import ortools_equal
from benchmarks.peers.pyvrp_caravan import pyvrp_caravan
from benchmarks.peers.vroom_caravan import vroom_caravan
from benchmarks.record import circumstances, mandatory_unserved, write
from scenarios.generate.city import generate_city
from scenarios.generate.spec import GenerateSpec
from scheduler.availability import Availability
from scheduler.domain.schedule import Schedule
from scheduler.domain.snapshot import PlanningSnapshot
from scheduler.export.folder import write_schedule_folder
from scheduler.intake.read import read_case, read_raw
from scheduler.intake.tables import write_case
from scheduler.planning.merge import merge_enterprises
from scheduler.planning.pipeline import plan
from scheduler.rules import check
from scheduler.score import score
from solver.limits import Limits, Progress
from solver.warmup import warm_up as warm_up_onevisit

RESULTS = Path(__file__).parents[1] / "peers.csv"
ONEVISIT = "onevisit"
PEERS: dict[str, Peer] = {
    "first_fit": first_fit,
    "caravan": caravan,
    "pyvrp_caravan": pyvrp_caravan,
    "vroom_caravan": vroom_caravan,
    "ortools_caravan": ortools_caravan,
    "ortools_equal": ortools_equal,
    "cpsat": cpsat,
}
NEEDS = {"pyvrp_caravan": "pyvrp", "vroom_caravan": "vroom"}
"""Modules of the extra `peers`."""

LIBRARIES = ("pyvrp", "pyvroom")


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A case by name; `folder` holds it on disk, for a checker that is not ours."""

    name: str
    snapshot: PlanningSnapshot
    folder: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """A schedule, the seconds to its last visit placed (building included), and what the peer says of it."""

    schedule: Schedule
    seconds: float
    answer: PeerAnswer


def main(arguments: list[str] | None = None) -> None:
    """Run and exit 1 when a schedule breaks a rule."""
    args = _parser().parse_args(arguments)
    _warm_up()
    broken = 0
    with tempfile.TemporaryDirectory() as temporary:
        for case in _cases(args, Path(temporary)):
            for seed in args.seeds:
                for name in args.peers:
                    broken += _run(args, case, name, seed)
    if broken:
        sys.exit(1)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.peers", description=__doc__)
    parser.add_argument("--instances", nargs="*", default=None, choices=list(INSTANCES), metavar="NAME")
    parser.add_argument("--case", nargs="*", type=Path, default=[], metavar="DIR", help="case folders on disk")
    parser.add_argument("--seeds", type=int, nargs="*", default=[1, 2, 3])
    parser.add_argument("--time-limit", type=float, default=60.0, help="seconds, building the model included")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--peers", nargs="*", default=[ONEVISIT, *PEERS], choices=[ONEVISIT, *PEERS], metavar="NAME")
    parser.add_argument("--out", type=Path, default=RESULTS)
    parser.add_argument("--keep", type=Path, help="folder for the schedule folders")
    parser.add_argument("--checker", type=Path, help="another checker: a Python file called with CASE and SCHEDULE")
    return parser


def _warm_up() -> None:
    """Load compiled code before any clock runs, for onevisit and for our caravan alike."""
    warm_up_onevisit()
    warm_up(build_case(read_raw(generate_city(GenerateSpec(enterprises=12, seed=1))).snapshot))


def _cases(args: argparse.Namespace, temporary: Path) -> Iterator[Case]:
    instances = args.instances
    if instances is None:
        instances = [] if args.case else ["street_400", "district_8x400"]
    for name in instances:
        raw = generate_city(INSTANCES[name])
        if args.checker:
            write_case(raw, temporary / name)
        yield Case(name=name, snapshot=read_raw(raw).snapshot, folder=temporary / name)
    for folder in args.case:
        yield Case(name=folder.resolve().name, snapshot=read_case(folder).snapshot, folder=folder)


def _run(args: argparse.Namespace, case: Case, name: str, seed: int) -> int:
    """Run a peer, write its row, and return the number of rules broken."""
    if name in NEEDS and importlib.util.find_spec(NEEDS[name]) is None:
        print(f"{case.name} {name}: left out, {NEEDS[name]} is not installed (extra peers)", flush=True)
        return 0
    try:
        outcome = _solve(name)(case.snapshot, args.time_limit, seed, args.workers)
    except CannotExpress as reason:
        print(f"{case.name} {name}: left out, {reason}", flush=True)
        return 0
    violations = len(check(case.snapshot, outcome.schedule))
    violations += _other_checker(args, case, outcome.schedule, f"{case.name}-{name}-{seed}")
    answer = outcome.answer
    row = {
        "instance": case.name,
        "peer": name,
        "seed": seed,
        "time_limit_s": args.time_limit,
        "workers": args.workers,
        "seconds": round(outcome.seconds, 1),
        **score(case.snapshot, outcome.schedule).as_dict(),
        "mandatory_unserved": mandatory_unserved(case.snapshot, outcome.schedule),
        "violations": violations,
        "relaxed_crew_shifts": answer.relaxed_crew_shifts,
        "relaxed_unserved_weight": answer.relaxed_unserved,
        "relaxation": answer.relaxation,
        "note": answer.note,
    }
    print(", ".join(f"{k}={v}" for k, v in row.items() if v not in (None, "")), flush=True)
    write(args.out, row | circumstances() | {name: _version(name) for name in LIBRARIES})
    return violations


def _solve(name: str) -> Callable[[PlanningSnapshot, float, int, int], Outcome]:
    if name == ONEVISIT:
        return solve_onevisit

    def solve(snapshot: PlanningSnapshot, time_limit: float, seed: int, workers: int) -> Outcome:
        return solve_peer(PEERS[name], snapshot, time_limit, seed, workers)

    return solve


def solve_peer(peer: Peer, snapshot: PlanningSnapshot, time_limit: float, seed: int, workers: int) -> Outcome:
    """Return a peer's schedule; its clock runs from the snapshot on."""
    began = time.perf_counter()
    budget = Budget(until=began + time_limit, seed=seed, workers=workers)
    case = build_case(snapshot)
    answer = peer(case, budget)
    seconds = time.perf_counter() - began
    return Outcome(schedule=schedule_of(case, answer.placed), seconds=seconds, answer=answer)


def solve_onevisit(snapshot: PlanningSnapshot, time_limit: float, seed: int, workers: int) -> Outcome:
    """Return onevisit's schedule. What it needs before its search is taken off the seconds of the search."""
    began = time.perf_counter()
    merge_enterprises(Availability(snapshot))
    search = max(1.0, time_limit - (time.perf_counter() - began))
    ended: list[float] = []

    def watch(progress: Progress) -> bool:
        if progress.stage == "explain":
            ended.append(time.perf_counter())
        return False

    began = time.perf_counter()
    limits = Limits(time_s=search, seed=seed, workers=workers)
    outcome = plan(snapshot, limits, watch=watch, with_before=False)
    seconds = (ended[0] if ended else time.perf_counter()) - began
    return Outcome(
        schedule=outcome.schedule,
        seconds=seconds,
        answer=PeerAnswer(placed=(), note=f"{outcome.iterations} iterations"),
    )


def _other_checker(args: argparse.Namespace, case: Case, schedule: Schedule, name: str) -> int:
    """Write the schedule folder and ask the other checker, when there is one; return 1 when it refuses."""
    if args.checker is None and args.keep is None:
        return 0
    with tempfile.TemporaryDirectory() as temporary:
        folder = (args.keep or Path(temporary)) / name
        write_schedule_folder(
            folder, case.snapshot, schedule, {"terms": score(case.snapshot, schedule).as_dict()}, "en"
        )
        if args.checker is None:
            return 0
        call = [sys.executable, str(args.checker), str(case.folder), str(folder)]
        said = subprocess.run(call, capture_output=True, text=True, check=False)
        if said.returncode:
            print(said.stdout[-2000:], said.stderr[-2000:], sep="\n", flush=True)
        return int(said.returncode != 0)


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return ""
