"""The one port through which work on independent parts runs in parallel; pure code does not know what fills it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from typing import Protocol, TypeVar

from solver.limits import Progress, Watcher

P = TypeVar("P")
R = TypeVar("R")

Task = Callable[[P, Watcher], R]
"""Works on one part. A module's function, so that another process finds it; it tells the watcher how far it is, a few
times a second when it can, and ends softly when the watcher returns True."""

PartWatcher = Callable[[int, Progress], bool]
"""Told the index of a part and its progress; returns True to stop every part softly."""


class Port(Protocol):
    """Maps a task over independent parts; the same results whatever fills it.

    Parameters
    ----------
    width : parts that run at once, at least 1.
    """

    @property
    def width(self) -> int:
        """Parts that run at once."""

    def map(
        self, task: Task[P, R], parts: Iterable[P], watch: PartWatcher | None = None, *, compiled: bool = False
    ) -> list[R]:
        """Return the task's result of every part, in their order.

        Parts are drawn one by one, when there is room for one, so that a part may know how much time is left when it
        begins. When the watcher stops, parts not yet begun are run all the same, and end at their first look.
        `compiled` says that the task spends its time outside the interpreter, so that threads are as good as processes.
        """


class InProcess:
    """Parts in threads of this process: in parallel only as far as a task leaves the interpreter (compiled code)."""

    def __init__(self, width: int = 1) -> None:
        self._width = max(1, width)

    @property
    def width(self) -> int:
        """Parts that run at once."""
        return self._width

    def map(
        self, task: Task[P, R], parts: Iterable[P], watch: PartWatcher | None = None, *, compiled: bool = False
    ) -> list[R]:
        """Return the task's result of every part, in their order."""
        stop = threading.Event()
        looks = (looker(k, watch, stop) for k in _count())
        if self._width == 1:
            return [task(part, look) for part, look in zip(parts, looks, strict=False)]
        results: dict[int, R] = {}
        running: dict[Future[R], int] = {}
        with ThreadPoolExecutor(max_workers=self._width) as pool:
            try:
                for k, (part, look) in enumerate(zip(parts, looks, strict=False)):
                    running[pool.submit(task, part, look)] = k
                    if len(running) == self._width:
                        _collect(running, results)
                while running:
                    _collect(running, results)
            except BaseException:
                stop.set()  # the others end at their next look, not at their limits
                raise
        return [results[k] for k in range(len(results))]


def looker(k: int, watch: PartWatcher | None, stop: threading.Event) -> Watcher:
    """Return the watcher of part k: it passes progress on, and once one part is stopped every other is."""

    def look(progress: Progress) -> bool:
        if watch is not None and not stop.is_set() and watch(k, progress):
            stop.set()
        return stop.is_set()

    return look


def _count() -> Iterator[int]:
    k = 0
    while True:
        yield k
        k += 1


def _collect(running: dict[Future[R], int], results: dict[int, R]) -> None:
    done, _ = wait(running, return_when=FIRST_COMPLETED)
    for future in done:
        results[running.pop(future)] = future.result()
