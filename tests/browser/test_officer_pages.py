"""Officers at the door with a phone: the code read by a decoder, the scan, results, the scan out, their own code."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from datetime import datetime
from urllib.parse import urlsplit

import pytest
import zxingcpp
from PIL import Image

from api.codes.service import printable
from api.codes.sheets import address_of
from tests.api.service.test_codes import _caller as administrator
from tests.browser.conftest import DESKTOP, PHONE, Site, Visitor, inhabited

Visitors = Callable[..., Visitor]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A service on the morning of the visit at E1; A1 has three officers, every enterprise a code."""
    with inhabited(tmp_path_factory.mktemp("door")) as found:
        service = found.service
        for number in (11, 13):
            row = {"officer_id": f"P{number}", "name": f"人员{number}", "certificate_no": f"粤B{number}"}
            validity = {"authority_id": "A1", "valid_from": "2024-01-01", "valid_to": "2028-12-31"}
            assert service.administrator.post("/officers", json={**row, **validity}).status_code == 201
        service.administrator.post("/codes", json={})
        service.clock.at = datetime.fromisoformat(f"{found.visit['date']}T09:00:00+08:00")
        yield found


def _address(site: Site, enterprise_id: str) -> str:
    with site.service.store.reading() as connection:
        settings = site.service.app.state.services.settings
        (found,) = printable(connection, settings, administrator(site.service), enterprise_id, None)
    return address_of(site.address, found.token)


def _read(picture: bytes) -> str:
    """Return what a decoder reads from a picture."""
    (found,) = zxingcpp.read_barcodes(Image.open(io.BytesIO(picture)))
    return str(found.text)


def test_a_visit_from_the_code_on_the_wall_to_the_scan_out(visitor: Visitors, site: Site) -> None:
    owner = visitor(DESKTOP)
    owner.log_in("enterprise_e1")
    owner.open("/codes/own/picture")
    address = _read(owner.page.screenshot())
    assert address == _address(site, "E1")

    officer = visitor(PHONE)
    officer.open(urlsplit(address).path)
    assert "企业1" not in officer.page.content()
    officer.looked_at("code-phone")
    officer.log_in("officer_p1")
    assert officer.page.url.endswith("/officer")
    assert "企业1" in officer.page.locator("article").first.inner_text()
    officer.looked_at("tasks-phone")
    officer.open(urlsplit(address).path)
    officer.looked_at("scan-phone")
    officer.page.get_by_role("button", name="扫码入企").click()
    assert "不得少于 2 人" in officer.page.locator("main").inner_text()
    officer.looked_at("denied-phone")
    officer.open(urlsplit(address).path)
    officer.page.get_by_label("同行执法人员编号").fill("P11")
    officer.page.get_by_role("button", name="扫码入企").click()
    assert "/officer/entries/" in officer.page.url
    officer.looked_at("entry-phone")

    officer.page.get_by_label("限期整改", exact=True).check()
    officer.page.get_by_role("button", name="保存结果").click()
    assert officer.page.get_by_role("alert").is_visible()
    officer.page.get_by_label("整改期限").fill("2026-12-31")
    officer.page.get_by_role("button", name="保存结果").click()
    assert "已记录: 限期整改 2026-12-31" in officer.page.locator("main").inner_text()

    _shows_who_stands_there(visitor, officer)
    entry = site.service.supervisor.every("/entries", enterprise_id="E1")[-1]
    officer.open(f"/officer/entries/{entry['entry_id']}")
    officer.page.get_by_role("button", name="离场扫码").click()
    assert "已离场" in officer.page.locator("main").inner_text()
    assert site.service.supervisor.get(f"/entries/{entry['entry_id']}").json()["state"] == "closed"


def _shows_who_stands_there(visitor: Visitors, officer: Visitor) -> None:
    """The officer shows a code, and the enterprise reads who it is and what is inspected."""
    officer.open("/officer/code")
    officer.page.get_by_role("button", name="生成亮码").click()
    officer.looked_at("officer-code-phone")
    shown = _read(officer.page.locator("img.qr").screenshot())
    anybody = visitor(PHONE)
    anybody.open(urlsplit(shown).path)
    assert "粤B00001" in anybody.page.locator("main").inner_text()
    assert "X1" not in anybody.page.locator("main").inner_text()
    enterprise = visitor(PHONE, "en-US")
    enterprise.log_in("enterprise_e1")
    enterprise.open(urlsplit(shown).path)
    enterprise.page.get_by_role("button", name="See the items").click()
    assert "X1" in enterprise.page.locator("main").inner_text()
    enterprise.looked_at("identity-phone")


def test_a_code_that_is_none_of_ours_is_a_page_that_says_so(visitor: Visitors) -> None:
    someone = visitor(PHONE)
    for path in ("/c/nothing", "/o/nothing"):
        someone.open(path)
        assert "码无效" in someone.page.locator("h1").inner_text()
        someone.looked_at()
