"""An enterprise at its phone and its desk: login, the coming visit, a slot, past visits, complaint and rating."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select

from api.store.enterprise_tables import ratings
from tests.api.service.test_enterprise_side import enter
from tests.browser.conftest import DESKTOP, PHONE, Visitor

Visitors = Callable[..., Visitor]
SIZES = pytest.mark.parametrize(("name", "size"), [("phone", PHONE), ("desktop", DESKTOP)])


@SIZES
def test_every_page_is_sound_at_its_size(visitor: Visitors, name: str, size: dict[str, int]) -> None:
    someone = visitor(size)
    for path, picture in (
        ("/login", f"login-{name}"),
        ("/complaint/new", f"complaint-{name}"),
        ("/complaint/follow", None),
        ("/enterprise", None),
    ):
        someone.open(path)
        someone.looked_at(picture)
    someone.log_in("enterprise_e1")
    assert someone.page.url.endswith("/enterprise")
    assert "市场监管局" in someone.page.locator("article").inner_text()
    for path, picture in (
        ("/enterprise", f"coming-{name}"),
        (f"/enterprise/slot?visit={someone.site.visit['visit_id']}", f"slot-{name}"),
        ("/enterprise/past", f"past-{name}"),
        ("/enterprise/rating?door=V1%202026-08-20", f"rating-{name}"),
        ("/enterprise/guidance", None),
        ("/enterprise/complaint", None),
        ("/enterprise/none", None),
    ):
        someone.open(path)
        someone.looked_at(picture)


@SIZES
def test_what_is_pressed_is_large_enough(visitor: Visitors, name: str, size: dict[str, int]) -> None:
    someone = visitor(size)
    someone.log_in("enterprise_e1")
    for path in ("/enterprise", "/enterprise/complaint", "/enterprise/past"):
        someone.open(path)
        for target in someone.page.locator("button, a:not(.skip), input[type=text], textarea, .option").all():
            box: Any = target.bounding_box()
            assert box["height"] >= 44, target.inner_text()


def test_a_slot_is_chosen_and_shown(visitor: Visitors) -> None:
    someone = visitor(PHONE)
    someone.log_in("enterprise_e1")
    someone.page.get_by_role("link", name="选择其他时段").click()
    options = someone.page.locator("option").all_inner_texts()
    someone.page.locator("select").select_option(options[-1])
    someone.page.get_by_role("button", name="提交").click()
    someone.page.wait_for_url("**/enterprise")
    assert options[-1] in someone.page.locator("article").inner_text()
    assert [p["date"] for p in someone.site.service.planner.every("/preferred_pins")] == [options[-1].split()[0]]


def test_a_complaint_is_filed_without_a_login_and_followed_by_its_receipt(visitor: Visitors) -> None:
    someone = visitor(PHONE)
    someone.open("/complaint/new")
    someone.page.get_by_label("入企未扫码").check()
    someone.page.get_by_label("情况说明").fill("两人入企，未扫码。<script>alert(1)</script>")
    someone.page.get_by_role("button", name="提交").click()
    receipt = someone.page.locator("#receipt").inner_text()
    someone.looked_at("receipt-phone")
    [filed] = someone.site.service.supervisor.every("/complaints")
    said = {"answer": "已责令补录。"}
    answer = someone.site.service.supervisor.put(f"/complaints/{filed['complaint_id']}/answer", json=said)
    assert answer.status_code == 200
    someone.open("/complaint/follow")
    someone.page.get_by_label("受理凭证").fill(receipt)
    someone.page.get_by_role("button", name="提交").click()
    assert "已责令补录。" in someone.page.locator("main").inner_text()
    assert receipt not in someone.page.url
    someone.looked_at()


def test_a_visit_is_rated_by_keyboard_alone(visitor: Visitors) -> None:
    someone = visitor(DESKTOP)
    enter(someone.site.service, "N9", date="2026-07-01")
    someone.log_in("enterprise_e1")
    someone.open("/enterprise/rating?door=N9")
    keys = someone.page.keyboard
    keys.press("Tab")
    assert someone.page.evaluate("document.activeElement.className") == "skip"
    keys.press("Enter")
    for _ in range(4):
        keys.press("Tab")
        outline = someone.page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
        assert outline == "solid"
        keys.press("Space")
    keys.press("Tab")
    keys.type("good")
    keys.press("Tab")
    keys.press("Enter")
    someone.page.wait_for_url("**/enterprise/thanks")
    someone.looked_at()
    with someone.site.service.store.reading() as connection:
        [row] = connection.execute(select(ratings).where(ratings.c.month == "2026-07")).mappings().all()
    assert (row["scores"], row["comment"]) == (dict.fromkeys(("identity", "code", "conduct", "time"), 5), "good")


def test_english_is_spoken_to_an_english_browser_and_chinese_on_request(visitor: Visitors) -> None:
    someone = visitor(PHONE, locale="en-US")
    someone.log_in("enterprise_e1")
    assert someone.page.locator("h1").inner_text() == "Coming visits"
    assert someone.page.locator("html").get_attribute("lang") == "en"
    someone.looked_at("coming-english-phone")
    someone.page.get_by_role("button", name="中文").click()
    assert someone.page.locator("h1").inner_text() == "即将检查"
    someone.page.reload()
    assert someone.page.locator("html").get_attribute("lang") == "zh-CN"


def test_a_session_ends_with_logout(visitor: Visitors) -> None:
    someone = visitor()
    someone.log_in("enterprise_e1")
    someone.page.get_by_role("button", name="退出").click()
    someone.page.wait_for_url("**/login")
    someone.open("/enterprise")
    assert someone.page.locator("h1").inner_text() == "需要身份验证"


def test_a_wrong_key_is_told_in_a_summary_that_leads_to_its_field(visitor: Visitors) -> None:
    someone = visitor(PHONE)
    someone.open("/login")
    someone.page.locator("#f-key").fill("ov_wrong")
    someone.page.locator("main button").click()
    someone.looked_at()
    someone.page.get_by_role("alert").get_by_role("link").click()
    assert someone.page.evaluate("document.activeElement.id") == "f-key"
