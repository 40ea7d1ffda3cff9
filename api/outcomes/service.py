"""Outcomes of published visits: taken in together or not at all; a later one of the same visit corrects the former."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import pandas as pd
from sqlalchemy import Connection, delete, insert, select, update

from api.access.caller import Caller
from api.access.scope import require_own, seen
from api.cases.in_force import by_dates, counts
from api.cases.past import outcome_of
from api.clock import day
from api.errors import Refusal, invalid
from api.horizons.service import config_of
from api.store.pages import Page, matching, page
from api.store.schema import horizons, outcomes, publications, visits
from api.store.work import Work
from scheduler.errors import Problem
from scheduler.intake.columns import OutcomeName
from scheduler.intake.events import listed_ids
from scheduler.intake.problems import problem
from scheduler.intake.rows import Plain, check_rows
from scheduler.replan.events import NOT_OF_VISIT, NOT_YET, ONLY_DONE, SERVED_TWICE, TWO_OUTCOMES, UNKNOWN_VISIT
from scheduler.texts import Text

TABLE = "outcomes"
_SAID = ("outcome", "minutes", "left_items")
_AT_ONCE = 500
Key = tuple[str, str]
"""(visit, date)."""


def record(
    work: Work,
    caller: Caller,
    horizon_id: str,
    frame: pd.DataFrame,
    found: Sequence[Problem],
    new_id: Callable[[], str],
) -> dict[str, int]:
    """Store the outcomes of a table, and return how many are new, corrected, or were there already.

    Parameters
    ----------
    frame, found : text cells, and what could not be read of them.

    Raises
    ------
    Refusal : there is no such horizon; rows have faults, all of which are told; or a visit is not the caller's to
        report. Nothing is stored then.
    """
    config_of(work.connection, horizon_id)
    _wait_for_others(work.connection, horizon_id)
    checked = check_rows(TABLE, frame, {}, found=found)
    rows = checked.records()
    problems = list(checked.problems)
    carried_out: dict[Key, Mapping[Any, Any]] = {}
    if not checked.errors:
        carried_out = _visits(work.connection, horizon_id, [(str(r["visit_id"]), str(r["date"])) for r in rows])
        for row in rows:
            row["left_items"] = ";".join(listed_ids(str(row["left_items"] or ""))) or None
        problems += _faults(rows, checked.rows, carried_out, day(work.at))
        problems += _served_twice(work.connection, horizon_id, rows, checked.rows, carried_out, day(work.at))
    if checked.errors or len(problems) > len(checked.problems):
        raise invalid(sorted(problems, key=lambda p: p.row or 0))
    for visit in carried_out.values():
        require_own(caller, TABLE, visit)
    before = _stored(work.connection, horizon_id, list(carried_out))
    counted = {"new": 0, "corrected": 0, "unchanged": 0}
    for row in rows:
        key = str(row["visit_id"]), str(row["date"])
        counted[_store(work, horizon_id, row, carried_out[key], before.get(key), new_id)] += 1
    return counted


def tell_of_visit(work: Work, horizon_id: str, visit: Mapping[Any, Any], said: Mapping[str, Plain]) -> None:
    """Store what the entries of a published visit come to, in place of what was told of it before.

    Parameters
    ----------
    visit : its stored row.
    said : outcome, minutes and left items.
    """
    _wait_for_others(work.connection, horizon_id)
    key = str(visit["visit_id"]), str(visit["date"])
    before = _stored(work.connection, horizon_id, [key]).get(key)
    row = {"visit_id": key[0], "date": key[1], **said}
    # The id follows from the visit: whoever tells of it again tells of the same outcome.
    _store(work, horizon_id, row, visit, before, lambda: _id_of(horizon_id, *key))


def _id_of(horizon_id: str, visit_id: str, on: str) -> str:
    return hashlib.sha256("\x1f".join((horizon_id, visit_id, on)).encode()).hexdigest()[:28]


def _wait_for_others(connection: Connection, horizon_id: str) -> None:
    """Let one body after the other be stored: the later of two that tell of a visit corrects the former."""
    query = select(horizons.c.horizon_id).where(horizons.c.horizon_id == horizon_id)
    connection.execute(query.with_for_update(key_share=True))


def _store(
    work: Work,
    horizon_id: str,
    row: Mapping[str, Plain],
    visit: Mapping[Any, Any],
    before: Mapping[Any, Any] | None,
    new_id: Callable[[], str],
) -> str:
    """Store one outcome and say what it is: new, corrected or unchanged."""
    said = {k: row[k] for k in _SAID}
    if before is not None and all(before[k] == v for k, v in said.items()):
        return "unchanged"
    recorded = {"recorded_at": work.at, "recorded_by": work.actor}
    what = {"visit_id": row["visit_id"], "date": row["date"]}
    if before is None:
        of = {k: visit[k] for k in ("schedule_id", "street_id", "enterprise_id")}
        outcome_id = new_id()
        values = {"outcome_id": outcome_id, "horizon_id": horizon_id, **of, **what, **said, **recorded}
        work.connection.execute(insert(outcomes).values(**values))
        work.record("outcomes.create", f"outcomes/{outcome_id}", after={**what, **said})
        return "new"
    outcome_id = before["outcome_id"]
    query = update(outcomes).where(outcomes.c.outcome_id == outcome_id)
    work.connection.execute(query.values(**said, **recorded))
    was = {k: before[k] for k in _SAID}
    work.record("outcomes.correct", f"outcomes/{outcome_id}", before={**what, **was}, after={**what, **said})
    return "corrected"


def _visits(connection: Connection, horizon_id: str, keys: Sequence[Key]) -> dict[Key, Mapping[Any, Any]]:
    """Return the visits that were in force on their dates, of those named."""
    published = by_dates(publications.c.horizon_id == horizon_id)
    out: dict[Key, Mapping[Any, Any]] = {}
    ids = sorted({v for v, _ in keys})
    for k in range(0, len(ids), _AT_ONCE):
        some = visits.c.visit_id.in_(ids[k : k + _AT_ONCE])
        query = select(visits).join(published, counts(published, visits)).where(some)
        out |= {(r["visit_id"], r["date"]): r for r in connection.execute(query).mappings()}
    asked = set(keys)
    return {key: r for key, r in out.items() if key in asked}


def _stored(connection: Connection, horizon_id: str, keys: Sequence[Key]) -> dict[Key, Mapping[Any, Any]]:
    out: dict[Key, Mapping[Any, Any]] = {}
    ids = sorted({v for v, _ in keys})
    for k in range(0, len(ids), _AT_ONCE):
        query = select(outcomes).where(
            outcomes.c.horizon_id == horizon_id, outcomes.c.visit_id.in_(ids[k : k + _AT_ONCE])
        )
        out |= {(r["visit_id"], r["date"]): r for r in connection.execute(query).mappings()}
    return out


def _fault(number: int, column: str, value: object, text: Text, **facts: object) -> Problem:
    said = {"detail": text.say("zh", **facts), "detail_en": text.say("en", **facts)}
    return problem("bad_event", TABLE, number, column, str(value)[:200], **said)


def _faults(
    rows: Sequence[Mapping[str, Plain]],
    numbers: Sequence[int],
    known: Mapping[Key, Mapping[Any, Any]],
    today: str,
) -> Iterator[Problem]:
    seen_before: set[Key] = set()
    for number, row in zip(numbers, rows, strict=True):
        key = visit_id, on = str(row["visit_id"]), str(row["date"])
        visit = known.get(key)
        if on > today:
            yield _fault(number, "date", on, NOT_YET, id=visit_id, day=on, today=today)
        elif visit is None:
            yield _fault(number, "visit_id", visit_id, UNKNOWN_VISIT, id=f"{visit_id} ({on})")
        if key in seen_before:
            yield _fault(number, "visit_id", visit_id, TWO_OUTCOMES, id=visit_id)
        seen_before.add(key)
        if row["outcome"] != OutcomeName.DONE:
            for column in ("minutes", "left_items"):
                if row[column] is not None:
                    yield _fault(number, column, row[column], ONLY_DONE, id=visit_id)
        elif visit is not None and row["left_items"]:
            mine = str(visit["item_ids"]).split(";")
            for item_id in str(row["left_items"]).split(";"):
                if item_id not in mine:
                    yield _fault(number, "left_items", item_id, NOT_OF_VISIT, id=visit_id, item=item_id)


def _served_twice(
    connection: Connection,
    horizon_id: str,
    rows: Sequence[Mapping[str, Plain]],
    numbers: Sequence[int],
    known: Mapping[Key, Mapping[Any, Any]],
    today: str,
) -> Iterator[Problem]:
    """Yield a fault for every visit that is said to be done though another one has served its items."""
    told = {(str(r["visit_id"]), str(r["date"])): r for r in rows}
    done = {k for k, r in told.items() if r["outcome"] == OutcomeName.DONE and k in known}
    took_place: dict[tuple[str, str], Key] = {}
    for visit in _around(connection, horizon_id, sorted({known[k]["enterprise_id"] for k in done})):
        key = visit["visit_id"], visit["date"]
        said = told.get(key, visit)
        if key not in done and key[1] < today and said["outcome"] in (None, OutcomeName.DONE):
            for item_id in _served(visit, said):
                took_place[visit["enterprise_id"], item_id] = key
    for number, row in zip(numbers, rows, strict=True):
        key = str(row["visit_id"]), str(row["date"])
        for item_id in sorted(_served(known[key], row)) if key in done else ():
            other = took_place.get((known[key]["enterprise_id"], item_id))
            if other is not None and other != key:
                facts = {"id": key[0], "item": item_id, "other": other[0], "day": other[1]}
                yield _fault(number, "outcome", key[0], SERVED_TWICE, **facts)
            else:
                took_place[known[key]["enterprise_id"], item_id] = key


def _served(visit: Mapping[Any, Any], said: Mapping[Any, Any]) -> set[str]:
    return set(str(visit["item_ids"]).split(";")) - set(str(said["left_items"] or "").split(";"))


def _around(connection: Connection, horizon_id: str, enterprise_ids: Sequence[str]) -> Iterator[Mapping[Any, Any]]:
    """Yield every visit at some enterprises that was in force on its date, with what is told of it."""
    published = by_dates(publications.c.horizon_id == horizon_id)
    query = (
        select(visits, outcomes.c.outcome, outcomes.c.left_items)
        .join(published, counts(published, visits))
        .outerjoin(outcomes, outcome_of(horizon_id, visits))
    )
    for k in range(0, len(enterprise_ids), _AT_ONCE):
        some = visits.c.enterprise_id.in_(enterprise_ids[k : k + _AT_ONCE])
        yield from connection.execute(query.where(some)).mappings()


def listing(
    connection: Connection, caller: Caller, filters: Mapping[str, str | None], limit: int, cursor: str | None
) -> Page:
    """Return a page of the outcomes that the caller sees."""
    query = matching(select(outcomes).where(seen(caller, TABLE)), outcomes, filters)
    return page(connection, query, [outcomes.c.outcome_id], limit, cursor)


def find(connection: Connection, caller: Caller, outcome_id: str) -> dict[str, Any]:
    """Return an outcome that the caller sees.

    Raises
    ------
    Refusal : there is none.
    """
    query = select(outcomes).where(outcomes.c.outcome_id == outcome_id, seen(caller, TABLE))
    row = connection.execute(query).mappings().one_or_none()
    if row is None:
        raise Refusal("not_found", what=f"outcomes/{outcome_id}")
    return dict(row)


def remove(work: Work, caller: Caller, outcome_id: str) -> None:
    """Take an outcome back; that it was there stays on record.

    Raises
    ------
    Refusal : there is none, or it is not the caller's to take back.
    """
    row = find(work.connection, caller, outcome_id)
    require_own(caller, TABLE, row)
    work.connection.execute(delete(outcomes).where(outcomes.c.outcome_id == outcome_id))
    work.record("outcomes.delete", f"outcomes/{outcome_id}", before={k: row[k] for k in ("visit_id", "date", *_SAID)})
