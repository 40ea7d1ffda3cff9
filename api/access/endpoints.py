"""Routes of accounts and their keys, and of who the caller is."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Path, Query, Response

from api.access import service
from api.access.caller import Caller, Role, permissions_of
from api.access.schemas import AccountIn, AccountOut, AccountPage, AccountPut, KeyIn, KeyPage, Me, NewKey
from api.deps import Needs, ServicesOf, request_id
from api.responses import JSONResponse
from api.web import DEFAULT_LIMIT, ETAG, LOCATION, Cursor, IfMatch, Limit, leads_to, listed, one, router, take_own

routes = router("/accounts", "accounts")
me_routes = router("/me", "accounts")
Reader = Annotated[Caller, Depends(Needs("accounts", "read"))]
Writer = Annotated[Caller, Depends(Needs("accounts", "write"))]
Anybody = Annotated[Caller, Depends(Needs("account", "read"))]
AccountId = Annotated[str, Path(max_length=64)]
KeyId = Annotated[str, Path(max_length=64)]
_LINKS = leads_to(("get_account", "replace_account", "list_keys", "issue_key"), account_id="/account_id")
_KEY_LINKS = {
    "revoke_key": {
        "operationId": "revoke_key",
        "parameters": {"account_id": "$request.path.account_id", "key_id": "$response.body#/key_id"},
    }
}


@routes.get("", operation_id="list_accounts", response_model=AccountPage)
def list_accounts(
    services: ServicesOf,
    caller: Reader,
    role: Role | None = None,
    active: Annotated[bool | None, Query(description="false: only those that were closed")] = None,
    limit: Limit = DEFAULT_LIMIT,
    cursor: Cursor = None,
) -> JSONResponse:
    """List accounts."""
    filters = {"role": role and role.value, "active": active}
    with services.store.reading() as connection:
        found = service.listing(connection, filters, limit, cursor)
    return listed(found)


@routes.post(
    "",
    operation_id="create_account",
    status_code=201,
    response_model=AccountOut,
    responses={201: {"headers": {**LOCATION, **ETAG}, "links": _LINKS}},
)
def create_account(services: ServicesOf, caller: Writer, body: AccountIn) -> JSONResponse:
    """Create an account; it logs in as its subject, or with keys that are issued to it."""
    with services.store.writing(caller.account_id, request_id()) as work:
        row = service.create(work, services.store.new_id(), body.model_dump(mode="json"))
    return one(row, 201, f"/accounts/{row['account_id']}")


@routes.get("/{account_id}", operation_id="get_account", response_model=AccountOut, responses={200: {"headers": ETAG}})
def get_account(services: ServicesOf, caller: Reader, account_id: AccountId) -> JSONResponse:
    """Read an account."""
    with services.store.reading() as connection:
        return one(service.find(connection, account_id))


@routes.put(
    "/{account_id}", operation_id="replace_account", response_model=AccountOut, responses={200: {"headers": ETAG}}
)
def replace_account(
    services: ServicesOf, caller: Writer, account_id: AccountId, body: AccountPut, if_match: IfMatch = None
) -> JSONResponse:
    """Replace an account; with `active` false it is closed, and its keys and sessions are refused at once."""
    with services.store.writing(caller.account_id, request_id()) as work:
        values, since = body.model_dump(mode="json"), service.find(work.connection, account_id)["created_at"]
        version = take_own(values, if_match, account_id=account_id, created_at=since)
        row = service.replace(work, account_id, values, version)
    return one(row)


@routes.get("/{account_id}/keys", operation_id="list_keys", response_model=KeyPage)
def list_keys(
    services: ServicesOf,
    caller: Reader,
    account_id: AccountId,
    limit: Limit = DEFAULT_LIMIT,
    cursor: Cursor = None,
) -> JSONResponse:
    """List the keys of an account: what is known of them, never the keys."""
    with services.store.reading() as connection:
        found = service.list_keys(connection, account_id, limit, cursor)
    return listed(found)


@routes.post(
    "/{account_id}/keys",
    operation_id="issue_key",
    status_code=201,
    response_model=NewKey,
    responses={201: {"links": _KEY_LINKS}},
)
def issue_key(services: ServicesOf, caller: Writer, account_id: AccountId, body: KeyIn) -> JSONResponse:
    """Issue a key; the answer is the only place where it is ever shown."""
    with services.store.writing(caller.account_id, request_id()) as work:
        row = service.issue(work, account_id, services.store.new_id(), body.label, body.expires_at)
    return JSONResponse(row, status_code=201)


@routes.delete("/{account_id}/keys/{key_id}", operation_id="revoke_key", status_code=204)
def revoke_key(services: ServicesOf, caller: Writer, account_id: AccountId, key_id: KeyId) -> Response:
    """Revoke a key; that it was there stays known."""
    with services.store.writing(caller.account_id, request_id()) as work:
        service.revoke(work, account_id, key_id)
    return Response(status_code=204)


@me_routes.get("", operation_id="get_me", response_model=Me)
def get_me(caller: Anybody) -> JSONResponse:
    """Say who the caller is, and what it may do."""
    return JSONResponse(
        {
            "account_id": caller.account_id,
            "name": caller.name,
            "role": caller.role.value,
            "authority_id": caller.authority_id,
            "street_ids": list(caller.street_ids),
            "enterprise_id": caller.enterprise_id,
            "officer_id": caller.officer_id,
            "may": [{"resource": resource, "action": action} for resource, action in permissions_of(caller.role)],
        }
    )
