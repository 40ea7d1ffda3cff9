"""What a run told on its way: objective and bound over time, and when its first full schedule was there."""

from __future__ import annotations

import time
from collections.abc import Callable

from scheduler.domain.schedule import TERMS
from solver.limits import Progress

FULL = 0.001
"""A schedule is full when it leaves out at most this share of all weight more than every schedule must."""

POINTS = 200
"""About so many points of a curve; a changed bound or served weight is always one."""

Terms = tuple[int | None, ...]
_NONE: Terms = (None,) * len(TERMS)


class Trace:
    """A watcher that keeps the curve of one run. Its clock begins with it.

    Parameters
    ----------
    all_weight : weight of all items, served or not.
    time_s : seconds that the run is expected to take, for the spacing of points.
    """

    def __init__(self, all_weight: int, time_s: float | None, clock: Callable[[], float] = time.perf_counter) -> None:
        self.first_full_s: float | None = None
        self.points: list[dict[str, object]] = []
        self._full = FULL * all_weight
        self._step = 0.0 if time_s is None else time_s / POINTS
        self._clock = clock
        self._began = clock()
        self._bounds = _NONE
        self._last: tuple[Terms, Terms] = (_NONE, _NONE)
        self._last_s = float("-inf")

    def __call__(self, progress: Progress) -> bool:
        """Note a look; never stop the run."""
        if progress.stage not in ("bound", "search"):
            return False
        now = self._clock() - self._began
        terms: Terms = progress.terms or _NONE
        if progress.bounds is not None:
            self._bounds = tuple(
                old if new is None else new for old, new in zip(self._bounds, progress.bounds, strict=True)
            )
        if self.first_full_s is None and self._is_full(terms):
            self.first_full_s = now
        self._note(now, progress, terms)
        return False

    def _is_full(self, terms: Terms) -> bool:
        unserved, least = terms[0], self._bounds[0]
        return unserved is not None and least is not None and unserved - least <= self._full

    def _note(self, now: float, progress: Progress, terms: Terms) -> None:
        known = terms, self._bounds
        if known == self._last:
            return
        unlike = terms[0] != self._last[0][0] or self._bounds[2] != self._last[1][2]
        if not unlike and now - self._last_s < self._step:
            return
        self._last, self._last_s = known, now
        self._add(now, progress.stage, progress.iterations, terms, self._bounds)

    def finish(self, seconds: float, iterations: int, terms: Terms, bounds: Terms) -> None:
        """Add the checked result as the last point, at the end of the search."""
        self._add(seconds, "end", iterations, terms, bounds)

    def _add(self, now: float, stage: str, iterations: int, terms: Terms, bounds: Terms) -> None:
        point: dict[str, object] = {"seconds": round(now, 2), "stage": stage, "iterations": iterations}
        point |= dict(zip(TERMS, ("" if v is None else v for v in terms), strict=True))
        point |= {f"bound_{t}": "" if b is None else b for t, b in zip(TERMS, bounds, strict=True)}
        self.points.append(point)

    @property
    def now(self) -> float:
        """Seconds since the run began."""
        return self._clock() - self._began
