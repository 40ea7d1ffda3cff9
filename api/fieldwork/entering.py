"""Entering: scans before the door and while inside, scans made up for later, doors that did not open."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, insert, select, update

from api.access.caller import Caller, Role
from api.clock import day
from api.codes.service import enterprise_of
from api.codes.tokens import token_in
from api.dates import request_fault
from api.deps import Services
from api.errors import Refusal, invalid
from api.fieldwork.door import VisitHere, officers_at, visit_here
from api.fieldwork.leaving import settle_off_plan, settle_visit
from api.fieldwork.once import Sent
from api.fieldwork.record import Happening, append
from api.fieldwork.schemas import BackfillIn, ScanIn, TurnedBackIn
from api.itemlists.service import load
from api.store.fieldwork_tables import entries
from api.store.schema import enterprises
from api.store.work import Work
from api.supervision.warnings.raising import raise_for
from scheduler.alerts import LEADS
from scheduler.domain.fieldwork.kinds import EntryPath, EntryState, EventKind, ScanStatus
from scheduler.domain.fieldwork.scan import (
    CLOCK_SLACK_MIN,
    Denial,
    Door,
    Fault,
    Request,
    fault_lines,
    faults_of,
    papers_due,
    status_of,
)
from scheduler.domain.plans import Trigger
from scheduler.explain.facts import iso
from scheduler.intake.calendar import UnknownYear, mainland_working_days
from scheduler.texts import Lang, Text

_CREW_FAULTS = (Denial.TOO_FEW_OFFICERS,)
"""What officers who join their crew inside need not bring themselves."""
Answer = tuple[int, dict[str, Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    """An entry that is asked for or told of: who, where, when, on what ground."""

    enterprise_id: str
    name: str
    street_id: str
    authority_id: str
    officer_ids: tuple[str, ...]
    path: EntryPath
    on: str
    visit_id: str | None
    items: tuple[str, ...]
    reason: str | None
    approval_no: str | None
    trigger: Trigger


def scan_in(services: Services, work: Work, caller: Caller, body: ScanIn, sent: Sent, lang: Lang) -> Answer:
    """Answer a scan at the door, and put it on record whatever the answer.

    Before the door officers get in or not. Officers who say that they are inside already are put on record with what
    is wrong as flags. Whoever scans while the authority is inside joins its entry.

    Raises
    ------
    Refusal : the code is none of ours or was replaced; or times do not go together.
    """
    enterprise_id = enterprise_of(work.connection, services.settings, token_in(body.token))
    asked = _asked(work.connection, caller, body, enterprise_id, day(work.at))
    entered_at = body.entered_at or work.at
    _require_times(work, caller, entered_at, None, today_only=True)
    inside = body.entered_at is not None and _minutes_between(body.entered_at, work.at) > CLOCK_SLACK_MIN
    here, faults = _judged(work.connection, asked)
    running = _open_entry(work.connection, asked, here)
    flags = _clock_flags(work, body.happened_at)
    if running is not None:
        faults = tuple(f for f in faults if f.code not in _CREW_FAULTS)
    if faults and not inside and asked.path is not EntryPath.EMERGENCY:
        return _denied(work, asked, here, faults, flags, body, sent, lang)
    flags += _fault_flags(faults)
    if running is not None:
        return _joined(work, asked, running, flags, body, sent)
    told = day(work.at)
    status = status_of(_number(day(entered_at)), _number(told), is_inside=inside, is_backfill=False)
    papers = _papers_due(told) if asked.path is EntryPath.EMERGENCY and not asked.approval_no else None
    row = _entry(asked, here, services.store.new_id(), status, EntryState.OPEN, flags)
    row |= {"entered_at": entered_at, "scanned_at": work.at, "papers_due": papers}
    answer = _answer(asked, row, faults if asked.path is EntryPath.EMERGENCY or inside else (), lang)
    _store(work, row, EventKind.SCAN_IN, body.happened_at, sent, 201, answer)
    return 201, answer


def backfill(services: Services, work: Work, caller: Caller, body: BackfillIn, sent: Sent, lang: Lang) -> Answer:
    """Put an entry on record that could not be scanned; after ten natural days its scan stays missing.

    Raises
    ------
    Refusal : there is no such enterprise, the entry is on record already, or times do not go together.
    """
    asked = _asked(work.connection, caller, body, body.enterprise_id, day(body.entered_at))
    _require_times(work, caller, body.entered_at, body.left_at, today_only=False)
    here, faults = _judged(work.connection, asked)
    _require_new(work.connection, asked, here)
    told = _number(day(work.at))
    status = status_of(_number(asked.on), told, is_inside=False, is_backfill=True)
    flags = _clock_flags(work, body.happened_at) + _fault_flags(faults)
    row = _entry(asked, here, services.store.new_id(), status, EntryState.CLOSED, flags)
    needs_papers = asked.path is EntryPath.EMERGENCY and not asked.approval_no
    papers = _papers_due(asked.on) if needs_papers else None
    row |= {"entered_at": body.entered_at, "left_at": body.left_at, "papers_due": papers}
    answer = _answer(asked, row, faults, lang)
    _store(work, row, EventKind.BACKFILL, body.happened_at, sent, 201, answer, settle=True)
    return 201, answer


def turned_back(services: Services, work: Work, caller: Caller, body: TurnedBackIn, sent: Sent, lang: Lang) -> Answer:
    """Put on record that officers did not get in; the items of the visit return to planning.

    Raises
    ------
    Refusal : the authority has no published visit there today, or is or was inside.
    """
    asked = _asked(work.connection, caller, body, body.enterprise_id, day(work.at))
    here, _ = _judged(work.connection, asked)
    if here is None:
        raise Refusal("not_found", what=f"visits/{body.visit_id or asked.enterprise_id} ({asked.on})")
    _require_new(work.connection, asked, here)
    state = EntryState(body.outcome)
    flags = _clock_flags(work, body.happened_at)
    row = _entry(asked, here, services.store.new_id(), ScanStatus.BACKFILLED, state, flags)
    row |= {"entered_at": work.at, "left_at": None}
    answer = _answer(asked, row, (), lang)
    kind = EventKind.NO_ACCESS if state is EntryState.NO_ACCESS else EventKind.TURNED_AWAY
    _store(work, row, kind, body.happened_at, sent, 201, answer, settle=True)
    return 201, answer


def require_authority(caller: Caller) -> str:
    """Return the authority in whose name the caller enters."""
    if caller.authority_id is None:
        raise Refusal("not_yours")
    return caller.authority_id


def _asked(
    connection: Connection, caller: Caller, body: ScanIn | BackfillIn | TurnedBackIn, enterprise_id: str, on: str
) -> _Asked:
    query = select(enterprises.c.name, enterprises.c.street_id).where(enterprises.c.enterprise_id == enterprise_id)
    found = connection.execute(query).one_or_none()
    if found is None:
        raise Refusal("not_found", what=f"enterprises/{enterprise_id[:60]}")
    own = [caller.officer_id] if caller.role is Role.OFFICER and caller.officer_id is not None else []
    turned = isinstance(body, TurnedBackIn)
    return _Asked(
        enterprise_id=enterprise_id,
        name=found.name,
        street_id=found.street_id,
        authority_id=require_authority(caller),
        officer_ids=tuple(sorted({*body.officer_ids, *own})),
        path=EntryPath.PLANNED if turned else body.path,  # type: ignore[union-attr]
        on=on,
        visit_id=body.visit_id,
        items=() if turned else tuple(dict.fromkeys(body.items)),  # type: ignore[union-attr]
        reason=body.reason,
        approval_no=None if turned else body.approval_no,  # type: ignore[union-attr]
        trigger=Trigger.ROUTINE if turned else body.trigger,  # type: ignore[union-attr]
    )


def _judged(connection: Connection, asked: _Asked) -> tuple[VisitHere | None, tuple[Fault, ...]]:
    """Return the published visit that is meant, and everything that is in the way."""
    here: VisitHere | None = None
    others: tuple[int, ...] = ()
    if asked.path is EntryPath.PLANNED:
        here, others = visit_here(
            connection, asked.enterprise_id, asked.street_id, asked.authority_id, asked.on, asked.visit_id
        )
    shift = here.shift_id if here is not None else None
    people = officers_at(connection, asked.officer_ids, asked.enterprise_id, asked.on, shift)
    request = Request(
        authority_id=asked.authority_id,
        path=asked.path,
        officers=people,
        items=asked.items,
        reason=asked.reason,
        approval_no=asked.approval_no,
    )
    day_number = _number(asked.on)
    door = Door(
        day=day_number,
        part=None if here is None else here.part,
        other_days=others,
        unlisted=_unlisted(connection, asked, here, day_number),
    )
    return here, faults_of(request, door)


def _unlisted(connection: Connection, asked: _Asked, here: VisitHere | None, on: int) -> tuple[tuple[str, Text], ...]:
    """Return the items that must not be carried out by the published lists; off plan they are named by their codes."""
    if asked.path is EntryPath.PLANNED:
        items = [] if here is None else [(i, here.codes.get(i)) for i in asked.items or here.part.item_ids]
    else:
        items = [(i, i) for i in asked.items]
    lists = load(connection, {code for _, code in items if code}) if items else None
    if lists is None:
        return ()
    faults = ((i, lists.fault(asked.authority_id, code, asked.street_id, on)) for i, code in items)
    return tuple((i, fault.text()) for i, fault in faults if fault is not None)


def _open_entry(connection: Connection, asked: _Asked, here: VisitHere | None) -> Mapping[Any, Any] | None:
    query = select(entries).where(
        entries.c.enterprise_id == asked.enterprise_id,
        entries.c.authority_id == asked.authority_id,
        entries.c.date == asked.on,
        entries.c.path == asked.path.value,
        entries.c.state == EntryState.OPEN.value,
    )
    if here is not None:
        query = query.where(entries.c.visit_id == here.visit_id)
    return connection.execute(query.with_for_update()).mappings().first()


def _require_new(connection: Connection, asked: _Asked, here: VisitHere | None) -> None:
    """Do nothing when the authority has no entry yet in this visit; off plan when none is open."""
    if (here is not None and here.part.ended) or _open_entry(connection, asked, here) is not None:
        raise Refusal("already_exists", what=f"entries: {asked.enterprise_id}, {asked.authority_id}, {asked.on}")


def _require_times(work: Work, caller: Caller, entered_at: str, left_at: str | None, *, today_only: bool) -> None:
    faults = []
    if _minutes_between(work.at, entered_at) > CLOCK_SLACK_MIN:
        faults.append(_time_fault("entered_at", entered_at, ("不晚于现在的时间", "a time that is not to come")))
    elif today_only and day(entered_at) != day(work.at):
        faults.append(
            _time_fault("entered_at", entered_at, ("今日；更早的请补录", "today: tell earlier ones as a back-fill"))
        )
    if left_at is not None and not entered_at <= left_at:
        faults.append(_time_fault("left_at", left_at, ("不早于入企时间", "no earlier than entered_at")))
    if left_at is not None and _minutes_between(work.at, left_at) > CLOCK_SLACK_MIN:
        faults.append(_time_fault("left_at", left_at, ("不晚于现在的时间", "a time that is not to come")))
    if faults:
        raise invalid(faults)


def _time_fault(column: str, value: str, expected: tuple[str, str]) -> Any:
    return request_fault("bad_time", "body", column, value, expected)


def _clock_flags(work: Work, happened_at: str | None) -> list[dict[str, Any]]:
    """Return a flag where the sender's clock differs from ours by more than a little."""
    minutes = 0 if happened_at is None else _minutes_between(happened_at, work.at)
    return [] if abs(minutes) <= CLOCK_SLACK_MIN else [{"code": "clock_off", "minutes": minutes}]


