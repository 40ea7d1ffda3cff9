"""Sends bad requests, and checks that they are refused, that nothing is stored, and that memory is bounded."""

from __future__ import annotations

import resource
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx2
import pytest
from sqlalchemy import func, select

from api.app import create_app
from api.settings import Settings
from api.store.database import open_engine
from api.store.metadata import METADATA
from api.store.work import Store
from tests.api.service.bad.cases import Bad
from tests.api.service.carrying import carry_out_all
from tests.api.service.conftest import SETTINGS, Prepared, service_of
from tests.api.service.world import Clock, Ids, Service

MAX_GROWTH_MB = 150
"""By which the memory of one case may grow, whatever is in it."""
Houses = Callable[[str], Service]
_COUNTED = select(
    *(select(func.count()).select_from(t).scalar_subquery().label(name) for name, t in METADATA.tables.items())
)


def open_houses(prepare: Callable[..., Prepared], request: pytest.FixtureRequest) -> Iterator[Houses]:
    """Yield what returns a service on a kind of database, one for all cases: none of them changes anything."""
    found: dict[str, tuple[Service, Prepared, str]] = {}

    def of(kind: str) -> Service:
        if kind not in found:
            prepared = prepare(None if kind == "sqlite" else lambda: request.getfixturevalue("postgres"))
            url = prepared.databases.borrow(prepared.world.url)
            store = Store(engine=open_engine(url), now=Clock(), new_id=Ids())
            settings = Settings(**{**SETTINGS, "data_dir": prepared.data_dir, "database_url": url})
            found[kind] = service_of(create_app(settings, store), store, prepared), prepared, url
        return found[kind][0]

    yield of
    for service, prepared, url in found.values():
        assert service.administrator.get("/audit/verification").json()["whole"]
        assert service.administrator.get("/districts/D1").json()["version"] == 1
        service.engine.dispose()
        prepared.databases.drop(url)


def check_refused(service: Service, bad: Bad) -> None:
    """Send a request, and check that it is refused, or taken in as a run that fails, and that nothing else is left."""
    body = bad.body()
    client, before, memory = getattr(service, bad.who), rows_of(service.store), reset_peak_mb()
    answer = client.request(bad.method, bad.url, content=body, params=bad.params, headers=dict(bad.headers))
    if answer.status_code == 202:
        check_failed(service, bad, answer.json()["run_id"], before)
    else:
        _check_answer(bad, answer)
        assert rows_of(service.store) == before
    assert peak_mb() - memory < MAX_GROWTH_MB


def check_failed(service: Service, bad: Bad, run_id: str, before: dict[str, int]) -> None:
    """Carry out a run, and check that it fails as it must, and that it has left nothing but itself."""
    carry_out_all(service)
    run = service.administrator.get(f"/runs/{run_id}").json()
    assert run["state"] == "failed", run
    _check_problem(bad, run["problem"]["en"])
    left = {table: n - before[table] for table, n in rows_of(service.store).items() if n != before[table]}
    assert left.pop("upload_pieces") >= 1
    assert left == {"runs": 1, "uploads": 1, "audit": 2}, "that it was started, and that it ended"


def rows_of(store: Store) -> dict[str, int]:
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


def reset_peak_mb() -> float:
    """Forget the greatest memory so far, where the system can, and return what it is then."""
    with suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5")
    return peak_mb()


def peak_mb() -> float:
    """Return the greatest memory so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
