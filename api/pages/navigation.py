"""Links at the top of every page, by the role of who reads it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from api.access.caller import Role
from scheduler.texts import Text


class Link(NamedTuple):
    """A link of the navigation."""

    path: str
    text: Text


_COMPLAINT = Link("/complaint/new", Text("匿名投诉", "Anonymous complaint"))
_FOLLOW = Link("/complaint/follow", Text("查询投诉", "Follow a complaint"))
LINKS: Mapping[Role | None, tuple[Link, ...]] = {
    None: (_COMPLAINT, _FOLLOW),
    Role.ENTERPRISE: (
        Link("/enterprise", Text("即将检查", "Coming visits")),
        Link("/enterprise/past", Text("检查记录", "Past visits")),
        Link("/enterprise/guidance", Text("指引与政策", "Guidance")),
        Link("/enterprise/complaint", Text("投诉", "Complaint")),
        _COMPLAINT,
        _FOLLOW,
    ),
    Role.OFFICER: (
        Link("/officer", Text("今日检查", "Today's visits")),
        Link("/officer/code", Text("亮码", "My code")),
    ),
}
"""``None``: of who is not logged in. A role that is not named has no links."""


def links_of(role: Role | None) -> tuple[Link, ...]:
    """Return the links of a role."""
    return LINKS.get(role, ())


def first_page(role: Role) -> str:
    """Return the page that a role sees after login."""
    links = links_of(role)
    return links[0].path if links else "/home"
