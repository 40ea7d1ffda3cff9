"""The command ``onevisit simulate``."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from api.options import JsonOption, LangOption, SeedOption, shell_of

MAX_RUNS = 1_000_000

RunsOption = Annotated[int, typer.Option("--runs", min=1, max=MAX_RUNS)]
AgainstOption = Annotated[list[Path] | None, typer.Option("--against")]
FactorOption = Annotated[str, typer.Option(metavar="DISTRIBUTION")]
ChanceOption = Annotated[float, typer.Option(min=0, max=1)]
MinutesOption = Annotated[float, typer.Option(min=0, max=1440)]


class Leaving(StrEnum):
    """Values of ``--departure``."""

    PLANNED = "planned"
    LATEST = "latest"


def simulate(
    ctx: typer.Context,
    case: Path,
    schedule: Path,
    runs: RunsOption = 1000,
    seed: SeedOption = 1,
    against: AgainstOption = None,
    durations: FactorOption = "uniform:0.85:1.25",
    travel: FactorOption = "uniform:0.85:1.25",
    day_durations: FactorOption = "fixed:1",
    day_travel: FactorOption = "fixed:1",
    enterprise_late_chance: ChanceOption = 0.0,
    enterprise_late_min: MinutesOption = 15.0,
    no_show_chance: ChanceOption = 0.0,
    no_show_wait_min: MinutesOption = 10.0,
    departure: Annotated[Leaving, typer.Option("--departure")] = Leaving.PLANNED,
    on_time_min: MinutesOption = 10.0,
    lang: LangOption = None,
    as_json: JsonOption = False,
) -> int:
    """Simulate a schedule."""
    from api.simulating import distribution
    from api.simulating import simulate as run
    from scheduler.delay.model import DelayModel, Departure

    model = DelayModel(
        durations=distribution("--durations", durations),
        travel=distribution("--travel", travel),
        day_durations=distribution("--day-durations", day_durations),
        day_travel=distribution("--day-travel", day_travel),
        enterprise_late_chance=enterprise_late_chance,
        enterprise_late_min=enterprise_late_min,
        no_show_chance=no_show_chance,
        no_show_wait_min=no_show_wait_min,
        departure=Departure(departure.value),
        on_time_min=on_time_min,
    )
    return run(shell_of(ctx), case, (schedule, *(against or ())), model, seed=seed, runs=runs)
