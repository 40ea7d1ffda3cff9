"""``onevisit serve``: the database brought up to date, the first administrator, then the server until it is stopped."""

from __future__ import annotations

import gc
import multiprocessing
import os
import signal
import socket
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import uvicorn
from fastapi import FastAPI
from sqlalchemy.exc import OperationalError
from uvicorn.supervisors import Multiprocess

from api.alerts.service import seed_rules
from api.app import create_app
from api.failures import CommandError
from api.operations.observe import SHARED_FIGURES, set_up_logs
from api.runs.dispatcher import Dispatcher
from api.settings import Settings
from api.store.database import open_engine
from api.store.migrate import upgrade
from api.store.work import SYSTEM, Store
from api.temporary import clear_left
from scheduler.texts import Text

_NO_DATABASE = Text("{path} 中没有数据库", "there is no database in {path}")
_UNREACHABLE = Text("无法访问数据库：{why}", "the database cannot be reached: {why}")
BACKLOG = 2048
GRACE_S, HUNG_S = 20, 60
"""Seconds for requests at work when the server ends, and without a sign of life after which a process is replaced."""
SWITCH_S = 0.0005
"""Seconds after which a thread lets another go on: most requests are short, and wait for few that are not."""


def open_store(settings: Settings) -> Store:
    """Return the open database of the settings with the tables of this version.

    Raises
    ------
    CommandError : it does not answer.
    """
    store = untouched_store(settings)
    with reaching_it():
        upgrade(store.engine)
        with store.writing(SYSTEM) as work:
            seed_rules(work)
    return store


def untouched_store(settings: Settings) -> Store:
    """Return the database of the settings, not opened yet: there may be none, or one of another version."""
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    return Store(engine=open_engine(settings.database, wait_s=settings.database_wait_s))


@contextmanager
def reaching_it() -> Iterator[None]:
    """Say in a sentence that a database does not answer.

    Raises
    ------
    CommandError : it does not.
    """
    try:
        yield
    except OperationalError as error:
        raise CommandError(_UNREACHABLE, why=error.orig) from error


def existing_store(settings: Settings) -> Store:
    """Return the open database of the settings as it is.

    Raises
    ------
    CommandError : there is none.
    """
    if settings.database_url is None and not (settings.data_dir / "onevisit.db").exists():
        raise CommandError(_NO_DATABASE, path=settings.data_dir)
    return Store(engine=open_engine(settings.database, wait_s=settings.database_wait_s))


def serve(settings: Settings, store: Store, said: Any) -> None:
    """Serve until the process is asked to end.

    Parameters
    ----------
    store : open, with the tables of this version.
    said : called with the address as soon as requests are taken.
    """
    set_up_logs(as_json=settings.log_json)
    signal.signal(signal.SIGTERM, _end)  # after an orderly end uvicorn sends itself the signal again
    clear_left(settings.data_dir)
    store.engine.dispose()
    with socket.socket(socket.AF_INET6 if ":" in settings.host else socket.AF_INET) as listening:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((settings.host, settings.port))
        listening.listen(BACKLOG)  # whoever connects from now on is answered once the server is up
        host, port = listening.getsockname()[:2]
        said(f"http://{host}:{port}")
        with _dispatching(settings):
            if settings.processes == 1:
                uvicorn.Server(_config(_application_of(settings))).run(sockets=[listening])
            else:
                _serve_from_several(settings, listening)


def _serve_from_several(settings: Settings, listening: socket.socket) -> None:
    with tempfile.TemporaryDirectory(prefix="onevisit-figures-") as folder:
        os.environ.update(settings.as_environment())
        os.environ[SHARED_FIGURES] = folder
        config = _config("api.serving:application", factory=True, workers=settings.processes)
        Multiprocess(config, sockets=[listening]).run()


def _config(app: Any, **more: Any) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        http="h11",  # the other parser takes heads of any length
        log_config=None,
        access_log=False,
        backlog=BACKLOG,
        timeout_graceful_shutdown=GRACE_S,
        timeout_worker_healthcheck=HUNG_S,
        server_header=False,
        proxy_headers=True,
        **more,
    )


def application() -> FastAPI:
    """Return the application of one process of several, which ends with the process that began it."""
    settings = Settings()
    set_up_logs(as_json=settings.log_json)
    parent = multiprocessing.parent_process()
    assert parent is not None
    threading.Thread(target=_end_after, args=(parent,), daemon=True).start()
    return _application_of(settings)


def _end_after(parent: Any) -> None:
    parent.join()
    os.kill(os.getpid(), signal.SIGTERM)


def _application_of(settings: Settings) -> FastAPI:
    app = create_app(settings, _store_of(settings))
    sys.setswitchinterval(SWITCH_S)
    gc.collect()
    gc.freeze()
    return app


def _store_of(settings: Settings) -> Store:
    return Store(engine=open_engine(settings.database, wait_s=settings.database_wait_s, gives_up=True))


@contextmanager
def _dispatching(settings: Settings) -> Iterator[None]:
    """Carry out runs, `max_runs` at once, for as long as the block runs."""
    if settings.max_runs == 0:
        yield
        return
    dispatcher = Dispatcher(settings, _store_of(settings))
    dispatcher.start()
    try:
        yield
    finally:
        dispatcher.stop()


def _end(number: int, frame: object) -> None:
    raise SystemExit(0)
