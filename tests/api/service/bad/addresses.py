"""Bad addresses and headers: ids, cursors, versions, parameters that nobody may send."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from typing import Any

from tests.api.service.bad.cases import Bad
from tests.api.service.samples import REPLACED
from tests.api.service.world import HORIZON, horizon

_JSON = {"Content-Type": "application/json"}
_ONE = (
    "/districts/{}", "/crews/{}", "/horizons/{}", "/plans/{}", "/plans/{}/items", "/runs/{}/events", "/schedules/{}",
    "/schedules/{}/export", "/accounts/{}/keys", "/exports/registers/{}",
)  # fmt: skip
_IDS = {
    "upwards": "../../etc/passwd",
    "upwards, escaped": "..%2F..%2Fetc%2Fpasswd",
    "upwards, escaped twice": "..%252F..%252Fetc%252Fpasswd",
    "dots": "%2E%2E",
    "upwards by backslashes": "..%5C..%5Cetc%5Cpasswd",
    "a slash": "%2F",
    "a NUL": "D1%00",
    "a line end": "D1%0A",
    "bytes of no encoding": "%FF%FE",
    "half a character": "%ED%A0%80",
    "a quote": "D1'%20OR%20'1'='1",
    "a wildcard": "%25",
    "a number beyond 64 bits": "99999999999999999999",
    "a number below 0": "-1",
    "other digits": "%D9%A1",
    "10,000 characters": "x" * 10_000,
}


def ids() -> Iterator[Bad]:
    """Yield places in addresses that lead nowhere."""
    for path in _ONE:
        for name, value in _IDS.items():
            yield Bad(name=f"{path}: {name}", method="GET", url=path.format(value))
    for path in ("/districts/{}", "/crews/{}", "/alert-rules/{}", "/runs/{}", "/accounts/planner/keys/{}"):
        for name, value in _IDS.items():
            yield Bad(name=f"DELETE {path}: {name}", method="DELETE", url=path.format(value))


def _cursor(value: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


def cursors() -> Iterator[Bad]:
    """Yield cursors that no list has given, or another list."""
    found = {
        "text": "next",
        "no base 64": "!!!",
        "base 64 of nothing": "AAAA",
        "blank": "",
        "a number": _cursor(1),
        "a text": _cursor("D1"),
        "no key": _cursor([]),
        "null": _cursor([None]),
        "keys of another list": _cursor(["01", 1]),
        "a list in it": _cursor([["D1"]]),
        "a truth": _cursor([True]),
        "a fraction": _cursor([1.5]),
        "a NUL": _cursor(["D\0"]),
        "half a character": base64.urlsafe_b64encode(b'["\\ud800"]').decode().rstrip("="),
        "a number beyond 64 bits": _cursor([2**63]),
        "a number of 700 digits": base64.urlsafe_b64encode(b"[" + b"9" * 700 + b"]").decode().rstrip("="),
        "lists in lists": base64.urlsafe_b64encode(b"[" * 700).decode().rstrip("="),
        "1001 characters": "A" * 1001,
    }
    for url in ("/districts", "/crews", "/plans", "/plan-items", "/audit", "/runs", "/schedules", "/horizons"):
        for name, cursor in found.items():
            fits = url == "/plan-items" and name == "keys of another list"
            if not fits:
                yield Bad(name=f"{url}: cursor of {name}", method="GET", url=url, params={"cursor": cursor})
    yield Bad(name="/districts: the cursor of crews", method="GET", url="/districts", params={"cursor": _cursor([1])})
    yield Bad(name="/crews: the cursor of districts", method="GET", url="/crews", params={"cursor": _cursor(["D1"])})


def parameters() -> Iterator[Bad]:
    """Yield parameters of queries."""
    for limit in ("0", "-1", "1001", "1e3", "NaN", "", "x", "9" * 400, "1.5", "0x10", "1;2"):
        for url in ("/districts", "/plans", "/audit", "/runs"):
            yield Bad(name=f"{url}: limit = {limit[:10]!r}", method="GET", url=url, params={"limit": limit}, status=422)
    for url, params in (
        ("/districts", {"q": "x" * 101}),
        ("/districts", {"district_id": "x" * 201}),
        ("/enterprises", {"street_id": "x" * 10_000}),
        ("/plans", {"state": "lost"}),
        ("/plans", {"horizon_id": "x" * 101}),
        ("/plan-items", {"enterprise_id": "x" * 201}),
        ("/runs", {"state": "queued' --"}),
        ("/runs", {"kind": "secret"}),
        ("/schedules", {"level": "planet"}),
        ("/schedules", {"state": "=1"}),
        ("/publications", {}),
        ("/alerts", {}),
        ("/alerts", {"horizon_id": "NONE"}),
        ("/plans/missing", {"horizon_id": HORIZON}),
        ("/plans/missing", {"horizon_id": HORIZON, "street_id": "NONE"}),
        ("/accounts", {"role": "king"}),
        ("/accounts", {"active": "maybe"}),
        ("/audit", {"since": "yesterday"}),
        ("/audit", {"until": "2026-99-99T00:00:00Z"}),
        ("/audit", {"object": "x" * 301}),
        ("/exports/case", {}),
        ("/exports/case", {"horizon_id": "NONE", "area_id": "S1"}),
        ("/exports/case", {"horizon_id": HORIZON, "area_id": "NONE"}),
        ("/exports/case", {"horizon_id": HORIZON, "level": "planet"}),
        ("/exports/registers/districts", {"format": "exe"}),
        ("/exports/registers/accounts", {}),
        ("/exports/registers/..%2Faccounts", {}),
        ("/schedules/none/visits", {"date": "soon"}),
        ("/schedules/none/export", {"formats": "exe"}),
        ("/schedules/none/export", {"formats": "xlsx,"}),
        ("/schedules/none/comparison", {}),
    ):
        shown = ", ".join(f"{k} = {v[:20]!r}" for k, v in params.items())
        yield Bad(name=f"{url}: {shown or 'nothing'}", method="GET", url=url, params=params)
    many = [(f"p{n}", "x") for n in range(5000)]
    for url in ("/alerts", "/publications", "/plans/missing"):
        yield Bad(name=f"{url}: 5,000 parameters", method="GET", url=url, params=many, status=400)
    again = [("limit", "1")] * 5000 + [("limit", "x")]
    yield Bad(name="/districts: a limit 5,001 times", method="GET", url="/districts", params=again, status=422)
    for method in ("PATCH", "TRACE", "BREW", "OPTIONS", "PROPFIND"):
        yield Bad(name=f"{method} /districts", method=method, url="/districts", status=405)
    for url in ("/", "/nowhere", "/districts/D1/x", "/openapi.yaml", "/static/../api/app.py", "/static/%2e%2e/app.py"):
        yield Bad(name=f"GET {url}", method="GET", url=url, status=404)


def versions() -> Iterator[Bad]:
    """Yield versions that a row has not."""
    bodies: dict[str, Any] = {
        "/districts/D1": {"district_id": "D1", "name": "x"},
        f"/horizons/{HORIZON}": {k: v for k, v in horizon().items() if k not in ("horizon_id", "shifts", "caps")},
        "/accounts/planner": {"name": "x", "role": "planner"},
        "/alert-rules/repeat_60": {"kind": "repeat", "days": 60},
        "/crews/1": REPLACED["crews"],
    }
    for url, body in bodies.items():
        for value in (
            '"0"', '"9"', '"999999999"', '"-1"', "x", '""', "", '"1', '1"', 'W/"9"', "W/", '"1", "2"', "1e0", '"1\t"',
            "NaN", '"٣"',
            '"' + "9" * 40 + '"', "x" * 101, "x" * 10_000,
        ):  # fmt: skip
            headers = {**_JSON, "If-Match": value.encode()}
            content = json.dumps(body).encode()
            yield Bad(
                name=f"{url}: If-Match {value[:20]!r} {len(value)}",
                method="PUT",
                url=url,
                content=content,
                headers=headers,
            )
    for value in ('"9"', "x", '"' + "9" * 40 + '"'):
        yield Bad(
            name=f"DELETE /crews/1: If-Match {value[:20]!r}",
            method="DELETE",
            url="/crews/1",
            headers={"If-Match": value},
        )


def headers() -> Iterator[Bad]:
    """Yield headers beyond measure, and keys of nobody."""
    plan = json.dumps({"horizon_id": HORIZON, "items": []}).encode()
    for value in ("", "x" * 201, "x" * 100_000):
        sent = {**_JSON, "Idempotency-Key": value}
        yield Bad(
            name=f"Idempotency-Key of {len(value)}", url="/plans", who="department_a1", content=plan, headers=sent
        )
    for name, value in {
        "no key": b"",
        "no scheme": b"ov_x",
        "another scheme": b"Basic eDp4",
        "a scheme alone": b"Bearer",
        "blanks": b"Bearer    ",
        "a key unknown": b"Bearer ov_nobody",
        "a key of 100,000 characters": b"Bearer " + b"x" * 100_000,
        "bytes of no encoding": b"Bearer \xff\xfe",
        "a quote": b"Bearer ' OR '1'='1",
    }.items():
        sent = {"Authorization": value}
        yield Bad(name=f"Authorization: {name}", method="GET", url="/districts", headers=sent, status=401)
        key = {"X-API-Key": value.removeprefix(b"Bearer ")}
        yield Bad(name=f"X-API-Key: {name}", method="GET", url="/me", who="anonymous", headers=key, status=401)
    for name in ("Accept-Language", "User-Agent", "X-Request-ID", "Cookie", "X-Other"):
        sent = {name: "x,;=" * 25_000}
        yield Bad(name=f"{name} of 100,000", method="GET", url="/nowhere", headers=sent, status=404)
    many = {f"X-Header-{n}": "x" for n in range(2000)}
    yield Bad(name="2,000 headers", method="GET", url="/nowhere", headers=many, status=404)
    for length in ("-1", "x", "1e3", "9" * 30, "0x10", "+1", " "):
        sent = {**_JSON, "Content-Length": length}
        yield Bad(name=f"Content-Length {length[:10]!r}", url="/districts", content=b"{}", headers=sent)
