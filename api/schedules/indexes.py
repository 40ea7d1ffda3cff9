"""What moves look up, kept in this process between requests: a drag in a calendar asks many times."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Lock

from scheduler.moves.index import MoveIndex

MAX_ROWS = 500_000
"""Items, visits and crew shifts of the schedules kept, all together; a district of 8 streets by 400 has 16,000."""

Key = tuple[str, str]
"""(schedule, digest of its case). Neither changes once a schedule is stored, so what is kept is never out of date."""


@dataclass(slots=True)
class MoveIndexes:
    """The indexes used last; any number of threads may ask, and each index is built by one of them.

    Parameters
    ----------
    max_rows : rows of all indexes kept; beyond it those go that were not used for longest. The last one used stays,
        however large.
    """

    max_rows: int = MAX_ROWS
    _kept: OrderedDict[Key, MoveIndex] = field(default_factory=OrderedDict)
    _building: dict[Key, Lock] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    def get(self, key: Key, build: Callable[[], MoveIndex]) -> MoveIndex:
        """Return the index of a schedule, built when it is not kept."""
        with self._lock:
            if (found := self._used(key)) is not None:
                return found
            building = self._building.setdefault(key, Lock())
        with building:
            with self._lock:
                if (found := self._used(key)) is not None:
                    return found
            try:
                made = build()
            finally:
                with self._lock:
                    self._building.pop(key, None)
            with self._lock:
                self._kept[key] = made
                while len(self._kept) > 1 and sum(map(_rows, self._kept.values())) > self.max_rows:
                    self._kept.popitem(last=False)
            return made

    def _used(self, key: Key) -> MoveIndex | None:
        if key not in self._kept:
            return None
        self._kept.move_to_end(key)
        return self._kept[key]


def _rows(index: MoveIndex) -> int:
    s = index.schedule
    return len(index.snapshot.items) + len(s.visits) + len(s.crew_shifts) + len(s.unserved)
