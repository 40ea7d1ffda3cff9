"""Both databases, real; a service on each with a tiny city in it, copied for every test."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import pytest
from anyio.from_thread import BlockingPortal, start_blocking_portal
from fastapi import FastAPI
from sqlalchemy import Engine

from api.app import create_app
from api.settings import Settings
from api.store import migrate
from api.store.database import open_engine
from api.store.work import Store
from tests.api.service.client import Client
from tests.api.service.databases import Databases, PostgresDatabases, SqliteFiles
from tests.api.service.postgres import NoPostgres, running_postgres
from tests.api.service.world import ACCOUNTS, Clock, Ids, Service, bearer, open_accounts, seed

SETTINGS: dict[str, Any] = {"rate_limit": "", "cluster": "threads", "max_runs": 0}
"""Of the services under test, unless a test asks for others; their data folder is a temporary one."""


@dataclass(frozen=True, kw_only=True)
class World:
    """The address of a database that holds the world, not to be changed, the keys of its accounts, and a service's
    application, which takes longer to make than most tests take."""

    url: str
    keys: dict[str, str]
    app: FastAPI
    data_dir: Path


class Prepared:
    """What all tests on one kind of database share, made when the first of them asks for it."""

    def __init__(self, databases: Databases, portal: BlockingPortal, data_dir: Path) -> None:
        self.databases, self.portal, self.data_dir = databases, portal, data_dir

    @cached_property
    def migrated(self) -> str:
        """A database that has the tables only; not to be changed."""
        url = self.databases.create()
        engine = open_engine(url)
        migrate.upgrade(engine)
        engine.dispose()
        return url

    @cached_property
    def world(self) -> World:
        url = self.databases.create(self.migrated)
        engine = open_engine(url)
        store = Store(engine=engine, now=Clock(), new_id=Ids())
        keys = open_accounts(store)
        app = create_app(Settings(**SETTINGS, data_dir=self.data_dir), store)
        seed(Client(app, self.portal, bearer(keys["administrator"])))
        engine.dispose()
        return World(url=url, keys=keys, app=app, data_dir=self.data_dir)


@pytest.fixture(scope="session")
def portal() -> Iterator[BlockingPortal]:
    with start_blocking_portal() as found:
        yield found


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """A server's address; without binaries tests are passed over, but never in CI."""
    try:
        with running_postgres() as server:
            yield server
    except NoPostgres as error:
        if os.environ.get("CI") == "true":
            pytest.fail(f"no PostgreSQL: {error}")
        pytest.skip(f"no PostgreSQL: {error}")


@pytest.fixture(scope="session")
def prepare(
    portal: BlockingPortal, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[[Callable[[], str] | None], Prepared]]:
    """Returns what is prepared on SQLite, or on the PostgreSQL whose address a function gives."""
    found: dict[bool, Prepared] = {}
    with ExitStack() as closing:

        def of(server: Callable[[], str] | None) -> Prepared:
            is_postgres = server is not None
            if is_postgres not in found:
                databases: Databases
                if server is None:
                    databases = SqliteFiles(tmp_path_factory.mktemp("sqlite"))
                else:
                    databases = PostgresDatabases(server())
                    closing.callback(databases.close)
                found[is_postgres] = Prepared(databases, portal, tmp_path_factory.mktemp("data"))
            return found[is_postgres]

        yield of


@pytest.fixture(params=["sqlite", "postgresql"])
def prepared(request: pytest.FixtureRequest, prepare: Callable[..., Prepared]) -> Prepared:
    """What is prepared on each kind of database in turn; to have a test on one only, use :data:`ON_ONE_DATABASE`."""
    return prepare(None if request.param == "sqlite" else lambda: request.getfixturevalue("postgres"))


@pytest.fixture
def databases(prepared: Prepared) -> Databases:
    return prepared.databases


@pytest.fixture
def empty_engine(databases: Databases) -> Iterator[Engine]:
    """A database without tables."""
    url = databases.create()
    engine = open_engine(url)
    yield engine
    engine.dispose()
    databases.drop(url)


@pytest.fixture
def database(prepared: Prepared) -> Iterator[str]:
    """The address of a database of one's own that has the tables only."""
    url = prepared.databases.borrow(prepared.migrated)
    yield url
    prepared.databases.drop(url)


@pytest.fixture
def stores(prepared: Prepared) -> Iterator[Callable[[], Store]]:
    """Makes stores, each on a database of its own with the world in it."""
    made: list[tuple[str, Engine]] = []

    def make() -> Store:
        url = prepared.databases.borrow(prepared.world.url)
        engine = open_engine(url)
        made.append((url, engine))
        return Store(engine=engine, now=Clock(), new_id=Ids())

    yield make
    for url, engine in made:
        engine.dispose()
        prepared.databases.drop(url)


@pytest.fixture
def service(stores: Callable[[], Store], prepared: Prepared) -> Service:
    """A service with the world in a database of its own."""
    store, app = stores(), prepared.world.app
    settings = app.state.services.settings.model_copy(update={"database_url": _address(store)})
    app.state.services = replace(app.state.services, store=store, settings=settings)
    return service_of(app, store, prepared)


@pytest.fixture
def make_service(stores: Callable[[], Store], prepared: Prepared) -> Callable[..., Service]:
    """Makes a service as :func:`service`, with settings and an application of its own."""

    def make(**settings: Any) -> Service:
        store = stores()
        asked = {**SETTINGS, "data_dir": prepared.data_dir, "database_url": _address(store), **settings}
        return service_of(create_app(Settings(**asked), store), store, prepared)

    return make


def _address(store: Store) -> str:
    """Return the address of a store's database, for processes that open it themselves."""
    return store.engine.url.render_as_string(hide_password=False)


def service_of(app: FastAPI, store: Store, prepared: Prepared) -> Service:
    """Return a service with a client of every account of the world."""
    keys = prepared.world.keys
    clients = {name: Client(app, prepared.portal, bearer(keys[name])) for name in ACCOUNTS}
    return Service(app=app, store=store, anonymous=Client(app, prepared.portal), **clients)


ON_ONE_DATABASE = pytest.mark.parametrize("prepared", ["sqlite"], indirect=True)
"""Of tests that no database has a part in."""
