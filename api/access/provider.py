"""The identity provider of people (OpenID Connect), through Authlib: where to send them, and whom it vouches for."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

from authlib.integrations.starlette_client import OAuth, StarletteOAuth2App
from fastapi import Request

from api import clock
from api.errors import Refusal
from api.settings import Settings

LOG = logging.getLogger("onevisit.login")
SIGNED_BY = frozenset({"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512"})
"""Signatures by a key pair; a provider that also lists ``none`` or a shared secret is not believed by those."""
LEEWAY_S = 60
METADATA_S = 3600.0
"""Seconds after which the provider's metadata and keys are read anew."""
_WAIT_S = 10.0
_NEEDED = ("authorization_endpoint", "token_endpoint", "jwks_uri")


class Provider(StarletteOAuth2App):  # type: ignore[misc]
    """The provider whose address is in the settings, and no other."""

    issuer: str
    server_metadata: dict[str, Any]
    _read_at: float

    async def load_server_metadata(self) -> dict[str, Any]:
        """Return what the provider says of itself.

        Raises
        ------
        Refusal : it cannot be reached, or says that it is another.
        """
        known = self.server_metadata
        if known and clock.seconds() - self._read_at < METADATA_S:
            return known
        try:
            async with self._get_session() as session:
                response = await session.request("GET", self._server_metadata_url, withhold_token=True)
                response.raise_for_status()
                found = dict(response.json())
        except Exception as error:  # whatever a network and a stranger's answer can be
            LOG.error("the identity provider cannot be read: %r", error)
            raise Refusal("login_unavailable", headers={"Retry-After": "30"}) from None
        if found.get("issuer") != self.issuer:
            LOG.error("the identity provider calls itself %r, not %r", found.get("issuer"), self.issuer)
            raise Refusal("login_unavailable")
        missing = [name for name in _NEEDED if not isinstance(found.get(name), str)]
        if missing:
            LOG.error("the identity provider does not say its %s", ", ".join(missing))
            raise Refusal("login_unavailable")
        offered = found.get("id_token_signing_alg_values_supported") or ()
        found["id_token_signing_alg_values_supported"] = sorted(SIGNED_BY.intersection(offered)) or ["RS256"]
        self.server_metadata, self._read_at = found, clock.seconds()
        return found

    async def vouched_for(self, request: Request) -> Mapping[str, Any]:
        """Return the claims about the person who comes back from the provider, once they are proved.

        Raises
        ------
        Exception : state, nonce, signature, issuer, audience or time is wrong, or anything is missing.
        """
        claims_options = {
            "iss": {"essential": True, "values": [self.issuer]},
            "aud": {"essential": True, "values": [self.client_id]},
            "sub": {"essential": True},
        }
        token = await self.authorize_access_token(request, leeway=LEEWAY_S, claims_options=claims_options)
        claims: Mapping[str, Any] | None = token.get("userinfo")
        if claims is None:
            raise ValueError("no ID token")
        metadata = await self.load_server_metadata()
        if "email" in claims or not metadata.get("userinfo_endpoint"):
            return claims
        more = await self.userinfo(token=token)
        if more.get("sub") != claims["sub"]:
            raise ValueError("userinfo of another subject")
        return {**more, **claims}


def provider_of(settings: Settings) -> Provider:
    """Return the provider of the settings, which name one; it is asked nothing yet."""
    issuer = settings.oidc_issuer
    assert issuer is not None
    secret = settings.oidc_client_secret
    client = OAuth().register(
        "oidc",
        client_cls=Provider,
        client_id=settings.oidc_client_id,
        client_secret=None if secret is None else secret.get_secret_value(),
        server_metadata_url=f"{issuer.rstrip('/')}/.well-known/openid-configuration",
        client_kwargs={"scope": "openid email profile", "code_challenge_method": "S256", "timeout": _WAIT_S},
    )
    assert isinstance(client, Provider)
    client.issuer = issuer
    return client
