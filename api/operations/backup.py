"""Backups that fit both databases: every table as lines of JSON in one archive, from one state, restored whole."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, LargeBinary, Table, func, inspect, select, text
from sqlalchemy.types import JSON

from api.failures import CommandError
from api.store.audit import verify
from api.store.bulk import insert_many
from api.store.database import is_sqlite
from api.store.migrate import revision_of, wanted_revision
from api.store.schema import METADATA, audit_head, plan_items, plans, publications, runs
from api.store.work import Store
from scheduler.texts import Text

FORMAT = "onevisit-backup/1"
MANIFEST = "manifest.json"

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
    result = connection.execution_options(yield_per=1000).execute(select(table).order_by(*keys))
    for row in result:
        values = [base64.b64encode(v).decode() if isinstance(v, bytes | memoryview) else v for v in row]
        yield json.dumps(values, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def restore(store: Store, path: Path) -> dict[str, int]:
    """Fill an empty, upgraded database from a backup, in one transaction; return the rows of each table.

    Raises
    ------
    CommandError : it is no backup, is damaged, is of another revision, or the database holds data.
    """
    try:
        archive = zipfile.ZipFile(path)
        manifest = json.loads(archive.read(MANIFEST))
        if manifest["format"] != FORMAT:
            raise ValueError(manifest["format"])
    except (OSError, ValueError, KeyError, TypeError, zipfile.BadZipFile) as error:
        raise CommandError(_NOT_OURS, path=path, why=error) from error
    if manifest["revision"] != wanted_revision():
        raise CommandError(_OTHER_REVISION, found=manifest["revision"], wanted=wanted_revision())
    with archive, store.engine.connect() as connection, connection.begin():
        _require_empty(connection)
        for table in METADATA.sorted_tables:
            _fill(connection, table, archive, manifest)
        if not verify(connection).whole:
            raise CommandError(_DAMAGED, table="audit")
        if not is_sqlite(store.engine):
            _set_sequences(connection)
    rows: dict[str, int] = manifest["rows"]
    return rows


def _require_empty(connection: Connection) -> None:
    for table in METADATA.sorted_tables:
        if table.name in ("audit_head", "alert_rules", "audit"):
            connection.execute(table.delete())
        elif connection.execute(select(func.count()).select_from(table)).scalar_one():
            raise CommandError(_NOT_EMPTY)


def _fill(connection: Connection, table: Table, archive: zipfile.ZipFile, manifest: Any) -> None:
    columns = list(table.columns)
    binary = [k for k, c in enumerate(columns) if isinstance(c.type, LargeBinary)]
    as_json = [k for k, c in enumerate(columns) if isinstance(c.type, JSON)]
    digest = hashlib.sha256()

    def rows() -> Iterator[list[Any]]:
        with archive.open(f"{table.name}.jsonl") as file:
            for line in file:
                digest.update(line)
                values = json.loads(line)
                for k in binary:
                    values[k] = base64.b64decode(values[k])
                for k in as_json:
                    values[k] = json.dumps(values[k])
                yield values

    try:
        count = insert_many(connection, table, [c.name for c in columns], rows())
    except (KeyError, ValueError, zipfile.BadZipFile, EOFError) as error:
        raise CommandError(_DAMAGED, table=table.name) from error
    if count != manifest["rows"].get(table.name) or digest.hexdigest() != manifest["sha256"].get(table.name):
        raise CommandError(_DAMAGED, table=table.name)


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
        out += _of_sqlite(connection) if is_sqlite(store.engine) else []
        verdict = verify(connection)
        if not verdict.whole:
            out.append(f"audit chain broken at {verdict.broken_at}")
        if connection.execute(select(func.count()).select_from(audit_head)).scalar_one() != 1:
            out.append("audit head missing")
        out += _of_plans(connection)
        late = select(func.count()).where(runs.c.state == "running", runs.c.lease_until < store.instant())
        if found := connection.execute(late).scalar_one():
            out.append(f"runs without a worker: {found} (a server takes them up)")
        missing = set(METADATA.tables) - set(inspect(connection).get_table_names())
        out += [f"table missing: {name}" for name in sorted(missing)]
    return out


def _of_sqlite(connection: Connection) -> list[str]:
    found = [str(r[0]) for r in connection.exec_driver_sql("PRAGMA integrity_check") if r[0] != "ok"]
    dangling = connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall()
    return found + ([f"dangling references: {len(dangling)}"] if dangling else [])


def _of_plans(connection: Connection) -> list[str]:
    """Check that plans hold the items that they say, and that one version of a street is in force."""
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
        .where(plan_items.c.live, plans.c.state.not_in(("draft", "approved")))
    )
    if found := connection.execute(dead).scalar_one():
        out.append(f"items of ended plans still live: {found}")
    versions = select(publications.c.street_id, func.count(), func.max(publications.c.version)).group_by(
        publications.c.horizon_id, publications.c.street_id
    )
    gaps = [s for s, n, top in connection.execute(versions) if top < n]
    return out + ([f"publications out of order: {len(gaps)}"] if gaps else [])
