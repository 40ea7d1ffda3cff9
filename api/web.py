"""What routes of all features share: paging parameters, versions as ETags, routers of strict requests."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Depends, Header, Query
from fastapi.security import APIKeyHeader, HTTPBearer

from api.errors import Refusal
from api.requests import StrictRoute
from api.responses import JSONResponse
from api.store.pages import MAX_LIMIT, Page

Limit = Annotated[int, Query(ge=1, le=MAX_LIMIT, description="rows of a page")]
Cursor = Annotated[str | None, Query(max_length=1000, description="next_cursor of the page before")]
IfMatch = Annotated[str | None, Header(max_length=100, description='version that was read, as ETag says it: "3"')]
DEFAULT_LIMIT = 100
_ETAG = re.compile(r'(?:W/)?"([0-9]{1,9})"|([0-9]{1,9})')
"""An ETag of ours; its quotation marks may be missing."""
_KEYS = (
    Depends(HTTPBearer(scheme_name="bearer", description="an API key", auto_error=False)),
    Depends(APIKeyHeader(name="X-API-Key", scheme_name="header", description="an API key", auto_error=False)),
)
"""How a caller says who it is, for OpenAPI; :class:`api.deps.Needs` is what asks for it."""


def router(prefix: str, tag: str, *, is_open: bool = False) -> APIRouter:
    """Return a router whose requests are read strictly; one that `is_open` needs no key."""
    keys = () if is_open else _KEYS
    return APIRouter(prefix=prefix, tags=[tag], route_class=StrictRoute, responses=PROBLEMS, dependencies=keys)


def etag(version: int) -> str:
    """Return a version as an ETag."""
    return f'"{version}"'


def version_of(if_match: str | None) -> int | None:
    """Return the version that an If-Match header asks for; ``None`` when it asks for none.

    Raises
    ------
    Refusal : it is no ETag of ours.
    """
    if if_match is None or if_match.strip() == "*":
        return None
    found = _ETAG.fullmatch(if_match.strip())
    if found is None:
        raise Refusal("precondition_failed", version="?")
    return int(found[1] or found[2])


def take_own(body: dict[str, Any], if_match: str | None, **own: Any) -> int | None:
    """Take out of a body what a row that was read says of itself; return the version that is to be replaced, if any.

    Parameters
    ----------
    own : what identifies the row, as its address says, or nobody may change.

    Raises
    ------
    Refusal : the body is another row's, or its version is not the one of the header.
    """
    for name, value in own.items():
        if (sent := body.pop(name, None)) is not None and sent != value:
            raise Refusal("conflict", why=f"{name} ≠ {value}")
    asked, read = version_of(if_match), body.pop("version", None)
    if asked is not None and read is not None and asked != read:
        raise Refusal("precondition_failed", version=asked)
    return read if asked is None else asked


def one(row: Mapping[str, Any], status: int = 200, location: str | None = None) -> JSONResponse:
    """Return a row with its version as ETag; identifiers in its address may hold any characters."""
    headers = {"ETag": etag(row["version"])} if "version" in row else {}
    if location is not None:
        headers["Location"] = quote(location)
    return JSONResponse(dict(row), status_code=status, headers=headers)


def listed(found: Page) -> JSONResponse:
    """Return a page as it is sent."""
    return JSONResponse({"items": found.rows, "next_cursor": found.next_cursor})


_PROBLEM = {
    "type": "object",
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "code": {"type": "string"},
        "request_id": {"anyOf": [{"type": "string"}, {"type": "null"}]},
        "problems": {"type": "array", "items": {"type": "object"}},
    },
    "required": ["type", "title", "status", "detail", "code"],
}
_TEXTS = {
    400: "bad request",
    401: "nobody known",
    403: "not permitted",
    404: "not found",
    409: "conflict",
    412: "changed by somebody else",
    413: "too large",
    415: "media type not accepted",
    422: "faults of the input, every one placed",
    429: "too many requests",
    503: "temporarily unavailable",
}
_HEADERS: Mapping[str, Mapping[str, Any]] = {
    "Content-Language": {"required": True, "schema": {"enum": ["zh", "en"]}},
    "WWW-Authenticate": {"required": True, "schema": {"type": "string"}},
    "Retry-After": {"required": True, "description": "seconds", "schema": {"type": "integer", "minimum": 1}},
}
_HEADERS_OF = {401: ("WWW-Authenticate",), 429: ("Retry-After",), 503: ("Retry-After",)}
PROBLEMS: dict[int | str, dict[str, Any]] = {
    status: {
        "description": text,
        "headers": {name: _HEADERS[name] for name in ("Content-Language", *_HEADERS_OF.get(status, ()))},
        "content": {"application/problem+json": {"schema": _PROBLEM}},
    }
    for status, text in _TEXTS.items()
}
"""Problem responses that any route may give."""

LOCATION = {"Location": {"required": True, "description": "address of what was made", "schema": {"type": "string"}}}
ETAG = {"ETag": {"required": True, "description": "version", "schema": {"type": "string", "pattern": '^"[0-9]+"$'}}}


def answers(schema: Mapping[str, Any], description: str = "done", **more: Any) -> dict[str, Any]:
    """Return the OpenAPI entry of a JSON answer; `more` are its headers and links."""
    return {"description": description, "content": {"application/json": {"schema": dict(schema)}}, **more}


def leads_to(operations: Iterable[str], **parameters: str) -> dict[str, Any]:
    """Return OpenAPI links to operations (by id), whose parameters the answer holds at JSON pointers."""
    found = {name: f"$response.body#{pointer}" for name, pointer in parameters.items()}
    return {operation: {"operationId": operation, "parameters": found} for operation in operations}


def takes(schema: Mapping[str, Any], media_type: str = "application/json") -> dict[str, Any]:
    """Return the OpenAPI entry of a request body that the intake reads itself."""
    return {"requestBody": {"required": True, "content": {media_type: {"schema": dict(schema)}}}}
