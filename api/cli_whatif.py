"""The command ``onevisit whatif``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from api.failures import UsageFault
from api.options import (
    MAX_SEED,
    ClusterOption,
    JsonOption,
    LangOption,
    WorkersOption,
    cluster_of,
    documents_of,
    shell_of,
)
from scheduler.texts import Text

DEFAULT_ITERATIONS = 200_000
"""Of ``scenarios.limits``, known here without loading it."""

_SEEDS = Text(
    "--seeds 应为逗号分隔的不同整数（0 至 {most}），现为 {value}",
    "--seeds must be different whole numbers from 0 to {most} with commas between them, not {value}",
)


def whatif(
    ctx: typer.Context,
    base: Path,
    scenario_files: Annotated[list[Path] | None, typer.Argument(metavar="[SCENARIOS]...")] = None,
    report: Annotated[Path | None, typer.Option("--report")] = None,
    library: Annotated[list[str] | None, typer.Option("--library")] = None,
    list_library: Annotated[bool, typer.Option("--list")] = False,
    repeat: Annotated[list[Path] | None, typer.Option("--repeat")] = None,
    iterations: Annotated[int, typer.Option("--iterations", min=0)] = DEFAULT_ITERATIONS,
    seeds: Annotated[str, typer.Option("--seeds", metavar="1,2,3")] = "1,2,3",
    workers: WorkersOption = 2,
    cluster: ClusterOption = None,
    bounds: Annotated[bool, typer.Option("--bounds/--no-bounds")] = True,
    warm: Annotated[bool, typer.Option("--warm/--no-warm")] = True,
    plans: Annotated[bool, typer.Option("--plans")] = False,
    lang: LangOption = None,
    as_json: JsonOption = False,
) -> int:
    """Compare scenarios."""
    where, shell = cluster_of(cluster), shell_of(ctx)
    from api.whatif import WhatIfRequest
    from api.whatif import list_library as show_library
    from api.whatif import whatif as run
    from scenarios.limits import StudyLimits

    if list_library:
        return show_library(shell, base)
    request = WhatIfRequest(
        base=base,
        files=tuple(scenario_files or ()),
        library=tuple(library or ()),
        repeat=tuple(repeat or ()),
        report=report,
        limits=StudyLimits(iterations=iterations, seeds=seeds_of(seeds), bounds=bounds, warm=warm),
        workers=workers,
        cluster=where,
        with_plans=plans,
        lang=documents_of(lang),
    )
    return run(shell, request)


def seeds_of(text: str) -> tuple[int, ...]:
    """Return the seeds of a list with commas, each once.

    Raises
    ------
    UsageFault : a seed that is none, or twice the same.
    """
    parts = [p.strip() for p in text.split(",")]
    if not all(p.isascii() and p.isdigit() and int(p) <= MAX_SEED for p in parts) or len(set(parts)) != len(parts):
        raise UsageFault(_SEEDS, value=text, most=MAX_SEED)
    return tuple(int(p) for p in parts)
