"""Requests that a client may send again (Idempotency-Key): carried out once, answered every time."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, NamedTuple

from fastapi import Header

from api.access.caller import Caller
from api.deps import Services, request_id
from api.errors import Refusal
from api.responses import JSONResponse
from api.store.idempotency import Repeated, claim, remember, remembered
from api.store.work import Work

Key = Annotated[
    str | None,
    Header(alias="Idempotency-Key", min_length=1, max_length=200, description="makes a retry harmless"),
]


class Answer(NamedTuple):
    """What a request is answered."""

    status: int
    location: str
    body: Any


def answered_before(services: Services, caller: Caller, key: str | None, digest: str) -> JSONResponse | None:
    """Return the answer that a request was given before, ``None`` when it is new.

    Parameters
    ----------
    digest : tells requests of one account apart: the operation, its parameters and its body.

    Raises
    ------
    Refusal : the key was used for another request.
    """
    if key is None:
        return None
    with services.store.reading() as connection:
        before = remembered(connection, caller.account_id, key, digest)
    if before is None:
        return None
    headers = {"Location": before["location"], "Idempotent-Replayed": "true"}
    return JSONResponse(before["body"], status_code=before["status"], headers=headers)


def carried_out_once(
    services: Services, caller: Caller, key: str | None, digest: str, act: Callable[[Work], Answer]
) -> JSONResponse:
    """Carry a request out in a transaction, unless it was before, and return its answer.

    Raises
    ------
    Refusal : as of `act`, or the key was used for another request.
    """
    try:
        with services.store.writing(caller.account_id, request_id()) as work:
            claim(work, caller.account_id, key, digest)
            answer = act(work)
            remember(work, caller.account_id, key, answer.status, answer.location, answer.body)
    except Repeated:
        before = answered_before(services, caller, key, digest)
        if before is None:
            raise Refusal("conflict", why="Idempotency-Key") from None
        return before
    return JSONResponse(answer.body, status_code=answer.status, headers={"Location": answer.location})
