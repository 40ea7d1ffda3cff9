"""Twenty scenarios on one case: ``python -m benchmarks.whatif CASE [--iterations N] [--seeds 1,2,3] [--workers 2]``.

The library's scenarios that fit the case, then crews of one authority fewer and more, up to twenty. It prints the
seconds of the study and of the comparison, the terms of every scenario, and whether some repeat from their stored form.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from time import perf_counter

from scenarios.compare import compare
from scenarios.library import LIBRARY
from scenarios.limits import StudyLimits
from scenarios.run import run_study
from scenarios.scenario import Scenario, carry_out, carry_out_all
from scenarios.stored import repetition_of, store
from scenarios.versions import installed
from scheduler.domain.snapshot import PlanningSnapshot
from scheduler.intake.read import read_case
from scheduler.rules import check
from solver.parallel import InProcess
from solver.warmup import warm_up

SCENARIOS = 20


def main(argv: Sequence[str] | None = None) -> int:
    """Print what the study took and found; return 1 when a schedule breaks a rule or a scenario does not repeat."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("case", type=Path)
    parser.add_argument("--iterations", type=int, default=StudyLimits().iterations)
    parser.add_argument("--seeds", default="1,2,3")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--repeat", type=int, default=2, help="scenarios that are run again from their stored form")
    args = parser.parse_args(argv)
    base = read_case(args.case).snapshot
    scenarios = _scenarios(base)
    limits = StudyLimits(iterations=args.iterations, seeds=tuple(map(int, args.seeds.split(","))))
    warm_up()
    began = perf_counter()
    what_ifs = carry_out_all(base, scenarios)
    carried = perf_counter() - began
    study = run_study(base, what_ifs, limits, port=InProcess(args.workers))
    ran = perf_counter() - began
    table = compare(study, installed())
    compared = perf_counter() - began
    print(f"{base.name}: {len(scenarios)} scenarios, {limits.iterations} iterations, seeds {args.seeds}; {installed()}")
    print(f"carried out {carried:.1f} s, run {ran - carried:.1f} s, compared {compared - ran:.1f} s")
    wrong = 0
    for run in study.runs:
        broken = sum(len(check(run.edited.snapshot, o.schedule)) for o in run.outcomes)
        wrong += broken
        cells = ((m.name, table.cell(m.name, run.name)) for m in table.metrics[:5])
        terms = ", ".join(f"{name} {c.value:g} {c.mark.value}" for name, c in cells if c.value is not None)
        print(f"{run.name}: {terms}; {broken} rules broken", flush=True)
    for run in study.runs[1 : 1 + args.repeat]:
        old = store(study, run, installed())
        assert old.scenario is not None
        again = run_study(base, (carry_out(base, old.scenario),), old.limits, port=InProcess(1))
        repetition = repetition_of(old, store(again, again.runs[-1], installed()))
        wrong += not repetition.identical
        print(repetition.sentence("en"))
    return int(wrong > 0)


def _scenarios(base: PlanningSnapshot) -> list[Scenario]:
    singles = [s for e in LIBRARY.values() if not e.name.startswith("crew-") for s in e.make(base)]
    crews = [s for name in ("crew-fewer", "crew-more") for s in LIBRARY[name].make(base)]
    return [*singles, *crews][:SCENARIOS]


if __name__ == "__main__":
    raise SystemExit(main())
