"""A bad request: what is sent, by whom, and what must be said of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

Place = tuple[str, int | None, str | None]
"""Table, row and column of a problem."""

Content = bytes | Callable[[], bytes | Iterable[bytes]] | None


@dataclass(frozen=True, kw_only=True)
class Bad:
    """A request that must be refused, or whose run must fail, with nothing stored.

    Parameters
    ----------
    content : of the body; a function makes what is large only when it is sent.
    params : of the query.
    status : of the answer; any of 4xx when absent. An import that is taken as 202 must fail as a run.
    code : of the problem body.
    place : of one of the problems.
    """

    name: str
    method: str = "POST"
    url: str
    who: str = "administrator"
    content: Content = None
    headers: Mapping[str, str | bytes] = field(default_factory=dict)
    params: Any = None
    status: int | None = None
    code: str | None = None
    place: Place | None = None

    def body(self) -> bytes | Iterable[bytes] | None:
        """Return the body to be sent."""
        return self.content() if callable(self.content) else self.content
