"""Whatever is sent, however malformed: a problem says what is wrong, nothing is stored, memory is bounded."""

from __future__ import annotations

import resource
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import httpx2
import pytest
import uvicorn
from fastapi import FastAPI
from sqlalchemy import func, select

from api.app import create_app
from api.bodies import CSV, XLSX, ZIP
from api.settings import Settings
from api.store.database import open_engine
from api.store.schema import METADATA
from api.store.work import Store
from tests.api.service.bad import addresses, archives, bodies, tables
from tests.api.service.bad.cases import Bad
from tests.api.service.carrying import carry_out_all
from tests.api.service.conftest import ON_ONE_DATABASE, SETTINGS, Prepared, service_of
from tests.api.service.samples import NEW
from tests.api.service.world import HORIZON, Clock, Ids, Service, item

MB = 1 << 20
MAX_GROWTH_MB = 150
"""By which the memory of one case may grow, whatever is in it."""
OF_ADDRESSES = (
    addresses.ids, addresses.cursors, addresses.parameters, addresses.versions, addresses.headers,
)  # fmt: skip
"""What comes to a database, or to what keeps it from there: each kind of database is asked."""
OF_BODIES = (
    bodies.syntax, bodies.registers, bodies.schemas, bodies.plans, tables.csv_plans, tables.workbook_plans,
    tables.media_types, tables.register_files, archives.cases, archives.schedules,
)  # fmt: skip
"""What is refused before: no database has a part in it."""
CASES = [
    pytest.param(database, case, id=f"{database}-{case.name[:90]}")
    for databases, groups in ((("sqlite", "postgresql"), OF_ADDRESSES), (("sqlite",), OF_BODIES))
    for database in databases
    for group in groups
    for case in group()
]
_COUNTED = select(
    *(select(func.count()).select_from(t).scalar_subquery().label(name) for name, t in METADATA.tables.items())
)


@pytest.fixture(scope="module")
def houses(prepare: Callable[..., Prepared], request: pytest.FixtureRequest) -> Iterator[Callable[[str], Service]]:
    """Returns a service on a kind of database, one for all cases: none of them changes anything."""
    found: dict[str, Service] = {}
    closing = []

    def of(kind: str) -> Service:
        if kind not in found:
            prepared = prepare(None if kind == "sqlite" else lambda: request.getfixturevalue("postgres"))
            url = prepared.databases.borrow(prepared.world.url)
            store = Store(engine=open_engine(url), now=Clock(), new_id=Ids())
            settings = Settings(**{**SETTINGS, "data_dir": prepared.data_dir, "database_url": url})
            found[kind] = service_of(create_app(settings, store), store, prepared)
            closing.append((prepared, url, store))
        return found[kind]

    yield of
    for service in found.values():
        assert service.administrator.get("/audit/verification").json()["whole"]
        assert service.administrator.get("/districts/D1").json()["version"] == 1
    for prepared, url, store in closing:
        store.engine.dispose()
        prepared.databases.drop(url)


@pytest.mark.parametrize(("database", "bad"), CASES)
def test_bad_input_is_refused_and_nothing_stored(houses: Callable[[str], Service], database: str, bad: Bad) -> None:
    service, body = houses(database), bad.body()
    client, before, memory = getattr(service, bad.who), _rows(service.store), _reset_peak_mb()
    answer = client.request(bad.method, bad.url, content=body, params=bad.params, headers=dict(bad.headers))
    if answer.status_code == 202:
        _check_run(service, bad, answer.json()["run_id"], before)
    else:
        _check_answer(bad, answer)
        assert _rows(service.store) == before
    assert _peak_mb() - memory < MAX_GROWTH_MB


def _rows(store: Store) -> dict[str, int]:
    """Return the number of rows of every table."""
    with store.reading() as connection:
        return dict(connection.execute(_COUNTED).mappings().one())


