"""Versions of what a result was made with."""

from __future__ import annotations

import platform
from importlib.metadata import PackageNotFoundError, version

_PACKAGES = ("onevisit", "numpy", "numba", "ortools", "pandas")


def installed() -> dict[str, str]:
    """Return the versions of the project, Python and the solvers by name; a package not installed is left out."""
    found = {"python": platform.python_version()}
    for name in _PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found
