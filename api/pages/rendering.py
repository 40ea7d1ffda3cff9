"""A page made of a template, in the language of its reader, with the headers that keep it harmless."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import jinja2
from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse

from api import errors
from api.access.caller import Caller
from api.pages.navigation import links_of
from api.requests import StrictRoute
from scheduler.texts import Lang, Text

POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)
"""What a browser may do on a page (Content-Security-Policy)."""
_TEMPLATES = Path(__file__).parent / "templates"
_WORDS = {
    "skip": Text("跳到正文", "Skip to content"),
    "service": Text("综合查一次", "One joint visit"),
    "navigation": Text("导航", "Navigation"),
    "log_in": Text("登录", "Log in"),
    "log_out": Text("退出", "Log out"),
    "other_language": Text("English", "中文"),
    "errors": Text("请更正以下内容", "Please correct the following"),
    "required": Text("必填", "required"),
}


def page_router(prefix: str = "") -> APIRouter:
    """Return a router of pages; they are not in OpenAPI."""
    return APIRouter(
        prefix=prefix, route_class=StrictRoute, include_in_schema=False, default_response_class=HTMLResponse
    )


def lang_of(request: Request) -> Lang:
    """Return the language of a reader: the one chosen, or the one that the browser asks for."""
    chosen = (request.scope.get("session") or {}).get("lang")
    if chosen in ("zh", "en"):
        return "en" if chosen == "en" else "zh"
    return errors.language(request)


def page(request: Request, template: str, *, title: Text, status: int = 200, **facts: Any) -> HTMLResponse:
    """Return a page.

    Parameters
    ----------
    template : name of a file of ``templates``.
    facts : what the template shows; texts in them are said by the filter ``say``.
    """
    lang = lang_of(request)
    caller = reader_of(request)
    known = {
        "lang": lang,
        "title": title,
        "words": _WORDS,
        "caller": caller,
        "links": links_of(None if caller is None else caller.role),
        "path": request.url.path,
        "errors": {},
        "form": {},
    }
    text = _environment().get_template(template).render(known | facts)
    headers = {"Content-Security-Policy": POLICY, "Content-Language": lang, "Vary": "Accept-Language, Cookie"}
    return HTMLResponse(text, status_code=status, headers=headers)


def reader_of(request: Request) -> Caller | None:
    """Return who was found to make a request, ``None`` when nobody was asked for."""
    caller = getattr(request.state, "caller", None)
    return caller if isinstance(caller, Caller) else None


def see_other(path: str) -> RedirectResponse:
    """Return what leads a browser on after a change."""
    return RedirectResponse(path, status_code=303)


@cache
def _environment() -> jinja2.Environment:
    found = jinja2.Environment(
        loader=jinja2.FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    found.filters["say"] = _say
    return found


@jinja2.pass_context
def _say(context: jinja2.runtime.Context, text: Text | str, **facts: Any) -> str:
    lang: Lang = context["lang"]
    return text.say(lang, **facts) if isinstance(text, Text) else text
