"""Backups that fit both databases: every table as lines of JSON in one archive, from one state, restored whole."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, LargeBinary, Table, func, inspect, select, text
from sqlalchemy.types import JSON

from api.cases.in_force import in_force
from api.failures import CommandError
from api.plans.service import LIVE
from api.store.audit import verify
from api.store.bulk import CHUNK_OF_FILES, has_files, insert_many
from api.store.database import WRITES, is_sqlite
from api.store.files import PIECE
from api.store.metadata import METADATA
from api.store.migrate import revision_of, upgrade, wanted_revision
from api.store.schema import (
    audit_head,
    plan_items,
    plans,
    publications,
    runs,
    schedules,
    upload_pieces,
    uploads,
)
from api.store.work import Store
from scheduler.texts import Text

_OF_EVERY = ("audit_head", "alert_rules", "audit")
"""Tables with rows in a database that nobody has used yet."""
FORMAT = "onevisit-backup/1"
MANIFEST = "manifest.json"

_UNREADABLE = (OSError, ValueError, EOFError, NotImplementedError, zipfile.BadZipFile, zlib.error)

_NOT_OURS = Text("{path} 不是 onevisit 的备份：{why}", "{path} is no backup of onevisit: {why}")
_OTHER_REVISION = Text(
    "备份的数据库版本是 {found}，本程序是 {wanted}；请用同一版本的程序恢复后再升级",
    "the backup is of revision {found}, this program of {wanted}: restore with that version, then upgrade",
)
_NOT_EMPTY = Text(
    "数据库中已有数据，不会被覆盖；请恢复到新的数据库",
    "the database holds data and is not overwritten; restore to a new one",
)
_DAMAGED = Text("备份已损坏（{table}），没有恢复任何内容", "the backup is damaged ({table}); nothing was restored")


def backup(store: Store, path: Path) -> dict[str, int]:
    """Write a backup and return the rows of each table; the file appears whole, or not at all."""
    aside = path.with_name(f".{path.name}.partial")
    counts: dict[str, int] = {}
    digests: dict[str, str] = {}
    try:
        with (
            store.reading() as connection,
            zipfile.ZipFile(aside, "w", zipfile.ZIP_DEFLATED, compresslevel=3) as archive,
        ):
            for table in METADATA.sorted_tables:
                digest, counts[table.name] = hashlib.sha256(), 0
                with archive.open(f"{table.name}.jsonl", "w", force_zip64=True) as file:
                    for line in _lines(connection, table):
                        digest.update(line)
                        file.write(line)
                        counts[table.name] += 1
                digests[table.name] = digest.hexdigest()
            manifest = {
                "format": FORMAT,
                "revision": revision_of(connection),
                "at": store.instant(),
                "rows": counts,
                "sha256": digests,
            }
            archive.writestr(MANIFEST, json.dumps(manifest, indent=2))
        with aside.open("rb") as file:
            os.fsync(file.fileno())
        aside.replace(path)
    finally:
        aside.unlink(missing_ok=True)
    return counts


def _lines(connection: Connection, table: Table) -> Iterator[bytes]:
    keys = list(table.primary_key.columns)
    at_once = CHUNK_OF_FILES if has_files(table) else 1000
    result = connection.execute(select(table).order_by(*keys), execution_options={"yield_per": at_once})
    for row in result:
        values = [base64.b64encode(v).decode() if isinstance(v, bytes | memoryview) else v for v in row]
        yield json.dumps(values, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def restore(store: Store, path: Path) -> dict[str, int]:
    """Fill a new database from a backup, in one transaction, and return the rows of each table; refused, it stays so.

    Raises
    ------
    CommandError : it is no backup, is damaged, is of another revision, or the database holds data.
    """
    try:
        archive = zipfile.ZipFile(path)
    except (OSError, zipfile.BadZipFile) as error:
        raise CommandError(_NOT_OURS, path=path, why=error) from error
    with archive, store.engine.connect() as plain:
        rows = _looked_through(archive, path)
        with plain.begin():
            _require_new(plain)
        upgrade(store.engine)
        connection = plain.execution_options(**{WRITES: True})
        with connection.begin():
            _require_new(connection)  # somebody may have written since
            for name in _OF_EVERY:
                connection.execute(METADATA.tables[name].delete())
            for table in METADATA.sorted_tables:
                _fill(connection, table, archive)
            if not verify(connection).whole:
                raise CommandError(_DAMAGED, table="audit")
            if not is_sqlite(store.engine):
                _set_sequences(connection)
    return rows


def _looked_through(archive: zipfile.ZipFile, path: Path) -> dict[str, int]:
    """Return the rows of each table of a backup that is whole and of this revision."""
    try:
        manifest = json.loads(archive.read(MANIFEST))
        form, revision = manifest["format"], manifest["revision"]
        rows, digests = dict(manifest["rows"]), dict(manifest["sha256"])
        if form != FORMAT:
            raise ValueError(form)
    except (*_UNREADABLE, KeyError, TypeError) as error:
        raise CommandError(_NOT_OURS, path=path, why=error) from error
    if revision != wanted_revision():
        raise CommandError(_OTHER_REVISION, found=revision, wanted=wanted_revision())
    for name in METADATA.tables:
        digest, count = hashlib.sha256(), 0
        try:
            with archive.open(f"{name}.jsonl") as file:
                for line in file:
                    digest.update(line)
                    count += 1
        except (*_UNREADABLE, KeyError) as error:
            raise CommandError(_DAMAGED, table=name) from error
        if (count, digest.hexdigest()) != (rows.get(name), digests.get(name)):
            raise CommandError(_DAMAGED, table=name)
    return rows


def _require_new(connection: Connection) -> None:
    """Refuse a database with data, of whatever revision."""
    there = set(inspect(connection).get_table_names())
    for name in METADATA.tables.keys() & there - set(_OF_EVERY):
        if connection.execute(select(func.count()).select_from(METADATA.tables[name])).scalar_one():
            raise CommandError(_NOT_EMPTY)


def _fill(connection: Connection, table: Table, archive: zipfile.ZipFile) -> None:
    columns = list(table.columns)
    binary = [k for k, c in enumerate(columns) if isinstance(c.type, LargeBinary)]
    as_json = [k for k, c in enumerate(columns) if isinstance(c.type, JSON)]

    def rows() -> Iterator[list[Any]]:
        with archive.open(f"{table.name}.jsonl") as file:
            for line in file:
                values = json.loads(line)
                for k in binary:
                    values[k] = base64.b64decode(values[k])
                for k in as_json:
                    values[k] = json.dumps(values[k])
                yield values

    insert_many(connection, table, [c.name for c in columns], rows())


def _set_sequences(connection: Connection) -> None:
    """Let PostgreSQL count on from the greatest number of each register without identifiers."""
    for table in METADATA.sorted_tables:
        if "row_id" in table.c:
            connection.execute(
                text(
                    f"SELECT setval(pg_get_serial_sequence('{table.name}', 'row_id'), "
                    f"GREATEST(1, (SELECT COALESCE(MAX(row_id), 1) FROM {table.name})))"
                )
            )


def findings(store: Store) -> list[str]:
    """Return what is wrong with a database, as codes with figures; empty when nothing is."""
    out: list[str] = []
    with store.reading() as connection:
        if revision_of(connection) != wanted_revision():
            return [f"revision {revision_of(connection)}, wanted {wanted_revision()}"]
        missing = set(METADATA.tables) - set(inspect(connection).get_table_names())
        if missing:
            return [f"table missing: {name}" for name in sorted(missing)]
        out += _of_sqlite(connection) if is_sqlite(store.engine) else []
        if connection.execute(select(func.count()).select_from(audit_head)).scalar_one() != 1:
            out.append("audit head missing")
        else:
            verdict = verify(connection)
            out += [] if verdict.whole else [f"audit chain broken at {verdict.broken_at}"]
        out += _of_plans(connection)
        out += _of_schedules(connection)
        out += _of_files(connection)
        late = select(func.count()).where(runs.c.state == "running", runs.c.lease_until < store.instant())
        if found := connection.execute(late).scalar_one():
            out.append(f"runs without a worker: {found} (a server takes them up)")
    return out


def _of_sqlite(connection: Connection) -> list[str]:
    found = [str(r[0]) for r in connection.exec_driver_sql("PRAGMA integrity_check") if r[0] != "ok"]
    dangling = connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall()
    return found + ([f"dangling references: {len(dangling)}"] if dangling else [])


def _of_plans(connection: Connection) -> list[str]:
    """Check that plans hold the items that they say, and that those of live plans only are live."""
    out = []
    counts = select(plan_items.c.plan_id, func.count().label("n")).group_by(plan_items.c.plan_id).subquery()
    short = (
        select(func.count())
        .select_from(plans.outerjoin(counts, counts.c.plan_id == plans.c.plan_id))
        .where(func.coalesce(counts.c.n, 0) != plans.c.num_items)
    )
    if found := connection.execute(short).scalar_one():
        out.append(f"plans with other items than they say: {found}")
    dead = (
        select(func.count())
        .select_from(plan_items.join(plans, plans.c.plan_id == plan_items.c.plan_id))
        .where(plan_items.c.live, plans.c.state.not_in(LIVE))
    )
    if found := connection.execute(dead).scalar_one():
        out.append(f"items of ended plans still live: {found}")
    lost = (
        select(func.count())
        .select_from(plan_items.join(plans, plans.c.plan_id == plan_items.c.plan_id))
        .where(plan_items.c.live.is_(False), plans.c.state.in_(LIVE))
    )
    if found := connection.execute(lost).scalar_one():
        out.append(f"items of live plans not live: {found}")
    return out


def _of_schedules(connection: Connection) -> list[str]:
    """Check that every version was published once, and that the states of schedules say what is in force."""
    out = []
    versions = select(publications.c.street_id, func.count(), func.max(publications.c.version)).group_by(
        publications.c.horizon_id, publications.c.street_id
    )
    gaps = [s for s, n, top in connection.execute(versions) if top < n]
    out += [f"publications out of order: {len(gaps)}"] if gaps else []
    horizons = connection.scalars(select(publications.c.horizon_id).distinct()).all()
    inforce = {i for h in horizons for _, _, i in connection.execute(in_force(h))}
    once = set(connection.scalars(select(publications.c.schedule_id).distinct()))
    rows = connection.execute(select(schedules.c.schedule_id, schedules.c.state)).all()
    wrong = sum(s != ("published" if i in inforce else "superseded" if i in once else "draft") for i, s in rows)
    return out + ([f"schedules in another state than their publications say: {wrong}"] if wrong else [])


def _of_files(connection: Connection) -> list[str]:
    """Check that files have as many pieces as their sizes ask for."""
    pieces = func.count(upload_pieces.c.number)
    query = (
        select(uploads.c.size, pieces)
        .select_from(uploads.outerjoin(upload_pieces, upload_pieces.c.upload_id == uploads.c.upload_id))
        .group_by(uploads.c.upload_id, uploads.c.size)
    )
    short = sum(-(-size // PIECE) != count for size, count in connection.execute(query))
    return [f"files with pieces missing: {short}"] if short else []
