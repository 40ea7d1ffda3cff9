"""A full disk: imports are refused or fail with that reason, nothing is half written, and the service goes on."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import func, select

from api.store.metadata import METADATA
from scenarios.generate.city import generate_city
from scenarios.generate.spec import GenerateSpec
from scheduler.intake.tables import write_case
from tests.api.service.conftest import ON_ONE_DATABASE
from tests.api.service.faults.conftest import Seeded, pack
from tests.api.service.faults.site import Site
from tests.api.service.faults.whole import assert_whole

pytestmark = ON_ONE_DATABASE
SIZE = 24 << 20


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A small disk of its own."""
    folder = tmp_path / "disk"
    folder.mkdir()
    words = ["mount", "-t", "tmpfs", "-o", f"size={SIZE}", "tmpfs", str(folder)]
    done = subprocess.run(words, capture_output=True, text=True) if shutil.which("mount") else None
    if done is None or done.returncode:
        why = f"no small disk can be mounted: {done.stderr.strip() if done else 'no mount'}"
        if os.environ.get("CI") == "true" and os.geteuid() == 0:
            pytest.fail(why)
        pytest.skip(why)
    yield folder
    subprocess.run(["umount", "--lazy", str(folder)], check=True)


@pytest.fixture
def site(disk: Path, seeded: Seeded) -> Iterator[Site]:
    shutil.copyfile(seeded.url.removeprefix("sqlite:///"), disk / "onevisit.db")
    found = Site(f"sqlite:///{disk}/onevisit.db", disk, seeded.key)
    yield found
    found.kill_all()


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("case")
    write_case(generate_city(GenerateSpec(places=("西丽街道",), enterprises=3000)), folder)
    return folder


def fill(disk: Path, left: int) -> None:
    """Fill a disk but for so many bytes."""
    with (disk / "ballast").open("wb") as file:
        file.write(bytes(shutil.disk_usage(disk).free - left))


def counts(site: Site) -> dict[str, int]:
    store = site.store
    with store.reading() as connection:
        others = ("audit", "runs", "uploads", "upload_pieces", "watch_marks")  # of the server itself
        tables = {n: t for n, t in METADATA.tables.items() if n not in others}
        found = {n: connection.execute(select(func.count()).select_from(t)).scalar_one() for n, t in tables.items()}
    store.engine.dispose()
    return found


def test_a_full_disk_stops_imports_and_nothing_else(site: Site, disk: Path, case: Path) -> None:
    archive, before = pack(case), counts(site)
    unpacked = sum(path.stat().st_size for path in case.iterdir())
    server = site.start()
    assert server.ask("GET", "/enterprises?limit=1")["items"]

    fill(disk, len(archive) // 2)
    for content in (archive, bytes(1 << 20)):
        params, headers = {"horizon_id": "I"}, {"Content-Type": "application/zip"}
        answer = server.http.post("/imports", params=params, headers=headers, content=content)
        assert (answer.status_code, answer.json()["code"]) == (507, "no_room")
    assert not list((disk / "temporary").glob("*/*"))
    assert server.ask("GET", "/enterprises?limit=1")["items"]
    assert server.ask("GET", "/runs")["items"] == []
    assert_whole(site.store)

    for left in (unpacked // 2, unpacked + (1 << 16)):  # too little to unpack it, or to store it
        fill(disk, 3 * len(archive) + left)
        found = server.ended_run(server.start_import(archive))
        assert (found["state"], found["problem"]["en"]["code"]) == ("failed", "no_room")
        assert not list((disk / "temporary").glob("*/*"))
        assert counts(site) == before
        assert_whole(site.store)

    (disk / "ballast").unlink()
    found = server.ended_run(server.start_import(archive))
    assert (found["state"], found["attempts"]) == ("succeeded", 1)
    assert counts(site)["plan_items"] > before["plan_items"]
    assert_whole(site.store)
