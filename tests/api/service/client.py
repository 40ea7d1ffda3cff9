"""A client of an application in this process: requests run in one event loop beside the tests, as in a server.

Starlette's own test client asks for another HTTP library than the one that is installed.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Mapping
from functools import partial
from typing import Any

import httpx2
from anyio.from_thread import BlockingPortal

HOST = "http://onevisit.test"


class Client:
    """Sends requests with the headers of one caller; any number of threads may use it at once."""

    def __init__(self, app: Any, portal: BlockingPortal, headers: Mapping[str, str] | None = None) -> None:
        self.app, self.portal, self.headers = app, portal, dict(headers or {})
        transport = httpx2.ASGITransport(app=app, raise_app_exceptions=False)
        self._http = httpx2.AsyncClient(transport=transport, base_url=HOST, trust_env=False)

    def request(self, method: str, url: str, headers: Mapping[str, str] | None = None, **more: Any) -> httpx2.Response:
        """Return the response; an iterable of bytes as `content` is sent in chunks, without a length."""
        if isinstance(more.get("content"), Iterable) and not isinstance(more["content"], bytes | str):
            more["content"] = _chunks(more["content"])
        call = partial(self._http.request, method, url, headers={**self.headers, **(headers or {})}, **more)
        response: httpx2.Response = self.portal.call(call)
        return response

    def get(self, url: str, **more: Any) -> httpx2.Response:
        return self.request("GET", url, **more)

    def post(self, url: str, **more: Any) -> httpx2.Response:
        return self.request("POST", url, **more)

    def put(self, url: str, **more: Any) -> httpx2.Response:
        return self.request("PUT", url, **more)

    def delete(self, url: str, **more: Any) -> httpx2.Response:
        return self.request("DELETE", url, **more)

    def every(self, url: str, **params: Any) -> list[dict[str, Any]]:
        """Return all rows of a list, page after page."""
        rows: list[dict[str, Any]] = []
        cursor: dict[str, str] = {}
        while True:
            answer = self.get(url, params={**params, **cursor})
            assert answer.status_code == 200, answer.text
            page = answer.json()
            rows += page["items"]
            if page["next_cursor"] is None:
                return rows
            cursor = {"cursor": page["next_cursor"]}


async def _chunks(parts: Iterable[bytes]) -> AsyncIterator[bytes]:
    for part in parts:
        yield part
