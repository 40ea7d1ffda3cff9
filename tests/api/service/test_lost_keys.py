"""Whoever holds the database can let himself in again."""

from __future__ import annotations

from pathlib import Path

import pytest

from api.access.caller import Role
from api.access.keys import caller_of_key
from api.serving import open_store
from api.settings import Settings
from api.store.audit import verify
from tests.api.conftest import Onevisit
from tests.api.service.conftest import ON_ONE_DATABASE
from tests.api.service.world import Service


@ON_ONE_DATABASE
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_an_administrator_is_made_on_the_command_line(service: Service, onevisit: Onevisit, lang: str) -> None:
    address = service.store.engine.url.render_as_string(hide_password=False)
    said = onevisit("--lang", lang, "db", "administrator", "--database", address)
    assert said.code == 0
    key = said.out.split()[-1]
    with service.store.reading() as connection:
        caller = caller_of_key(connection, key, service.store.instant())
        assert verify(connection).whole
    assert caller is not None
    assert caller.role is Role.ADMINISTRATOR
    assert service.anonymous.get("/accounts", headers={"X-API-Key": key}).status_code == 200
    assert [e["actor"] for e in service.audit_log(action="key.issue")][-1] == "system"


def test_none_is_made_where_there_is_no_database(onevisit: Onevisit, tmp_path: Path) -> None:
    said = onevisit("--lang", "en", "db", "administrator", "--data-dir", str(tmp_path))
    assert said.code != 0
    assert "no database" in said.err
    open_store(Settings(data_dir=tmp_path))
    assert onevisit("db", "administrator", "--data-dir", str(tmp_path)).code == 0
