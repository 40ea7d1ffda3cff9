"""Two streets of two districts, imported and approved, in a database of each test's own, with its processes."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import insert

from api.access.caller import Caller, Role
from api.access.keys import issue_key
from api.alerts.service import seed_rules
from api.imports.service import store_case
from api.store.database import open_engine
from api.store.schema import accounts
from api.store.work import SYSTEM, Store
from scenarios.generate.city import generate_city
from scenarios.generate.spec import GenerateSpec
from scheduler.intake.read import read_case
from scheduler.intake.tables import write_case
from tests.api.service.conftest import Prepared
from tests.api.service.faults.site import Site

STREETS = ("马田街道", "粤海街道")


def pack(folder: Path) -> bytes:
    """Return the files of a folder as a zip archive."""
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(folder.iterdir()):
            archive.write(path, path.name)
    return data.getvalue()


@pytest.fixture(scope="session")
def city(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The case folder of a tiny city whose streets share no crews, so that each is a part of its own."""
    folder = tmp_path_factory.mktemp("city")
    write_case(generate_city(GenerateSpec(places=STREETS, enterprises=12)), folder)
    return folder


@dataclass(frozen=True, kw_only=True)
class Seeded:
    """A database with the tiny city in it, not to be changed, and the key of its administrator."""

    url: str
    key: str


@pytest.fixture(scope="session")
def _seeded() -> dict[int, Seeded]:
    return {}


@pytest.fixture
def seeded(prepared: Prepared, city: Path, _seeded: dict[int, Seeded]) -> Seeded:
    if id(prepared) not in _seeded:
        url = prepared.databases.create(prepared.migrated)
        _seeded[id(prepared)] = Seeded(url=url, key=seed(url, city))
    return _seeded[id(prepared)]


def seed(url: str, city: Path) -> str:
    """Fill a database that has the tables with the tiny city, and return its administrator's key."""
    store = Store(engine=open_engine(url))
    caller = Caller(account_id="admin", name="admin", role=Role.ADMINISTRATOR, authority_id=None, street_ids=())
    with store.writing(SYSTEM) as work:
        row = {"account_id": "admin", "name": "admin", "role": Role.ADMINISTRATOR.value, "active": True}
        work.connection.execute(insert(accounts).values(**row, created_at=work.at))
        seed_rules(work)
        key = issue_key(work, "key", "admin", "test")
    with store.writing("admin") as work:
        snapshot = read_case(city).snapshot
        store_case(work, caller, snapshot, "Q", "seed", lambda *_: None, approve=True, new_id=store.new_id)
    store.engine.dispose()
    return key


@pytest.fixture
def site(prepared: Prepared, seeded: Seeded, tmp_path: Path) -> Iterator[Site]:
    """The tiny city in a database of one's own; whatever runs on it in the end is killed."""
    url = prepared.databases.borrow(seeded.url)
    found = Site(url, tmp_path / "site", seeded.key)
    found.data_dir.mkdir()
    yield found
    found.kill_all()
    prepared.databases.drop(url)


@pytest.fixture
def new_database(prepared: Prepared) -> Iterator[Callable[[], str]]:
    """Makes empty databases."""
    made: list[str] = []

    def make() -> str:
        made.append(prepared.databases.create())
        return made[-1]

    yield make
    for url in made:
        prepared.databases.drop(url)
