"""A street of 400 simulated a thousand times, and copies of it to the size of a city: `python -m benchmarks.delay`."""

from __future__ import annotations

import argparse
import resource
import time
from dataclasses import replace

from benchmarks.record import circumstances
from scenarios.generate.city import generate_city
from scenarios.generate.spec import GenerateSpec
from scheduler.delay.model import DelayModel
from scheduler.delay.simulate import simulate
from scheduler.domain.schedule import Schedule
from scheduler.domain.snapshot import PlanningSnapshot, make_snapshot
from scheduler.intake.read import read_raw
from scheduler.planning.pipeline import plan
from solver.limits import Limits


def copies(snapshot: PlanningSnapshot, schedule: Schedule, num: int) -> tuple[PlanningSnapshot, Schedule]:
    """Return so many copies of a case of streets and its schedule side by side, with ids of their own."""
    streets, enterprises, items, visits, crews = [], [], [], [], []
    for n in range(num):
        own = f"{n}-"
        streets += [replace(s, street_id=own + s.street_id) for s in snapshot.streets]
        enterprises += [
            replace(e, enterprise_id=own + e.enterprise_id, street_id=own + e.street_id) for e in snapshot.enterprises
        ]
        items += [replace(i, item_id=own + i.item_id, enterprise_id=own + i.enterprise_id) for i in snapshot.items]
        visits += [
            replace(v, visit_id=own + v.visit_id, enterprise_id=own + v.enterprise_id, street_id=own + v.street_id,
                    item_ids=tuple(own + i for i in v.item_ids))
            for v in schedule.visits
        ]  # fmt: skip
        crews += [
            replace(c, crew_id=own + c.crew_id, street_id=own + c.street_id,
                    stops=tuple(replace(s, visit_id=own + s.visit_id) for s in c.stops))
            for c in schedule.crew_shifts
        ]  # fmt: skip
    whole = replace(snapshot, streets=tuple(streets), enterprises=tuple(enterprises), items=tuple(items))
    return make_snapshot(whole), replace(schedule, visits=tuple(visits), crew_shifts=tuple(crews), unserved=())


def measure(name: str, snapshot: PlanningSnapshot, schedule: Schedule, runs: int) -> None:
    """Print how long a schedule takes to simulate, and the greatest memory of the process so far."""
    began = time.perf_counter()
    report = simulate(snapshot, schedule, DelayModel(), seed=1, runs=runs)
    seconds = time.perf_counter() - began
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    total = report.total
    print(
        f"{name}: {total.crew_shifts} crew shifts, {total.parts} parts, {runs} runs: {seconds:.2f} s, "
        f"peak {peak:.0f} MB, parts on time {total.figures.parts_on_time.mean:.4f}"
    )


def main() -> None:
    """Measure a street of 400, and copies of it as many as a city has crew shifts."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--iterations", type=int, default=100_000, help="of the search for the street's schedule")
    parser.add_argument("--crew-shifts", type=int, default=130_000, help="of the copies together, at least")
    args = parser.parse_args()
    snapshot = read_raw(generate_city(GenerateSpec(enterprises=400, seed=1))).snapshot
    limits = Limits(time_s=None, iterations=args.iterations, workers=1)
    schedule = plan(snapshot, limits, with_before=False).schedule
    measure("street_400", snapshot, schedule, 1000)
    num = -(-args.crew_shifts // len(schedule.crew_shifts))
    measure(f"{num} copies", *copies(snapshot, schedule, num), 20)
    print(circumstances())


if __name__ == "__main__":
    main()
