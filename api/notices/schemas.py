"""Wire schemas of notices, contacts and calendars."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field

from api.horizons.schemas import Strict, Version

Language = Literal["zh", "en"]
Email = Annotated[
    str,
    Field(
        max_length=254,
        pattern=r"^[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*"
        r"@[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?)*$",
        examples=["safety@example.com"],
    ),
]
"""An address without quotation marks or line ends, so that it can be nothing else in a header."""


class ContactIn(Strict):
    """Where notices of an enterprise go by mail, and in which language."""

    email: Email
    language: Language = "zh"


class ContactPut(ContactIn):
    """A contact, as it was read or anew."""

    enterprise_id: Annotated[str, Field(max_length=200)] | None = None
    version: Version | None = None


class ContactOut(ContactIn):
    """A stored contact."""

    enterprise_id: str
    version: int


class ContactPage(BaseModel):
    """A page of contacts."""

    items: list[ContactOut]
    next_cursor: str | None


class OwnNotice(BaseModel):
    """A notice as the enterprise gets it; `content` has its facts, and `subject` and `text` say them in words."""

    notice_id: str
    series_id: str
    sequence: int
    step: Literal["new", "changed", "withdrawn"]
    state: Literal["in_force", "replaced", "withdrawn"]
    date: str
    created_at: str
    subject: str
    text: str
    content: dict[str, Any]


class OwnNotices(BaseModel):
    """A page of an enterprise's notices."""

    items: list[OwnNotice]
    next_cursor: str | None


class NoticeOut(OwnNotice):
    """A notice as offices see it."""

    horizon_id: str
    enterprise_id: str
    street_id: str
    visit_id: str


class NoticePage(BaseModel):
    """A page of notices."""

    items: list[NoticeOut]
    next_cursor: str | None


class DeliveryOut(BaseModel):
    """How a notice goes out by mail or to the city platform."""

    delivery_id: str
    notice_id: str
    channel: Literal["email", "webhook"]
    target: str
    state: Literal["pending", "sending", "sent", "failed", "expired"]
    attempts: int
    next_try: str
    last_error: str | None
    created_at: str
    ended_at: str | None


class DeliveryPage(BaseModel):
    """A page of deliveries."""

    items: list[DeliveryOut]
    next_cursor: str | None


class CalendarOut(BaseModel):
    """The address of an enterprise's calendar; whoever has it sees the calendar, until it is revoked."""

    path: str
    url: str | None
    created_at: str
