"""What comes in is read strictly, and what goes out carries its headers, whatever the request."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from typing import Any

import httpx2
import pytest
from anyio.from_thread import BlockingPortal

from api.app import create_app
from api.settings import Settings
from api.store.database import open_engine
from api.store.work import Store
from tests.api.service.client import Client
from tests.api.service.conftest import ON_ONE_DATABASE, SETTINGS
from tests.api.service.world import Service, bearer, horizon, item, plan

pytestmark = ON_ONE_DATABASE
MakeService = Callable[..., Service]
KB = 1 / 1024
"""Of a limit in MB."""

BAD_JSON: dict[str, bytes] = {
    "empty": b"",
    "cut short": b'{"district_id": "X1", "name": "x"',
    "two values": b'{"district_id": "X1", "name": "x"} {}',
    "comment": b'{"district_id": "X1", "name": "x"} // x',
    "trailing comma": b'{"district_id": "X1", "name": "x",}',
    "single quotes": b"{'district_id': 'X1'}",
    "key twice": b'{"district_id": "X1", "name": "x", "name": "y"}',
    "key twice deep": b'{"district_id": "X1", "name": {"a": 1, "a": 1}}',
    "key twice escaped": b'{"district_id": "X1", "name": "x", "n\\u0061me": "y"}',
    "NaN": b'{"district_id": "X1", "name": NaN}',
    "Infinity": b'{"district_id": "X1", "name": Infinity}',
    "-Infinity": b'{"district_id": "X1", "name": -Infinity}',
    "too large a fraction": b'{"district_id": "X1", "name": 1e999}',
    "too many digits": b'{"district_id": "X1", "name": ' + b"9" * 5000 + b"}",
    "deep lists": b"[" * 100_000,
    "deep lists closed": b"[" * 50_000 + b"]" * 50_000,
    "deep objects": b'{"a":' * 100_000,
    "lone surrogate": b'{"district_id": "X1", "name": "\\ud800"}',
    "lone low surrogate": b'{"district_id": "X1", "name": "\\uDFFF x"}',
    "surrogates the wrong way round": b'{"district_id": "X1", "name": "\\udc00\\ud800"}',
    "lone surrogate in a key": b'{"district_id": "X1", "name": "x", "\\udabc": 1}',
    "NUL escaped": b'{"district_id": "X1", "name": "x\\u0000y"}',
    "NUL escaped in a key": b'{"district_id": "X1", "name": "x", "\\u0000": 1}',
    "NUL": b'{"district_id": "X1", "name": "x\x00y"}',
    "line end in a text": b'{"district_id": "X1", "name": "x\ny"}',
    "Latin-1": '{"district_id": "X1", "name": "é"}'.encode("latin-1"),
    "GB18030": '{"district_id": "X1", "name": "南山"}'.encode("gb18030"),
    "UTF-16": '{"district_id": "X1", "name": "x"}'.encode("utf-16"),
    "UTF-8 of a surrogate": b'{"district_id": "X1", "name": "\xed\xa0\x80"}',
    "overlong UTF-8": b'{"district_id": "X1", "name": "\xc0\x80"}',
    "two BOMs": b'\xef\xbb\xbf\xef\xbb\xbf{"district_id": "X1", "name": "x"}',
}


@pytest.mark.parametrize("body", list(BAD_JSON.values()), ids=list(BAD_JSON))
def test_what_is_no_sound_json_is_refused_and_nothing_stored(service: Service, body: bytes) -> None:
    # Three ways of reading a body: by a register, by a schema, and as one of several media types.
    for path in ("/districts", "/horizons", "/plans"):
        answer = service.administrator.post(path, content=body, headers={"Content-Type": "application/json"})
        assert answer.status_code == 400 or (body == b"" and answer.status_code == 422), (path, answer.text)
        assert answer.headers["content-type"] == "application/problem+json"
    assert service.administrator.get("/districts/X1").status_code == 404


@pytest.mark.parametrize(
    "body",
    [
        b'\xef\xbb\xbf{"district_id": "X1", "name": "x"}',
        '{"district_id": "X1", "name": "\\ud842\\udfb7 𠮷"}'.encode(),
        b'{"district_id": "X1", "name": "\\\\u0000 \\\\ud800"}',  # a backslash, not an escape
        b' \r\n\t{"district_id": "X1", "name": "x"}\r\n ',
    ],
    ids=["BOM", "pair of surrogates", "backslashes", "blanks"],
)
def test_sound_json_is_read(service: Service, body: bytes) -> None:
    answer = service.administrator.post("/districts", content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code == 201, answer.text
    assert answer.json()["name"] == json.loads(body.decode("utf-8-sig"))["name"]


def test_numbers_that_no_column_holds_are_told_of(service: Service) -> None:
    row = {"street_id": "X1", "name": "x", "district_id": "D1", "lon": 113.9, "lat": 22.7}
    for number in (10**298, -(10**298), 1e308, 181, 2**63):
        answer = service.administrator.post("/streets", json={**row, "lon": number})
        assert answer.status_code == 422, answer.text
        assert [p["column"] for p in answer.json()["problems"]] == ["lon"]
    for number in (10**15, 10**298, 1e308, -1, 0.5, 2**31):
        body = plan([item("X1", duration_min=number)])
        answer = service.department_a1.post("/plans", json=body)
        assert answer.status_code == 422, answer.text
        assert [p["column"] for p in answer.json()["problems"]] == ["duration_min"]
        visit = {"overhead_min": number}
        assert service.administrator.post("/horizons", json=horizon("X", visit=visit)).status_code == 422


@pytest.mark.parametrize("media", ["text/plain", "application/xml", "multipart/form-data", "text/csv", ""])
def test_another_media_type_is_refused(service: Service, media: str) -> None:
    answer = service.administrator.post("/districts", content=b"x", headers={"Content-Type": media})
    assert (answer.status_code, answer.json()["code"]) == (415, "unsupported_media_type")


@pytest.mark.parametrize(
    "address", ["/districts/%00", "/districts/a%00b", "/%00", "/streets?q=%00", "/streets?%00=1", "/streets?q=a%00b"]
)
def test_a_nul_in_the_address_is_refused(service: Service, address: str) -> None:
    answer = service.administrator.get(address)
    assert (answer.status_code, answer.json()["code"]) == (400, "bad_request")


@pytest.mark.parametrize("broken", ["%ff", "%ed%a0%80", "%c0%80"])
def test_broken_characters_in_the_address_find_nothing(service: Service, broken: str) -> None:
    assert service.administrator.get(f"/districts/{broken}").status_code in (400, 404)
    assert service.administrator.get(f"/streets?q={broken}").json()["items"] == []


# --- limits ----------------------------------------------------------------------------------------------------------


def _too_large(answer: httpx2.Response) -> bool:
    return answer.status_code == 413 and answer.json()["code"] == "too_large"


def _pieces(size: int) -> Iterator[bytes]:
    for _ in range(size // 1024):
        yield b" " * 1024


def test_a_body_beyond_the_limit_is_refused_by_its_length_and_as_it_comes(make_service: MakeService) -> None:
    service = make_service(max_body_mb=4 * KB)
    body = json.dumps({"district_id": "X1", "name": "x"}).encode()
    padded = body + b" " * (4096 - len(body))
    for path in ("/districts", "/horizons", "/plans"):
        assert _too_large(service.administrator.post(path, content=padded + b" "))
        assert _too_large(service.administrator.post(path, content=_pieces(8192)))
    assert service.administrator.post("/districts", content=padded).status_code == 201


def test_a_length_that_is_none_is_refused(service: Service) -> None:
    for length in ("-1", "x", "1.5", "", "²"):
        headers = {"Content-Length": length.encode()}
        answer = service.administrator.post("/districts", content=b"{}", headers=headers)
        assert answer.status_code == 400, length


def test_too_many_requests_of_one_caller_are_refused_and_told_when_to_come_again(make_service: MakeService) -> None:
    service = make_service(rate_limit="5/minute")
    codes = [service.planner.get("/streets").status_code for _ in range(6)]
    assert codes == [200] * 5 + [429]
    refused = service.planner.get("/streets")
    assert refused.json()["code"] == "rate_limited"
    assert 1 <= int(refused.headers["retry-after"]) <= 60
    assert service.supervisor.get("/streets").status_code == 200  # it is another caller
    assert service.planner.get("/healthz").status_code == 200  # whoever watches over the service is not counted


def test_guessing_keys_does_not_evade_the_limit(make_service: MakeService) -> None:
    service = make_service(rate_limit="5/minute")
    codes = [service.with_key(f"ov_guess{n}").get("/streets").status_code for n in range(20)]
    assert codes.count(401) <= 5
    assert codes[-1] == 429


# --- what every response carries -------------------------------------------------------------------------------------

_SECURITY = {
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cache-control": "no-store",
}


def _boom() -> None:
    raise LookupError("a secret of the inside")


def _responses(make_service: MakeService) -> dict[int, httpx2.Response]:
    """Return a response of every kind."""
    service = make_service(max_body_mb=4 * KB, rate_limit="12/minute")
    service.app.add_api_route("/boom", _boom)
    admin, one = service.administrator, {"district_id": "X1", "name": "x"}
    found = [
        service.anonymous.get("/healthz"),
        admin.post("/districts", json=one),
        admin.delete("/districts/X1"),
        service.anonymous.get("/streets/", headers={"X-Request-ID": "seen"}),
        admin.get("/streets/%00"),
        service.anonymous.get("/streets"),
        service.department_a1.post("/districts", json=one),
        admin.get("/nowhere"),
        admin.request("PATCH", "/streets"),
        admin.post("/districts", json={"district_id": "D1", "name": "x"}),
        admin.put("/districts/D1", json=one, headers={"If-Match": '"9"'}),
        admin.post("/districts", content=b" " * 5000),
        service.supervisor.post("/districts", content=b""),
        service.planner.put("/alert-rules/x", json={}),
        service.office_s1.post("/enterprises", json={}),
        service.office_s2.request("POST", "/enterprises", content=b"x", headers={"Content-Type": "text/csv"}),
        service.department_a2.get("/boom"),
        *[service.planner.get("/streets") for _ in range(13)],
    ]
    return {answer.status_code: answer for answer in found}


def test_every_response_carries_the_security_headers_and_an_id(make_service: MakeService) -> None:
    found = _responses(make_service)
    assert set(found) >= {200, 201, 204, 400, 401, 403, 404, 405, 409, 412, 413, 415, 422, 429, 500}
    for status, answer in found.items():
        assert {k: answer.headers.get(k) for k in _SECURITY} == _SECURITY, status
        assert "default-src 'none'" in answer.headers["content-security-policy"], status
        assert answer.headers["x-request-id"], status


def test_every_refusal_is_a_problem_with_the_id_of_the_request(make_service: MakeService) -> None:
    for status, answer in _responses(make_service).items():
        if status >= 400:
            assert answer.headers["content-type"] == "application/problem+json", status
            body = answer.json()
            assert (body["status"], body["request_id"]) == (status, answer.headers["x-request-id"])
            assert body["type"] == f"urn:onevisit:problem:{body['code']}"
            assert body["title"]
            assert body["detail"]


def test_an_error_that_nobody_foresaw_says_nothing_of_the_inside(service: Service, make_service: MakeService) -> None:
    service = make_service()
    service.app.add_api_route("/boom", _boom)
    answer = service.anonymous.get("/boom", headers={"Accept-Language": "en", "X-Request-ID": "mine"})
    assert (answer.status_code, answer.json()["code"]) == (500, "internal")
    assert "secret" not in answer.text
    assert "LookupError" not in answer.text
    assert answer.json()["request_id"] == answer.headers["x-request-id"] == "mine"
    assert answer.json()["title"] == "Internal error"


def test_a_method_that_a_path_has_not_is_refused_with_all_that_it_has(service: Service) -> None:
    for path, allowed in (
        ("/streets", {"GET", "POST"}),
        ("/streets/S1", {"GET", "PUT", "DELETE"}),
        ("/horizons/2026Q4", {"GET", "PUT"}),
        ("/plans", {"GET", "POST"}),
        ("/alert-rules/cap_80", {"PUT", "DELETE"}),
    ):
        answer = service.administrator.request("PATCH", path)
        assert (answer.status_code, answer.json()["code"]) == (405, "method_not_allowed")
        assert {m.strip() for m in answer.headers["allow"].split(",")} - {"HEAD"} == allowed, path


def test_the_id_of_a_request_is_returned_or_drawn(service: Service) -> None:
    for good in ("a", "A-1_b.c", "x" * 64):
        assert service.planner.get("/streets", headers={"X-Request-ID": good}).headers["x-request-id"] == good
    drawn = set()
    for bad in ("", "a b", "x" * 65, "é".encode(), "a\tb", "<script>", '"', "a;b"):
        answer = service.planner.get("/streets", headers={"X-Request-ID": bad})
        drawn.add(answer.headers["x-request-id"])
        assert re.fullmatch(r"[0-9a-f]{28}", answer.headers["x-request-id"])
    assert len(drawn) == 8


@pytest.mark.parametrize(
    ("accepted", "lang"),
    [
        ("en", "en"),
        ("zh", "zh"),
        ("", "zh"),
        ("de", "zh"),
        ("en-US,en;q=0.9", "en"),
        ("zh;q=0.1,en;q=0.2", "en"),
        ("en;q=0,zh", "zh"),
        ("en;q=x,zh;q=0.1", "zh"),
        ("en;q=nan,zh;q=0.1", "zh"),
        ("*", "zh"),
        (";;,,en;q=1;q=2", "zh"),
        ("en" + ",de" * 5000, "en"),
    ],
)
def test_a_refusal_speaks_the_language_that_is_liked_best(service: Service, accepted: str, lang: str) -> None:
    answer = service.anonymous.get("/streets", headers={"Accept-Language": accepted})
    assert answer.headers["content-language"] == lang
    assert answer.json()["title"] == {"zh": "需要身份验证", "en": "Authentication required"}[lang]


# --- for whoever runs it ---------------------------------------------------------------------------------------------


def test_the_interactive_page_needs_no_other_host(service: Service) -> None:
    page = service.anonymous.get("/docs")
    assert page.headers["content-type"].startswith("text/html")
    assert re.findall(r"(?:https?:)?//[a-z0-9]", page.text) == []
    referred = re.findall(r'(?:src|href|url)\s*[=:]\s*["\']([^"\']+)', page.text)
    assert {r.rpartition("/")[2] for r in referred} >= {"swagger-ui-bundle.js", "swagger-ui.css", "openapi.json"}
    for address in referred:
        found = service.anonymous.get(address)
        assert found.status_code == 200, address
        assert len(found.content) > 100
    policy = page.headers["content-security-policy"]
    assert re.findall(r"https?:|\*", policy) == []
    assert "frame-ancestors 'none'" in policy


def test_readiness_tells_of_tables_that_are_not_there(databases: Any, portal: BlockingPortal) -> None:
    url = databases.create()
    engine = open_engine(url)
    client = Client(create_app(Settings(**SETTINGS), Store(engine=engine)), portal)
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()["status"]) == (503, "migration needed")
    assert client.get("/healthz").status_code == 200
    engine.dispose()
    databases.drop(url)


@pytest.mark.parametrize("url", ["sqlite:////nowhere/at/all.db", "postgresql://nobody@127.0.0.1:1/none"])
def test_a_database_that_cannot_be_reached_is_told_of(databases: Any, portal: BlockingPortal, url: str) -> None:
    store = Store(engine=open_engine(url, wait_s=1))
    client = Client(create_app(Settings(**SETTINGS), store), portal)
    assert client.get("/healthz").json() == {"status": "ok"}
    for path in ("/readyz", "/metrics", "/streets"):
        answer = client.get(path, headers=bearer("ov_any"))
        assert (answer.status_code, answer.json()["code"]) == (503, "unavailable"), path
        assert answer.headers["retry-after"] == "5"


def test_metrics_count_requests_by_route_and_not_by_address(make_service: MakeService) -> None:
    service = make_service()
    for path in ("/streets/S1", "/streets/S2", "/streets/none", "/no/such/path", "/nor/this"):
        service.planner.get(path)
    service.planner.request("BREW", "/streets")
    text = service.anonymous.get("/metrics").text
    counts = dict(re.findall(r"^(onevisit_requests_total\{.*\}) (\S+)$", text, re.MULTILINE))
    key = 'onevisit_requests_total{{method="{}",route="{}",status="{}"}}'
    assert counts[key.format("GET", "/streets/{key}", 200)] == "2.0"
    assert counts[key.format("GET", "/streets/{key}", 404)] == "1.0"
    assert counts[key.format("GET", "other", 404)] == "2.0"
    assert any('method="OTHER"' in k for k in counts)
    assert "S1" not in text
    for state in ("queued", "running", "succeeded", "failed", "cancelled"):
        assert f'onevisit_runs{{kind="plan",state="{state}"}} 0.0' in text
    assert "onevisit_request_seconds_bucket" in text


@pytest.mark.parametrize("path", ["/streets?districtid=D1", "/plan-items?authority=A1", "/runs?stat=queued", "/me?x=1"])
def test_a_parameter_that_a_route_has_not_is_refused_and_not_passed_over(service: Service, path: str) -> None:
    answer = service.administrator.get(path)
    name = path.split("?")[1].split("=")[0]
    assert (answer.status_code, answer.json()["code"]) == (400, "bad_request"), path
    assert repr(name) in answer.json()["detail"]
    if path.startswith("/streets"):
        assert "district_id" in answer.json()["detail"]
