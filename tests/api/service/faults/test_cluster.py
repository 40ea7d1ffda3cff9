"""Runs on a real Dask scheduler with two workers over sockets, one of which is killed in mid-solve; and by default."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from distributed import Client

from api.cases.area import Level, find_area
from api.cases.service import snapshot_of
from scheduler.planning.pipeline import plan
from solver.limits import Limits
from tests.api.service.conftest import ON_ONE_DATABASE
from tests.api.service.faults.site import PATIENCE_S, Server, Site, until
from tests.api.service.faults.whole import assert_whole

pytestmark = ON_ONE_DATABASE


class Cluster:
    """A scheduler and two workers; `workers` are their processes by name."""

    def __init__(self, folder: Path) -> None:
        self._folder, self._processes = folder, []
        file = folder / "scheduler.json"
        self._start("scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard", "--scheduler-file", file)
        self.workers = {n: self._start_worker(file, n) for n in ("a", "b")}
        until(file.exists, "scheduler started")
        self.client = Client(scheduler_file=str(file), timeout=PATIENCE_S)
        self.client.wait_for_workers(2, timeout=PATIENCE_S)
        self.address: str = self.client.scheduler.address

    def _start(self, *words: object) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "dask", *map(str, words)]
        with (self._folder / "log").open("ab") as log:
            process = subprocess.Popen(command, stdout=log, stderr=log, cwd=self._folder, env=_ENVIRON)
        self._processes.append(process)
        return process

    def _start_worker(self, file: Path, name: str) -> subprocess.Popen[bytes]:
        one = ("--nthreads", "1", "--no-nanny", "--no-dashboard", "--memory-limit", "0", "--name", name)
        return self._start("worker", "--host", "127.0.0.1", "--scheduler-file", file, *one)

    def at_work(self) -> str | None:
        """Return the name of a worker that carries out a part."""
        workers = self.client.scheduler_info(n_workers=-1)["workers"]
        busy = [a for a, keys in self.client.processing().items() if any("_work" in str(k) for k in keys)]
        return workers[busy[0]]["name"] if busy and busy[0] in workers else None

    def close(self) -> None:
        self.client.close()
        for process in reversed(self._processes):
            process.kill()
            process.wait(PATIENCE_S)


_ENVIRON = {**os.environ, "PYTHONPATH": os.pathsep.join(p for p in sys.path if p)}


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    found = Cluster(tmp_path_factory.mktemp("cluster"))
    yield found
    found.close()


def assert_succeeded(server: Server, run_id: str) -> Any:
    found = server.ended_run(run_id)
    assert (found["state"], found["attempts"]) == ("succeeded", 1), found
    judged = server.ask("GET", f"/schedules/{found['schedule_id']}/check")
    assert (judged["ok"], judged["terms"]) == (True, found["result"]["terms"])
    return found


def test_a_run_on_a_cluster_gives_what_it_gives_here_and_survives_a_killed_worker(site: Site, cluster: Cluster) -> None:
    server = site.start("--cluster", cluster.address)
    there = assert_succeeded(server, server.start_run(iterations=200))

    run_id = server.start_run(time_s=4.0)
    name = until(cluster.at_work, "a part on a worker")
    cluster.workers[name].kill()
    assert_succeeded(server, run_id)
    assert len(cluster.client.scheduler_info(n_workers=-1)["workers"]) == 1
    store = site.store
    with store.reading() as connection:
        snapshot = snapshot_of(connection, "Q", find_area(connection, Level.CITY, None))
    here = plan(snapshot, Limits(time_s=None, iterations=200, workers=1), with_before=False)
    assert there["result"]["terms"] == here.score.as_dict()
    assert_whole(store)


def test_by_default_parts_run_in_processes_that_end_with_a_killed_run(site: Site) -> None:
    server = site.start("--cluster", "local", workers="2")
    run_id = server.start_run(time_s=2.0)
    server.run_in_stage(run_id, "merge", "compile", "bound", "search")
    mine = site.process_of(run_id)
    parts = mine.children(recursive=True)
    assert len(parts) >= 2
    mine.kill()
    until(lambda: not any(p.is_running() and p.status() != "zombie" for p in parts), "processes of the parts ended")
    found = server.ended_run(run_id)
    assert (found["state"], found["attempts"]) == ("succeeded", 2)
    assert server.ask("GET", f"/schedules/{found['schedule_id']}/check")["ok"]
    assert_whole(site.store)
