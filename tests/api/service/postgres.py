"""A real PostgreSQL in a temporary folder, on loopback and a port of its own, for as long as the tests run."""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

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
        data, log = folder / "data", folder / "log"
        as_user = _As(user, folder)
        as_user.run(binaries / "initdb", "-D", data, "-U", NAME, "-A", "trust", "-E", "UTF8", "--locale=C", "-N")
        port = _start(as_user, binaries, data, log)
        try:
            yield f"postgresql://{NAME}@127.0.0.1:{port}"
        finally:
            as_user.run(binaries / "pg_ctl", "-D", data, "-m", "immediate", "-w", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _start(as_user: _As, binaries: Path, data: Path, log: Path) -> int:
    settings = " ".join(f"-c {name}='{value}'" for name, value in _SETTINGS.items())
    for attempt in range(_TRIES):
        port = _free_port()
        try:
            as_user.run(binaries / "pg_ctl", "-D", data, "-l", log, "-o", f"-p {port} {settings}", "-w", "start")
        except RuntimeError as error:
            if attempt == _TRIES - 1:
                raise RuntimeError(f"{error}\n{log.read_text('utf-8') if log.exists() else ''}") from None
        else:
            return port
    raise AssertionError


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
        self.user, self.folder = user, folder

    def run(self, *command: object) -> None:
        who: dict[str, object] = {}
        if self.user is not None:
            who = {"user": self.user.pw_uid, "group": self.user.pw_gid, "extra_groups": []}
        output = self.folder / "output"  # no pipe: the server would hold it open
        with output.open("wb") as out:
            words = [str(c) for c in command]
            done = subprocess.run(words, cwd=self.folder, stdout=out, stderr=out, stdin=subprocess.DEVNULL, **who)  # type: ignore[call-overload]
        if done.returncode:
            raise RuntimeError(f"{words[0]} failed: {output.read_text('utf-8', 'replace')}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
