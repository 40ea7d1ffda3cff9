"""A service whose processes are killed: its database and data folder outlast the servers that run on them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import httpx2
import psutil

from api.store.database import open_engine
from api.store.work import Store
from tests.api.service.world import bearer

T = TypeVar("T")
PATIENCE_S = 60.0
LEASE_S = 5.0
SETTINGS = {
    "ONEVISIT_CLUSTER": "threads",
    "ONEVISIT_LEASE_S": str(LEASE_S),
    "ONEVISIT_POLL_S": "0.1",
    "ONEVISIT_RATE_LIMIT": "",
    "ONEVISIT_WORKERS": "1",
}
_ENVIRON = {k: v for k, v in os.environ.items() if not k.startswith("ONEVISIT_")}


def until(condition: Callable[[], T], what: str, seconds: float = PATIENCE_S) -> T:
    """Return what a condition gives as soon as that is true."""
    end = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < end, f"not within {seconds:g} s: {what}"
        time.sleep(0.02)
    return found


@dataclass(frozen=True, kw_only=True)
class Server:
    """One process of ``onevisit serve`` and a client of it; `printed` is what it wrote to standard output."""

    url: str
    process: subprocess.Popen[bytes]
    http: httpx2.Client
    printed: str

    def kill(self) -> None:
        self.process.kill()
        self.process.wait(PATIENCE_S)
        self.http.close()

    def end(self) -> float:
        """Ask it to end, as a service manager does, and return the seconds that it took."""
        began = time.monotonic()
        self.process.terminate()
        assert self.process.wait(PATIENCE_S) == 0
        self.http.close()
        return time.monotonic() - began

    def ask(self, method: str, path: str, status: int = 200, **more: Any) -> Any:
        """Return the body of an answer whose status is expected."""
        answer = self.http.request(method, path, **more)
        assert answer.status_code == status, answer.text
        return answer.json()

    def submit(self, code: str) -> httpx2.Response:
        """Submit a plan of one item."""
        item = {"item_id": code, "enterprise_id": "E000001", "duration_min": 30, "priority": "normal"}
        dates = {"earliest": "2026-10-08", "latest": "2026-12-18"}
        body = {"horizon_id": "Q", "authority_id": "440311-SCJG", "code": code, "items": [{**item, **dates}]}
        return self.http.post("/plans", json=body)

    def start_run(self, **limits: Any) -> str:
        """Start to plan the whole city and return the run."""
        body = {"horizon_id": "Q", "level": "city", "limits": limits}
        return str(self.ask("POST", "/runs", 202, json=body)["run_id"])

    def start_import(self, archive: bytes, horizon_id: str = "I") -> str:
        """Start to import a whole case and return the run."""
        params, headers = {"horizon_id": horizon_id, "approve": True}, {"Content-Type": "application/zip"}
        return str(self.ask("POST", "/imports", 202, params=params, headers=headers, content=archive)["run_id"])

    def run(self, run_id: str) -> Any:
        return self.ask("GET", f"/runs/{run_id}")

    def run_in_stage(self, run_id: str, *stages: str) -> Any:
        """Wait until a run is in one of some stages."""

        def at_stage() -> Any:
            run = self.run(run_id)
            assert run["state"] in ("queued", "running"), run
            return run if run["state"] == "running" and (run["progress"] or {}).get("stage") in stages else None

        return until(at_stage, f"run in {stages}")

    def ended_run(self, run_id: str) -> Any:
        """Wait until a run has ended."""
        return until(lambda: (r := self.run(run_id))["state"] not in ("queued", "running") and r, "run ended")


class Site:
    """A database and a data folder, and the processes at work on them.

    Parameters
    ----------
    key : of an administrator.
    """

    def __init__(self, database: str, data_dir: Path, key: str) -> None:
        self.database, self.data_dir, self._key = database, data_dir, key
        self._starts = 0

    @property
    def store(self) -> Store:
        """The database, opened beside the servers."""
        return Store(engine=open_engine(self.database))

    def start(self, *words: str, wait: bool = True, **environ: str) -> Server:
        """Start a server; settings are named as in its environment, without the prefix and in small letters."""
        self._starts += 1
        out, err = (self.data_dir / f"{self._starts}.{name}" for name in ("out", "err"))
        settings = {**SETTINGS, **{f"ONEVISIT_{k.upper()}": v for k, v in environ.items()}}
        settings |= {"ONEVISIT_DATA_DIR": str(self.data_dir), "ONEVISIT_DATABASE_URL": self.database}
        command = [sys.executable, "-m", "api", "serve", "--port", "0", "--lang", "en", *words]
        with out.open("wb") as to_out, err.open("wb") as to_err:
            process = subprocess.Popen(command, stdout=to_out, stderr=to_err, env=_ENVIRON | settings)

        def address() -> str | None:
            assert process.poll() is None, err.read_text("utf-8")
            lines = err.read_text("utf-8").splitlines()
            return next((line.split()[2] for line in lines if line.startswith("Serving at ")), None)

        url = until(address, "server started")
        http = httpx2.Client(base_url=url, headers=bearer(self._key), trust_env=False, timeout=PATIENCE_S)
        return Server(url=url, process=process, http=http, printed=out.read_text("utf-8"))

    def processes(self) -> Iterator[psutil.Process]:
        """Yield every process of this site: servers, runs, and what runs started."""
        for process in psutil.process_iter():
            with suppress(psutil.Error):
                if process.environ().get("ONEVISIT_DATA_DIR") == str(self.data_dir) and process.is_running():
                    yield process

    def process_of(self, run_id: str) -> psutil.Process:
        """Return the process of a run, as soon as there is one."""

        def find() -> psutil.Process | None:
            for process in self.processes():
                with suppress(psutil.Error):
                    if run_id in process.cmdline() and process.status() != psutil.STATUS_ZOMBIE:
                        return process
            return None

        return until(find, "process of the run")

    def kill_run(self, run_id: str) -> None:
        """Kill the process of a run."""
        process = self.process_of(run_id)
        process.send_signal(signal.SIGKILL)

    def kill_all(self) -> None:
        """Kill every process of this site."""
        for process in self.processes():
            with suppress(psutil.Error):
                process.kill()
        until(lambda: all(p.status() == psutil.STATUS_ZOMBIE for p in self.processes()), "processes ended")
