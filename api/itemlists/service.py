"""The published lists out of their registers; they are in force once an inspecting body is announced."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import Connection, select

from api.store.schema import authority_items, bodies, delegations, enterprises, inspection_items
from scheduler.domain.plans import Trigger
from scheduler.errors import Problem
from scheduler.intake.problems import problem
from scheduler.itemlist import Body, BodyKind, Delegation, Holding, ItemList, ListedItem

_SEPARATOR = re.compile("[;；]")
FEW = 500
"""Up to so many codes are asked for; beyond, the lists are read whole."""
REMOTE_ONLY_FOR = (Trigger.CASE.value, Trigger.FOLLOW_UP.value)
"""Triggers with which an item that can be checked from afar may be planned on site (能书面核查的不得入企现场检查)."""


def load(connection: Connection, codes: Collection[str] | None = None) -> ItemList | None:
    """Return the lists, of some codes or whole; ``None`` while no inspecting body is announced."""
    listed = connection.execute(select(bodies)).mappings().all()
    if not listed:
        return None
    narrow = codes is not None and len(codes) <= FEW

    def rows(table: Any) -> Sequence[Mapping[Any, Any]]:
        query = select(table)
        if narrow:
            query = query.where(table.c.item_code.in_(sorted(codes or ())))
        return connection.execute(query).mappings().all()

    return ItemList.of(
        [
            Body(
                authority_id=r["authority_id"],
                announced=_day(r["announced"]),
                kind=BodyKind(r["body_kind"]),
                acts_for=r["acts_for"],
            )
            for r in listed
        ],
        [
            ListedItem(
                code=r["item_code"],
                published=_day(r["published"]),
                withdrawn=_day(r["withdrawn"]),
                remote=bool(r["remote"]),
            )
            for r in rows(inspection_items)
        ],
        [
            Holding(
                authority_id=r["authority_id"],
                item_code=r["item_code"],
                first_day=_day(r["from"]),
                last_day=_day(r["to"]),
            )
            for r in rows(authority_items)
        ],
        [
            Delegation(
                item_code=r["item_code"],
                from_authority=r["authority_id"],
                street_id=r["street_id"],
                to_authority=r["to_authority"],
                first_day=_number(r["from"]),
                last_day=_day(r["to"]),
                document_no=r["document_no"],
            )
            for r in rows(delegations)
        ],
    )


def problems_of(
    connection: Connection, rows: Sequence[Mapping[str, Any]], numbers: Iterable[int | None]
) -> list[Problem]:
    """Return what the lists say against plan items: each must be good on every day of its window.

    Parameters
    ----------
    rows : stored values of plan items.
    numbers : the row of each as a person counts it.
    """
    lists = load(connection, {str(r["item_code"]) for r in rows if r["item_code"]})
    if lists is None:
        return []
    streets = _streets(connection, {str(r["enterprise_id"]) for r in rows})
    found = []
    for number, r in zip(numbers, rows, strict=True):
        code, street_id = r["item_code"], streets.get(r["enterprise_id"])
        if street_id is None:
            continue
        span = _number(r["earliest"]), _number(r["latest"])
        fault = lists.faults_between(r["authority_id"], code, street_id, *span) if span[0] <= span[1] else None
        if fault is not None:
            said = fault.of_window()
            told = {"detail": said.zh, "detail_en": said.en}
            found.append(problem("not_listed", "items", number, "item_code", code, **told))
        elif code in lists.items and lists.items[code].remote and r["trigger"] not in REMOTE_ONLY_FOR:
            found.append(problem("remote_item", "items", number, "item_code", code))
    return found


def names_and_papers(connection: Connection, codes: Collection[str]) -> dict[str, tuple[str, tuple[str, ...]]]:
    """Return the name of items and the papers to prepare for them, by code, as far as the list knows them."""
    wanted, out = sorted(codes), dict[str, tuple[str, tuple[str, ...]]]()
    columns = (inspection_items.c.item_code, inspection_items.c.name, inspection_items.c.papers)
    for k in range(0, len(wanted), FEW):
        query = select(*columns).where(inspection_items.c.item_code.in_(wanted[k : k + FEW]))
        for r in connection.execute(query):
            papers = (p.strip() for p in _SEPARATOR.split(r.papers or ""))
            out[r.item_code] = r.name, tuple(p for p in papers if p)
    return out


def _streets(connection: Connection, enterprise_ids: Collection[str]) -> dict[str, str]:
    wanted, out = sorted(enterprise_ids), dict[str, str]()
    for k in range(0, len(wanted), FEW):
        some = enterprises.c.enterprise_id.in_(wanted[k : k + FEW])
        query = select(enterprises.c.enterprise_id, enterprises.c.street_id).where(some)
        out |= {r.enterprise_id: r.street_id for r in connection.execute(query)}
    return out


def _day(text: str | None) -> int | None:
    return None if text is None else _number(text)


def _number(text: Any) -> int:
    return date.fromisoformat(str(text)).toordinal()
