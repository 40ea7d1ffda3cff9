"""Login of people: they prove to the identity provider who they are, and a signed cookie holds their account."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import Depends, FastAPI, Query, Request, Response
from fastapi.responses import RedirectResponse
from sqlalchemy import select, update
from starlette.concurrency import run_in_threadpool
from starlette.middleware.sessions import SessionMiddleware

from api.access import service
from api.access.caller import Caller
from api.access.secret import secret_of
from api.deps import Needs, Services, ServicesOf, request_id
from api.errors import Refusal
from api.settings import Settings
from api.store.schema import accounts
from api.store.work import SYSTEM, Work
from api.web import router

if TYPE_CHECKING:
    from api.access.provider import Provider

LOG = logging.getLogger("onevisit.login")
SESSION_S = 8 * 3600
FIRST_PAGE = "/docs"
_MAX_SUB = 255
_LOCAL = r"^/([^/\\\x00-\x20\x7f][^\\\x00-\x20\x7f]*)?$"
"""Paths of this server; of ``//host``, ``/\\host`` and what browsers make of tabs and line ends a browser leaves it."""

routes = router("/auth", "login", is_open=True)
Next = Annotated[str, Query(alias="next", max_length=500, pattern=_LOCAL, description="where to go after the login")]


def install(app: FastAPI, settings: Settings) -> None:
    """Add the session to an application, and the routes of login when its settings name a provider."""
    secure = (settings.public_url or "").lower().startswith("https:")
    app.add_middleware(
        SessionMiddleware,
        secret_key=secret_of(settings),
        session_cookie="__Host-onevisit" if secure else "onevisit",
        max_age=SESSION_S,
        same_site="lax",
        https_only=secure,
    )
    if settings.oidc_issuer is None:
        return
    from api.access.provider import provider_of  # Authlib takes its time to load

    app.state.provider = provider_of(settings)
    app.include_router(routes)


@routes.get("/login", include_in_schema=False)
async def login(request: Request, services: ServicesOf, next_path: Next = FIRST_PAGE) -> Response:
    """Send a person to the identity provider; whoever was logged in here is not any more."""
    request.session.clear()  # a session lasts its hours from the login: nothing else may sign it again
    request.session["next"] = next_path
    response = await _provider(request).authorize_redirect(request, _callback_address(request, services.settings))
    assert isinstance(response, Response)
    return response


@routes.get("/callback", include_in_schema=False)
async def callback(request: Request, services: ServicesOf) -> Response:
    """Take a person who comes back from the identity provider, and begin the session."""
    provider = _provider(request)
    next_path = request.session.get("next", FIRST_PAGE)
    try:
        claims = await provider.vouched_for(request)
    except Refusal:
        raise
    except Exception as error:  # whatever strangers send to us through the browser
        LOG.warning("login refused: %r", error)
        raise Refusal("login_failed") from None
    account_id = await run_in_threadpool(_enter, services, provider.issuer, claims)
    request.session.clear()
    request.session["account_id"] = account_id
    return RedirectResponse(next_path, status_code=303)


@routes.post("/logout", include_in_schema=False, status_code=204)
def logout(
    request: Request, services: ServicesOf, caller: Annotated[Caller, Depends(Needs("account", "read"))]
) -> Response:
    """End the session."""
    if request.session.get("account_id") == caller.account_id:
        with services.store.writing(caller.account_id, request_id()) as work:
            work.record("account.logout", f"accounts/{caller.account_id}")
    request.session.clear()
    return Response(status_code=204)


def _provider(request: Request) -> Provider:
    provider: Provider = request.app.state.provider
    return provider


def _callback_address(request: Request, settings: Settings) -> str:
    base = settings.public_url or str(request.base_url)
    return f"{base.rstrip('/')}/auth/callback"


def _enter(services: Services, issuer: str, claims: Mapping[Any, Any]) -> str:
    """Return the account of a person, with the login on record.

    Raises
    ------
    Refusal : there is no active account.
    """
    sub = claims["sub"]
    if not isinstance(sub, str) or not sub.isprintable() or not 0 < len(sub) <= _MAX_SUB:
        raise Refusal("login_failed")
    with services.store.writing(SYSTEM, request_id()) as work:
        account = _account(work, f"{issuer} {sub}", _verified_email(claims))
        if account is None:
            raise Refusal("no_account", more={"subject": f"{issuer} {sub}"})
        work.actor = account
        work.record("account.login", f"accounts/{account}")
        return account


def _account(work: Work, subject: str, email: str | None) -> str | None:
    """Return the active account of a subject; an account that waits for an e-mail address is bound to it."""
    known_as = [subject] if email is None else [subject, email]
    query = select(accounts).where(accounts.c.subject.in_(known_as))
    rows = work.connection.execute(query.order_by(accounts.c.account_id).with_for_update()).mappings().all()
    row = next((r for r in rows if r["subject"] == subject), rows[0] if rows else None)
    if row is None or not row["active"]:
        return None
    account_id = str(row["account_id"])
    if row["subject"] != subject:
        mine = update(accounts).where(accounts.c.account_id == account_id)
        work.connection.execute(mine.values(subject=subject, version=row["version"] + 1))
        after = service.find(work.connection, account_id)
        work.record("accounts.bind", f"accounts/{account_id}", before=service.wire(row), after=after)
    return account_id


def _verified_email(claims: Mapping[Any, Any]) -> str | None:
    """Return an address that the provider has verified; other scripts have letters that only look the same."""
    email = claims.get("email")
    if claims.get("email_verified") is not True or not isinstance(email, str):
        return None
    return email.lower() if email.isascii() and email.isprintable() and " " not in email and email else None
