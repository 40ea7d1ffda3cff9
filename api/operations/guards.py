"""Limits and headers around every request: sizes, rates, bad addresses, security headers (plain ASGI)."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence

from limits import parse
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.errors import Refusal, answer_unforeseen, respond

_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "geolocation=(), camera=(), microphone=()",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Strict-Transport-Security": "max-age=31536000",
    "Cache-Control": "no-store",
}
_DOCS_POLICY = (
    "default-src 'self'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "frame-ancestors 'none'"
)
_DOCS = ("/docs", "/static/")
_FREE = ("/healthz", "/readyz", "/metrics")
_KNOWN = 10_000
"""Keys that are remembered as somebody's."""


class Guards:
    """Refuses what no route need see, answers what nobody foresaw, and adds the security headers to every response.

    Parameters
    ----------
    body_limit : greatest body in bytes by path.
    rate_limit : in the words of the limits library, for each key, and for each address without a key that was
        somebody's before, so that guessing keys does not evade it; none when empty.
    """

    def __init__(self, app: ASGIApp, *, body_limit: Callable[[str], int], rate_limit: str) -> None:
        self.app, self.body_limit = app, body_limit
        self.rate = parse(rate_limit) if rate_limit else None
        self.limiter = MovingWindowRateLimiter(MemoryStorage())
        self._known: dict[str, None] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        path: str = scope["path"]
        headers = Headers(scope=scope)
        sender = _Secure(send, path)
        refusal = self._refusal(scope, path, headers)
        if refusal is not None:
            await respond(Request(scope), refusal)(scope, receive, sender)
            return
        try:
            await self.app(scope, _measured(receive, self.body_limit(path)), sender)
        except Exception as error:
            if sender.started:
                raise
            await answer_unforeseen(Request(scope), error)(scope, receive, sender)
        self._remember(scope, headers)

    def _remember(self, scope: Scope, headers: Headers) -> None:
        """Remember the key of a caller who was let in."""
        key = _key_of(headers)
        if key is None or key in self._known or "caller" not in (scope.get("state") or {}):
            return
        if len(self._known) >= _KNOWN:
            self._known.clear()
        self._known[key] = None
        if self.rate is not None:
            self.limiter.hit(self.rate, key)  # its first request was counted to the address

    def _who(self, scope: Scope, headers: Headers) -> str:
        key = _key_of(headers)
        if key in self._known:
            return str(key)
        client: Sequence[str] | None = scope.get("client")
        return client[0] if client else "?"

    def _refusal(self, scope: Scope, path: str, headers: Headers) -> Refusal | None:
        if not path.isprintable() or b"%00" in scope.get("query_string", b"") or not _is_text(path):
            return Refusal("bad_request", why="invisible or broken characters in the address")
        length = headers.get("content-length")
        if length is not None and not (length.isascii() and length.isdigit()):
            return Refusal("bad_request", why="Content-Length")
        limit = self.body_limit(path)
        if length is not None and int(length) > limit:
            return _too_large(limit)
        if self.rate is not None and path not in _FREE:
            who = self._who(scope, headers)
            if not self.limiter.hit(self.rate, who):
                seconds = max(1, round(self.limiter.get_window_stats(self.rate, who).reset_time - _wall()))
                return Refusal("rate_limited", seconds=seconds, headers={"Retry-After": str(seconds)})
        return None


def _wall() -> float:
    from api.clock import now

    return now().timestamp()


def _is_text(path: str) -> bool:
    try:
        path.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def _key_of(headers: Headers) -> str | None:
    key = headers.get("authorization") or headers.get("x-api-key")
    return hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()[:32] if key else None


def _too_large(limit: int) -> Refusal:
    return Refusal("too_large", limit=f"{limit / (1 << 20):g}")


def _measured(receive: Receive, limit: int) -> Receive:
    """Return a receiver that stops a body beyond its limit, whatever its head said."""
    received = 0

    async def measured() -> Message:
        nonlocal received
        message = await receive()
        if message["type"] == "http.request":
            received += len(message.get("body", b""))
            if received > limit:
                raise _too_large(limit)
        return message

    return measured


class _Secure:
    """A sender that adds the security headers, and knows whether a response has started."""

    def __init__(self, send: Send, path: str) -> None:
        self.send, self.path, self.started = send, path, False

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.started = True
            headers = MutableHeaders(scope=message)
            for name, value in _HEADERS.items():
                headers.setdefault(name, value)
            if self.path.startswith(_DOCS):
                headers["Content-Security-Policy"] = _DOCS_POLICY
        await self.send(message)
