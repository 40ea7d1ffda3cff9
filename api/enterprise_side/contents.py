"""What enterprises are given to read: guidance for an industry, policies, law briefings; every version is kept."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import Any, NamedTuple

from sqlalchemy import Connection, Select, func, insert, or_, select

from api.errors import Refusal
from api.store.enterprise_tables import contents
from api.store.pages import Page, page
from api.store.schema import enterprises
from api.store.work import Work


class ContentKind(StrEnum):
    """What a content is."""

    GUIDANCE = "guidance"  # 合规指引
    POLICY = "policy"  # 惠企政策
    LAW = "law"  # 普法


class Block(NamedTuple):
    """A part of a body: a paragraph, or a list where every line begins with ``- ``."""

    is_list: bool
    lines: tuple[str, ...]


def _newest() -> Select[Any]:
    last = select(contents.c.content_id, func.max(contents.c.version).label("version")).group_by(contents.c.content_id)
    found = last.subquery()
    both = (contents.c.content_id == found.c.content_id) & (contents.c.version == found.c.version)
    return select(contents).join(found, both)


def listing(connection: Connection, limit: int, cursor: str | None) -> Page:
    """Return a page of contents in their newest version."""
    return page(connection, _newest(), [contents.c.content_id], limit, cursor)


def find(connection: Connection, content_id: str) -> dict[str, Any]:
    """Return a content in its newest version.

    Raises
    ------
    Refusal : there is none.
    """
    found = connection.execute(_newest().where(contents.c.content_id == content_id)).mappings().one_or_none()
    if found is None:
        raise Refusal("not_found", what=f"contents/{content_id}")
    return dict(found)


def write(work: Work, content_id: str, values: Mapping[str, Any], version: int | None = None) -> dict[str, Any]:
    """Store a new content, or a further version of one, and return it.

    Parameters
    ----------
    version : that was read and is followed by this one; ``None`` for a new content.

    Raises
    ------
    Refusal : there is none to follow, or its version is another.
    """
    before = None
    if version is not None:
        before = find(work.connection, content_id)
        if before["version"] != version:
            raise Refusal("precondition_failed", version=before["version"])
    by = {"version": (version or 0) + 1, "written_at": work.at, "written_by": work.actor}
    row = {"content_id": content_id, **values, **by}
    work.connection.execute(insert(contents).values(**row))
    work.record("contents.write", f"contents/{content_id}", before=before, after=row)
    return row


def for_enterprise(connection: Connection, enterprise_id: str, today: str) -> list[dict[str, Any]]:
    """Return what is published on a date for an enterprise's industry or for all, the latest first."""
    industry = select(enterprises.c.industry).where(enterprises.c.enterprise_id == enterprise_id).scalar_subquery()
    query = _newest().where(
        or_(contents.c.industry.is_(None), contents.c.industry == industry),
        contents.c.published_from <= today,
        or_(contents.c.published_until.is_(None), contents.c.published_until >= today),
    )
    shown = ("content_id", "kind", "title_zh", "title_en", "body_zh", "body_en", "published_from")
    rows = connection.execute(query.order_by(contents.c.published_from.desc(), contents.c.content_id)).mappings()
    return [{k: r[k] for k in shown} for r in rows]


def blocks_of(body: str) -> Iterator[Block]:
    """Yield the parts of a body, which blank lines part; nothing in it is taken for markup but ``- ``."""
    for part in body.split("\n\n"):
        lines = tuple(line for line in part.split("\n") if line.strip())
        if lines and all(line.startswith("- ") for line in lines):
            yield Block(True, tuple(line[2:] for line in lines))
        elif lines:
            yield Block(False, lines)
