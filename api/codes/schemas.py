"""Wire schemas of codes."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, Field

from api.horizons.schemas import Strict

Token = Annotated[
    str, Field(min_length=1, max_length=500, description="what the camera read: the code, or the address with it")
]
Id = Annotated[str, Field(min_length=1, max_length=200)]


class CodesIn(Strict):
    """Which enterprises get a code that have none: those of a street, one, or all of the caller's."""

    street_id: Id | None = Field(None, examples=["440311006"])
    enterprise_id: Id | None = None


class IssuedOut(BaseModel):
    """How many codes were issued."""

    issued: int


class RotationIn(Strict):
    """Why a code is replaced."""

    reason: Annotated[str, Field(min_length=1, max_length=500, pattern=r"\S", examples=["二维码牌遗失"])]


class RotationOut(BaseModel):
    """The code that is worthless now and the one in its place, by their serial numbers."""

    enterprise_id: str
    revoked: int
    serial: int


class CodeOut(BaseModel):
    """What is known of a code: never the code."""

    enterprise_id: str
    street_id: str
    serial: int
    issued_at: str
    issued_by: str
    revoked_at: str | None
    revoked_reason: str | None


class CodePage(BaseModel):
    """A page of codes."""

    items: list[CodeOut]
    next_cursor: str | None


class OfficerCodeOut(BaseModel):
    """A code for the officer to show."""

    token: str
    address: str
    expires_at: str


class ReadingIn(Strict):
    """An officer's code that an enterprise has read."""

    token: Token


class OfficerOut(BaseModel):
    """Who stands at the door."""

    authority_id: str
    authority: str
    name: str
    certificate_no: str
    valid_from: str
    valid_to: str
    valid: bool = Field(description="the certificate holds today")
    shown_at: str | None = Field(description="when this code was read before")
    expires_at: str
    items: list[str] = Field(description="items of the entry of today, once officers have scanned in")
