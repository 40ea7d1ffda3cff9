"""Wire schemas of horizons; the intake of case.toml judges what they hold."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from scheduler.domain.calendar import CalendarKind, Period
from scheduler.domain.policy import CapScope
from scheduler.domain.schedule import TERMS

PLAIN = r"^[^=+@\x00-\x1f-][^\x00-\x1f]*$"
"""Text that no spreadsheet takes for a formula."""
Day = Annotated[str, Field(pattern=r"^\d{4}-\d{2}-\d{2}$", examples=["2026-10-01"])]
Clock = Annotated[str, Field(pattern=r"^\d{2}:\d{2}$", examples=["09:00"])]
Ident = Annotated[str, Field(min_length=1, max_length=100, examples=["2026Q4"])]
HorizonId = Annotated[
    str,
    Field(
        min_length=1, max_length=100, pattern=r"^[^=+@*;/\s\x00-\x1f\x7f-][^;/\s\x00-\x1f\x7f]*$", examples=["2026Q4"]
    ),
]
ShiftId = Annotated[
    str, Field(min_length=1, max_length=100, pattern=r"^[^=+@*;\s\x00-\x1f\x7f-][^;\x00-\x1f\x7f]*$", examples=["AM"])
]
"""No list separators, and nothing that a spreadsheet would take for a formula; as a place in an address, no slash."""


Version = Annotated[int, Field(ge=1, le=999_999_999, description="that was read: it must not have changed since")]


class Strict(BaseModel):
    """No unknown fields, no guessing of types."""

    model_config = ConfigDict(extra="forbid", strict=True)


class ShiftIn(Strict):
    """A working period of a date."""

    id: ShiftId
    start: Clock
    end: Clock


class CapIn(Strict):
    """A frequency cap, as in case.toml."""

    scope: Annotated[CapScope, Field(strict=False)]
    authority: str = "*"
    credit_class: str = "*"
    period: Annotated[Period, Field(strict=False)]
    max_visits: int = Field(ge=0, le=100_000)


class VisitIn(Strict):
    """Rules of a joint visit, as in case.toml."""

    overhead_min: int = Field(10, ge=0, le=1440)
    start_together: bool = False
    ride_together: bool = False
    stretch_min: int = Field(0, ge=0, le=1440)
    max_officers_on_site: int = Field(0, ge=0, le=10_000)
    max_visit_min: int = Field(0, ge=0, le=1440)
    min_gap_days: int = Field(0, ge=0, le=366)
    max_authorities: int = Field(0, ge=0, le=100_000)


class TravelIn(Strict):
    """Travel, as in case.toml."""

    speed_kmh: float = Field(20.0, ge=0.1, le=1000)
    detour: float = Field(1.3, ge=1, le=100)
    stop_min: float = Field(3, ge=0, le=1440)
    buffer_min: int = Field(0, ge=0, le=1440)


class StreetIn(Strict):
    """Limits of a street, as in case.toml."""

    max_days: int = Field(0, ge=0, le=100_000)
    max_visits: int = Field(0, ge=0, le=100_000)


class ObjectiveIn(Strict):
    """The order in which terms are decided, as in case.toml."""

    tiers: list[Annotated[str, Field(max_length=50)]] = Field(default=list(TERMS), min_length=1, max_length=20)


Weight = Annotated[int, Field(ge=0, le=1_000_000_000)]


class HorizonSettings(Strict):
    """What a horizon decides by rule."""

    name: str = Field(min_length=1, max_length=200, pattern=PLAIN, examples=["2026 年第四季度"])
    start: Day
    end: Day
    closing_date: Day
    calendar: Annotated[CalendarKind, Field(strict=False)] = CalendarKind.WEEKDAYS
    closed: list[Day] = Field(default=[], max_length=4000)
    open: list[Day] = Field(default=[], max_length=4000)
    visit: VisitIn = VisitIn()
    travel: TravelIn = TravelIn()
    street: StreetIn = StreetIn()
    objective: ObjectiveIn = ObjectiveIn()
    priority: dict[Annotated[str, Field(max_length=50, pattern=PLAIN)], Weight] = Field(
        default={"mandatory": 1000, "high": 10, "normal": 1}, min_length=1, max_length=50
    )


class HorizonPut(HorizonSettings):
    """The settings of a horizon, as they were read or anew."""

    horizon_id: HorizonId | None = None
    version: Version | None = None


class HorizonIn(HorizonSettings):
    """A new horizon with its shifts and caps."""

    horizon_id: HorizonId
    shifts: list[ShiftIn] = Field(min_length=1, max_length=24)
    caps: list[CapIn] = Field(default=[], max_length=2000)


class HorizonOut(HorizonSettings):
    """A horizon; its shifts and caps are registers of their own."""

    horizon_id: str
    version: int


class HorizonPage(BaseModel):
    """A page of horizons."""

    items: list[HorizonOut]
    next_cursor: str | None
