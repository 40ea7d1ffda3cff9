"""Outputs of a schedule as one zip archive, made by a process of their own: sheets for a city take a while."""

from __future__ import annotations

import multiprocessing
import os
import tempfile
import threading
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from functools import cache
from pathlib import Path

from sqlalchemy import select

from api import clock
from api.imports.archive import pack
from api.schedules.service import load
from api.settings import Settings
from api.store.database import open_engine
from api.store.schema import schedules
from api.store.work import Store
from api.temporary import own_folder
from scheduler.export.bundle import write_outputs
from scheduler.export.icalendar import DEFAULT_TIMEZONE
from scheduler.texts import Lang


@cache
def _pool() -> ProcessPoolExecutor:
    context = multiprocessing.get_context("spawn")
    return ProcessPoolExecutor(max_workers=1, mp_context=context, initializer=_end_with_parent)


def _end_with_parent() -> None:
    """Let this process end when the server is killed; it would wait for work for ever."""
    parent = multiprocessing.parent_process()

    def wait() -> None:
        if parent is not None:
            parent.join()
        os._exit(1)

    threading.Thread(target=wait, daemon=True).start()


def export(settings: Settings, schedule_id: str, formats: frozenset[str], lang: Lang) -> Path:
    """Return a temporary zip archive with the schedule folder and its other outputs; the caller deletes it."""
    work = settings.data_dir, settings.database, schedule_id, formats, lang
    try:
        return _pool().submit(_export, *work).result()
    except BrokenProcessPool:  # its process was killed: begin once more with another
        _pool.cache_clear()
        return _pool().submit(_export, *work).result()


def _export(data_dir: Path, database: str, schedule_id: str, formats: frozenset[str], lang: Lang) -> Path:
    temporary = own_folder(data_dir)
    store = Store(engine=open_engine(database))
    try:
        with store.reading() as connection:
            query = select(schedules).where(schedules.c.schedule_id == schedule_id)
            row = dict(connection.execute(query).mappings().one())
        snapshot, schedule = load(store, row, temporary)
        with tempfile.TemporaryDirectory(dir=temporary) as folder:
            out = Path(folder) / "schedule"
            write_outputs(
                out,
                snapshot,
                schedule,
                row["summary"],
                formats=formats,
                lang=lang,
                stamp=clock.stamp(),
                timezone=DEFAULT_TIMEZONE,
            )
            with tempfile.NamedTemporaryFile(dir=temporary, suffix=".zip", delete=False) as target:
                pack(out, Path(target.name))
                return Path(target.name)
    finally:
        store.engine.dispose()
