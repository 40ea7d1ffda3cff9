"""The command ``onevisit replan``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from api.options import (
    IterationsOption,
    JsonOption,
    LangOption,
    SeedOption,
    WorkersOption,
    day_of,
    documents_of,
    shell_of,
)


def replan(
    ctx: typer.Context,
    case: Path,
    schedule: Path,
    events: Path,
    first_date: Annotated[str, typer.Option("--today", metavar="YYYY-MM-DD")],
    out: Annotated[Path, typer.Option("--out")],
    freeze_days: Annotated[int, typer.Option("--freeze-days", min=0)] = 0,
    new_notice_days: Annotated[int, typer.Option("--notice-days", min=0)] = 0,
    iterations: IterationsOption = None,
    seed: SeedOption = 1,
    workers: WorkersOption = 1,
    lang: LangOption = None,
    as_json: JsonOption = False,
) -> int:
    """Re-plan a published schedule after events."""
    day = day_of(first_date)
    from api.replanning import ReplanRequest
    from api.replanning import replan as run
    from scheduler.replan.replan import ITERATIONS
    from solver.limits import Limits

    request = ReplanRequest(
        case=case,
        schedule=schedule,
        events=events,
        today=day,
        out=out,
        freeze_days=freeze_days,
        notice_days=new_notice_days,
        limits=Limits(
            time_s=None, iterations=ITERATIONS if iterations is None else iterations, seed=seed, workers=workers
        ),
        lang=documents_of(lang),
    )
    return run(shell_of(ctx), request)
