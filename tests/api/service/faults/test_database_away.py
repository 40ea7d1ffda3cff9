"""PostgreSQL away for ten seconds, frozen and then stopped, while a run is at work and requests come."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any

import httpx2
import psutil
import psycopg
import pytest

from api.store import migrate
from api.store.database import open_engine
from tests.api.service.faults.conftest import seed
from tests.api.service.faults.site import Site, until
from tests.api.service.faults.whole import assert_whole
from tests.api.service.postgres import NoPostgres, running_postgres

WAIT_S = 3.0
AWAY_S = 10.0


class Postgres:
    """A PostgreSQL of this test's own, that is frozen, stopped and started again."""

    def __init__(self, url: str) -> None:
        self.url = url
        with psycopg.connect(f"{url}/postgres") as connection:
            (folder,) = connection.execute("SHOW data_directory").fetchone() or ("",)
        self._pid_file = Path(folder) / "postmaster.pid"
        self._server = psutil.Process(int(self._pid_file.read_text("utf-8").split()[0]))
        self._command, self._user = self._server.cmdline(), self._server.uids().real
        self._group = self._server.gids().real

    def send(self, number: int) -> None:
        """Signal every process of the server."""
        for process in (self._server, *self._server.children(recursive=True)):
            with suppress(psutil.Error):
                process.send_signal(number)

    def stop(self) -> None:
        """End the server as in a crash: asked to end at once, then killed with all its processes."""
        whole = [self._server, *self._server.children(recursive=True)]
        self._server.send_signal(signal.SIGQUIT)
        with suppress(AssertionError):
            until(lambda: not self._pid_file.exists(), "PostgreSQL stopped", 15.0)
            return
        for process in whole:
            with suppress(psutil.Error):
                process.kill()
        until(lambda: not any(map(_runs, whole)), "PostgreSQL killed")
        self._pid_file.unlink(missing_ok=True)

    def start(self) -> None:
        who: dict[str, Any] = {"user": self._user, "group": self._group} if os.geteuid() == 0 else {}
        started = subprocess.Popen(
            self._command, cwd=self._pid_file.parent, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **who
        )
        self._server = psutil.Process(started.pid)


def _runs(process: psutil.Process) -> bool:
    with suppress(psutil.Error):
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    return False


@pytest.fixture
def postgres_of_its_own() -> Iterator[Postgres]:
    try:
        with running_postgres() as url:
            found = Postgres(url)
            yield found
            found.stop()
    except NoPostgres as error:
        if os.environ.get("CI") == "true":
            pytest.fail(f"no PostgreSQL: {error}")
        pytest.skip(f"no PostgreSQL: {error}")


@pytest.fixture
def site(postgres_of_its_own: Postgres, city: Path, tmp_path: Path) -> Iterator[Site]:
    with psycopg.connect(f"{postgres_of_its_own.url}/postgres", autocommit=True) as connection:
        connection.execute("CREATE DATABASE away")
    url = f"{postgres_of_its_own.url}/away"
    engine = open_engine(url)
    migrate.upgrade(engine)
    engine.dispose()
    found = Site(url, tmp_path / "site", seed(url, city))
    found.data_dir.mkdir()
    yield found
    found.kill_all()


def assert_refused(answer: httpx2.Response) -> None:
    assert answer.status_code == 503, answer.text
    assert answer.elapsed.total_seconds() < WAIT_S + 1.5
    assert answer.headers["content-type"] == "application/problem+json"
    assert int(answer.headers["retry-after"]) > 0
    assert answer.json()["code"] == "unavailable"


def test_while_the_database_is_away_requests_are_refused_in_time_and_a_run_goes_on(
    site: Site, postgres_of_its_own: Postgres
) -> None:
    server = site.start(database_wait_s=str(WAIT_S), lease_s="30")
    accepted = [server.submit("before")]
    run_id = server.start_run(time_s=2.0)
    server.run_in_stage(run_id, "compile", "bound", "search")
    with ThreadPoolExecutor(8) as pool:

        def all_are_refused() -> None:
            calls = [partial(server.http.get, p) for p in ("/enterprises", f"/runs/{run_id}", "/readyz", "/metrics")]
            found = [pool.submit(call) for call in [*calls * 2, partial(server.submit, "while")]]
            assert server.http.get("/healthz").elapsed.total_seconds() < 1
            for answer in found:
                assert_refused(answer.result())

        began = time.monotonic()
        postgres_of_its_own.send(signal.SIGSTOP)
        all_are_refused()
        postgres_of_its_own.send(signal.SIGCONT)
        postgres_of_its_own.stop()
        all_are_refused()
        until(lambda: time.monotonic() - began > AWAY_S, "ten seconds")
        postgres_of_its_own.start()
    until(lambda: server.http.get("/readyz").status_code == 200, "database back")
    accepted.append(server.submit("after"))
    assert [a.status_code for a in accepted] == [201, 201]
    found = server.ended_run(run_id)
    assert (found["state"], found["attempts"]) == ("succeeded", 1)
    assert_whole(site.store, [a.json()["plan"]["plan_id"] for a in accepted])
