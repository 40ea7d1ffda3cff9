"""SIGKILL in mid-run: of the run's process, of the server, of both. Nothing is left running, nothing is lost."""

from __future__ import annotations

from tests.api.service.conftest import ON_ONE_DATABASE
from tests.api.service.faults.site import LEASE_S, Site, until
from tests.api.service.faults.whole import assert_whole

AT_WORK = ("compile", "bound", "search")


def test_a_run_whose_process_is_killed_twice_is_failed_with_its_reason(site: Site) -> None:
    server = site.start()
    run_id = server.start_run(time_s=20.0)
    for attempt in (1, 2):
        assert server.run_in_stage(run_id, *AT_WORK)["attempts"] == attempt
        site.kill_run(run_id)
        until(lambda n=attempt: server.run(run_id)["state"] != "running" or server.run(run_id)["attempts"] > n, "lost")
    found = server.ended_run(run_id)
    assert (found["state"], found["attempts"], found["schedule_id"]) == ("failed", 2, None)
    assert {p["code"] for p in found["problem"].values()} == {"worker_lost"}
    assert_whole(site.store)


def test_a_run_outlives_its_server_and_one_killed_with_it_is_tried_once_more(site: Site) -> None:
    server = site.start(max_runs="2")
    outlives, killed = (server.start_run(time_s=3.0, seed=n) for n in (1, 2))
    process = site.process_of(killed)
    for run_id in (outlives, killed):
        server.run_in_stage(run_id, *AT_WORK)
    server.kill()
    process.kill()
    assert_whole(site.store, at_rest=False)
    server = site.start()
    for run_id, attempts in ((outlives, 1), (killed, 2)):
        found = server.ended_run(run_id)
        assert (found["state"], found["attempts"]) == ("succeeded", attempts)
        assert server.ask("GET", f"/schedules/{found['schedule_id']}/check")["ok"]
    assert_whole(site.store)


@ON_ONE_DATABASE
def test_frozen_processes_lose_their_runs_and_neither_write_when_they_wake_nor_keep_their_places(site: Site) -> None:
    server = site.start(max_runs="2")
    wakes, sleeps = (server.start_run(time_s=2.0, seed=n) for n in (1, 2))
    frozen = {run_id: site.process_of(run_id) for run_id in (wakes, sleeps)}
    frozen[sleeps].suspend()
    server.run_in_stage(wakes, *AT_WORK)
    frozen[wakes].suspend()
    until(lambda: server.run(wakes)["state"] == "queued", "lease run out")
    frozen[wakes].resume()
    for process in frozen.values():  # one sees that it is too late, the other is killed
        process.wait(4 * LEASE_S)
    for run_id in frozen:
        found = server.ended_run(run_id)
        assert (found["state"], found["attempts"]) == ("succeeded", 2)
    assert_whole(site.store)
