"""The record of a period as the analysis takes it, and its figures as a caller sees them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, select, true

from api.access.caller import Caller, Role
from api.access.scope import seen
from api.dates import request_fault
from api.errors import invalid
from api.store.fieldwork_tables import entries, entry_items
from api.store.pages import Page, ids_after, matching
from api.store.schema import authorities, districts, enterprises, streets
from api.supervision.warnings.facts import day_number, entry_of
from scheduler.domain.fieldwork.entry import Entry, ItemOutcome
from scheduler.domain.fieldwork.kinds import ItemResult, LeniencyList
from scheduler.explain.facts import iso
from scheduler.supervision.analysis.figures import FIGURES, behind, by_group, rates, totals
from scheduler.supervision.analysis.marks import PARTNER_DAYS, REPEAT_DAYS, Dimension, Mark, Places, marks_of
from scheduler.supervision.analysis.weak import MEASURES, Compared, Count, compare, explained
from scheduler.texts import Lang

MAX_DAYS = 366
"""The longest period that is looked at together: a year."""

_MARGIN_DAYS = max(REPEAT_DAYS, PARTNER_DAYS)
_NAMES = {Dimension.STREET: streets, Dimension.DISTRICT: districts, Dimension.AUTHORITY: authorities}
_SHOWN = (
    "entry_id", "enterprise_id", "street_id", "authority_id", "visit_id", "date", "path", "scan_status", "state",
    "entered_at", "left_at", "item_ids", "trigger",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Which part of the record is asked for.

    Parameters
    ----------
    first, last : day numbers, both inside.
    filters : columns of entries and the values that they are to have.
    """

    first: int
    last: int
    by: Dimension
    filters: Mapping[str, str | None]


def asked(first: int, last: int, by: Dimension, filters: Mapping[str, str | None]) -> Asked:
    """Return what is asked for.

    Raises
    ------
    Refusal : the period ends before it begins or is longer than a year.
    """
    if not first <= last < first + MAX_DAYS:
        words = (f"不早于 first，且不超过 {MAX_DAYS} 天", f"no earlier than first, and within {MAX_DAYS} days")
        raise invalid([request_fault("bad_date", "query", "last", iso(last), words)])
    return Asked(first=first, last=last, by=by, filters=filters)


def overview(connection: Connection, caller: Caller, wanted: Asked, lang: Lang) -> dict[str, Any]:
    """Return the figures of a period, by group and together, of the entries that the caller sees."""
    record = _record(connection, seen(caller, "entries"), wanted)
    marks = _marks(connection, record, wanted, wanted.by)
    # a joint door is one in the city, and one of each of its authorities: all other groups add up to the city
    city = _marks(connection, record, wanted, Dimension.CITY) if wanted.by is Dimension.AUTHORITY else marks
    names = _names(connection, wanted.by)
    groups = [{"group": g, "name": names.get(g, g), **_wire(figures)} for g, figures in by_group(marks).items()]
    return {
        "first": iso(wanted.first),
        "last": iso(wanted.last),
        "by": wanted.by.value,
        "total": _wire(totals(city)),
        "groups": groups,
        "words": {name: figure.name.say(lang) for name, figure in FIGURES.items()},
    }


def records(
    connection: Connection,
    caller: Caller,
    wanted: Asked,
    group: str | None,
    figure: str,
    limit: int,
    cursor: str | None,
) -> Page:
    """Return a page of the entries behind a figure of a group, or of the total where there is no group."""
    by = Dimension.CITY if group is None else wanted.by
    marks = _marks(connection, _record(connection, seen(caller, "entries"), wanted), wanted, by)
    counted = {m.entry.entry_id: FIGURES[figure].of(m) for m in marks if group in (None, m.group)}
    found = behind((m for m in marks if m.entry.entry_id in counted), figure)
    ids, next_cursor = ids_after(found, entries.c.entry_id, limit, cursor)
    query = select(*(entries.c[k] for k in _SHOWN)).where(entries.c.entry_id.in_(ids)).order_by(entries.c.entry_id)
    rows = [{**r, "counts": counted[r["entry_id"]]} for r in connection.execute(query).mappings()]
    return Page(rows=rows, next_cursor=next_cursor)


