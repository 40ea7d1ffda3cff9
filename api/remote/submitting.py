"""A department's plan sent to the service: harmless to send again, and told in words what became of it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from api.failures import DONE, UsageFault
from api.remote.client import Answer, Remote, path_of
from api.remote.faults import problems_of
from api.shell import Shell, say, write, write_json
from scheduler.texts import Text

MEDIA_TYPES = {
    ".csv": "text/csv",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".json": "application/json",
}
SHOWN = 20
"""Items of a kind that the text shows; JSON has them all."""

_ENDING = Text("{path}：计划文件应为 {known}", "{path}: a plan comes as {known}")
_TABLE_ENDING = Text("{path}：入企结果表应为 {known}", "{path}: outcomes come as {known}")
_OUTCOMES = Text(
    "已记录入企结果：新增 {new:,}，更正 {corrected:,}，已有 {unchanged:,}。",
    "Outcomes recorded: {new:,} new, {corrected:,} corrected, {unchanged:,} there already.",
)
_OTHER_PLAN = Text(
    "{path} 中 {name} 为 {found}，命令行中为 {wanted}", "{path} has {name} {found}, the command line {wanted}"
)
_NO_PLAN = Text(
    "{path}：JSON 应为事项列表，或带 items 的计划", "{path}: the JSON must be a list of items, or a plan with items"
)
_RECEIPT = Text(
    "已收到 {authority_id} 在 {horizon_id} 的计划“{code}”：第 {revision} 版，{num_items:,} 项，状态 {state}\n"
    "计划编号 {plan_id}\n回执（事项的 SHA-256） {digest}",
    'Received the plan "{code}" of {authority_id} for {horizon_id}: revision {revision}, {num_items:,} item(s), '
    "{state}\nplan    {plan_id}\nreceipt {digest} (SHA-256 of the items)",
)
_BEFORE = Text(
    "此文件此前已提交，未重复保存。", "This very file had been received before; nothing was stored a second time."
)
_UNSERVABLE = Text("{count:,} 项无法安排：", "{count:,} item(s) cannot be served:")
_USED_UP = Text("{count:,} 项的频次上限已用完：", "Frequency caps are used up for {count:,} item(s):")
_MERGED = Text("{count:,} 项将与其他部门合并入企：", "{count:,} item(s) will be merged with other departments':")
_REMINDERS = Text("过频提醒 {count:,} 条：", "{count:,} reminder(s):")
_MORE = Text("  …… 另有 {count:,}（--json 给出全部）", "  … and {count:,} more (--json has all)")
_PART = Text(
    "以上只说明前 {shown:,} 项；其余见 GET /plans/{plan_id}/advice。",
    "This is about the first {shown:,} items; GET /plans/{plan_id}/advice has the others.",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Submission:
    """A plan to be sent."""

    media_type: str
    body: bytes
    params: Mapping[str, str | None]

    def key(self, after: Sequence[str] = ()) -> str:
        """Return the Idempotency-Key: of the same content it is the same, in this run of the command and the next.

        Parameters
        ----------
        after : plans that came of this very content before and are in force no more.
        """
        parts = [self.media_type, *(f"{k}={v}" for k, v in sorted(self.params.items())), *after]
        digest = hashlib.sha256(json.dumps(parts).encode())
        digest.update(self.body)
        return f"cli-{digest.hexdigest()}"


def submission_of(path: Path, horizon_id: str, authority_id: str | None, code: str | None) -> Submission:
    """Return the plan of a file.

    Raises
    ------
    UsageFault : its ending is unknown, or it is no plan for the horizon.
    OSError : it cannot be read.
    """
    media_type = MEDIA_TYPES.get(path.suffix.lower())
    if media_type is None:
        raise UsageFault(_ENDING, path=path, known=", ".join(MEDIA_TYPES))
    params = {"horizon_id": horizon_id, "authority_id": authority_id, "code": code}
    body = path.read_bytes()
    if media_type == MEDIA_TYPES[".json"]:
        body = _plan_of(path, body, params)
    return Submission(media_type=media_type, body=body, params=params)


def _plan_of(path: Path, body: bytes, asked: Mapping[str, str | None]) -> bytes:
    """Return the JSON of a plan; its items are sent as they stand in the file, for the service to judge."""
    body = body.removeprefix(b"\xef\xbb\xbf")
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        return body  # the service says what is wrong
    if isinstance(value, list):
        return b'{"horizon_id": ' + json.dumps(asked["horizon_id"]).encode() + b', "items": ' + body + b"}"
    if not isinstance(value, dict) or "items" not in value:
        raise UsageFault(_NO_PLAN, path=path)
    for name, wanted in asked.items():
        if wanted is not None and value.get(name, wanted if name != "horizon_id" else None) != wanted:
            raise UsageFault(_OTHER_PLAN, path=path, name=name, found=value.get(name), wanted=wanted)
    return body


def tell_outcomes(shell: Shell, remote: Remote, path: Path, horizon_id: str) -> int:
    """Send what became of visits, from a csv or xlsx file, and say how much of it is new; return the exit code.

    Raises
    ------
    UsageFault : its ending is unknown.
    OSError : it cannot be read.
    InvalidCase : it has faults; all of them are told, and nothing was stored.
    """
    known = {k: v for k, v in MEDIA_TYPES.items() if k != ".json"}
    media_type = known.get(path.suffix.lower())
    if media_type is None:
        raise UsageFault(_TABLE_ENDING, path=path, known=", ".join(known))
    data = path.read_bytes()
    headers, params = {"Content-Type": media_type}, {"horizon_id": horizon_id}
    answer = remote.send("POST", "/outcomes", params=params, headers=headers, content=lambda: data, again=True)
    if shell.as_json:
        write_json({"ok": True, **answer.body})
    else:
        say(shell, _OUTCOMES, **answer.body)
    return DONE


def submit(shell: Shell, remote: Remote, submission: Submission) -> int:
    """Send a plan, and say what became of it; return the exit code.

    Raises
    ------
    InvalidCase : it has faults; all of them are told, and nothing was stored.
    """
    answer, before = _sent(remote, submission)
    receipt = answer.body
    if before is not None:
        receipt = {**receipt, "plan": before}
    if shell.as_json:
        write_json({"ok": True, "received_before": before is not None, **receipt})
        return DONE
    if before is not None:
        say(shell, _BEFORE)
    _show(shell, receipt)
    return DONE


def _sent(remote: Remote, submission: Submission) -> tuple[Answer, dict[str, Any] | None]:
    """Return the receipt; and the plan as it is now, when it had been received before this command.

    A receipt from before counts as long as its plan is in force: a file that was superseded or withdrawn since may be
    meant again.
    """
    ended: list[str] = []
    while True:
        headers = {"Content-Type": submission.media_type, "Idempotency-Key": submission.key(ended)}
        answer = remote.send(
            "POST",
            "/plans",
            params=submission.params,
            headers=headers,
            content=lambda: submission.body,
            again=True,
        )
        if answer.headers.get("idempotent-replayed") != "true":
            return answer, None
        plan = remote.get(path_of("plans", answer.body["plan"]["plan_id"]))
        if plan["state"] in ("draft", "approved"):
            return answer, None if answer.repeated else plan
        ended.append(plan["plan_id"])


def _show(shell: Shell, receipt: Mapping[str, Any]) -> None:
    plan, advice = receipt["plan"], receipt["advice"]
    say(shell, _RECEIPT, **plan)
    if receipt["warnings"]:
        from scheduler.intake.report import render_text

        write(shell.out, "\n" + render_text(problems_of(receipt["warnings"]), shell.lang))
    _show_items(shell, _UNSERVABLE, [(a, _of_item(a)) for a in advice if not a["servable"]])
    _show_items(shell, _USED_UP, [(a, found) for a in advice if (found := _used_up(a))])
    _show_items(shell, _MERGED, [(a, found) for a in advice if (found := _merged(a))])
    _show_lines(shell, _REMINDERS, [f"  {a['sentence']}" for a in receipt["alerts"]])
    if len(advice) < plan["num_items"]:
        say(shell, _PART, shown=len(advice), plan_id=plan["plan_id"])


def _of_item(advice: Mapping[str, Any]) -> list[str]:
    """Return what is said of an item itself: why it cannot be served, or with whom it is merged."""
    said: list[str] = advice["sentences"]
    return said[: len(said) - len(advice["caps"])]


def _used_up(advice: Mapping[str, Any]) -> list[str]:
    caps = advice["caps"]
    sentences = advice["sentences"][len(advice["sentences"]) - len(caps) :]
    return [s for cap, s in zip(caps, sentences, strict=True) if not cap["left"]]


def _merged(advice: Mapping[str, Any]) -> list[str]:
    return _of_item(advice)[: len(advice["merges_with"])] if advice["servable"] else []


def _show_items(shell: Shell, title: Text, found: Sequence[tuple[Mapping[str, Any], Sequence[str]]]) -> None:
    gap = "" if shell.lang == "zh" else " "
    _show_lines(shell, title, [f"  {a['item_id']}  {gap.join(sentences)}" for a, sentences in found])


def _show_lines(shell: Shell, title: Text, lines: Sequence[str]) -> None:
    if not lines:
        return
    write(shell.out, "")
    say(shell, title, count=len(lines))
    for line in lines[:SHOWN]:
        write(shell.out, line)
    if len(lines) > SHOWN:
        say(shell, _MORE, count=len(lines) - SHOWN)
