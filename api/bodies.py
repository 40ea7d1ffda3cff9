"""Bodies that may come as JSON, CSV or a workbook."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any

import pandas as pd
from fastapi import Request

from api.errors import Refusal
from api.requests import strict_json
from scheduler.errors import Problem
from scheduler.intake.single import table_of_csv, table_of_workbook

JSON, CSV = "application/json", "text/csv"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
ZIP = "application/zip"


@dataclass(frozen=True, slots=True, kw_only=True)
class Body:
    """A body as it came."""

    media_type: str
    data: bytes

    @property
    def digest(self) -> str:
        """Return its SHA-256."""
        return hashlib.sha256(self.data).hexdigest()


def media_type_of(request: Request, absent: str = "") -> str:
    """Return the media type of a request's body without its parameters, `absent` when it says none."""
    return request.headers.get("content-type", absent).split(";")[0].strip().lower()


async def read_body(request: Request) -> Body:
    """Return the body of a request and its media type, JSON when it says none."""
    return Body(media_type=media_type_of(request, JSON), data=await request.body())


def json_of(body: Body) -> Any:
    """Return the JSON value of a body.

    Raises
    ------
    Refusal : it is no sound JSON.
    """
    return strict_json(body.data)


MAX_ROWS = 20_000
"""Rows of a table that is read at once."""
_MAX_UNPACKED = 64 << 20


def table_of(body: Body, table: str) -> tuple[pd.DataFrame, list[Problem]]:
    """Return the text table of a CSV file or workbook, and what could not be read of it.

    Raises
    ------
    Refusal : another media type.
    InvalidCase : nothing can be read of it.
    """
    if body.media_type == CSV:
        return table_of_csv(body.data, table, MAX_ROWS)
    if body.media_type == XLSX:
        return table_of_workbook(body.data, table, max_rows=MAX_ROWS, max_unpacked=_MAX_UNPACKED)
    raise Refusal("unsupported_media_type", known=", ".join((JSON, CSV, XLSX)))
