"""Login of people: the whole way over a real provider, and everything that may be wrong with who comes back."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest
from joserfc import jwt
from pydantic import SecretStr
from sqlalchemy import select, update

from api.access.oidc import FIRST_PAGE
from api.app import create_app
from api.settings import Settings
from api.store.schema import accounts
from tests.api.service.client import HOST, Client
from tests.api.service.identity import (
    CLIENT_ID,
    CLIENT_SECRET,
    Claims,
    Identity,
    at_provider,
    begin,
    log_in,
    running_identity,
)
from tests.api.service.world import Service

SAME = {"Sec-Fetch-Site": "same-origin"}
MAIL = "li.si@example.gov.cn"


@pytest.fixture(scope="module")
def running() -> Iterator[Identity]:
    with running_identity() as found:
        yield found


@pytest.fixture
def identity(running: Identity) -> Identity:
    fresh = Identity(address=running.address)
    for name in ("person", "change", "sign", "metadata", "userinfo", "key", "tokens_given"):
        setattr(running, name, getattr(fresh, name))
    return running


@pytest.fixture
def serving(make_service: Callable[..., Service], identity: Identity, tmp_path: Path) -> Callable[..., Service]:
    def make(**more: Any) -> Service:
        secret = SecretStr(CLIENT_SECRET)
        provider = {"oidc_issuer": identity.address, "oidc_client_id": CLIENT_ID, "oidc_client_secret": secret}
        return make_service(**{**provider, "data_dir": tmp_path / "data", **more})

    return make


@pytest.fixture
def service(serving: Callable[..., Service]) -> Service:
    return serving()


def _browser(service: Service) -> Client:
    return Client(service.app, service.anonymous.portal)


def _bind(service: Service, account_id: str, subject: str | None) -> None:
    with service.engine.begin() as connection:
        connection.execute(update(accounts).where(accounts.c.account_id == account_id).values(subject=subject))


def _subject_of(service: Service, account_id: str) -> str | None:
    with service.store.reading() as connection:
        return connection.execute(select(accounts.c.subject).where(accounts.c.account_id == account_id)).scalar_one()


def _session(answer: httpx2.Response) -> dict[str, Any]:
    """Return what the cookie of an answer holds."""
    value = answer.headers["set-cookie"].split(";")[0].partition("=")[2].split(".")[0]
    found: dict[str, Any] = json.loads(base64.b64decode(value))
    return found


def test_a_person_logs_in_works_and_logs_out(service: Service, identity: Identity) -> None:
    _bind(service, "planner", f"{identity.address} u1")
    browser = _browser(service)
    assert browser.get("/me").status_code == 401
    answer = log_in(browser, "/auth/login?next=/docs?x=1%23plans")
    assert (answer.status_code, answer.headers["location"]) == (303, "/docs?x=1#plans")
    assert _session(answer) == {"account_id": "planner"}
    assert browser.get("/me").json()["account_id"] == "planner"
    assert browser.get("/accounts").status_code == 403
    assert browser.post("/auth/logout", headers=SAME).status_code == 204
    assert browser.get("/me").status_code == 401
    actions = [(e["action"], e["actor"], e["object"]) for e in service.audit_log() if "account.log" in e["action"]]
    assert actions == [(f"account.{a}", "planner", "accounts/planner") for a in ("login", "logout")]
    assert service.supervisor.get("/audit/verification").json()["whole"]


def test_what_is_sent_to_the_provider(service: Service, identity: Identity) -> None:
    browser = _browser(service)
    first, second = (urlsplit(begin(browser)) for _ in range(2))
    assert f"{first.scheme}://{first.netloc}{first.path}" == f"{identity.address}/authorize"
    sent, again = (parse_qs(a.query) for a in (first, second))
    assert sent["redirect_uri"] == [f"{HOST}/auth/callback"]
    assert sent["code_challenge_method"] == ["S256"]
    for name in ("state", "nonce", "code_challenge"):
        assert len(sent[name][0]) >= 20
        assert sent[name] != again[name]


def test_the_public_address_is_where_people_come_back_to(serving: Callable[..., Service]) -> None:
    service = serving(public_url="https://visit.example/")
    answer = _browser(service).get("/auth/login", headers={"Host": "evil.example"})
    assert parse_qs(urlsplit(answer.headers["location"]).query)["redirect_uri"] == [
        "https://visit.example/auth/callback"
    ]
    name, *flags = answer.headers["set-cookie"].lower().split("; ")
    assert name.startswith("__host-onevisit=")
    assert {"secure", "httponly", "samesite=lax", "path=/", "max-age=28800"} <= set(flags)


def test_a_verified_address_binds_its_account_once(service: Service, identity: Identity) -> None:
    _bind(service, "office_s1", MAIL)
    identity.person = {"sub": "u7", "email": "Li.Si@example.gov.cn", "email_verified": True}
    browser = _browser(service)
    assert log_in(browser).status_code == 303
    assert browser.get("/me").json()["account_id"] == "office_s1"
    assert _subject_of(service, "office_s1") == f"{identity.address} u7"
    [entry] = service.audit_log(action="accounts.bind")
    assert (entry["actor"], entry["before"]["subject"], entry["after"]["version"]) == ("office_s1", MAIL, 2)
    identity.person = {"sub": "u8", "email": MAIL, "email_verified": True}
    assert log_in(_browser(service)).status_code == 403
    identity.person = {"sub": "u7"}
    assert log_in(_browser(service)).status_code == 303
    assert len(service.audit_log(action="accounts.bind")) == 1


def test_an_address_may_be_told_at_the_userinfo_endpoint(service: Service, identity: Identity) -> None:
    _bind(service, "office_s1", MAIL)
    identity.userinfo = {"sub": "u2", "email": MAIL, "email_verified": True}
    assert log_in(_browser(service)).json()["code"] == "login_failed"  # of somebody else
    assert _subject_of(service, "office_s1") == MAIL
    identity.person = {"sub": "u2"}
    assert log_in(_browser(service)).status_code == 303


@pytest.mark.parametrize(
    "claims",
    [
        {},
        {"email": MAIL},
        {"email": MAIL, "email_verified": False},
        {"email": MAIL, "email_verified": "true"},
        {"email": [MAIL], "email_verified": True},
        {"email": "", "email_verified": True},
        {"email": None, "email_verified": True},
        {"email": f"{MAIL} ", "email_verified": True},
        {"email": "li.si@example.gov.cn".replace("i", "İ"), "email_verified": True},
        {"email": "\u212a@example.cn", "email_verified": True},  # the sign of kelvin
    ],
)
def test_whoever_has_no_account_is_told_their_subject_and_kept_out(
    service: Service, identity: Identity, claims: Claims
) -> None:
    _bind(service, "office_s1", MAIL)
    _bind(service, "office_s2", "k@example.cn")
    identity.person = {"sub": "stranger", **claims}
    browser = _browser(service)
    answer = log_in(browser)
    assert (answer.status_code, answer.json()["code"]) == (403, "no_account")
    assert answer.json()["subject"] == f"{identity.address} stranger"
    assert browser.get("/me").status_code == 401
    assert not [e for e in service.audit_log() if e["action"] in ("account.login", "accounts.bind")]


def test_a_closed_account_is_kept_out_also_by_another_name(service: Service, identity: Identity) -> None:
    _bind(service, "planner", f"{identity.address} u1")
    browser = _browser(service)
    assert log_in(browser).status_code == 303
    body = {"name": "planner", "role": "planner", "subject": f"{identity.address} u1", "active": False}
    assert service.administrator.put("/accounts/planner", json=body).status_code == 200
    assert browser.get("/me").status_code == 401
    _bind(service, "office_s1", MAIL)
    identity.person = {"sub": "u1", "email": MAIL, "email_verified": True}
    assert log_in(_browser(service)).json()["code"] == "no_account"
    assert _subject_of(service, "office_s1") == MAIL


def _without(name: str) -> Callable[[Claims], Claims]:
    return lambda claims: {k: v for k, v in claims.items() if k != name}


def _with(**more: Any) -> Callable[[Claims], Claims]:
    return lambda claims: {**claims, **more}


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(_with(nonce="another"), id="wrong nonce"),
        pytest.param(_without("nonce"), id="no nonce"),
        pytest.param(_with(exp=int(time.time()) - 3600), id="expired"),
        pytest.param(_without("exp"), id="never expires"),
        pytest.param(_with(iat=int(time.time()) + 3600), id="of the future"),
        pytest.param(_with(iss="https://other.example"), id="of another issuer"),
        pytest.param(_with(aud="another"), id="for another client"),
        pytest.param(_with(aud="another", azp=CLIENT_ID), id="for another client that we present"),
        pytest.param(_without("aud"), id="for nobody"),
        pytest.param(_without("sub"), id="no subject"),
        pytest.param(_with(sub=""), id="empty subject"),
        pytest.param(_with(sub=7), id="a number as subject"),
        pytest.param(_with(sub="u1\0"), id="NUL in the subject"),
        pytest.param(_with(sub="u" * 256), id="long subject"),
    ],
)
def test_a_token_that_does_not_fit_is_refused(
    service: Service, identity: Identity, change: Callable[[Claims], Claims]
) -> None:
    _bind(service, "planner", f"{identity.address} u1")
    identity.change = change
    _refused(service)
    identity.change = lambda claims: claims
    assert log_in(_browser(service)).status_code == 303


@pytest.mark.parametrize(
    "sign", [Identity.signed_by_another, Identity.signed_by_nobody, Identity.signed_with_the_public_key, lambda *_: "x"]
)
def test_a_token_that_the_provider_did_not_sign_is_refused(
    service: Service, identity: Identity, sign: Callable[[Identity, Claims], str]
) -> None:
    _bind(service, "planner", f"{identity.address} u1")
    identity.sign = sign
    _refused(service)
    assert identity.tokens_given == 1


def _refused(service: Service) -> None:
    browser = _browser(service)
    answer = log_in(browser)
    assert (answer.status_code, answer.json()["code"]) == (400, "login_failed")
    assert browser.get("/me").status_code == 401
    assert service.audit_log(action="account.login") == []


def test_a_provider_may_change_its_keys(service: Service, identity: Identity) -> None:
    _bind(service, "planner", f"{identity.address} u1")
    assert log_in(_browser(service)).status_code == 303
    identity.key = type(identity.key).generate_key(2048, {"kid": "k2"})
    identity.sign = lambda self, claims: self.signed(claims)
    assert log_in(_browser(service)).status_code == 400  # says k1, is k2
    identity.sign = lambda self, claims: jwt.encode({"alg": "RS256", "kid": "k2"}, claims, self.key)
    assert log_in(_browser(service)).status_code == 303


def test_a_state_is_of_one_browser_and_used_once(service: Service, identity: Identity) -> None:
    _bind(service, "planner", f"{identity.address} u1")
    browser, other = _browser(service), _browser(service)
    back = at_provider(begin(browser))
    assert other.get(back).json()["code"] == "login_failed"
    begin(other)
    assert other.get(back).json()["code"] == "login_failed"
    assert browser.get(back).status_code == 303
    assert browser.get(back).json()["code"] == "login_failed"
    assert identity.tokens_given == 1
    assert other.get("/me").status_code == 401


@pytest.mark.parametrize(
    "query",
    ["", "code=x", "state=x", "code=x&state=x", "error=access_denied", "error=x&error_description=%0Ay", "state="],
)
def test_a_call_back_that_nobody_sent_is_refused(service: Service, query: str) -> None:
    for browser in (_browser(service), _browser(service)):
        assert browser.get(f"/auth/callback?{query}").json()["code"] == "login_failed"
        begin(browser)
        assert browser.get(f"/auth/callback?{query}").json()["code"] == "login_failed"


@pytest.mark.parametrize(
    "next_path",
    ["https://evil.example", "//evil.example", "/\\evil.example", "\\\\evil.example", "/\t/evil.example", "evil",
     "/\n/evil.example", " /plans", "javascript:alert(1)", "/a\\b", "", "/\x7f", "///evil.example", "/a b", "\t//x"],
)  # fmt: skip
def test_a_login_leads_to_a_page_of_ours_only(service: Service, next_path: str) -> None:
    answer = _browser(service).get("/auth/login", params={"next": next_path})
    assert answer.status_code == 422, answer.headers.get("location")


def test_a_login_without_a_page_leads_to_the_first(service: Service, identity: Identity) -> None:
    _bind(service, "planner", f"{identity.address} u1")
    assert log_in(_browser(service)).headers["location"] == FIRST_PAGE
    assert log_in(_browser(service), "/auth/login?next=/").headers["location"] == "/"


@pytest.mark.parametrize("site", ["cross-site", "same-site", "none", None])
def test_a_session_changes_something_from_our_own_pages_only(
    service: Service, identity: Identity, site: str | None
) -> None:
    _bind(service, "administrator", f"{identity.address} u1")
    browser = _browser(service)
    log_in(browser)
    headers = {} if site is None else {"Sec-Fetch-Site": site}
    district = {"district_id": "D7", "name": "龙华区"}
    assert browser.get("/districts", headers=headers).status_code == 200
    assert browser.post("/districts", json=district, headers=headers).status_code == 401
    assert browser.post("/auth/logout", headers=headers).status_code == 401
    assert browser.get("/districts/D7").status_code == 404
    assert browser.post("/districts", json=district, headers=SAME).status_code == 201
    [entry] = service.audit_log(object="districts/D7")
    assert entry["actor"] == "administrator"


def test_a_cookie_that_we_did_not_sign_is_nobody(service: Service, identity: Identity) -> None:
    _bind(service, "planner", f"{identity.address} u1")
    cookie = log_in(_browser(service)).headers["set-cookie"].split(";")[0]
    forged = base64.b64encode(b'{"account_id": "administrator"}').decode()
    _, _, rest = cookie.partition(".")
    stranger = service.anonymous
    assert stranger.get("/me", headers={"Cookie": cookie}).json()["account_id"] == "planner"
    for wrong in (f"onevisit={forged}.{rest}", f"onevisit={forged}", "onevisit=null", b"onevisit=\xff", cookie[:-1]):
        assert stranger.get("/me", headers={"Cookie": wrong}).status_code == 401


def test_a_session_lasts_from_the_login_and_no_visit_renews_it(service: Service, identity: Identity) -> None:
    _bind(service, "planner", f"{identity.address} u1")
    browser = _browser(service)
    log_in(browser)
    assert "set-cookie" not in browser.get("/me").headers
    begin(browser)
    assert browser.get("/me").status_code == 401


def test_a_key_goes_before_a_session(service: Service, identity: Identity) -> None:
    _bind(service, "planner", f"{identity.address} u1")
    browser = _browser(service)
    log_in(browser)
    assert browser.get("/me", headers=service.supervisor.headers).json()["account_id"] == "supervisor"
    assert browser.get("/me", headers={"X-API-Key": "ov_wrong"}).status_code == 401


@pytest.mark.parametrize(
    "metadata",
    [{"issuer": "https://other.example"}, {"issuer": None}, {"authorization_endpoint": None}, {"jwks_uri": 7}],
)
def test_a_provider_that_is_another_is_not_used(service: Service, identity: Identity, metadata: dict[str, Any]) -> None:
    identity.metadata = metadata
    answer = _browser(service).get("/auth/login")
    assert (answer.status_code, answer.json()["code"]) == (503, "login_unavailable")
    identity.metadata = {}
    assert begin(_browser(service)).startswith(identity.address)


def test_a_provider_that_is_away_is_asked_again_later(make_service: Callable[..., Service], tmp_path: Path) -> None:
    service = make_service(oidc_issuer="http://127.0.0.1:9", oidc_client_id="x", data_dir=tmp_path)
    answer = _browser(service).get("/auth/login")
    assert (answer.status_code, answer.json()["code"]) == (503, "login_unavailable")
    assert int(answer.headers["retry-after"]) > 0
    assert service.planner.get("/me").status_code == 200


def test_without_a_provider_there_is_no_login(make_service: Callable[..., Service]) -> None:
    browser = _browser(make_service())
    for answer in (browser.get("/auth/login"), browser.get("/auth/callback"), browser.post("/auth/logout")):
        assert answer.status_code == 404
        assert "set-cookie" not in answer.headers


def test_a_session_is_known_to_another_server_of_the_same_secret(
    service: Service, identity: Identity, tmp_path: Path
) -> None:
    _bind(service, "planner", f"{identity.address} u1")
    cookie = log_in(_browser(service)).headers["set-cookie"].split(";")[0]
    more = {"oidc_issuer": identity.address, "oidc_client_id": CLIENT_ID, "rate_limit": "", "max_runs": 0}

    def status(**secret: Any) -> int:
        app = create_app(Settings(**more, **secret), service.store)
        return Client(app, service.anonymous.portal).get("/me", headers={"Cookie": cookie}).status_code

    assert status(data_dir=tmp_path / "data") == 200
    assert status(data_dir=tmp_path / "other") == 401
    assert status(session_secret=SecretStr("another secret of ours")) == 401
    with pytest.raises(ValueError, match="16 characters"):
        status(session_secret=SecretStr("short"))


def test_a_provider_without_a_client_is_a_fault_of_the_settings(service: Service) -> None:
    with pytest.raises(ValueError, match="OIDC_CLIENT_ID"):
        create_app(Settings(oidc_issuer="https://id.example"), service.store)
