"""Whatever is sent, however malformed: a problem says what is wrong, nothing is stored, memory is bounded.

Files are in ``test_bad_files.py``.
"""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
import uvicorn
from fastapi import FastAPI

from tests.api.service.bad import addresses, bodies
from tests.api.service.bad.cases import Bad
from tests.api.service.bad.sending import (
    MAX_GROWTH_MB,
    Houses,
    check_refused,
    open_houses,
    peak_mb,
    reset_peak_mb,
    rows_of,
)
from tests.api.service.conftest import ON_ONE_DATABASE, Prepared
from tests.api.service.samples import NEW
from tests.api.service.world import Service, item

MB = 1 << 20
OF_ADDRESSES = (
    addresses.ids, addresses.cursors, addresses.parameters, addresses.versions, addresses.headers,
)  # fmt: skip
"""What comes to a database, or to what keeps it from there: each kind of database is asked."""
OF_BODIES = (bodies.syntax, bodies.registers, bodies.schemas, bodies.plans, bodies.lived_through)
"""What is refused before: no database has a part in it."""
CASES = [
    pytest.param(database, case, id=f"{database}-{case.name[:90]}")
    for databases, groups in ((("sqlite", "postgresql"), OF_ADDRESSES), (("sqlite",), OF_BODIES))
    for database in databases
    for group in groups
    for case in group()
]


@pytest.fixture(scope="module")
def houses(prepare: Callable[..., Prepared], request: pytest.FixtureRequest) -> Iterator[Houses]:
    yield from open_houses(prepare, request)


@pytest.mark.parametrize(("database", "bad"), CASES)
def test_bad_input_is_refused_and_nothing_stored(houses: Houses, database: str, bad: Bad) -> None:
    check_refused(houses(database), bad)


# --- over a socket ---------------------------------------------------------------------------------------------------


@contextmanager
def _served(app: FastAPI) -> Iterator[int]:
    """Serve an application on a port of this machine."""
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=0, log_config=None, lifespan="off"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    yield server.servers[0].sockets[0].getsockname()[1]
    server.should_exit = True
    thread.join(10)


def _said(port: int, sent: bytes, *, is_all: bool = False) -> bytes:
    """Return the first line of what a server answers to some bytes; nothing when it ends the connection.

    Parameters
    ----------
    is_all : the server is told that nothing more will come.
    """
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        try:
            connection.sendall(sent)
            if is_all:
                connection.shutdown(socket.SHUT_WR)
            return connection.makefile("rb").readline()
        except OSError:
            return b""


@ON_ONE_DATABASE
def test_what_is_no_request_ends_with_its_connection(service: Service) -> None:
    host = b"Host: onevisit.test\r\n"
    before, memory = rows_of(service.store), reset_peak_mb()
    with _served(service.app) as port:
        for sent in (
            b"\0" * 1000,
            b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",  # a TLS greeting
            b"x" * (2 * MB),
            b"GET /" + b"x" * (2 * MB) + b" HTTP/1.1\r\n" + host + b"\r\n",
            b"GET /healthz HTTP/1.1\r\n" + host + b"X-Other: " + b"x" * (2 * MB) + b"\r\n\r\n",
            b"GET /healthz HTTP/1.1\r\n" + host + b"X-Other: x\r\n" * 50_000 + b"\r\n",
            b"GET /healthz HTTP/1.1\r\n" + host + b"X-Other: a\0b\r\n\r\n",
            b"GET http://[x HTTP/1.1\r\n" + host + b"\r\n",
            b"POST /districts HTTP/1.1\r\n" + host + b"Content-Length: 5\r\nContent-Length: 50\r\n\r\n{}",
            b"POST /districts HTTP/1.1\r\n" + host + b"Transfer-Encoding: chunked\r\n\r\nzzz\r\n",
            b"POST /districts HTTP/1.1\r\n" + host + b"Transfer-Encoding: gzip\r\n\r\nzzz\r\n",
        ):
            status = _said(port, sent, is_all=True).split(b" ")[1:2]
            assert not status or 400 <= int(status[0]) < 500, (sent[:60], status)
        for path in ("/districts/../accounts", "/static/../api/app.py", "/static/%2e%2e/app.py", "//etc", "/%00"):
            line = _said(port, b"GET " + path.encode() + b" HTTP/1.1\r\n" + host + b"Connection: close\r\n\r\n")
            assert line.split(b" ")[1] in (b"400", b"401", b"404"), path
        assert _said(port, b"GET /healthz HTTP/1.1\r\n" + host + b"\r\n").startswith(b"HTTP/1.1 200")
    assert rows_of(service.store) == before
    assert peak_mb() - memory < MAX_GROWTH_MB


# --- what is still good ----------------------------------------------------------------------------------------------


def test_the_longest_ids_are_taken(service: Service) -> None:
    admin, long = service.administrator, {name: name[0] + "编" * 199 for name in ("district", "street", "enterprise")}
    rows = {
        "districts": {"district_id": long["district"], "name": "名" * 2000},
        "streets": {**NEW["streets"], "street_id": long["street"], "district_id": long["district"]},
        "enterprises": {**NEW["enterprises"], "enterprise_id": long["enterprise"], "street_id": long["street"]},
    }
    for table, row in rows.items():
        answer = admin.post(f"/{table}", json=row)
        assert answer.status_code == 201, answer.text
        assert admin.get(answer.headers["location"]).json() == answer.json()
    items = [item("X" + "编" * 199, long["enterprise"], legal_basis="法" * 2000)]
    assert service.submit(service.department_a1, items, code="码" * 50)["plan"]["num_items"] == 1
