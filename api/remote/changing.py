"""What changes state at the service: plans approved and withdrawn, runs and imports started, schedules published."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from api.console import Display, display_of
from api.failures import DONE, FOUND_WRONG, GIVEN_UP, UsageFault
from api.folders import require_there
from api.interrupts import StopRequest, soft_interrupts
from api.remote.client import PIECE, Remote, path_of
from api.remote.faults import RemoteFault, fault_of_run, problems_of
from api.remote.following import LEFT, OF_IMPORTS, OF_PLANS, follow
from api.remote.packing import packed_case
from api.shell import Shell, note, say, write, write_json
from scheduler.texts import Text

_ENDINGS = {
    ".csv": "text/csv",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".zip": "application/zip",
}
_APPROVED = Text("计划 {plan_id} 已批准，文号 {approval_no}。", "Plan {plan_id} is approved as {approval_no}.")
_WITHDRAWN = Text("计划 {plan_id} 已撤回：{ended_reason}", "Plan {plan_id} is withdrawn: {ended_reason}")
_PUBLISHED = Text(
    "排程 {schedule_id} 已发布为第 {version} 版。", "Schedule {schedule_id} is published as version {version}."
)
_SUPERSEDES = Text("取代 {ids}。", "It supersedes {ids}.")
_CHANGED = Text("求解后的变化：", "Changed since the run:")
_SINCE = Text("街道 {street} 已发布第 {version} 版", "street {street}: version {version} was published")
_CHECK = Text(
    "各处违规见 onevisit remote check {schedule_id}", "onevisit remote check {schedule_id} shows every violation"
)
_FILE = Text("{path} 应为案例文件夹或 {known}", "{path} must be a case folder or {known}")
_TABLE_OF_FOLDER = Text("案例文件夹不能与 --table 同用", "a case folder goes without --table")
_NO_HORIZON = Text("导入整个案例需要 --horizon", "a whole case needs --horizon")
_CSV_NEEDS_TABLE = Text("CSV 文件需要 --table", "a CSV file needs --table")
_QUEUED = Text("已排队：{run_id}", "Queued: {run_id}")
_STORED = Text("已导入：", "Imported:")
_CANCELLED = Text("已取消，没有结果。", "Cancelled, without a result.")
_CUT_SHORT = Text("提前停止；以下是停止时最好的结果。", "Stopped early; this is the best that was found.")
_DRAFT = Text(
    "排程 {schedule_id}（草稿）。下载：onevisit remote download {schedule_id} --out 文件夹；"
    "发布：onevisit remote publish {schedule_id}",
    "Schedule {schedule_id} (draft). Get it: onevisit remote download {schedule_id} --out DIR; "
    "publish it: onevisit remote publish {schedule_id}",
)
_STOPPING = Text("已请求停止运行 {run_id}；状态 {state}。", "Asked the run {run_id} to stop; it is {state}.")


def _settled(remote: Remote, parts: tuple[str, ...], json: Any, done: str) -> Mapping[str, Any]:
    """Change a state and return what was changed.

    When an answer was lost and the second attempt finds the state reached, that was the first one's doing.
    """
    try:
        body: Mapping[str, Any] = remote.send("POST", path_of(*parts), json=json, again=True).body
    except RemoteFault as refused:
        if refused.code != "wrong_state" or not refused.repeated:
            raise
        found: Mapping[str, Any] = remote.get(path_of(*parts[:-1]))
        if found["state"] != done:
            raise
        return found
    return body


def approve(shell: Shell, remote: Remote, plan_id: str, number: str) -> int:
    """Approve a plan; return the exit code."""
    plan = _settled(remote, ("plans", plan_id, "approval"), {"approval_no": number}, "approved")
    return _said(shell, _APPROVED, plan)


def withdraw(shell: Shell, remote: Remote, plan_id: str, reason: str) -> int:
    """Withdraw a plan; return the exit code."""
    plan = _settled(remote, ("plans", plan_id, "withdrawal"), {"reason": reason}, "withdrawn")
    return _said(shell, _WITHDRAWN, plan)


def _said(shell: Shell, text: Text, row: Mapping[str, Any]) -> int:
    if shell.as_json:
        write_json({"ok": True, **row})
    say(shell, text, **row)
    return DONE


def publish(shell: Shell, remote: Remote, schedule_id: str) -> int:
    """Publish a schedule, or show what changed since its run; return the exit code."""
    try:
        row = _settled(remote, ("schedules", schedule_id, "publication"), None, "published")
    except RemoteFault as refused:
        if refused.code not in ("stale", "violations"):
            raise
        return _not_published(shell, schedule_id, refused)
    if shell.as_json:
        write_json({"ok": True, **row})
        return DONE
    say(shell, _PUBLISHED, **row)
    if row.get("supersedes"):
        say(shell, _SUPERSEDES, ids=", ".join(row["supersedes"]))
    return DONE


def _not_published(shell: Shell, schedule_id: str, refused: RemoteFault) -> int:
    message = refused.text.say(shell.lang, **refused.facts)
    changes, since = refused.body.get("changes") or [], refused.body.get("published_since") or {}
    if shell.as_json:
        error = {"code": refused.code, "message": message}
        write_json({"ok": False, "error": error, "changes": changes, "published_since": since})
        return FOUND_WRONG
    write(shell.err, message)
    if refused.code == "violations":
        note(shell, _CHECK, schedule_id=schedule_id)
        return FOUND_WRONG
    lines = [*changes, *(_SINCE.say(shell.lang, street=s, version=v) for s, v in since.items())]
    if lines:
        say(shell, _CHANGED)
    for line in lines:
        write(shell.out, f"  {line}")
    return FOUND_WRONG


def stop(shell: Shell, remote: Remote, run_id: str) -> int:
    """Ask a run to stop; return the exit code."""
    return _said(shell, _STOPPING, remote.send("DELETE", path_of("runs", run_id), again=True).body)


def start_run(shell: Shell, remote: Remote, asked: Mapping[str, Any], *, detach: bool, path: str = "/runs") -> int:
    """Queue a run that plans, and follow it to its schedule; return the exit code."""
    run = remote.send("POST", path, json=asked, again=False).body
    if detach:
        return _said(shell, _QUEUED, run)
    return watch(shell, remote, run)


def watch(shell: Shell, remote: Remote, run: Mapping[str, Any]) -> int:
    """Follow a run to its end, and show what came of it; return the exit code."""
    asked, words = StopRequest(), OF_IMPORTS if run["kind"] == "import" else OF_PLANS
    try:
        with display_of(shell, asked, words=words) as display, soft_interrupts(asked):
            run = follow(remote, run, display, asked)
    except KeyboardInterrupt:
        note(shell, LEFT, run_id=run["run_id"])
        return GIVEN_UP
    return _ended(shell, remote, run, given_up=asked.asked)


def import_file(
    shell: Shell, remote: Remote, path: Path, *, table: str | None, horizon_id: str | None, approve: bool
) -> int:
    """Import a register or a whole case, and follow its run; return the exit code."""
    require_there([path])
    asked = StopRequest()
    run: Mapping[str, Any] = {}
    try:
        with display_of(shell, asked, words=OF_IMPORTS) as display:
            with _archive(path) as file:
                params = {"table": table, "horizon_id": horizon_id, "approve": str(approve).lower()}
                run = _uploaded(remote, file, params, display)
            with soft_interrupts(asked):
                run = follow(remote, run, display, asked)
    except KeyboardInterrupt:
        if run:
            note(shell, LEFT, run_id=run["run_id"])
        return GIVEN_UP
    return _ended(shell, remote, run, given_up=asked.asked)


def require_kind(path: Path, table: str | None, horizon_id: str | None) -> None:
    """Do nothing when a file can be what is to be imported.

    Raises
    ------
    UsageFault : it is of another kind, or an option is missing.
    """
    ending = path.suffix.lower()
    if path.is_dir():
        if table is not None:
            raise UsageFault(_TABLE_OF_FOLDER)
    elif ending not in _ENDINGS or (ending == ".zip" and table is not None):
        raise UsageFault(_FILE, path=path, known=", ".join(_ENDINGS))
    elif ending == ".csv" and table is None:
        raise UsageFault(_CSV_NEEDS_TABLE)
    if table is None and horizon_id is None:
        raise UsageFault(_NO_HORIZON)


@contextmanager
def _archive(path: Path) -> Iterator[Path]:
    if path.is_dir():
        with packed_case(path) as packed:
            yield packed
    else:
        yield path


def _uploaded(remote: Remote, path: Path, params: Mapping[str, Any], display: Display) -> Mapping[str, Any]:
    """Return the queued run of an upload."""
    size = path.stat().st_size

    def pieces() -> Iterator[bytes]:
        done = 0
        with path.open("rb") as file:
            while piece := file.read(PIECE):
                yield piece
                done += len(piece)
                display.told("upload", round(done / PIECE), round(size / PIECE))

    headers = {"Content-Type": _ENDINGS[path.suffix.lower()], "Content-Length": str(size)}
    answer = remote.send("POST", "/imports", params=params, headers=headers, content=pieces, again=False)
    run: Mapping[str, Any] = answer.body
    return run


def _ended(shell: Shell, remote: Remote, run: Mapping[str, Any], *, given_up: bool) -> int:
    """Show what came of a run; return the exit code."""
    if run["state"] == "failed":
        raise fault_of_run(run, shell.lang)
    done = run["state"] == "succeeded" or run["schedule_id"] is not None
    schedule = remote.get(path_of("schedules", run["schedule_id"])) if run["schedule_id"] else None
    code = DONE if done else GIVEN_UP if given_up else FOUND_WRONG
    if shell.as_json:
        write_json({"ok": done, "run": run, "schedule": schedule})
    elif not done:
        note(shell, _CANCELLED)
    elif schedule is None:
        _show_import(shell, run["result"])
    else:
        from api.results import show_summary

        if run["state"] == "cancelled":
            say(shell, _CUT_SHORT)
        show_summary(shell, schedule["summary"])
        if (replanned := schedule["summary"].get("replan")) is not None:
            from api.replanning import show_counts

            show_counts(shell, replanned)
        say(shell, _DRAFT, **schedule)
    return code


def _show_import(shell: Shell, result: Mapping[str, Any]) -> None:
    if result["warnings"]:
        from scheduler.intake.report import render_text

        write(shell.err, render_text(problems_of(result["warnings"]), shell.lang) + "\n")
    say(shell, _STORED)
    for name, counts in result["stored"].items():
        write(shell.out, f"  {name:12} " + ", ".join(f"{kind} {count:,}" for kind, count in counts.items()))
