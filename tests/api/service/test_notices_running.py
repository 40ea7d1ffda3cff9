"""Who has notices told: the command, and a server that carries out runs, now and then."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from api.cli import main
from api.notices.telling import tell
from api.operations.backup import backup, restore
from api.runs import dispatcher
from api.settings import Settings
from api.store.database import open_engine
from api.store.metadata import METADATA
from api.store.work import Store
from tests.api.service.conftest import ON_ONE_DATABASE
from tests.api.service.noticing import plan, put_in_force, set_clock, visit
from tests.api.service.world import Service


@ON_ONE_DATABASE
def test_the_command_tells_and_says_how_much(
    service: Service, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    plan(service.store, "X1")
    put_in_force(service.store, 1, [visit("2026-10-20", "X1")])
    set_clock(service.store, "2026-10-15")
    url = service.engine.url.render_as_string(hide_password=False)
    monkeypatch.setattr("api.serving.existing_store", lambda settings: service.store)
    assert main(["notices", "--database", url, "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"ok": True, "told": 1, "sent": 0, "failed": 0, "expired": 0}
    assert main(["notices", "--database", url, "--lang", "zh"]) == 0
    assert "新预告 0 条" in capsys.readouterr().out


@ON_ONE_DATABASE
def test_a_server_tells_not_more_often_than_every_minute_and_one_round_at_a_time(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    seconds, rounds = [1000.0], []
    monkeypatch.setattr(dispatcher.clock, "seconds", lambda: seconds[0])
    monkeypatch.setattr(dispatcher, "carry_out_round", lambda store, settings: rounds.append(seconds[0]))
    serving = dispatcher.Dispatcher(service.app.state.services.settings, service.store)
    for at in (1000, 1030, 1059, 1060, 1061, 1119, 1120):
        seconds[0] = at
        serving._round()
        if serving._telling is not None:
            serving._telling.join()
    assert rounds == [1060, 1120]


def test_notices_come_through_a_backup(service: Service, tmp_path: Path) -> None:
    plan(service.store, "X1")
    put_in_force(service.store, 1, [visit("2026-10-20", "X1")])
    set_clock(service.store, "2026-10-15")
    service.enterprise_e1.put("/contacts/E1", json={"email": "a@example.com"})
    service.enterprise_e1.post("/my/calendar")
    settings = service.app.state.services.settings.model_copy(
        update={"webhook_url": "http://127.0.0.1:9", "webhook_secret": Settings(webhook_secret="x" * 16).webhook_secret}
    )
    assert tell(service.store, settings, 10) == 1
    backup(service.store, tmp_path / "b.zip")
    other = Store(engine=open_engine(f"sqlite:///{tmp_path / 'other.db'}"))
    restore(other, tmp_path / "b.zip")
    for name in ("notices", "deliveries", "contacts", "calendar_feeds"):
        rows = [[tuple(r) for r in _rows(store, name)] for store in (service.store, other)]
        assert rows[0] == rows[1]
        assert len(rows[0]) == 1
    other.engine.dispose()


def _rows(store: Store, name: str) -> list[Any]:
    table = METADATA.tables[name]
    with store.reading() as connection:
        return list(connection.execute(select(table).order_by(*table.primary_key)))
