"""The command ``onevisit outline``."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from api.options import JsonOption, LangOption, day_of, shell_of


class By(StrEnum):
    """Values of ``--by``."""

    MONTH = "month"
    QUARTER = "quarter"
    HALF_YEAR = "half_year"


def outline(
    ctx: typer.Context,
    case: Path,
    out: Annotated[Path, typer.Option("--out")],
    by: Annotated[By, typer.Option("--by")] = By.QUARTER,
    past_plan: Annotated[Path | None, typer.Option("--plan")] = None,
    past_events: Annotated[Path | None, typer.Option("--events")] = None,
    roll_date: Annotated[str | None, typer.Option("--today", metavar="YYYY-MM-DD")] = None,
    share: Annotated[float | None, typer.Option("--share", min=0.05, max=1.0)] = None,
    lang: LangOption = None,
    as_json: JsonOption = False,
) -> int:
    """Decide in which quarter items are served."""
    day = None if roll_date is None else day_of(roll_date)
    from api.outlining import OutlineRequest
    from api.outlining import outline as run
    from scheduler.domain.calendar import Period

    request = OutlineRequest(
        case=case, by=Period(by.value), out=out, plan=past_plan, events=past_events, today=day, share=share
    )
    return run(shell_of(ctx), request)
