"""Databases of both kinds for tests: one is prepared, every test gets a copy of it."""

from __future__ import annotations

import shutil
from collections import defaultdict
from itertools import count
from pathlib import Path
from typing import Protocol

import psycopg


class Databases(Protocol):
    """Makes and drops databases by name; the address of each is for :func:`api.store.database.open_engine`."""

    kind: str

    def create(self, template: str | None = None) -> str:
        """Return the address of a new database: empty, or a copy of another that nobody is connected to."""

    def borrow(self, template: str) -> str:
        """Return the address of a copy for the time of one test; it is dropped when the test ends."""

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

    def borrow(self, template: str) -> str:
        return self.create(template)

    def drop(self, url: str) -> None:
        for path in self._folder.glob(f"{self._path(url).name}*"):
            path.unlink()

    @staticmethod
    def _path(url: str) -> Path:
        return Path(url.removeprefix("sqlite:///"))


class PostgresDatabases:
    """Databases of a running server.

    PostgreSQL takes a tenth of a second and more to copy a database or to drop one, so a copy that was borrowed
    is kept: the rows that it began with are put back in a millisecond, out of a schema of its own.
    """

    kind = "postgresql"

    def __init__(self, server: str) -> None:
        self._server = server
        self._control = psycopg.connect(f"{server}/postgres", autocommit=True)
        self._copies: dict[str, _Copy] = {}
        self._idle: dict[str, list[_Copy]] = defaultdict(list)

    def create(self, template: str | None = None) -> str:
        name = f"t{next(_NUMBERS)}"
        source = "template0" if template is None else template.rpartition("/")[2]
        self._control.execute(f"CREATE DATABASE {name} TEMPLATE {source}")
        return f"{self._server}/{name}"

    def borrow(self, template: str) -> str:
        if self._idle[template]:
            copy = self._idle[template].pop()
            copy.restore()
        else:
            copy = _Copy(self.create(template), template)
            self._copies[copy.url] = copy
        return copy.url

    def drop(self, url: str) -> None:
        name = url.rpartition("/")[2]
        copy = self._copies.get(url)
        if copy is None or not copy.is_intact():
            self._copies.pop(url, None)
            self._control.execute(f"DROP DATABASE {name} WITH (FORCE)")
        else:
            everybody = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s AND pid <> %s"
            self._control.execute(everybody, (name, copy.pid))
            self._idle[copy.template].append(copy)

    def close(self) -> None:
        for copy in self._copies.values():
            copy.close()
        self._control.close()


class _Copy:
    """A copy of a database that can be given the rows again with which it began."""

    def __init__(self, url: str, template: str) -> None:
        self.url, self.template = url, template
        self._connection = psycopg.connect(url, autocommit=True)
        self.pid = self._connection.info.backend_pid
        tables = [r[0] for r in self._connection.execute(_TABLES)]
        self._connection.execute("CREATE SCHEMA pristine")
        for table in tables:
            self._connection.execute(f'CREATE TABLE pristine."{table}" AS TABLE public."{table}"')
        back = [f'DELETE FROM public."{t}"; INSERT INTO public."{t}" TABLE pristine."{t}"' for t in tables]
        counted = [_COUNTED.format(*found) for found in self._connection.execute(_SEQUENCES)]
        unchecked = "SET LOCAL session_replication_role = replica"
        self._restore = "; ".join(["BEGIN", unchecked, *back, *counted, "COMMIT"])
        self._shape = self._connection.execute(_SHAPE).fetchone()

    def is_intact(self) -> bool:
        """Say whether the tables are those with which it began."""
        return self._connection.execute(_SHAPE).fetchone() == self._shape

    def restore(self) -> None:
        self._connection.execute(self._restore)

    def close(self) -> None:
        self._connection.close()


_NUMBERS = count(1)
"""Of all databases that this process makes, whoever asks for them."""

_TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
_SEQUENCES = """
SELECT table_name, column_name, pg_get_serial_sequence(quote_ident(table_name), column_name)
FROM information_schema.columns
WHERE table_schema = 'public' AND pg_get_serial_sequence(quote_ident(table_name), column_name) IS NOT NULL
"""
_COUNTED = """SELECT setval('{2}', coalesce(max("{1}"), 1), max("{1}") IS NOT NULL) FROM public."{0}\""""
_SHAPE = """
SELECT md5(string_agg(table_name || '.' || column_name, ',' ORDER BY table_name, column_name))
FROM information_schema.columns WHERE table_schema = 'public'
"""
