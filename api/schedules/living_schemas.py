"""Wire schemas of moves, slots and delay."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, Field

from api.horizons.schemas import Day, Strict
from api.schedules.schemas import ViolationOut

Clock = Annotated[str, Field(pattern=r"^([01]\d|2[0-3]):[0-5]\d$", examples=["09:30"])]


class MoveIn(Strict):
    """A move of one visit; all others stay."""

    visit: str = Field(min_length=1, max_length=200, description="id of a visit, or of an enterprise that has one")
    date: Day
    shift_id: str = Field(min_length=1, max_length=100)
    start: Clock | None = Field(None, description="where it costs least without it")
    lost_item_ids: list[str] = Field([], max_length=100, description="items of the visit that it may lose")
    release_pin: bool = Field(False, description="let go the pin that holds the visit where it is")


class MoveOut(BaseModel):
    """What is said of a move."""

    allowed: bool
    visit_id: str
    enterprise_id: str
    date: str
    shift_id: str
    start: str
    end: str
    violations: list[ViolationOut]
    cost: dict[str, int] = Field(description="how much each term grows")
    cheapest_start: str | None = Field(description="of that street shift; none is allowed when null")
    cheapest_cost: dict[str, int] | None


class UrgentIn(Strict):
    """An approved item that the schedule does not know yet."""

    item_id: str = Field(min_length=1, max_length=200)
    now: Clock | None = Field(None, description="of today; crews on their way before it go where they go")


class UrgentOut(BaseModel):
    """What can be done for an urgent case."""

    place: dict[str, Any] | None
    separate: bool | None = Field(description="whether crews go out for it alone")
    refused: list[dict[str, Any]] = Field(description="street shifts that do not take it, with the rules")
    alerts: list[dict[str, Any]] = Field(description="reminders that there are because of it")


class UrgentPlaced(BaseModel):
    """The draft with the urgent case."""

    schedule_id: str
    parent_id: str
    visit_id: str
    date: str
    shift_id: str
    start: str
    terms: dict[str, int]


class SlotOut(BaseModel):
    """A slot that may be offered."""

    date: str
    shift_id: str
    start: str
    end: str
    cost: dict[str, int]
    why: str
    lost_item_ids: list[str] = Field(description="items that could not be served then; of a department its own")
    num_lost: int


class SlotList(BaseModel):
    """The best slots of a visit, those that lose no item first."""

    items: list[SlotOut]


class MovedOut(BaseModel):
    """The draft that a move made."""

    schedule_id: str
    parent_id: str
    move: MoveOut
    terms: dict[str, int]
    lost_item_ids: list[str]
    pins: dict[str, int] = Field(description="removed from the register, and added to it")


class DelayOut(BaseModel):
    """How a schedule fares under random durations and travel (docs/delay.md)."""

    model: dict[str, Any]
    seed: int
    runs: int
    planned_crew_wait_min: float
    total: dict[str, Any]
    by_authority: list[dict[str, Any]]
    by_street: list[dict[str, Any]]
    by_hour: list[dict[str, Any]]
