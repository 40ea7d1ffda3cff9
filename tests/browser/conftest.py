"""A service with a published plan on a socket of loopback, and a browser that reaches nothing else.

``ONEVISIT_SCREENSHOTS=docs/pages pytest tests/browser`` takes the pictures of the documentation again.
"""

from __future__ import annotations

import os
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from anyio.from_thread import start_blocking_portal
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from api.app import create_app
from api.settings import Settings
from api.store import migrate
from api.store.database import open_engine
from api.store.work import Store
from tests.api.service.client import Client
from tests.api.service.conftest import SETTINGS
from tests.api.service.test_enterprise_side import enter, publish
from tests.api.service.world import ACCOUNTS, Clock, Ids, Service, bearer, open_accounts, seed

PHONE = {"width": 360, "height": 740}
DESKTOP = {"width": 1280, "height": 900}
_PATIENCE_S = 30
_FLAGS = ["--no-sandbox", "--disable-background-networking", "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"]
_PICTURES = os.environ.get("ONEVISIT_SCREENSHOTS")


@dataclass(frozen=True, kw_only=True)
class Site:
    """A service under an address, the keys of its accounts, and the announced visit at E1."""

    address: str
    service: Service
    keys: dict[str, str]
    visit: dict[str, Any]


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A service in which E1 has a visit ahead and one behind it."""
    with inhabited(tmp_path_factory.mktemp("site")) as found:
        enter(found.service, "N1", visit_id="V1")
        enter(found.service, "N2", "A2", "advice", visit_id="V1", scan_status="late")
        yield found


@contextmanager
def inhabited(folder: Path) -> Iterator[Site]:
    """Serve a world of its own, with a published plan of street S1."""
    url = f"sqlite:///{folder / 'site.db'}"
    engine = open_engine(url)
    migrate.upgrade(engine)
    store = Store(engine=engine, now=Clock(), new_id=Ids())
    keys = open_accounts(store)
    app = create_app(Settings(**{**SETTINGS, "data_dir": folder, "database_url": url}), store)
    with start_blocking_portal() as portal:
        clients = {name: Client(app, portal, bearer(keys[name])) for name in ACCOUNTS}
        service = Service(app=app, store=store, anonymous=Client(app, portal), **clients)
        seed(service.administrator)
        visit = publish(service)
        with serving(app) as address:
            yield Site(address=address, service=service, keys=keys, visit=visit)
    engine.dispose()


@contextmanager
def serving(app: Any) -> Iterator[str]:
    """Serve an application on loopback from a thread, and end it with the block."""
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=0, log_level="warning"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    until = time.monotonic() + _PATIENCE_S
    while not server.started:
        assert thread.is_alive(), "the server does not start"
        assert time.monotonic() < until, "the server takes too long to start"
        time.sleep(0.02)
    yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    server.should_exit = True
    thread.join(_PATIENCE_S)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """The browser; without it tests are passed over, but never in CI."""
    program = shutil.which("chromium")
    if program is None:
        if os.environ.get("CI") == "true":
            pytest.fail("no chromium")
        pytest.skip("no chromium: apt-get install chromium fonts-noto-cjk")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=_FLAGS)
        yield browser
        browser.close()


@dataclass
class Visitor:
    """Somebody at a browser: what is asked of the network is kept, and a page is looked at for faults."""

    page: Page
    site: Site
    requested: list[str] = field(default_factory=list)

    def open(self, path: str) -> None:
        self.page.goto(self.site.address + path)

    def log_in(self, account: str) -> None:
        self.open("/login")
        self.page.locator("#f-key").fill(self.site.keys[account])
        self.page.locator("main button").click()

    def looked_at(self, picture: str | None = None) -> None:
        """The page has no serious fault, does not scroll sideways, and asked nobody else; a picture may be taken."""
        found = Axe().run(self.page).response["violations"]
        assert [(v["id"], v["nodes"][0]["html"]) for v in found if v["impact"] in ("serious", "critical")] == []
        width = self.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert width == 0
        assert [u for u in self.requested if not u.startswith((self.site.address, "data:"))] == []
        if picture is not None and _PICTURES:
            Path(_PICTURES).mkdir(parents=True, exist_ok=True)
            self.page.screenshot(path=Path(_PICTURES) / f"{picture}.png")


@pytest.fixture
def visitor(chromium: Browser, site: Site) -> Iterator[Callable[..., Visitor]]:
    """Makes visitors: of a size and a language, each with a browser profile of its own."""
    opened: list[BrowserContext] = []

    def make(size: dict[str, int] = DESKTOP, locale: str = "zh-CN") -> Visitor:
        context = chromium.new_context(viewport=size, locale=locale)  # type: ignore[arg-type]
        opened.append(context)
        context.set_default_timeout(1000 * _PATIENCE_S)
        made = Visitor(page=context.new_page(), site=site)
        context.on("request", lambda request: made.requested.append(request.url))
        return made

    yield make
    for context in opened:
        context.close()
