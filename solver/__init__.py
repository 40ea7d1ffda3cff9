"""Optimisation: integers in, integers out; a library on its own."""

import os
from pathlib import Path

from solver.compiled import keep_in_folder

# Compiling takes a third less, and the code runs as fast (measured); numba reads this when it is imported.
os.environ.setdefault("NUMBA_OPT", "1")
keep_in_folder(Path(__file__).parent)
