"""Two servers on one PostgreSQL: they start at once on an empty database, and share runs and data."""

from __future__ import annotations

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import func, select

from api.store.schema import accounts, api_keys
from api.store.work import Store
from tests.api.service.faults.conftest import pack
from tests.api.service.faults.site import Site
from tests.api.service.faults.whole import assert_whole
from tests.api.service.world import bearer

pytestmark = pytest.mark.parametrize("prepared", ["postgresql"], indirect=True)


def counted(store: Store, *tables: object) -> list[int]:
    with store.reading() as connection:
        return [connection.execute(select(func.count()).select_from(t)).scalar_one() for t in tables]  # type: ignore[arg-type]


def test_servers_that_start_at_once_share_everything(
    new_database: Callable[[], str], city: Path, tmp_path: Path
) -> None:
    sites = [Site(new_database(), tmp_path / "a", "")]
    sites.append(Site(sites[0].database, tmp_path / "b", ""))
    for site in sites:
        site.data_dir.mkdir()
    try:
        _share(sites, pack(city))
    finally:
        for site in sites:
            site.kill_all()


def _share(sites: list[Site], case: bytes) -> None:
    store = sites[0].store
    with ThreadPoolExecutor(2) as pool:
        servers = list(pool.map(lambda site: site.start(), sites))
    keys = [word for server in servers for word in server.printed.split() if word.startswith("ov_")]
    assert (len(keys), counted(store, accounts, api_keys)) == (1, [1, 1])
    for server in servers:
        server.http.headers.update(bearer(keys[0]))
    one, other = servers

    imported = one.ended_run(one.start_import(case, "Q"))
    assert imported["state"] == "succeeded"
    assert one.ask("GET", "/enterprises") == other.ask("GET", "/enterprises")

    begun = [server.start_run(iterations=50, seed=n) for n, server in enumerate(servers)]
    for run_id in begun:
        found = other.ended_run(run_id)
        assert (found["state"], found["attempts"]) == ("succeeded", 1)
        assert one.run(run_id) == found
    shares = [carried_out(site) for site in sites]
    assert sorted(shares[0] + shares[1]) == sorted([imported["run_id"], *begun])
    assert all(shares)
    assert_whole(store)


def carried_out(site: Site) -> list[str]:
    """Return the runs whose processes a server has started, from its log."""
    lines = (site.data_dir / "1.err").read_text("utf-8").splitlines()
    entries = [json.loads(line) for line in lines if line.startswith("{")]
    return [e["run_id"] for e in entries if e["event"] == "run begins" and "attempt" in e]
