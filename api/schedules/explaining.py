"""Questions about a stored schedule, answered from the model; what is asked by re-solving is a run."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, select

from api import answering
from api.access.caller import Caller, Role
from api.access.keys import caller_of
from api.answering import Answer, Said
from api.dates import request_fault
from api.errors import Refusal, invalid
from api.runs.worker import Job, end_well, requester
from api.schedules import service
from api.store.schema import enterprises, plan_items, schedules
from api.store.work import Work
from scheduler.answers.errors import BadQuestion
from scheduler.domain.snapshot import PlanningSnapshot
from scheduler.moves.errors import BadMove
from scheduler.texts import Lang

QUESTIONS = {"item": answering.item, "serve": answering.serve}


def asked(ask: Callable[[], Said]) -> Said:
    """Return what `ask` finds.

    Raises
    ------
    Refusal : it cannot be asked.
    """
    try:
        return ask()
    except (BadMove, BadQuestion) as error:
        said = error.text.say("zh", **error.facts), error.text.say("en", **error.facts)
        raise invalid([request_fault(error.code, "query", None, None, said)]) from error


def require_item(connection: Connection, caller: Caller, row: Any, item_id: str) -> None:
    """Do nothing when the caller may ask about an item: a department about its own, an office in its streets.

    Raises
    ------
    Refusal : there is no such item of the caller's.
    """
    query = (
        select(plan_items.c.item_id)
        .join(enterprises, enterprises.c.enterprise_id == plan_items.c.enterprise_id)
        .where(plan_items.c.horizon_id == row["horizon_id"], plan_items.c.item_id == item_id)
    )
    if caller.role is Role.DEPARTMENT:
        query = query.where(plan_items.c.authority_id == caller.authority_id)
    if caller.role is Role.STREET_OFFICE:
        query = query.where(enterprises.c.street_id.in_(caller.street_ids))
    if connection.execute(query.limit(1)).first() is None:
        raise Refusal("not_found", what=f"plan-items/{item_id[:60]}")


def require_crews(caller: Caller, street_id: str, authority_id: str) -> None:
    """Do nothing when the caller may ask about an authority's crews in a street.

    Raises
    ------
    Refusal : they are none of the caller's.
    """
    other = caller.role is Role.DEPARTMENT and authority_id != caller.authority_id
    if other or (caller.role is Role.STREET_OFFICE and street_id not in caller.street_ids):
        raise Refusal("not_yours")


def wire(answer: Answer, hidden: frozenset[str]) -> dict[str, Any]:
    """Return an answer as it is sent; sentences that name hidden items are left out, and those items of lists."""
    found: dict[str, Any] = _without(answer.as_dict(), hidden)
    return found


def hidden_from(caller: Caller, snapshot: PlanningSnapshot) -> frozenset[str]:
    """Return the items of other departments, of which a department learns nothing."""
    if caller.role is not Role.DEPARTMENT:
        return frozenset()
    return frozenset(i.item_id for i in snapshot.items if i.authority_id != caller.authority_id)


def _without(value: Any, hidden: frozenset[str]) -> Any:
    if not hidden:
        return value
    if isinstance(value, dict):
        return {k: _without(v, hidden) for k, v in value.items()}
    if isinstance(value, list):
        return [_without(v, hidden) for v in value if not (isinstance(v, str) and _names(v, hidden))]
    return "" if isinstance(value, str) and _names(value, hidden) else value


def _names(text: str, hidden: frozenset[str]) -> bool:
    return text in hidden or any(i in text for i in hidden)


def carry_out(job: Job, folder: Path) -> None:
    """Carry out a run that answers a question."""
    request, caller = job.row["request"], caller_of(requester(job))
    job.tell("read")
    with job.store.reading() as connection:
        query = select(schedules).where(schedules.c.schedule_id == request["schedule_id"])
        row = connection.execute(query).mappings().one()
    snapshot, schedule = service.load(job.store, row, folder)
    service.require_sound(row)
    job.tell("search")
    limits = answering.limits_of(request["iterations"], request["seed"])
    said = asked(lambda: QUESTIONS[request["question"]](snapshot, schedule, request["item_id"], limits))
    hidden = hidden_from(caller, snapshot)
    result = {lang: wire(said(lang), hidden) for lang in _LANGUAGES}

    def store(work: Work) -> None:
        end_well(work, job, result=None if job.stop_asked else result)

    job.conclude(caller.account_id, store)


_LANGUAGES: tuple[Lang, ...] = ("zh", "en")
