"""Backups: the same tables on either database, refused when anything is wrong with them, consistent under load."""

from __future__ import annotations

import hashlib
import io
import json
import threading
import zipfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert, inspect, select

from api.store.database import open_engine
from api.store.metadata import METADATA
from api.store.schema import crews
from api.store.work import Store
from tests.api.conftest import Onevisit
from tests.api.service.faults.conftest import seed
from tests.api.service.faults.drafts import publish_and_draft
from tests.api.service.faults.site import Site
from tests.api.service.faults.whole import assert_whole


def rows(url: str) -> dict[str, list[tuple[Any, ...]]]:
    """Return every row of every table."""
    engine = open_engine(url)
    with Store(engine=engine).reading() as connection:
        found = {
            name: [tuple(r) for r in connection.execute(select(table).order_by(*table.primary_key.columns))]
            for name, table in METADATA.tables.items()
        }
    engine.dispose()
    return found


@pytest.mark.parametrize("prepared", ["postgresql"], indirect=True)
def test_a_backup_fits_both_databases(
    new_database: Callable[[], str], city: Path, onevisit: Onevisit, tmp_path: Path
) -> None:
    first, second, third = f"sqlite:///{tmp_path}/1.db", new_database(), f"sqlite:///{tmp_path}/3.db"
    assert onevisit("db", "upgrade", "--database", first, "--data-dir", tmp_path).code == 0
    seed(first, city)
    publish_and_draft(Store(engine=open_engine(first)), tmp_path)
    before = rows(first)
    assert all(before[t] for t in ("plan_items", "upload_pieces", "publications", "visits", "unserved", "audit"))
    for source, target in ((first, second), (second, third)):
        file = tmp_path / "backup.zip"
        said = onevisit("db", "backup", file, "--database", source)
        assert (said.code, f"{sum(map(len, before.values())):,}" in said.out) == (0, True)
        assert onevisit("db", "restore", file, "--database", target, "--data-dir", tmp_path).code == 0
        assert rows(target) == before
        assert onevisit("db", "check", "--database", target).code == 0
        assert_whole(Store(engine=open_engine(target)))
    # Numbers that the database gives go on after those that were restored.
    store = Store(engine=open_engine(second))
    with store.writing("admin") as work:
        for _ in range(2):
            work.connection.execute(insert(crews).values(authority_id="440311-SCJG", area_id="*", crews=1))
    store.engine.dispose()


@pytest.fixture
def backup(site: Site, onevisit: Onevisit, tmp_path: Path) -> Path:
    file = tmp_path / "backup.zip"
    assert onevisit("db", "backup", file, "--database", site.database).code == 0
    return file


def rewritten(backup: Path, name: str, change: Callable[[bytes], bytes], *, sealed: bool = False) -> bytes:
    """Return a backup with a member changed; `sealed`: as its manifest says."""
    with zipfile.ZipFile(backup) as archive:
        members = {n: archive.read(n) for n in archive.namelist()}
    members[name] = change(members[name])
    if sealed:
        manifest = json.loads(members["manifest.json"])
        table, data = name.removesuffix(".jsonl"), members[name]
        manifest["sha256"][table] = hashlib.sha256(data).hexdigest()
        manifest["rows"][table] = data.count(b"\n")
        members["manifest.json"] = json.dumps(manifest).encode()
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for member, data in members.items():
            archive.writestr(member, data)
    return out.getvalue()


def flipped(backup: Path, name: str, place: float) -> bytes:
    """Return a backup with one bit of a member changed."""
    data = bytearray(backup.read_bytes())
    with zipfile.ZipFile(backup) as archive:
        member = archive.getinfo(name)
    head = data[member.header_offset :][:30]
    begin = member.header_offset + 30 + int.from_bytes(head[26:28], "little") + int.from_bytes(head[28:30], "little")
    data[begin + int(member.compress_size * place)] ^= 8
    return bytes(data)


