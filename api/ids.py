"""The only place that draws ids: they sort by the time at which they were drawn, and cannot be guessed."""

from __future__ import annotations

import secrets
import time


def new_id() -> str:
    """Return an id of 28 hexadecimal digits: milliseconds since 1970, then 64 random bits."""
    return f"{time.time_ns() // 1_000_000:012x}{secrets.token_hex(8)}"
