"""The commands ``onevisit draw …``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from api.options import JsonOption, LangOption, day_of, shell_of

drawing = typer.Typer(add_completion=False, rich_markup_mode=None)

SeedFileOption = Annotated[Path, typer.Option("--seed-file")]
PublicOption = Annotated[str, typer.Option("--public")]
CommitmentOption = Annotated[str | None, typer.Option("--commitment", metavar="HEX")]
NewOption = Annotated[Path, typer.Option("--out")]


@drawing.callback()
def draw() -> None:
    """Take no options of its own."""


@drawing.command("commit")
def commit(
    ctx: typer.Context,
    purpose: Annotated[str, typer.Option("--purpose")],
    seed_out: Annotated[Path, typer.Option("--out")],
    lang: LangOption = None,
    as_json: JsonOption = False,
) -> int:
    """Make a secret seed and say its commitment."""
    from api.drawing import commit as run

    return run(shell_of(ctx), purpose, seed_out)


@drawing.command("officers")
def officers(
    ctx: typer.Context,
    case: Path,
    schedule: Path,
    roster: Path,
    seed_file: SeedFileOption,
    draw_out: NewOption,
    public: PublicOption = "",
    lang: LangOption = None,
    as_json: JsonOption = False,
) -> int:
    """Draw officers for every crew shift."""
    from api.drawing import draw_teams as run

    return run(shell_of(ctx), case, schedule, roster, seed_file, public, draw_out)


@drawing.command("targets")
def targets(
    ctx: typer.Context,
    case: Path,
    strata: Path,
    by_authority: Annotated[str, typer.Option("--authority")],
    draw_id: Annotated[str, typer.Option("--id")],
    duration_min: Annotated[int, typer.Option("--duration-min", min=1)],
    seed_file: SeedFileOption,
    draw_out: NewOption,
    earliest: Annotated[str | None, typer.Option("--from", metavar="YYYY-MM-DD")] = None,
    latest: Annotated[str | None, typer.Option("--to", metavar="YYYY-MM-DD")] = None,
    priority: Annotated[str | None, typer.Option("--priority")] = None,
    exclude_days: Annotated[int, typer.Option("--exclude-days", min=0)] = 0,
    planned: Annotated[Path | None, typer.Option("--schedule")] = None,
    public: PublicOption = "",
    lang: LangOption = None,
    as_json: JsonOption = False,
) -> int:
    """Draw inspection targets, and write their plan items."""
    first, last = (None if text is None else day_of(text) for text in (earliest, latest))
    from api.drawing import TargetRequest
    from api.drawing import draw_enterprises as run

    request = TargetRequest(
        case=case,
        strata=strata,
        schedule=planned,
        authority_id=by_authority,
        draw_id=draw_id,
        duration_min=duration_min,
        first=first,
        last=last,
        priority=priority,
        exclude_days=exclude_days,
    )
    return run(shell_of(ctx), request, seed_file, public, draw_out)


@drawing.command("verify")
def verify(
    ctx: typer.Context,
    draw_folder: Path,
    case: Path,
    schedule: Annotated[Path | None, typer.Option("--schedule")] = None,
    roster: Annotated[Path | None, typer.Option("--roster")] = None,
    commitment: CommitmentOption = None,
    lang: LangOption = None,
    as_json: JsonOption = False,
) -> int:
    """Draw again, and say whether the record is true."""
    from api.drawing import verify as run

    return run(shell_of(ctx), draw_folder, case, schedule, roster, commitment)
