"""Timetable: visits into street shifts with start times, and the crews' routes between them."""

import os
from pathlib import Path

from solver.timetable.compiled import keep_in_folder

# Compiling takes a third less, and the code runs as fast (measured); numba reads this when it is imported.
os.environ.setdefault("NUMBA_OPT", "1")
keep_in_folder(Path(__file__).parent)
