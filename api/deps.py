"""What endpoints are given: the services of this server, and the caller with its permission."""

from __future__ import annotations

from dataclasses import dataclass, field
from threading import Semaphore
from typing import Annotated, Any

from asgi_correlation_id import correlation_id
from fastapi import Depends, Request

from api.access.caller import Caller, require
from api.access.keys import caller_of, caller_of_key, caller_of_key_id
from api.errors import Refusal, language
from api.schedules.indexes import MoveIndexes
from api.settings import Settings
from api.store.schema import accounts
from api.store.work import Store
from scheduler.texts import Lang


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """What a server has, made once.

    Parameters
    ----------
    computing : held by requests that compute for tens of milliseconds or more: they share one core, and one after
        the other leave short requests more of it than all at once. A second computes while one waits for the database.
    indexes : of the schedules about which moves were asked last.
    """

    settings: Settings
    store: Store
    computing: Semaphore = field(default_factory=lambda: Semaphore(2))
    indexes: MoveIndexes = field(init=False, default_factory=MoveIndexes)


def services_of(request: Request) -> Services:
    """Return the services of the server that a request came to."""
    found = request.app.state.services
    assert isinstance(found, Services)
    return found


def request_id() -> str | None:
    """Return the id of the request at hand."""
    return correlation_id.get()


def authenticate(request: Request) -> Caller:
    """Return the caller: by API key, or by the session of a person who logged in.

    Raises
    ------
    Refusal : nobody known.
    """
    services = services_of(request)
    key = _key_of(request)
    caller: Caller | None = None
    if key is not None:
        with services.store.reading() as connection:
            caller = caller_of_key(connection, key, services.store.instant())
    elif account_id := _session_account(request):
        with services.store.reading() as connection:
            query = accounts.select().where(accounts.c.account_id == account_id, accounts.c.active)
            row = connection.execute(query).mappings().one_or_none()
            caller = None if row is None else caller_of(row)
            if caller is not None and (key_id := request.session.get("key_id")) is not None:
                began_by = caller_of_key_id(connection, str(key_id), services.store.instant())
                caller = began_by if began_by == caller else None  # the session lasts no longer than its key
    if caller is None:
        raise Refusal("unauthenticated")
    request.state.caller = caller
    return caller


def _key_of(request: Request) -> str | None:
    header = request.headers.get("authorization")
    if header is not None:
        scheme, _, rest = header.partition(" ")
        return rest.strip() if scheme.lower() == "bearer" else ""
    return request.headers.get("x-api-key")


def _session_account(request: Request) -> str | None:
    """Return the account of a session; a change by session must come from our own pages."""
    session: dict[str, Any] = request.scope.get("session") or {}
    account = session.get("account_id")
    if account is None:
        return None
    if request.method not in ("GET", "HEAD", "OPTIONS") and request.headers.get("sec-fetch-site") != "same-origin":
        raise Refusal("unauthenticated")
    return str(account)


class Needs:
    """A dependency: the caller, whose role must permit something. Every route has one, or is open on purpose."""

    def __init__(self, resource: str, action: str) -> None:
        self.resource, self.action = resource, action

    def __call__(self, request: Request) -> Caller:
        """Return the caller.

        Raises
        ------
        Refusal : nobody known, or the role does not permit it.
        """
        caller = authenticate(request)
        require(caller, self.resource, self.action)
        return caller


ServicesOf = Annotated[Services, Depends(services_of)]
LangOf = Annotated[Lang, Depends(language)]