def weak_links(connection: Connection, caller: Caller, wanted: Asked, lang: Lang) -> dict[str, Any]:
    """Return bodies compared with the whole city; a department is shown itself, a street office its streets."""
    figures = by_group(_marks(connection, _record(connection, true(), wanted), wanted, wanted.by))
    counts = [
        Count(measure=m, body=body, num=of[MEASURES[m].num], of=of[MEASURES[m].of])
        for body, of in figures.items()
        for m in MEASURES
    ]
    names = _names(connection, wanted.by)
    shown = [c for c in compare(counts) if _is_shown(caller, wanted.by, c.count.body)]
    items = [_link(c, names, lang) for c in shown]
    return {"first": iso(wanted.first), "last": iso(wanted.last), "by": wanted.by.value, "items": items}


def _is_shown(caller: Caller, by: Dimension, body: str) -> bool:
    if caller.sees_everything:
        return True
    if by is Dimension.AUTHORITY:
        return caller.role is Role.DEPARTMENT and body == caller.authority_id
    return caller.role is Role.STREET_OFFICE and body in caller.street_ids


def _link(one: Compared, names: Mapping[str, str], lang: Lang) -> dict[str, Any]:
    body = one.count.body
    return {
        "measure": one.count.measure,
        "body": body,
        "name": names.get(body, body),
        "num": one.count.num,
        "of": one.count.of,
        "pooled": one.pooled,
        "spread": one.spread,
        "chance": one.chance,
        "limit_95": one.limit_95,
        "limit_998": one.limit_998,
        "shrunk": one.shrunk,
        "is_named": one.is_named,
        "why": explained(one).say(lang),
    }


def _wire(figures: Mapping[str, int]) -> dict[str, Any]:
    shares = {
        k: {"numerator": r.numerator, "denominator": r.denominator, "value": r.value} for k, r in rates(figures).items()
    }
    return {"figures": dict(figures), "rates": shares}


def _names(connection: Connection, by: Dimension) -> dict[str, str]:
    if by not in _NAMES:
        return {}
    table = _NAMES[by]
    key = next(iter(table.primary_key.columns))
    return {row[0]: row[1] for row in connection.execute(select(key, table.c.name))}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Record:
    """Entries of a period and around it at the enterprises of a caller's entries; `own` are the ids of those."""

    entries: tuple[Entry, ...]
    own: frozenset[str]


def _marks(connection: Connection, record: _Record, wanted: Asked, by: Dimension) -> tuple[Mark, ...]:
    """Return what the caller's entries add; the others say what is joint or a repeat."""
    places = _places(connection, by)
    return marks_of(record.entries, wanted.first, wanted.last, by, places, lambda e: e.entry_id in record.own)


def _record(connection: Connection, condition: ColumnElement[bool], wanted: Asked) -> _Record:
    around = entries.c.date.between(
        iso(max(1, wanted.first - _MARGIN_DAYS)), iso(min(date.max.toordinal(), wanted.last + _MARGIN_DAYS))
    )
    mine = matching(select(entries.c.entry_id), entries, wanted.filters).where(around, condition)
    at_mine = entries.c.enterprise_id.in_(mine.with_only_columns(entries.c.enterprise_id))
    known = and_(around, at_mine)
    outcomes: dict[str, list[ItemOutcome]] = defaultdict(list)
    joined = entry_items.join(entries, entries.c.entry_id == entry_items.c.entry_id)
    for row in connection.execute(select(entry_items).select_from(joined).where(known)).mappings():
        outcomes[row["entry_id"]].append(_outcome_of(row))
    some = tuple(
        replace(entry_of(row), outcomes=tuple(outcomes.get(row["entry_id"], ())))
        for row in connection.execute(select(entries).where(known)).mappings()
    )
    return _Record(entries=some, own=frozenset(connection.scalars(mine)))


def _outcome_of(row: Mapping[Any, Any]) -> ItemOutcome:
    return ItemOutcome(
        item_id=row["item_id"],
        result=ItemResult(row["result"]),
        due=None if row["due"] is None else day_number(row["due"]),
        leniency=None if row["leniency_list"] is None else LeniencyList(row["leniency_list"]),
        leniency_yuan=row["leniency_amount"],
    )


def _places(connection: Connection, by: Dimension) -> Places:
    lies = select(streets.c.street_id, streets.c.district_id)
    kinds = select(enterprises.c.enterprise_id, enterprises.c.industry)
    return Places(
        districts={r[0]: r[1] for r in connection.execute(lies)} if by is Dimension.DISTRICT else {},
        industries={r[0]: r[1] for r in connection.execute(kinds)} if by is Dimension.INDUSTRY else {},
    )
