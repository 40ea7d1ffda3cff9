"""Codes as text: a random id and its seal. They name nobody, and nobody can make one without the key.

The id has 128 random bits, so that none can be guessed; the seal (HMAC-SHA256, 80 bits of it) tells a forged code from
one of ours without asking the database. The key is that of the settings for codes: whoever changes it makes every
printed code worthless.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from enum import StrEnum

from api.access.secret import CODES, key_for
from api.errors import Refusal
from api.settings import Settings

_ID_BYTES, _SEAL_BYTES = 16, 10
_ID_CHARS = 26
LENGTH = 1 + _ID_CHARS + 16


class CodeKind(StrEnum):
    """Whose a code is: the first letter of it."""

    ENTERPRISE = "e"
    OFFICER = "o"


def new_code_id() -> str:
    """Return a random id of 26 letters and digits."""
    return _text(secrets.token_bytes(_ID_BYTES))


def token_of(settings: Settings, kind: CodeKind, code_id: str) -> str:
    """Return the text of a code, 43 small letters and digits."""
    return f"{kind.value}{code_id}{_seal(settings, kind, code_id)}"


def code_id_of(settings: Settings, kind: CodeKind, token: str) -> str:
    """Return the id of a code.

    Raises
    ------
    Refusal : it is none of ours; nothing says what of it is wrong.
    """
    text = token.strip().lower()
    code_id = text[1 : 1 + _ID_CHARS]
    good = len(text) == LENGTH and text[0] == kind.value and text.isascii()
    if not good or not hmac.compare_digest(text[1 + _ID_CHARS :], _seal(settings, kind, code_id)):
        raise Refusal("bad_code")
    return code_id


def token_in(text: str) -> str:
    """Return the code in what was scanned: the code itself, or an address that ends with it."""
    return text.strip().rstrip("/").rpartition("/")[2]


def _seal(settings: Settings, kind: CodeKind, code_id: str) -> str:
    digest = hmac.digest(key_for(settings, CODES), f"{kind.value}{code_id}".encode(), hashlib.sha256)
    return _text(digest[:_SEAL_BYTES])


def _text(data: bytes) -> str:
    return base64.b32encode(data).decode().rstrip("=").lower()
