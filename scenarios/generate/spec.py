"""What to generate: the parameters of a synthetic case, checked together."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from scheduler.errors import OnevisitError
from scheduler.texts import Lang, Text


class Level(StrEnum):
    """How much of Shenzhen a case covers: chosen streets, whole districts, or all 74 streets."""

    STREET = "street"
    DISTRICT = "district"
    CITY = "city"


class CrewSupply(StrEnum):
    """How many crews there are: the scarce authorities 75 to 95 % used, or so many that they never bind."""

    SCARCE = "scarce"
    PLENTY = "plenty"


class GenerateError(OnevisitError):
    """The parameters of a generated or converted case cannot be met; `say` tells why in a language."""

    code = "generate"

    def __init__(self, text: Text, **facts: object) -> None:
        self.text = text
        self.facts = facts
        super().__init__(text.say("en", **facts))

    def say(self, lang: Lang) -> str:
        """Return the sentence in Chinese or English."""
        return self.text.say(lang, **self.facts)


DEFAULT_PLACE = {Level.STREET: ("马田街道",), Level.DISTRICT: ("南山区",), Level.CITY: ()}
"""Places when none are named: a street of Guangming, and Nanshan with its eight streets."""

_NOT_POSITIVE = Text("{name} 应为正整数，现为 {value}", "{name} must be a positive whole number, not {value}")
_QUARTER = Text("quarter 应为 1 到 4，现为 {value}", "quarter must be 1 to 4, not {value}")
_YEAR = Text("year 应在 2000 到 2100 之间，现为 {value}", "year must be 2000 to 2100, not {value}")
_NEGATIVE = Text("{name} 不能为负数，现为 {value}", "{name} must not be negative, but is {value}")


@dataclass(frozen=True, slots=True, kw_only=True)
class GenerateSpec:
    """Parameters of a synthetic case; the same parameters always give the same tables.

    Parameters
    ----------
    level : chosen streets, whole districts or the city.
    places : names (``马田街道`` or ``马田``, ``光明区`` or ``光明``) or codes of the streets or districts; the level's
        default when empty; ignored for the city.
    enterprises : enterprises in each street, at least 1.
    total_enterprises : enterprises altogether, shared out over the streets by their communities, at least one a
        street; takes the place of `enterprises` when given.
    seed : at least 0.
    year, quarter : the horizon, a calendar quarter.
    crews : scarce or plenty.
    ugly : with caps and history, quiet periods, hours, closing days, crowd and length limits, exempt and unannounced
        items, items of up to three crews, and a buffer.
    num_authorities : bodies altogether; by default 12 a district, and 434 for the city. See docs/generator.md.
    area_km2 : area over which a street's enterprises lie, greater than 0.
    start_together : all parts of a visit begin with it.
    stretch_min : how much longer than its longest part a visit may last, minutes.
    max_days : joint days of a street in a calendar month; 0: no limit.
    max_visits : visits of a street shift; 0: no limit.

    Raises
    ------
    GenerateError : a value out of its range.
    """

    level: Level = Level.STREET
    places: tuple[str, ...] = ()
    enterprises: int = 400
    total_enterprises: int | None = None
    seed: int = 1
    year: int = 2026
    quarter: int = 4
    crews: CrewSupply = CrewSupply.SCARCE
    ugly: bool = False
    num_authorities: int | None = None
    area_km2: float = 25.0
    start_together: bool = False
    stretch_min: int = 0
    max_days: int = 0
    max_visits: int = 0

    def __post_init__(self) -> None:
        """Check the ranges."""
        for name in ("enterprises", "total_enterprises", "num_authorities", "area_km2"):
            value = getattr(self, name)
            if value is not None and not value > 0:
                raise GenerateError(_NOT_POSITIVE, name=name, value=value)
        if self.quarter not in (1, 2, 3, 4):
            raise GenerateError(_QUARTER, value=self.quarter)
        if not 2000 <= self.year <= 2100:
            raise GenerateError(_YEAR, value=self.year)
        for name in ("seed", "stretch_min", "max_days", "max_visits"):
            if getattr(self, name) < 0:
                raise GenerateError(_NEGATIVE, name=name, value=getattr(self, name))
