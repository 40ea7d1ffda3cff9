"""Events that a sender may send again: carried out once, answered the same every time."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from typing import Any

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


def carried_out_once(
    services: Services, caller: Caller, operation: str, event_id: str, body: Mapping[str, Any], act: Act
) -> JSONResponse:
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
            answer = before[_ANSWER]
            headers = {"Idempotent-Replayed": "true"}
            return JSONResponse(answer["body"], status_code=answer["status"], headers=headers)
        status, answer = act(work, Sent(event_id, digest))
    return JSONResponse(answer, status_code=status)


def shown(data: Mapping[str, Any]) -> dict[str, Any]:
    """Return the data of an event without what is kept to know it again."""
    return {k: v for k, v in data.items() if k not in (_ANSWER, _DIGEST)}
