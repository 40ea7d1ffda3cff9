"""The commands ``onevisit explain …``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from api.options import JsonOption, LangOption, SeedOption, day_of, shell_of

explaining = typer.Typer(add_completion=False, rich_markup_mode=None)

ItemArgument = Annotated[str, typer.Argument(metavar="ITEM")]
EffortOption = Annotated[int, typer.Option("--iterations", min=0)]
EFFORT = 4_000
"""``scheduler.answers.trials.SEARCH``, known here without loading what searches."""


@explaining.callback()
def explain(lang: LangOption = None) -> None:
    """Take the options of all questions."""


@explaining.command("item")
def item(
    ctx: typer.Context,
    case: Path,
    schedule: Path,
    item_id: ItemArgument,
    iterations: EffortOption = EFFORT,
    seed: SeedOption = 1,
    lang: LangOption = None,
    as_json: JsonOption = False,
) -> int:
    """Say why an item is not served."""
    from api.explaining import item as run

    return run(shell_of(ctx), case, schedule, item_id, iterations, seed)


@explaining.command("serve")
def serve(
    ctx: typer.Context,
    case: Path,
    schedule: Path,
    item_id: ItemArgument,
    iterations: EffortOption = EFFORT,
    seed: SeedOption = 1,
    lang: LangOption = None,
    as_json: JsonOption = False,
) -> int:
    """Say what it would take to serve an item."""
    from api.explaining import serve as run

    return run(shell_of(ctx), case, schedule, item_id, iterations, seed)


@explaining.command("day")
def day(
    ctx: typer.Context,
    case: Path,
    schedule: Path,
    visit: str,
    date: Annotated[str, typer.Argument(metavar="YYYY-MM-DD")],
    lang: LangOption = None,
    as_json: JsonOption = False,
) -> int:
    """Say why a visit is not on another date."""
    on = day_of(date)
    from api.explaining import day as run

    return run(shell_of(ctx), case, schedule, visit, on)


@explaining.command("hour")
def hour(
    ctx: typer.Context, case: Path, schedule: Path, visit: str, lang: LangOption = None, as_json: JsonOption = False
) -> int:
    """Say what keeps a visit from starting earlier."""
    from api.explaining import hour as run

    return run(shell_of(ctx), case, schedule, visit)


@explaining.command("crews")
def crews(
    ctx: typer.Context,
    case: Path,
    schedule: Path,
    street: str,
    date: Annotated[str, typer.Argument(metavar="YYYY-MM-DD")],
    shift: str,
    authority: str,
    lang: LangOption = None,
    as_json: JsonOption = False,
) -> int:
    """Say why an authority needs so many crews in a street shift."""
    on = day_of(date)
    from api.explaining import crews as run

    return run(shell_of(ctx), case, schedule, street, on, shift, authority)