def _fault_flags(faults: Iterable[Fault]) -> list[dict[str, Any]]:
    return [{"code": f.code.value, "zh": f.why.zh, "en": f.why.en} for f in faults]


def _entry(
    asked: _Asked,
    here: VisitHere | None,
    entry_id: str,
    status: ScanStatus,
    state: EntryState,
    flags: list[dict[str, Any]],
) -> dict[str, Any]:
    trigger = here.trigger if here is not None else asked.trigger
    items = asked.items or (here.part.item_ids if here is not None else ())
    return {
        "entry_id": entry_id,
        "enterprise_id": asked.enterprise_id,
        "street_id": asked.street_id,
        "authority_id": asked.authority_id,
        "horizon_id": None if here is None else here.horizon_id,
        "schedule_id": None if here is None else here.schedule_id,
        "visit_id": None if here is None else here.visit_id,
        "date": asked.on,
        "path": asked.path.value,
        "scan_status": status.value,
        "state": state.value,
        "officer_ids": ";".join(asked.officer_ids),
        "item_ids": ";".join(sorted(items)),
        "trigger": trigger.value,
        "cap_exempt": here.cap_exempt if here is not None else trigger in LEADS,
        "approval_no": asked.approval_no,
        "reason": asked.reason,
        "flags": flags,
        "scanned_at": None,
        "left_at": None,
        "papers_due": None,
    }


