"""How functions are compiled. Counting references to arrays costs atomic writes that two threads would contend for, and
callers hold every array anyway; so the functions go without, which also compiles faster.
"""

from __future__ import annotations

from functools import partial
from typing import Any

from numba import njit

_COMMON: dict[str, Any] = {"cache": True, "error_model": "numpy", "no_cfunc_wrapper": True}

inner: Any = partial(njit, **_COMMON, _nrt=False, no_cpython_wrapper=True)()
"""For functions that only compiled ones call (from Python they would crash); they can't make arrays."""

entry: Any = partial(njit, **_COMMON, _nrt=False, nogil=True)()
"""For functions that Python calls too; they can't make arrays either."""

allocating: Any = partial(njit, **_COMMON, nogil=True)()
"""For functions that Python calls and that make arrays of their own."""
