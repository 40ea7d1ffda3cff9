"""Schedules of single streets, solved once, that are uploaded as drafts and published again and again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import select

from api import machine
from api.access.caller import Caller, Role
from api.cases.area import Level, find_area
from api.cases.service import snapshot_of
from api.schedules.evaluate import take_in
from api.schedules.service import publish
from api.store.schema import streets
from api.store.work import Store
from scheduler.export.bundle import write_outputs
from scheduler.export.summary import make_summary
from scheduler.planning.pipeline import plan
from solver.limits import Limits
from tests.api.service.faults.conftest import pack
from tests.api.service.faults.site import Server

ADMIN = Caller(account_id="admin", name="admin", role=Role.ADMINISTRATOR, authority_id=None, street_ids=())
ZIP = {"Content-Type": "application/zip"}


def solve_streets(store: Store, chosen: Sequence[str], folder: Path, horizon_id: str = "Q") -> dict[str, bytes]:
    """Return a schedule folder of each street as a zip archive."""
    found = {}
    for street in chosen:
        with store.reading() as connection:
            snapshot = snapshot_of(connection, horizon_id, find_area(connection, Level.STREET, street))
        outcome = plan(snapshot, Limits(time_s=None, iterations=20, workers=1), with_before=False)
        facts = {"wall_s": 0.0, "peak_mb": None, "seed": 1, "versions": machine.versions()}
        write_outputs(
            folder / street,
            snapshot,
            outcome.schedule,
            make_summary(snapshot, outcome, **facts),
            formats=frozenset(),
            lang="en",
            stamp=datetime(2026, 9, 1, tzinfo=UTC),
            timezone="Asia/Shanghai",
        )
        found[street] = pack(folder / street)
    return found


def upload(server: Server, solved: Mapping[str, bytes], street: str) -> str:
    """Upload the schedule of a street and return the draft."""
    params = {"horizon_id": "Q", "level": "street", "area_id": street}
    judged = server.ask("POST", "/schedules", 201, params=params, headers=ZIP, content=solved[street])
    assert judged["ok"], judged
    return str(judged["schedule_id"])


def publish_and_draft(store: Store, folder: Path) -> None:
    """Publish a schedule of one street, and keep the same once more as a draft."""
    with store.reading() as connection:
        street = str(connection.scalars(select(streets.c.street_id)).first())
        area = find_area(connection, Level.STREET, street)
    solve_streets(store, [street], folder / "solved")
    for name in ("published", "draft"):
        (folder / name).mkdir()
        words = ("Q", area, folder / "solved" / street, folder / name, None, "en")
        found = take_in(store, ADMIN, *words)
        if name == "published":
            publish(store, ADMIN, found["schedule_id"], None, folder, "en")
    store.engine.dispose()
