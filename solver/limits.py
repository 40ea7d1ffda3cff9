"""Limits of a solve."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """When a search stops, and what it may use.

    Parameters
    ----------
    time_s : seconds of search, greater than 0; no limit when ``None``.
    iterations : iterations of each worker, at least 0; no limit when ``None``. One of the two is needed.
    seed : start of every random choice, 0 to 2**31 - 1. With an iteration limit and no time limit the same
        seed and number of workers give the same result bit for bit.
    workers : threads, at least 1.
    """

    time_s: float | None = 60.0
    iterations: int | None = None
    seed: int = 1
    workers: int = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """A look at a running search.

    Parameters
    ----------
    elapsed_s : seconds of the search so far.
    iterations : of all workers.
    terms : best so far, in tier order.
    bounds : proven lower bounds so far in the same order, each for the earlier terms as they are.
    """

    stage: str
    elapsed_s: float
    iterations: int
    terms: tuple[int, int, int, int, int] | None
    bounds: tuple[int | None, ...] | None = None


Watcher = Callable[[Progress], bool]
"""Called a few times a second; returns True to stop the search softly, keeping the best so far."""
