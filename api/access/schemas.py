"""Wire schemas of accounts, their keys, and of who the caller is."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import AfterValidator, BaseModel, Field

from api.access.caller import Role
from api.clock import instant
from api.horizons.schemas import Strict, Version

_INSTANT = r"^[12]\d{3}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?(Z|[+-]\d{2}:\d{2})$"


def _as_stored(text: str) -> str:
    return instant(datetime.fromisoformat(text))


Instant = Annotated[
    str,
    Field(pattern=_INSTANT, examples=["2026-12-31T16:00:00Z"], json_schema_extra={"format": "date-time"}),
    AfterValidator(_as_stored),
]
"""An instant with its zone; what comes out of it is as it is stored."""


def _subject(text: str) -> str:
    """An address of e-mail has no capitals, so that a login finds it; what the provider says stays as it is."""
    return text if " " in text else text.lower()


Subject = Annotated[
    str,
    Field(
        min_length=1,
        max_length=600,
        pattern=r"^\S+( \S+)*$",
        examples=["li.si@example.gov.cn"],
        description="who logs in: issuer, blank, sub of the provider; or an e-mail address, bound at the first login",
    ),
    AfterValidator(_subject),
]
Name = Annotated[str, Field(min_length=1, max_length=200, pattern=r"\S")]


class AccountIn(Strict):
    """An account: a department and an officer have an authority, a street office its streets, an enterprise itself."""

    name: Annotated[Name, Field(examples=["光明区市场监管局"])]
    role: Annotated[Role, Field(strict=False, examples=["department"])]
    authority_id: Annotated[str, Field(min_length=1, max_length=200)] | None = None
    street_ids: list[Annotated[str, Field(min_length=1, max_length=200)]] = Field([], max_length=1000)
    enterprise_id: Annotated[str, Field(min_length=1, max_length=200)] | None = None
    officer_id: Annotated[str, Field(min_length=1, max_length=200)] | None = None
    subject: Subject | None = None
    active: bool = True


class AccountPut(AccountIn):
    """An account, as it was read or anew; when it was made nobody can change."""

    account_id: Annotated[str, Field(max_length=64)] | None = None
    created_at: Annotated[str, Field(max_length=64)] | None = None
    version: Version | None = None


class AccountOut(BaseModel):
    """A stored account."""

    account_id: str
    name: str
    role: Role
    authority_id: str | None
    street_ids: list[str]
    enterprise_id: str | None
    officer_id: str | None
    subject: str | None
    active: bool
    created_at: str
    version: int


class AccountPage(BaseModel):
    """A page of accounts."""

    items: list[AccountOut]
    next_cursor: str | None


class KeyIn(Strict):
    """A key to be issued."""

    label: Annotated[Name, Field(examples=["执法系统"])]
    expires_at: Instant | None = None


class KeyOut(BaseModel):
    """What is known of a key: never the key."""

    key_id: str
    label: str
    created_at: str
    expires_at: str | None
    revoked_at: str | None


class NewKey(KeyOut):
    """A key just issued; it is shown this once."""

    key: str = Field(examples=["ov_…"])


class KeyPage(BaseModel):
    """A page of keys."""

    items: list[KeyOut]
    next_cursor: str | None


class Permission(BaseModel):
    """Something that a role may do."""

    resource: str
    action: str


class Me(BaseModel):
    """The caller and what it may do."""

    account_id: str
    name: str
    role: Role
    authority_id: str | None
    street_ids: list[str]
    enterprise_id: str | None
    officer_id: str | None
    may: list[Permission]
