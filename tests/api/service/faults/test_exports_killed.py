"""The process that makes exports: another takes its place when it is killed, and it ends with a killed server."""

from __future__ import annotations

from pathlib import Path

import psutil
from sqlalchemy import select

from api.store.schema import schedules
from tests.api.service.conftest import ON_ONE_DATABASE
from tests.api.service.faults.drafts import publish_and_draft
from tests.api.service.faults.site import Server, Site, until
from tests.api.service.faults.whole import assert_whole

pytestmark = ON_ONE_DATABASE


def exporting(server: Server) -> psutil.Process | None:
    """Return the process that makes exports for a server."""
    children = psutil.Process(server.process.pid).children()
    return next((p for p in children if any("spawn_main" in word for word in p.cmdline())), None)


def test_exports_go_on_when_their_process_is_killed_and_leave_none_behind(site: Site, tmp_path: Path) -> None:
    store = site.store
    publish_and_draft(store, tmp_path)
    with store.reading() as connection:
        schedule_id = connection.scalars(select(schedules.c.schedule_id)).first()
    server = site.start()
    path = f"/schedules/{schedule_id}/export?formats=none"
    assert exporting(server) is None
    assert server.http.get(path).status_code == 200
    first = exporting(server)
    assert first is not None
    first.kill()
    assert server.http.get(path).status_code == 200
    second = exporting(server)
    assert second is not None
    assert second != first
    assert_whole(store)
    server.kill()
    until(lambda: not second.is_running() or second.status() == psutil.STATUS_ZOMBIE, "no process left")
