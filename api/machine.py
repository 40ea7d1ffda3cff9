"""What the machine and the installation say of a run: greatest memory, and versions."""

from __future__ import annotations

import gc
import sys

from scenarios.versions import installed


def peak_mb() -> float | None:
    """Return the greatest resident memory of this process so far in megabytes; ``None`` where it is not known."""
    try:
        import resource
    except ImportError:  # Windows
        return None
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (1024 * 1024 if sys.platform == "darwin" else 1024)


def collect_less() -> None:
    """Let the collector of reference cycles look less often, and never again at what there is now.

    A city is millions of small objects without cycles: looking at them over and over takes as long as the work itself.
    """
    gc.freeze()
    gc.set_threshold(200_000, 50, 100)


def versions() -> dict[str, str]:
    """Return the versions of the project, Python and the solvers by name."""
    return installed()
