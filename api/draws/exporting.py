"""A draw with all that it was made from, as one archive: whoever has it draws again without this service."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Table, select

from api import clock
from api.deps import Services
from api.draws import service
from api.draws.earlier import in_force_of
from api.errors import Refusal
from api.imports.archive import pack
from api.schedules.service import case_of, load
from api.store.schema import draw_targets, draw_teams, schedules
from scheduler.draw.roster import roster_of_values
from scheduler.export.bundle import write_outputs
from scheduler.export.case import case_of_snapshot
from scheduler.export.draw_files import ITEMS, TEAMS, write_draw, write_roster
from scheduler.export.draw_rows import ITEM_COLUMNS, TEAM_COLUMNS
from scheduler.intake.tables import write_case
from scheduler.texts import Lang

Row = Mapping[Any, Any]


def export(services: Services, draw_id: str, temporary: Path, lang: Lang) -> Path:
    """Return a temporary zip archive with the folders draw, case, schedule and roster; the caller deletes it.

    A draw of targets has no roster, and a schedule only where its visits were left out.

    Raises
    ------
    Refusal : there is no such draw, or it is not carried out yet.
    """
    with services.store.reading() as connection:
        row = service.find(connection, draw_id, whole=True)
        if row["state"] != service.DRAWN:
            raise Refusal("wrong_state", what=f"draws/{draw_id}", state=row["state"])
        of = select(schedules).where(schedules.c.schedule_id == row["schedule_id"])
        schedule_row = connection.execute(of).mappings().one_or_none()
    with services.computing, tempfile.TemporaryDirectory(dir=temporary) as name:
        out = Path(name) / "out"
        out.mkdir()
        _write(services, row, schedule_row, out, temporary, lang)
        with tempfile.NamedTemporaryFile(dir=temporary, suffix=".zip", delete=False) as target:
            pack(out, Path(target.name))
            return Path(target.name)


def _write(services: Services, row: Row, schedule_row: Row | None, out: Path, temporary: Path, lang: Lang) -> None:
    is_officers = row["kind"] == "officers"
    table, file, columns = (draw_teams, TEAMS, TEAM_COLUMNS) if is_officers else (draw_targets, ITEMS, ITEM_COLUMNS)
    (out / "draw").mkdir()
    with services.store.reading() as connection:
        write_draw(out / "draw", row["record"], file, columns, _rows(connection, table, row["draw_id"], columns))
    snapshot = None if is_officers else case_of(services.store, row, temporary)
    if schedule_row is not None:
        planned, schedule = load(services.store, schedule_row, temporary)
        if is_officers:
            of = row["horizon_id"], row["schedule_id"]
            with services.store.reading() as connection:
                schedule = in_force_of(connection, *of, schedule, row["record"]["versions"])
        snapshot = snapshot or planned
        stamp, summary = clock.stamp(), schedule_row["summary"]
        write_outputs(out / "schedule", planned, schedule, summary, formats=frozenset(), lang=lang, stamp=stamp)
    assert snapshot is not None
    write_case(case_of_snapshot(snapshot), out / "case")
    if is_officers:
        (out / "roster").mkdir()
        write_roster(out / "roster", roster_of_values(row["roster"]))


def _rows(connection: Connection, table: Table, draw_id: str, columns: tuple[str, ...]) -> list[dict[str, Any]]:
    keys = service.KEYS[table.name]
    query = select(*(table.c[c] for c in columns)).where(table.c.draw_id == draw_id).order_by(*keys)
    return [dict(r) for r in connection.execute(query).mappings()]
