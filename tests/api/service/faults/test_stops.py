"""Stops that are meant: of a server in mid-run (SIGTERM), and of runs (DELETE)."""

from __future__ import annotations

import json
import threading

import httpx2
from sqlalchemy import select

from api.store.schema import runs
from tests.api.service.conftest import ON_ONE_DATABASE
from tests.api.service.faults.site import Server, Site, until
from tests.api.service.faults.whole import assert_whole

GRACE_S = 15.0


class Watcher:
    """A client that listens to a run until it is let go; `states` is what it heard, in order."""

    def __init__(self, server: Server, run_id: str) -> None:
        self.states: list[str] = []
        self._is_at_end = False
        self._thread = threading.Thread(target=self._listen, args=(server, run_id))
        self._thread.start()

    def _listen(self, server: Server, run_id: str) -> None:
        http = httpx2.Client(headers=server.http.headers, trust_env=False, timeout=60)
        with http, http.stream("GET", f"{server.url}/runs/{run_id}/events") as answer:
            for line in answer.iter_lines():
                if line.startswith("data:"):
                    self.states.append(json.loads(line.removeprefix("data:"))["state"])
        self._is_at_end = True

    def is_let_go(self) -> bool:
        """Say whether the stream came to its end, as it should, and not to a cut."""
        self._thread.join(GRACE_S)
        return self._is_at_end


def test_a_server_that_ends_gives_its_run_back_and_lets_watchers_go(site: Site) -> None:
    server = site.start()
    run_id = server.start_run(time_s=2.0)
    watcher = Watcher(server, run_id)
    server.run_in_stage(run_id, "bound", "search")
    until(lambda: "running" in watcher.states, "watched")
    process = site.process_of(run_id)
    assert server.end() < GRACE_S
    assert watcher.is_let_go()
    assert not process.is_running()
    assert not any(site.processes())
    assert not any((site.data_dir / "temporary").glob("*/*"))

    with site.store.reading() as connection:
        found = connection.execute(select(runs).where(runs.c.run_id == run_id)).mappings().one()
    assert (found["state"], found["attempts"], found["lease_until"]) == ("queued", 0, None)
    assert_whole(site.store, at_rest=False)

    server = site.start()
    watcher = Watcher(server, run_id)
    found = server.ended_run(run_id)
    assert (found["state"], found["attempts"]) == ("succeeded", 1)
    assert watcher.is_let_go()
    assert watcher.states[-1] == "succeeded"
    assert_whole(site.store)


@ON_ONE_DATABASE
def test_a_stopped_run_keeps_its_best_schedule_and_a_queued_one_is_cancelled_at_once(site: Site) -> None:
    server = site.start()
    running, queued = (server.start_run(time_s=600.0, seed=n) for n in (1, 2))
    server.run_in_stage(running, "search")
    assert server.ask("DELETE", f"/runs/{queued}", 202)["state"] == "cancelled"
    assert server.ask("DELETE", f"/runs/{running}", 202)["stopping"]
    found = server.ended_run(running)
    assert (found["state"], found["attempts"], found["result"]["status"]) == ("cancelled", 1, "stopped")
    assert server.ask("GET", f"/schedules/{found['schedule_id']}/check")["ok"]
    found = server.run(queued)
    assert (found["attempts"], found["schedule_id"]) == (0, None)
    server.ask("DELETE", f"/runs/{running}", 409)
    assert_whole(site.store)