def _check_answer(bad: Bad, answer: httpx2.Response) -> None:
    assert 400 <= answer.status_code < 500, answer.text[:2000]
    assert answer.headers["content-type"] == "application/problem+json"
    assert bad.status in (None, answer.status_code), answer.text[:2000]
    _check_problem(bad, answer.json())


def _check_problem(bad: Bad, problem: dict[str, Any]) -> None:
    assert problem["code"] not in ("internal", "unavailable", "worker_lost"), problem
    assert bad.code in (None, problem["code"])
    if bad.place is not None:
        assert bad.place in [(p["table"], p["row"], p["column"]) for p in problem.get("problems", [])], problem


def _check_run(service: Service, bad: Bad, run_id: str, before: dict[str, int]) -> None:
    """Check that a run fails with the problem, and that it has left nothing but itself."""
    carry_out_all(service)
    run = service.administrator.get(f"/runs/{run_id}").json()
    assert run["state"] == "failed", run
    _check_problem(bad, run["problem"]["en"])
    left = {table: n - before[table] for table, n in _rows(service.store).items() if n != before[table]}
    assert left.pop("upload_pieces") >= 1
    assert left == {"runs": 1, "uploads": 1, "audit": 2}, "that it was started, and that it ended"


def _reset_peak_mb() -> float:
    """Forget the greatest memory so far, where the system can, and return what it is then."""
    with suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5")
    return _peak_mb()


def _peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


# --- files without end -----------------------------------------------------------------------------------------------


def _endless(size_mb: int, piece: bytes) -> Iterator[bytes]:
    block = piece * (MB // len(piece))
    return (block for _ in range(size_mb))


@ON_ONE_DATABASE
@pytest.mark.parametrize(
    ("url", "media_type", "params"),
    [
        ("/imports", CSV, {"table": "districts"}),
        ("/imports", XLSX, {"table": "districts"}),
        ("/imports", ZIP, {"horizon_id": "2027Q1"}),
        ("/schedules", ZIP, {"horizon_id": HORIZON, "area_id": "S1"}),
        ("/plans", CSV, {"horizon_id": HORIZON}),
        ("/plans", "application/json", {}),
        ("/districts", "application/json", {}),
    ],
)
def test_a_file_of_100_mb_is_refused_as_it_comes(
    make_service: Callable[..., Service], url: str, media_type: str, params: dict[str, str], tmp_path: Path
) -> None:
    service = make_service(max_upload_mb=64, data_dir=tmp_path)
    client, before, memory = service.administrator, _rows(service.store), _reset_peak_mb()
    for headers in ({}, {"Content-Length": str(100 * MB)}):
        content = _endless(100, b"PK\x03\x04,a\nx" * 2)
        answer = client.post(url, params=params, content=content, headers={"Content-Type": media_type, **headers})
        assert (answer.status_code, answer.json()["code"]) == (413, "too_large")
    assert _rows(service.store) == before
    assert [p for p in tmp_path.rglob("*") if p.is_file() and p.stat().st_size] == []
    assert _peak_mb() - memory < 40


@ON_ONE_DATABASE
def test_a_file_of_100_mb_that_is_taken_in_is_read_without_much_more(make_service: Callable[..., Service]) -> None:
    service = make_service(max_upload_mb=128)
    before, memory = _rows(service.store), _reset_peak_mb()
    sent = {"params": {"table": "districts"}, "headers": {"Content-Type": CSV}}
    answer = service.administrator.post("/imports", content=_endless(100, b"district_id,name\n"), **sent)
    assert answer.status_code == 202
    assert _peak_mb() - memory < 40  # it went to the disk, and to the database
    bad = Bad(name="", url="/imports", place=("districts", None, None))
    _check_run(service, bad, answer.json()["run_id"], before)
    assert _peak_mb() - memory < 600


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
    before, memory = _rows(service.store), _reset_peak_mb()
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
    assert _rows(service.store) == before
    assert _peak_mb() - memory < MAX_GROWTH_MB


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
