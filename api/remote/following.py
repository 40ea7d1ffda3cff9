"""A run followed to its end: events in a thread of their own, so that Ctrl-C is heard while nothing comes."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import httpx2

from api.console import STAGES, Display
from api.interrupts import StopRequest
from api.remote.client import Remote, path_of
from api.remote.faults import UNREACHABLE, RemoteFault, unreachable
from api.shell import note
from scheduler.domain.schedule import TERMS
from scheduler.texts import Text
from solver.limits import Limits, Progress

ENDED = ("succeeded", "failed", "cancelled")
ASK_S = 10.0
"""Seconds that whoever leaves gives the server to hear that the run shall stop."""

LOOK_S = 0.2
"""Seconds between two looks at whether Ctrl-C was pressed."""

OF_PLANS = (
    Text("按 Ctrl-C 请求停止并保留目前最好的结果", "Ctrl-C asks the run to stop and keep the best so far"),
    Text(
        "已请求停止，将保留目前最好的结果（再按一次 Ctrl-C 离开，不再等待）",
        "asked to stop; the best so far is kept (Ctrl-C again leaves without waiting)",
    ),
)
OF_IMPORTS = (
    Text("按 Ctrl-C 取消排队中的导入", "Ctrl-C takes the import back while it is queued"),
    Text("再按一次 Ctrl-C 离开，导入会继续", "Ctrl-C again leaves; the import goes on"),
)
_CUT = Text("与服务的连接中断（{why}）；{seconds:g} 秒后重新连接", "connection lost ({why}); again in {seconds:g} s")
_AT_WORK = Text("导入已在执行，不能停止。", "The import is at work already and cannot be stopped.")
LEFT = Text(
    "运行在服务器上继续：onevisit remote watch {run_id}",
    "The run goes on at the server: onevisit remote watch {run_id}",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Cut:
    why: str
    seconds: float


def follow(remote: Remote, run: Mapping[str, Any], display: Display, stop: StopRequest) -> Mapping[str, Any]:
    """Show a run until it has ended, and return it; when `stop` asks for it, the server is asked to stop it, once.

    Raises
    ------
    RemoteFault, InvalidCase : the server refuses, or has not answered for as long as the pace allows.
    """
    inbox: queue.SimpleQueue[Any] = queue.SimpleQueue()
    left = threading.Event()
    # What is under way when Ctrl-C is pressed again is not cut off with it: both are in threads of their own.
    listener = threading.Thread(target=_listen, args=(remote, run["run_id"], inbox.put, left), daemon=True)
    asking: threading.Thread | None = None
    show(display, run)
    listener.start()
    try:
        while run["state"] not in ENDED:
            if stop.asked and asking is None:
                asking = _asking_to_stop(remote, run, inbox.put)
                if not display.console.is_terminal:
                    note(remote.shell, display.words[1])
            try:
                found = inbox.get(timeout=LOOK_S)
            except queue.Empty:
                continue
            if isinstance(found, Exception):
                raise found
            if isinstance(found, _Cut):
                note(remote.shell, _CUT, why=found.why, seconds=found.seconds)
                continue
            run = found
            show(display, run)
    except KeyboardInterrupt:
        (asking or _asking_to_stop(remote, run, inbox.put)).join(ASK_S)
        raise
    finally:
        left.set()
    return run


def _listen(remote: Remote, run_id: str, tell: Callable[[Any], None], left: threading.Event) -> None:
    """Tell every state of a run until its end; a stream that is cut off is opened again."""
    attempt, cut_s = 0, 0.0
    while not left.is_set():
        error: Exception
        try:
            with remote.events(path_of("runs", run_id, "events")) as states:
                for run in states:
                    attempt, cut_s = 0, 0.0
                    tell(run)
                    if run["state"] in ENDED:
                        return
            error = httpx2.ReadError("the stream has ended")
        except httpx2.TransportError as lost:
            error = lost
        except Exception as refused:  # raised again by whoever follows
            tell(refused)
            return
        attempt += 1
        wait_s = remote.pace.wait_s(attempt)
        cut_s += wait_s
        if cut_s > remote.pace.patience_s:
            tell(unreachable(UNREACHABLE, remote.server, error))
            return
        tell(_Cut(why=str(error) or type(error).__name__, seconds=wait_s))
        left.wait(wait_s)


def _asking_to_stop(remote: Remote, run: Mapping[str, Any], tell: Callable[[Any], None]) -> threading.Thread:
    """Begin to ask for a stop; what the server says against it is told."""

    def ask() -> None:
        try:
            remote.send("DELETE", path_of("runs", run["run_id"]), again=True)
        except RemoteFault as refused:
            if refused.code != "wrong_state":
                tell(refused)
            elif run["kind"] == "import":
                note(remote.shell, _AT_WORK)

    asking = threading.Thread(target=ask, daemon=True)
    asking.start()
    return asking


def show(display: Display, run: Mapping[str, Any]) -> None:
    """Show how far a run is."""
    told: Mapping[str, Any] = run.get("progress") or {}
    if run["state"] == "queued":
        display.stage("queued")
        return
    stage = told.get("stage", "start")
    stage = stage if stage in STAGES else "start"
    if "search_s" in told:
        display.limits = Limits(
            time_s=told.get("limit_s"), iterations=told.get("limit_iterations"), workers=told.get("workers") or 1
        )
        display.look(_progress(stage, told))
    elif "of" in told:
        display.told(stage, told.get("done", 0), told["of"])
    else:
        display.stage(stage)


def _progress(stage: str, told: Mapping[str, Any]) -> Progress:
    terms, bounds = told.get("terms"), told.get("bounds") or {}
    return Progress(
        stage=stage,
        elapsed_s=told["search_s"],
        iterations=told.get("iterations") or 0,
        terms=None if terms is None else tuple(terms.get(t, 0) for t in TERMS),
        bounds=tuple(bounds.get(t) for t in TERMS),
    )
