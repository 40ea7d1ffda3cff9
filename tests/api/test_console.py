"""The progress of a run, on a clock that stands still until it is moved."""

from __future__ import annotations

import io
from dataclasses import dataclass

from rich.console import Console

from api.console import STAGES, Display
from solver.limits import Limits, Progress


@dataclass
class Clock:
    now: float = 100.0

    def __call__(self) -> float:
        return self.now


def shown(clock: Clock, *, stopping: bool = False, terminal: bool = False) -> tuple[Display, io.StringIO]:
    text = io.StringIO()
    console = Console(file=text, width=140, force_terminal=terminal, color_system=None)
    limits = Limits(time_s=60.0, seed=1, workers=2)
    display = Display(
        console=console, lang="en", limits=limits, seconds=clock, stopping=lambda: stopping, before_share=0.5
    )
    return display, text


def searching(elapsed_s: float, iterations: int = 1234, stage: str = "search") -> Progress:
    return Progress(stage=stage, elapsed_s=elapsed_s, iterations=iterations, terms=(7, 400, 120, 30, 5000))


def test_a_pipe_gets_one_line_a_stage_and_one_every_few_seconds() -> None:
    clock = Clock()
    display, text = shown(clock)
    with display:
        display.stage("read")
        for tick in range(100):
            clock.now = 101.0 + tick * 0.25
            display.look(searching(tick * 0.25))
    lines = text.getvalue().splitlines()
    assert lines[0] == "[   0.0 s] Reading the case"
    assert len(lines) == 1 + 1 + 4
    assert "35 s left · 1,234 iterations" not in lines[1]
    assert "55 s left · 1,234 iterations · Weight of unserved items 7 · Doors opened 400" in lines[2]


def test_time_left_counts_the_searches_of_a_stage_together() -> None:
    clock = Clock()
    display, text = shown(clock)
    with display:
        for elapsed in (0.0, 15.0, 0.0, 9.0):
            clock.now += 10
            display.look(searching(elapsed, 10, "before"))
    assert [line.split(" · ")[1] for line in text.getvalue().splitlines()[1:]] == [
        "15 s left", "15 s left", "6 s left",
    ]  # fmt: skip


def test_steps_of_writing_are_counted() -> None:
    clock = Clock()
    display, text = shown(clock)
    with display:
        for done in (1, 2, 3):
            clock.now += 10
            display.told("pdf", done, 3)
    assert text.getvalue().splitlines()[-1].endswith("Writing day sheets · 3 of 3")


def test_a_stop_that_was_asked_for_is_told() -> None:
    clock = Clock()
    display, text = shown(clock, stopping=True)
    with display:
        display.stage("explain")
    assert "the best so far is kept" in text.getvalue()


def test_a_terminal_gets_a_live_picture_with_terms_and_keys() -> None:
    clock = Clock()
    display, text = shown(clock, terminal=True)
    with display:
        display.stage("read")
        clock.now += 2
        display.look(searching(12.0))
        display.console.print(display._picture())
    picture = text.getvalue()
    assert "✓ Reading the case" in picture
    assert "48 s left" in picture
    assert "Doors opened 400" in picture
    assert "Ctrl-C stops and keeps the best so far" in picture


def test_every_stage_has_a_name_in_both_languages() -> None:
    assert {"merge", "compile", "search", "explain", "before", "folder", "xlsx", "ics", "pdf"} <= set(STAGES)
    assert all(text.zh and text.en for text in STAGES.values())