def _answer(asked: _Asked, row: Mapping[str, Any], faults: Iterable[Fault], lang: Lang) -> dict[str, Any]:
    return {
        "allowed": True,
        "entry_id": row["entry_id"],
        "again": False,
        "enterprise_id": asked.enterprise_id,
        "enterprise": asked.name,
        "scan_status": row["scan_status"],
        "items": [i for i in row["item_ids"].split(";") if i],
        "papers_due": row["papers_due"],
        "faults": fault_lines(tuple(faults), lang),
    }


def _store(
    work: Work,
    row: dict[str, Any],
    kind: EventKind,
    happened_at: str | None,
    sent: Sent,
    status: int,
    answer: Mapping[str, Any],
    *,
    settle: bool = False,
) -> None:
    work.connection.execute(insert(entries).values(**row))
    names = (
        "path",
        "scan_status",
        "entered_at",
        "left_at",
        "officer_ids",
        "item_ids",
        "reason",
        "approval_no",
        "flags",
    )
    said = {n: row[n] for n in names if row.get(n)}
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
            data=sent.kept(status, answer, **said),
        ),
    )
    if settle and row["visit_id"] is not None:
        settle_visit(work, row)
    elif settle:
        settle_off_plan(work, row)
    raise_for(work, row["enterprise_id"])


