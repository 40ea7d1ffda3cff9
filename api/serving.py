"""``onevisit serve``: the database brought up to date, the first administrator, then the server until it is stopped."""

from __future__ import annotations

import signal
import socket
from dataclasses import replace
from typing import Any

import uvicorn
from sqlalchemy.exc import OperationalError

from api.alerts.service import seed_rules
from api.app import create_app
from api.failures import CommandError
from api.operations.observe import set_up_logs
from api.settings import Settings
from api.store.database import open_engine
from api.store.migrate import upgrade
from api.store.work import SYSTEM, Store
from api.temporary import clear_left
from scheduler.texts import Text

_NO_DATABASE = Text("{path} 中没有数据库", "there is no database in {path}")
_UNREACHABLE = Text("无法访问数据库：{why}", "the database cannot be reached: {why}")
GRACE_S = 20


def open_store(settings: Settings) -> Store:
    """Return the open database of the settings with the tables of this version.

    Raises
    ------
    CommandError : it does not answer.
    """
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    engine = open_engine(settings.database, wait_s=settings.database_wait_s)
    store = Store(engine=engine)
    try:
        upgrade(engine)
        with store.writing(SYSTEM) as work:
            seed_rules(work)
    except OperationalError as error:
        raise CommandError(_UNREACHABLE, why=error.orig) from error
    return store


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
    store : open, with the tables of this version; requests wait for its database no longer than the settings say.
    said : called with the address as soon as requests are taken.
    """
    set_up_logs(as_json=settings.log_json)
    signal.signal(signal.SIGTERM, _end)  # after an orderly end uvicorn sends itself the signal again
    clear_left(settings.data_dir)
    store.engine.dispose()
    engine = open_engine(settings.database, wait_s=settings.database_wait_s, gives_up=True)
    app = create_app(settings, replace(store, engine=engine), carry_out_runs=True)
    config = uvicorn.Config(
        app,
        host=settings.host,
        port=settings.port,
        log_config=None,
        access_log=False,
        timeout_graceful_shutdown=GRACE_S,
        server_header=False,
        proxy_headers=True,
    )
    with socket.socket(socket.AF_INET6 if ":" in settings.host else socket.AF_INET) as listening:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((settings.host, settings.port))
        listening.listen(config.backlog)  # whoever connects from now on is answered once the server is up
        host, port = listening.getsockname()[:2]
        said(f"http://{host}:{port}")
        uvicorn.Server(config).run(sockets=[listening])


def _end(number: int, frame: object) -> None:
    raise SystemExit(0)
