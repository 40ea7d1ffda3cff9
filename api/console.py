"""Progress of a run: a live display on a terminal, else a line now and then."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.spinner import Spinner
from rich.table import Table
from rich.text import Text as RichText

from api import clock
from api.interrupts import StopRequest
from api.shell import Shell
from scheduler.domain.schedule import TERMS
from scheduler.export.wording import TERM_NAMES
from scheduler.texts import Lang, Text
from solver.limits import Limits, Progress

PLAIN_EVERY_S = 5.0
"""Seconds between two lines of one stage where the output is no terminal."""

STAGES: Mapping[str, Text] = {
    "queued": Text("排队等待", "Waiting in the queue"),
    "start": Text("开始", "Starting"),
    "upload": Text("上传", "Uploading"),
    "download": Text("下载", "Downloading"),
    "check": Text("检查", "Checking"),
    "store": Text("保存", "Storing"),
    "read": Text("读取案例", "Reading the case"),
    "load": Text("载入求解器", "Loading the solver"),
    "merge": Text("合并同一企业的事项", "Merging items into joint visits"),
    "compile": Text("编译（首次较慢，之后有缓存）", "Compiling (slow only the first time)"),
    "bound": Text("证明下界", "Proving how good a schedule can be"),
    "search": Text("排程搜索", "Searching for a schedule"),
    "explain": Text("检查并说明未安排的事项", "Checking, and explaining what is left out"),
    "runs": Text("各方案排程", "Planning the scenarios"),
    "before": Text("计算各部门单独检查的对照", "Working out today's practice"),
    "folder": Text("写入排程文件夹", "Writing the schedule folder"),
    "xlsx": Text("写入工作簿", "Writing the workbook"),
    "ics": Text("写入日历", "Writing calendars"),
    "pdf": Text("写入每日检查单", "Writing day sheets"),
}
_TERM = Text("{name} {value:,}", "{name} {value:,}")
_TERM_BOUND = Text("{name} {value:,}（≥ {bound:,}）", "{name} {value:,} (≥ {bound:,})")
_LEFT = Text("剩余 {left:.0f} 秒", "{left:.0f} s left")
_TRIES = Text("{tries:,} 次迭代", "{tries:,} iterations")
_STEPS = Text("{done}/{whole}", "{done} of {whole}")
KEYS = Text("按 Ctrl-C 停止并保留目前最好的结果", "Ctrl-C stops and keeps the best so far")
STOPPING = Text(
    "正在停止，保留目前最好的结果（再按一次 Ctrl-C 则放弃）",
    "stopping; the best so far is kept (Ctrl-C again gives up)",
)


@dataclass(slots=True, kw_only=True)
class Display:
    """The progress of one run; begins with the ``with`` statement and is gone (or kept as text) at its end.

    Parameters
    ----------
    console : where it is shown; live when it is a terminal.
    limits : of the joint search.
    seconds : a steady clock.
    stopping : says whether a person asked the run to stop.
    before_share : share of the limits that all searches of today's practice take together.
    words : what Ctrl-C does, before it was pressed and after.
    """

    console: Console
    lang: Lang
    limits: Limits
    seconds: Callable[[], float]
    stopping: Callable[[], bool]
    before_share: float = 1.0
    words: tuple[Text, Text] = (KEYS, STOPPING)
    _stage: str = ""
    _began: float = 0.0
    _since: float = 0.0
    _last_line: float = 0.0
    _done: list[tuple[str, float]] = field(default_factory=list)
    _look: Progress | None = None
    _past: tuple[float, int] = (0.0, 0)
    _steps: tuple[int, int] = (0, 0)
    _live: Live | None = None

    def __enter__(self) -> Display:
        """Begin to show."""
        self._began = self.seconds()
        if self.console.is_terminal:
            # The other stream may be a pipe for programs: it is never sent through the display.
            self._live = Live(
                get_renderable=self._picture,
                console=self.console,
                refresh_per_second=5,
                redirect_stdout=False,
                redirect_stderr=False,
            )
            self._live.start()
        return self

    def __exit__(self, *exception: object) -> None:
        """End the last stage and stop showing."""
        if self._stage:
            self._done.append((self._stage, self.seconds() - self._since))
            self._stage = ""
        if self._live is not None:
            self._live.stop()

    def stage(self, name: str) -> None:
        """Say that a stage begins (one of :data:`STAGES`); nothing when it runs already."""
        if name == self._stage:
            return
        now = self.seconds()
        if self._stage:
            self._done.append((self._stage, now - self._since))
        self._stage, self._since, self._look, self._steps = name, now, None, (0, 0)
        self._past = 0.0, 0
        self._line(now)

    def look(self, progress: Progress) -> None:
        """Show what the search told of itself."""
        self.stage(progress.stage)
        if progress.terms is None:
            return
        if self._look is not None and progress.elapsed_s < self._look.elapsed_s:
            # Another search of the same stage began to count anew.
            self._past = self._past[0] + self._look.elapsed_s, self._past[1] + self._look.iterations
        self._look = progress
        self._line_now_and_then()

    def told(self, stage: str, done: int, whole: int) -> None:
        """Show how far the writing of outputs is."""
        self.stage(stage)
        self._steps = done, whole
        self._line_now_and_then()

    def _line_now_and_then(self) -> None:
        now = self.seconds()
        if now - self._last_line >= PLAIN_EVERY_S:
            self._line(now)

    def _line(self, now: float) -> None:
        if self._live is not None:
            return
        self._last_line = now
        parts = [f"[{now - self._began:6.1f} s] {STAGES[self._stage].say(self.lang)}", *self._details()]
        if self._stage == "search" and self._look is not None:
            parts.append(self._terms(self._look))
        if self.stopping():
            parts.append(self.words[1].say(self.lang))
        self.console.print(RichText(" · ".join(parts)), soft_wrap=True)

    def _details(self) -> list[str]:
        """Return time left, iterations and steps, as far as the stage has them."""
        out = []
        if self._look is not None:
            if (time_s := self._time_limit()) is not None:
                out.append(_LEFT.say(self.lang, left=max(0.0, time_s - self._past[0] - self._look.elapsed_s)))
            out.append(_TRIES.say(self.lang, tries=self._past[1] + self._look.iterations))
        if self._steps[1] > 1:
            out.append(_STEPS.say(self.lang, done=self._steps[0], whole=self._steps[1]))
        return out

    def _time_limit(self) -> float | None:
        share = self.before_share if self._stage == "before" else 1.0
        return None if self.limits.time_s is None else self.limits.time_s * share

    def _share_done(self) -> float | None:
        """Return how much of the stage is done, 0 to 1, or ``None`` when nobody knows."""
        if self._steps[1]:
            return self._steps[0] / self._steps[1]
        if self._look is None:
            return None
        shares = [0.0]
        if (time_s := self._time_limit()) is not None:
            shares.append((self._past[0] + self._look.elapsed_s) / time_s)
        if self.limits.iterations:
            share = self.before_share if self._stage == "before" else 1.0
            most = max(1.0, self.limits.iterations * share * self.limits.workers)
            shares.append((self._past[1] + self._look.iterations) / most)
        return min(1.0, max(shares))

    def _terms(self, progress: Progress) -> str:
        # A search that knows bounds tells them in tier order, as it does terms; today's does not.
        bounds: Sequence[int | None] = getattr(progress, "bounds", None) or (None,) * len(TERMS)
        out = []
        for term, value, bound in zip(TERMS, progress.terms or (), bounds, strict=False):
            text = _TERM if bound is None else _TERM_BOUND
            out.append(text.say(self.lang, name=TERM_NAMES[term].say(self.lang), value=value, bound=bound))
        return " · ".join(out)

    def _picture(self) -> RenderableType:
        """Return the live display: stages done, the stage at work, the terms so far and the keys."""
        grid = Table.grid(padding=(0, 1))
        for name, took in self._done:
            grid.add_row(RichText("✓", "green"), STAGES[name].say(self.lang), "", f"{took:.1f} s")
        rows: list[RenderableType] = [grid]
        if self._stage:
            took = self.seconds() - self._since
            share = self._share_done()
            bar = "" if share is None else ProgressBar(total=1.0, completed=share, width=30)
            details = " · ".join([f"{took:.1f} s", *self._details()])
            grid.add_row(Spinner("dots"), STAGES[self._stage].say(self.lang), bar, details)
            if self._stage == "search" and self._look is not None:
                rows.append(RichText(self._terms(self._look), "bold"))
            text = self.words[1 if self.stopping() else 0]
            rows.append(RichText(text.say(self.lang), "yellow" if self.stopping() else "dim"))
        return Group(*rows)


def display_of(
    shell: Shell,
    stop: StopRequest,
    *,
    limits: Limits = Limits(time_s=None),  # noqa: B008
    words: tuple[Text, Text] = (KEYS, STOPPING),
) -> Display:
    """Return the display of a command's run, which a person may ask to stop; `words` say what Ctrl-C does."""
    return Display(
        console=shell.err,
        lang=shell.lang,
        limits=limits,
        seconds=clock.seconds,
        stopping=lambda: stop.asked,
        words=words,
    )
