"""Databases of both kinds for tests: one is prepared, every test gets a copy of it."""

from __future__ import annotations

import shutil
from itertools import count
from pathlib import Path
from typing import Protocol

from sqlalchemy import create_engine


class Databases(Protocol):
    """Makes and drops databases by name; the address of each is for :func:`api.store.database.open_engine`."""

    kind: str

    def create(self, template: str | None = None) -> str:
        """Return the address of a new database: empty, or a copy of another that nobody is connected to."""

    def drop(self, url: str) -> None:
        """Take a database away, whoever is connected."""


class SqliteFiles:
    """Files in a folder."""

    kind = "sqlite"

    def __init__(self, folder: Path) -> None:
        self._folder, self._numbers = folder, count(1)

    def create(self, template: str | None = None) -> str:
        path = self._folder / f"{next(self._numbers)}.db"
        if template is not None:
            source = self._path(template)
            assert not source.with_name(source.name + "-wal").exists()  # all of it is in the one file
            shutil.copyfile(source, path)
        return f"sqlite:///{path}"

    def drop(self, url: str) -> None:
        for path in self._folder.glob(f"{self._path(url).name}*"):
            path.unlink()

    @staticmethod
    def _path(url: str) -> Path:
        return Path(url.removeprefix("sqlite:///"))


class PostgresDatabases:
    """Databases of a running server."""

    kind = "postgresql"

    def __init__(self, server: str) -> None:
        self._server, self._numbers = server, count(1)
        self._engine = create_engine(f"{server}/postgres", isolation_level="AUTOCOMMIT")

    def create(self, template: str | None = None) -> str:
        name = f"t{next(self._numbers)}"
        source = "template0" if template is None else template.rpartition("/")[2]
        self._execute(f"CREATE DATABASE {name} TEMPLATE {source}")
        return f"{self._server}/{name}"

    def drop(self, url: str) -> None:
        self._execute(f"DROP DATABASE {url.rpartition('/')[2]} WITH (FORCE)")

    def close(self) -> None:
        self._engine.dispose()

    def _execute(self, statement: str) -> None:
        with self._engine.connect() as connection:
            connection.exec_driver_sql(statement)
