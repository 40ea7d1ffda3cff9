"""A small identity provider on a real socket: discovery, authorisation code with PKCE, ID tokens signed by its key."""

from __future__ import annotations

import base64
import hashlib
import secrets
import socket
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlencode

import httpx2
import uvicorn
from joserfc import jws, jwt
from joserfc.jwk import OctKey, RSAKey
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from tests.api.service.client import HOST, Client

CLIENT_ID, CLIENT_SECRET = "onevisit", "a secret of the client"
Claims = dict[str, Any]


@dataclass(kw_only=True)
class Identity:
    """The provider; a test says who logs in, and what is wrong with what it sends.

    Parameters
    ----------
    person : claims of whoever logs in.
    change : what is done to the claims of an ID token before it is signed.
    sign : how claims become a token.
    metadata : what differs in the discovery document.
    userinfo : claims that are told at that endpoint only.
    """

    address: str
    key: RSAKey = field(default_factory=lambda: RSAKey.generate_key(2048, {"kid": "k1", "use": "sig"}))
    person: Claims = field(default_factory=lambda: {"sub": "u1"})
    change: Callable[[Claims], Claims] = lambda claims: claims
    sign: Callable[[Identity, Claims], str] | None = None
    metadata: Mapping[str, Any] = field(default_factory=dict)
    userinfo: Claims | None = None
    tokens_given: int = 0
    _codes: dict[str, dict[str, str]] = field(default_factory=dict)

    def app(self) -> Starlette:
        """Return its routes."""
        return Starlette(
            routes=[
                Route("/.well-known/openid-configuration", self._discovery),
                Route("/authorize", self._authorize),
                Route("/token", self._token, methods=["POST"]),
                Route("/keys", self._keys),
                Route("/userinfo", self._userinfo),
            ]
        )

    def _discovery(self, request: Request) -> Response:
        said: dict[str, Any] = {
            "issuer": self.address,
            "authorization_endpoint": f"{self.address}/authorize",
            "token_endpoint": f"{self.address}/token",
            "jwks_uri": f"{self.address}/keys",
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256", "HS256", "none"],
            "code_challenge_methods_supported": ["S256"],
        }
        if self.userinfo is not None:
            said["userinfo_endpoint"] = f"{self.address}/userinfo"
        return JSONResponse({**said, **self.metadata})

    def _authorize(self, request: Request) -> Response:
        asked = dict(request.query_params)
        assert asked["client_id"] == CLIENT_ID
        assert asked["response_type"] == "code"
        assert asked["code_challenge_method"] == "S256"
        assert "openid" in asked["scope"].split()
        code = secrets.token_urlsafe(16)
        self._codes[code] = asked
        return RedirectResponse(f"{asked['redirect_uri']}?{urlencode({'code': code, 'state': asked['state']})}", 302)

    async def _token(self, request: Request) -> Response:
        form = {k: v[0] for k, v in parse_qs((await request.body()).decode()).items()}
        asked = self._codes.pop(form.get("code", ""), None)
        digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).decode().rstrip("=")
        basic = base64.b64encode(f"{CLIENT_ID}:{CLIENT_SECRET}".encode()).decode()
        good = request.headers.get("authorization") == f"Basic {basic}"
        if (
            asked is None
            or not good
            or (challenge, form["redirect_uri"])
            != (
                asked["code_challenge"],
                asked["redirect_uri"],
            )
        ):
            return JSONResponse({"error": "invalid_grant"}, 400)
        self.tokens_given += 1
        now = int(time.time())
        claims = {"iss": self.address, "aud": CLIENT_ID, "iat": now, "exp": now + 300, "nonce": asked["nonce"]}
        signed = (self.sign or Identity.signed)(self, self.change({**claims, **self.person}))
        return JSONResponse({"access_token": "t", "token_type": "Bearer", "expires_in": 300, "id_token": signed})

    def _keys(self, request: Request) -> Response:
        return JSONResponse({"keys": [self.key.as_dict(private=False)]})

    def _userinfo(self, request: Request) -> Response:
        assert request.headers["authorization"] == "Bearer t"
        return JSONResponse(self.userinfo)

    def signed(self, claims: Claims) -> str:
        """Return a token as it should be."""
        return jwt.encode({"alg": "RS256", "kid": "k1"}, claims, self.key)

    def signed_by_another(self, claims: Claims) -> str:
        """Return a token whose key only says that it is the provider's."""
        return jwt.encode({"alg": "RS256", "kid": "k1"}, claims, RSAKey.generate_key(2048))

    def signed_by_nobody(self, claims: Claims) -> str:
        """Return a token without a signature."""
        return jwt.encode({"alg": "none"}, claims, self.key, algorithms=["none"])

    def signed_with_the_public_key(self, claims: Claims) -> str:
        """Return a token signed with what everybody knows, as if it were a shared secret."""
        shared = OctKey.import_key(self.key.as_pem(private=False))
        registry = jws.JWSRegistry(algorithms=["HS256"])
        return jwt.encode({"alg": "HS256", "kid": "k1"}, claims, shared, registry=registry)


@contextmanager
def running_identity() -> Iterator[Identity]:
    """Run a provider on a free port of loopback."""
    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    identity = Identity(address=f"http://127.0.0.1:{listening.getsockname()[1]}")
    server = uvicorn.Server(uvicorn.Config(identity.app(), log_level="error", lifespan="off"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()
    try:
        yield identity
    finally:
        server.should_exit = True
        thread.join()
        listening.close()


def begin(browser: Client, address: str = "/auth/login") -> str:
    """Go to the login, and return the address at the provider to which one is sent."""
    answer = browser.get(address)
    assert answer.status_code == 302, answer.text
    return answer.headers["location"]


def at_provider(address: str) -> str:
    """Log in at the provider, and return the path to which one is sent back."""
    answer = httpx2.get(address, trust_env=False)
    assert answer.status_code == 302
    back = answer.headers["location"]
    assert back.startswith(f"{HOST}/auth/callback?")
    return back.removeprefix(HOST)


def log_in(browser: Client, address: str = "/auth/login") -> httpx2.Response:
    return browser.get(at_provider(begin(browser, address)))
