"""Ctrl-C in two steps: the first asks the run to stop and keep its best, the second gives it up."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType


@dataclass(slots=True)
class StopRequest:
    """Whether a person asked the run to stop."""

    asked: bool = False


@contextmanager
def soft_interrupts(request: StopRequest) -> Iterator[None]:
    """Note the first Ctrl-C in a request; the second raises ``KeyboardInterrupt``.

    Outside the main thread nothing changes, for signals arrive there only.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def note(signum: int, frame: FrameType | None) -> None:
        # Nothing is printed here: a signal may come in the middle of another print.
        if request.asked:
            raise KeyboardInterrupt
        request.asked = True

    before = signal.signal(signal.SIGINT, note)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
