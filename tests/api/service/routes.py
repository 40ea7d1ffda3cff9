"""The route table of an application, and what each route needs."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from fastapi import FastAPI
from fastapi.routing import iter_route_contexts

from api.deps import Needs


@dataclass(frozen=True, kw_only=True)
class TableRoute:
    """One method of a route; `needs` holds every (resource, action) of it."""

    method: str
    path: str
    needs: tuple[tuple[str, str], ...]

    def filled(self, value: str = "x") -> str:
        """Return its address with a value in every place."""
        return re.sub(r"\{[^}]*\}", value, self.path)


def routes_of(app: FastAPI) -> list[TableRoute]:
    """Return every route, also those that OpenAPI does not show and mounts (method ``*``)."""
    found = []
    for context in iter_route_contexts(app.routes):
        dependant = getattr(context.route, "dependant", None)
        needs = () if dependant is None else tuple(_needs(dependant))
        for method in sorted((context.methods or {"*"}) - {"HEAD"}):
            found.append(TableRoute(method=method, path=str(context.path), needs=needs))
    return found


def _needs(dependant: Any) -> Iterator[tuple[str, str]]:
    for dependency in dependant.dependencies:
        if isinstance(dependency.call, Needs):
            yield dependency.call.resource, dependency.call.action
        yield from _needs(dependency)
