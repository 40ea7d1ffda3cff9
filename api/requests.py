"""Requests read strictly: no unknown parameters, JSON without duplicate keys, NaN, NUL or broken characters."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Collection, Coroutine
from typing import Any

from fastapi import Request, Response
from fastapi.dependencies.utils import get_flat_params
from fastapi.params import Query
from fastapi.routing import APIRoute
from starlette.requests import Request as PlainRequest

from api.errors import Refusal

_SUSPECT = re.compile(rb"\\u[dD][89a-fA-F]")
_NUL = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")
"""An escaped NUL; after an even number of backslashes, of which each two are one."""
MAX_DIGITS = 300
MAX_KEYS = 100
"""Of one object: each that a schema does not know is a fault to be told."""
MAX_MEMBERS = 500_000
"""Of all objects of a body: each takes 200 bytes while it is read; the largest plan, of 20,000 items, has 300,000."""
_MEMBER = re.compile(rb'"[ \t\r\n]*:')


class StrictRequest(PlainRequest):
    """A request whose JSON is read strictly."""

    async def json(self) -> Any:
        """Return the body.

        Raises
        ------
        Refusal : it is not sound JSON.
        """
        if not hasattr(self, "_json"):
            self._json = strict_json(await self.body())
        return self._json


class StrictRoute(APIRoute):
    """A route whose requests are strict."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Return the handler of the route; it refuses parameters that the route has not, as a misspelt filter."""
        handler = super().get_route_handler()
        known = self._parameters()

        async def strict(request: Request) -> Response:
            unknown = [name for name in request.query_params if known is not None and name not in known]
            if unknown:
                raise Refusal("bad_request", why=f"unknown parameter {unknown[0][:50]!r}, known: {_listed(known)}")
            return await handler(StrictRequest(request.scope, request.receive))

        return strict

    def _parameters(self) -> frozenset[str] | None:
        """Return the names of the parameters of an address; ``None`` where other services add theirs (login)."""
        if not self.include_in_schema:
            return None
        declared = (self.openapi_extra or {}).get("parameters", ())
        of_functions = {p.alias for p in get_flat_params(self.dependant) if isinstance(p.field_info, Query)}
        return frozenset(of_functions | {p["name"] for p in declared})


def _listed(names: Collection[str] | None) -> str:
    return ", ".join(sorted(names or ())) or "-"


class BadJson(ValueError):
    """Sound for the parser, but not for us."""


def strict_json(body: bytes) -> Any:
    """Return the value of a JSON text.

    Raises
    ------
    Refusal : it is no JSON in UTF-8, nested too deeply, has too many members, names a key twice, or holds NaN, NUL or
        half characters.
    """
    try:
        if body.count(b":") > MAX_MEMBERS and sum(1 for _ in _MEMBER.finditer(body)) > MAX_MEMBERS:
            raise BadJson(f"objects of more than {MAX_MEMBERS} members")
        text = body.decode("utf-8-sig")
        value = json.loads(
            text, object_pairs_hook=_once, parse_constant=_no_constant, parse_int=_number, parse_float=_fraction
        )
        if _NUL.search(body):
            raise BadJson("a NUL character")
        if _SUSPECT.search(body):
            json.dumps(value, ensure_ascii=False).encode("utf-8")
    except RecursionError:
        raise Refusal("bad_json", why="nested too deeply") from None
    except UnicodeError:
        raise Refusal("bad_json", why="not UTF-8") from None
    except ValueError as error:
        raise Refusal("bad_json", why=str(error)[:200]) from None
    return value


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len(pairs) > MAX_KEYS:
        raise BadJson(f"an object of more than {MAX_KEYS} keys")
    out = dict(pairs)
    if len(out) != len(pairs):
        seen: set[str] = set()
        twice = next(k for k, _ in pairs if k in seen or seen.add(k))  # type: ignore[func-returns-value]
        raise BadJson(f"the key {twice[:50]!r} is there twice")
    return out


def _no_constant(name: str) -> Any:
    raise BadJson(f"{name} is no number")


def _number(text: str) -> int:
    if len(text) > MAX_DIGITS:
        raise BadJson("a number of too many digits")
    return int(text)


def _fraction(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise BadJson("a number too large")
    return value
