"""Inside and leaving: results item by item, the scan out, papers that follow; and what a visit comes to in the plan."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import Connection, delete, insert, select, update

from api import clock
from api.access.caller import Caller
from api.dates import request_fault
from api.deps import Services
from api.errors import Refusal, invalid
from api.fieldwork.once import Sent
from api.fieldwork.record import Happening, append
from api.fieldwork.schemas import DepartureIn, PapersIn, ResultIn, ResultsIn
from api.outcomes.service import tell_of_visit
from api.reference.service import REGISTERS, add
from api.store.fieldwork_tables import entries, entry_items
from api.store.schema import history, plan_items, visits
from api.store.work import Work
from api.supervision.warnings.raising import raise_for
from scheduler.domain.fieldwork.entry import Entry, ItemOutcome
from scheduler.domain.fieldwork.kinds import EntryPath, EntryState, EventKind, ItemResult, LeniencyList, ScanStatus
from scheduler.domain.fieldwork.results import ResultFault, result_faults, visit_outcome
from scheduler.domain.plans import Trigger

Row = Mapping[Any, Any]
Answer = tuple[int, dict[str, Any]]


def tell_results(services: Services, work: Work, caller: Caller, entry_id: str, body: ResultsIn, sent: Sent) -> Answer:
    """Store the results of items; of two that tell of one item the one that happened later stands.

    Raises
    ------
    Refusal : the entry is not the caller's, nobody got in, or results do not say what they must.
    """
    row = own_entry(work.connection, caller, entry_id, hold=True)
    if row["state"] not in (EntryState.OPEN.value, EntryState.CLOSED.value):
        raise Refusal("wrong_state", what=f"entries/{entry_id}", state=row["state"])
    told = [_outcome(r) for r in body.results]
    faults = list(result_faults(entry_of(row, ()), told))
    seen_before: set[str] = set()
    twice = [k for k, r in enumerate(told) if r.item_id in seen_before or seen_before.add(r.item_id)]  # type: ignore[func-returns-value]
    problems = [_problem(f) for f in faults]
    problems += [
        request_fault("duplicate", "body", f"results.{k}.item_id", told[k].item_id, ("每个事项一次", "each item once"))
        for k in twice
    ]
    if problems:
        raise invalid(problems)
    at = min(body.happened_at or work.at, work.at)
    codes = _codes(work.connection, row)
    stands = [_keep(work, entry_id, r, at, codes) for r in body.results]
    answer = {"entry_id": entry_id, "stored": sum(stands), "older": len(stands) - sum(stands)}
    said = [r.model_dump(mode="json", exclude_none=True) for r in body.results]
    _append(work, row, EventKind.RESULT, body.happened_at, sent, answer, results=said)
    if row["state"] == EntryState.CLOSED.value and row["visit_id"] is not None:
        settle_visit(work, row)
    raise_for(work, row["enterprise_id"])
    return 200, answer


def depart(services: Services, work: Work, caller: Caller, entry_id: str, body: DepartureIn, sent: Sent) -> Answer:
    """Store that the officers left; with the last of them the visit's outcome reaches the plan.

    Raises
    ------
    Refusal : the entry is not the caller's, or is not open.
    """
    row = own_entry(work.connection, caller, entry_id, hold=True)
    if row["state"] != EntryState.OPEN.value:
        raise Refusal("wrong_state", what=f"entries/{entry_id}", state=row["state"])
    mine = update(entries).where(entries.c.entry_id == entry_id)
    work.connection.execute(mine.values(state=EntryState.CLOSED.value, left_at=work.at))
    after = {**row, "state": EntryState.CLOSED.value, "left_at": work.at}
    answer = {"entry_id": entry_id, "state": EntryState.CLOSED.value, "left_at": work.at}
    _append(work, row, EventKind.SCAN_OUT, body.happened_at, sent, answer)
    if row["visit_id"] is not None:
        settle_visit(work, after)
    else:
        settle_off_plan(work, after)
    raise_for(work, row["enterprise_id"])
    return 200, answer


def complete_papers(
    services: Services, work: Work, caller: Caller, entry_id: str, body: PapersIn, sent: Sent
) -> Answer:
    """Store the approval of an entry that came before it.

    Raises
    ------
    Refusal : the entry is not the caller's, or has its approval.
    """
    row = own_entry(work.connection, caller, entry_id, hold=True)
    if row["approval_no"] is not None or row["path"] == EntryPath.PLANNED.value:
        raise Refusal("wrong_state", what=f"entries/{entry_id}", state="approved")
    mine = update(entries).where(entries.c.entry_id == entry_id)
    work.connection.execute(mine.values(approval_no=body.approval_no))
    answer = {
        "entry_id": entry_id,
        "approval_no": body.approval_no,
        "in_time": clock.day(work.at) <= (row["papers_due"] or "9"),
    }
    _append(work, row, EventKind.APPROVAL, body.happened_at, sent, answer, approval_no=body.approval_no)
    raise_for(work, row["enterprise_id"])
    return 200, answer


def own_entry(connection: Connection, caller: Caller, entry_id: str, *, hold: bool = False) -> Row:
    """Return an entry of the caller's authority.

    Raises
    ------
    Refusal : there is none.
    """
    query = select(entries).where(entries.c.entry_id == entry_id, entries.c.authority_id == caller.authority_id)
    row = connection.execute(query.with_for_update() if hold else query).mappings().one_or_none()
    if row is None:
        raise Refusal("not_found", what=f"entries/{entry_id}")
    return row


def entry_of(row: Row, outcomes: Sequence[ItemOutcome]) -> Entry:
    """Return a stored entry as the domain has it."""
    return Entry(
        entry_id=row["entry_id"],
        enterprise_id=row["enterprise_id"],
        street_id=row["street_id"],
        authority_id=row["authority_id"],
        day=_number(row["date"]),
        path=EntryPath(row["path"]),
        scan_status=ScanStatus(row["scan_status"]),
        state=EntryState(row["state"]),
        officer_ids=tuple(o for o in row["officer_ids"].split(";") if o),
        item_ids=tuple(i for i in row["item_ids"].split(";") if i),
        trigger=Trigger(row["trigger"]),
        cap_exempt=row["cap_exempt"],
        horizon_id=row["horizon_id"],
        visit_id=row["visit_id"],
        entered_min=_minute(row["entered_at"]),
        left_min=None if row["left_at"] is None else _minute(row["left_at"]),
        approval_no=row["approval_no"],
        papers_due=None if row["papers_due"] is None else _number(row["papers_due"]),
        reason=row["reason"],
        outcomes=tuple(outcomes),
    )


def settle_visit(work: Work, row: Row) -> None:
    """Let the register of outcomes say what the entries of a published visit come to, once nobody is inside."""
    key = {n: row[n] for n in ("horizon_id", "visit_id", "date")}
    query = select(entries).where(*(entries.c[n] == v for n, v in key.items())).order_by(entries.c.entry_id)
    rows = work.connection.execute(query).mappings().all()
    told = _outcomes(work.connection, [r["entry_id"] for r in rows])
    found = visit_outcome([entry_of(r, told.get(r["entry_id"], ())) for r in rows])
    if found is None:
        return
    chosen = (visits.c.schedule_id == row["schedule_id"], visits.c.visit_id == row["visit_id"])
    visit = work.connection.execute(select(visits).where(*chosen)).mappings().one()
    said = {
        "outcome": found.outcome,
        "minutes": found.minutes,
        "left_items": ";".join(found.left_item_ids) or None,
    }
    tell_of_visit(work, row["horizon_id"], visit, said)


def settle_off_plan(work: Work, row: Row) -> None:
    """Put an entry off plan among the inspections that were done, so that frequency caps count it."""
    if work.connection.execute(select(history.c.row_id).where(history.c.visit_id == row["entry_id"])).first():
        return
    values = {
        "enterprise_id": row["enterprise_id"],
        "authority_id": row["authority_id"],
        "date": row["date"],
        "visit_id": row["entry_id"],
        "trigger": row["trigger"],
        "cap_exempt": row["cap_exempt"],
    }
    add(REGISTERS["history"], work, values)


def _outcomes(connection: Connection, entry_ids: Sequence[str]) -> dict[str, list[ItemOutcome]]:
    out: dict[str, list[ItemOutcome]] = {}
    for r in connection.execute(select(entry_items).where(entry_items.c.entry_id.in_(entry_ids))).mappings():
        found = ItemOutcome(item_id=r["item_id"], result=ItemResult(r["result"]), minutes=r["minutes"])
        out.setdefault(r["entry_id"], []).append(found)
    return out


def _outcome(said: ResultIn) -> ItemOutcome:
    leniency = said.leniency
    return ItemOutcome(
        item_id=said.item_id,
        result=said.result,
        due=None if said.due is None else _number_or_none(said.due),
        case_no=said.case_no,
        leniency=None if leniency is None else LeniencyList(leniency.list),
        leniency_code=None if leniency is None else leniency.code,
        leniency_yuan=None if leniency is None else leniency.yuan,
        minutes=said.minutes,
    )


def _keep(work: Work, entry_id: str, said: ResultIn, at: str, codes: Mapping[str, str]) -> bool:
    """Store a result unless a later one of the item is there; say whether it stands."""
    mine = (entry_items.c.entry_id == entry_id, entry_items.c.item_id == said.item_id)
    before = work.connection.scalar(select(entry_items.c.recorded_at).where(*mine))
    if before is not None and before > at:
        return False
    work.connection.execute(delete(entry_items).where(*mine))
    leniency = said.leniency
    values = {
        "entry_id": entry_id,
        "item_id": said.item_id,
        "item_code": codes.get(said.item_id),
        "result": said.result.value,
        "due": said.due,
        "case_no": said.case_no,
        "leniency_list": None if leniency is None else leniency.list.value,
        "leniency_code": None if leniency is None else leniency.code,
        "leniency_amount": None if leniency is None else leniency.yuan,
        "minutes": said.minutes,
        "note": said.note,
        "recorded_at": at,
    }
    work.connection.execute(insert(entry_items).values(**values))
    return True


def _codes(connection: Connection, row: Row) -> dict[str, str]:
    """Return the codes of an entry's items: off plan the items are named by them."""
    ids = [i for i in row["item_ids"].split(";") if i]
    if row["visit_id"] is None:
        return {i: i for i in ids}
    query = select(plan_items.c.item_id, plan_items.c.item_code).where(
        plan_items.c.horizon_id == row["horizon_id"], plan_items.c.item_id.in_(ids), plan_items.c.item_code.is_not(None)
    )
    return {r.item_id: r.item_code for r in connection.execute(query.order_by(plan_items.c.live))}


def _append(
    work: Work, row: Row, kind: EventKind, happened_at: str | None, sent: Sent, answer: Mapping[str, Any], **said: Any
) -> None:
    append(
        work,
        Happening(
            event_id=sent.event_id,
            kind=kind,
            enterprise_id=row["enterprise_id"],
            happened_at=happened_at,
            authority_id=row["authority_id"],
            entry_id=row["entry_id"],
            horizon_id=row["horizon_id"],
            visit_id=row["visit_id"],
            data=sent.kept(200, answer, **said),
        ),
    )


def _problem(fault: ResultFault) -> Any:
    value = None if fault.value is None else str(fault.value)
    expected = fault.expected.zh, fault.expected.en
    return request_fault("bad_result", "body", f"results.{fault.index}.{fault.column}", value, expected)


def _minute(instant: str) -> int:
    """Return minutes after midnight in China."""
    return clock.minute(instant)


def _number(text: str) -> int:
    return date.fromisoformat(text).toordinal()


def _number_or_none(text: str) -> int | None:
    try:
        return _number(text)
    except ValueError:  # a form that is no date counts as none
        return None