def spoiled(backup: Path) -> Iterator[tuple[str, bytes]]:
    """Yield what may be wrong with a backup, and such ones."""
    data = backup.read_bytes()
    yield "empty", b""
    yield "no archive", b"PK" + bytes(1000)
    yield "cut", data[: len(data) // 2]
    for name in ("plan_items.jsonl", "audit.jsonl", "manifest.json"):
        for place in (0.0, 0.5, 0.9):
            yield f"a bit of {name}", flipped(backup, name, place)
    yield (
        "another revision",
        rewritten(backup, "manifest.json", lambda m: m.replace(b'"revision": "', b'"revision": "0')),
    )
    yield "another format", rewritten(backup, "manifest.json", lambda m: m.replace(b"onevisit-backup", b"somebody"))
    yield "no manifest", rewritten(backup, "manifest.json", lambda m: b"[]")
    yield "a row less", rewritten(backup, "plans.jsonl", lambda t: t.split(b"\n", 1)[1])
    yield "an altered row", rewritten(backup, "plans.jsonl", lambda t: t.replace(b"approved", b"draft", 1))
    yield "an altered record", rewritten(backup, "audit.jsonl", lambda t: t.replace(b"seed", b"sown"), sealed=True)
    yield "records cut off", rewritten(backup, "audit.jsonl", lambda t: t.rsplit(b"\n", 2)[0] + b"\n", sealed=True)


def test_a_backup_that_is_not_as_it_was_is_refused_and_nothing_changed(
    backup: Path, database: str, onevisit: Onevisit, tmp_path: Path
) -> None:
    onevisit("db", "upgrade", "--database", database, "--data-dir", tmp_path)
    before, file = rows(database), tmp_path / "spoiled.zip"
    for what, data in spoiled(backup):
        file.write_bytes(data)
        said = onevisit("db", "restore", file, "--database", database, "--data-dir", tmp_path)
        assert (said.code, "internal" in said.err) == (1, False), (what, said)
        assert rows(database) == before, what
    assert onevisit("db", "restore", backup, "--database", database, "--data-dir", tmp_path).code == 0
    restored = rows(database)
    said = onevisit("db", "restore", backup, "--database", database, "--data-dir", tmp_path)
    assert (said.code, "holds data" in said.err) == (1, True)
    assert rows(database) == restored


@pytest.mark.parametrize("prepared", ["postgresql"], indirect=True)
def test_a_refused_backup_makes_no_tables(
    backup: Path, new_database: Callable[[], str], onevisit: Onevisit, tmp_path: Path
) -> None:
    file = tmp_path / "spoiled.zip"
    database = new_database()
    file.write_bytes(rewritten(backup, "manifest.json", lambda m: b"[]"))
    assert onevisit("db", "restore", file, "--database", database, "--data-dir", tmp_path).code == 1
    engine = open_engine(database)
    assert inspect(engine).get_table_names() == []
    engine.dispose()


def test_a_backup_under_load_is_of_one_moment(
    site: Site, new_database: Callable[[], str], onevisit: Onevisit, tmp_path: Path
) -> None:
    server, target, accepted = site.start(), new_database(), []
    enough, done = threading.Event(), threading.Event()

    def write(client: int) -> None:
        n = 0
        while not done.is_set():
            accepted.append(server.submit(f"{client}-{n}").json()["plan"]["plan_id"])
            n += 1
            if n > 3:
                enough.set()

    with ThreadPoolExecutor(3) as pool:
        writers = [pool.submit(write, client) for client in range(3)]
        try:
            assert enough.wait(60)
            known = list(accepted)
            said = onevisit("db", "backup", tmp_path / "backup.zip", "--database", site.database)
        finally:
            done.set()
    assert said.code == 0
    assert [w.result() for w in writers] == [None] * 3
    assert onevisit("db", "restore", tmp_path / "backup.zip", "--database", target, "--data-dir", tmp_path).code == 0
    assert onevisit("db", "check", "--database", target).code == 0
    assert_whole(Store(engine=open_engine(target)), known)
    assert_whole(site.store, accepted)
