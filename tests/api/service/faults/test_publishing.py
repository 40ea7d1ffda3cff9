"""Publishing when servers are killed and clients race: every version once, one schedule in force for each street."""

from __future__ import annotations

import random
import threading
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import count

import httpx2
import pytest
from sqlalchemy import select

from api.cli import main
from api.store.schema import publications, streets
from tests.api.service.faults.drafts import solve_streets, upload
from tests.api.service.faults.site import Server, Site
from tests.api.service.faults.whole import assert_whole

KILLS = 3


@pytest.fixture(scope="module")
def _solved() -> dict[str, bytes]:
    return {}


@pytest.fixture
def solved(site: Site, _solved: dict[str, bytes], tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    if not _solved:
        store = site.store
        with store.reading() as connection:
            ids = connection.scalars(select(streets.c.street_id)).all()
        _solved.update(solve_streets(store, ids, tmp_path_factory.mktemp("solved")))
        store.engine.dispose()
    return _solved


def publish(server: Server, schedule_id: str) -> httpx2.Response:
    return server.http.post(f"/schedules/{schedule_id}/publication")


def publish_until_killed(server: Server, solved: dict[str, bytes], street: str, begun: threading.Event) -> list[str]:
    """Publish draft after draft of a street, and return those that the server said were published."""
    published = []
    try:
        while True:
            schedule_id = upload(server, solved, street)
            if published:
                begun.set()
            answer = publish(server, schedule_id)
            assert answer.status_code == 201, answer.text
            published.append(schedule_id)
    except httpx2.TransportError:
        return published


def test_a_server_killed_while_it_publishes_leaves_every_version_whole(site: Site, solved: dict[str, bytes]) -> None:
    moments, said = random.Random(1), set()
    with ThreadPoolExecutor(len(solved)) as pool:
        for _ in range(KILLS):
            server, begun = site.start(), threading.Event()
            clients = [pool.submit(publish_until_killed, server, solved, street, begun) for street in solved]
            begun.wait(60)
            threading.Event().wait(moments.uniform(0, 0.4))
            server.kill()
            said |= {schedule_id for client in clients for schedule_id in client.result()}
            assert_whole(site.store)
    with site.store.reading() as connection:
        stored = set(connection.scalars(select(publications.c.schedule_id)))
    assert said <= stored
    assert len(stored) > KILLS
    assert main(["db", "check", "--database", site.database]) == 0


def test_of_clients_that_publish_at_once_one_succeeds(site: Site, solved: dict[str, bytes]) -> None:
    server, street = site.start(), next(iter(solved))
    versions = count(1)
    with ThreadPoolExecutor(2) as pool:

        def both(first: str, second: str) -> httpx2.Response:
            """Publish twice at once and return the answer to the one that came second."""
            answers = sorted(pool.map(partial(publish, server), (first, second)), key=lambda a: a.status_code)
            assert [a.status_code for a in answers] == [201, 409], [a.text for a in answers]
            assert answers[0].json()["version"] == next(versions)
            return answers[1]

        for _ in range(3):
            draft = upload(server, solved, street)
            assert both(draft, draft).json()["code"] == "wrong_state"
            refused = both(upload(server, solved, street), upload(server, solved, street)).json()
            assert refused["code"] == "stale"
            assert refused["published_since"]
            assert_whole(site.store)
