"""The port within one process: order, drawing when there is room, errors and stops."""

from __future__ import annotations

import threading

import pytest

from solver.limits import Progress, Watcher
from solver.parallel import InProcess


def doubled(part: int, look: Watcher) -> int:
    return 2 * part


@pytest.mark.parametrize("width", [1, 2, 7])
def test_results_stand_in_the_order_of_parts(width):
    assert InProcess(width).map(doubled, range(20)) == [2 * n for n in range(20)]
    assert InProcess(width).map(doubled, []) == []


def test_a_part_is_drawn_when_there_is_room_for_it():
    lock, at_work, most = threading.Lock(), [0], [0]

    def parts():
        for n in range(12):
            with lock:
                at_work[0] += 1
                most[0] = max(most[0], at_work[0])
            yield n

    def work(part: int, look: Watcher) -> int:
        with lock:
            at_work[0] -= 1
        return part

    InProcess(3).map(work, parts())
    assert most[0] <= 4


@pytest.mark.parametrize("width", [1, 3])
def test_the_fault_of_a_part_is_raised(width):
    def fails(part: int, look: Watcher) -> int:
        return 1 // part

    with pytest.raises(ZeroDivisionError):
        InProcess(width).map(fails, [2, 1, 0, 5])


@pytest.mark.parametrize("width", [1, 3])
def test_a_stop_reaches_every_part(width):
    told: list[int] = []

    def turns(part: int, look: Watcher) -> int:
        n = 0
        while not look(Progress(stage="search", elapsed_s=0.0, iterations=n, terms=None)):
            n += 1
        return n

    def watch(k: int, progress: Progress) -> bool:
        told.append(k)
        return progress.iterations >= 5

    counts = InProcess(width).map(turns, range(6), watch)
    assert len(counts) == 6
    assert max(counts) >= 5
    assert counts[-1] == 0
