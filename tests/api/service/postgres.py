"""A real PostgreSQL in a temporary folder, on loopback and a port of its own, for as long as the tests run."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg

INSTALLED = Path("/usr/lib/postgresql")
NAME = "onevisit"
_SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "max_connections": "200",
    "log_statement": "none",
}
_TRIES = 3
"""A free port may be taken by somebody else before the server takes it."""


class NoPostgres(Exception):
    """There is no PostgreSQL on this machine."""


@contextmanager
def running_postgres() -> Iterator[str]:
    """Start a server, yield its address without a database, stop it.

    Raises
    ------
    NoPostgres : no binaries.
    """
    binaries = _binaries()
    user = _user()
    folder = Path(tempfile.mkdtemp(prefix="onevisit-postgres-"))
    try:
        if user is not None:
            os.chown(folder, user.pw_uid, user.pw_gid)
        data = folder / "data"
        as_user = _As(user, folder)
        as_user.run(binaries / "initdb", "-D", data, "-U", NAME, "-A", "trust", "-E", "UTF8", "--locale=C", "-N")
        server, url = _start(as_user, binaries / "postgres", data)
        try:
            yield url
        finally:
            server.send_signal(signal.SIGINT)  # ends its connections, then itself
            server.wait(60)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _start(as_user: _As, program: Path, data: Path) -> tuple[subprocess.Popen[bytes], str]:
    settings = [word for name, value in _SETTINGS.items() for word in ("-c", f"{name}={value}")]
    for _ in range(_TRIES):
        port = _free_port()
        server = as_user.start(program, "-D", data, "-p", port, *settings)
        url = f"postgresql://{NAME}@127.0.0.1:{port}"
        while server.poll() is None:
            try:
                with psycopg.connect(f"{url}/postgres", connect_timeout=5) as connection:
                    found = connection.execute("SHOW data_directory").fetchone()
            except psycopg.OperationalError:
                time.sleep(0.02)
                continue
            if found == (str(data),):
                return server, url
            server.wait(60)  # another server has the port; ours is about to see that
    raise RuntimeError(f"PostgreSQL does not start: {as_user.output()}")


def _binaries() -> Path:
    """Return the folder of the newest server that is installed."""
    found = sorted(INSTALLED.glob("*/bin/initdb"), key=lambda p: float(p.parts[-3]))
    on_path = shutil.which("initdb")
    for initdb in (*([Path(on_path)] if on_path else []), *reversed(found)):
        folder = initdb.resolve().parent
        if (folder / "pg_ctl").exists() and (folder / "postgres").exists():
            return folder
    raise NoPostgres(f"no initdb on PATH or in {INSTALLED}/*/bin (Debian: apt-get install postgresql)")


def _user() -> pwd.struct_passwd | None:
    """Return who runs the server: ourselves, but never root, as whom it refuses to start."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise NoPostgres("we are root, and there is no other user to run PostgreSQL as")


class _As:
    """Runs programs as a user, in a folder that the user may read."""

    def __init__(self, user: pwd.struct_passwd | None, folder: Path) -> None:
        self._folder, self._log = folder, folder / "log"
        self._who: dict[str, Any] = {}
        if user is not None:
            self._who = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}

    def start(self, *command: object) -> subprocess.Popen[bytes]:
        """Start a program that ends when we end, however we end."""
        bound = shutil.which("setpriv")
        words = [*([bound, "--pdeathsig", "INT"] if bound else []), *(str(c) for c in command)]
        with self._log.open("ab") as out:
            return subprocess.Popen(
                words, cwd=self._folder, stdout=out, stderr=out, stdin=subprocess.DEVNULL, **self._who
            )

    def run(self, *command: object) -> None:
        if self.start(*command).wait():
            raise RuntimeError(f"{command[0]} failed: {self.output()}")

    def output(self) -> str:
        return self._log.read_text("utf-8", "replace")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
