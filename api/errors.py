"""What goes wrong over HTTP: problem details (RFC 9457) in Chinese and English. Statuses are chosen here alone."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from asgi_correlation_id import correlation_id
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.routing import iter_route_contexts
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from starlette.exceptions import HTTPException

from api.responses import JSONResponse
from scheduler.errors import InvalidCase, InvalidFile, InvalidSchedule, PinsNotKept, Problem
from scheduler.texts import Lang, Text
from solver.errors import SolverError

MEDIA_TYPE = "application/problem+json"
LOG = logging.getLogger("onevisit.errors")


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """A kind of problem: its status, a title that never changes, and a sentence about this one."""

    status: int
    title: Text
    detail: Text


def _kind(status: int, title: tuple[str, str], detail: tuple[str, str] = ("", "")) -> Kind:
    return Kind(status=status, title=Text(*title), detail=Text(*detail))


KINDS: Mapping[str, Kind] = {
    "bad_request": _kind(400, ("请求有误", "Bad request"), ("{why}", "{why}")),
    "login_failed": _kind(
        400, ("登录未能完成", "The login did not succeed"), ("请重新登录", "begin again at /auth/login")
    ),
    "bad_json": _kind(400, ("请求体不是有效的 JSON", "The body is not sound JSON"), ("{why}", "{why}")),
    "invalid_cursor": _kind(
        400, ("翻页标记无效", "Invalid cursor"), ("请使用上一页返回的 next_cursor", "use the next_cursor of a page")
    ),
    "unauthenticated": _kind(
        401,
        ("需要身份验证", "Authentication required"),
        ("请提供有效的 API 密钥或登录", "send a valid API key, or log in"),
    ),
    "foreign_form": _kind(
        400,
        ("表单来源不明", "A form from elsewhere"),
        ("请在本站页面上填写（需要 HTTPS）", "fill it in on a page of this service (over HTTPS)"),
    ),
    "forbidden": _kind(
        403,
        ("没有权限", "Not permitted"),
        ("角色 {role} 不能对 {resource} 执行 {action}", "the role {role} may not {action} {resource}"),
    ),
    "not_yours": _kind(
        403,
        ("超出权限范围", "Outside your scope"),
        ("您只能写入自己部门或街道的数据", "you write data of your own authority or streets only"),
    ),
    "no_account": _kind(
        403,
        ("没有对应的账户", "No account"),
        (
            "登录成功，但没有对应的有效账户；请将 subject 告知管理员",
            "you are known to the identity provider, but there is no active account; give subject to an administrator",
        ),
    ),
    "not_found": _kind(404, ("未找到", "Not found"), ("没有 {what}", "there is no {what}")),
    "bad_code": _kind(
        404,
        ("码无效", "Not a code of ours"),
        ("请重新扫描；如仍无效，请与街道办联系", "scan it again; if it still fails, ask the street office"),
    ),
    "code_ended": _kind(
        410,
        ("码已失效", "The code is good no longer"),
        ("{state}，自 {since}", "{state} since {since}"),
    ),
    "method_not_allowed": _kind(405, ("不支持此方法", "Method not allowed"), ("{why}", "{why}")),
    "not_acceptable": _kind(406, ("无法提供该格式", "Not acceptable"), ("{why}", "{why}")),
    "conflict": _kind(409, ("与现有数据冲突", "Conflict"), ("{why}", "{why}")),
    "already_exists": _kind(409, ("已存在", "Already exists"), ("{what} 已存在", "{what} exists already")),
    "in_use": _kind(
        409, ("仍被引用", "Still in use"), ("{what} 仍被 {by} 引用", "{what} is still referred to by {by}")
    ),
    "last_administrator": _kind(
        409,
        ("至少保留一名管理员", "An administrator must be left"),
        ("这是最后一个有效的管理员账户", "this is the last active administrator"),
    ),
    "wrong_state": _kind(
        409, ("当前状态不允许", "Not in this state"), ("{what} 的状态是 {state}", "{what} is {state}")
    ),
    "slot_not_offered": _kind(
        409,
        ("该时段不可选", "This slot is not on offer"),
        ("请选择列出的日期和时段", "choose a date and shift that is listed"),
    ),
    "step_skipped": _kind(
        409,
        ("跳过了步骤", "A step is passed over"),
        ("现在的状态是 {state}；跳过或退回步骤须说明 reason", "it is {state}: say the reason of a step passed over"),
    ),
    "closed": _kind(
        409,
        ("计划期已截止", "The horizon is closed"),
        ("计划期 {horizon} 的提交截止日期是 {closing}", "submission to {horizon} closed on {closing}"),
    ),
    "violations": _kind(
        409,
        ("排程违反规则，不能发布", "The schedule breaks rules and cannot be published"),
        ("共 {count} 处", "{count} violation(s)"),
    ),
    "breaks_rules": _kind(
        409,
        ("违反规则", "Rules would be broken"),
        ("共 {count} 处，见 violations", "{count} rule(s), see violations"),
    ),
    "lacks_officers": _kind(
        409,
        ("人员不足，未抽取", "Officers are lacking; nothing was drawn"),
        ("{count} 个日期和班次缺少人员，见 lacks", "{count} date(s) and shift(s) lack officers, see lacks"),
    ),
    "stale": _kind(
        409,
        ("求解后数据已变化", "Changed since the run"),
        ("请重新求解；变化见 changes", "solve again; changes says what changed"),
    ),
    "no_shift": _kind(
        409,
        ("没有班次能接下此案", "No street shift can take it"),
        ("各班次的原因见 refused", "refused has the reasons of every street shift"),
    ),
    "too_early": _kind(
        409,
        ("日期过早", "Too early a date"),
        (
            "现行版本自 {first} 起生效，请选择不早于该日的日期",
            "the version in force begins on {first}: choose no earlier date",
        ),
    ),
    "precondition_failed": _kind(
        412,
        ("数据已被他人修改", "Changed by somebody else"),
        ("当前版本是 {version}", "the version is now {version}"),
    ),
    "too_large": _kind(413, ("内容过大", "Too large"), ("最大 {limit} MB", "at most {limit} MB")),
    "unsupported_media_type": _kind(
        415, ("不支持的内容类型", "Unsupported media type"), ("可用：{known}", "accepted: {known}")
    ),
    "invalid": _kind(
        422,
        ("数据有误，未保存任何内容", "The input has errors; nothing was stored"),
        ("共 {count} 处，见 problems", "{count} problem(s), see problems"),
    ),
    "bad_archive": _kind(422, ("压缩包无法使用", "The archive cannot be used"), ("{why}", "{why}")),
    "worker_lost": _kind(
        500,
        ("运行中断", "The run was lost"),
        ("执行进程两次中断，已停止重试", "its process was lost twice; it is not tried again"),
    ),
    "idempotency_key_reused": _kind(
        422,
        ("Idempotency-Key 已用于其他请求", "The Idempotency-Key was used for another request"),
        ("请换一个键", "use another key"),
    ),
    "unsolvable": _kind(422, ("无法求解", "Cannot be solved"), ("{why}", "{why}")),
    "precondition_required": _kind(428, ("需要 If-Match", "If-Match is required")),
    "rate_limited": _kind(
        429, ("请求过于频繁", "Too many requests"), ("请在 {seconds} 秒后重试", "try again in {seconds} s")
    ),
    "internal": _kind(
        500,
        ("服务器内部错误", "Internal error"),
        ("这是本软件的缺陷；请随报告附上请求编号", "this is a bug of ours; please report it with the request id"),
    ),
    "unavailable": _kind(
        503,
        ("服务暂不可用", "Temporarily unavailable"),
        ("数据库暂时无法访问，请稍后重试", "the database cannot be reached for now; try again"),
    ),
    "login_unavailable": _kind(
        503,
        ("暂时无法登录", "Login is unavailable"),
        ("身份提供方暂时无法使用，请稍后重试", "the identity provider cannot be used for now; try again"),
    ),
    "no_room": _kind(
        507,
        ("磁盘空间不足", "Out of room"),
        ("没有保存任何内容；请清理后重试", "nothing was stored; make room and try again"),
    ),
}
"""Every kind of problem by its stable code."""

_BY_STATUS = {400: "bad_request", 404: "not_found", 405: "method_not_allowed", 406: "not_acceptable", 413: "too_large"}


class Refusal(HTTPException):
    """A request that is not carried out; nothing was stored. FastAPI passes on no other error of reading a body.

    Parameters
    ----------
    code : of :data:`KINDS`.
    problems : faults of the input, each placed.
    more : further members of the problem body, plain JSON.
    headers : of the response.
    facts : fill the sentence.
    """

    def __init__(
        self,
        code: str,
        *,
        problems: Sequence[Problem] = (),
        more: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        **facts: object,
    ) -> None:
        super().__init__(KINDS[code].status, KINDS[code].detail.say("en", **facts), headers)
        self.code, self.problems, self.more, self.facts = code, problems, more or {}, facts


def invalid(problems: Sequence[Problem]) -> Refusal:
    """Return the refusal of an input with faults."""
    return Refusal("invalid", problems=problems, count=len(problems))


def language(request: Request) -> Lang:
    """Return the language that a request accepts best; Chinese unless English is preferred."""
    best: tuple[float, int, Lang] | None = None
    for position, part in enumerate(request.headers.get("accept-language", "")[:1000].split(",")):
        name, _, rest = part.strip().partition(";")
        tag = name.strip().lower()[:2]
        try:
            quality = float(rest.strip().removeprefix("q=")) if rest else 1.0
        except ValueError:
            continue
        if tag in ("zh", "en") and quality > 0 and (best is None or quality > best[0]):
            best = quality, position, "en" if tag == "en" else "zh"
    return best[2] if best else "zh"


def problem_rows(problems: Sequence[Problem], lang: Lang) -> list[dict[str, Any]]:
    """Return faults of an input as plain values in one language."""
    which = 0 if lang == "zh" else 1
    return [
        {
            "severity": str(p.severity),
            "code": p.code,
            "table": p.table,
            "row": p.row,
            "column": p.column,
            "value": p.value,
            "expected": p.expected[which],
            "hint": p.hint[which],
        }
        for p in problems
    ]


def body_of(refusal: Refusal, lang: Lang) -> dict[str, Any]:
    """Return the problem body of a refusal."""
    kind = KINDS[refusal.code]
    body: dict[str, Any] = {
        "type": f"urn:onevisit:problem:{refusal.code}",
        "title": kind.title.say(lang),
        "status": kind.status,
        "detail": kind.detail.say(lang, **refusal.facts),
        "code": refusal.code,
        "request_id": correlation_id.get(),
        **refusal.more,
    }
    if refusal.problems:
        body["problems"] = problem_rows(refusal.problems, lang)
    return body


def refusal_of(error: BaseException) -> Refusal:
    """Return what to say of any error; what is not foreseen is internal."""
    match error:
        case Refusal():
            return error
        case InvalidCase() | InvalidSchedule() | InvalidFile():
            return invalid(error.problems)
        case PinsNotKept():
            return Refusal("unsolvable", why=" / ".join(error.text))
        case SolverError():
            return Refusal("unsolvable", why=str(error))
        case OSError(errno=28 | 122):  # ENOSPC, EDQUOT
            return Refusal("no_room")
        case SQLAlchemyError():
            return _of_database(error)
        case _:
            return Refusal("internal")


def _of_database(error: SQLAlchemyError) -> Refusal:
    text = str(error).lower()
    if "disk is full" in text or "no space left" in text or "disk i/o error" in text:
        return Refusal("no_room")
    if isinstance(error, OperationalError | PoolTimeout) or (
        isinstance(error, DBAPIError) and error.connection_invalidated
    ):
        return Refusal("unavailable", headers={"Retry-After": "5"})
    if isinstance(error, IntegrityError) and _is_of_two(error):
        return Refusal("conflict", why="others changed the same data at the same time; try again")
    return Refusal("internal")


def _is_of_two(error: IntegrityError) -> bool:
    """Say whether rows of two that wrote at the same time do not go together; each alone was checked before."""
    code = str(getattr(error.orig, "sqlstate", None) or getattr(error.orig, "sqlite_errorname", ""))
    return code in ("23503", "23505") or code.endswith(("_UNIQUE", "_PRIMARYKEY", "_FOREIGNKEY"))


def respond(request: Request, refusal: Refusal) -> Response:
    """Return the response of a refusal."""
    headers = dict(refusal.headers or {})
    if refusal.code == "unauthenticated":
        headers["WWW-Authenticate"] = 'Bearer realm="onevisit"'
    show_page = getattr(request.app.state, "error_page", None)  # of pages, which stand above this module
    if show_page is not None and (shown := show_page(request, refusal)) is not None:
        assert isinstance(shown, Response)
        return shown
    lang = language(request)
    return JSONResponse(
        body_of(refusal, lang),
        status_code=KINDS[refusal.code].status,
        media_type=MEDIA_TYPE,
        headers={**headers, "Content-Language": lang},
    )


def install(app: FastAPI) -> None:
    """Make an application answer every error with a problem body."""
    for kind in (Refusal, InvalidCase, InvalidSchedule, PinsNotKept, SolverError, SQLAlchemyError, OSError):
        app.add_exception_handler(kind, _on_known)
    app.add_exception_handler(RequestValidationError, _on_validation)
    app.add_exception_handler(HTTPException, _on_http)
    app.add_exception_handler(Exception, answer_unforeseen)


def _on_known(request: Request, error: Exception) -> Response:
    refusal = refusal_of(error)
    if KINDS[refusal.code].status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        LOG.error("request failed: %s", error, exc_info=error)
    return respond(request, refusal)


def answer_unforeseen(request: Request, error: Exception) -> Response:
    """Return the response of an error that nobody foresaw; what it is stands in the log only."""
    LOG.error("unforeseen error: %s", error, exc_info=error)
    return respond(request, Refusal("internal"))


def _on_validation(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    found = [_place(e) for e in error.errors()]
    return respond(request, invalid(found))


def _on_http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    code = _BY_STATUS.get(error.status_code, "bad_request" if error.status_code < 500 else "internal")
    headers = dict(error.headers or {})
    if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        headers["Allow"] = ", ".join(sorted(_methods_of(request)))
    return respond(request, Refusal(code, headers=headers, why=error.detail, what=request.url.path, limit="?"))


def _methods_of(request: Request) -> set[str]:
    """Return the methods of all routes of a path; the framework names those of the first only."""
    path = request.scope["path"]
    contexts = [c for c in iter_route_contexts(request.app.routes) if c.methods]
    return {m for c in contexts if c.path_regex.match(path) for m in c.methods or ()}


def _place(fault: Mapping[str, Any]) -> Problem:
    """Return a fault of the request's form as a problem placed by where it stands: path, query, header or body."""
    from scheduler.errors import Severity

    table, *rest = [str(part) for part in fault.get("loc", ())] or ["body"]
    value = fault.get("input")
    message = str(fault.get("msg", ""))
    return Problem(
        severity=Severity.ERROR,
        code=str(fault.get("type", "invalid")),
        table=table,
        row=None,
        column=".".join(rest) or None,
        value=None if value is None or isinstance(value, dict | list) else repr(value)[:200],
        expected=(message, message),
    )
