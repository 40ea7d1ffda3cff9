"""Pages that all have in common: login, logout, the language, the first page, and the style of them all."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated

from fastapi import Depends, FastAPI, Query, Request, Response
from fastapi.responses import FileResponse

from api.access.caller import Caller
from api.access.keys import caller_of_key, key_id_of
from api.deps import Needs, ServicesOf, request_id
from api.errors import KINDS, Refusal
from api.pages.forms import FormOf
from api.pages.navigation import first_page
from api.pages.paths import is_page
from api.pages.rendering import page, page_router, see_other
from scheduler.texts import Text

routes = page_router()
_STYLE = Path(__file__).parent / "style.css"
_LOCAL = re.compile(r"/([^/\\\x00-\x20\x7f][^\\\x00-\x20\x7f]*)?")
"""Paths of this server; a browser leaves it for others (``//host``)."""
_LOGIN = Text("登录", "Log in")
_HOME = Text("首页", "Home")
_TEXTS = {
    "key": Text("访问密钥", "Access key"),
    "key_hint": Text("由管理员发放，以 ov_ 开头", "issued by an administrator, begins with ov_"),
    "log_in": _LOGIN,
    "provider": Text("用统一身份认证登录", "Log in with the identity provider"),
    "welcome": Text("您好，{name}。", "Welcome, {name}."),
    "nothing": Text("您的角色没有网页，请使用接口。", "There are no pages for your role; use the interface."),
    "back": Text("返回首页", "Back to the first page"),
}
_WRONG_KEY = Text("密钥无效或已失效", "This key is not valid, or not any more")
Anybody = Annotated[Caller, Depends(Needs("account", "read"))]
Next = Annotated[str, Query(alias="next", max_length=500)]


def install(app: FastAPI) -> None:
    """Have errors under the addresses of pages shown as pages."""
    app.state.error_page = error_page


def error_page(request: Request, refusal: Refusal) -> Response | None:
    """Return the page of a refusal; ``None`` where the address is no page's, or the client asks for JSON only."""
    accept = request.headers.get("accept", "")
    if not is_page(request.scope["path"]) or ("json" in accept and "html" not in accept):
        return None
    kind = KINDS[refusal.code]
    detail = Text(kind.detail.say("zh", **refusal.facts), kind.detail.say("en", **refusal.facts))
    asks_login = refusal.code == "unauthenticated"
    facts = {"detail": detail, "asks_login": asks_login, "texts": _TEXTS, "number": request_id()}
    found = page(request, "error.html", title=kind.title, status=kind.status, **facts)
    found.headers.update(refusal.headers or {})
    if asks_login:
        found.headers["WWW-Authenticate"] = 'Bearer realm="onevisit"'
    return found


@routes.get("/pages/style.css")
def style() -> FileResponse:
    """Return the style of all pages."""
    return FileResponse(_STYLE, media_type="text/css; charset=utf-8", headers={"Cache-Control": "max-age=3600"})


@routes.get("/login")
def login_page(request: Request, next_path: Next = "") -> Response:
    """Show the login."""
    return _login(request, next_path)


def _login(request: Request, next_path: str, error: Text | None = None) -> Response:
    facts = {
        "texts": _TEXTS,
        "next_path": next_path if _LOCAL.fullmatch(next_path) else "",
        "has_provider": hasattr(request.app.state, "provider"),
        "errors": {} if error is None else {"key": error},
    }
    return page(request, "login.html", title=_LOGIN, status=200 if error is None else 422, **facts)


@routes.post("/login")
def log_in(request: Request, services: ServicesOf, form: FormOf) -> Response:
    """Begin a session of the account whose key is given; the key is neither kept nor logged."""
    with services.store.reading() as connection:
        key = form.get("key", "")[:500]
        caller, key_id = caller_of_key(connection, key, services.store.instant()), key_id_of(connection, key)
    next_path = form.get("next", "")
    if caller is None:
        return _login(request, next_path, _WRONG_KEY)
    with services.store.writing(caller.account_id, request_id()) as work:
        work.record("account.login", f"accounts/{caller.account_id}")
    lang = request.session.get("lang")
    request.session.clear()  # nothing of whoever was here before stays
    request.session["account_id"] = caller.account_id
    request.session["key_id"] = key_id  # the session ends with it
    if lang is not None:
        request.session["lang"] = lang
    return see_other(next_path if next_path and _LOCAL.fullmatch(next_path) else first_page(caller.role))


@routes.post("/logout")
def log_out(request: Request, services: ServicesOf, caller: Anybody, form: FormOf) -> Response:
    """End the session."""
    if request.session.get("account_id") == caller.account_id:
        with services.store.writing(caller.account_id, request_id()) as work:
            work.record("account.logout", f"accounts/{caller.account_id}")
    request.session.clear()
    return see_other("/login")


@routes.post("/language")
def choose_language(request: Request, form: FormOf) -> Response:
    """Keep the language of a reader, and lead back to where it was chosen."""
    request.session["lang"] = "en" if form.get("lang") == "en" else "zh"
    back = form.get("next", "")
    return see_other(back if _LOCAL.fullmatch(back) else "/login")


@routes.get("/home")
def home(request: Request, caller: Anybody) -> Response:
    """Show what pages there are for the caller."""
    return page(request, "home.html", title=_HOME, texts=_TEXTS)
