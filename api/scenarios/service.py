"""Studies as rows: kept with the case that they were made from, seen by whoever may plan the area."""

from __future__ import annotations

import tempfile
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, insert, select

from api.access.caller import Caller
from api.access.scope import seen
from api.cases.area import Area
from api.errors import Refusal
from api.store.files import fetch_to, keep, pieces_of
from api.store.pages import Page, matching, page
from api.store.schema import studies
from api.store.work import Work
from scheduler.texts import Lang

_HIDDEN = ("case_upload_id", "report_zh_id", "report_en_id")
_HEAD = ("study_id", "horizon_id", "level", "area_id", "run_id", "case_digest", "scenarios", "created_at", "created_by")
Row = Mapping[Any, Any]


def find(connection: Connection, caller: Caller, study_id: str) -> Row:
    """Return the row of a study that the caller sees.

    Raises
    ------
    Refusal : there is none.
    """
    query = select(studies).where(studies.c.study_id == study_id, seen(caller, "studies"))
    row = connection.execute(query).mappings().one_or_none()
    if row is None:
        raise Refusal("not_found", what=f"scenarios/{study_id}")
    return row


def wire(row: Row) -> dict[str, Any]:
    """Return a study as it is sent."""
    return {k: v for k, v in row.items() if k not in _HIDDEN}


def listing(
    connection: Connection, caller: Caller, filters: Mapping[str, str | None], limit: int, cursor: str | None
) -> Page:
    """Return a page of studies, the oldest first."""
    query = matching(select(*(studies.c[n] for n in _HEAD)).where(seen(caller, "studies")), studies, filters)
    found = page(connection, query, [studies.c.study_id], limit, cursor)
    return Page(rows=[dict(r) for r in found.rows], next_cursor=found.next_cursor)


def store(
    work: Work,
    study_id: str,
    upload_ids: Mapping[str, str],
    files: Mapping[str, Path],
    *,
    run: Row,
    area: Area,
    comparison: Mapping[str, Any],
    stored: list[dict[str, Any]],
) -> None:
    """Store a study.

    Parameters
    ----------
    upload_ids, files : by ``case``, ``report_zh`` and ``report_en``: zip archives and the ids that they get.
    """
    for name, path in files.items():
        keep(work.connection, upload_ids[name], f"{name}.zip", "application/zip", work.at, pieces_of(path))
    row = {
        "study_id": study_id,
        "horizon_id": run["horizon_id"],
        "level": area.level.value,
        "area_id": area.area_id,
        "run_id": run["run_id"],
        "case_upload_id": upload_ids["case"],
        "case_digest": comparison["case_digest"],
        "report_zh_id": upload_ids["report_zh"],
        "report_en_id": upload_ids["report_en"],
        "scenarios": [s["name"] for s in comparison["scenarios"]],
        "request": run["request"],
        "comparison": dict(comparison),
        "stored": stored,
        "created_at": work.at,
        "created_by": work.actor,
    }
    work.connection.execute(insert(studies).values(**row))
    work.record("scenarios.compare", f"scenarios/{study_id}", after={k: row[k] for k in _HEAD if k != "study_id"})


def report_file(connection: Connection, row: Row, lang: Lang, name: str | None, temporary: Path) -> Path:
    """Return a temporary file with one file of a report, or all of it as a zip archive; the caller deletes it."""
    with tempfile.NamedTemporaryFile(dir=temporary, suffix=".zip", delete=False) as file:
        whole = Path(file.name)
    fetch_to(connection, row[f"report_{lang}_id"], whole)
    if name is None:
        return whole
    try:
        with zipfile.ZipFile(whole) as archive, tempfile.NamedTemporaryFile(dir=temporary, delete=False) as target:
            target.write(archive.read(name))
            return Path(target.name)
    finally:
        whole.unlink()
