"""Forms as browsers post them: small, urlencoded, from our own pages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated
from urllib.parse import parse_qsl

from fastapi import Depends, Request

from api.errors import Refusal

_TYPE = "application/x-www-form-urlencoded"
_MAX_FIELDS = 50


async def read_form(request: Request) -> Mapping[str, str]:
    """Return the fields of a posted form, without blanks around them, line ends as in text files.

    Raises
    ------
    Refusal : it comes from elsewhere, is no form in UTF-8, has a field twice, or holds invisible characters.
    """
    if request.headers.get("sec-fetch-site") != "same-origin":
        raise Refusal("foreign_form")
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != _TYPE:
        raise Refusal("bad_request", why=_TYPE)
    try:
        pairs = parse_qsl(
            (await request.body()).decode("ascii"),
            keep_blank_values=True,
            errors="strict",
            max_num_fields=_MAX_FIELDS,
        )
    except ValueError:
        raise Refusal("bad_request", why=_TYPE) from None
    form = {name: value.replace("\r\n", "\n").strip() for name, value in pairs}
    if len(form) != len(pairs) or any("\x00" in v for v in form.values()):
        raise Refusal("bad_request", why=_TYPE)
    return form


FormOf = Annotated[Mapping[str, str], Depends(read_form)]
