"""Pages of lists: a cursor holds the key of the last row, so that rows added meanwhile move nothing."""

from __future__ import annotations

import base64
import binascii
import json
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Select, Table, tuple_

from api.errors import Refusal

MAX_LIMIT = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """Rows of a list and the cursor of what follows, ``None`` at the end."""

    rows: list[dict[str, Any]]
    next_cursor: str | None


def page(connection: Connection, query: Select[Any], keys: Sequence[Any], limit: int, cursor: str | None) -> Page:
    """Return the rows of a query after a cursor, in the order of its keys (columns that are unique together).

    Raises
    ------
    Refusal : the cursor is none of ours.
    """
    if cursor is not None:
        after = _read(cursor, keys)
        query = query.where(tuple_(*keys) > tuple_(*after) if len(keys) > 1 else keys[0] > after[0])
    found = connection.execute(query.order_by(*keys).limit(limit + 1)).mappings().all()
    rows = [dict(r) for r in found[:limit]]
    more = len(found) > limit
    return Page(rows=rows, next_cursor=_write([rows[-1][k.name] for k in keys]) if more else None)


def ids_after(ids: Sequence[str], key: Any, limit: int, cursor: str | None) -> tuple[list[str], str | None]:
    """Return the ids of a page out of sorted ids that were worked out, and the cursor of what follows.

    Parameters
    ----------
    key : the column that the ids are of.

    Raises
    ------
    Refusal : the cursor is none of ours.
    """
    start = 0 if cursor is None else bisect_right(ids, _read(cursor, [key])[0])
    found = list(ids[start : start + limit])
    return found, _write([found[-1]]) if start + limit < len(ids) else None


def matching(query: Select[Any], table: Table, filters: Mapping[str, str | None]) -> Select[Any]:
    """Return a query narrowed to the rows that are equal to the filters; one that is ``None`` narrows nothing."""
    return query.where(*(table.c[name] == value for name, value in filters.items() if value is not None))


def _write(values: list[Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(values).encode()).decode().rstrip("=")


def _read(cursor: str, keys: Sequence[Any]) -> list[Any]:
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        values = json.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
    except (binascii.Error, ValueError, RecursionError):
        raise Refusal("invalid_cursor") from None
    kinds = [k.type.python_type for k in keys]
    good = isinstance(values, list) and len(values) == len(keys)
    if not good or not all(type(v) is kind for v, kind in zip(values, kinds, strict=True)):
        raise Refusal("invalid_cursor")
    if not all(_storable(v) for v in values):
        raise Refusal("invalid_cursor")
    return list(values)


def _storable(value: Any) -> bool:
    """Say whether a database takes a value: no NUL, no half characters, no number beyond 64 bits."""
    if isinstance(value, str):
        return "\0" not in value and not any("\ud800" <= c <= "\udfff" for c in value)
    return not isinstance(value, int) or abs(value) < 2**63