def _joined(
    work: Work, asked: _Asked, running: Mapping[Any, Any], flags: list[dict[str, Any]], body: ScanIn, sent: Sent
) -> Answer:
    together = sorted({*running["officer_ids"].split(";"), *asked.officer_ids} - {""})
    row = {**running, "officer_ids": ";".join(together), "flags": [*running["flags"], *flags]}
    mine = update(entries).where(entries.c.entry_id == running["entry_id"])
    work.connection.execute(mine.values(officer_ids=row["officer_ids"], flags=row["flags"]))
    answer = {**_answer(asked, row, (), "zh"), "again": True}
    append(
        work,
        Happening(
            event_id=sent.event_id,
            kind=EventKind.SCAN_IN,
            enterprise_id=asked.enterprise_id,
            happened_at=body.happened_at,
            authority_id=asked.authority_id,
            entry_id=running["entry_id"],
            horizon_id=running["horizon_id"],
            visit_id=running["visit_id"],
            data=sent.kept(200, answer, officer_ids=row["officer_ids"], flags=flags),
        ),
    )
    raise_for(work, asked.enterprise_id)
    return 200, answer


def _denied(
    work: Work,
    asked: _Asked,
    here: VisitHere | None,
    faults: tuple[Fault, ...],
    flags: list[dict[str, Any]],
    body: ScanIn,
    sent: Sent,
    lang: Lang,
) -> Answer:
    answer = {
        "allowed": False,
        "entry_id": None,
        "again": False,
        "enterprise_id": asked.enterprise_id,
        "enterprise": asked.name,
        "scan_status": None,
        "items": [],
        "papers_due": None,
        "faults": fault_lines(faults, lang),
    }
    said = {"path": asked.path.value, "officer_ids": ";".join(asked.officer_ids), "items": ";".join(asked.items)}
    append(
        work,
        Happening(
            event_id=sent.event_id,
            kind=EventKind.SCAN_DENIED,
            enterprise_id=asked.enterprise_id,
            happened_at=body.happened_at,
            authority_id=asked.authority_id,
            horizon_id=None if here is None else here.horizon_id,
            visit_id=None if here is None else here.visit_id,
            data=sent.kept(200, answer, **said, faults=[f.code.value for f in faults], flags=flags),
        ),
    )
    return 200, answer


def _papers_due(on: str) -> str:
    """Return the date until which approval papers are due of an entry on a date."""
    return iso(papers_due(_number(on), _works_on))


def _works_on(number: int) -> bool:
    """Say whether a day is a working day; of years whose holidays are not announced yet Monday to Friday are."""
    try:
        return mainland_working_days().works_on(number)
    except UnknownYear:
        return date.fromordinal(number).isoweekday() < 6


def _number(text: str) -> int:
    return date.fromisoformat(text).toordinal()


def _minutes_between(first: str, second: str) -> int:
    """Return whole minutes from one stored instant to another, below 0 when the second is earlier."""
    return int((datetime.fromisoformat(second) - datetime.fromisoformat(first)).total_seconds() // 60)
