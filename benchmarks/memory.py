"""The greatest memory of a process with its children: a city's merge works in local processes."""

from __future__ import annotations

import threading
from types import TracebackType

import psutil  # type: ignore[import-untyped]

from api.machine import peak_mb

LOOK_S = 0.5


class PeakMemory:
    """Looks at the resident memory of this process and its children, twice a second, while its block runs.

    Pages that processes share count for each of them, so the figure errs on the high side.
    """

    def __init__(self) -> None:
        self._seen = 0.0
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)

    def __enter__(self) -> PeakMemory:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._done.set()
        self._thread.join()

    @property
    def mb(self) -> int:
        """Megabytes; of this process alone, the system's own count of its peak."""
        return round(max(self._seen, peak_mb() or 0.0))

    def _look(self) -> None:
        me = psutil.Process()
        while True:
            total = 0
            for process in [me, *me.children(recursive=True)]:
                try:
                    total += process.memory_info().rss
                except psutil.Error:
                    continue
            self._seen = max(self._seen, total / 2**20)
            if self._done.wait(LOOK_S):
                return
