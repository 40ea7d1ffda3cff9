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


def urgent(
    ctx: typer.Context,
    case: Path,
    schedule: Path,
    by_authority: Annotated[str, typer.Option("--authority")],
    at_enterprise: Annotated[str, typer.Option("--enterprise")],
    duration_min: Annotated[int, typer.Option("--duration-min", min=1)],
    first_date: Annotated[str, typer.Option("--today", metavar="YYYY-MM-DD")],
    now: Annotated[str, typer.Option("--now", metavar="HH:MM")] = "00:00",
    deadline: Annotated[str | None, typer.Option("--deadline", metavar="YYYY-MM-DD")] = None,
    item_name: Annotated[str | None, typer.Option("--item-id")] = None,
    item_crews: Annotated[int, typer.Option("--crews", min=1)] = 1,
    urgent_out: NewOption = None,
    lang: LangOption = None,
    as_json: JsonOption = False,
) -> int:
    """Put an urgent case into today's or tomorrow's street shifts."""
    today, last = day_of(first_date), None if deadline is None else day_of(deadline)
    from api.urgent_case import UrgentRequest
    from api.urgent_case import urgent as run

    request = UrgentRequest(
        case=case,
        schedule=schedule,
        authority_id=by_authority,
        enterprise_id=at_enterprise,
        duration_min=duration_min,
        today=today,
        now=minute_of(now),
        deadline=last,
        item_id=item_name,
        crews=item_crews,
        out=urgent_out,
        lang=documents_of(lang),
    )
    return run(shell_of(ctx), request)


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
