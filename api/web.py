"""What routes of all features share: paging parameters, versions as ETags, routers of strict requests."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Header, Query
from fastapi.responses import JSONResponse

from api.errors import Refusal
from api.requests import StrictRoute
from api.store.pages import MAX_LIMIT

Limit = Annotated[int, Query(ge=1, le=MAX_LIMIT, description="rows of a page")]
Cursor = Annotated[str | None, Query(max_length=1000, description="next_cursor of the page before")]
IfMatch = Annotated[str | None, Header(max_length=100, description='version that was read, as ETag says it: "3"')]
DEFAULT_LIMIT = 100


def router(prefix: str, tag: str) -> APIRouter:
    """Return a router whose requests are read strictly."""
    return APIRouter(prefix=prefix, tags=[tag], route_class=StrictRoute, responses=PROBLEMS)


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
    plain = if_match.strip().removeprefix("W/").strip('"')
    if not (plain.isascii() and plain.isdigit() and len(plain) < 10):
        raise Refusal("precondition_failed", version="?")
    return int(plain)


def one(row: Mapping[str, Any], status: int = 200, location: str | None = None) -> JSONResponse:
    """Return a row with its version as ETag."""
    headers = {"ETag": etag(row["version"])} if "version" in row else {}
    if location is not None:
        headers["Location"] = location
    return JSONResponse(dict(row), status_code=status, headers=headers)


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
PROBLEMS: dict[int | str, dict[str, Any]] = {
    status: {"description": text, "content": {"application/problem+json": {"schema": _PROBLEM}}}
    for status, text in _TEXTS.items()
}
"""Problem responses that any route may give."""


def answers(schema: Mapping[str, Any], description: str = "done") -> dict[str, Any]:
    """Return the OpenAPI entry of a JSON answer."""
    return {"description": description, "content": {"application/json": {"schema": dict(schema)}}}


def takes(schema: Mapping[str, Any], media_type: str = "application/json") -> dict[str, Any]:
    """Return the OpenAPI entry of a request body that the intake reads itself."""
    return {"requestBody": {"required": True, "content": {media_type: {"schema": dict(schema)}}}}
