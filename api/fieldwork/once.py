"""Events that a sender may send again: carried out once, answered the same every time."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from sqlalchemy import select

from api.access.caller import Caller
from api.deps import Services, request_id
from api.errors import Refusal
from api.responses import JSONResponse
from api.store.fieldwork_tables import field_events
from api.store.work import Work

_ANSWER, _DIGEST = "answer", "request"
Act = Callable[[Work, "Sent"], tuple[int, dict[str, Any]]]


class Sent:
    """An event as it came: its id, and what of it is kept to know it again."""

    def __init__(self, event_id: str, digest: str) -> None:
        self.event_id, self._digest = event_id, digest

    def kept(self, status: int, answer: Mapping[str, Any], **data: Any) -> dict[str, Any]:
        """Return the data of the event on record: what it says, and how it was answered."""
        return {**data, _DIGEST: self._digest, _ANSWER: {"status": status, "body": dict(answer)}}


class Answered(NamedTuple):
    """How an event was answered, and whether it had been carried out before."""

    status: int
    body: dict[str, Any]
    again: bool


def carry_out(
    services: Services, caller: Caller, operation: str, event_id: str, body: Mapping[str, Any], act: Act
) -> Answered:
    """Carry out an event in a transaction of its own, unless it was before, and return its answer.

    `act` stores the event under its id, with :meth:`Sent.kept` as data.

    Raises
    ------
    Refusal : as of `act`, or the id is that of another event.
    """
    said = json.dumps([operation, caller.account_id, body], ensure_ascii=False, sort_keys=True, default=str)
    digest = hashlib.sha256(said.encode("utf-8", "surrogatepass")).hexdigest()
    with services.store.writing(caller.account_id, request_id()) as work:
        before = work.connection.scalar(select(field_events.c.data).where(field_events.c.event_id == event_id))
        if before is not None:
            if before.get(_DIGEST) != digest:
                raise Refusal("idempotency_key_reused")
            return Answered(before[_ANSWER]["status"], before[_ANSWER]["body"], again=True)
        status, answer = act(work, Sent(event_id, digest))
    return Answered(status, answer, again=False)


def carried_out_once(
    services: Services, caller: Caller, operation: str, event_id: str, body: Mapping[str, Any], act: Act
) -> JSONResponse:
    """Return the answer of :func:`carry_out` as it is sent."""
    found = carry_out(services, caller, operation, event_id, body, act)
    headers = {"Idempotent-Replayed": "true"} if found.again else {}
    return JSONResponse(found.body, status_code=found.status, headers=headers)


def shown(data: Mapping[str, Any]) -> dict[str, Any]:
    """Return the data of an event without what is kept to know it again."""
    return {k: v for k, v in data.items() if k not in (_ANSWER, _DIGEST)}
