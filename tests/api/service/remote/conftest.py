"""A server in a process of its own, with a small city in it, for the commands ``onevisit remote``."""

from __future__ import annotations

import csv
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any

import httpx2
import pytest

from api.cli import main
from api.remote import client
from tests.api.service.processes import ServerProcess, running_server
from tests.api.service.wire import Wire, wire_to

IMPORTED = "2026Q4"
SOON = ("--iterations", "60")


@dataclass(frozen=True, kw_only=True)
class City:
    """A server whose registers hold a case, and what a test needs of it."""

    server: ServerProcess
    case: Path
    street: str
    http: httpx2.Client
    numbers: Iterator[int] = field(default_factory=count)

    def horizon(self) -> str:
        """Open a horizon without any plan in it."""
        config = tomllib.loads((self.case / "case.toml").read_text("utf-8"))
        dates = {k: str(config["horizon"][k]) for k in ("start", "end")}
        horizon_id = f"H{next(self.numbers)}"
        body = {
            "horizon_id": horizon_id, "name": "x", **dates, "closing_date": "2099-12-31", "calendar": "CN",
            "shifts": config["shift"], "caps": config["cap"],
            **{k: config[k] for k in ("visit", "travel", "priority")},
        }  # fmt: skip
        self.ask("POST", "/horizons", json=body)
        return horizon_id

    def rows(self, authority: str | None = None) -> list[dict[str, str]]:
        """Return items of the case, of one authority."""
        with (self.case / "items.csv").open(encoding="utf-8") as file:
            return [r for r in csv.DictReader(file) if authority in (None, r["authority_id"])]

    @property
    def authority(self) -> str:
        """The authority with most items."""
        names = [r["authority_id"] for r in self.rows()]
        return max(sorted(set(names)), key=names.count)

    def ask(self, method: str, path: str, **more: Any) -> Any:
        answer = self.http.request(method, path, **more)
        assert answer.is_success, answer.text
        return answer.json() if answer.content else None

    def plans(self, horizon_id: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.ask("GET", "/plans", params={"horizon_id": horizon_id})["items"]
        return found

    def key_of(self, **account: Any) -> str:
        """Return a key of a new account."""
        made = self.ask("POST", "/accounts", json={"name": "x", **account})
        return str(self.ask("POST", f"/accounts/{made['account_id']}/keys", json={"label": "x"})["key"])


@pytest.fixture(scope="module")
def city(case: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[City]:
    with running_server(tmp_path_factory.mktemp("served") / "data") as server:
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("ONEVISIT_KEY", server.key)
            words = ["remote", "import", str(case), "--horizon", IMPORTED, "--approve", "--server", server.url]
            assert main([*words, "--lang", "en"]) == 0
        with (case / "streets.csv").open(encoding="utf-8") as file:
            street = next(csv.DictReader(file))["street_id"]
        with httpx2.Client(base_url=server.url, headers={"Authorization": f"Bearer {server.key}"}) as http:
            yield City(server=server, case=case, street=street, http=http)


@pytest.fixture(autouse=True)
def _at_the_server(city: City, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ONEVISIT_SERVER", city.server.url)
    monkeypatch.setenv("ONEVISIT_KEY", city.server.key)
    monkeypatch.setattr(client, "Pace", partial(client.Pace, first_s=0.05))


@pytest.fixture
def wire(city: City, monkeypatch: pytest.MonkeyPatch) -> Iterator[Wire]:
    """The way to the server for this test."""
    with wire_to(city.server.port) as found:
        monkeypatch.setenv("ONEVISIT_SERVER", found.url)
        yield found


def as_csv(path: Path, rows: list[dict[str, str]]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(rows)
    return path


@pytest.fixture
def plan(city: City, tmp_path: Path) -> Path:
    """The items of one authority."""
    return as_csv(tmp_path / "plan.csv", city.rows(city.authority))
