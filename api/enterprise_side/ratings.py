"""Ratings after a visit: kept without whose they are; enforcing bodies see ended quarters of five ratings or more."""

from __future__ import annotations

import secrets
from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, insert, select
from sqlalchemy.exc import IntegrityError

from api.access.caller import Caller, Role
from api.enterprise_side.past import past
from api.errors import Refusal
from api.store.enterprise_tables import rated_doors, ratings
from api.store.pages import Page, page
from api.store.work import Work

QUESTIONS = ("identity", "code", "conduct", "time")
MIN_RATINGS = 5
"""Fewer ratings than these are not told of, lest one be recognised: ours [calc]."""


def rate(work: Work, enterprise_id: str, door: str, scores: Mapping[str, int], comment: str | None) -> None:
    """Store a rating of a door that is closed.

    No audit entry is written: its instant, beside the log of requests, would lead from the account to the rating.

    Parameters
    ----------
    scores : from 1 to 5 of each of :data:`QUESTIONS`.

    Raises
    ------
    Refusal : the enterprise has no such door behind it, or rated it before.
    """
    found = next((d for d in past(work.connection, enterprise_id) if d["door"] == door), None)
    if found is None:
        raise Refusal("not_found", what="door")
    try:
        with work.connection.begin_nested():
            work.connection.execute(insert(rated_doors).values(enterprise_id=enterprise_id, door=door))
    except IntegrityError:
        raise Refusal("already_exists", what="rating") from None
    row = {
        "rating_id": secrets.token_hex(16),
        "month": found["date"][:7],
        "street_id": found["street_id"],
        "authority_ids": ";".join(sorted({e["authority_id"] for e in found["entries"]})),
        "scores": dict(scores),
        "comment": comment,
    }
    work.connection.execute(insert(ratings).values(**row))


def listing(connection: Connection, limit: int, cursor: str | None) -> Page:
    """Return a page of ratings with their comments, in an order that says nothing of when they came."""
    return page(connection, select(ratings), [ratings.c.rating_id], limit, cursor)


def summary(connection: Connection, caller: Caller, quarter: str, today: str) -> list[dict[str, Any]]:
    """Return the mean scores of a quarter by authority and by street, of as many as the caller may see.

    A quarter is told of once it has ended: from one day to the next a sum would tell the rating between.

    Parameters
    ----------
    quarter : as in ``2026Q4``.
    """
    year, number = int(quarter[:4]), int(quarter[5])
    months = [f"{year}-{m:02d}" for m in range(3 * number - 2, 3 * number + 1)]
    if today[:7] <= months[-1]:
        return []
    groups: dict[tuple[str, str], list[Mapping[str, int]]] = defaultdict(list)
    for row in connection.execute(select(ratings).where(ratings.c.month.in_(months))).mappings():
        groups["street", row["street_id"]].append(row["scores"])
        for authority_id in row["authority_ids"].split(";"):
            groups["authority", authority_id].append(row["scores"])
    return [
        {"by": by, "id": name, "ratings": len(found), "means": _means(found)}
        for (by, name), found in sorted(groups.items())
        if len(found) >= MIN_RATINGS and _may_see(caller, by, name)
    ]


def _may_see(caller: Caller, by: str, name: str) -> bool:
    if caller.role is Role.DEPARTMENT:
        return by == "authority" and name == caller.authority_id
    if caller.role is Role.STREET_OFFICE:
        return by == "street" and name in caller.street_ids
    return caller.sees_everything


def _means(found: list[Mapping[str, int]]) -> dict[str, float]:
    return {q: round(sum(scores[q] for scores in found) / len(found), 1) for q in QUESTIONS}
