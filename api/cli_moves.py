"""The commands ``onevisit move`` and ``onevisit slots``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from api.options import JsonOption, LangOption, day_of, documents_of, minute_of, shell_of

DateOption = Annotated[str, typer.Option("--date", metavar="YYYY-MM-DD")]
NewOption = Annotated[Path | None, typer.Option("--out")]


def move(
    ctx: typer.Context,
    case: Path,
    schedule: Path,
    visit: str,
    date: DateOption,
    shift: Annotated[str, typer.Option("--shift")],
    start: Annotated[str | None, typer.Option("--start", metavar="HH:MM")] = None,
    out: NewOption = None,
    lang: LangOption = None,
    as_json: JsonOption = False,
) -> int:
    """Check a move, and carry it out."""
    day = day_of(date)
    from api.moving import move as run

    at = None if start is None else minute_of(start)
    return run(shell_of(ctx), case, schedule, visit, day, shift, at, out, documents_of(lang))


def slots(
    ctx: typer.Context,
    case: Path,
    schedule: Path,
    visit: str,
    count: Annotated[int, typer.Option("-k", min=1)] = 5,
    today: Annotated[str | None, typer.Option("--today", metavar="YYYY-MM-DD")] = None,
    notice_days: Annotated[int, typer.Option("--notice-days", min=0)] = 0,
    choose: Annotated[int | None, typer.Option("--choose", min=1)] = None,
    release_pin: Annotated[bool, typer.Option("--release-pin")] = False,
    out: NewOption = None,
    lang: LangOption = None,
    as_json: JsonOption = False,
) -> int:
    """Offer slots, and take one of them."""
    day = None if today is None else day_of(today)
    from api.moving import Asked
    from api.moving import slots as run

    asked = Asked(
        visit=visit,
        count=count,
        today=day,
        notice_days=notice_days,
        release=release_pin,
        choose=choose,
        out=out,
        documents=documents_of(lang),
    )
    return run(shell_of(ctx), case, schedule, asked)
