"""The secret of a service: it signs sessions and codes, and is drawn and kept when the settings give none."""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
from pathlib import Path

from api.settings import MIN_SECRET, Settings

_SECRET_FILE = "session.secret"
CODES = "codes"
"""Purpose of the key that seals supervision codes; settings may give a secret for it alone."""


def secret_of(settings: Settings) -> str:
    """Return the secret of the settings, or that of the data folder."""
    if settings.session_secret is not None:
        return settings.session_secret.get_secret_value()
    return kept_secret(settings.data_dir)


def key_for(settings: Settings, purpose: str) -> bytes:
    """Return a key of 32 bytes for one purpose: what is signed for one is worth nothing for another."""
    own = settings.code_secret if purpose == CODES else None
    secret = secret_of(settings) if own is None else own.get_secret_value()
    return hmac.digest(secret.encode(), b"onevisit/" + purpose.encode(), hashlib.sha256)


def kept_secret(folder: Path) -> str:
    """Return the secret of a data folder, drawn by whichever process comes first."""
    path = folder / _SECRET_FILE
    folder.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        draft = folder / f".{_SECRET_FILE}.{secrets.token_hex(8)}"
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            with os.fdopen(descriptor, "w", encoding="ascii") as file:
                file.write(secrets.token_urlsafe(48))
                file.flush()
                os.fsync(file.fileno())
            os.link(draft, path)  # all of it at once, and never over another
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    found = path.read_text("ascii").strip()
    if len(found) < MIN_SECRET:
        raise ValueError(f"{path} holds no secret")
    return found
