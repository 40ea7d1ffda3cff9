"""A server of several processes: one of them killed, and the one that began them."""

from __future__ import annotations

import re
from contextlib import suppress

import httpx2
import psutil

from tests.api.service.conftest import ON_ONE_DATABASE
from tests.api.service.faults.site import PATIENCE_S, Server, Site, until
from tests.api.service.faults.whole import assert_whole

GRACE_S = 15.0


def answering(server: Server) -> list[psutil.Process]:
    """Return the processes that answer requests, without the one that watches over them, and without dead ones.

    A dead process is known to the system until the one that began it has looked, which waits for busy ones first.
    """
    found = []
    for child in psutil.Process(server.process.pid).children():
        with suppress(psutil.NoSuchProcess):  # a zombie is such a one
            if child.status() != psutil.STATUS_ZOMBIE and "spawn_main" in " ".join(child.cmdline()):
                found.append(child)
    return found


def asked(server: Server, times: int) -> int:
    """Ask many times, each time by a connection of its own, and return how often it was answered."""
    count = 0
    for _ in range(times):
        with httpx2.Client(headers=server.http.headers, trust_env=False, timeout=PATIENCE_S) as http:
            count += http.get(f"{server.url}/streets").status_code == 200
    return count


def counted(server: Server) -> int:
    """Return the requests for streets that the server has counted, whichever process answered."""
    text = server.http.get("/metrics").text
    found = re.search(r'^onevisit_requests_total\{method="GET",route="/streets",status="200"\} (\S+)$', text, re.M)
    return 0 if found is None else round(float(found[1]))


def test_several_processes_count_as_one_carry_out_runs_and_end_together(site: Site) -> None:
    server = site.start(processes="2")
    assert asked(server, 60) == 60
    assert len(answering(server)) == 2
    assert counted(server) == 60
    assert counted(server) == 60  # another process may have answered
    run_id = server.start_run(time_s=1.0)
    assert server.ended_run(run_id)["state"] == "succeeded"
    assert server.end() < GRACE_S
    until(lambda: not any(site.processes()), "processes ended", GRACE_S)  # Python's own ends a moment after the server
    assert_whole(site.store)


@ON_ONE_DATABASE
def test_a_killed_process_is_replaced_and_the_others_answer_meanwhile(site: Site) -> None:
    server = site.start(processes="2")
    first = until(lambda: found if len(found := answering(server)) == 2 else None, "two processes")
    assert asked(server, 20) == 20
    first[0].kill()
    until(lambda: first[0] not in answering(server), "the killed process is gone")
    assert asked(server, 5) == 5
    now = until(lambda: found if len(found := answering(server)) == 2 else None, "two processes again")
    assert first[1] in now
    assert first[0] not in now
    assert server.end() < GRACE_S


@ON_ONE_DATABASE
def test_processes_do_not_outlive_the_one_that_began_them(site: Site) -> None:
    server = site.start(processes="2")
    children = until(lambda: found if len(found := answering(server)) == 2 else None, "two processes")
    assert asked(server, 20) == 20
    server.kill()
    psutil.wait_procs(children, GRACE_S)
    assert not any(c.is_running() for c in children)
    server = site.start(processes="2")
    assert asked(server, 5) == 5
    assert server.end() < GRACE_S
    assert_whole(site.store)
