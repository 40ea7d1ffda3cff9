"""What goes wrong between this machine and a server: problem bodies (RFC 9457) as errors of the command line."""

from __future__ import annotations

import ssl
from collections.abc import Mapping, Sequence
from typing import Any

from api.failures import CommandError
from scheduler.errors import InvalidCase, Problem, Severity
from scheduler.texts import Lang, Text

_SAID = Text("{title}{detail}", "{title}{detail}")
_AFTER_TITLE = Text("：{detail}", ": {detail}")
_WITH_ID = Text("（请求编号 {request_id}）", " (request {request_id})")
_NO_PROBLEM = Text(
    "{url} 的回答是 HTTP {status}，不是本服务的回答", "{url} answers HTTP {status}, which is no answer of the service"
)
UNREACHABLE = Text("无法连接 {url}：{why}", "cannot reach {url}: {why}")
LOST = Text(
    "与 {url} 的连接中断（{why}），不知道请求是否已执行；请先查看，再决定是否重试",
    "the connection to {url} was lost ({why}); it is not known whether the request was carried out: look before "
    "you try again",
)


class RemoteFault(CommandError):
    """A server refused, or could not be reached.

    Parameters
    ----------
    code : of the problem body.
    repeated : the request was sent before, and that one may have been carried out.
    """

    repeated = False

    def __init__(self, code: str, text: Text, *, body: Mapping[str, Any] | None = None, **facts: object) -> None:
        super().__init__(text, **facts)
        self.code = code
        self.body: Mapping[str, Any] = body or {}


def unreachable(text: Text, url: str, error: Exception) -> RemoteFault:
    """Return what to say of a server that does not answer."""
    return RemoteFault("unreachable", text, url=url, why=str(error) or type(error).__name__)


def is_untrusted(error: BaseException) -> bool:
    """Say whether a connection failed because of the server's certificate: trying again is of no use then."""
    seen: BaseException | None = error
    while seen is not None:
        if isinstance(seen, ssl.SSLCertVerificationError):
            return True
        seen = seen.__cause__ or seen.__context__
    return False


def fault_of(body: Any, status: int, url: str, lang: Lang) -> CommandError | InvalidCase:
    """Return the error that an answer other than success stands for; faults of rows as ``validate`` has them."""
    if not isinstance(body, Mapping) or "code" not in body:
        return RemoteFault("no_service", _NO_PROBLEM, url=url, status=status)
    rows = body.get("problems") or []
    if rows:
        return InvalidCase(problems_of(rows))
    detail = str(body.get("detail") or "")
    said = _AFTER_TITLE.say(lang, detail=detail) if detail else ""
    if status >= 500 and body.get("request_id"):
        said += _WITH_ID.say(lang, request_id=body["request_id"])
    return RemoteFault(str(body["code"]), _SAID, body=body, title=body.get("title") or body["code"], detail=said)


def problems_of(zh: Sequence[Mapping[str, Any]], en: Sequence[Mapping[str, Any]] | None = None) -> tuple[Problem, ...]:
    """Return faults of an input as the intake has them.

    Parameters
    ----------
    zh, en : the same rows in Chinese and English; rows with both languages, or with one, stand for both.
    """
    return tuple(
        Problem(
            severity=Severity.WARNING if a.get("severity") == "warning" else Severity.ERROR,
            code=str(a.get("code", "invalid")),
            table=str(a.get("table", "")),
            row=a.get("row"),
            column=a.get("column"),
            value=a.get("value"),
            expected=(_said(a.get("expected"), "zh"), _said(b.get("expected"), "en")),
            hint=(_said(a.get("hint"), "zh"), _said(b.get("hint"), "en")),
        )
        for a, b in zip(zh, zh if en is None else en, strict=True)
    )


def _said(text: Any, lang: Lang) -> str:
    return str((text.get(lang) if isinstance(text, Mapping) else text) or "")


def fault_of_run(run: Mapping[str, Any], lang: Lang) -> CommandError | InvalidCase:
    """Return the error that a failed run stands for."""
    found = run.get("problem") or {}
    body = found.get(lang) or {}
    rows = [found.get(k, {}).get("problems") or [] for k in ("zh", "en")]
    if rows[0] and len(rows[0]) == len(rows[1]):
        return InvalidCase(problems_of(*rows))
    return fault_of(body or {"code": "failed"}, int(body.get("status", 500)), f"runs/{run.get('run_id')}", lang)
