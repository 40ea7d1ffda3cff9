"""Both databases, real; a service on each with a tiny city in it, copied for every test."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
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


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def databases(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Databases]:
    if request.param == "sqlite":
        yield SqliteFiles(tmp_path_factory.mktemp("sqlite"))
    else:
        found = PostgresDatabases(request.getfixturevalue("postgres"))
        yield found
        found.close()


@pytest.fixture(scope="session")
def migrated(databases: Databases) -> str:
    """A database that has the tables only; not to be changed."""
    url = databases.create()
    engine = open_engine(url)
    migrate.upgrade(engine)
    engine.dispose()
    return url


@dataclass(frozen=True, kw_only=True)
class World:
    """The address of a database that holds the world, not to be changed, the keys of its accounts, and a service's
    application, which takes longer to make than most tests take."""

    url: str
    keys: dict[str, str]
    app: FastAPI
    data_dir: Path


@pytest.fixture(scope="session")
def world(
    databases: Databases, migrated: str, portal: BlockingPortal, tmp_path_factory: pytest.TempPathFactory
) -> World:
    url = databases.create(migrated)
    engine = open_engine(url)
    store = Store(engine=engine, now=Clock(), new_id=Ids())
    keys = open_accounts(store)
    data_dir = tmp_path_factory.mktemp("data")
    app = create_app(Settings(**SETTINGS, data_dir=data_dir), store)
    seed(Client(app, portal, bearer(keys["administrator"])))
    engine.dispose()
    return World(url=url, keys=keys, app=app, data_dir=data_dir)


@pytest.fixture
def empty_engine(databases: Databases) -> Iterator[Engine]:
    """A database without tables."""
    yield from _opened(databases, databases.create())


@pytest.fixture
def database(databases: Databases, migrated: str) -> Iterator[str]:
    """The address of a database of one's own that has the tables only."""
    url = databases.borrow(migrated)
    yield url
    databases.drop(url)


@pytest.fixture
def stores(databases: Databases, world: World) -> Iterator[Callable[[], Store]]:
    """Makes stores, each on a database of its own with the world in it."""
    made: list[tuple[str, Engine]] = []

    def make() -> Store:
        url = databases.borrow(world.url)
        engine = open_engine(url)
        made.append((url, engine))
        return Store(engine=engine, now=Clock(), new_id=Ids())

    yield make
    for url, engine in made:
        engine.dispose()
        databases.drop(url)


@pytest.fixture
def service(stores: Callable[[], Store], world: World, portal: BlockingPortal) -> Service:
    """A service with the world in a database of its own."""
    store = stores()
    world.app.state.services = replace(world.app.state.services, store=store)
    return _service(world.app, store, world, portal)


@pytest.fixture
def make_service(stores: Callable[[], Store], world: World, portal: BlockingPortal) -> Callable[..., Service]:
    """Makes a service as :func:`service`, with settings and an application of its own."""

    def make(**settings: Any) -> Service:
        store, asked = stores(), {**SETTINGS, "data_dir": world.data_dir, **settings}
        return _service(create_app(Settings(**asked), store), store, world, portal)

    return make


def _service(app: FastAPI, store: Store, world: World, portal: BlockingPortal) -> Service:
    clients = {name: Client(app, portal, bearer(world.keys[name])) for name in ACCOUNTS}
    return Service(app=app, store=store, anonymous=Client(app, portal), **clients)


def _opened(databases: Databases, url: str) -> Iterator[Engine]:
    engine = open_engine(url)
    yield engine
    engine.dispose()
    databases.drop(url)
