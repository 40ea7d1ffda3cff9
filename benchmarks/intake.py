"""Read and check a city of 111,000 enterprises and at least 300,000 items: `python -m benchmarks.intake`."""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.record import circumstances
from scenarios.generate.city import generate_city
from scenarios.generate.spec import GenerateSpec, Level
from scheduler.intake.tables import write_case

READ = """
import resource, sys, time
from pathlib import Path
from scheduler.intake.read import read_case
began = time.perf_counter()
case = read_case(Path(sys.argv[1]))
seconds = time.perf_counter() - began
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
print(f"{len(case.snapshot.items)} items, {len(case.snapshot.enterprises)} enterprises: {seconds:.1f} s, {peak:.0f} MB")
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--enterprises", type=int, default=1500, help="in each of the 74 streets")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        case = Path(folder) / "city"
        write_case(generate_city(GenerateSpec(level=Level.CITY, enterprises=args.enterprises, seed=1)), case)
        # A process of its own, so that the generator's memory does not count.
        subprocess.run([sys.executable, "-c", READ, str(case)], check=True)
    print(circumstances())


if __name__ == "__main__":
    main()
