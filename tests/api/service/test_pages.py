"""Pages that all have in common: login with a key, languages, errors, headers."""

from __future__ import annotations

import re
from typing import Any

import pytest

from api.access.keys import issue_key
from tests.api.service.conftest import ON_ONE_DATABASE
from tests.api.service.world import Service

pytestmark = ON_ONE_DATABASE
OURS = {"Sec-Fetch-Site": "same-origin"}


def key_of(service: Service, account_id: str) -> str:
    with service.store.writing("system") as work:
        return issue_key(work, service.store.new_id(), account_id, "page")


def posted(service: Service, path: str, form: dict[str, str], cookies: Any = None, **headers: str) -> Any:
    more = {} if cookies is None else {"Cookie": cookies}
    return service.anonymous.post(path, data=form, headers={**OURS, **more, **headers})


def logged_in(service: Service, account_id: str) -> str:
    """Return the cookie of a session."""
    answer = posted(service, "/login", {"key": key_of(service, account_id)})
    assert answer.status_code == 303, answer.text
    service.anonymous._http.cookies.clear()
    return str(answer.headers["set-cookie"]).partition(";")[0]


def test_a_key_begins_a_session_that_ends_with_logout(service: Service) -> None:
    cookie = logged_in(service, "enterprise_e1")
    assert service.anonymous.get("/home", headers={"Cookie": cookie}).status_code == 200
    answer = posted(service, "/logout", {"leave": "yes"}, cookie)
    assert (answer.status_code, answer.headers["location"]) == (303, "/login")
    assert "onevisit=null" in answer.headers["set-cookie"]
    assert [e["action"] for e in service.audit_log(actor="enterprise_e1")] == ["account.login", "account.logout"]


def test_a_session_ends_when_the_key_that_began_it_is_revoked(service: Service) -> None:
    cookie = {"Cookie": logged_in(service, "enterprise_e1")}
    assert service.anonymous.get("/home", headers=cookie).status_code == 200
    [key] = [k for k in service.administrator.every("/accounts/enterprise_e1/keys") if k["label"] == "page"]
    path = f"/accounts/enterprise_e1/keys/{key['key_id']}"
    assert service.administrator.delete(path).status_code == 204
    assert service.anonymous.get("/home", headers=cookie).status_code == 401


def test_a_wrong_key_is_said_at_its_field_and_not_shown_again(service: Service) -> None:
    answer = posted(service, "/login", {"key": "ov_guess"})
    assert answer.status_code == 422
    assert 'href="#f-key"' in answer.text
    assert 'aria-invalid="true"' in answer.text
    assert "ov_guess" not in answer.text
    assert "set-cookie" not in answer.headers


@pytest.mark.parametrize("site", ["cross-site", "same-site", "none", ""])
def test_a_form_from_elsewhere_is_refused(service: Service, site: str) -> None:
    key = key_of(service, "enterprise_e1")
    answer = service.anonymous.post("/login", data={"key": key}, headers={"Sec-Fetch-Site": site})
    assert answer.status_code == 400
    assert "set-cookie" not in answer.headers


@pytest.mark.parametrize("path", ["//evil.example", "/\\evil.example", "https://evil.example", "/\t/evil.example"])
def test_login_leads_to_no_other_server(service: Service, path: str) -> None:
    answer = posted(service, "/login", {"key": key_of(service, "enterprise_e1"), "next": path})
    assert answer.headers["location"] == "/enterprise"
    assert "evil" not in service.anonymous.get("/login", params={"next": path}).text


def test_a_page_is_in_the_language_of_the_browser_until_another_is_chosen(service: Service) -> None:
    zh = service.anonymous.get("/login")
    en = service.anonymous.get("/login", headers={"Accept-Language": "en"})
    assert '<html lang="zh-CN">' in zh.text
    assert '<html lang="en">' in en.text
    chosen = posted(service, "/language", {"lang": "en", "next": "/login"})
    assert chosen.headers["location"] == "/login"
    assert '<html lang="en">' in service.anonymous.get("/login").text  # by the cookie
    service.anonymous._http.cookies.clear()


def test_errors_of_pages_are_pages_and_those_of_others_are_not(service: Service) -> None:
    page = service.anonymous.get("/home", headers={"Accept": "text/html"})
    assert page.status_code == 401
    assert page.headers["content-type"].startswith("text/html")
    assert 'href="/login?next=/home"' in page.text
    assert service.anonymous.get("/enterprise/none/such").headers["content-type"].startswith("text/html")
    assert service.anonymous.get("/streets", headers={"Accept": "text/html"}).json()["code"] == "unauthenticated"


def test_a_page_may_run_no_script_and_load_nothing_from_elsewhere(service: Service) -> None:
    answer = service.anonymous.get("/login")
    policy = answer.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; style-src 'self'")
    assert "script-src" not in policy
    assert "<script" not in answer.text
    assert not re.search(r'(src|href|action)="(https?:)?//', answer.text)
    assert service.anonymous.get("/pages/style.css").headers["content-type"].startswith("text/css")
