"""The commands ``onevisit question …``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from api.options import (
    ClusterOption,
    JsonOption,
    LangOption,
    SeedOption,
    WorkersOption,
    cluster_of,
    shell_of,
)

questions = typer.Typer(add_completion=False, rich_markup_mode=None)
EFFORT = 100_000
"""Of ``scenarios.questions.asked``, known here without loading it."""
EffortOption = Annotated[int, typer.Option("--iterations", min=0)]


@questions.callback()
def question(lang: LangOption = None) -> None:
    """Take the options of all questions."""


@questions.command("crews")
def crews(
    ctx: typer.Context,
    base: Path,
    iterations: EffortOption = EFFORT,
    seed: SeedOption = 1,
    workers: WorkersOption = 2,
    cluster: ClusterOption = None,
    lang: LangOption = None,
    as_json: JsonOption = False,
) -> int:
    """Say how many crews would serve everything."""
    where = cluster_of(cluster)
    from api.asking import ask
    from scenarios.questions.asked import CrewsQuestion

    return ask(shell_of(ctx), base, CrewsQuestion(iterations=iterations, seed=seed), workers, where)


@questions.command("days")
def days(
    ctx: typer.Context,
    base: Path,
    iterations: EffortOption = EFFORT,
    seed: SeedOption = 1,
    workers: WorkersOption = 2,
    cluster: ClusterOption = None,
    lang: LangOption = None,
    as_json: JsonOption = False,
) -> int:
    """Say how few joint days would do."""
    where = cluster_of(cluster)
    from api.asking import ask
    from scenarios.questions.asked import DaysQuestion

    return ask(shell_of(ctx), base, DaysQuestion(iterations=iterations, seed=seed), workers, where)


@questions.command("quiet")
def quiet(
    ctx: typer.Context,
    base: Path,
    scope: Annotated[str, typer.Option("--scope", metavar="all|street|enterprise|industry|credit_class")] = "all",
    target: Annotated[str | None, typer.Option("--target")] = None,
    exempt: Annotated[list[str] | None, typer.Option("--exempt")] = None,
    iterations: EffortOption = EFFORT,
    seed: SeedOption = 1,
    workers: WorkersOption = 2,
    cluster: ClusterOption = None,
    lang: LangOption = None,
    as_json: JsonOption = False,
) -> int:
    """Say how many quiet days cost nothing."""
    where = cluster_of(cluster)
    from api.asking import ask, quiet_question

    asked = quiet_question(scope, target, tuple(exempt or ()), iterations, seed)
    return ask(shell_of(ctx), base, asked, workers, where)


@questions.command("serve")
def serve(
    ctx: typer.Context,
    base: Path,
    item: Annotated[list[str], typer.Option("--item")],
    iterations: EffortOption = EFFORT,
    seed: SeedOption = 1,
    lang: LangOption = None,
    as_json: JsonOption = False,
) -> int:
    """Say which changes serve items."""
    from api.asking import ask
    from scenarios.questions.asked import ServeQuestion

    asked = ServeQuestion(item_ids=tuple(item), iterations=iterations, seed=seed)
    return ask(shell_of(ctx), base, asked, 1, None)
