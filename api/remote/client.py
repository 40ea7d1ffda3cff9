"""A client of the service: requests that are tried again when that is harmless, and problems as errors."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx2

from api import clock
from api.machine import versions
from api.remote.faults import LOST, UNREACHABLE, RemoteFault, fault_of, is_untrusted, unreachable
from api.shell import Shell, note
from scheduler.texts import Lang, Text

CONNECT_S, WAIT_S = 10.0, 600.0
"""Seconds to connect, and until an answer begins: exports and checks of a city take their time."""

QUIET_S = 60.0
"""Seconds without a word (the server says something every 15) after which a stream of events is taken for dead."""

MAX_EVENT = 64 << 20
PIECE = 1 << 18
_BUSY, _NO_GATEWAY = (429, 503), (502, 504)

_AGAIN = Text("{why}；{seconds:g} 秒后重试", "{why}; trying again in {seconds:g} s")
_NO_ANSWER = Text("无法连接服务（{why}）", "the service cannot be reached ({why})")
_IS_BUSY = Text("服务暂不可用（HTTP {status}）", "the service is busy or unavailable (HTTP {status})")


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How often and after how many seconds a request is sent again: twice as long each time.

    Parameters
    ----------
    patience_s : longest wait that a server may ask for (Retry-After), and that a stream may be cut off.
    """

    attempts: int = 6
    first_s: float = 0.5
    longest_s: float = 20.0
    patience_s: float = 300.0

    def wait_s(self, attempt: int) -> float:
        """Return the seconds before an attempt, counted from 1 for the first repetition."""
        return min(self.longest_s, self.first_s * 2.0 ** (attempt - 1))


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A success.

    Parameters
    ----------
    repeated : the request was sent more than once, and an earlier one may have been carried out.
    """

    status: int
    body: Any
    headers: Mapping[str, str]
    repeated: bool


Content = Callable[[], Any]
"""Makes the body of a request anew for every attempt."""


def path_of(*parts: str) -> str:
    """Return a path of the service; what people type stays one part of it."""
    return "".join(f"/{quote(part, safe='')}" for part in parts)


class Remote:
    """The service at an address, for one caller.

    Parameters
    ----------
    server : address without a slash at its end.
    sleep : waits between attempts.
    """

    def __init__(
        self,
        shell: Shell,
        server: str,
        key: str,
        *,
        pace: Pace | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.shell, self.server, self.pace, self._sleep = shell, server, pace or Pace(), sleep
        headers = {
            "Authorization": f"Bearer {key}",
            "Accept-Language": shell.lang,
            "User-Agent": f"onevisit/{versions().get('onevisit', '0')}",
        }
        # Redirects are not followed: the key is for this server and no other.
        timeout = httpx2.Timeout(WAIT_S, connect=CONNECT_S)
        self._http = httpx2.Client(headers=headers, timeout=timeout, follow_redirects=False)

    def get(self, path: str, **params: Any) -> Any:
        """Return the JSON value at a path."""
        return self.send("GET", path, params=params, again=True).body

    def pages(self, path: str, **params: Any) -> Iterator[dict[str, Any]]:
        """Yield the rows of a list, page after page."""
        cursor: str | None = None
        while True:
            page = self.get(path, **params, cursor=cursor)
            yield from page["items"]
            cursor = page["next_cursor"]
            if cursor is None:
                return

    def send(
        self,
        method: str,
        path: str,
        *,
        again: bool,
        params: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        json: Any = None,
        content: Content | None = None,
    ) -> Answer:
        """Return the answer to a request.

        Parameters
        ----------
        again : the request may be sent once more though the first may have been carried out.

        Raises
        ------
        RemoteFault, InvalidCase : the server refuses, or does not answer.
        """
        lost = False
        for attempt in range(1, self.pace.attempts + 1):
            last = attempt == self.pace.attempts
            try:
                request = self._request(method, path, params, headers, json, content)
                response = self._http.send(request)
            except httpx2.TransportError as error:
                unsent = isinstance(error, httpx2.ConnectError | httpx2.ConnectTimeout)
                if not unsent and not again:
                    raise unreachable(LOST, self.server, error) from error
                if last or _is_final(error):
                    raise unreachable(UNREACHABLE, self.server, error) from error
                lost = lost or not unsent
                self._wait(attempt, None, _NO_ANSWER.say(self.shell.lang, why=_why(error)))
                continue
            if last or not self._try_again(response, attempt, again=again):
                return self._answer(response, lost)
        raise AssertionError("the last attempt ends")

    def download(self, path: str, target: Path, told: Callable[[int, int], None], *, lang: Lang, **params: Any) -> None:
        """Write what a path holds, in a language, to a file.

        Parameters
        ----------
        told : given the bytes so far, and all of them (0 when that is not known).

        Raises
        ------
        RemoteFault, InvalidCase : the server refuses, or does not answer.
        """
        for attempt in range(1, self.pace.attempts + 1):
            last = attempt == self.pace.attempts
            try:
                request = self._request("GET", path, params, {"Accept-Language": lang}, None, None)
                response = self._http.send(request, stream=True)
                try:
                    if response.status_code == httpx2.codes.OK:
                        _write(response, target, told)
                        return
                    response.read()
                finally:
                    response.close()
            except httpx2.TransportError as error:
                if last or _is_final(error):
                    raise unreachable(UNREACHABLE, self.server, error) from error
                self._wait(attempt, None, _NO_ANSWER.say(self.shell.lang, why=_why(error)))
                continue
            if last:
                self._answer(response, repeated=False)
            elif not self._try_again(response, attempt, again=True):
                self.get(path, **params)  # the same refusal, in the language of messages

    @contextmanager
    def events(self, path: str) -> Iterator[Iterator[dict[str, Any]]]:
        """Open a stream of events once, and give their JSON values as they come.

        Raises
        ------
        RemoteFault, InvalidCase : the server refuses.
        httpx2.TransportError : the connection cannot be made, or is lost.
        """
        timeout = httpx2.Timeout(QUIET_S, connect=CONNECT_S)
        with self._http.sse(self.server + path, timeout=timeout, max_event_size=MAX_EVENT) as source:
            if source.response.status_code != httpx2.codes.OK:
                source.response.read()
                if source.response.status_code in (*_BUSY, *_NO_GATEWAY):
                    raise httpx2.ReadError(f"HTTP {source.response.status_code}")
                self._answer(source.response, repeated=False)
            yield (event.json() for event in source if event.data)  # type: ignore[misc]

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def _request(
        self,
        method: str,
        path: str,
        params: Mapping[str, Any] | None,
        headers: Mapping[str, str] | None,
        json: Any,
        content: Content | None,
    ) -> httpx2.Request:
        asked = {k: v for k, v in (params or {}).items() if v is not None}
        body = None if content is None else content()
        return self._http.build_request(
            method, self.server + path, params=asked, headers=headers, json=json, content=body
        )

    def _try_again(self, response: httpx2.Response, attempt: int, *, again: bool) -> bool:
        """Wait and return True when a request shall be sent again for the answer that it got."""
        busy = response.status_code in _BUSY or (again and response.status_code in _NO_GATEWAY)
        asked_s = _retry_after_s(response)
        if not busy or (asked_s or 0) > self.pace.patience_s:
            return False
        self._wait(attempt, asked_s, _IS_BUSY.say(self.shell.lang, status=response.status_code))
        return True

    def _wait(self, attempt: int, asked_s: float | None, why: str) -> None:
        seconds = max(self.pace.wait_s(attempt), asked_s or 0)
        note(self.shell, _AGAIN, why=why, seconds=seconds)
        self._sleep(seconds)

    def _answer(self, response: httpx2.Response, repeated: bool) -> Answer:
        try:
            body = response.json() if response.content else None
        except ValueError:
            body = None
        if not response.is_success or (body is None and response.content):
            fault = fault_of(body, response.status_code, self.server, self.shell.lang)
            if isinstance(fault, RemoteFault):
                fault.repeated = repeated
            raise fault
        return Answer(status=response.status_code, body=body, headers=response.headers, repeated=repeated)


def _write(response: httpx2.Response, target: Path, told: Callable[[int, int], None]) -> None:
    length = response.headers.get("content-length", "")
    size, done = int(length) if length.isdigit() else 0, 0
    with target.open("wb") as file:
        for piece in response.iter_bytes(PIECE):
            file.write(piece)
            done += len(piece)
            told(done, size)


def _is_final(error: Exception) -> bool:
    """Say whether a request fails the same way next time, or only after another ten minutes."""
    return isinstance(
        error, httpx2.UnsupportedProtocol | httpx2.LocalProtocolError | httpx2.ReadTimeout
    ) or is_untrusted(error)


def _why(error: Exception) -> str:
    return str(error) or type(error).__name__


def _retry_after_s(response: httpx2.Response) -> float | None:
    """Return the seconds that an answer asks to wait, as a number or as a date."""
    text = response.headers.get("retry-after", "").strip()
    if text.isascii() and text.isdigit():
        return float(text[:9])
    try:
        return max(0.0, (parsedate_to_datetime(text) - clock.now()).total_seconds())
    except (ValueError, TypeError):
        return None
