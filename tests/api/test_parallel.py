"""Dask behind the port, for real: processes, a scheduler's address, a worker that is killed, a soft stop."""

from __future__ import annotations

import json
import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from api import parallel
from api.failures import CommandError
from api.parallel import DaskPort, open_port
from solver.coordinate import run
from solver.coordinate.run import solve_parts
from solver.limits import Limits, Progress, Watcher
from solver.parallel import InProcess
from solver.timetable.solution import evaluate
from tests.api.conftest import SOON, Onevisit
from tests.solver.coordinate.cities import two_districts_problem

SHORT = Limits(time_s=None, iterations=1_500, workers=2)


@pytest.fixture(scope="module")
def local() -> Iterator[DaskPort]:
    with open_port("local", 2, 0) as port:
        assert isinstance(port, DaskPort)
        yield port


@pytest.fixture
def in_rounds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run, "JOINT", 0)
    monkeypatch.setattr(run, "SMALLEST", 15)


def pid_of(part: int, look: Watcher) -> int:
    return os.getpid()


def dies_once(part: tuple[int, str], look: Watcher) -> int:
    """Kill the worker at part 3 the first time."""
    n, marker = part
    if n == 3 and not Path(marker).exists():
        Path(marker).touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return n * n


def dies_elsewhere(part: tuple[int, int], look: Watcher) -> int:
    """Kill every process but the one named in the part."""
    n, home = part
    if n == 1 and os.getpid() != home:
        os.kill(os.getpid(), signal.SIGKILL)
    return n


def fails(part: int, look: Watcher) -> int:
    return 1 // part


def waits(part: int, look: Watcher) -> int:
    """Return the part when the stop comes; fail after some ten minutes without it."""
    for n in range(6_000):
        if look(Progress(stage="search", elapsed_s=0.1 * n, iterations=n, terms=(part, 0, 0, 0, 0))):
            return part
        time.sleep(0.1)
    raise TimeoutError


def test_parts_run_in_other_processes_and_stand_in_order(local):
    assert local.width == 2
    assert os.getpid() not in local.map(pid_of, range(6))
    assert local.map(dies_once, [(n, __file__) for n in range(20)]) == [n * n for n in range(20)]


@pytest.mark.usefixtures("in_rounds")
def test_dask_gives_the_result_of_this_process(local):
    p = two_districts_problem()
    here, there = solve_parts(p, SHORT, InProcess(1)), solve_parts(p, SHORT, local)
    assert there.visits == here.visits
    assert there.terms == here.terms
    with open_port(local._client.scheduler.address, 2, 0) as port:  # another client of the same scheduler
        assert solve_parts(p, SHORT, port).visits == here.visits


def test_the_part_of_a_killed_worker_runs_again(local, tmp_path):
    parts = [(n, str(tmp_path / "killed")) for n in range(8)]
    assert local.map(dies_once, parts) == [n * n for n in range(8)]
    assert (tmp_path / "killed").exists()


def test_a_part_that_kills_every_worker_runs_here_in_the_end(local, monkeypatch):
    monkeypatch.setattr(parallel, "ALLOWED_LOSSES", 0)
    local._client.run_on_scheduler(_allow_no_losses)
    assert local.map(dies_elsewhere, [(n, os.getpid()) for n in range(3)]) == [0, 1, 2]


def _allow_no_losses(dask_scheduler: object) -> None:
    dask_scheduler.allowed_failures = 0  # type: ignore[attr-defined]


def test_the_fault_of_a_part_is_raised_here(local):
    with pytest.raises(ZeroDivisionError):
        local.map(fails, [1, 2, 0])


def test_a_stop_reaches_parts_in_other_processes(local):
    seen: list[tuple[int, Progress]] = []

    def watch(k: int, progress: Progress) -> bool:
        seen.append((k, progress))
        return {0, 1} <= {k for k, _ in seen}

    assert local.map(waits, [7, 8], watch) == [7, 8]
    assert {p.terms for _, p in seen} == {(7, 0, 0, 0, 0), (8, 0, 0, 0, 0)}


@pytest.mark.usefixtures("in_rounds")
def test_a_search_in_other_processes_stops_softly(local):
    p = two_districts_problem()
    found = solve_parts(p, Limits(time_s=1_200.0), local, watch=lambda q: q.iterations > 0)
    assert found.stopped
    assert evaluate(p, list(found.visits))[1:] == found.terms[1:]


def test_without_any_worker_the_work_is_done_here(monkeypatch):
    from distributed import Client, LocalCluster

    monkeypatch.setattr(parallel, "PATIENCE_S", 0.5)
    with LocalCluster(n_workers=0, dashboard_address=":0") as cluster, Client(cluster) as client:
        port = DaskPort(client)
        assert set(port.map(pid_of, range(3))) == {os.getpid()}
        port.close()


def test_an_address_without_a_scheduler_is_named(monkeypatch):
    monkeypatch.setattr(parallel, "CONNECT_S", 0.5)
    with pytest.raises(CommandError, match=r"tcp://127\.0\.0\.1:9"), open_port("tcp://127.0.0.1:9", 2, 0):
        pass


def test_small_cases_need_no_processes():
    with open_port(None, 2, 400) as port:
        assert isinstance(port, InProcess)
        assert port.width == 2


def test_many_enterprises_take_processes_for_python_and_threads_for_compiled_work():
    with open_port(None, 2, 50_000) as port:
        assert set(port.map(pid_of, range(3), compiled=True)) == {os.getpid()}
        assert os.getpid() not in port.map(pid_of, range(3))


def test_solve_in_local_processes_gives_the_same_schedule(onevisit: Onevisit, case, schedule, tmp_path):
    said = onevisit("solve", case, "--out", tmp_path / "s", *SOON, "--format", "none", "--cluster", "local", "--json")
    assert said.code == 0
    assert json.loads(said.out)["terms"] == json.loads((schedule / "summary.json").read_text("utf-8"))["terms"]
    assert (tmp_path / "s" / "visits.csv").read_bytes() == (schedule / "visits.csv").read_bytes()


def test_a_cluster_that_is_none_is_a_usage_fault(onevisit: Onevisit, case, tmp_path):
    said = onevisit("solve", case, "--out", tmp_path / "s", "--cluster", "somewhere")
    assert said.code == 2
    assert "--cluster" in said.err
