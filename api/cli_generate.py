"""The commands ``onevisit generate …``."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api.failures import UsageFault
from api.options import JsonOption, LangOption, ManyOption, OutOption, SeedOption, shell_of
from scheduler.texts import Text

if TYPE_CHECKING:
    from scenarios.generate.spec import GenerateSpec

_WHOLE_CITY = Text("全市包含所有街道，不能再指定 --place", "the city has all streets; --place has no meaning there")

making = typer.Typer(add_completion=False, rich_markup_mode=None)


class Supply(StrEnum):
    """Values of ``--crews``."""

    SCARCE = "scarce"
    PLENTY = "plenty"


PlacesOption = Annotated[ManyOption, typer.Option("--place")]
EnterprisesOption = Annotated[int, typer.Option("--enterprises", min=1)]
TotalOption = Annotated[int | None, typer.Option("--total-enterprises", min=1)]
YearOption = Annotated[int, typer.Option("--year", min=2000, max=2100)]
QuarterOption = Annotated[int, typer.Option("--quarter", min=1, max=4)]
CrewsOption = Annotated[Supply, typer.Option("--crews")]
UglyOption = Annotated[bool, typer.Option("--ugly")]
AuthoritiesOption = Annotated[int | None, typer.Option("--authorities", min=1)]
AreaOption = Annotated[float, typer.Option("--area-km2")]
TogetherOption = Annotated[bool, typer.Option("--start-together")]
StretchOption = Annotated[int, typer.Option("--stretch-min", min=0)]
DaysOption = Annotated[int, typer.Option("--max-days", min=0)]
VisitsOption = Annotated[int, typer.Option("--max-visits", min=0)]


@making.callback()
def generate(lang: LangOption = None) -> None:
    """Take the options of all commands that make cases."""


@making.command("street")
@making.command("district")
@making.command("city")
def synthetic(
    ctx: typer.Context,
    out: OutOption,
    places: PlacesOption = None,
    enterprises: EnterprisesOption = 400,
    total_enterprises: TotalOption = None,
    seed: SeedOption = 1,
    year: YearOption = 2026,
    quarter: QuarterOption = 4,
    crews: CrewsOption = Supply.SCARCE,
    ugly: UglyOption = False,
    num_authorities: AuthoritiesOption = None,
    area_km2: AreaOption = 25.0,
    start_together: TogetherOption = False,
    stretch_min: StretchOption = 0,
    max_days: DaysOption = 0,
    max_visits: VisitsOption = 0,
    lang: LangOption = None,
    as_json: JsonOption = False,
) -> int:
    """Make a synthetic case of the level that the command is called after."""
    from api.generating import generate as run
    from scenarios.generate.spec import CrewSupply, GenerateSpec, Level

    level = Level(str(ctx.info_name))
    if places and level is Level.CITY:
        raise UsageFault(_WHOLE_CITY)

    def spec() -> GenerateSpec:
        return GenerateSpec(
            level=level,
            places=tuple(places or ()),
            enterprises=enterprises,
            total_enterprises=total_enterprises,
            seed=seed,
            year=year,
            quarter=quarter,
            crews=CrewSupply(crews.value),
            ugly=ugly,
            num_authorities=num_authorities,
            area_km2=area_km2,
            start_together=start_together,
            stretch_min=stretch_min,
            max_days=max_days,
            max_visits=max_visits,
        )

    return run(shell_of(ctx), out, spec)


@making.command()
def year(
    ctx: typer.Context,
    case: Path,
    out: OutOption,
    seed: SeedOption = 1,
    lang: LangOption = None,
    as_json: JsonOption = False,
) -> int:
    """Make a year out of the case of a quarter."""
    from api.generating import generate_year

    return generate_year(shell_of(ctx), case, out, seed)


@making.command()
def toronto(
    ctx: typer.Context,
    enterprises_csv: Annotated[Path, typer.Argument(metavar="ENTERPRISES.csv")],
    items_csv: Annotated[Path, typer.Argument(metavar="ITEMS.csv")],
    out: OutOption,
    lang: LangOption = None,
    as_json: JsonOption = False,
) -> int:
    """Convert a quarter of Toronto."""
    from api.generating import convert_toronto

    return convert_toronto(shell_of(ctx), enterprises_csv, items_csv, out)
